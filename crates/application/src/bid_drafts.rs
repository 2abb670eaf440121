//! Bids that are being written: what they offer is kept encrypted, in the form in which it will be handed in.

use crate::{
    Caller, Error, Result,
    bid_receipts::{Attempt, Attempted},
    bids::{self, HandedIn},
    clock,
    envelopes::{Ready, TakenOut, Terms},
    record_unattended,
    vault::Vault,
};
use domain::{
    Actor, Bid, BidDraftId, BidId, Challenge, ChallengeId, OrganisationId, Refusal, Role,
    bid::{BidDocument, BidDraft, BidStage, DRAFT_KEPT, DraftSave, LARGEST_DRAFT, Reused},
    opening::EnvelopeKind,
};
use persistence::{
    Conn, Scope, accounts, bid_documents,
    bid_drafts::{self as drafts, Summary},
    bid_envelopes,
    challenges::{self, Progress},
    organisations,
};
use sealing::SecretKey;
use serde_json::Value;

/// The most drafts that are forgotten at once; the next look finds the rest.
const BATCH: i64 = 500;

/// The size that an encrypted content has at least, in bytes; it has this, or four times as much, and so on, as envelopes have.
const SMALLEST: usize = 4096;

/// A draft, as its company sees it.
#[derive(Debug, Clone)]
pub struct Opened {
    /// The draft.
    pub draft: BidDraft,
    /// What it offers: an object in the form of an offer, from which anything may be missing.
    pub offer: Value,
    /// The challenge that it will answer.
    pub challenge: Challenge,
    /// The name of its company.
    pub company_name: String,
    /// The name of whoever saved it last.
    pub saved_by_name: String,
    /// The bid of the company that counts now, and its version: this one would replace it.
    pub bid: Option<(BidId, i32)>,
    /// The documents that the company has handed in for the challenge.
    pub documents: Vec<BidDocument>,
}

/// An earlier bid of the company, to say the same again. Envelopes that are still sealed take their keys.
pub struct Source {
    /// Which.
    pub bid: BidId,
    /// The key of its quality envelope.
    pub quality_key: Option<SecretKey>,
    /// The key of its price envelope.
    pub price_key: Option<SecretKey>,
}

/// What an earlier bid of the company says, as far as it can be said about a challenge. The keys are not kept, and the bid stays
/// as sealed as it is.
pub fn reuse(
    conn: &mut Conn,
    actor: &Actor,
    challenge: ChallengeId,
    company: OrganisationId,
    source: &Source,
) -> Result<Reused> {
    let to = challenges::find(conn, challenge)?;
    to.require_visible(Some(actor))?;
    let mut bid = own_bid(conn, actor, company, source.bid)?;
    let from = challenges::find(conn, bid.challenge)?;
    bids::keep_shut(&mut bid, &mut [], &Progress::from(&from));
    let quality = match bid.quality.take() {
        None => open_own(conn, &bid, first_envelope(&bid), source.quality_key.as_ref())?.and_then(TakenOut::quality),
        open => open,
    };
    let price = match bid.price.take() {
        None => open_own(conn, &bid, EnvelopeKind::Price, source.price_key.as_ref())?.and_then(TakenOut::price),
        open => open,
    };
    let sealed = || Refusal::invalid("/from/qualityKey", "required", "the bid is still sealed: its key opens it");
    let confirmed = bid.is_confirmed(from.material_changes);
    Ok(Reused::of(quality.ok_or_else(sealed)?, price, (bid.stage, &from), confirmed, &to))
}

/// In which envelope a bid has what is not its price.
fn first_envelope(bid: &Bid) -> EnvelopeKind {
    match bid.stage {
        BidStage::Solution => EnvelopeKind::Solution,
        BidStage::Offer => EnvelopeKind::Quality,
    }
}

fn own_bid(conn: &mut Conn, actor: &Actor, company: OrganisationId, id: BidId) -> Result<Bid> {
    let unknown = || Refusal::invalid("/from/bid", "unknown", "the company has no such bid");
    match persistence::bids::find(conn, id) {
        Ok(bid) if bid.company == company && actor.holds(Role::Bidder, company) => Ok(bid),
        Ok(_) | Err(persistence::Error::NotFound) => Err(unknown().into()),
        Err(error) => Err(error.into()),
    }
}

