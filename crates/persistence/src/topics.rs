//! What solutions and challenges are about, where an index finds it.

use crate::{
    Conn, Error, Result,
    connection::AnyConnection,
    schema::{challenge_matching_topics, challenges, organisations, solution_topics, solutions},
    solutions::Sight,
    sql_types::{At, Key},
};
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use domain::{ChallengeId, ChallengeStatus, Solution, SolutionId, solution::Topic};
use std::collections::{BTreeMap, BTreeSet};

/// Keeps what a challenge is about; writes only what is different.
pub(crate) fn keep_of_challenge(conn: &mut Conn, id: ChallengeId, topics: &BTreeSet<Topic>) -> Result<()> {
    let own = challenge_matching_topics::table.filter(challenge_matching_topics::challenge_id.eq(Key::of(id)));
    let there: BTreeSet<String> =
        own.select(challenge_matching_topics::topic).load(&mut conn.db)?.into_iter().collect();
    let wanted: BTreeSet<String> = topics.iter().map(Topic::key).collect();
    let gone: Vec<_> = there.difference(&wanted).collect();
    if !gone.is_empty() {
        diesel::delete(own.filter(challenge_matching_topics::topic.eq_any(gone))).execute(&mut conn.db)?;
    }
    let new = wanted.difference(&there);
    let rows: Vec<_> = new.map(|topic| ChallengeRow { challenge_id: Key::of(id), topic: topic.clone() }).collect();
    let new = diesel::insert_into(challenge_matching_topics::table);
    match &mut conn.db {
        AnyConnection::Postgres(pg) => new.values(&rows).execute(pg)?,
        AnyConnection::Sqlite(sqlite) => new.values(&rows).execute(sqlite)?,
    };
    Ok(())
}

/// Keeps what a solution is found by, while it is in the catalogue: what is not there takes nobody's place. Writes only what
/// is different.
pub(crate) fn keep_of_solution(conn: &mut Conn, solution: &Solution) -> Result<()> {
    let id = solution.id;
    let topics = solution.published_at.map_or_else(BTreeSet::new, |_| solution.content.topics());
    let own = solution_topics::table.filter(solution_topics::solution_id.eq(Key::of(id)));
    let there: BTreeSet<String> = own.select(solution_topics::topic).load(&mut conn.db)?.into_iter().collect();
    let wanted: BTreeSet<String> = topics.iter().map(Topic::key).collect();
    let gone: Vec<_> = there.difference(&wanted).collect();
    if !gone.is_empty() {
        diesel::delete(own.filter(solution_topics::topic.eq_any(gone))).execute(&mut conn.db)?;
    }
    let new = wanted.difference(&there);
    let rows: Vec<_> = new.map(|topic| SolutionRow { solution_id: Key::of(id), topic: topic.clone() }).collect();
    let new = diesel::insert_into(solution_topics::table);
    match &mut conn.db {
        AnyConnection::Postgres(pg) => new.values(&rows).execute(pg)?,
        AnyConnection::Sqlite(sqlite) => new.values(&rows).execute(sqlite)?,
    };
    Ok(())
}

/// The most entries of the index that are looked at, however many solutions there are.
const NEWEST: i64 = 1000;

/// Solutions in the catalogue that the reader sees and that are about one of these topics, the newest first. Of the topics
/// only the newest entries are looked at.
pub fn solutions_about(conn: &mut Conn, topics: &[&Topic], sight: &Sight, limit: i64) -> Result<Vec<SolutionId>> {
    let keys: Vec<_> = topics.iter().map(|topic| topic.key()).collect();
    let newest = solution_topics::table
        .filter(solution_topics::topic.eq_any(keys))
        .order(solution_topics::solution_id.desc())
        .select(solution_topics::solution_id)
        .limit(NEWEST);
    let seen = solutions::visibility.eq_any(sight.visibilities()).or(solutions::company_id.eq_any(sight.companies()));
    let ids: Vec<Key> = solutions::table
        .inner_join(organisations::table.on(organisations::id.eq(solutions::company_id)))
        .filter(solutions::id.eq_any(newest))
        .filter(solutions::published_at.is_not_null())
        .filter(organisations::suspended_at.is_null())
        .filter(seen)
        .order(solutions::id.desc())
        .select(solutions::id)
        .limit(limit)
        .load(&mut conn.db)?;
    Ok(ids.into_iter().map(Key::id).collect())
}

/// Challenges that take bids at `now` and are about one of these topics, the newest first.
pub fn open_challenges_about(
    conn: &mut Conn,
    topics: &[&Topic],
    now: DateTime<Utc>,
    limit: i64,
) -> Result<Vec<ChallengeId>> {
    let keys: Vec<_> = topics.iter().map(|topic| topic.key()).collect();
    let ids: Vec<Key> = challenge_matching_topics::table
        .inner_join(challenges::table.on(challenges::id.eq(challenge_matching_topics::challenge_id)))
        .filter(challenge_matching_topics::topic.eq_any(keys))
        .filter(challenges::status.eq(ChallengeStatus::Published.as_str()))
        .filter(challenges::submission_deadline.gt(At(now)))
        .filter(challenges::solution_deadline.is_null().or(challenges::solution_deadline.gt(At(now))).assume_not_null())
        .filter(challenges::sandbox.eq(false))
        .order(challenge_matching_topics::challenge_id.desc())
        .select(challenge_matching_topics::challenge_id)
        .distinct()
        .limit(limit)
        .load(&mut conn.db)?;
    Ok(ids.into_iter().map(Key::id).collect())
}

/// What these solutions are about.
pub fn of_solutions(conn: &mut Conn, ids: &[SolutionId]) -> Result<BTreeMap<SolutionId, BTreeSet<Topic>>> {
    let keys: Vec<_> = ids.iter().map(|id| Key::of(*id)).collect();
    let rows: Vec<(Key, String)> = solution_topics::table
        .filter(solution_topics::solution_id.eq_any(keys))
        .select((solution_topics::solution_id, solution_topics::topic))
        .load(&mut conn.db)?;
    collect(rows)
}

/// What these challenges are about.
pub fn of_challenges(conn: &mut Conn, ids: &[ChallengeId]) -> Result<BTreeMap<ChallengeId, BTreeSet<Topic>>> {
    let keys: Vec<_> = ids.iter().map(|id| Key::of(*id)).collect();
    let rows: Vec<(Key, String)> = challenge_matching_topics::table
        .filter(challenge_matching_topics::challenge_id.eq_any(keys))
        .select((challenge_matching_topics::challenge_id, challenge_matching_topics::topic))
        .load(&mut conn.db)?;
    collect(rows)
}

fn collect<I: domain::Id + Ord>(rows: Vec<(Key, String)>) -> Result<BTreeMap<I, BTreeSet<Topic>>> {
    let mut all = BTreeMap::<I, BTreeSet<Topic>>::new();
    for (id, key) in rows {
        let topic = Topic::parse(&key).ok_or_else(|| Error::corrupt("topic", &key))?;
        all.entry(id.id()).or_default().insert(topic);
    }
    Ok(all)
}

#[derive(Insertable)]
#[diesel(table_name = challenge_matching_topics)]
struct ChallengeRow {
    challenge_id: Key,
    topic: String,
}

#[derive(Insertable)]
#[diesel(table_name = solution_topics)]
struct SolutionRow {
    solution_id: Key,
    topic: String,
}
