//! Having files scanned for viruses, after they were taken and without holding anything up.
//!
//! Each content is scanned once, whoever keeps it. It is leased before and the verdict stored after, so any number of
//! processes may do this, and one that dies in between loses nothing.

mod clamd;

pub use clamd::{Address, Patience, Scanner};

use crate::{Error, Result, bid_documents, mail, record_unattended};
use chrono::{DateTime, TimeDelta, Utc};
use domain::{
    ChallengeDocumentId, ChallengeId, DocumentId, OrganisationId, Role,
    file::{FileScan, ScanStatus, Verdict},
};
use futures_util::stream;
use notifications::Message;
use persistence::{Conn, Db, challenge_documents, challenges, documents, organisations, scans};
use storage::{Content, Hash, Storage};

/// Who these events come from.
const SCANNER: &str = "virus-scanner";

/// How long a content is one process's; longer than a scan can take.
const LEASE: TimeDelta = TimeDelta::minutes(45);

/// Whether a content is to be scanned.
pub fn any_due(conn: &mut Conn) -> Result<bool> {
    let now = conn.now()?;
    Ok(scans::any_due(conn, now)?)
}

/// There is no scanner: nothing is said to wait for one.
pub fn stand_down(conn: &mut Conn) -> Result<()> {
    Ok(scans::stand_down(conn)?)
}

/// Has the content scanned that is due for the longest. Gives what came of it, or nothing if none was due.
pub async fn next(db: &Db, storage: &Storage, scanner: &Scanner) -> Result<Option<ScanStatus>> {
    let Some(due) = db.write(take).await? else { return Ok(None) };
    let sha256 = due.sha256;
    let verdict = match content(db, storage, &sha256).await? {
        Some(content) => scanner.scan(content).await,
        // Kept nowhere, or not to be had just now: the purge takes care of the one, time of the other.
        None => Verdict::Unavailable,
    };
    db.write(move |conn| note(conn, &sha256, verdict)).await
}

fn take(conn: &mut Conn) -> Result<Option<FileScan>> {
    let now = conn.now()?;
    Ok(scans::lease(conn, now, now + LEASE)?)
}

/// The content, wherever it is kept.
async fn content(db: &Db, storage: &Storage, sha256: &str) -> Result<Option<Content>> {
    let key = sha256.to_owned();
    let (size, document, of_bid) = db
        .read(move |conn| {
            let size = scans::size_of_file(conn, &key)?;
            let document = scans::content_of_document(conn, &key)?;
            Ok::<_, Error>((size, document, bid_documents::opened_with(conn, &key)?))
        })
        .await?;
    if let Some(opened) = of_bid {
        return Ok(bid_documents::plain_text(storage, &opened).await.inspect_err(|error| unread(sha256, error)).ok());
    }
    if let Some(bytes) = document {
        return Ok(Some(Box::pin(stream::iter([Ok(bytes.into())]))));
    }
    let (Some(hash), Some(size)) = (Hash::parse(sha256), size) else { return Ok(None) };
    match storage.store.open(hash, 0..size.unsigned_abs()).await {
        Ok(content) => Ok(Some(content)),
        // Its row is there before its content, which may be on its way.
        Err(error) => {
            unread(sha256, &error.into());
            Ok(None)
        }
    }
}

fn unread(sha256: &str, error: &Error) {
    tracing::warn!(%sha256, %error, "a file could not be read for the virus scanner");
}

/// Stores what the scanner said, and tells those who keep something infected.
fn note(conn: &mut Conn, sha256: &str, verdict: Verdict) -> Result<Option<ScanStatus>> {
    let Some(mut file) = scans::lock(conn, sha256)? else { return Ok(None) };
    let now = conn.now()?;
    let found = file.note(verdict, now);
    scans::update(conn, &file)?;
    if let Some(signature) = found {
        for (challenge, document, number) in scans::versions_with(conn, sha256)? {
            tell_agency(conn, (challenge, document, number), &signature, now)?;
        }
        for (organisation, document) in scans::documents_with(conn, sha256)? {
            tell_owners(conn, (organisation, document), &signature, now)?;
        }
    }
    Ok(Some(file.scan.status))
}

fn tell_agency(
    conn: &mut Conn,
    (challenge, document, number): (ChallengeId, ChallengeDocumentId, i32),
    signature: &str,
    now: DateTime<Utc>,
) -> Result<()> {
    let challenge = challenges::find(conn, challenge)?;
    let all = challenge_documents::of_challenge(conn, challenge.id)?;
    let Some(document) = all.into_iter().find(|one| one.id == document) else { return Ok(()) };
    let version = document.version(number)?;
    let event = challenge.document_infected(&document, version, signature);
    record_unattended(conn, SCANNER, now, event)?;
    let link = mail::challenge_link(challenge.id);
    let message = Message::FileInfected { name: version.name.clone(), signature: signature.to_owned(), link };
    mail::send_to_user(conn, version.added_by, &message, now)
}

fn tell_owners(
    conn: &mut Conn,
    (organisation, document): (OrganisationId, DocumentId),
    signature: &str,
    now: DateTime<Utc>,
) -> Result<()> {
    let document = documents::find(conn, organisation, document)?;
    record_unattended(conn, SCANNER, now, document.infected(signature))?;
    let link = mail::organisation_link(organisations::find(conn, organisation)?.id);
    let message = Message::FileInfected { name: document.title, signature: signature.to_owned(), link };
    mail::send_to_role(conn, organisation, Role::Owner, &message, now)
}
