//! More time for bidders after an outage: found by the background, proposed to the officers, who decide with one call.

use crate::{
    Caller, Result, change_notices, clock, followers, mail, obligations, periods, questions, record_unattended,
    revisions,
};
use chrono::{DateTime, Utc};
use domain::{
    Actor, Challenge, ChallengeId, ExtensionProposalId, ObligationKind, ObligationPolicy, Outage, OutageId,
    OutagePolicy, Refusal, Role,
    challenge::{Extended, Extension, ExtensionProposal, Place},
    obligation::Due,
};
use notifications::Message;
use persistence::{
    Conn, challenge_revisions, challenges, extension_proposals as proposals, opening_committees,
    outages::{self, AfterDeadline},
};

/// The most that one look finds; the next look finds the rest.
const BATCH: i64 = 50;

/// The most proposals that are settled at once.
const MOST_SETTLED: i64 = 1000;

/// Who a proposal comes from.
const LEDGER: &str = "outages";

/// How long the officers have once the deadline has passed, in working days.
const DECISION_DAYS: u32 = 1;

/// A proposal, its outage, and what accepting it now would come to if nobody has decided yet.
pub type Proposed = (ExtensionProposal, Outage, Option<Extension>);

/// Outages whose challenges have not all been found yet.
pub fn unexamined(conn: &mut Conn) -> Result<Vec<OutageId>> {
    Ok(outages::unexamined(conn, BATCH)?)
}

/// Proposes extensions for some of the challenges that an outage touched. Gives where the next go on; none if all were
/// found. Doing it twice does no harm.
pub fn examine(
    conn: &mut Conn,
    policy: &OutagePolicy,
    id: OutageId,
    after: Option<AfterDeadline>,
) -> Result<Option<AfterDeadline>> {
    let (outage, _) = outages::find(conn, id)?;
    let found = outages::perhaps_touched(conn, &outage, policy.window, after, BATCH)?;
    for (_, challenge) in &found {
        propose(conn, policy, *challenge, &outage)?;
    }
    if i64::try_from(found.len()).is_ok_and(|found| found == BATCH) {
        return Ok(found.last().copied());
    }
    let now = conn.now()?;
    outages::note_examined(conn, id, now)?;
    Ok(None)
}

fn propose(conn: &mut Conn, policy: &OutagePolicy, id: ChallengeId, outage: &Outage) -> Result<()> {
    let challenge = challenges::lock(conn, id)?;
    if !challenge.is_touched_by(outage, policy.window) || proposals::exists(conn, id, outage.id)? {
        return Ok(());
    }
    let now = clock::of(conn, &challenge)?;
    let (proposal, event) = challenge.propose_extension(conn.new_id(), outage, now)?;
    proposals::insert(conn, &proposal)?;
    record_unattended(conn, LEDGER, now, event)?;
    let due = decision_due(conn, &challenge, now)?;
    obligations::open(conn, challenge.extension_duty(&proposal), due, now)?;
    tell_officers(conn, &challenge, outage, now)
}

/// Before the deadline if that still lies ahead; else by the end of the next working day.
fn decision_due(conn: &mut Conn, challenge: &Challenge, now: DateTime<Utc>) -> Result<Due> {
    let deadline = challenge.stage_deadline(challenge.stage())?;
    if deadline > now {
        return Ok(Due { at: deadline, computed: None });
    }
    obligations::working_days(conn, challenge, DECISION_DAYS, now)
}

fn tell_officers(conn: &mut Conn, challenge: &Challenge, outage: &Outage, now: DateTime<Utc>) -> Result<()> {
    let (challenge_title, challenge_reference) = mail::names(challenge);
    let (started_at, ended_at) = (outage.started_at, outage.ended_at);
    let link = format!("{}/extension-proposals", mail::challenge_link(challenge.id));
    let message = Message::ExtensionProposed {
        challenge_title,
        challenge_reference,
        started_at,
        ended_at,
        deadline: challenge.stage_deadline(challenge.stage())?,
        link,
    };
    mail::send_to_role(conn, challenge.agency, Role::Officer, &message, now)
}

/// Some proposals of a challenge, the newest first, for the agency's members.
pub fn list(
    conn: &mut Conn,
    actor: &Actor,
    policy: &OutagePolicy,
    id: ChallengeId,
    before: Option<ExtensionProposalId>,
    limit: i64,
) -> Result<Vec<Proposed>> {
    let challenge = challenges::find(conn, id)?;
    challenge.require_proposals_visible(actor)?;
    let extension = would_be(conn, policy, &challenge)?;
    let page = proposals::page(conn, id, before, limit)?;
    let with = |(proposal, outage): (ExtensionProposal, Outage)| {
        let extension = extension.clone().filter(|_| proposal.decision.is_none());
        (proposal, outage, extension)
    };
    Ok(page.into_iter().map(with).collect())
}

