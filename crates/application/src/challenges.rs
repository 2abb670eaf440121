//! Writing, reviewing, publishing and reading challenges.

use crate::{
    Caller, Result, clock, confidentiality, error::require_current, followers, mail, obligations, periods, revisions,
};
use chrono::{DateTime, Utc};
use domain::{
    Actor, Challenge, ChallengeId, ChallengeStatus, Event, ObligationKind, ObligationPolicy, Organisation,
    OrganisationId, Refusal, Role, Subject,
    bid::BidStage,
    challenge::{
        CancelReason, ChallengeClock, ChallengeDocument, CloseWithoutAwardReason, Content, Finding,
        ScheduledPublication, Suspension, require_fit_for_all, require_sound,
    },
};
use notifications::{Message, News};
use persistence::{
    Conn, bid_envelopes, bids, challenge_clocks, challenge_documents, challenge_suspensions,
    challenges::{self, After, Summary},
    contracts, organisations, panels, scheduled_publications,
};

/// A challenge with the name of its agency.
#[derive(Debug, Clone, PartialEq)]
pub struct Detail {
    /// The challenge.
    pub challenge: Challenge,
    /// Its agency's name.
    pub agency_name: String,
    /// Its documents, the oldest first.
    pub documents: Vec<ChallengeDocument>,
    /// Why it takes no bids, while it is suspended.
    pub suspension: Option<Suspension>,
    /// When it is published, if a time is set.
    pub scheduled: Option<ScheduledPublication>,
}

/// An author starts a draft.
pub fn draft(conn: &mut Conn, caller: &Caller, agency: OrganisationId, content: Content) -> Result<Detail> {
    let agency = own_agency(conn, caller, agency)?;
    start(conn, caller, agency, |id, reference, agency, now| {
        Challenge::draft(id, reference, &caller.actor, agency, content, now)
    })
}

/// An author starts a draft that says what another challenge says, but for its dates.
pub fn copy(conn: &mut Conn, caller: &Caller, id: ChallengeId, agency: OrganisationId) -> Result<Detail> {
    let content = challenges::find(conn, id)?.reusable(&caller.actor)?;
    draft(conn, caller, agency, content)
}

/// An author tries again what has ended.
pub fn relaunch(conn: &mut Conn, caller: &Caller, id: ChallengeId) -> Result<Detail> {
    let earlier = challenges::find(conn, id)?;
    earlier.require_visible(Some(&caller.actor))?;
    let agency = organisations::find(conn, earlier.agency)?;
    start(conn, caller, agency, |id, reference, agency, now| {
        earlier.relaunch(id, reference, &caller.actor, agency, now)
    })
}

/// One of the caller's own organisations, named in the body.
fn own_agency(conn: &mut Conn, caller: &Caller, agency: OrganisationId) -> Result<Organisation> {
    if !caller.actor.belongs_to(agency) {
        return Err(Refusal::invalid("/agency", "unknown", "you do not belong to this organisation").into());
    }
    Ok(organisations::find(conn, agency)?)
}

fn start(
    conn: &mut Conn,
    caller: &Caller,
    agency: Organisation,
    make: impl FnOnce(ChallengeId, String, &Organisation, DateTime<Utc>) -> domain::Result<(Challenge, Event)>,
) -> Result<Detail> {
    let now = conn.now()?;
    let present = if agency.sandbox { challenges::count_unended(conn, agency.id)? } else { 0 };
    Challenge::require_room(&agency, present)?;
    let id: ChallengeId = conn.new_id();
    let (challenge, event) = make(id, domain::challenge::reference(id, now), &agency, now)?;
    challenges::insert(conn, &challenge)?;
    if challenge.sandbox {
        challenge_clocks::put(conn, &ChallengeClock::real(id, now))?;
    }
    revisions::keep(conn, &challenge, caller.actor.user, now)?;
    caller.record(conn, now, event)?;
    load(conn, challenge, agency.legal_name)
}

/// A challenge, for those who may see it, with as much of it as they may.
pub fn find(conn: &mut Conn, viewer: Option<&Actor>, id: ChallengeId) -> Result<Detail> {
    let (mut challenge, agency_name) = challenges::find_with_agency(conn, id)?;
    challenge.require_visible(viewer)?;
    if !confidentiality::is_open_to(conn, viewer, &challenge)? {
        challenge.content = challenge.content.without_confidential_details();
    }
    load(conn, challenge, agency_name)
}

