//! Deciding who wins.

use crate::{
    Caller, Result, clock,
    evaluations::{self, Ranked},
    mail, periods,
};
use chrono::{DateTime, Utc};
use domain::{
    Actor, Award, Bid, BidId, BidStatus, Challenge, ChallengeId, Contract, Event, Organisation, OrganisationId,
    Ranking, Refusal, Role, Timeline,
};
use notifications::Message;
use persistence::{Conn, awards, awards::Recorded, bid_partners, bids, challenges, contracts, organisations};

/// An officer decides: freezes the ranking, concludes every bid, drafts the contracts, tells every bidder.
pub fn decide(
    conn: &mut Conn,
    caller: &Caller,
    id: ChallengeId,
    winners: &[BidId],
    reason: &str,
) -> Result<crate::challenges::Detail> {
    let mut challenge = challenges::lock(conn, id)?;
    challenge.require_visible(Some(&caller.actor))?;
    caller.actor.require(Role::Officer, challenge.agency)?;
    challenge.require_status(&[domain::ChallengeStatus::Evaluating], "evaluating")?;
    let ranking = evaluations::compute(conn, &challenge)?;
    let behind = behind(conn, &ranking)?;
    let now = clock::of(conn, &challenge)?;
    let award = Award::decide(&caller.actor, &challenge, ranking, &behind, winners, reason, now)?;
    let event = award_with_standstill(conn, &mut challenge, &award)?;
    crate::challenges::save(conn, caller, &mut challenge, now, event)?;
    awards::insert(conn, id, &award)?;
    for bid in &mut bids::of_challenge(conn, id)? {
        let won = award.winners.iter().any(|winner| winner.id == bid.id);
        if bid.status == BidStatus::Admitted {
            bid.conclude(won)?;
            bids::update(conn, bid)?;
        }
        if won {
            draft_contract(conn, caller, &challenge, bid, now)?;
        }
        tell_bidder(conn, &challenge, bid, won, now)?;
    }
    crate::challenges::detail(conn, challenge)
}

/// Who is behind each bid: its company, and the partners that stand by it.
fn behind(conn: &mut Conn, ranking: &Ranking) -> Result<Vec<(BidId, Organisation)>> {
    let bids: Vec<_> = ranking.rows.iter().map(|row| row.bid).collect();
    let mut behind: Vec<_> = ranking.rows.iter().map(|row| (row.bid, row.company)).collect();
    behind.extend(bid_partners::names_of(conn, &bids)?.into_iter().map(|(bid, partner, _)| (bid, partner)));
    let ids: Vec<_> = behind.iter().map(|(_, id)| *id).collect();
    let found = organisations::find_all(conn, &ids)?;
    let with_organisation = |(bid, id): (BidId, OrganisationId)| {
        found.iter().find(|organisation| organisation.id == id).map(|organisation| (bid, organisation.clone()))
    };
    Ok(behind.into_iter().filter_map(with_organisation).collect())
}

/// The award takes effect; the end of its standstill is kept with the challenge's other dates.
fn award_with_standstill(conn: &mut Conn, challenge: &mut Challenge, award: &Award) -> Result<Event> {
    let rules = periods::rules(conn, challenge)?;
    let (standstill, event) = challenge.award(award, &rules)?;
    let kept = persistence::periods::timeline(conn, challenge.id)?;
    let open_from = challenge.published_at.unwrap_or(award.decided_at);
    let timeline =
        kept.unwrap_or_else(|| challenge.content.timeline(&rules, open_from, challenge.first_stage.shortlisted_at));
    let timeline = Timeline { standstill: Some(standstill), ..timeline };
    persistence::periods::put_timeline(conn, challenge.id, &timeline)?;
    Ok(event)
}

/// Those who bid for the company now, who may be others than those who submitted. A disqualified bidder is told, too.
fn tell_bidder(conn: &mut Conn, challenge: &Challenge, bid: &Bid, won: bool, now: DateTime<Utc>) -> Result<()> {
    let (challenge_title, challenge_reference) = mail::names(challenge);
    let standstill_until = challenge.standstill_until.unwrap_or(now);
    let link = mail::challenge_link(challenge.id);
    let message = if won {
        Message::Awarded { challenge_title, challenge_reference, standstill_until, link }
    } else {
        Message::NotAwarded { challenge_title, challenge_reference, standstill_until, link }
    };
    mail::send_to_role(conn, bid.company, Role::Bidder, &message, now)
}

fn draft_contract(
    conn: &mut Conn,
    caller: &Caller,
    challenge: &Challenge,
    bid: &Bid,
    now: DateTime<Utc>,
) -> Result<()> {
    let sealed = || Refusal::Incomplete(format!("bid {} is still sealed", bid.id));
    let offer = bid.offer().ok_or_else(sealed)?;
    let ids: Vec<_> = offer.milestones.iter().map(|_| conn.new_id()).collect();
    let (contract, milestones, event) = Contract::from_award(conn.new_id(), &ids, challenge, bid, &offer, now);
    contracts::insert(conn, &contract, &milestones)?;
    caller.record(conn, now, event)
}

/// An award, as everybody sees it.
#[derive(Debug, Clone, PartialEq)]
pub struct Awarded {
    /// The challenge.
    pub challenge: Challenge,
    /// When it was decided.
    pub decided_at: DateTime<Utc>,
    /// Why.
    pub reason: String,
    /// The frozen ranking.
    pub ranked: Ranked,
}

/// The award of a challenge; public.
pub fn find(conn: &mut Conn, viewer: Option<&Actor>, id: ChallengeId) -> Result<Awarded> {
    let challenge = challenges::find(conn, id)?;
    challenge.require_visible(viewer)?;
    let Recorded { decided_at, reason, ranking, .. } = awards::find(conn, id)?.ok_or(Refusal::NotFound("award"))?;
    Ok(Awarded { challenge, decided_at, reason, ranked: evaluations::with_partners(conn, ranking)? })
}
