//! Documents of challenges, with their versions.

use crate::{
    Conn, Error, Result,
    scans::{self, ScanRow},
    schema::{
        challenge_documents::{self, dsl},
        document_versions::{self, dsl as versions},
        file_scans,
    },
    sql_types::{At, Json, Key, at, instant},
};
use diesel::prelude::*;
use domain::{
    ChallengeDocumentId, ChallengeId, OrganisationId,
    challenge::{ChallengeDocument, ChallengeDocumentKind, DocumentDescription, DocumentVersion},
    file::Scan,
};

/// Adds a document with its first version; the file counts against the quota of `organisation`.
pub fn insert(conn: &mut Conn, organisation: OrganisationId, document: &ChallengeDocument) -> Result<()> {
    diesel::insert_into(challenge_documents::table).values(Row::from(document)).execute(&mut conn.db)?;
    insert_version(conn, organisation, document)
}

/// Adds the last version of a document.
pub fn insert_version(conn: &mut Conn, organisation: OrganisationId, document: &ChallengeDocument) -> Result<()> {
    let Some(last) = document.versions.last() else { return Ok(()) };
    let row = VersionRow::new(organisation, document.id, last.clone());
    diesel::insert_into(document_versions::table).values(row).execute(&mut conn.db)?;
    Ok(())
}

/// The documents of a challenge, the oldest first; a rule keeps them few.
pub fn of_challenge(conn: &mut Conn, challenge: ChallengeId) -> Result<Vec<ChallengeDocument>> {
    let rows: Vec<(Row, VersionRow, Option<ScanRow>)> = challenge_documents::table
        .inner_join(document_versions::table.on(versions::document_id.eq(dsl::id)))
        .left_join(file_scans::table.on(file_scans::sha256.eq(versions::sha256)))
        .filter(dsl::challenge_id.eq(Key::of(challenge)))
        .order((dsl::id, versions::number))
        .select((Row::as_select(), VersionRow::as_select(), Option::<ScanRow>::as_select()))
        .load(&mut conn.db)?;
    let mut documents: Vec<ChallengeDocument> = Vec::new();
    for (row, version, scan) in rows {
        let version = version.version(scans::scan(scan)?)?;
        match documents.last_mut().filter(|last| last.id == row.id.id()) {
            Some(document) => document.versions.push(version),
            None => documents.push(row.document(version)?),
        }
    }
    Ok(documents)
}

/// Saves that somebody acknowledged what a version tells.
pub fn acknowledge(conn: &mut Conn, document: ChallengeDocumentId, version: &DocumentVersion) -> Result<()> {
    let Some((who, when)) = version.acknowledged else { return Ok(()) };
    let row = document_versions::table.find((Key::of(document), version.number));
    let said = (versions::acknowledged_by_id.eq(Some(Key::of(who))), versions::acknowledged_at.eq(Some(At(when))));
    diesel::update(row).set(said).execute(&mut conn.db)?;
    Ok(())
}

/// Removes a document with its versions.
pub fn delete(conn: &mut Conn, id: ChallengeDocumentId) -> Result<()> {
    let own = document_versions::table.filter(versions::document_id.eq(Key::of(id)));
    diesel::delete(own).execute(&mut conn.db)?;
    diesel::delete(challenge_documents::table.find(Key::of(id))).execute(&mut conn.db)?;
    Ok(())
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = challenge_documents)]
struct Row {
    id: Key,
    challenge_id: Key,
    kind: String,
    title: String,
    language: Option<String>,
    added_at: At,
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = document_versions)]
struct VersionRow {
    document_id: Key,
    number: i32,
    organisation_id: Key,
    sha256: String,
    name: String,
    size: i64,
    media_type: String,
    added_by_id: Key,
    added_at: At,
    findings: Json,
    acknowledged_by_id: Option<Key>,
    acknowledged_at: Option<At>,
}

impl From<&ChallengeDocument> for Row {
    fn from(document: &ChallengeDocument) -> Self {
        let DocumentDescription { title, kind, language } = document.description.clone();
        Self {
            id: Key::of(document.id),
            challenge_id: Key::of(document.challenge),
            kind: kind.as_str().to_owned(),
            title,
            language,
            added_at: At(document.added_at),
        }
    }
}

impl Row {
    fn document(self, first: DocumentVersion) -> Result<ChallengeDocument> {
        let kind = ChallengeDocumentKind::parse(&self.kind);
        let kind = kind.ok_or_else(|| Error::corrupt("document kind", &self.kind))?;
        Ok(ChallengeDocument {
            id: self.id.id(),
            challenge: self.challenge_id.id(),
            description: DocumentDescription { title: self.title, kind, language: self.language },
            added_at: self.added_at.0,
            versions: vec![first],
        })
    }
}

impl VersionRow {
    fn new(organisation: OrganisationId, document: ChallengeDocumentId, version: DocumentVersion) -> Self {
        let DocumentVersion {
            number, sha256, name, size, media_type, added_by, added_at, findings, acknowledged, ..
        } = version;
        let (acknowledged_by, acknowledged_at) = acknowledged.unzip();
        Self {
            document_id: Key::of(document),
            number,
            organisation_id: Key::of(organisation),
            sha256,
            name,
            size,
            media_type,
            added_by_id: Key::of(added_by),
            added_at: At(added_at),
            findings: Json::of(&findings),
            acknowledged_by_id: acknowledged_by.map(Key::of),
            acknowledged_at: at(acknowledged_at),
        }
    }

    fn version(self, scan: Scan) -> Result<DocumentVersion> {
        let Self { number, sha256, name, size, media_type, added_by_id, added_at, .. } = self;
        let (added_by, added_at) = (added_by_id.id(), added_at.0);
        let acknowledged = self.acknowledged_by_id.map(Key::id).zip(instant(self.acknowledged_at));
        let findings = self.findings.read()?;
        Ok(DocumentVersion { number, sha256, name, size, media_type, added_by, added_at, findings, acknowledged, scan })
    }
}
