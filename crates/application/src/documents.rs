//! Standing documents of organisations.

use crate::{Caller, Result, error::require_current, mail, record_unattended};
use chrono::NaiveDate;
use domain::{
    Actor, DocumentId, OrganisationId, Refusal, Role,
    organisation::{DocumentKind, FileFacts, StandingDocument},
};
use notifications::Message;
use persistence::{Conn, documents, organisations};

/// The most that one look finds; the next look finds the rest.
const BATCH: i64 = 100;

/// What an owner says of a document.
#[derive(Debug, Clone)]
pub struct Description {
    /// What it shows.
    pub kind: DocumentKind,
    /// Its title.
    pub title: String,
    /// The day it was issued.
    pub issued_on: NaiveDate,
    /// The last day it is good.
    pub expires_on: Option<NaiveDate>,
}

/// The documents of an organisation, for those who may look behind its public side.
pub fn list(conn: &mut Conn, actor: &Actor, id: OrganisationId) -> Result<Vec<StandingDocument>> {
    organisations::find(conn, id)?.require_examiner(actor)?;
    Ok(documents::of_organisation(conn, id)?)
}

/// An owner announces a document; its file follows.
pub fn add(conn: &mut Conn, caller: &Caller, id: OrganisationId, said: Description) -> Result<StandingDocument> {
    let organisation = organisations::find(conn, id)?;
    let present = documents::lock_count(conn, id)?;
    let now = conn.now()?;
    let Description { kind, title, issued_on, expires_on } = said;
    let new = StandingDocument {
        id: conn.new_id(),
        organisation: id,
        kind,
        title,
        issued_on,
        expires_on,
        file: None,
        added_at: now,
        reminded_at: None,
        version: 1,
    };
    let (document, event) = new.add(&caller.actor, &organisation, present)?;
    documents::insert(conn, &document)?;
    caller.record(conn, now, event)?;
    Ok(document)
}

/// An owner sends the file of a document, which its sender says is of the type `declared`.
pub fn attach(
    conn: &mut Conn,
    caller: &Caller,
    (organisation, id): (OrganisationId, DocumentId),
    expected: Option<i32>,
    content: &[u8],
    declared: &str,
) -> Result<StandingDocument> {
    let organisation = organisations::find(conn, organisation)?;
    organisation.require_examiner(&caller.actor)?;
    let mut document = documents::find(conn, organisation.id, id)?;
    let now = conn.now()?;
    let event = document.attach(&caller.actor, &organisation, content, declared)?;
    require_current(document.version, expected)?;
    documents::update(conn, &mut document)?;
    documents::store_file(conn, &document, content, now)?;
    caller.record(conn, now, event)?;
    Ok(document)
}

/// What is known of a file, and the file, for those who may look behind the public side, unless it is infected; the read log
/// says who did.
pub fn download(
    conn: &mut Conn,
    caller: &Caller,
    (organisation, id): (OrganisationId, DocumentId),
) -> Result<(DocumentKind, FileFacts, Vec<u8>)> {
    let organisation = organisations::find(conn, organisation)?;
    organisation.require_examiner(&caller.actor)?;
    let document = documents::find(conn, organisation.id, id)?;
    let file = document.file.ok_or(Refusal::NotFound("file"))?;
    file.scan.require_sound(&document.title)?;
    caller.log_reads(conn, &[organisation.read()])?;
    Ok((document.kind, file, documents::file(conn, id)?))
}

/// An owner removes a document with its file.
pub fn remove(
    conn: &mut Conn,
    caller: &Caller,
    (organisation, id): (OrganisationId, DocumentId),
    expected: Option<i32>,
) -> Result<()> {
    let organisation = organisations::find(conn, organisation)?;
    organisation.require_examiner(&caller.actor)?;
    let document = documents::find(conn, organisation.id, id)?;
    let now = conn.now()?;
    let event = document.remove(&caller.actor, &organisation)?;
    require_current(document.version, expected)?;
    documents::delete(conn, &document)?;
    caller.record(conn, now, event)
}

/// Some documents that will expire soon and whose owners do not know it yet.
pub fn expiring(conn: &mut Conn) -> Result<Vec<(OrganisationId, DocumentId)>> {
    let now = conn.now()?;
    Ok(documents::expiring(conn, StandingDocument::reminded_days(now), BATCH)?)
}

/// Tells the owners of one of them. Does nothing if somebody else was faster, or the document is gone.
pub fn remind(conn: &mut Conn, organisation: OrganisationId, id: DocumentId) -> Result<()> {
    let mut found = documents::of_organisation(conn, organisation)?;
    let now = conn.now()?;
    let document = found.iter_mut().find(|document| document.id == id);
    let Some((document, (expires_on, event))) = document.and_then(|d| d.remind(now).map(|told| (d, told))) else {
        return Ok(());
    };
    documents::update(conn, document)?;
    record_unattended(conn, "scheduler", now, event)?;
    let (name, title) = (organisations::find(conn, organisation)?.legal_name, document.title.clone());
    let link = mail::organisation_link(organisation);
    let message = Message::DocumentExpires { organisation: name, title, expires_on, link };
    mail::send_to_role(conn, organisation, Role::Owner, &message, now)
}
