//! Inviting the companies behind listings to challenges.

use crate::{Caller, Result, followers, mail, solutions::seen};
use chrono::{DateTime, Utc};
use domain::{
    Actor, Challenge, ChallengeId, Event, Organisation, OrganisationId, Refusal, SolutionId, SolutionInvitationId,
    solution::{SolutionInvitation, SolutionStatus},
};
use notifications::Message;
use persistence::{
    Conn,
    challenges::{self, Summary},
    organisations, solution_invitations as invitations, solutions,
};

/// An author or officer of an agency invites the company behind a listing; the company gets a mail.
pub fn invite(
    conn: &mut Conn,
    caller: &Caller,
    challenge: ChallengeId,
    solution: SolutionId,
    message: &str,
) -> Result<(SolutionInvitation, Organisation)> {
    let challenge = challenges::lock(conn, challenge)?;
    challenge.require_inviter(&caller.actor)?;
    let listed = solutions::find(conn, solution).map_err(Into::into);
    let listed = listed.and_then(|solution| seen(conn, Some(&caller.actor), solution)).map_err(as_field)?;
    // Whoever also belongs to the company sees more than the agency may.
    if listed.solution.status != SolutionStatus::Published || listed.company.suspension.is_some() {
        return Err(as_field(Refusal::NotFound("solution").into()));
    }
    let present = invitations::count(conn, challenge.id)?;
    let (id, now) = (conn.new_id(), conn.now()?);
    let invited = challenge.invite_solution(id, &caller.actor, &listed.solution, message, present, now);
    let (invitation, events) = invited?;
    invitations::insert(conn, &invitation)?;
    record(conn, caller, now, events)?;
    tell(conn, &challenge, &invitation, now)?;
    Ok((invitation, listed.company))
}

/// What may not be seen and what does not exist is the same wrong field.
fn as_field(error: crate::Error) -> crate::Error {
    match error {
        crate::Error::Refused(Refusal::NotFound(_)) => {
            Refusal::invalid("/solution", "unknown", "there is no such solution in the catalogue").into()
        }
        other => other,
    }
}

fn tell(conn: &mut Conn, challenge: &Challenge, invitation: &SolutionInvitation, now: DateTime<Utc>) -> Result<()> {
    let (challenge_title, challenge_reference) = mail::names(challenge);
    let message = Message::SolutionInvited {
        challenge_title,
        challenge_reference,
        agency: organisations::find(conn, challenge.agency)?.legal_name,
        solution_title: invitation.solution_title.clone(),
        words: invitation.message.clone(),
        deadline: challenge.next_deadline()?,
        link: mail::challenge_link(challenge.id),
    };
    mail::send_to_bidders(conn, invitation.company, &message, now)
}

/// All invitations to a challenge, with the companies, for its agency's members.
pub fn of_challenge(
    conn: &mut Conn,
    actor: &Actor,
    id: ChallengeId,
) -> Result<Vec<(SolutionInvitation, Organisation)>> {
    let challenge = challenges::find(conn, id)?;
    challenge.require_visible(Some(actor))?;
    challenge.require_own(actor)?;
    let found = invitations::of_challenge(conn, id)?;
    let companies = organisations::find_all(conn, &found.iter().map(|i| i.company).collect::<Vec<_>>())?;
    let with_company = |invitation: SolutionInvitation| {
        let company = companies.iter().find(|company| company.id == invitation.company)?.clone();
        Some((invitation, company))
    };
    Ok(found.into_iter().filter_map(with_company).collect())
}

/// Invitations that a company got, for its members, the newest first.
pub fn of_company(
    conn: &mut Conn,
    actor: &Actor,
    company: OrganisationId,
    after: Option<SolutionInvitationId>,
    limit: i64,
) -> Result<Vec<SolutionInvitation>> {
    organisations::find(conn, company)?.require_member(actor)?;
    Ok(invitations::page_of_company(conn, company, after, limit)?)
}

/// What lists show of the challenges of invitations: they are all public.
pub fn challenges_of(conn: &mut Conn, ids: &[ChallengeId]) -> Result<Vec<Summary>> {
    Ok(challenges::summaries_of(conn, ids)?)
}

/// The company looks at the challenge; whoever says so follows it from then on.
pub fn accept(conn: &mut Conn, caller: &Caller, id: SolutionInvitationId) -> Result<(SolutionInvitation, Summary)> {
    let mut invitation = invitations::lock(conn, id)?;
    let challenge = challenges::find(conn, invitation.challenge)?;
    let now = conn.now()?;
    let events = invitation.accept(&caller.actor, &challenge, now)?;
    invitations::update(conn, &invitation)?;
    record(conn, caller, now, events)?;
    followers::follow(conn, caller, challenge.id)?;
    with_challenge(conn, invitation)
}

/// The company does not, and says why.
pub fn decline(
    conn: &mut Conn,
    caller: &Caller,
    id: SolutionInvitationId,
    reason: &str,
) -> Result<(SolutionInvitation, Summary)> {
    let mut invitation = invitations::lock(conn, id)?;
    let now = conn.now()?;
    let events = invitation.decline(&caller.actor, reason, now)?;
    invitations::update(conn, &invitation)?;
    record(conn, caller, now, events)?;
    with_challenge(conn, invitation)
}

fn with_challenge(conn: &mut Conn, invitation: SolutionInvitation) -> Result<(SolutionInvitation, Summary)> {
    let found = challenges::summaries_of(conn, &[invitation.challenge])?.pop();
    Ok((invitation, found.ok_or(Refusal::NotFound("challenge"))?))
}

fn record(conn: &mut Conn, caller: &Caller, now: DateTime<Utc>, events: [Event; 2]) -> Result<()> {
    events.into_iter().try_for_each(|event| caller.record(conn, now, event))
}
