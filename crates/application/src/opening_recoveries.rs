//! When too few holders can open: bidders are asked for the keys of their own envelopes.

use crate::{Caller, Error, Result, clock, envelopes::Ready, mail, openings, periods};
use domain::{
    Challenge, ChallengeId, Refusal, Role,
    opening::{EnvelopeKind, Recovery},
};
use notifications::Message;
use persistence::{Conn, bid_envelopes, bids, challenges, opening_committees, opening_recoveries};
use sealing::SecretKey;

/// How many envelopes are taken up at once.
const AT_ONCE: i64 = 100;

/// An officer asks the bidders whose envelopes are still shut. They get a mail, and everybody reads why.
pub fn call(conn: &mut Conn, caller: &Caller, id: ChallengeId, kind: EnvelopeKind, reason: &str) -> Result<Recovery> {
    challenges::lock_box(conn, id)?;
    let challenge = challenges::lock(conn, id)?;
    challenge.require_visible(Some(&caller.actor))?;
    challenge.require_takes_bids()?;
    let rules = periods::rules(conn, &challenge)?;
    let session = openings::session(conn, challenge, kind)?;
    openings::require_ready(conn, id, kind)?;
    let now = clock::of(conn, &session.challenge)?;
    let (recovery, event) = Recovery::call(&caller.actor, &session.challenge, &session.opening, reason, &rules, now)?;
    opening_committees::begin_opening(conn, id, kind.stage(), now)?;
    opening_recoveries::insert(conn, id, &recovery)?;
    caller.record(conn, now, event)?;
    ask(conn, &session.challenge, &recovery)?;
    Ok(recovery)
}

fn ask(conn: &mut Conn, challenge: &Challenge, recovery: &Recovery) -> Result<()> {
    let (challenge_title, challenge_reference) = mail::names(challenge);
    let (reason, due_at, link) = (recovery.reason.clone(), recovery.due_at, mail::challenge_link(challenge.id));
    let message = Message::KeyAskedFor { challenge_title, challenge_reference, reason, due_at, link };
    let mut after = None;
    loop {
        let shut = bid_envelopes::shut(conn, challenge.id, recovery.kind, after, AT_ONCE)?;
        let Some(last) = shut.last().map(|envelope| envelope.id) else { return Ok(()) };
        for envelope in shut {
            let company = bids::find(conn, envelope.bid)?.company;
            mail::send_to_role(conn, company, Role::Bidder, &message, recovery.called_at)?;
        }
        after = Some(last);
    }
}

/// A bidder gives the key of an envelope: it is opened with it at once, and the key is not kept.
pub fn give(conn: &mut Conn, caller: &Caller, id: domain::BidId, kind: EnvelopeKind, key: &SecretKey) -> Result<()> {
    let found = bids::find(conn, id)?;
    if !caller.actor.belongs_to(found.company) {
        return Err(Refusal::NotFound("bid").into());
    }
    challenges::lock_box(conn, found.challenge)?;
    let bid = bids::lock(conn, id)?;
    let challenge = challenges::find(conn, bid.challenge)?;
    let session = openings::session(conn, challenge, kind)?;
    let recovery = session.opening.recovery.as_ref().ok_or(Refusal::NotFound("request for keys"))?;
    let now = clock::of(conn, &session.challenge)?;
    let event = recovery.give(&caller.actor, &session.challenge, &session.opening, &bid, now)?;
    let envelopes = bid_envelopes::of_bid(conn, id, bid.revision)?;
    let envelope = envelopes.into_iter().find(|envelope| envelope.kind == kind && envelope.opened_at.is_none());
    let envelope = envelope.ok_or(Error::Refused(Refusal::AlreadyDone))?;
    let ready = Ready::load(conn, envelope, session.committee.holders.len())?;
    let wrong = || Refusal::invalid("/key", "wrong_key", "this is not the key of the envelope");
    let taken = ready.open_with(key).ok_or_else(wrong)?;
    openings::keep(conn, session.challenge.id, &ready.envelope, taken)?;
    caller.record(conn, now, event)
}
