//! Letting people into an organisation by a link in a mail. The link proves the address: whoever holds it joins with the
//! account of that address, and makes one if there is none.

use crate::{
    Caller, Result, accounts as people, mail, terms,
    tokens::{self, Secret},
};
use chrono::{DateTime, TimeDelta, Utc};
use domain::{
    Actor, Checks, Invitation, InvitationId, Member, OrganisationId, Refusal,
    account::{Registration, User},
    invitation::{InvitationStatus, NewInvitation},
};
use notifications::Message;
use persistence::{Conn, accounts, invitations, members, organisations};

/// An invitation that was just sent.
pub struct Sent {
    /// The invitation.
    pub invitation: Invitation,
    /// The token in its link; for nobody but whoever reads the mail.
    pub token: Secret,
}

/// What the page behind the link shows.
pub struct Shown {
    /// The invitation.
    pub invitation: Invitation,
    /// The legal name of the organisation.
    pub organisation: String,
    /// The name of the owner who invites.
    pub invited_by: String,
    /// Whether the invited address has an account.
    pub has_account: bool,
    /// The version of the terms of use that must be accepted along with it; zero for none.
    pub terms: i32,
}

/// An owner invites somebody; an older invitation to the same address is replaced.
pub fn invite(conn: &mut Conn, caller: &Caller, id: OrganisationId, new: NewInvitation) -> Result<Sent> {
    let organisation = organisations::find(conn, id)?;
    organisation.require_owner(&caller.actor)?;
    let mut open = invitations::lock_count(conn, id, conn.machine_now())?;
    let now = conn.now()?;
    let older = match domain::account::Email::parse(&new.email) {
        Ok(email) if members::has_address(conn, id, &email)? => return Err(Refusal::AlreadyMember.into()),
        Ok(email) => invitations::find_open(conn, id, &email)?,
        Err(_) => None,
    };
    open -= usize::from(older.as_ref().is_some_and(|older| older.require_open(now).is_ok())).min(open);
    let (invitation, event) = organisation.invite(conn.new_id(), &caller.actor, new, open, now)?;
    if let Some(mut older) = older {
        let event = older.revoke(now)?;
        invitations::close(conn, &older)?;
        caller.record(conn, now, event)?;
    }
    let token = Secret::generate()?;
    invitations::insert(conn, &invitation, &token.hash())?;
    caller.record(conn, now, event)?;
    send(conn, &invitation, &token, now)?;
    Ok(Sent { invitation, token })
}

/// An owner has the mail sent again, with a new link.
pub fn send_again(
    conn: &mut Conn,
    caller: &Caller,
    organisation: OrganisationId,
    id: InvitationId,
) -> Result<Invitation> {
    let mut invitation = find(conn, &caller.actor, organisation, id)?;
    let (now, before) = (conn.now()?, invitation.sent_at);
    let event = invitation.send_again(now)?;
    let token = Secret::generate()?;
    invitations::send_again(conn, &invitation, before, &token.hash())?;
    caller.record(conn, now, event)?;
    send(conn, &invitation, &token, now)?;
    Ok(invitation)
}

/// An owner takes an invitation back.
pub fn revoke(conn: &mut Conn, caller: &Caller, organisation: OrganisationId, id: InvitationId) -> Result<()> {
    let mut invitation = find(conn, &caller.actor, organisation, id)?;
    let now = conn.now()?;
    let event = invitation.revoke(now)?;
    invitations::close(conn, &invitation)?;
    caller.record(conn, now, event)
}

/// An invitation, for owners.
pub fn find(conn: &mut Conn, actor: &Actor, organisation: OrganisationId, id: InvitationId) -> Result<Invitation> {
    organisations::find(conn, organisation)?.require_owner(actor)?;
    Ok(invitations::find(conn, organisation, id)?)
}

/// Some invitations of an organisation, the newest first, for owners; of one status, if one is given.
pub fn list(
    conn: &mut Conn,
    actor: &Actor,
    id: OrganisationId,
    status: Option<InvitationStatus>,
    after: Option<InvitationId>,
    limit: i64,
) -> Result<Vec<Invitation>> {
    organisations::find(conn, id)?.require_owner(actor)?;
    let now = conn.now()?;
    Ok(invitations::page(conn, id, status, now, after, limit)?)
}

