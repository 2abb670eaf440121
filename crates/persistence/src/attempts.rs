//! Failed attempts to prove something.

use crate::{
    Conn, Result,
    connection::AnyConnection,
    schema::attempts,
    sql_types::{At, at, instant},
};
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use domain::account::Attempts;

/// What was counted so far. The counter is locked until the transaction ends, so that parallel attempts are counted one
/// after the other.
pub fn lock(conn: &mut Conn, counter: &str) -> Result<Attempts> {
    let empty = (
        attempts::counter.eq(counter),
        attempts::failures.eq(0),
        attempts::last_at.eq(At(Attempts::default().last_at)),
    );
    let insert = diesel::insert_into(attempts::table).values(empty);
    let found = attempts::table.find(counter).select((attempts::failures, attempts::last_at, attempts::blocked_until));
    let (failures, last_at, blocked_until): (i32, At, Option<At>) = match &mut conn.db {
        AnyConnection::Postgres(pg) => {
            insert.on_conflict_do_nothing().execute(pg)?;
            found.for_update().first(pg)?
        }
        AnyConnection::Sqlite(sqlite) => {
            insert.on_conflict_do_nothing().execute(sqlite)?;
            found.first(sqlite)?
        }
    };
    Ok(Attempts { failures, last_at: last_at.0, blocked_until: instant(blocked_until) })
}

/// Saves a counter that was locked.
pub fn save(conn: &mut Conn, counter: &str, counted: &Attempts) -> Result<()> {
    let counted = (
        attempts::failures.eq(counted.failures),
        attempts::last_at.eq(At(counted.last_at)),
        attempts::blocked_until.eq(at(counted.blocked_until)),
    );
    diesel::update(attempts::table.find(counter)).set(counted).execute(&mut conn.db)?;
    Ok(())
}

/// Sets a counter back to zero.
pub fn clear(conn: &mut Conn, counter: &str) -> Result<()> {
    save(conn, counter, &Attempts::default())
}

/// Forgets counters to which nothing was added since an instant.
pub fn purge(conn: &mut Conn, since: DateTime<Utc>) -> Result<usize> {
    Ok(diesel::delete(attempts::table.filter(attempts::last_at.lt(At(since)))).execute(&mut conn.db)?)
}
