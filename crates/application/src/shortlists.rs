//! The first stage of two-stage challenges: when solutions are no longer taken, and who is invited to bid.

use crate::{
    Caller, Result,
    challenges::{Detail, detail},
    clock, mail, periods, record_unattended,
};
use chrono::{DateTime, Utc};
use domain::{Bid, BidStatus, Challenge, ChallengeId, Role, bid::BidStage, challenge::Shortlist};
use notifications::Message;
use persistence::{Conn, Scope, bids, challenges};

/// The most that one look finds; the next look finds the rest.
const BATCH: i64 = 100;

/// Published challenges whose deadline for solutions has passed, and whose officers were not told.
pub fn due(conn: &mut Conn, scope: Scope) -> Result<Vec<ChallengeId>> {
    let now = clock::of_scope(conn, scope)?;
    Ok(challenges::solutions_due(conn, scope, now, BATCH)?)
}

/// Tells the officers of one challenge that its solutions can be opened. Says false if somebody else was faster.
pub fn close(conn: &mut Conn, id: ChallengeId) -> Result<bool> {
    challenges::lock_box(conn, id)?;
    let mut challenge = challenges::lock(conn, id)?;
    let now = clock::of(conn, &challenge)?;
    let Ok(event) = challenge.close_solutions(now) else { return Ok(false) };
    challenges::update(conn, &mut challenge)?;
    record_unattended(conn, "scheduler", now, event)?;
    let (challenge_title, challenge_reference) = mail::names(&challenge);
    let message = Message::SolutionsClosed { challenge_title, challenge_reference, link: mail::challenge_link(id) };
    mail::send_to_role(conn, challenge.agency, Role::Officer, &message, now)?;
    Ok(true)
}

/// An officer decides who is invited to bid. Each company is told about its own solution, and about nobody else's.
pub fn decide(conn: &mut Conn, caller: &Caller, id: ChallengeId, shortlist: &Shortlist) -> Result<Detail> {
    challenges::lock_box(conn, id)?;
    let mut challenge = challenges::lock(conn, id)?;
    challenge.require_visible(Some(&caller.actor))?;
    let rules = periods::rules_in_force(conn, &challenge)?;
    let mut solutions = bids::of_stage(conn, id, BidStage::Solution)?;
    let now = clock::of(conn, &challenge)?;
    let (timeline, events) = challenge.shortlist(&caller.actor, &mut solutions, shortlist, &rules, now)?;
    challenges::update(conn, &mut challenge)?;
    persistence::periods::put_timeline(conn, id, &timeline)?;
    for event in events {
        caller.record(conn, now, event)?;
    }
    for solution in &mut solutions {
        if matches!(solution.status, BidStatus::Shortlisted | BidStatus::NotShortlisted) {
            bids::update(conn, solution)?;
        }
        tell(conn, &challenge, solution, now)?;
    }
    detail(conn, challenge)
}

/// Those who bid for the company now. One that was disqualified hears why, too.
fn tell(conn: &mut Conn, challenge: &Challenge, solution: &Bid, now: DateTime<Utc>) -> Result<()> {
    let (challenge_title, challenge_reference) = mail::names(challenge);
    let link = mail::challenge_link(challenge.id);
    let reason = solution.shortlist_reason.as_ref().or(solution.disqualification_reason.as_ref());
    let reason = reason.cloned().unwrap_or_default();
    let message = if solution.status == BidStatus::Shortlisted {
        let deadline = challenge.deadline()?;
        Message::Shortlisted { challenge_title, challenge_reference, reason, deadline, link }
    } else {
        Message::NotShortlisted { challenge_title, challenge_reference, reason, link }
    };
    mail::send_to_role(conn, solution.company, Role::Bidder, &message, now)
}
