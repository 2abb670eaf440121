//! What ends by itself: accounts that nobody uses, memberships for which nobody vouches. Acts on what the database says,
//! so it catches up after a downtime, and doing it twice does no harm.

use crate::{Result, mail, record_unattended};
use chrono::{DateTime, TimeDelta, Utc};
use domain::{
    Event, Member, MemberId, OrganisationId, Refusal, Role, Subject,
    lifecycle::{FIRST_WARNING, LifecyclePolicy, Step, step},
};
use notifications::Message;
use persistence::{
    Conn, accounts, administration,
    lifecycle::{self, Idle},
    members, organisations,
};
use std::collections::{BTreeMap, BTreeSet};

/// The most that one transaction deals with.
const BATCH: i64 = 100;

/// Who these events come from.
const SCHEDULER: &str = "scheduler";

/// Where the mail sends somebody who has to set a new password to come back.
const COME_BACK: &str = "/forgot-password";

/// Warns people who have not logged in for long, and deactivates those who were warned: one batch, after the one that
/// ended with `after`. Gives where it ended, as long as there may be more.
pub fn idle_accounts(conn: &mut Conn, policy: LifecyclePolicy, after: Option<&Idle>) -> Result<Option<Idle>> {
    let Some(lasts) = policy.inactivity else { return Ok(None) };
    let now = conn.now()?;
    let batch = lifecycle::idle(conn, now - lasts + FIRST_WARNING, after, BATCH)?;
    for idle in &batch {
        match step(idle.active_at + lasts, idle.warned_at, now) {
            Step::Wait => {}
            Step::Warn(deactivated_at) => {
                if lifecycle::warn(conn, idle, now)? {
                    let message = Message::InactivityWarning { deactivated_at, link: "/".to_owned() };
                    mail::send_to_user(conn, idle.user, &message, now)?;
                }
            }
            Step::End => deactivate(conn, idle, now)?,
        }
    }
    Ok(last_of_full(batch))
}

/// Never the last administrator, who alone could let anybody in again.
fn deactivate(conn: &mut Conn, idle: &Idle, now: DateTime<Utc>) -> Result<()> {
    if idle.administrator && administration::lock_administrators(conn)?.iter().all(|other| *other == idle.user) {
        return Ok(());
    }
    if !lifecycle::deactivate(conn, idle, now)? {
        return Ok(());
    }
    administration::end_sessions(conn, idle.user, "deactivated", now)?;
    let event = Event::confidential("user.deactivated", Subject::User(idle.user), None).because("inactivity");
    record_unattended(conn, SCHEDULER, now, event)?;
    let message = Message::AccountDeactivated { link: COME_BACK.to_owned() };
    mail::send_to_user(conn, idle.user, &message, now)
}

/// A place in the list of certifications: when one ends, and whose it is.
pub type Ending = (DateTime<Utc>, MemberId);

/// Tells owners of agencies whom they have to vouch for, and suspends those for whom nobody did: one batch, after the
/// one that ended with `after`. Gives where it ended, as long as there may be more.
pub fn certifications(conn: &mut Conn, policy: LifecyclePolicy, after: Option<Ending>) -> Result<Option<Ending>> {
    let Some(lasts) = policy.certification else { return Ok(None) };
    let now = conn.now()?;
    if after.is_none() {
        members::certify_new(conn, now + lasts, BATCH)?;
    }
    let batch = members::uncertified(conn, now + FIRST_WARNING, after, BATCH)?;
    let mut due: BTreeMap<OrganisationId, BTreeSet<MemberId>> = BTreeMap::new();
    for (_, member, organisation) in &batch {
        due.entry(*organisation).or_default().insert(*member);
    }
    for (organisation, due) in due {
        certifications_of(conn, organisation, &due)?;
    }
    Ok(last_of_full(batch).map(|(until, member, _)| (until, member)))
}

/// Under the lock of the organisation, so that it keeps an owner and no process does what another has done.
fn certifications_of(conn: &mut Conn, organisation: OrganisationId, due: &BTreeSet<MemberId>) -> Result<()> {
    let mut all = members::lock(conn, organisation)?;
    let now = conn.now()?;
    let mut warned: Vec<(DateTime<Utc>, String)> = Vec::new();
    for id in due {
        // Whoever is not there any more was removed while this waited.
        let Some(at) = all.iter().position(|member| member.id == *id) else { continue };
        let mut member = all.remove(at);
        if let Some(ends_at) = certification_of(conn, &mut member, &all, now)? {
            warned.push((ends_at, member.name.clone()));
        }
        all.insert(at, member);
    }
    let Some(until) = warned.iter().map(|(until, _)| *until).min() else { return Ok(()) };
    let names = warned.into_iter().map(|(_, name)| name).collect();
    let (organisation, link) = (organisations::find(conn, organisation)?, mail::organisation_link(organisation));
    let message = Message::CertificationDue { organisation: organisation.legal_name, names, until, link };
    mail::send_to_role(conn, organisation.id, Role::Owner, &message, now)
}

/// Gives when access ends, if the owners have to be told.
fn certification_of(
    conn: &mut Conn,
    member: &mut Member,
    others: &[Member],
    now: DateTime<Utc>,
) -> Result<Option<DateTime<Utc>>> {
    let Some(until) = member.certified_until.filter(|_| member.suspension.is_none()) else { return Ok(None) };
    match step(until, member.certification_warned_at, now) {
        Step::Wait => Ok(None),
        Step::Warn(ends_at) => {
            member.certification_warned_at = Some(now);
            members::update(conn, member)?;
            Ok(Some(ends_at))
        }
        Step::End => {
            match member.lapse(others, now) {
                Ok(event) => record_unattended(conn, SCHEDULER, now, event)?,
                Err(Refusal::LastOwner) => {
                    member.certification_warned_at = Some(now);
                    ask_administrators(conn, member, until, now)?;
                }
                Err(other) => return Err(other.into()),
            }
            members::update(conn, member)?;
            Ok(None)
        }
    }
}

fn ask_administrators(conn: &mut Conn, member: &Member, until: DateTime<Utc>, now: DateTime<Utc>) -> Result<()> {
    let organisation = organisations::find(conn, member.organisation)?.legal_name;
    let link = mail::organisation_link(member.organisation);
    let message = Message::OwnerUncertified { organisation, name: member.name.clone(), until, link };
    let administrators = administration::lock_administrators(conn)?;
    let administrators = accounts::find_all(conn, &administrators)?;
    mail::send(conn, &administrators, &message, now)
}

fn last_of_full<T>(mut batch: Vec<T>) -> Option<T> {
    if batch.len() as i64 == BATCH { batch.pop() } else { None }
}

/// How often to look, at least: a warning is late by no more.
pub const LOOK: TimeDelta = TimeDelta::hours(1);
