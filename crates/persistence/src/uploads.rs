//! Files on their way.

use crate::{
    Conn, Error, Result,
    connection::AnyConnection,
    scans,
    schema::{
        bid_documents, document_versions,
        uploads::{self, dsl},
    },
    sql_types::{At, Json, Key},
};
use chrono::{DateTime, Utc};
use diesel::{dsl::sql, prelude::*, sql_types::BigInt};
use domain::{
    OrganisationId, UploadId, UserId,
    file::{Announced, Rejection, Scan, Upload, UploadStatus, Usage},
};
use uuid::Uuid;

/// PostgreSQL sums up big integers to decimals, which nobody needs for bytes.
const SUM_OF_SIZES: &str = "CAST(coalesce(sum(size), 0) AS bigint)";

/// Adds an upload.
pub fn insert(conn: &mut Conn, upload: &Upload) -> Result<()> {
    diesel::insert_into(uploads::table).values(Row::from(upload)).execute(&mut conn.db)?;
    Ok(())
}

/// The upload with this id.
pub fn find(conn: &mut Conn, id: UploadId) -> Result<Upload> {
    let row = uploads::table.find(Key::of(id)).select(Row::as_select()).first(&mut conn.db)?;
    with_scan(conn, row)
}

/// What is said of the content is known as soon as its hash is.
fn with_scan(conn: &mut Conn, row: Row) -> Result<Upload> {
    let mut upload = Upload::try_from(row)?;
    if let Some(sha256) = &upload.sha256 {
        upload.scan = scans::of(conn, sha256)?;
    }
    Ok(upload)
}

/// The upload with this id, for a change: others who want to change it wait. SQLite has one writer anyway.
pub fn lock(conn: &mut Conn, id: UploadId) -> Result<Upload> {
    let row: Row = match &mut conn.db {
        AnyConnection::Postgres(pg) => {
            uploads::table.find(Key::of(id)).for_update().select(Row::as_select()).first(pg)?
        }
        AnyConnection::Sqlite(sqlite) => uploads::table.find(Key::of(id)).select(Row::as_select()).first(sqlite)?,
    };
    with_scan(conn, row)
}

/// Saves a changed upload, which must have been locked.
pub fn update(conn: &mut Conn, upload: &Upload) -> Result<()> {
    diesel::update(uploads::table.find(Key::of(upload.id))).set(Row::from(upload)).execute(&mut conn.db)?;
    Ok(())
}

/// Forgets an upload.
pub fn delete(conn: &mut Conn, id: UploadId) -> Result<()> {
    diesel::delete(uploads::table.find(Key::of(id))).execute(&mut conn.db)?;
    Ok(())
}

/// What counts against the limits of a person and of an organisation, whose row is locked so that it cannot grow meanwhile.
pub fn lock_usage(conn: &mut Conn, user: UserId, organisation: OrganisationId) -> Result<Usage> {
    crate::members::lock_organisation(conn, organisation)?;
    let own = uploads::table.filter(dsl::user_id.eq(Key::of(user)));
    let uploads: i64 = own.count().get_result(&mut conn.db)?;
    let coming: i64 = uploads::table
        .filter(dsl::organisation_id.eq(Key::of(organisation)))
        .filter(dsl::status.ne(UploadStatus::Rejected.as_str()))
        .select(sql::<BigInt>(SUM_OF_SIZES))
        .get_result(&mut conn.db)?;
    let there: i64 = document_versions::table
        .filter(document_versions::organisation_id.eq(Key::of(organisation)))
        .select(sql::<BigInt>(SUM_OF_SIZES))
        .get_result(&mut conn.db)?;
    let of_bids: i64 = bid_documents::table
        .filter(bid_documents::company_id.eq(Key::of(organisation)))
        .select(sql::<BigInt>(SUM_OF_SIZES))
        .get_result(&mut conn.db)?;
    let bytes = coming.saturating_add(there).saturating_add(of_bids);
    Ok(Usage { uploads: usize::try_from(uploads).unwrap_or(usize::MAX), bytes })
}

