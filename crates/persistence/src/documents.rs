//! Standing documents of organisations, their files included.

use crate::{
    Conn, Error, Result,
    scans::{self, ScanRow},
    schema::{
        file_scans,
        standing_documents::{self, dsl},
    },
    sql_types::{At, Key, at, instant},
};
use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use domain::{
    DocumentId, OrganisationId,
    file::Scan,
    organisation::{DocumentKind, FileFacts, StandingDocument},
};

/// Adds a document; its file comes later.
pub fn insert(conn: &mut Conn, document: &StandingDocument) -> Result<()> {
    diesel::insert_into(standing_documents::table).values(Row::from(document)).execute(&mut conn.db)?;
    Ok(())
}

/// The document with this id, of this organisation.
pub fn find(conn: &mut Conn, organisation: OrganisationId, id: DocumentId) -> Result<StandingDocument> {
    let row: (Row, Option<ScanRow>) = standing_documents::table
        .find(Key::of(id))
        .left_join(file_scans::table.on(file_scans::sha256.nullable().eq(dsl::sha256)))
        .filter(dsl::organisation_id.eq(Key::of(organisation)))
        .select((Row::as_select(), Option::<ScanRow>::as_select()))
        .first(&mut conn.db)?;
    document(row)
}

/// The documents of an organisation, the oldest first; a rule keeps them few.
pub fn of_organisation(conn: &mut Conn, organisation: OrganisationId) -> Result<Vec<StandingDocument>> {
    let rows: Vec<(Row, Option<ScanRow>)> = standing_documents::table
        .left_join(file_scans::table.on(file_scans::sha256.nullable().eq(dsl::sha256)))
        .filter(dsl::organisation_id.eq(Key::of(organisation)))
        .order(dsl::id)
        .select((Row::as_select(), Option::<ScanRow>::as_select()))
        .load(&mut conn.db)?;
    rows.into_iter().map(document).collect()
}

fn document((row, scan): (Row, Option<ScanRow>)) -> Result<StandingDocument> {
    let mut document = StandingDocument::try_from(row)?;
    if let Some(file) = &mut document.file {
        file.scan = scans::scan(scan)?;
    }
    Ok(document)
}

/// How many documents an organisation has. Its row is locked, so that the number cannot grow meanwhile.
pub fn lock_count(conn: &mut Conn, organisation: OrganisationId) -> Result<usize> {
    crate::members::lock_organisation(conn, organisation)?;
    let own = standing_documents::table.filter(dsl::organisation_id.eq(Key::of(organisation)));
    let count: i64 = own.count().get_result(&mut conn.db)?;
    Ok(usize::try_from(count).unwrap_or(usize::MAX))
}

/// Saves a changed document, unless somebody else changed it first.
pub fn update(conn: &mut Conn, document: &mut StandingDocument) -> Result<()> {
    let current = standing_documents::table.find(Key::of(document.id)).filter(dsl::version.eq(document.version));
    document.version += 1;
    let changed = diesel::update(current).set(Row::from(&*document)).execute(&mut conn.db)?;
    if changed == 1 { Ok(()) } else { Err(Error::ConcurrentChange) }
}

/// Removes a document with its file.
pub fn delete(conn: &mut Conn, document: &StandingDocument) -> Result<()> {
    diesel::delete(standing_documents::table.find(Key::of(document.id))).execute(&mut conn.db)?;
    document.file.as_ref().map_or(Ok(()), |file| scans::forget(conn, &file.sha256))
}

/// Stores the file of a document, which must be saved already.
pub fn store_file(conn: &mut Conn, document: &StandingDocument, content: &[u8], now: DateTime<Utc>) -> Result<()> {
    let row = standing_documents::table.find(Key::of(document.id));
    diesel::update(row).set(dsl::content.eq(content)).execute(&mut conn.db)?;
    document.file.as_ref().map_or(Ok(()), |file| scans::expect(conn, &file.sha256, now))
}

/// The file of a document.
pub fn file(conn: &mut Conn, id: DocumentId) -> Result<Vec<u8>> {
    let row = standing_documents::table.find(Key::of(id)).filter(dsl::content.is_not_null());
    Ok(row.select(dsl::content.assume_not_null()).first(&mut conn.db)?)
}

/// Some documents whose owners were not reminded and that expire between these days, the first to expire first.
pub fn expiring(
    conn: &mut Conn,
    (first, last): (NaiveDate, NaiveDate),
    limit: i64,
) -> Result<Vec<(OrganisationId, DocumentId)>> {
    let rows: Vec<(Key, Key)> = standing_documents::table
        .filter(dsl::reminded_at.is_null())
        .filter(dsl::expires_on.ge(first.to_string()))
        .filter(dsl::expires_on.le(last.to_string()))
        .order((dsl::expires_on, dsl::id))
        .limit(limit)
        .select((dsl::organisation_id, dsl::id))
        .load(&mut conn.db)?;
    Ok(rows.into_iter().map(|(organisation, id)| (organisation.id(), id.id())).collect())
}

/// All but the content.
#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = standing_documents, treat_none_as_null = true)]
struct Row {
    id: Key,
    organisation_id: Key,
    kind: String,
    title: String,
    issued_on: String,
    expires_on: Option<String>,
    media_type: Option<String>,
    size: Option<i32>,
    sha256: Option<String>,
    added_at: At,
    reminded_at: Option<At>,
    version: i32,
}

impl From<&StandingDocument> for Row {
    fn from(document: &StandingDocument) -> Self {
        let file = document.file.as_ref();
        Self {
            id: Key::of(document.id),
            organisation_id: Key::of(document.organisation),
            kind: document.kind.as_str().to_owned(),
            title: document.title.clone(),
            issued_on: document.issued_on.to_string(),
            expires_on: document.expires_on.map(|day| day.to_string()),
            media_type: file.map(|file| file.media_type.clone()),
            size: file.map(|file| file.size),
            sha256: file.map(|file| file.sha256.clone()),
            added_at: At(document.added_at),
            reminded_at: at(document.reminded_at),
            version: document.version,
        }
    }
}

impl TryFrom<Row> for StandingDocument {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self> {
        let day = |text: String| text.parse().map_err(|_| Error::corrupt("day", &text));
        let file = row.media_type.zip(row.size).zip(row.sha256);
        Ok(Self {
            id: row.id.id(),
            organisation: row.organisation_id.id(),
            kind: DocumentKind::parse(&row.kind).ok_or_else(|| Error::corrupt("document kind", &row.kind))?,
            title: row.title,
            issued_on: day(row.issued_on)?,
            expires_on: row.expires_on.map(day).transpose()?,
            file: file.map(|((media_type, size), sha256)| FileFacts {
                media_type,
                size,
                sha256,
                scan: Scan::default(),
            }),
            added_at: row.added_at.0,
            reminded_at: instant(row.reminded_at),
            version: row.version,
        })
    }
}
