//! What organisations owe, and by when: clocks that other use cases start and stop.

use crate::{Caller, Result, clock, mail, record_unattended};
use chrono::{DateTime, Datelike, Utc};
use domain::{
    Actor, Challenge, ChallengeId, ComputedDate, Event, Obligation, ObligationId, ObligationKind, OrganisationId,
    Period, Role, Subject,
    obligation::{Due, Duty, Figures, Reminder, figures},
};
use notifications::{DutyKind, DutyMoment, Message};
use persistence::{
    Conn, Scope, challenges,
    obligations::{self, Listed, Place},
    organisations,
};

/// The most that one look of the scheduler finds; the next look finds the rest.
const BATCH: i64 = 100;

/// How many years back the figures of an organisation go, the present one included.
pub const YEARS: i32 = 5;

/// Who the events come from of what follows from other changes. Whoever made those is not named: who asks a question stays
/// unknown.
const CLOCK: &str = "obligations";

/// Somebody begins to wait.
pub(crate) fn open(conn: &mut Conn, duty: Duty, due: Due, now: DateTime<Utc>) -> Result<()> {
    let (obligation, event) = Obligation::open(conn.new_id(), duty, due, now);
    obligations::insert(conn, &obligation)?;
    record_unattended(conn, CLOCK, now, event)
}

/// So many working days from now on, by the calendar of the agency's country.
pub(crate) fn working_days(conn: &mut Conn, challenge: &Challenge, days: u32, now: DateTime<Utc>) -> Result<Due> {
    Ok(working_days_from(conn, challenge, days, now)?.into())
}

/// The same, for a rule to choose from.
pub(crate) fn working_days_from(
    conn: &mut Conn,
    challenge: &Challenge,
    days: u32,
    now: DateTime<Utc>,
) -> Result<ComputedDate> {
    let rules = crate::periods::rules(conn, challenge)?;
    Ok(Period::working_days(days).after(now, rules.zone, &rules.calendar))
}

/// What is owed about these subjects was done.
pub(crate) fn meet(conn: &mut Conn, kind: ObligationKind, subjects: &[Subject], now: DateTime<Utc>) -> Result<()> {
    let open = obligations::lock_open(conn, kind, subjects)?;
    end(conn, open, now, Obligation::meet)
}

/// Nobody waits any longer for what is owed about these subjects.
pub(crate) fn withdraw(conn: &mut Conn, kind: ObligationKind, subjects: &[Subject], now: DateTime<Utc>) -> Result<()> {
    let open = obligations::lock_open(conn, kind, subjects)?;
    end(conn, open, now, Obligation::withdraw)
}

/// Nobody waits any longer for anything of this kind about this challenge.
pub(crate) fn withdraw_of_kind(
    conn: &mut Conn,
    kind: ObligationKind,
    challenge: ChallengeId,
    now: DateTime<Utc>,
) -> Result<()> {
    let mut open = obligations::lock_open_of_challenge(conn, challenge)?;
    open.retain(|obligation| obligation.kind == kind);
    end(conn, open, now, Obligation::withdraw)
}

/// Nobody waits any longer for anything about this challenge.
pub(crate) fn withdraw_all(conn: &mut Conn, challenge: ChallengeId, now: DateTime<Utc>) -> Result<()> {
    let open = obligations::lock_open_of_challenge(conn, challenge)?;
    end(conn, open, now, Obligation::withdraw)
}

fn end(
    conn: &mut Conn,
    open: Vec<Obligation>,
    now: DateTime<Utc>,
    how: impl Fn(&mut Obligation, DateTime<Utc>) -> domain::Result<Event>,
) -> Result<()> {
    for mut obligation in open {
        let event = how(&mut obligation, now)?;
        obligations::update(conn, &mut obligation)?;
        record_unattended(conn, CLOCK, now, event)?;
    }
    Ok(())
}

/// What waits for the caller: what their organisations owe in the roles they hold there, the soonest due first.
pub fn tasks(conn: &mut Conn, actor: &Actor, after: Option<Place>, limit: i64) -> Result<Vec<Listed>> {
    Ok(obligations::open_for(conn, &actor.memberships, after, limit)?)
}

