//! That people agree to be named in the team of a bid: a company asks, and whoever reads the mail answers, with or without an
//! account.

use crate::{
    Caller, Result,
    attempts::{self, Counter},
    clock, mail,
    tokens::{self, Secret},
};
use domain::{
    Actor, Bid, Challenge, ChallengeId, FieldError, OrganisationId, Refusal, Role, TeamConsent, TeamConsentId,
    bid::BidDocument,
    team_consent::{KEPT_WITHOUT_BID, NewTeamConsent, consent_problems},
};
use notifications::{Message, TeamConsentAsked};
use persistence::{
    Conn, Scope,
    challenges::{self, Summary},
    organisations, team_consents,
};

/// A consent that was just asked for.
pub struct Sent {
    /// What is asked.
    pub consent: TeamConsent,
    /// The token in the link; for nobody but whoever reads the mail.
    pub token: Secret,
}

/// What the page behind the link shows.
pub struct Shown {
    /// What is asked.
    pub consent: TeamConsent,
    /// The name of the company.
    pub company: String,
    /// The challenge.
    pub challenge: Summary,
}

/// Somebody who bids for a company asks a person, who gets a mail with a link.
pub fn ask(
    conn: &mut Conn,
    caller: &Caller,
    challenge: ChallengeId,
    company: OrganisationId,
    new: &NewTeamConsent,
) -> Result<Sent> {
    let challenge = challenges::find(conn, challenge)?;
    challenge.require_visible(Some(&caller.actor))?;
    if !caller.actor.belongs_to(company) {
        return Err(Refusal::invalid("/company", "unknown", "you do not belong to this organisation").into());
    }
    let present = team_consents::lock_count(conn, challenge.id, company)?;
    let company = organisations::find(conn, company)?;
    let now = clock::of(conn, &challenge)?;
    let (consent, event) = TeamConsent::ask(conn.new_id(), &caller.actor, &challenge, &company, new, present, now)?;
    if let Some(email) = consent.email.as_ref().filter(|_| challenge.sandbox) {
        // Where time flies, the pause before a request is taken back keeps nobody from asking again and again.
        attempts::count(conn, &[Counter::asked_in_sandboxes(email), Counter::asking_in_sandboxes(caller.actor.user)])?;
    }
    let token = Secret::generate()?;
    team_consents::insert(conn, &consent, &token.hash())?;
    caller.record(conn, now, event)?;
    send(conn, &challenge, company.legal_name, &consent, &token)?;
    Ok(Sent { consent, token })
}

/// Whom the caller's companies asked about a challenge, in the order in which they were asked: of those companies in which
/// the caller bids.
pub fn list(
    conn: &mut Conn,
    actor: &Actor,
    challenge: ChallengeId,
    after: Option<TeamConsentId>,
    limit: i64,
) -> Result<Vec<TeamConsent>> {
    challenges::find(conn, challenge)?.require_visible(Some(actor))?;
    let companies = actor.memberships.iter().map(|membership| membership.organisation);
    let companies: Vec<_> = companies.filter(|company| actor.holds(Role::Bidder, *company)).collect();
    Ok(team_consents::page(conn, challenge, &companies, after, limit)?)
}

/// A company does not ask any more; what the person said is forgotten.
pub fn take_back_request(conn: &mut Conn, caller: &Caller, id: TeamConsentId) -> Result<()> {
    team_consents::find(conn, id)?.require_visible(&caller.actor)?;
    let consent = team_consents::lock(conn, id)?;
    let challenge = challenges::find(conn, consent.challenge)?;
    let now = clock::of(conn, &challenge)?;
    let event = consent.take_back_request(&caller.actor, &challenge, now)?;
    team_consents::delete(conn, id)?;
    caller.record(conn, now, event)
}

/// What is asked, for whoever holds the link.
pub fn look(conn: &mut Conn, token: &str) -> Result<Shown> {
    let consent = find_by_token(conn, token)?;
    show(conn, consent)
}

/// Whoever holds the link agrees, or does not, or not any more.
pub fn answer(conn: &mut Conn, request_id: &str, token: &str, agrees: bool) -> Result<Shown> {
    let found = find_by_token(conn, token)?;
    challenges::lock_box_shared(conn, found.challenge)?;
    let mut consent = team_consents::lock(conn, found.id)?;
    let challenge = challenges::find(conn, consent.challenge)?;
    let now = clock::of(conn, &challenge)?;
    let event = if agrees { consent.agree(&challenge, now)? } else { consent.refuse(now)? };
    team_consents::update(conn, &consent)?;
    crate::record_unattended(conn, request_id, now, event)?;
    show(conn, consent)
}

/// Forgets what companies asked that did not bid.
pub(crate) fn forget(conn: &mut Conn, scope: Scope) -> Result<()> {
    let now = clock::of_scope(conn, scope)?;
    Ok(team_consents::purge(conn, scope, now - KEPT_WITHOUT_BID)?)
}

/// The consents that may be about the team of these bids, as far as they are open.
pub(crate) fn of_bids(conn: &mut Conn, bids: &[Bid]) -> Result<Vec<TeamConsent>> {
    let teams =
        bids.iter().filter(|bid| bid.quality.as_ref().is_some_and(|quality| !quality.particulars.team.is_empty()));
    let (challenges, companies): (Vec<_>, Vec<_>) = teams.map(|bid| (bid.challenge, bid.company)).unzip();
    if challenges.is_empty() { Ok(Vec::new()) } else { Ok(team_consents::of_all(conn, &challenges, &companies)?) }
}

/// Who of the team that a bid names agreed, if the bid is open.
pub(crate) fn of_team(bid: &Bid, consents: &[TeamConsent]) -> Vec<Option<TeamConsent>> {
    bid.team_consents(consents).into_iter().map(Option::<&TeamConsent>::cloned).collect()
}

/// What is formally wrong with a bid, the consents of its team included.
pub(crate) fn problems(
    bid: &Bid,
    challenge: &Challenge,
    documents: &[BidDocument],
    consents: &[TeamConsent],
) -> Vec<FieldError> {
    let mut problems = bid.problems(challenge, documents);
    problems.extend(consent_problems(&bid.team_consents(consents), challenge.content.submission_deadline));
    problems
}

fn find_by_token(conn: &mut Conn, token: &str) -> Result<TeamConsent> {
    Ok(team_consents::find_by_token(conn, &tokens::hash(token))?.ok_or(Refusal::TokenInvalid)?)
}

fn show(conn: &mut Conn, consent: TeamConsent) -> Result<Shown> {
    let challenge = challenges::summaries_of(conn, &[consent.challenge])?.pop();
    let company = organisations::find(conn, consent.company)?.legal_name;
    Ok(Shown { consent, company, challenge: challenge.ok_or(Refusal::NotFound("challenge"))? })
}

fn send(conn: &mut Conn, challenge: &Challenge, company: String, consent: &TeamConsent, token: &Secret) -> Result<()> {
    let Some(email) = &consent.email else { return Ok(()) };
    let (challenge_title, challenge_reference) = mail::names(challenge);
    let message = Message::TeamConsentAsked(TeamConsentAsked {
        challenge_title,
        challenge_reference,
        company,
        role: consent.role.clone(),
        deadline: challenge.deadline()?,
        link: format!("/team-consent?token={}", token.reveal()),
    });
    mail::send_to_address(conn, &consent.name, email, &message, consent.asked_at)
}
