//! What administrators do about people and organisations.

use crate::{Caller, Result, mail};
use chrono::{DateTime, Utc};
use domain::{Event, OrganisationId, Role, UserId, administration::Person};
use notifications::Message;
use persistence::{Conn, administration, calendar_tokens, organisations};

/// Some of the people whose name or address contains the text. Each of them will see in the read log who looked. The
/// last one only tells that there are more: it is not shown.
pub fn list_people(
    conn: &mut Conn,
    caller: &Caller,
    text: Option<&str>,
    after: Option<UserId>,
    limit: i64,
) -> Result<Vec<Person>> {
    caller.actor.require_administrator()?;
    let people = administration::people(conn, text, after, limit)?;
    let shown = people.len().min(usize::try_from(limit - 1).unwrap_or(0));
    let reads: Vec<_> = people[..shown].iter().map(Person::read).collect();
    caller.log_reads(conn, &reads)?;
    Ok(people)
}

/// One person, who will see in the read log who looked.
pub fn find_person(conn: &mut Conn, caller: &Caller, id: UserId) -> Result<Person> {
    caller.actor.require_administrator()?;
    let person = administration::person(conn, id)?;
    caller.log_reads(conn, &[person.read()])?;
    Ok(person)
}

/// Keeps a person out, at once.
pub fn suspend_person(conn: &mut Conn, caller: &Caller, id: UserId, reason: &str) -> Result<Person> {
    let now = conn.now()?;
    let (mut person, others) = lock_person(conn, caller, id)?;
    let event = person.suspend(&caller.actor, reason, others, now)?;
    administration::end_sessions(conn, id, "suspended", now)?;
    calendar_tokens::delete(conn, id)?;
    save(conn, caller, &person, now, event)?;
    let message = Message::AccountSuspended { reason: reason.to_owned(), link: "/".to_owned() };
    mail::send_to_user(conn, id, &message, now)?;
    Ok(person)
}

/// Lets a person in again.
pub fn reinstate_person(conn: &mut Conn, caller: &Caller, id: UserId, reason: &str) -> Result<Person> {
    let now = conn.now()?;
    let (mut person, _) = lock_person(conn, caller, id)?;
    let event = person.reinstate(&caller.actor, reason)?;
    save(conn, caller, &person, now, event)?;
    let message = Message::AccountReinstated { reason: reason.to_owned(), link: "/".to_owned() };
    mail::send_to_user(conn, id, &message, now)?;
    Ok(person)
}

/// Decides who runs and who audits the platform.
pub fn appoint(conn: &mut Conn, caller: &Caller, id: UserId, administrator: bool, auditor: bool) -> Result<Person> {
    let now = conn.now()?;
    let (mut person, others) = lock_person(conn, caller, id)?;
    let event = person.appoint(&caller.actor, administrator, auditor, others)?;
    save(conn, caller, &person, now, event)?;
    Ok(person)
}

/// Keeps an organisation from acting, at once.
pub fn suspend_organisation(conn: &mut Conn, caller: &Caller, id: OrganisationId, reason: &str) -> Result<()> {
    let now = conn.now()?;
    let mut organisation = organisations::find(conn, id)?;
    let event = organisation.suspend(&caller.actor, reason, now)?;
    organisations::update(conn, &mut organisation)?;
    let (name, reason) = (organisation.legal_name, reason.to_owned());
    let message = Message::OrganisationSuspended { organisation: name, reason, link: organisation_link(id) };
    mail::send_to_role(conn, id, Role::Owner, &message, now)?;
    caller.record(conn, now, event)
}

/// Lets an organisation act again.
pub fn reinstate_organisation(conn: &mut Conn, caller: &Caller, id: OrganisationId, reason: &str) -> Result<()> {
    let now = conn.now()?;
    let mut organisation = organisations::find(conn, id)?;
    let event = organisation.reinstate(&caller.actor, reason)?;
    organisations::update(conn, &mut organisation)?;
    let (name, reason) = (organisation.legal_name, reason.to_owned());
    let message = Message::OrganisationReinstated { organisation: name, reason, link: organisation_link(id) };
    mail::send_to_role(conn, id, Role::Owner, &message, now)?;
    caller.record(conn, now, event)
}

/// The person, and whether the platform has another active administrator; locked in one order for everybody.
fn lock_person(conn: &mut Conn, caller: &Caller, id: UserId) -> Result<(Person, bool)> {
    caller.actor.require_administrator()?;
    let administrators = administration::lock_administrators(conn)?;
    let person = administration::lock_person(conn, id)?;
    Ok((person, administrators.iter().any(|other| *other != id)))
}

fn save(conn: &mut Conn, caller: &Caller, person: &Person, now: DateTime<Utc>, event: Event) -> Result<()> {
    administration::update_person(conn, person)?;
    caller.record(conn, now, event)
}

fn organisation_link(id: OrganisationId) -> String {
    format!("/organisations/{id}")
}