/// What an organisation owes, for its members, the soonest due first.
pub fn of_organisation(
    conn: &mut Conn,
    actor: &Actor,
    id: OrganisationId,
    after: Option<Place>,
    limit: i64,
) -> Result<Vec<Listed>> {
    organisations::find(conn, id)?.require_member(actor)?;
    Ok(obligations::open_of(conn, id, after, limit)?)
}

/// How punctual an organisation is, for everybody: by the year in which something was due, the last first, and its kind.
pub fn punctuality(
    conn: &mut Conn,
    viewer: Option<&Actor>,
    id: OrganisationId,
) -> Result<Vec<(i32, ObligationKind, Figures)>> {
    organisations::find(conn, id)?.require_visible(viewer)?;
    let now = conn.now()?;
    Ok(figures(&obligations::tallies(conn, id, now.year() - YEARS + 1, now)?))
}

/// An owner or officer stops a clock.
pub fn pause(conn: &mut Conn, caller: &Caller, id: ObligationId, reason: &str) -> Result<Listed> {
    change(conn, caller, id, |obligation, now| obligation.pause(&caller.actor, reason, now))
}

/// An owner or officer lets it run again.
pub fn resume(conn: &mut Conn, caller: &Caller, id: ObligationId) -> Result<Listed> {
    change(conn, caller, id, |obligation, now| obligation.resume(&caller.actor, now))
}

fn change(
    conn: &mut Conn,
    caller: &Caller,
    id: ObligationId,
    change: impl FnOnce(&mut Obligation, DateTime<Utc>) -> domain::Result<Event>,
) -> Result<Listed> {
    let mut obligation = obligations::lock(conn, id)?;
    let now = now_for(conn, &obligation)?;
    let event = change(&mut obligation, now)?;
    obligations::update(conn, &mut obligation)?;
    caller.record(conn, now, event)?;
    Ok(obligations::find_listed(conn, id)?)
}

/// What time it is for whoever owes something: that of the challenge, if it is about one.
fn now_for(conn: &mut Conn, obligation: &Obligation) -> Result<DateTime<Utc>> {
    match obligation.challenge {
        Some(challenge) => Ok(clock::of_id(conn, challenge)?),
        None => Ok(conn.now()?),
    }
}

/// For which there is a reminder to send.
pub fn needing_attention(conn: &mut Conn, scope: Scope) -> Result<Vec<ObligationId>> {
    let now = clock::of_scope(conn, scope)?;
    Ok(obligations::needing_attention(conn, scope, now, BATCH)?)
}

/// Reminds of one of them; says so when it is late, to the owners as well. Does nothing if somebody else was faster.
pub fn remind(conn: &mut Conn, id: ObligationId) -> Result<()> {
    let mut obligation = obligations::lock(conn, id)?;
    let now = now_for(conn, &obligation)?;
    let Some((reminder, missed)) = obligation.remind(now) else { return Ok(()) };
    obligations::update(conn, &mut obligation)?;
    if let Some(missed) = missed {
        record_unattended(conn, "scheduler", now, missed)?;
        tell(conn, &obligation, Role::Owner, DutyMoment::Escalated, now)?;
    }
    let moment = match reminder {
        Reminder::Before => DutyMoment::Before,
        Reminder::Due => DutyMoment::Due,
        Reminder::After => DutyMoment::After,
    };
    tell(conn, &obligation, obligation.role, moment, now)
}

fn tell(conn: &mut Conn, obligation: &Obligation, role: Role, moment: DutyMoment, now: DateTime<Utc>) -> Result<()> {
    let (duty, path) = match obligation.kind {
        ObligationKind::ReviewChallenge => (DutyKind::ReviewChallenge, ""),
        ObligationKind::AnswerQuestion => (DutyKind::AnswerQuestion, "/questions"),
        ObligationKind::DecideExtension => (DutyKind::DecideExtension, "/extension-proposals"),
    };
    let Some(challenge) = obligation.challenge else { return Ok(()) };
    let (challenge_title, _) = mail::names(&challenges::find(conn, challenge)?);
    let link = format!("{}{path}", mail::challenge_link(challenge));
    let message = Message::DutyReminder { duty, moment, challenge_title, due_at: obligation.due_at, link };
    mail::send_to_role(conn, obligation.organisation, role, &message, now)
}