/// What an open invitation says, for whoever holds its link.
pub fn look(conn: &mut Conn, token: &str) -> Result<Shown> {
    let now = conn.now()?;
    let invitation = find_open(conn, token, now)?;
    let (organisation, invited_by) = invitations::names(conn, &invitation)?;
    let user = accounts::find_by_email(conn, &invitation.email)?;
    let terms = terms::to_accept(conn, user.as_ref().map(|user| user.id))?;
    Ok(Shown { invitation, organisation, invited_by, has_account: user.is_some(), terms })
}

/// What whoever holds the link sends along to accept.
pub struct Acceptance {
    /// The token in the link.
    pub token: String,
    /// Who is logged in, if anybody is: it must be the person invited.
    pub actor: Option<Actor>,
    /// The account to make, for an address that has none.
    pub registration: Option<Registration>,
    /// The version of the terms of use that the person accepts; zero for none.
    pub accepted_terms: i32,
    /// How long certifications last.
    pub certification: Option<TimeDelta>,
}

impl Acceptance {
    /// With nothing but the link.
    pub fn new(token: &str) -> Self {
        Self { token: token.to_owned(), actor: None, registration: None, accepted_terms: 0, certification: None }
    }
}

/// Whoever holds the link joins.
pub fn accept(conn: &mut Conn, request_id: &str, acceptance: Acceptance) -> Result<Member> {
    let now = conn.now()?;
    let mut invitation = find_open(conn, &acceptance.token, now)?;
    let certification = acceptance.certification;
    let user = joining(conn, request_id, &invitation, acceptance)?;
    let organisation = organisations::find(conn, invitation.organisation)?;
    let members = members::lock_count(conn, invitation.organisation)?;
    let (member, event) = invitation.accept(conn.new_id(), &organisation, members, &user, certification, now)?;
    invitations::close(conn, &invitation)?;
    members::insert(conn, &member)?;
    by(user.id, request_id).record(conn, now, event)?;
    Ok(member)
}

/// Whoever holds the link says no.
pub fn decline(conn: &mut Conn, request_id: &str, token: &str) -> Result<()> {
    let now = conn.now()?;
    let mut invitation = find_open(conn, token, now)?;
    let event = invitation.decline(now)?;
    invitations::close(conn, &invitation)?;
    crate::record_unattended(conn, request_id, now, event)
}

/// The person who joins, with the terms of use accepted.
fn joining(conn: &mut Conn, request_id: &str, invitation: &Invitation, acceptance: Acceptance) -> Result<User> {
    let known = accounts::find_by_email(conn, &invitation.email)?;
    let other = |actor: &Actor| known.as_ref().is_none_or(|user| user.id != actor.user);
    if acceptance.actor.as_ref().is_some_and(other) {
        return Err(Refusal::OtherAddress.into());
    }
    match (known, acceptance.registration) {
        (Some(user), None) => {
            terms::accept_along(conn, request_id, user.id, acceptance.accepted_terms)?;
            Ok(user)
        }
        (None, Some(registration)) => {
            terms::check(conn, &registration)?;
            let id = people::create(conn, request_id, registration, false)?;
            people::find(conn, id)
        }
        (Some(_), Some(_)) => {
            let detail = "this address has an account, whose name and password stay as they are";
            Err(Refusal::invalid("/password", "not_allowed", detail).into())
        }
        (None, None) => Err(unnamed()),
    }
}

/// Name and password are needed for an address without an account.
fn unnamed() -> crate::Error {
    let mut checks = Checks::new();
    for field in ["/name", "/password"] {
        checks.require(false, field, "required", "this address has no account yet");
    }
    checks.done().err().unwrap_or(Refusal::TokenInvalid).into()
}

fn find_open(conn: &mut Conn, token: &str, now: DateTime<Utc>) -> Result<Invitation> {
    let found = invitations::find_by_token(conn, &tokens::hash(token))?.ok_or(Refusal::TokenInvalid)?;
    found.require_open(now)?;
    Ok(found)
}

fn by(user: domain::UserId, request_id: &str) -> Caller {
    Caller { actor: Actor::new(user), request_id: request_id.to_owned() }
}

fn send(conn: &mut Conn, invitation: &Invitation, token: &Secret, now: DateTime<Utc>) -> Result<()> {
    let (organisation, invited_by) = invitations::names(conn, invitation)?;
    let message = Message::Invitation {
        organisation,
        invited_by,
        roles: invitation.roles.iter().map(|role| role.as_str().to_owned()).collect(),
        words: invitation.message.clone().unwrap_or_default(),
        expires_at: invitation.expires_at,
        link: format!("/invitation?token={}", token.reveal()),
    };
    // The person need not have an account; the name, if there is one, is nobody else's business.
    mail::send_to_address(conn, "", &invitation.email, &message, now)
}
