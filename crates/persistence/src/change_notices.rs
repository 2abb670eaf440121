//! Change notices of challenges.

use crate::{
    Conn, Error, Result, Scope,
    schema::{challenges, change_notices},
    scope::in_scope,
    sql_types::{At, Json, Key},
};
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use domain::{
    ChallengeId, ChallengeStatus, ChangeNoticeId,
    challenge::{ChangeNotice, ChangeReason},
};

/// Adds a notice.
pub fn insert(conn: &mut Conn, notice: &ChangeNotice) -> Result<()> {
    diesel::insert_into(change_notices::table).values(Row::from(notice)).execute(&mut conn.db)?;
    Ok(())
}

/// How many a challenge has. They are numbered without gaps.
pub fn count(conn: &mut Conn, challenge: ChallengeId) -> Result<i32> {
    Ok(page(conn, challenge, None, 1)?.first().map_or(0, |last| last.number))
}

/// The notice of a challenge with this number.
pub fn find(conn: &mut Conn, challenge: ChallengeId, number: i32) -> Result<ChangeNotice> {
    change_notices::table
        .filter(change_notices::challenge_id.eq(Key::of(challenge)))
        .filter(change_notices::number.eq(number))
        .select(Row::as_select())
        .first(&mut conn.db)?
        .try_into()
}

/// The notice with this id.
pub fn find_by_id(conn: &mut Conn, id: ChangeNoticeId) -> Result<ChangeNotice> {
    change_notices::table.find(Key::of(id)).select(Row::as_select()).first(&mut conn.db)?.try_into()
}

/// Some notices, the newest first: those before the number `before`.
pub fn page(conn: &mut Conn, challenge: ChallengeId, before: Option<i32>, limit: i64) -> Result<Vec<ChangeNotice>> {
    let mut query = change_notices::table
        .filter(change_notices::challenge_id.eq(Key::of(challenge)))
        .order(change_notices::number.desc())
        .limit(limit)
        .select(Row::as_select())
        .into_boxed();
    if let Some(before) = before {
        query = query.filter(change_notices::number.lt(before));
    }
    query.load(&mut conn.db)?.into_iter().map(TryInto::try_into).collect()
}

/// Published challenges with a deadline before `soon` whose bidders were not yet reminded of a material change.
pub fn unreminded(conn: &mut Conn, scope: Scope, soon: DateTime<Utc>, limit: i64) -> Result<Vec<ChallengeId>> {
    let offers = change_notices::deadline.le(At(soon)).and(challenges::submission_deadline.le(At(soon)));
    let solutions = challenges::solution_deadline
        .le(At(soon))
        .and(challenges::solutions_opened_at.is_null())
        .and(challenges::solutions_closed_at.is_null());
    let query = change_notices::table
        .inner_join(challenges::table.on(challenges::id.eq(change_notices::challenge_id)))
        .filter(change_notices::material)
        .filter(change_notices::reminded_at.is_null())
        .filter(challenges::status.eq(ChallengeStatus::Published.as_str()))
        // The deadline of the notice is no later than the one in force, and indexed.
        .filter(offers.assume_not_null().or(solutions.assume_not_null()))
        .order(change_notices::deadline)
        .limit(limit)
        .select(change_notices::challenge_id)
        .into_boxed();
    let ids: Vec<Key> = in_scope!(query, scope).load(&mut conn.db)?;
    Ok(ids.into_iter().map(Key::id).collect())
}

/// The bidders of a challenge are reminded once more, of all material changes: its deadline moved.
pub fn forget_reminders(conn: &mut Conn, challenge: ChallengeId) -> Result<()> {
    let reminded = change_notices::table.filter(change_notices::challenge_id.eq(Key::of(challenge)));
    diesel::update(reminded).set(change_notices::reminded_at.eq(None::<At>)).execute(&mut conn.db)?;
    Ok(())
}

/// Notes that the bidders of a challenge were reminded. Says whether there was something to remind them of.
pub fn note_reminder(conn: &mut Conn, challenge: ChallengeId, now: DateTime<Utc>) -> Result<bool> {
    let unreminded = change_notices::table
        .filter(change_notices::challenge_id.eq(Key::of(challenge)))
        .filter(change_notices::material)
        .filter(change_notices::reminded_at.is_null());
    let noted = diesel::update(unreminded).set(change_notices::reminded_at.eq(At(now)));
    Ok(noted.execute(&mut conn.db)? > 0)
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = change_notices)]
struct Row {
    id: Key,
    challenge_id: Key,
    number: i32,
    code: String,
    reason: String,
    sections: Json,
    material: bool,
    deadline_before: At,
    deadline: At,
    revision_before: i32,
    revision: i32,
    published_by_id: Key,
    published_at: At,
}

impl From<&ChangeNotice> for Row {
    fn from(notice: &ChangeNotice) -> Self {
        Self {
            id: Key::of(notice.id),
            challenge_id: Key::of(notice.challenge),
            number: notice.number,
            code: notice.code.as_str().to_owned(),
            reason: notice.reason.clone(),
            sections: Json::of(&notice.sections),
            material: notice.material,
            deadline_before: At(notice.deadline_before),
            deadline: At(notice.deadline),
            revision_before: notice.revision_before,
            revision: notice.revision,
            published_by_id: Key::of(notice.published_by),
            published_at: At(notice.published_at),
        }
    }
}

impl TryFrom<Row> for ChangeNotice {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self> {
        Ok(Self {
            id: row.id.id(),
            challenge: row.challenge_id.id(),
            number: row.number,
            code: ChangeReason::parse(&row.code).ok_or_else(|| Error::corrupt("change reason", &row.code))?,
            reason: row.reason,
            sections: row.sections.read()?,
            material: row.material,
            deadline_before: row.deadline_before.0,
            deadline: row.deadline.0,
            revision_before: row.revision_before,
            revision: row.revision,
            published_by: row.published_by_id.id(),
            published_at: row.published_at.0,
        })
    }
}
