//! What a virus scanner says of files, by their content.
//!
//! A content has a row as long as it is kept, wherever that is: with the files of uploads, or with a standing document.

use crate::{
    Conn, Error, Result,
    connection::AnyConnection,
    schema::{
        challenge_documents, document_versions,
        file_scans::{self, dsl},
        files, standing_documents,
    },
    sql_types::{At, Key, at, instant},
};
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use domain::{
    ChallengeDocumentId, ChallengeId, DocumentId, OrganisationId,
    file::{FileScan, Scan, ScanStatus},
};
use std::collections::HashMap;

/// Notes that a content is kept, which a scanner, if there is one, is to look at. Does nothing if that is known.
pub fn expect(conn: &mut Conn, sha256: &str, now: DateTime<Utc>) -> Result<()> {
    let row = (
        dsl::sha256.eq(sha256),
        dsl::status.eq(ScanStatus::NotScanned.as_str()),
        dsl::attempts.eq(0),
        dsl::next_at.eq(at(Some(now))),
    );
    let insert = diesel::insert_into(file_scans::table).values(row).on_conflict_do_nothing();
    match &mut conn.db {
        AnyConnection::Postgres(pg) => insert.execute(pg)?,
        AnyConnection::Sqlite(sqlite) => insert.execute(sqlite)?,
    };
    Ok(())
}

/// Forgets what was said of a content that is kept nowhere any more.
pub fn forget(conn: &mut Conn, sha256: &str) -> Result<()> {
    let file = files::table.find(sha256).select(files::sha256).first::<String>(&mut conn.db).optional()?;
    let documents = standing_documents::table.filter(standing_documents::sha256.eq(sha256));
    let documents: i64 = documents.count().get_result(&mut conn.db)?;
    if file.is_none() && documents == 0 {
        diesel::delete(file_scans::table.find(sha256)).execute(&mut conn.db)?;
    }
    Ok(())
}

/// What is known of a content.
pub fn of(conn: &mut Conn, sha256: &str) -> Result<Scan> {
    let row = file_scans::table.find(sha256).select(ScanRow::as_select()).first(&mut conn.db).optional()?;
    scan(row)
}

/// What is known of some contents; nothing of those that have no row.
pub fn of_all(conn: &mut Conn, contents: &[String]) -> Result<HashMap<String, Scan>> {
    let rows: Vec<(String, ScanRow)> = file_scans::table
        .filter(dsl::sha256.eq_any(contents))
        .select((dsl::sha256, ScanRow::as_select()))
        .load(&mut conn.db)?;
    rows.into_iter().map(|(sha256, row)| Ok((sha256, scan(Some(row))?))).collect()
}

/// Whether a content is to be looked at.
pub fn any_due(conn: &mut Conn, now: DateTime<Utc>) -> Result<bool> {
    let due = file_scans::table.filter(dsl::next_at.le(At(now))).select(dsl::sha256).limit(1);
    Ok(due.first::<String>(&mut conn.db).optional()?.is_some())
}

/// Takes the content that is due for the longest, until `lease_until`: nobody else takes it before, and if this process dies
/// it is due again then.
pub fn lease(conn: &mut Conn, now: DateTime<Utc>, lease_until: DateTime<Utc>) -> Result<Option<FileScan>> {
    let due = file_scans::table.filter(dsl::next_at.le(At(now))).order((dsl::next_at, dsl::sha256)).limit(1);
    let row: Option<Row> = match &mut conn.db {
        AnyConnection::Postgres(pg) => due.for_update().skip_locked().select(Row::as_select()).first(pg).optional()?,
        AnyConnection::Sqlite(sqlite) => due.select(Row::as_select()).first(sqlite).optional()?,
    };
    let Some(mut row) = row else { return Ok(None) };
    row.next_at = at(Some(lease_until));
    if row.status == ScanStatus::NotScanned.as_str() {
        ScanStatus::Pending.as_str().clone_into(&mut row.status);
    }
    diesel::update(file_scans::table.find(&row.sha256)).set(&row).execute(&mut conn.db)?;
    Ok(Some(row.try_into()?))
}

/// The scanning of a content, for a change; `None` if it is not kept any more.
pub fn lock(conn: &mut Conn, sha256: &str) -> Result<Option<FileScan>> {
    let found = file_scans::table.find(sha256);
    let row: Option<Row> = match &mut conn.db {
        AnyConnection::Postgres(pg) => found.for_update().select(Row::as_select()).first(pg).optional()?,
        AnyConnection::Sqlite(sqlite) => found.select(Row::as_select()).first(sqlite).optional()?,
    };
    row.map(TryInto::try_into).transpose()
}

