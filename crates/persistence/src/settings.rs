//! Facts about this installation that are not configuration: whether it is a demo, and how far its clock was moved.

use crate::{Conn, Result, connection::AnyConnection, schema::settings};
use diesel::prelude::*;

/// The value of a setting, if it was ever set.
pub fn find(conn: &mut Conn, name: &str) -> Result<Option<String>> {
    Ok(settings::table.find(name).select(settings::value).first(&mut conn.db).optional()?)
}

/// As [`find`]; on PostgreSQL nobody else gets to lock the setting before this transaction ends. (On SQLite there is one
/// writer anyway.)
pub fn lock(conn: &mut Conn, name: &str) -> Result<Option<String>> {
    let setting = settings::table.find(name).select(settings::value);
    Ok(match &mut conn.db {
        AnyConnection::Postgres(pg) => setting.for_update().first(pg).optional()?,
        AnyConnection::Sqlite(sqlite) => setting.first(sqlite).optional()?,
    })
}

/// Sets a setting.
pub fn put(conn: &mut Conn, name: &str, value: &str) -> Result<()> {
    let changed = diesel::update(settings::table.find(name)).set(settings::value.eq(value)).execute(&mut conn.db)?;
    if changed == 0 {
        let row = (settings::name.eq(name), settings::value.eq(value));
        diesel::insert_into(settings::table).values(row).execute(&mut conn.db)?;
    }
    Ok(())
}
