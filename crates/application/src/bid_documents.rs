//! Documents of bids. They are encrypted before this module hears of them; what opens one comes out of the envelope of the bid that
//! refers to it ([`content`], [`checks`]).

pub mod checks;
mod content;

pub use content::{examine, plain_text};

use crate::{Caller, Error, Result, bids, clock, record_unattended};
use domain::{
    Actor, Bid, BidDocumentId, BidId, ChallengeId, OrganisationId, Refusal, Role,
    bid::{Access, BidDocument, DOCUMENT_ARRIVES, DRAFT_KEPT, DocumentUsage, OfferedDocument},
    file::{Scan, StoredFile, UploadLimits},
};
use persistence::{Conn, Scope, bid_documents as documents, challenges, files, organisations, scans, uploads};
use std::collections::HashMap;

/// The most documents that are forgotten at once; the next look finds the rest.
const BATCH: i64 = 500;

/// A document that the opened offer of a bid refers to.
#[derive(Debug, Clone)]
pub struct Opened {
    /// What the offer says of it, its key included.
    pub offered: OfferedDocument,
    /// What is kept of it.
    pub stored: BidDocument,
}

/// A bidder begins to hand in a document of at most this size (encrypted). Its row is there before its content.
pub fn begin(
    conn: &mut Conn,
    caller: &Caller,
    challenge: ChallengeId,
    size: i64,
    limits: UploadLimits,
) -> Result<BidDocument> {
    let actor = &caller.actor;
    let challenge = challenges::find(conn, challenge)?;
    challenge.require_visible(Some(actor))?;
    let company = organisations::find(conn, only_company(actor)?)?;
    let bytes = uploads::lock_usage(conn, actor.user, company.id)?.bytes;
    let usage = DocumentUsage { documents: documents::count(conn, challenge.id, company.id)?, bytes };
    let now = clock::of(conn, &challenge)?;
    let mut document = BidDocument::begin(conn.new_id(), actor, (&challenge, &company), size, (usage, limits), now)?;
    // Whether it still arrives is a matter of the machine.
    document.created_at = clock::real(conn, now);
    documents::insert(conn, &document)?;
    Ok(document)
}

/// The one company for which the caller can bid: the header `Provoco-Organisation` leaves one of several.
fn only_company(actor: &Actor) -> domain::Result<OrganisationId> {
    match bidding_for(actor)[..] {
        [one] => Ok(one),
        [] => Err(Refusal::RoleMissing(Role::Bidder)),
        _ => Err(Refusal::invalid("", "ambiguous", "you bid for several companies: name one in Provoco-Organisation")),
    }
}

fn bidding_for(actor: &Actor) -> Vec<OrganisationId> {
    let bidding = actor.memberships.iter().filter(|membership| membership.roles.contains(&Role::Bidder));
    bidding.map(|membership| membership.organisation).collect()
}

/// All of a document has arrived, and will be kept as this file.
pub fn keep(conn: &mut Conn, id: BidDocumentId, file: &StoredFile) -> Result<()> {
    let mut document = documents::lock(conn, id)?.ok_or(Refusal::NotFound("bid document"))?;
    let now = conn.now()?;
    if !files::keep(conn, file, now)? {
        return Err(Refusal::ConcurrentChange.into());
    }
    document.keep(file);
    Ok(documents::update(conn, &document)?)
}

/// The content of a document is kept for certain: it is received, unless the deadline has passed.
pub fn receive(conn: &mut Conn, caller: &Caller, id: BidDocumentId) -> Result<BidDocument> {
    let challenge = documents::find(conn, id)?.challenge;
    challenges::lock_box_shared(conn, challenge)?;
    let challenge = challenges::find(conn, challenge)?;
    let mut document = documents::lock(conn, id)?.ok_or(Refusal::NotFound("bid document"))?;
    let now = clock::of(conn, &challenge)?;
    let event = document.receive(&challenge, now)?;
    documents::update(conn, &document)?;
    caller.record(conn, now, event)?;
    Ok(document)
}

/// What did not arrive is forgotten. Its file is to be removed afterwards.
pub fn abandon(conn: &mut Conn, id: BidDocumentId) -> Result<()> {
    match documents::lock(conn, id)? {
        Some(document) if document.received_at.is_none() => delete(conn, &document),
        _ => Ok(()),
    }
}

/// The documents that the caller's companies have handed in for a challenge, the oldest first; for their bidders.
pub fn list(conn: &mut Conn, actor: &Actor, challenge: ChallengeId) -> Result<Vec<BidDocument>> {
    challenges::find(conn, challenge)?.require_visible(Some(actor))?;
    Ok(documents::of_companies(conn, challenge, &bidding_for(actor))?)
}