/// What is in an envelope of a bid of one's own, if its key is given.
fn open_own(conn: &mut Conn, bid: &Bid, kind: EnvelopeKind, key: Option<&SecretKey>) -> Result<Option<TakenOut>> {
    let Some(key) = key else { return Ok(None) };
    let pointer = if kind == EnvelopeKind::Price { "/from/priceKey" } else { "/from/qualityKey" };
    let envelopes = bid_envelopes::of_bid(conn, bid.id, bid.revision)?;
    let envelope = envelopes.into_iter().find(|envelope| envelope.kind == kind);
    let unsealed = || Refusal::invalid(pointer, "unknown", "the bid has no such envelope");
    let ready = Ready::load(conn, envelope.ok_or_else(unsealed)?, 0)?;
    let wrong = || Refusal::invalid(pointer, "wrong_key", "this is not the key of the envelope");
    match ready.open_with(key).ok_or_else(wrong)? {
        TakenOut::Nothing(_) => Err(Refusal::invalid(pointer, "unreadable", "the envelope holds no offer").into()),
        taken => Ok(Some(taken)),
    }
}

/// A bidder begins a draft.
pub fn begin(
    conn: &mut Conn,
    caller: &Caller,
    vault: &Vault,
    challenge: ChallengeId,
    company: OrganisationId,
    offer: Value,
) -> Result<Opened> {
    let actor = &caller.actor;
    let challenge = challenges::find(conn, challenge)?;
    challenge.require_visible(Some(actor))?;
    if !actor.belongs_to(company) {
        return Err(Refusal::invalid("/company", "unknown", "you do not belong to this organisation").into());
    }
    let company = organisations::find(conn, company)?;
    let now = clock::of(conn, &challenge)?;
    let (draft, event) = BidDraft::begin(conn.new_id(), actor, &challenge, &company, now)?;
    let content = shut(vault, draft.id, &offer)?;
    if let Some(present) = drafts::insert(conn, &draft, &content)? {
        return Err(Refusal::DraftExists(present).into());
    }
    drafts::note_save(conn, draft.id, &DraftSave::followed_by(None, &draft), None)?;
    caller.record(conn, now, event)?;
    open(conn, draft, offer)
}

/// A draft, for the bidders of its company.
pub fn find(conn: &mut Conn, actor: &Actor, vault: &Vault, id: BidDraftId) -> Result<Opened> {
    let (draft, content) = drafts::find(conn, id)?;
    draft.require_visible(actor)?;
    let offer = unshut(vault, id, &content)?;
    open(conn, draft, offer)
}

/// Some drafts of the companies in which the caller is a bidder, the newest first.
pub fn list(conn: &mut Conn, actor: &Actor, after: Option<BidDraftId>, limit: i64) -> Result<Vec<Summary>> {
    let bidding = actor.memberships.iter().filter(|membership| membership.roles.contains(&Role::Bidder));
    let companies: Vec<_> = bidding.map(|membership| membership.organisation).collect();
    Ok(drafts::page_of_companies(conn, &companies, after, limit)?)
}

/// Some entries of the history of a draft with the names of who saved, the newest first: those before the number `before`.
pub fn saves(
    conn: &mut Conn,
    actor: &Actor,
    id: BidDraftId,
    before: Option<i32>,
    limit: i64,
) -> Result<Vec<(DraftSave, String)>> {
    drafts::find(conn, id)?.0.require_visible(actor)?;
    Ok(drafts::saves(conn, id, before, limit)?)
}

/// A bidder saves a draft: `change` gets what it offers and gives what it offers now. `seen` is the version that they have
/// read.
pub fn save(
    conn: &mut Conn,
    caller: &Caller,
    vault: &Vault,
    id: BidDraftId,
    seen: i32,
    change: impl FnOnce(Value) -> domain::Result<Value>,
) -> Result<Opened> {
    let (mut draft, content) = lock(conn, &caller.actor, id)?;
    require_seen(conn, &draft, seen)?;
    let offer = change(unshut(vault, id, &content)?)?;
    let now = clock::of_id(conn, draft.challenge)?;
    draft.save(&caller.actor, now)?;
    drafts::update(conn, &mut draft, &shut(vault, id, &offer)?)?;
    let last = drafts::last_save(conn, id)?;
    drafts::note_save(conn, id, &DraftSave::followed_by(last.as_ref(), &draft), last.as_ref())?;
    open(conn, draft, offer)
}

