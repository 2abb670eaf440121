//! Why companies do not bid: what they say, and what agencies learn of it.

use crate::{Caller, Result, clock, error::require_current};
use chrono::{DateTime, Utc};
use domain::{
    Actor, ChallengeId, NoBid, NoBidId, OrganisationId, Refusal,
    no_bid::{NoBidReason, Said, no_bid_counts},
};
use persistence::{
    Conn, bids,
    challenges::{self, Summary},
    no_bids, organisations,
};

/// What a company said, with its challenge.
pub type WithChallenge = (NoBid, Summary);

/// Somebody says why their company does not bid.
pub fn give(
    conn: &mut Conn,
    caller: &Caller,
    challenge: ChallengeId,
    company: OrganisationId,
    said: Said,
) -> Result<WithChallenge> {
    let challenge = challenges::find(conn, challenge)?;
    challenge.require_visible(Some(&caller.actor))?;
    if !caller.actor.belongs_to(company) {
        return Err(Refusal::invalid("/company", "unknown", "you do not belong to this organisation").into());
    }
    no_bids::lock_company(conn, company)?;
    let company = organisations::find(conn, company)?;
    let has_bid = takes_part(conn, challenge.id, company.id)?;
    let now = clock::of(conn, &challenge)?;
    let (no_bid, event) = NoBid::give(conn.new_id(), &caller.actor, &challenge, &company, said, has_bid, now)?;
    no_bids::insert(conn, &no_bid)?;
    caller.record(conn, now, event)?;
    with_challenge(conn, no_bid)
}

/// Whether a company has handed in something that counts as taking part.
fn takes_part(conn: &mut Conn, challenge: ChallengeId, company: OrganisationId) -> Result<bool> {
    let solution = bids::solution_of(conn, challenge, company)?;
    Ok(solution.is_some_and(|solution| solution.takes_part()) || bids::live(conn, challenge, company)?.is_some())
}

/// What a company said, for its members.
pub fn find(conn: &mut Conn, actor: &Actor, id: NoBidId) -> Result<WithChallenge> {
    let no_bid = no_bids::find(conn, id)?;
    no_bid.require_visible(actor)?;
    with_challenge(conn, no_bid)
}

/// What a company said about challenges, for its members, the newest first.
pub fn list(
    conn: &mut Conn,
    actor: &Actor,
    company: OrganisationId,
    after: Option<NoBidId>,
    limit: i64,
) -> Result<Vec<WithChallenge>> {
    organisations::find(conn, company)?.require_member(actor)?;
    let found = no_bids::page_of_company(conn, company, after, limit)?;
    let ids: Vec<_> = found.iter().map(|no_bid| no_bid.challenge).collect();
    let summaries = challenges::summaries_of(conn, &ids)?;
    let summary = |id| summaries.iter().find(|summary| summary.id == id).cloned();
    let shown = |no_bid: NoBid| summary(no_bid.challenge).map(|summary| (no_bid, summary));
    Ok(found.into_iter().filter_map(shown).collect())
}

/// The company says something else.
pub fn change(
    conn: &mut Conn,
    caller: &Caller,
    id: NoBidId,
    expected: Option<i32>,
    said: Said,
) -> Result<WithChallenge> {
    let mut no_bid = lock(conn, &caller.actor, id)?;
    let challenge = challenges::find(conn, no_bid.challenge)?;
    let now = clock::of(conn, &challenge)?;
    let event = no_bid.change(&caller.actor, &challenge, said, now)?;
    require_current(no_bid.version, expected)?;
    no_bids::update(conn, &mut no_bid)?;
    caller.record(conn, now, event)?;
    with_challenge(conn, no_bid)
}

/// The company takes it back.
pub fn withdraw(conn: &mut Conn, caller: &Caller, id: NoBidId) -> Result<()> {
    let no_bid = lock(conn, &caller.actor, id)?;
    let challenge = challenges::find(conn, no_bid.challenge)?;
    let now = clock::of(conn, &challenge)?;
    let event = no_bid.withdraw(&caller.actor, &challenge, now)?;
    no_bids::delete(conn, id)?;
    caller.record(conn, now, event)
}

/// The company bids after all: its bid was just stored, and what it said before is forgotten.
pub(crate) fn end(
    conn: &mut Conn,
    caller: &Caller,
    challenge: ChallengeId,
    company: OrganisationId,
    now: DateTime<Utc>,
) -> Result<()> {
    match no_bids::take(conn, challenge, company)? {
        Some(no_bid) => caller.record(conn, now, no_bid.end()),
        None => Ok(()),
    }
}

/// What the agency learns of the reasons.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statistics {
    /// Until when companies can say more; never, if the challenge has no deadline.
    pub until: Option<DateTime<Utc>>,
    /// Whether they are shown.
    pub shown: bool,
    /// How many companies gave each reason, the most frequent first; rare ones are left out.
    pub counts: Vec<(NoBidReason, i64)>,
}

/// How many companies gave which reason, for the agency's people.
pub fn statistics(conn: &mut Conn, actor: &Actor, challenge: ChallengeId) -> Result<Statistics> {
    let challenge = challenges::find(conn, challenge)?;
    challenge.require_own(actor)?;
    let now = clock::of(conn, &challenge)?;
    let shown = challenge.shows_no_bids(now);
    let counts = if shown { no_bid_counts(no_bids::counts(conn, challenge.id)?) } else { Vec::new() };
    Ok(Statistics { until: challenge.no_bids_until(), shown, counts })
}

/// Some of the comments that companies share, for the agency's people, in no order that means anything; none until they
/// are shown. Each has its place.
pub fn comments(
    conn: &mut Conn,
    actor: &Actor,
    challenge: ChallengeId,
    after: Option<i64>,
    limit: i64,
) -> Result<Vec<(i64, String)>> {
    let challenge = challenges::find(conn, challenge)?;
    challenge.require_own(actor)?;
    let now = clock::of(conn, &challenge)?;
    if !challenge.shows_no_bids(now) {
        return Ok(Vec::new());
    }
    Ok(no_bids::shared_comments(conn, challenge.id, after, limit)?)
}

fn lock(conn: &mut Conn, actor: &Actor, id: NoBidId) -> Result<NoBid> {
    no_bids::find(conn, id)?.require_visible(actor)?;
    Ok(no_bids::lock(conn, id)?)
}

fn with_challenge(conn: &mut Conn, no_bid: NoBid) -> Result<WithChallenge> {
    let found = challenges::summaries_of(conn, &[no_bid.challenge])?.pop();
    Ok((no_bid, found.ok_or(Refusal::NotFound("challenge"))?))
}
