//! Choosing another password, with a link from one's mailbox.

use crate::{
    Result, accounts as use_cases,
    attempts::{self, Counter},
    mail, record_unattended, second_factors, sessions,
    tokens::{Secret, hash},
    vault::Vault,
};
use domain::{
    Event, Refusal, Subject, UserId,
    account::{Code, Email, PASSWORD_RESET_LIFETIME},
};
use notifications::{Message, SecurityChange};
use persistence::{
    Conn, account_links,
    accounts::{self, LinkPurpose},
    calendar_tokens, devices, own_sessions,
};

/// Mails a link to whoever has the address. For an address that nobody has, a link that opens nothing and a mail to nobody
/// are stored, so that both cases cost the same.
pub fn request(conn: &mut Conn, email: &Email) -> Result<()> {
    let account = accounts::find_by_email(conn, email)?;
    let may_mail = attempts::may_mail(conn, email)?;
    let account = account.filter(|_| may_mail);
    let (now, token) = (conn.now()?, Secret::generate()?);
    let (user, expires_at) = (account.as_ref().map(|account| account.id), now + PASSWORD_RESET_LIFETIME);
    account_links::insert(conn, LinkPurpose::ResetPassword, &token.hash(), user, None, expires_at)?;
    match account {
        Some(account) => mail::send(conn, &[account], &Message::ResetPassword { link: link(&token) }, now),
        None => mail::send_to_nobody(conn, now),
    }
}

/// Somebody who holds a link.
pub struct Holder {
    /// What is known about the person, with which no password may begin.
    pub about: Vec<String>,
}

/// Whose link this is. A code that comes along is counted, before it is checked.
pub fn holder(conn: &mut Conn, token: &str, code: Option<&Code>) -> Result<Holder> {
    let now = conn.now()?;
    let link = account_links::find(conn, LinkPurpose::ResetPassword, &hash(token), now)?;
    let user = link.ok_or(Refusal::TokenInvalid)?.user;
    if code.is_some() {
        attempts::count(conn, &[Counter::reset(user)])?;
    }
    Ok(Holder { about: use_cases::about(conn, user)? })
}

/// Uses up a link: the new password holds, everybody who was logged in is out, and nothing that was counted keeps the
/// owner out. A deactivated account is active again. Gives the token of a device on which failures are counted apart.
pub fn complete(
    conn: &mut Conn,
    request_id: &str,
    vault: &Vault,
    (token, code): (&str, Option<&Code>),
    password_hash: &str,
) -> Result<Secret> {
    let now = conn.now()?;
    let link = account_links::take(conn, LinkPurpose::ResetPassword, &hash(token), now)?;
    let user = accounts::find(conn, link.ok_or(Refusal::TokenInvalid)?.user)?;
    second_factors::check(conn, request_id, vault, user.id, code)??;
    accounts::set_password(conn, user.id, password_hash)?;
    accounts::reactivate(conn, user.id, now)?;
    let revoked = [LinkPurpose::ResetPassword, LinkPurpose::ChangeEmail];
    account_links::revoke(conn, user.id, &revoked)?;
    end_all(conn, user.id, "password_reset")?;
    attempts::succeed(conn, &[Counter::address(&user.email), Counter::reset(user.id)])?;
    let event = Event::confidential("user.password_reset", Subject::User(user.id), None);
    record_unattended(conn, request_id, now, event)?;
    mail::send_security_notice(conn, user.id, SecurityChange::PasswordReset, now)?;
    sessions::remember_device(conn, user.id, now)
}

/// Ends every session of a person, forgets their devices and what their calendar programs know of them by.
pub(crate) fn end_all(conn: &mut Conn, user: UserId, reason: &str) -> Result<()> {
    let now = conn.now()?;
    own_sessions::end_others(conn, user, None, reason, now)?;
    calendar_tokens::delete(conn, user)?;
    Ok(devices::forget_all(conn, user)?)
}

/// A link to the page on which a new password is chosen, stored for one hour.
pub(crate) fn new_link(conn: &mut Conn, user: UserId) -> Result<String> {
    let (now, token) = (conn.now()?, Secret::generate()?);
    let expires_at = now + PASSWORD_RESET_LIFETIME;
    account_links::insert(conn, LinkPurpose::ResetPassword, &token.hash(), Some(user), None, expires_at)?;
    Ok(link(&token))
}

fn link(token: &Secret) -> String {
    format!("/reset-password?token={}", token.reveal())
}
