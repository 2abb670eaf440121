//! Writing mails into the outbox, in the transaction of what they tell.

use crate::Result;
use chrono::{DateTime, Utc};
use domain::{
    Challenge, ChallengeId, ContractId, OrganisationId, Role, UserId,
    account::{Email, User},
};
use notifications::{Message, SecurityChange};
use persistence::{Conn, accounts, members, outbox};

/// Writes the same mail to some people.
pub(crate) fn send(conn: &mut Conn, to: &[User], message: &Message, now: DateTime<Utc>) -> Result<()> {
    to.iter().try_for_each(|person| send_to_address(conn, &person.name, &person.email, message, now))
}

/// Writes a mail to somebody who need not have an account.
pub(crate) fn send_to_address(
    conn: &mut Conn,
    name: &str,
    email: &Email,
    message: &Message,
    now: DateTime<Utc>,
) -> Result<()> {
    if email.is_of_erased() {
        return Ok(());
    }
    let message = serde_json::to_value(message).unwrap_or_default();
    Ok(outbox::enqueue(conn, name, email, message, now)?)
}

/// Stores a mail that nobody gets, where an unknown address must cost as much as a known one.
pub(crate) fn send_to_nobody(conn: &mut Conn, now: DateTime<Utc>) -> Result<()> {
    Ok(outbox::enqueue_nothing(conn, now)?)
}

/// Tells somebody that something about how they come in has changed.
pub(crate) fn send_security_notice(
    conn: &mut Conn,
    user: UserId,
    change: SecurityChange,
    now: DateTime<Utc>,
) -> Result<()> {
    let message = Message::SecurityNotice { change, at: now, link: "/forgot-password".to_owned() };
    send_to_user(conn, user, &message, now)
}

/// Writes a mail to one person.
pub(crate) fn send_to_user(conn: &mut Conn, user: UserId, message: &Message, now: DateTime<Utc>) -> Result<()> {
    let user = accounts::find(conn, user)?;
    send(conn, &[user], message, now)
}

/// Writes a mail to everybody who holds a role in an organisation.
pub(crate) fn send_to_role(
    conn: &mut Conn,
    organisation: OrganisationId,
    role: Role,
    message: &Message,
    now: DateTime<Utc>,
) -> Result<()> {
    let people = members::holders(conn, organisation, role)?;
    send(conn, &people, message, now)
}

/// Writes a mail to those who bid for an organisation; to its owners, if nobody does.
pub(crate) fn send_to_bidders(
    conn: &mut Conn,
    organisation: OrganisationId,
    message: &Message,
    now: DateTime<Utc>,
) -> Result<()> {
    let mut people = members::holders(conn, organisation, Role::Bidder)?;
    if people.is_empty() {
        people = members::holders(conn, organisation, Role::Owner)?;
    }
    send(conn, &people, message, now)
}

/// Where a mail sends its reader to see a challenge.
pub(crate) fn challenge_link(id: ChallengeId) -> String {
    format!("/challenges/{id}")
}

/// Where a mail sends its reader to see an organisation.
pub(crate) fn organisation_link(id: OrganisationId) -> String {
    format!("/organisations/{id}")
}

/// Where a mail sends its reader to see a contract.
pub(crate) fn contract_link(id: ContractId) -> String {
    format!("/contracts/{id}")
}

/// Title and reference, which nearly every mail names.
pub(crate) fn names(challenge: &Challenge) -> (String, String) {
    (challenge.content.title.clone(), challenge.reference.clone())
}
