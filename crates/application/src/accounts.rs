//! Registering and confirming an address.

use crate::{Result, mail, record_unattended, terms, tokens::Secret};
use domain::{
    Refusal, UserId,
    account::{CONFIRMATION_LIFETIME, Registration, User},
};
use notifications::Message;
use persistence::{
    Conn,
    accounts::{self, LinkPurpose},
};

/// Mails a link that turns the registration into an account. If the address has an account already nothing is done and
/// nothing is said: the answer must not tell who has one.
pub fn register(conn: &mut Conn, registration: &Registration) -> Result<()> {
    terms::check(conn, registration)?;
    if accounts::find_by_email(conn, &registration.email)?.is_some() {
        return Ok(());
    }
    let now = conn.now()?;
    let token = Secret::generate()?;
    let expires_at = now + CONFIRMATION_LIFETIME;
    accounts::insert_link(conn, LinkPurpose::ConfirmEmail, &token.hash(), Some(registration), expires_at)?;
    let link = format!("/confirm-email?token={}", token.reveal());
    let message = Message::ConfirmEmail { name: registration.name.clone(), link };
    mail::send_to_address(conn, &registration.name, &registration.email, &message, now)
}

/// Uses up the link of a confirmation mail: the account is there from now on.
pub fn confirm_email(conn: &mut Conn, request_id: &str, token: &str) -> Result<UserId> {
    let now = conn.now()?;
    let used = accounts::use_link(conn, LinkPurpose::ConfirmEmail, &crate::tokens::hash(token), now)?;
    let registration = used.flatten().ok_or(Refusal::TokenInvalid)?;
    if accounts::find_by_email(conn, &registration.email)?.is_some() {
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
