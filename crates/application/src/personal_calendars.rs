//! A person's own dates, for their calendar program.
//!
//! Such programs know nothing but an address, so the secret is in it: it opens this and nothing else, and is kept as a hash.

use crate::{
    Caller, Result, bids, feeds,
    feeds::Entry,
    followers, obligations,
    tokens::{self, Secret},
};
use chrono::{DateTime, Utc};
use domain::{Actor, BidStatus, Event, Refusal, Subject, UserId};
use persistence::{Conn, calendar_tokens, obligations::Listed, sessions};

/// The most challenges that are followed, bids, and duties that are looked at.
const MOST: i64 = 200;

/// What a person's calendar shows.
#[derive(Debug, Clone, PartialEq)]
pub struct Calendar {
    /// The challenges that they follow or that their companies bid for.
    pub challenges: Vec<Entry>,
    /// What waits for them.
    pub duties: Vec<Listed>,
}

/// Makes a new secret in the place of the old one, which opens nothing from now on.
pub fn renew(conn: &mut Conn, caller: &Caller) -> Result<Secret> {
    let (secret, now) = (Secret::generate()?, conn.now()?);
    calendar_tokens::put(conn, caller.actor.user, &secret.hash(), now)?;
    caller.record(conn, now, event("user.calendar_token_issued", caller.actor.user))?;
    Ok(secret)
}

/// Since when the caller has one.
pub fn since(conn: &mut Conn, actor: &Actor) -> Result<DateTime<Utc>> {
    Ok(calendar_tokens::since(conn, actor.user)?.ok_or(Refusal::NotFound("calendar token"))?)
}

/// The secret opens nothing from now on.
pub fn revoke(conn: &mut Conn, caller: &Caller) -> Result<()> {
    if !calendar_tokens::delete(conn, caller.actor.user)? {
        return Err(Refusal::NotFound("calendar token").into());
    }
    let now = conn.now()?;
    caller.record(conn, now, event("user.calendar_token_revoked", caller.actor.user))
}

fn event(kind: &'static str, user: UserId) -> Event {
    Event::confidential(kind, Subject::User(user), None)
}

/// What the secret opens, with the rights that its owner has at this moment; nothing if their account is suspended,
/// deactivated or erased.
pub fn read(conn: &mut Conn, token: &str) -> Result<Calendar> {
    let now = conn.machine_now();
    let unknown = Refusal::NotFound("calendar");
    let owner = calendar_tokens::owner(conn, &tokens::hash(token))?.ok_or(unknown.clone())?;
    let mut actor = sessions::actor_of(conn, owner, now)?.ok_or(unknown)?;
    // The days of a sandbox are in no calendar.
    actor.memberships.retain(|membership| !membership.sandbox);
    let mut ids: Vec<_> = followers::list(conn, &actor, None, MOST)?.into_iter().map(|(id, _)| id).collect();
    let live = |status: BidStatus| status != BidStatus::Withdrawn;
    let own = bids::list_own(conn, &actor, None, MOST)?;
    ids.extend(own.iter().filter(|own| live(own.bid.status)).map(|own| own.bid.challenge));
    ids.sort();
    ids.dedup();
    let challenges = feeds::of(conn, Some(&actor), &ids)?;
    Ok(Calendar { challenges, duties: obligations::tasks(conn, &actor, None, MOST)? })
}
