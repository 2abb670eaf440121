//! Bringing an opening committee together, and trying its keys before anything depends on them.

use crate::{
    Caller, Error, Result, clock,
    envelopes::{id, sealing_committee},
    mail, record_unattended,
};
use base64::{Engine, prelude::BASE64_STANDARD};
use chrono::{DateTime, Utc};
use domain::{
    Actor, Challenge, ChallengeId, Committee, Refusal, Role,
    opening::{Holder, REHEARSAL_BEFORE_DEADLINE},
};
use notifications::Message;
use persistence::{
    Conn, Scope, accounts, challenges, members, opening_committees, opening_committees::Rehearsal, opening_keys, panels,
};
use sealing::{Kind, Label, Manifest, SecretKey, Share};

/// The most that one look of the scheduler finds; the next look finds the rest.
const BATCH: i64 = 100;

/// What the envelope of a rehearsal holds.
const CONTENT: &[u8] = b"This is a rehearsal. Nothing is in this envelope.\n";

/// A share of a rehearsal's envelope that waits for its holder.
pub struct RehearsalShare {
    /// What is written on the envelope.
    pub manifest: String,
    /// The encrypted share, in Base64.
    pub file: String,
}

impl RehearsalShare {
    /// The share, if it opens with this key.
    pub fn open(&self, key: &SecretKey) -> Option<Share> {
        sealing::open_share(key, &BASE64_STANDARD.decode(&self.file).ok()?).ok()
    }
}

/// Author or officer start a rehearsal: before the publication with the people and the keys of now, afterwards with those
/// that bids are sealed for. Everybody in the committee gets a mail.
pub fn start(conn: &mut Conn, caller: &Caller, id: ChallengeId, threshold: Option<u8>) -> Result<Committee> {
    let challenge = challenges::lock(conn, id)?;
    challenge.require_visible(Some(&caller.actor))?;
    challenge.require_writer(&caller.actor)?;
    let now = clock::of(conn, &challenge)?;
    let found = opening_committees::find(conn, id)?;
    let (committee, event) = match found.filter(|_| challenge.is_published()) {
        Some(mut committee) => {
            let event = committee.rehearse_again(&challenge, now)?;
            (committee, event)
        }
        None => {
            let panel = panels::find(conn, id)?;
            let keys = opening_keys::current_of(conn, &panel.opening_committee)?;
            Committee::form(&caller.actor, &challenge, &panel, &keys, threshold, now)?
        }
    };
    seal_and_tell(conn, &challenge, &committee, now)?;
    caller.record(conn, now, event)?;
    Ok(committee)
}

/// Published challenges whose deadline is near, and whose committee has not been asked once more.
pub fn due(conn: &mut Conn, scope: Scope) -> Result<Vec<ChallengeId>> {
    let now = clock::of_scope(conn, scope)?;
    let until = now + REHEARSAL_BEFORE_DEADLINE;
    Ok(opening_committees::rehearsals_due(conn, scope, now, until, REHEARSAL_BEFORE_DEADLINE, BATCH)?)
}

/// Asks the committee of one challenge to rehearse once more. Says false if somebody else was faster.
pub fn ask_again(conn: &mut Conn, id: ChallengeId) -> Result<bool> {
    let challenge = challenges::lock(conn, id)?;
    let now = clock::of(conn, &challenge)?;
    if !due(conn, Scope::of(&challenge, now))?.contains(&id) {
        return Ok(false);
    }
    let Some(mut committee) = opening_committees::find(conn, id)? else { return Ok(false) };
    let event = committee.rehearse_again(&challenge, now)?;
    seal_and_tell(conn, &challenge, &committee, now)?;
    record_unattended(conn, "scheduler", now, event)?;
    Ok(true)
}

fn seal_and_tell(conn: &mut Conn, challenge: &Challenge, committee: &Committee, now: DateTime<Utc>) -> Result<()> {
    let rehearsal = seal(challenge, committee)?;
    opening_committees::put(conn, committee, &rehearsal)?;
    let holders: Vec<_> = committee.holders.iter().map(|holder| holder.user).collect();
    let people = accounts::find_all(conn, &holders)?;
    let (challenge_title, challenge_reference) = mail::names(challenge);
    let deadline = challenge.next_deadline().ok().filter(|_| challenge.is_published());
    let link = mail::challenge_link(challenge.id);
    mail::send(conn, &people, &Message::Rehearsal { challenge_title, challenge_reference, deadline, link }, now)
}