/// A document as it is kept, for the bidders of its company.
pub fn find(conn: &mut Conn, actor: &Actor, id: BidDocumentId) -> Result<BidDocument> {
    let document = documents::find(conn, id)?;
    document.require_visible(actor)?;
    Ok(document)
}

/// A bidder takes a document away.
pub fn remove(conn: &mut Conn, caller: &Caller, id: BidDocumentId) -> Result<()> {
    let document = documents::lock(conn, id)?.ok_or(Refusal::NotFound("bid document"))?;
    document.require_visible(&caller.actor)?;
    // A bid that is handed in meanwhile holds the document until it is stored, or finds it gone.
    let live = persistence::bids::live(conn, document.challenge, document.company)?;
    let event = document.remove(&caller.actor, live)?;
    delete(conn, &document)?;
    let now = clock::of_id(conn, document.challenge)?;
    caller.record(conn, now, event)
}

/// A document of an opened bid, for those who may see its content; the read log says who did. Not if it is infected.
pub fn open(conn: &mut Conn, caller: &Caller, bid: BidId, id: BidDocumentId) -> Result<Opened> {
    let visible = bids::find(conn, &caller.actor, bid)?;
    if visible.access == Access::NameOnly {
        return Err(Refusal::NotFound("document").into());
    }
    let bid = visible.bid;
    let opened = opened(conn, &bid, id)?.ok_or(Refusal::NotFound("document"))?;
    if let Some(sha256) = &opened.stored.sha256 {
        scans::of(conn, sha256)?.require_sound(&opened.offered.name)?;
    }
    let challenge = challenges::find(conn, bid.challenge)?;
    caller.log_reads(conn, &[bid.read_by(&caller.actor, &challenge)])?;
    Ok(opened)
}

fn opened(conn: &mut Conn, bid: &Bid, id: BidDocumentId) -> Result<Option<Opened>> {
    let Ok(offered) = bid.offered_document(id) else { return Ok(None) };
    let own = documents::of_companies(conn, bid.challenge, &[bid.company])?;
    let stored = own.into_iter().find(|document| document.id == id);
    Ok(stored.map(|stored| Opened { offered: offered.clone(), stored }))
}

/// The opened document that has this content, for the virus scanner.
pub(crate) fn opened_with(conn: &mut Conn, sha256: &str) -> Result<Option<Opened>> {
    let Some(document) = documents::with_content(conn, sha256)? else { return Ok(None) };
    match persistence::bids::live(conn, document.challenge, document.company)? {
        Some(bid) => {
            let bid = persistence::bids::find(conn, bid)?;
            opened(conn, &bid, document.id)
        }
        None => Ok(None),
    }
}

/// The documents that some bids may refer to, and what a virus scanner says of them, by the hash of what is kept.
pub(crate) fn of_bids(conn: &mut Conn, bids: &[Bid]) -> Result<(Vec<BidDocument>, HashMap<String, Scan>)> {
    let found = documents::of_bids(conn, bids)?;
    let contents: Vec<_> = found.iter().filter_map(|document| document.sha256.clone()).collect();
    let scans = if contents.is_empty() { HashMap::new() } else { scans::of_all(conn, &contents)? };
    Ok((found, scans))
}

/// Those of the documents that the bid may refer to.
pub(crate) fn of_one(documents: &[BidDocument], bid: &Bid) -> Vec<BidDocument> {
    let own = |document: &&BidDocument| document.company == bid.company && document.challenge == bid.challenge;
    documents.iter().filter(own).cloned().collect()
}

/// Forgets documents that never arrived whole.
pub(crate) fn forget_stuck(conn: &mut Conn) -> Result<()> {
    let now = conn.now()?;
    let stuck = documents::stuck(conn, now - DOCUMENT_ARRIVES, BATCH)?;
    stuck.iter().try_for_each(|document| forget_one(conn, document))
}

/// Forgets documents to which no bid can refer any more.
pub(crate) fn forget(conn: &mut Conn, scope: Scope) -> Result<()> {
    let now = clock::of_scope(conn, scope)?;
    let over = documents::over(conn, scope, now - DRAFT_KEPT, BATCH)?;
    over.iter().try_for_each(|document| forget_one(conn, document))
}

fn forget_one(conn: &mut Conn, document: &BidDocument) -> Result<()> {
    delete(conn, document)?;
    if document.received_at.is_some() {
        let now = clock::of_id(conn, document.challenge)?;
        record_unattended(conn, "bid-document-purge", now, document.forget())?;
    }
    Ok(())
}

fn delete(conn: &mut Conn, document: &BidDocument) -> Result<()> {
    documents::delete(conn, document.id)?;
    if let Some(sha256) = &document.sha256 {
        let now = conn.now()?;
        files::release(conn, sha256, now)?;
    }
    Ok::<_, Error>(())
}
