//! What time it is for a challenge. Whatever compares a time with the life of a challenge, or writes one into it, asks here; a
//! real challenge answers with the database's clock, and costs nothing more.

use crate::{
    Conn, Result,
    challenges::taking_bids,
    connection::AnyConnection,
    schema::{bid_documents, bid_drafts, bids, challenge_clocks, challenges, obligations, team_consents},
    sql_types::{At, Key},
};
use chrono::{DateTime, Utc};
use diesel::{
    dsl::{exists, not},
    prelude::*,
};
use domain::{BidStatus, Challenge, ChallengeId, ChallengeStatus, challenge::ChallengeClock};
use uuid::Uuid;

/// What time it is for a challenge. Read it under the lock that it decides about. From then on the use case acts in the
/// sandbox, if it is one: see [`crate::events::record`] and [`crate::outbox::enqueue`].
pub fn now(conn: &mut Conn, challenge: &Challenge) -> Result<DateTime<Utc>> {
    now_of(conn, challenge.id, challenge.sandbox)
}

/// As [`now`], where only the id is known.
pub fn now_by_id(conn: &mut Conn, id: ChallengeId) -> Result<DateTime<Utc>> {
    let sandbox: bool = challenges::table.find(Key::of(id)).select(challenges::sandbox).first(&mut conn.db)?;
    now_of(conn, id, sandbox)
}

fn now_of(conn: &mut Conn, id: ChallengeId, sandbox: bool) -> Result<DateTime<Utc>> {
    let real = conn.now()?;
    if !sandbox {
        return Ok(real);
    }
    conn.enter_sandbox(real);
    Ok(find(conn, id)?.at(real))
}

/// The clock of a sandbox's challenge, which has one from its first draft.
pub fn find(conn: &mut Conn, id: ChallengeId) -> Result<ChallengeClock> {
    let row: Row = challenge_clocks::table.find(Key::of(id)).select(Row::as_select()).first(&mut conn.db)?;
    Ok(row.into())
}

/// The clocks of those of these challenges that have one, in no order.
pub fn find_all(conn: &mut Conn, ids: &[ChallengeId]) -> Result<Vec<ChallengeClock>> {
    let keys: Vec<_> = ids.iter().map(|id| Key::of(*id)).collect();
    let rows = challenge_clocks::table.filter(challenge_clocks::challenge_id.eq_any(keys)).select(Row::as_select());
    Ok(rows.load(&mut conn.db)?.into_iter().map(Into::into).collect())
}

/// Keeps how a clock goes. The database refuses one of a real challenge, and one that goes back.
pub fn put(conn: &mut Conn, clock: &ChallengeClock) -> Result<()> {
    let row = Row::from(clock);
    let put = diesel::insert_into(challenge_clocks::table).values(&row);
    match &mut conn.db {
        AnyConnection::Postgres(pg) => {
            put.on_conflict(challenge_clocks::challenge_id).do_update().set(&row).execute(pg)?
        }
        AnyConnection::Sqlite(sqlite) => {
            put.on_conflict(challenge_clocks::challenge_id).do_update().set(&row).execute(sqlite)?
        }
    };
    Ok(())
}

/// Clocks that somebody touched since, the last touched first.
pub fn touched(conn: &mut Conn, since: DateTime<Utc>, limit: i64) -> Result<Vec<ChallengeClock>> {
    let rows: Vec<Row> = challenge_clocks::table
        .filter(challenge_clocks::real_at.ge(At(since)))
        .order(challenge_clocks::real_at.desc())
        .limit(limit)
        .select(Row::as_select())
        .load(&mut conn.db)?;
    Ok(rows.into_iter().map(Into::into).collect())
}

/// The clocks of some challenges that are no drafts and have not ended, or of which somebody still has to be reminded: by
/// their ids, after one of them.
pub fn running(conn: &mut Conn, after: Option<ChallengeId>, limit: i64) -> Result<Vec<ChallengeClock>> {
    let owed = obligations::table
        .filter(obligations::challenge_id.eq(challenges::id.nullable()))
        .filter(obligations::attention_at.is_not_null());
    let draft = ChallengeStatus::Draft.as_str();
    let rows: Vec<Row> = challenge_clocks::table
        .inner_join(challenges::table.on(challenges::id.eq(challenge_clocks::challenge_id)))
        .filter(challenge_clocks::challenge_id.gt(after_or_first(after)))
        .filter(challenges::ended_at.is_null().and(challenges::status.ne(draft)).or(exists(owed)))
        .order(challenge_clocks::challenge_id)
        .limit(limit)
        .select(Row::as_select())
        .load(&mut conn.db)?;
    Ok(rows.into_iter().map(Into::into).collect())
}

/// The clocks of some challenges that take no bids any more and of which there are drafts, documents or consents that can be
/// forgotten some day: by their ids, after one of them.
pub fn with_leftovers(conn: &mut Conn, after: Option<ChallengeId>, limit: i64) -> Result<Vec<ChallengeClock>> {
    let drafts = bid_drafts::table.filter(bid_drafts::challenge_id.eq(challenges::id));
    let documents = bid_documents::table
        .filter(bid_documents::challenge_id.eq(challenges::id))
        .filter(bid_documents::examined_at.is_null())
        .filter(challenges::opened_at.is_null());
    let bid = bids::table
        .filter(bids::challenge_id.eq(team_consents::challenge_id))
        .filter(bids::company_id.eq(team_consents::company_id))
        .filter(bids::status.ne(BidStatus::Withdrawn.as_str()));
    let consents = team_consents::table.filter(team_consents::challenge_id.eq(challenges::id)).filter(not(exists(bid)));
    let rows: Vec<Row> = challenge_clocks::table
        .inner_join(challenges::table.on(challenges::id.eq(challenge_clocks::challenge_id)))
        .filter(challenge_clocks::challenge_id.gt(after_or_first(after)))
        .filter(challenges::status.ne_all(taking_bids()))
        .filter(exists(drafts).or(exists(documents)).or(exists(consents)))
        .order(challenge_clocks::challenge_id)
        .limit(limit)
        .select(Row::as_select())
        .load(&mut conn.db)?;
    Ok(rows.into_iter().map(Into::into).collect())
}

/// No challenge has the id before the first.
fn after_or_first(after: Option<ChallengeId>) -> Key {
    Key::of(after.unwrap_or(ChallengeId(Uuid::nil())))
}

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = challenge_clocks)]
struct Row {
    challenge_id: Key,
    sandbox: bool,
    real_at: At,
    challenge_at: At,
    rate: i32,
}

impl From<&ChallengeClock> for Row {
    fn from(clock: &ChallengeClock) -> Self {
        Self {
            challenge_id: Key::of(clock.challenge),
            sandbox: true,
            real_at: At(clock.real_at),
            challenge_at: At(clock.challenge_at),
            rate: clock.rate,
        }
    }
}

impl From<Row> for ChallengeClock {
    fn from(row: Row) -> Self {
        Self {
            challenge: row.challenge_id.id(),
            real_at: row.real_at.0,
            challenge_at: row.challenge_at.0,
            rate: row.rate,
        }
    }
}