/// What is still missing or doubtful, for the agency's members.
pub fn checklist(conn: &mut Conn, actor: &Actor, id: ChallengeId) -> Result<Vec<Finding>> {
    let challenge = challenges::find(conn, id)?;
    challenge.require_history_visible(actor)?;
    let now = clock::of(conn, &challenge)?;
    let rules = periods::rules(conn, &challenge)?;
    Ok(challenge.content.checklist(&rules, now))
}

/// An agency's own challenges, drafts included, for its members.
pub fn list_of_agency(
    conn: &mut Conn,
    actor: &Actor,
    agency: OrganisationId,
    after: Option<After>,
    limit: i64,
) -> Result<Vec<Summary>> {
    organisations::find(conn, agency)?.require_member(actor)?;
    Ok(challenges::page_of_agency(conn, agency, after, limit)?)
}

/// An author changes the content: `change` gets the content as it is and gives it as it should be.
pub fn edit(
    conn: &mut Conn,
    caller: &Caller,
    id: ChallengeId,
    expected: Option<i32>,
    change: impl FnOnce(Content, &mut Conn) -> Result<Content>,
) -> Result<Detail> {
    let mut challenge = challenges::lock(conn, id)?;
    challenge.require_visible(Some(&caller.actor))?;
    require_current(challenge.version, expected)?;
    let now = clock::of(conn, &challenge)?;
    let content = change(challenge.content.clone(), conn)?;
    let event = challenge.edit(&caller.actor, content)?;
    revisions::keep(conn, &challenge, caller.actor.user, now)?;
    save(conn, caller, &mut challenge, now, event)?;
    detail(conn, challenge)
}

/// An author asks for a review.
pub fn submit_for_review(
    conn: &mut Conn,
    caller: &Caller,
    id: ChallengeId,
    policy: ObligationPolicy,
) -> Result<Detail> {
    let mut challenge = challenges::lock(conn, id)?;
    let now = clock::of(conn, &challenge)?;
    let event = challenge.submit_for_review(&caller.actor, now)?;
    require_sound(&challenge_documents::of_challenge(conn, id)?)?;
    periods::check(conn, &challenge, now)?;
    save(conn, caller, &mut challenge, now, event)?;
    let (challenge_title, link) = (challenge.content.title.clone(), mail::challenge_link(id));
    let message = Message::ReviewRequested { challenge_title, link };
    mail::send_to_role(conn, challenge.agency, Role::Officer, &message, now)?;
    let due = obligations::working_days(conn, &challenge, policy.review, now)?;
    obligations::open(conn, challenge.review_duty(), due, now)?;
    detail(conn, challenge)
}

/// An officer asks for changes.
pub fn request_changes(conn: &mut Conn, caller: &Caller, id: ChallengeId, comment: &str) -> Result<Detail> {
    let mut challenge = challenges::lock(conn, id)?;
    let now = clock::of(conn, &challenge)?;
    let event = challenge.request_changes(&caller.actor, comment)?;
    scheduled_publications::delete(conn, id)?;
    save(conn, caller, &mut challenge, now, event)?;
    obligations::meet(conn, ObligationKind::ReviewChallenge, &[Subject::Challenge(id)], now)?;
    let (challenge_title, link) = (challenge.content.title.clone(), mail::challenge_link(id));
    let message = Message::ChangesRequested { challenge_title, comment: comment.to_owned(), link };
    mail::send_to_user(conn, challenge.last_editor, &message, now)?;
    detail(conn, challenge)
}

/// A second person approves.
pub fn approve(conn: &mut Conn, caller: &Caller, id: ChallengeId) -> Result<Detail> {
    let mut challenge = challenges::lock(conn, id)?;
    challenge.require_visible(Some(&caller.actor))?;
    let panel = panels::find(conn, id)?;
    let now = clock::of(conn, &challenge)?;
    let event = challenge.approve(&caller.actor, &panel, now)?;
    periods::check(conn, &challenge, now)?;
    require_fit_for_all(&challenge_documents::of_challenge(conn, id)?)?;
    save(conn, caller, &mut challenge, now, event)?;
    obligations::meet(conn, ObligationKind::ReviewChallenge, &[Subject::Challenge(id)], now)?;
    detail(conn, challenge)
}

