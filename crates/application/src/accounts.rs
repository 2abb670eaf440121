//! Registering and confirming an address.

use crate::{Result, mail, record_unattended, tokens::Secret};
use domain::{
    Event, Refusal, Subject, UserId,
    account::{CONFIRMATION_LIFETIME, Email, User},
};
use notifications::Message;
use persistence::{
    Conn,
    accounts::{self, LinkPurpose},
};

/// What a person typed to register, checked.
#[derive(Debug, Clone)]
pub struct Registration {
    /// Where mail goes.
    pub email: Email,
    /// The name shown to colleagues.
    pub name: String,
    /// The hash of the password.
    pub password_hash: String,
}

/// Registers a person and mails a link that confirms the address. If the address is registered already nothing is
/// changed and nothing is said: the answer must not tell who has an account. An unconfirmed one gets a fresh link.
pub fn register(conn: &mut Conn, request_id: &str, registration: Registration) -> Result<()> {
    let now = conn.now()?;
    let user = match accounts::find_by_email(conn, &registration.email)? {
        Some(user) if user.email_confirmed_at.is_some() => return Ok(()),
        Some(user) => user,
        None => {
            let user = new_user(conn.new_id(), registration, now);
            accounts::insert(conn, &user)?;
            let event = Event::confidential("user.registered", Subject::User(user.id), None);
            record_unattended(conn, request_id, now, event)?;
            user
        }
    };
    let token = Secret::generate()?;
    let expires_at = now + CONFIRMATION_LIFETIME;
    accounts::insert_link(conn, LinkPurpose::ConfirmEmail, &token.hash(), Some(user.id), expires_at)?;
    let link = format!("/confirm-email?token={}", token.reveal());
    let message = Message::ConfirmEmail { name: user.name.clone(), link };
    mail::send(conn, &[user], &message, now)
}

/// Uses up the link of a confirmation mail.
pub fn confirm_email(conn: &mut Conn, request_id: &str, token: &str) -> Result<()> {
    let now = conn.now()?;
    let hash = crate::tokens::hash(token);
    let used = accounts::use_link(conn, LinkPurpose::ConfirmEmail, &hash, now)?;
    let user = used.flatten().ok_or(Refusal::TokenInvalid)?;
    accounts::confirm_email(conn, user, now)?;
    let event = Event::confidential("user.email_confirmed", Subject::User(user), None);
    record_unattended(conn, request_id, now, event)
}

fn new_user(id: UserId, registration: Registration, now: chrono::DateTime<chrono::Utc>) -> User {
    User {
        id,
        email: registration.email,
        name: registration.name.trim().to_owned(),
        password_hash: registration.password_hash,
        email_confirmed_at: None,
        administrator: false,
        created_at: now,
    }
}

/// A person, as they see themselves.
pub fn find(conn: &mut Conn, id: UserId) -> Result<User> {
    Ok(accounts::find(conn, id)?)
}