/// Saves what is known of a content, which must have been locked.
pub fn update(conn: &mut Conn, scan: &FileScan) -> Result<()> {
    diesel::update(file_scans::table.find(&scan.sha256)).set(Row::from(scan)).execute(&mut conn.db)?;
    Ok(())
}

/// There is no scanner: nothing waits for it. What one has said stays.
pub fn stand_down(conn: &mut Conn) -> Result<()> {
    let waiting =
        file_scans::table.filter(dsl::status.eq(ScanStatus::Pending.as_str())).filter(dsl::next_at.is_not_null());
    diesel::update(waiting).set(dsl::status.eq(ScanStatus::NotScanned.as_str())).execute(&mut conn.db)?;
    Ok(())
}

/// The size of a content that is kept among the files of uploads.
pub fn size_of_file(conn: &mut Conn, sha256: &str) -> Result<Option<i64>> {
    Ok(files::table.find(sha256).select(files::size).first(&mut conn.db).optional()?)
}

/// A content that a standing document keeps.
pub fn content_of_document(conn: &mut Conn, sha256: &str) -> Result<Option<Vec<u8>>> {
    let kept = standing_documents::table
        .filter(standing_documents::sha256.eq(sha256))
        .filter(standing_documents::content.is_not_null())
        .select(standing_documents::content.assume_not_null())
        .limit(1);
    Ok(kept.first(&mut conn.db).optional()?)
}

/// The versions of documents of challenges that have this content.
pub fn versions_with(conn: &mut Conn, sha256: &str) -> Result<Vec<(ChallengeId, ChallengeDocumentId, i32)>> {
    let rows: Vec<(Key, Key, i32)> = document_versions::table
        .inner_join(challenge_documents::table.on(challenge_documents::id.eq(document_versions::document_id)))
        .filter(document_versions::sha256.eq(sha256))
        .order((challenge_documents::id, document_versions::number))
        .select((challenge_documents::challenge_id, challenge_documents::id, document_versions::number))
        .load(&mut conn.db)?;
    Ok(rows.into_iter().map(|(challenge, document, number)| (challenge.id(), document.id(), number)).collect())
}

/// The standing documents that have this content.
pub fn documents_with(conn: &mut Conn, sha256: &str) -> Result<Vec<(OrganisationId, DocumentId)>> {
    let rows: Vec<(Key, Key)> = standing_documents::table
        .filter(standing_documents::sha256.eq(sha256))
        .order(standing_documents::id)
        .select((standing_documents::organisation_id, standing_documents::id))
        .load(&mut conn.db)?;
    Ok(rows.into_iter().map(|(organisation, document)| (organisation.id(), document.id())).collect())
}

/// What is shown of a scan, for other queries.
#[derive(Queryable, Selectable)]
#[diesel(table_name = file_scans)]
pub(crate) struct ScanRow {
    status: String,
    signature: Option<String>,
    scanned_at: Option<At>,
}

/// What is known of a content; nothing if there is no row.
pub(crate) fn scan(row: Option<ScanRow>) -> Result<Scan> {
    let Some(row) = row else { return Ok(Scan::default()) };
    Ok(Scan { status: status(&row.status)?, signature: row.signature, at: instant(row.scanned_at) })
}

fn status(name: &str) -> Result<ScanStatus> {
    ScanStatus::parse(name).ok_or_else(|| Error::corrupt("scan status", name))
}

#[derive(Queryable, Selectable, AsChangeset)]
#[diesel(table_name = file_scans, treat_none_as_null = true)]
struct Row {
    sha256: String,
    status: String,
    signature: Option<String>,
    attempts: i32,
    scanned_at: Option<At>,
    next_at: Option<At>,
}

impl From<&FileScan> for Row {
    fn from(file: &FileScan) -> Self {
        Self {
            sha256: file.sha256.clone(),
            status: file.scan.status.as_str().to_owned(),
            signature: file.scan.signature.clone(),
            attempts: file.attempts,
            scanned_at: at(file.scan.at),
            next_at: at(file.next_at),
        }
    }
}

impl TryFrom<Row> for FileScan {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self> {
        let scan = Scan { status: status(&row.status)?, signature: row.signature, at: instant(row.scanned_at) };
        Ok(Self { sha256: row.sha256, scan, attempts: row.attempts, next_at: instant(row.next_at) })
    }
}