/// An officer cancels. Waits for bids that already hold a time of receipt.
pub fn cancel(conn: &mut Conn, caller: &Caller, id: ChallengeId, code: CancelReason, reason: &str) -> Result<Detail> {
    challenges::lock_box(conn, id)?;
    let mut challenge = challenges::lock(conn, id)?;
    let now = clock::of(conn, &challenge)?;
    let was_public = challenge.is_published();
    let event = challenge.cancel(&caller.actor, code, reason, now)?;
    scheduled_publications::delete(conn, id)?;
    bid_envelopes::forget_shares(conn, id)?;
    save(conn, caller, &mut challenge, now, event)?;
    if was_public {
        followers::tell(conn, &challenge, News::Cancelled { reason: reason.to_owned() }, now)?;
    }
    obligations::withdraw_all(conn, id, now)?;
    detail(conn, challenge)
}

/// An officer ends an evaluation without a winner.
pub fn close_without_award(
    conn: &mut Conn,
    caller: &Caller,
    id: ChallengeId,
    code: CloseWithoutAwardReason,
    reason: &str,
) -> Result<Detail> {
    challenges::lock_box(conn, id)?;
    let mut challenge = challenges::lock(conn, id)?;
    let solutions = bids::of_stage(conn, id, BidStage::Solution)?;
    let now = clock::of(conn, &challenge)?;
    let event = challenge.close_without_award(&caller.actor, &solutions, code, reason, now)?;
    bid_envelopes::forget_shares(conn, id)?;
    save(conn, caller, &mut challenge, now, event)?;
    obligations::withdraw_of_kind(conn, ObligationKind::AnswerQuestion, id, now)?;
    followers::tell(conn, &challenge, News::ClosedWithoutAward { reason: reason.to_owned() }, now)?;
    detail(conn, challenge)
}

/// An officer starts the pilots.
pub fn start_pilots(conn: &mut Conn, caller: &Caller, id: ChallengeId) -> Result<Detail> {
    let mut challenge = challenges::lock(conn, id)?;
    let contracts = contracts::of_challenge(conn, id)?;
    let now = clock::of(conn, &challenge)?;
    let event = challenge.start_pilots(&caller.actor, &contracts, now)?;
    save(conn, caller, &mut challenge, now, event)?;
    detail(conn, challenge)
}

/// A pilot manager ends the challenge after its last pilot.
pub fn complete(conn: &mut Conn, caller: &Caller, id: ChallengeId) -> Result<Detail> {
    let mut challenge = challenges::lock(conn, id)?;
    let contracts = contracts::of_challenge(conn, id)?;
    let now = clock::of(conn, &challenge)?;
    let event = challenge.complete(&caller.actor, &contracts, now)?;
    save(conn, caller, &mut challenge, now, event)?;
    detail(conn, challenge)
}

pub(crate) fn save(
    conn: &mut Conn,
    caller: &Caller,
    challenge: &mut Challenge,
    now: DateTime<Utc>,
    event: Event,
) -> Result<()> {
    challenges::update(conn, challenge)?;
    caller.record(conn, now, event)
}

pub(crate) fn detail(conn: &mut Conn, challenge: Challenge) -> Result<Detail> {
    let agency_name = organisations::find(conn, challenge.agency)?.legal_name;
    load(conn, challenge, agency_name)
}

/// Adds what belongs to a challenge in its state.
pub(crate) fn load(conn: &mut Conn, challenge: Challenge, agency_name: String) -> Result<Detail> {
    let documents = challenge_documents::of_challenge(conn, challenge.id)?;
    let (mut suspension, mut scheduled) = (None, None);
    match challenge.status {
        ChallengeStatus::Suspended => suspension = challenge_suspensions::last(conn, challenge.id)?,
        ChallengeStatus::Approved => scheduled = scheduled_publications::find(conn, challenge.id)?,
        _ => {}
    }
    Ok(Detail { challenge, agency_name, documents, suspension, scheduled })
}
