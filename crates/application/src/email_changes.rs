//! Another e-mail address: proved by its owner, and taken back by the owner of the old one.

use crate::{
    Caller, Error, Result, accounts as use_cases, attempts, mail, password_resets, record_unattended,
    tokens::{Secret, hash},
};
use domain::{
    Event, Refusal, Subject, UserId,
    account::{CONFIRMATION_LIFETIME, Email, NO_PASSWORD, UNDO_LIFETIME},
};
use notifications::Message;
use persistence::{
    Conn, account_links,
    accounts::{self, LinkPurpose},
    second_factors,
};

/// Mails a link to the new address. If somebody has it already, its owner is told instead: the answer must not tell who has
/// an account.
pub fn request(conn: &mut Conn, caller: &Caller, email: &Email) -> Result<()> {
    let user = accounts::find(conn, caller.actor.user)?;
    if user.email == *email {
        return Err(Refusal::invalid("/email", "unchanged", "this is your address already").into());
    }
    let (now, token) = (conn.now()?, Secret::generate()?);
    let taken = use_cases::is_taken(conn, email, Some(user.id))?;
    let (mine, expires_at) = ((!taken).then_some(user.id), now + CONFIRMATION_LIFETIME);
    account_links::insert(conn, LinkPurpose::ChangeEmail, &token.hash(), mine, Some(email), expires_at)?;
    if taken {
        return use_cases::tell_owner(conn, email);
    }
    if !attempts::may_mail(conn, email)? {
        return mail::send_to_nobody(conn, now);
    }
    let link = format!("/confirm-email-change?token={}", token.reveal());
    mail::send_to_address(conn, &user.name, email, &Message::ConfirmEmailChange { link }, now)
}

/// Uses up the link that went to the new address: it holds from now on. The old one is told, with a link to take it back.
pub fn confirm(conn: &mut Conn, request_id: &str, token: &str) -> Result<()> {
    let now = conn.now()?;
    let link = account_links::take(conn, LinkPurpose::ChangeEmail, &hash(token), now)?;
    let link = link.ok_or(Refusal::TokenInvalid)?;
    let (user, email) = (accounts::find(conn, link.user)?, link.email.ok_or(Refusal::TokenInvalid)?);
    if use_cases::is_taken(conn, &email, Some(user.id))? {
        return Err(Refusal::TokenInvalid.into());
    }
    accounts::set_email(conn, user.id, &email)?;
    account_links::revoke(conn, user.id, &[LinkPurpose::ChangeEmail, LinkPurpose::ResetPassword])?;
    let (undo, until) = (Secret::generate()?, now + UNDO_LIFETIME);
    let old = &user.email;
    account_links::insert(conn, LinkPurpose::UndoEmailChange, &undo.hash(), Some(user.id), Some(old), until)?;
    record(conn, request_id, "user.email_changed", user.id)?;
    let link = format!("/undo-email-change?token={}", undo.reveal());
    mail::send_to_address(conn, &user.name, old, &Message::EmailChanged { until, link }, now)
}

/// Uses up the link that went to the old address: it holds again, everybody is out, the password is void, and so are
/// one-time codes that were turned on since. A link for a new password goes to the old address.
pub fn undo(conn: &mut Conn, request_id: &str, token: &str) -> Result<()> {
    let now = conn.now()?;
    let link = account_links::take(conn, LinkPurpose::UndoEmailChange, &hash(token), now)?;
    let link = link.ok_or(Refusal::TokenInvalid)?;
    let (user, email) = (accounts::find(conn, link.user)?, link.email.ok_or(Refusal::TokenInvalid)?);
    if accounts::find_by_email(conn, &email)?.is_some_and(|owner| owner.id != user.id) {
        return Err(Refusal::TokenInvalid.into());
    }
    accounts::set_email(conn, user.id, &email)?;
    accounts::set_password(conn, user.id, NO_PASSWORD)?;
    let changed_at = link.expires_at - UNDO_LIFETIME;
    if second_factors::find(conn, user.id)?.enabled_at.is_some_and(|enabled_at| enabled_at >= changed_at) {
        second_factors::disable(conn, user.id)?;
    }
    account_links::revoke(conn, user.id, &LinkPurpose::OF_ACCOUNTS)?;
    password_resets::end_all(conn, user.id, "email_change_undone")?;
    record(conn, request_id, "user.email_change_undone", user.id)?;
    let link = password_resets::new_link(conn, user.id)?;
    mail::send_to_address(conn, &user.name, &email, &Message::ResetPassword { link }, now)
}

fn record(conn: &mut Conn, request_id: &str, kind: &'static str, user: UserId) -> Result<(), Error> {
    let now = conn.now()?;
    record_unattended(conn, request_id, now, Event::confidential(kind, Subject::User(user), None))
}