/// What accepting now would come to.
fn would_be(conn: &mut Conn, policy: &OutagePolicy, challenge: &Challenge) -> Result<Option<Extension>> {
    let open = proposals::open_of(conn, challenge.id, MOST_SETTLED)?;
    if open.is_empty() {
        return Ok(None);
    }
    let lost = domain::outage::lost(&outages_of(conn, &open)?);
    let rules = periods::rules_in_force(conn, challenge)?;
    let now = clock::of(conn, challenge)?;
    Ok(Some(rules.extension_after_outage(policy, challenge.stage_deadline(challenge.stage())?, lost, now)))
}

/// An officer gives bidders more time: the deadline moves, on account of all outages that are proposed and undecided. Waits
/// for bids that already hold a time of receipt. Whatever was closed and not opened takes bids again, and owes answers again.
/// Everybody who follows the challenge or bids is told.
pub fn accept(
    conn: &mut Conn,
    caller: &Caller,
    (policy, clocks): (&OutagePolicy, ObligationPolicy),
    id: ChallengeId,
    proposal: ExtensionProposalId,
) -> Result<Proposed> {
    challenges::lock_box(conn, id)?;
    let mut challenge = challenges::lock(conn, id)?;
    let chosen = find(conn, caller, &challenge, proposal)?;
    let mut settled = match &chosen.decision {
        Some(_) => vec![chosen],
        None => proposals::open_of(conn, id, MOST_SETTLED)?,
    };
    let because = outages_of(conn, &settled)?;
    let rules = periods::rules_in_force(conn, &challenge)?;
    let revision = challenge_revisions::last(conn, id)?.map_or(0, |last| last.number);
    let place = Place { id: conn.new_id(), present: persistence::change_notices::count(conn, id)?, revision };
    let began = opening_committees::has_opening_begun(conn, id, challenge.stage())?;
    let now = clock::of(conn, &challenge)?;
    let grounds = (settled.as_mut_slice(), because.as_slice());
    let extended = challenge.extend_after_outage(&caller.actor, grounds, (place, began), (&rules, policy), now)?;
    let reopened = extended.reopened;
    keep(conn, caller, &mut challenge, extended, now)?;
    if reopened {
        questions::wait_again(conn, &challenge, clocks, now)?;
    }
    for proposal in &settled {
        proposals::decide(conn, proposal)?;
    }
    let subjects: Vec<_> = settled.iter().map(ExtensionProposal::subject).collect();
    obligations::meet(conn, ObligationKind::DecideExtension, &subjects, now)?;
    with_outage(conn, proposal)
}

fn keep(
    conn: &mut Conn,
    caller: &Caller,
    challenge: &mut Challenge,
    extended: Extended,
    now: DateTime<Utc>,
) -> Result<()> {
    let Extended { notice, timeline, events, .. } = extended;
    revisions::keep(conn, challenge, caller.actor.user, now)?;
    persistence::change_notices::insert(conn, &notice)?;
    challenges::update(conn, challenge)?;
    for event in events {
        caller.record(conn, now, event)?;
    }
    persistence::periods::put_timeline(conn, challenge.id, &timeline)?;
    change_notices::remind_again(conn, challenge, now)?;
    followers::tell(conn, challenge, change_notices::news(&notice, challenge.next_deadline()?), now)
}

/// An officer gives bidders no more time, and says to everybody why.
pub fn dismiss(
    conn: &mut Conn,
    caller: &Caller,
    id: ChallengeId,
    proposal: ExtensionProposalId,
    reason: &str,
) -> Result<Proposed> {
    let challenge = challenges::lock(conn, id)?;
    let mut chosen = find(conn, caller, &challenge, proposal)?;
    let now = clock::of(conn, &challenge)?;
    let event = challenge.dismiss_extension(&caller.actor, &mut chosen, reason, now)?;
    proposals::decide(conn, &chosen)?;
    caller.record(conn, now, event)?;
    obligations::meet(conn, ObligationKind::DecideExtension, &[chosen.subject()], now)?;
    with_outage(conn, proposal)
}

/// Refuses as long as the deadline of a challenge may still be moved because of an outage: nobody opens it before.
pub(crate) fn require_decided(conn: &mut Conn, id: ChallengeId) -> Result<()> {
    match proposals::open_of(conn, id, 1)?.is_empty() {
        true => Ok(()),
        false => Err(Refusal::ExtensionPending.into()),
    }
}

fn find(conn: &mut Conn, caller: &Caller, challenge: &Challenge, id: ExtensionProposalId) -> Result<ExtensionProposal> {
    challenge.require_proposals_visible(&caller.actor)?;
    let found = proposals::find(conn, id)?;
    if found.challenge == challenge.id { Ok(found) } else { Err(Refusal::NotFound("extension proposal").into()) }
}

fn with_outage(conn: &mut Conn, id: ExtensionProposalId) -> Result<Proposed> {
    let proposal = proposals::find(conn, id)?;
    let (outage, _) = outages::find(conn, proposal.outage)?;
    Ok((proposal, outage, None))
}

fn outages_of(conn: &mut Conn, proposals: &[ExtensionProposal]) -> Result<Vec<Outage>> {
    let ids: Vec<_> = proposals.iter().map(|proposal| proposal.outage).collect();
    Ok(outages::find_all(conn, &ids)?)
}