/// Some uploads that are whole and were not looked at, the oldest first, after this one.
pub fn checking(conn: &mut Conn, after: Option<UploadId>, limit: i64) -> Result<Vec<UploadId>> {
    let mut query = uploads::table
        .filter(dsl::status.eq(UploadStatus::Checking.as_str()))
        .order(dsl::id)
        .limit(limit)
        .select(dsl::id)
        .into_boxed();
    if let Some(after) = after {
        query = query.filter(dsl::id.gt(Key::of(after)));
    }
    let ids: Vec<Key> = query.load(&mut conn.db)?;
    Ok(ids.into_iter().map(Key::id).collect())
}

/// Some uploads whose time is over, the longest first; none that is whole and waits to be looked at.
pub fn expired(conn: &mut Conn, now: DateTime<Utc>, limit: i64) -> Result<Vec<UploadId>> {
    let over =
        uploads::table.filter(dsl::expires_at.le(At(now))).filter(dsl::status.ne(UploadStatus::Checking.as_str()));
    let first = over.order((dsl::expires_at, dsl::id)).limit(limit);
    let ids: Vec<Key> = first.select(dsl::id).load(&mut conn.db)?;
    Ok(ids.into_iter().map(Key::id).collect())
}

/// Those of these ids whose upload, or document of a bid, needs the file that it received.
pub fn unfinished(conn: &mut Conn, ids: &[Uuid]) -> Result<Vec<Uuid>> {
    let open = [UploadStatus::Receiving.as_str(), UploadStatus::Checking.as_str()];
    let keys: Vec<Key> = ids.iter().copied().map(Key).collect();
    let mut found: Vec<Key> = uploads::table
        .filter(dsl::id.eq_any(keys.clone()))
        .filter(dsl::status.eq_any(open))
        .select(dsl::id)
        .load(&mut conn.db)?;
    let arriving = bid_documents::table.filter(bid_documents::id.eq_any(keys));
    let arriving = arriving.filter(bid_documents::received_at.is_null()).select(bid_documents::id);
    found.extend(arriving.load::<Key>(&mut conn.db)?);
    Ok(found.into_iter().map(|key| key.0).collect())
}

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = uploads, treat_none_as_null = true)]
struct Row {
    id: Key,
    organisation_id: Key,
    user_id: Key,
    name: String,
    size: i64,
    media_type: String,
    promised_sha256: Option<String>,
    received: i64,
    status: String,
    rejection: Option<String>,
    sha256: Option<String>,
    created_at: At,
    expires_at: At,
    findings: Json,
}

impl From<&Upload> for Row {
    fn from(upload: &Upload) -> Self {
        let Announced { organisation, name, size, media_type, sha256 } = upload.announced.clone();
        Self {
            id: Key::of(upload.id),
            organisation_id: Key::of(organisation),
            user_id: Key::of(upload.owner),
            name,
            size,
            media_type,
            promised_sha256: sha256,
            received: upload.received,
            status: upload.status.as_str().to_owned(),
            rejection: upload.rejection.map(|reason| reason.as_str().to_owned()),
            sha256: upload.sha256.clone(),
            created_at: At(upload.created_at),
            expires_at: At(upload.expires_at),
            findings: Json::of(&upload.findings),
        }
    }
}

impl TryFrom<Row> for Upload {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self> {
        let rejection = |code: String| Rejection::parse(&code).ok_or_else(|| Error::corrupt("rejection", &code));
        Ok(Self {
            id: row.id.id(),
            owner: row.user_id.id(),
            announced: Announced {
                organisation: row.organisation_id.id(),
                name: row.name,
                size: row.size,
                media_type: row.media_type,
                sha256: row.promised_sha256,
            },
            received: row.received,
            status: UploadStatus::parse(&row.status).ok_or_else(|| Error::corrupt("upload status", &row.status))?,
            rejection: row.rejection.map(rejection).transpose()?,
            sha256: row.sha256,
            created_at: row.created_at.0,
            expires_at: row.expires_at.0,
            findings: row.findings.read()?,
            scan: Scan::default(),
        })
    }
}
