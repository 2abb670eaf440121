//! Accounts that nobody uses any more.

use crate::{
    Conn, Result,
    schema::users,
    sql_types::{At, Key, instant},
};
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use domain::UserId;

/// An account that was not used for a while.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Idle {
    /// Whose it is.
    pub user: UserId,
    /// When the person last logged in, or kept a session alive.
    pub active_at: DateTime<Utc>,
    /// When the person was last warned.
    pub warned_at: Option<DateTime<Utc>>,
    /// Whether the person runs the platform.
    pub administrator: bool,
}

/// Notes that a person logged in, or kept a session alive.
pub fn note_activity(conn: &mut Conn, user: UserId, now: DateTime<Utc>) -> Result<()> {
    let person = users::table.find(Key::of(user));
    diesel::update(person).set(users::last_active_at.eq(At(now))).execute(&mut conn.db)?;
    Ok(())
}

/// As if everybody had just logged in.
pub fn note_activity_of_all(conn: &mut Conn, now: DateTime<Utc>) -> Result<()> {
    diesel::update(users::table).set(users::last_active_at.eq(At(now))).execute(&mut conn.db)?;
    Ok(())
}

/// Accounts in use that nobody used since `since`, those idle longest first, after `after`.
pub fn idle(conn: &mut Conn, since: DateTime<Utc>, after: Option<&Idle>, limit: i64) -> Result<Vec<Idle>> {
    let mut query = users::table
        .filter(users::last_active_at.le(At(since)))
        .filter(users::deactivated_at.is_null())
        .filter(users::suspended_at.is_null())
        .filter(users::erased_at.is_null())
        .order((users::last_active_at, users::id))
        .limit(limit)
        .select((users::id, users::last_active_at.assume_not_null(), users::inactivity_warned_at, users::administrator))
        .into_boxed();
    if let Some(after) = after {
        let (at, id) = (At(after.active_at), Key::of(after.user));
        let later = users::last_active_at.eq(at).and(users::id.gt(id));
        query = query.filter(users::last_active_at.ge(at)).filter(users::last_active_at.gt(at).or(later));
    }
    let rows: Vec<(Key, At, Option<At>, bool)> = query.load(&mut conn.db)?;
    let idle = |(user, active_at, warned_at, administrator): (Key, At, _, _)| Idle {
        user: user.id(),
        active_at: active_at.0,
        warned_at: instant(warned_at),
        administrator,
    };
    Ok(rows.into_iter().map(idle).collect())
}

/// Notes a warning. False if the person was active meanwhile, or was warned by another process.
pub fn warn(conn: &mut Conn, idle: &Idle, now: DateTime<Utc>) -> Result<bool> {
    // Whoever was active after the last warning may be warned whenever it was.
    let before = idle.warned_at.unwrap_or(idle.active_at);
    let unchanged = users::table
        .find(Key::of(idle.user))
        .filter(users::last_active_at.eq(At(idle.active_at)))
        .filter(users::inactivity_warned_at.is_null().or(users::inactivity_warned_at.le(At(before))));
    Ok(diesel::update(unchanged).set(users::inactivity_warned_at.eq(At(now))).execute(&mut conn.db)? == 1)
}

/// Deactivates an account. False if the person was active meanwhile, or another process was faster.
pub fn deactivate(conn: &mut Conn, idle: &Idle, now: DateTime<Utc>) -> Result<bool> {
    let unchanged = users::table
        .find(Key::of(idle.user))
        .filter(users::last_active_at.eq(At(idle.active_at)))
        .filter(users::deactivated_at.is_null());
    Ok(diesel::update(unchanged).set(users::deactivated_at.eq(At(now))).execute(&mut conn.db)? == 1)
}