/// A bidder throws a draft away.
pub fn discard(conn: &mut Conn, caller: &Caller, id: BidDraftId, seen: i32) -> Result<()> {
    let (draft, _) = lock(conn, &caller.actor, id)?;
    require_seen(conn, &draft, seen)?;
    let (event, now) = (draft.discard(&caller.actor)?, clock::of_id(conn, draft.challenge)?);
    drafts::delete(conn, id)?;
    caller.record(conn, now, event)
}

/// What a draft offers, and what it was read as.
pub struct Prepared {
    /// What it offers.
    pub offer: Value,
    /// The version that was read.
    pub version: i32,
    /// For whom it would be sealed; nobody if there is no committee.
    pub terms: Option<Terms>,
}

/// How a draft is handed in.
pub struct Submission {
    /// The version of it that whoever submits has seen.
    pub seen: i32,
    /// The bid that it takes the place of, and the version of that one that was seen; none if it is the first.
    pub replaces: Option<(BidId, i32)>,
    /// The version that was sealed, if there was anything to seal.
    pub sealed: Option<i32>,
}

/// What a draft offers, to be sealed as the first bid of the company or in place of another one.
pub fn prepare(
    conn: &mut Conn,
    actor: &Actor,
    vault: &Vault,
    id: BidDraftId,
    replaces: Option<BidId>,
) -> Result<Prepared> {
    let (draft, content) = drafts::find(conn, id)?;
    draft.require_visible(actor)?;
    let terms = match replaces {
        Some(bid) => Terms::of_replacement(conn, bid)?,
        None => Terms::of_submission(conn, draft.challenge, draft.company)?,
    };
    Ok(Prepared { offer: unshut(vault, id, &content)?, version: draft.version, terms })
}

/// A bidder hands in a draft of which they have seen this version: as the first bid of the company, or in place of one that they
/// have seen, too. What was received is no draft any more; what was refused stays one.
pub fn submit(
    conn: &mut Conn,
    attempt: &Attempt,
    id: BidDraftId,
    submission: &Submission,
    mut handed_in: HandedIn,
) -> Result<Attempted> {
    let (found, _) = drafts::find(conn, id)?;
    found.require_visible(&attempt.caller.actor)?;
    challenges::lock_box_shared(conn, found.challenge)?;
    let (draft, _) = lock(conn, &attempt.caller.actor, id)?;
    let sealed = submission.sealed.unwrap_or(submission.seen);
    match require_seen(conn, &draft, submission.seen).and_then(|()| require_seen(conn, &draft, sealed)) {
        Ok(()) => {}
        // This refusal, too, goes on the record.
        Err(Error::Refused(changed)) => handed_in.content = Err(changed),
        Err(error) => return Err(error),
    }
    let attempted = match submission.replaces {
        Some((bid, version)) => {
            require_of(conn, &draft, bid)?;
            bids::replace(conn, attempt, bid, Some(version), handed_in)?
        }
        None => bids::submit(conn, attempt, draft.challenge, draft.company, handed_in)?,
    };
    if matches!(attempted, Attempted::Received(..)) {
        drafts::delete(conn, id)?;
    }
    Ok(attempted)
}

/// Refuses a bid that is not of the company and the challenge of the draft.
fn require_of(conn: &mut Conn, draft: &BidDraft, bid: BidId) -> Result<()> {
    match persistence::bids::find(conn, bid) {
        Ok(found) if (found.company, found.challenge) == (draft.company, draft.challenge) => Ok(()),
        Ok(_) | Err(persistence::Error::NotFound) => {
            Err(Refusal::invalid("/replaces/bid", "unknown", "the company has no such bid on this challenge").into())
        }
        Err(error) => Err(error.into()),
    }
}