/// An envelope like those of bids, from nobody.
fn seal(challenge: &Challenge, committee: &Committee) -> Result<Rehearsal> {
    let corrupt = |error: String| Error::Persistence(persistence::Error::Corrupt(error));
    let label = Label { challenge: id(challenge.id.0)?, bidder: id(challenge.id.0)?, version: 1, kind: Kind::Quality };
    let mut randomness = sealing::os_randomness().map_err(|error| Error::Randomness(error.to_string()))?;
    let sealed = sealing::seal(&sealing_committee(committee)?, &label, CONTENT, &mut randomness);
    let sealing::Envelope { manifest, shares, .. } = sealed.map_err(|error| corrupt(error.to_string()))?.envelope;
    let manifest = String::from_utf8(manifest).map_err(|error| corrupt(error.to_string()))?;
    Ok(Rehearsal { manifest, share_files: shares.iter().map(|share| BASE64_STANDARD.encode(share)).collect() })
}

/// The committee of a challenge: for everybody once the challenge is public, before that for members of the agency.
pub fn find(conn: &mut Conn, viewer: Option<&Actor>, id: ChallengeId) -> Result<(Challenge, Committee)> {
    let challenge = challenges::find(conn, id)?;
    challenge.require_visible(viewer)?;
    let committee = opening_committees::find(conn, id)?.ok_or(Refusal::NotFound("opening committee"))?;
    Ok((challenge, committee))
}

/// The caller's own share of the newest rehearsal.
pub fn own_share(conn: &mut Conn, actor: &Actor, id: ChallengeId) -> Result<(Holder, RehearsalShare)> {
    let challenge = challenges::find(conn, id)?;
    let committee = opening_committees::find(conn, id)?.ok_or(Refusal::NotFound("rehearsal"))?;
    let holder = committee.holder(actor, &challenge)?.clone();
    let (manifest, file) = opening_committees::rehearsal_share(conn, id, holder.index)?;
    Ok((holder, RehearsalShare { manifest, file }))
}

/// A holder brings their share, opened: their key works.
pub fn bring(conn: &mut Conn, caller: &Caller, id: ChallengeId, share: &Share) -> Result<Committee> {
    let challenge = challenges::lock(conn, id)?;
    let (holder, waiting) = own_share(conn, &caller.actor, id)?;
    let manifest = Manifest::parse(waiting.manifest.as_bytes());
    let manifest = manifest.map_err(|error| Error::Persistence(persistence::Error::Corrupt(error.to_string())))?;
    let checked = manifest.check_share(share).map_err(|error| error.to_string());
    let own = if share.index == holder.index { checked } else { Err("this is not your share".to_owned()) };
    own.map_err(|detail| Refusal::invalid("/share", "wrong_share", detail))?;
    let mut committee = opening_committees::find(conn, id)?.ok_or(Refusal::NotFound("rehearsal"))?;
    let now = clock::of(conn, &challenge)?;
    let event = committee.rehearse(&caller.actor, &challenge, now)?;
    opening_committees::rehearsed(conn, id, caller.actor.user, now)?;
    caller.record(conn, now, event)?;
    Ok(committee)
}

/// Refuses a publication unless the committee has rehearsed. Where nobody bids there is none.
pub(crate) fn require_ready(conn: &mut Conn, challenge: &Challenge) -> Result<()> {
    if !challenge.content.procedure.takes_bids() {
        return Ok(());
    }
    let panel = panels::find(conn, challenge.id)?;
    let keys = opening_keys::current_of(conn, &panel.opening_committee)?;
    let committee = opening_committees::find(conn, challenge.id)?;
    let officers = members::holders(conn, challenge.agency, Role::Officer)?;
    let officers: Vec<_> = officers.into_iter().map(|officer| officer.id).collect();
    Ok(Committee::require_ready(committee.as_ref(), &panel, &keys, &officers)?)
}
