//! Registering and confirming an address.

use crate::{
    Caller, Result,
    attempts::{self, Counter},
    mail, record_unattended, terms,
    tokens::Secret,
};
use domain::{
    Event, Refusal, SessionId, Subject, UserId,
    account::{CONFIRMATION_LIFETIME, Email, Registration, User},
};
use notifications::{Message, SecurityChange};
use persistence::{
    Conn, account_links,
    accounts::{self, LinkPurpose},
    devices, organisations, own_sessions,
};

/// Mails a link that turns the registration into an account. If somebody has the address already, its owner is told
/// instead: the answer, and what it takes, must not tell who has an account.
pub fn register(conn: &mut Conn, registration: &Registration) -> Result<()> {
    terms::check(conn, registration)?;
    let (now, token, email) = (conn.now()?, Secret::generate()?, &registration.email);
    let expires_at = now + CONFIRMATION_LIFETIME;
    if is_taken(conn, email, None)? {
        account_links::insert(conn, LinkPurpose::ConfirmEmail, &token.hash(), None, None, expires_at)?;
        return tell_owner(conn, email);
    }
    accounts::insert_link(conn, LinkPurpose::ConfirmEmail, &token.hash(), Some(registration), expires_at)?;
    if !attempts::may_mail(conn, email)? {
        return mail::send_to_nobody(conn, now);
    }
    let link = format!("/confirm-email?token={}", token.reveal());
    let message = Message::ConfirmEmail { name: registration.name.clone(), link };
    mail::send_to_address(conn, &registration.name, email, &message, now)
}

/// Whether somebody else than `user` has the address, or had it lately and can still take it back.
pub(crate) fn is_taken(conn: &mut Conn, email: &Email, user: Option<UserId>) -> Result<bool> {
    let now = conn.now()?;
    let kept_back = account_links::is_kept_back(conn, email, user, now)?;
    Ok(kept_back || accounts::find_by_email(conn, email)?.is_some_and(|owner| Some(owner.id) != user))
}

/// Tells whoever has the address that there is an account, at most once an hour.
pub(crate) fn tell_owner(conn: &mut Conn, email: &Email) -> Result<()> {
    let now = conn.now()?;
    let due = attempts::first_in_an_hour(conn, &Counter::told(email))?;
    match accounts::find_by_email(conn, email)?.filter(|_| due) {
        Some(owner) => mail::send(conn, &[owner], &Message::AccountExists { link: "/forgot-password".into() }, now),
        None => mail::send_to_nobody(conn, now),
    }
}

/// What is known about a person, with which no password of theirs may be made: name, address, organisations.
pub fn about(conn: &mut Conn, user: UserId) -> Result<Vec<String>> {
    let (person, now) = (accounts::find(conn, user)?, conn.now()?);
    let memberships = persistence::sessions::memberships(conn, user, now)?;
    let ids: Vec<_> = memberships.iter().map(|membership| membership.organisation).collect();
    let names = organisations::find_all(conn, &ids)?.into_iter().map(|organisation| organisation.legal_name);
    Ok([person.name, person.email.as_str().to_owned()].into_iter().chain(names).collect())
}

/// The caller chooses another password, having proved to know the old one. Everybody else who was logged in is out.
pub fn change_password(conn: &mut Conn, caller: &Caller, session: SessionId, password_hash: &str) -> Result<()> {
    let (user, now) = (caller.actor.user, conn.now()?);
    accounts::set_password(conn, user, password_hash)?;
    own_sessions::end_others(conn, user, Some(session), "password_changed", now)?;
    devices::forget_all(conn, user)?;
    account_links::revoke(conn, user, &[LinkPurpose::ResetPassword])?;
    caller.record(conn, now, Event::confidential("user.password_changed", Subject::User(user), None))?;
    mail::send_security_notice(conn, user, SecurityChange::PasswordChanged, now)
}

/// Uses up the link of a confirmation mail: the account is there from now on.
pub fn confirm_email(conn: &mut Conn, request_id: &str, token: &str) -> Result<UserId> {
    let now = conn.now()?;
    let used = accounts::use_link(conn, LinkPurpose::ConfirmEmail, &crate::tokens::hash(token), now)?;
    let registration = used.flatten().ok_or(Refusal::TokenInvalid)?;
    if is_taken(conn, &registration.email, None)? {
        return Err(Refusal::TokenInvalid.into());
    }
    create(conn, request_id, registration, false)
}

/// Makes an account of a registration whose address is proven.
pub(crate) fn create(
    conn: &mut Conn,
    request_id: &str,
    registration: Registration,
    administrator: bool,
) -> Result<UserId> {
    let (now, accepted) = (conn.now()?, registration.accepted_terms);
    let (user, event) = User::create(conn.new_id(), registration, administrator, now);
    accounts::insert(conn, &user)?;
    record_unattended(conn, request_id, now, event)?;
    terms::note(conn, request_id, user.id, accepted)?;
    Ok(user.id)
}

/// A person, as they see themselves.
pub fn find(conn: &mut Conn, id: UserId) -> Result<User> {
    Ok(accounts::find(conn, id)?)
}
