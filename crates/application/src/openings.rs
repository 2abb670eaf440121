//! Opening the box: two different members of the committee, after the deadline.

use crate::{
    Caller, Result,
    challenges::{Detail, detail, save},
};
use domain::{ChallengeId, ChallengeStatus, Event, Opening, Refusal, Role, Subject};
use persistence::{Conn, bids, challenges, panels};
use serde_json::json;

/// A challenge and who agreed to open it so far.
pub struct Opened {
    /// The challenge, opened or not yet.
    pub detail: Detail,
    /// The agreements.
    pub opening: Opening,
}

/// One member of the committee agrees; with the second agreement the box is opened.
pub fn approve(conn: &mut Conn, caller: &Caller, id: ChallengeId) -> Result<Opened> {
    challenges::lock_box(conn, id)?;
    let mut challenge = challenges::lock(conn, id)?;
    challenge.require_visible(Some(&caller.actor))?;
    caller.actor.require(Role::Officer, challenge.agency)?;
    challenge.require_takes_bids()?;
    challenge.require_status(&[ChallengeStatus::Closed], "closed")?;
    crate::extensions::require_decided(conn, id)?;
    let now = conn.now()?;
    if now < challenge.deadline()? {
        return Err(Refusal::DeadlineNotReached.into());
    }
    let panel = panels::find(conn, id)?;
    let mut opening = panels::opening(conn, id)?;
    opening.approve(&caller.actor, &panel, challenge.agency)?;
    panels::insert_approval(conn, id, caller.actor.user, now)?;
    let agreed = Event::confidential("challenge.opening_approved", Subject::Challenge(id), Some(challenge.agency))
        .with(json!({ "approvals": opening.approvals().len() }));
    caller.record(conn, now, agreed)?;
    if opening.is_complete() {
        let mut bids = bids::of_challenge(conn, id)?;
        for bid in &mut bids {
            bid.open()?;
            bids::update(conn, bid)?;
        }
        let event = challenge.open(&opening, bids.len(), now)?;
        save(conn, caller, &mut challenge, now, event)?;
    }
    Ok(Opened { detail: detail(conn, challenge)?, opening })
}
