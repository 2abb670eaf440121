//! Files that are kept, once for each content; what is in them is kept elsewhere (`storage`).
//!
//! A row is there before its content, and goes after it: so no content is ever kept that no row tells of.

use crate::{
    Conn, Result,
    connection::AnyConnection,
    scans,
    schema::{bid_documents, document_versions, files, files::dsl, uploads},
    sql_types::{At, at},
};
use chrono::{DateTime, Utc};
use diesel::{
    dsl::{exists, select},
    prelude::*,
};
use domain::file::StoredFile;

/// Tells of a file whose content will be kept, or is. Says no if the same content is being removed: try again when it is
/// gone.
pub fn keep(conn: &mut Conn, file: &StoredFile, now: DateTime<Utc>) -> Result<bool> {
    let row = (dsl::sha256.eq(&file.sha256), dsl::size.eq(file.size), dsl::created_at.eq(At(now)));
    let insert = diesel::insert_into(files::table).values(row).on_conflict_do_nothing();
    match &mut conn.db {
        AnyConnection::Postgres(pg) => insert.execute(pg)?,
        AnyConnection::Sqlite(sqlite) => insert.execute(sqlite)?,
    };
    Ok(lock(conn, &file.sha256)?.is_none())
}

/// Locks a file, so that nobody refers to it anew; gives since when it is being removed.
fn lock(conn: &mut Conn, sha256: &str) -> Result<Option<At>> {
    let row = files::table.find(sha256);
    Ok(match &mut conn.db {
        AnyConnection::Postgres(pg) => row.for_update().select(dsl::doomed_at).first(pg)?,
        AnyConnection::Sqlite(sqlite) => row.select(dsl::doomed_at).first(sqlite)?,
    })
}

/// Somebody does not need this file any longer: whether anybody does is to be looked at from then on.
pub fn release(conn: &mut Conn, sha256: &str, now: DateTime<Utc>) -> Result<()> {
    diesel::update(files::table.find(sha256)).set(dsl::purge_at.eq(at(Some(now)))).execute(&mut conn.db)?;
    Ok(())
}

/// Some files to look at, the longest due first.
pub fn released(conn: &mut Conn, now: DateTime<Utc>, limit: i64) -> Result<Vec<String>> {
    let due = files::table.filter(dsl::purge_at.le(At(now))).order((dsl::purge_at, dsl::sha256)).limit(limit);
    Ok(due.select(dsl::sha256).load(&mut conn.db)?)
}

/// Whether nobody needs this file: then nobody can come to need it any more, until it is [forgotten](forget).
pub fn doom(conn: &mut Conn, sha256: &str, now: DateTime<Utc>) -> Result<bool> {
    if lock(conn, sha256)?.is_some() {
        return Ok(true);
    }
    let needed = is_needed(conn, sha256)?;
    let row = files::table.find(sha256);
    if needed {
        diesel::update(row).set(dsl::purge_at.eq(None::<At>)).execute(&mut conn.db)?;
    } else {
        diesel::update(row).set(dsl::doomed_at.eq(at(Some(now)))).execute(&mut conn.db)?;
    }
    Ok(!needed)
}

fn is_needed(conn: &mut Conn, sha256: &str) -> Result<bool> {
    let upload = uploads::table.filter(uploads::sha256.eq(sha256));
    let version = document_versions::table.filter(document_versions::sha256.eq(sha256));
    let document = bid_documents::table.filter(bid_documents::sha256.eq(sha256));
    Ok(select(exists(upload).or(exists(version)).or(exists(document))).get_result(&mut conn.db)?)
}

/// The content of a doomed file is gone.
pub fn forget(conn: &mut Conn, sha256: &str) -> Result<()> {
    let doomed = files::table.find(sha256).filter(dsl::doomed_at.is_not_null());
    diesel::delete(doomed).execute(&mut conn.db)?;
    scans::forget(conn, sha256)
}
