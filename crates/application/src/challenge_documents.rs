//! Documents of challenges.

use crate::{Caller, Error, Result, challenges::save, clock, followers};
use chrono::{DateTime, Utc};
use domain::{
    Actor, Challenge, ChallengeDocumentId, ChallengeId, Refusal, UploadId,
    challenge::{ChallengeDocument, Chosen, DocumentDescription, DocumentVersion, FollowReason},
    file::Upload,
};
use notifications::News;
use persistence::{Conn, challenge_documents as documents, challenges, files, uploads};

/// A file for a document.
#[derive(Debug, Clone, Copy)]
pub struct File {
    /// The upload, which is used up.
    pub upload: UploadId,
    /// Whether the caller has looked at what it tells besides what one sees of it.
    pub acknowledge_findings: bool,
}

/// The documents of a challenge, for those who may see it.
pub fn list(conn: &mut Conn, viewer: Option<&Actor>, id: ChallengeId) -> Result<Vec<ChallengeDocument>> {
    challenges::find(conn, id)?.require_visible(viewer)?;
    Ok(documents::of_challenge(conn, id)?)
}

/// A version of a document whose content is asked for, for those who may see the challenge; not if it is infected.
pub fn version(
    conn: &mut Conn,
    viewer: Option<&Actor>,
    (challenge, document): (ChallengeId, ChallengeDocumentId),
    number: i32,
) -> Result<DocumentVersion> {
    let all = list(conn, viewer, challenge)?;
    let version = found(all, document)?.version(number)?.clone();
    version.require_sound()?;
    Ok(version)
}

/// Whether a download makes the viewer a follower of the challenge.
pub fn attracts(conn: &mut Conn, viewer: Option<&Actor>, id: ChallengeId) -> Result<bool> {
    let Some(actor) = viewer else { return Ok(false) };
    let challenge = challenges::find(conn, id)?;
    followers::attracts(conn, actor, &challenge, FollowReason::Downloaded)
}

/// Makes whoever downloads a document a follower of the challenge.
pub fn downloaded(conn: &mut Conn, reader: &Actor, id: ChallengeId) -> Result<()> {
    let challenge = challenges::find(conn, id)?;
    followers::attract(conn, reader, &challenge, FollowReason::Downloaded)
}

/// Adds a document with the file of an upload.
pub fn add(
    conn: &mut Conn,
    caller: &Caller,
    id: ChallengeId,
    description: DocumentDescription,
    file: File,
) -> Result<ChallengeDocument> {
    let mut challenge = challenges::lock(conn, id)?;
    let now = clock::of(conn, &challenge)?;
    challenge.require_documents_editable(&caller.actor, now)?;
    let present = documents::of_challenge(conn, id)?.len();
    let upload = take(conn, caller, file.upload, now)?;
    let chosen = Chosen { upload: &upload, acknowledge_findings: file.acknowledge_findings };
    let (new, actor) = (conn.new_id(), &caller.actor);
    let (document, event) = challenge.add_document(actor, new, description, chosen, present, now)?;
    documents::insert(conn, challenge.agency, &document)?;
    uploads::delete(conn, upload.id)?;
    save(conn, caller, &mut challenge, now, event)?;
    tell(conn, &challenge, &document, now)?;
    Ok(document)
}

/// Adds a newer version of a document.
pub fn add_version(
    conn: &mut Conn,
    caller: &Caller,
    (id, document): (ChallengeId, ChallengeDocumentId),
    file: File,
) -> Result<ChallengeDocument> {
    let mut challenge = challenges::lock(conn, id)?;
    let now = clock::of(conn, &challenge)?;
    challenge.require_documents_editable(&caller.actor, now)?;
    let mut document = found(documents::of_challenge(conn, id)?, document)?;
    let upload = take(conn, caller, file.upload, now)?;
    let chosen = Chosen { upload: &upload, acknowledge_findings: file.acknowledge_findings };
    let event = challenge.add_document_version(&caller.actor, &mut document, chosen, now)?;
    documents::insert_version(conn, challenge.agency, &document)?;
    uploads::delete(conn, upload.id)?;
    save(conn, caller, &mut challenge, now, event)?;
    tell(conn, &challenge, &document, now)?;
    Ok(document)
}

/// Somebody has looked at what a version tells besides what one sees of it.
pub fn acknowledge(
    conn: &mut Conn,
    caller: &Caller,
    (id, document): (ChallengeId, ChallengeDocumentId),
    number: i32,
) -> Result<ChallengeDocument> {
    let challenge = challenges::lock(conn, id)?;
    challenge.require_visible(Some(&caller.actor))?;
    let mut document = found(documents::of_challenge(conn, id)?, document)?;
    let now = clock::of(conn, &challenge)?;
    let event = challenge.acknowledge_findings(&caller.actor, &mut document, number, now)?;
    documents::acknowledge(conn, document.id, document.version(number)?)?;
    caller.record(conn, now, event)?;
    Ok(document)
}

/// Removes a document from a draft.
pub fn remove(conn: &mut Conn, caller: &Caller, (id, document): (ChallengeId, ChallengeDocumentId)) -> Result<()> {
    let mut challenge = challenges::lock(conn, id)?;
    challenge.require_visible(Some(&caller.actor))?;
    let document = found(documents::of_challenge(conn, id)?, document)?;
    let now = clock::of(conn, &challenge)?;
    let event = challenge.remove_document(&caller.actor, &document)?;
    documents::delete(conn, document.id)?;
    let real = clock::real(conn, now);
    for version in &document.versions {
        files::release(conn, &version.sha256, real)?;
    }
    save(conn, caller, &mut challenge, now, event)
}

/// Those who follow or bid learn of what is added to a published challenge.
fn tell(conn: &mut Conn, challenge: &Challenge, document: &ChallengeDocument, now: DateTime<Utc>) -> Result<()> {
    if !challenge.is_published() {
        return Ok(());
    }
    followers::tell(conn, challenge, News::DocumentAdded { title: document.description.title.clone() }, now)
}

fn found(all: Vec<ChallengeDocument>, id: ChallengeDocumentId) -> Result<ChallengeDocument> {
    Ok(all.into_iter().find(|document| document.id == id).ok_or(Refusal::NotFound("document"))?)
}

/// The caller's upload, which is named in the body: that there is none is a wrong field there.
fn take(conn: &mut Conn, caller: &Caller, id: UploadId, now: DateTime<Utc>) -> Result<Upload> {
    let unknown = || Error::from(Refusal::invalid("/upload", "unknown", "you have no such upload"));
    let upload = match uploads::lock(conn, id) {
        Err(persistence::Error::NotFound) => return Err(unknown()),
        upload => upload?,
    };
    let real = clock::real(conn, now);
    upload.require_visible(&caller.actor, real).map_err(|_| unknown())?;
    Ok(upload)
}