/// Forgets drafts whose challenge was closed or ended long enough ago.
pub(crate) fn forget(conn: &mut Conn, scope: Scope) -> Result<()> {
    let now = clock::of_scope(conn, scope)?;
    for draft in drafts::over(conn, scope, now - DRAFT_KEPT, BATCH)? {
        // Waits for whoever saves it in this moment.
        if drafts::lock(conn, draft.id)?.is_none() {
            continue;
        }
        drafts::delete(conn, draft.id)?;
        record_unattended(conn, "scheduler", now, draft.expire())?;
    }
    Ok(())
}

/// An own draft, for a change.
fn lock(conn: &mut Conn, actor: &Actor, id: BidDraftId) -> Result<(BidDraft, String)> {
    let locked = drafts::lock(conn, id)?.ok_or(Refusal::NotFound("bid draft"))?;
    locked.0.require_visible(actor)?;
    Ok(locked)
}

/// Refuses, with the name of whoever saved it, unless the caller has seen the current version.
fn require_seen(conn: &mut Conn, draft: &BidDraft, seen: i32) -> Result<()> {
    if draft.version == seen {
        return Ok(());
    }
    let name = accounts::find(conn, draft.saved_by)?.name;
    Err(Refusal::DraftChanged { by: draft.saved_by, name, at: draft.saved_at }.into())
}

fn open(conn: &mut Conn, draft: BidDraft, offer: Value) -> Result<Opened> {
    let challenge = challenges::find(conn, draft.challenge)?;
    let company_name = organisations::find(conn, draft.company)?.legal_name;
    let saved_by_name = accounts::find(conn, draft.saved_by)?.name;
    let bid = match persistence::bids::live(conn, draft.challenge, draft.company)? {
        Some(id) => Some((id, persistence::bids::find(conn, id)?.version)),
        None => None,
    };
    let documents = bid_documents::of_companies(conn, draft.challenge, &[draft.company])?;
    Ok(Opened { draft, offer, challenge, company_name, saved_by_name, bid, documents })
}

fn context(id: BidDraftId) -> String {
    format!("bid_draft/{id}/offer")
}

/// Encrypts a content. It is filled up with blanks first, so that its size tells as little as that of an envelope.
fn shut(vault: &Vault, id: BidDraftId, offer: &Value) -> Result<String> {
    let mut text = offer.to_string();
    if text.len() > LARGEST_DRAFT {
        let detail = format!("at most {LARGEST_DRAFT} bytes as JSON");
        return Err(Refusal::invalid("/offer", "too_long", detail).into());
    }
    let size = std::iter::successors(Some(SMALLEST), |size| size.checked_mul(4)).find(|size| *size >= text.len());
    let blanks = size.unwrap_or_default().saturating_sub(text.len());
    text.extend(std::iter::repeat_n(' ', blanks));
    vault.seal(&context(id), &text)
}

fn unshut(vault: &Vault, id: BidDraftId, content: &str) -> Result<Value> {
    serde_json::from_str(&vault.open(&context(id), content)?).map_err(|_| Error::Vault)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_content_is_read_back_and_its_size_is_one_of_few() {
        let (vault, id) = (Vault::new([7; 32]), BidDraftId(uuid::Uuid::from_u128(1)));
        let with = |length: usize| json!({ "solution": "x".repeat(length) });
        let sizes = [0, 1, 1000, 4000].map(|length| {
            let content = shut(&vault, id, &with(length)).unwrap();
            assert_eq!(unshut(&vault, id, &content).unwrap(), with(length));
            content.len()
        });
        assert!(sizes.windows(2).all(|pair| pair[0] == pair[1]), "{sizes:?}");
        assert!(shut(&vault, id, &with(5000)).unwrap().len() > sizes[0]);
        assert!(matches!(shut(&vault, id, &with(LARGEST_DRAFT)), Err(Error::Refused(Refusal::Invalid(_)))));
        let other = BidDraftId(uuid::Uuid::from_u128(2));
        assert!(matches!(unshut(&vault, other, &shut(&vault, id, &with(1)).unwrap()), Err(Error::Vault)));
    }
}
