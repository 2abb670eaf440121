//! What the scheduler is to publish.

use crate::{
    Conn, Result, Scope,
    schema::{challenges, scheduled_publications},
    scope::in_scope,
    sql_types::{At, Key},
};
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use domain::{ChallengeId, challenge::ScheduledPublication};

/// Sets the time, in the place of one that was set before. Whoever calls holds the challenge's lock.
pub fn put(conn: &mut Conn, scheduled: &ScheduledPublication) -> Result<()> {
    delete(conn, scheduled.challenge)?;
    let row = Row {
        challenge_id: Key::of(scheduled.challenge),
        publish_at: At(scheduled.publish_at),
        scheduled_by_id: Key::of(scheduled.scheduled_by),
        scheduled_at: At(scheduled.scheduled_at),
    };
    diesel::insert_into(scheduled_publications::table).values(row).execute(&mut conn.db)?;
    Ok(())
}

/// The time that was set for a challenge.
pub fn find(conn: &mut Conn, challenge: ChallengeId) -> Result<Option<ScheduledPublication>> {
    let row = scheduled_publications::table.find(Key::of(challenge)).select(Row::as_select());
    Ok(row.first::<Row>(&mut conn.db).optional()?.map(Into::into))
}

/// Forgets the time. Says whether there was one.
pub fn delete(conn: &mut Conn, challenge: ChallengeId) -> Result<bool> {
    Ok(diesel::delete(scheduled_publications::table.find(Key::of(challenge))).execute(&mut conn.db)? > 0)
}

/// Challenges whose time has come, the most overdue first.
pub fn due(conn: &mut Conn, scope: Scope, now: DateTime<Utc>, limit: i64) -> Result<Vec<ChallengeId>> {
    let query = scheduled_publications::table
        .inner_join(challenges::table.on(challenges::id.eq(scheduled_publications::challenge_id)))
        .filter(scheduled_publications::publish_at.le(At(now)))
        .order(scheduled_publications::publish_at)
        .limit(limit)
        .select(scheduled_publications::challenge_id)
        .into_boxed();
    let ids: Vec<Key> = in_scope!(query, scope).load(&mut conn.db)?;
    Ok(ids.into_iter().map(Key::id).collect())
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = scheduled_publications)]
struct Row {
    challenge_id: Key,
    publish_at: At,
    scheduled_by_id: Key,
    scheduled_at: At,
}

impl From<Row> for ScheduledPublication {
    fn from(row: Row) -> Self {
        Self {
            challenge: row.challenge_id.id(),
            publish_at: row.publish_at.0,
            scheduled_by: row.scheduled_by_id.id(),
            scheduled_at: row.scheduled_at.0,
        }
    }
}
