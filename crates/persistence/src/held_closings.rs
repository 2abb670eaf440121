//! Challenges that stay open for answers after their deadline.

use crate::{
    Conn, Result, Scope,
    connection::AnyConnection,
    schema::{challenges, held_closings, obligations},
    scope::in_scope,
    sql_types::{At, Key},
};
use chrono::{DateTime, Utc};
use diesel::{
    dsl::{exists, not},
    prelude::*,
};
use domain::{ChallengeId, ChallengeStatus, ObligationKind};

/// What is late for a challenge, as a condition on its row. A clock that stands still is late all the same: to close without
/// an answer takes a reason for everybody.
macro_rules! late {
    ($now:ident) => {
        obligations::table
            .filter(obligations::challenge_id.eq(challenges::id.nullable()))
            .filter(obligations::kind.eq(ObligationKind::AnswerQuestion.as_str()))
            .filter(obligations::ended_at.is_null())
            .filter(obligations::due_at.le(At($now)))
    };
}

/// Published challenges whose deadline has passed and about which there is something to do, the most overdue first: those
/// that nothing keeps from being closed, and those whose officers have not been told yet what does.
pub fn due(conn: &mut Conn, scope: Scope, now: DateTime<Utc>, limit: i64) -> Result<Vec<ChallengeId>> {
    let told = held_closings::table
        .filter(held_closings::challenge_id.eq(challenges::id))
        .filter(held_closings::deadline.nullable().eq(challenges::submission_deadline));
    let query = challenges::table
        .filter(challenges::status.eq(ChallengeStatus::Published.as_str()))
        .filter(challenges::submission_deadline.le(At(now)))
        .filter(not(exists(late!(now))).or(not(exists(told))))
        .order(challenges::submission_deadline)
        .limit(limit)
        .select(challenges::id)
        .into_boxed();
    let ids: Vec<Key> = in_scope!(query, scope).load(&mut conn.db)?;
    Ok(ids.into_iter().map(Key::id).collect())
}

/// Whether an answer about a challenge is late.
pub fn is_answer_late(conn: &mut Conn, challenge: ChallengeId, now: DateTime<Utc>) -> Result<bool> {
    let challenge = challenges::table.find(Key::of(challenge)).filter(exists(late!(now))).select(challenges::id);
    Ok(challenge.first::<Key>(&mut conn.db).optional()?.is_some())
}

/// Keeps that the officers of a challenge were told that it stays open beyond this deadline; whether that is new.
pub fn insert(conn: &mut Conn, challenge: ChallengeId, deadline: DateTime<Utc>, now: DateTime<Utc>) -> Result<bool> {
    let row = (
        held_closings::challenge_id.eq(Key::of(challenge)),
        held_closings::deadline.eq(At(deadline)),
        held_closings::since.eq(At(now)),
    );
    let new = match &mut conn.db {
        AnyConnection::Postgres(pg) => {
            diesel::insert_into(held_closings::table).values(row).on_conflict_do_nothing().execute(pg)?
        }
        AnyConnection::Sqlite(sqlite) => {
            diesel::insert_into(held_closings::table).values(row).on_conflict_do_nothing().execute(sqlite)?
        }
    };
    Ok(new == 1)
}
