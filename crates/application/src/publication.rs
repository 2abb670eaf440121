//! Making challenges public: at once, or at a set time.

use crate::{
    Caller, Error, Result,
    challenges::{Detail, detail, save},
    clock, mail, periods, record_unattended, rehearsals,
};
use chrono::{DateTime, Utc};
use domain::{
    Challenge, ChallengeId, Event, Refusal, Role, Timeline,
    challenge::{ScheduledPublication, require_fit_for_all},
};
use notifications::Message;
use persistence::{Conn, Scope, challenge_documents, challenges, organisations, scheduled_publications};

/// The most that one look of the scheduler finds; the next look finds the rest.
const BATCH: i64 = 100;

/// Who publishes at a set time.
const SCHEDULER: &str = "scheduler";

/// An officer publishes.
pub fn publish(conn: &mut Conn, caller: &Caller, id: ChallengeId) -> Result<Detail> {
    let mut challenge = challenges::lock(conn, id)?;
    challenge.require_visible(Some(&caller.actor))?;
    let agency = organisations::find(conn, challenge.agency)?;
    let now = clock::of(conn, &challenge)?;
    let rules = periods::rules(conn, &challenge)?;
    let (timeline, event) = challenge.publish(&caller.actor, &agency, &rules, now)?;
    require_fit_for_all(&challenge_documents::of_challenge(conn, id)?)?;
    rehearsals::require_ready(conn, &challenge)?;
    scheduled_publications::delete(conn, id)?;
    save(conn, caller, &mut challenge, now, event)?;
    persistence::periods::put_timeline(conn, id, &timeline)?;
    detail(conn, challenge)
}

/// An officer sets the time at which the challenge is published.
pub fn schedule(conn: &mut Conn, caller: &Caller, id: ChallengeId, publish_at: DateTime<Utc>) -> Result<Detail> {
    let mut challenge = challenges::lock(conn, id)?;
    challenge.require_visible(Some(&caller.actor))?;
    let agency = organisations::find(conn, challenge.agency)?;
    let now = clock::of(conn, &challenge)?;
    let rules = periods::rules(conn, &challenge)?;
    let (scheduled, event) = challenge.schedule(&caller.actor, &agency, &rules, publish_at, now)?;
    require_fit_for_all(&challenge_documents::of_challenge(conn, id)?)?;
    rehearsals::require_ready(conn, &challenge)?;
    scheduled_publications::put(conn, &scheduled)?;
    save(conn, caller, &mut challenge, now, event)?;
    detail(conn, challenge)
}

/// An officer takes the set time back.
pub fn unschedule(conn: &mut Conn, caller: &Caller, id: ChallengeId) -> Result<Detail> {
    let mut challenge = challenges::lock(conn, id)?;
    let now = clock::of(conn, &challenge)?;
    let event = challenge.unschedule(&caller.actor)?;
    if !scheduled_publications::delete(conn, id)? {
        return Err(Refusal::NotFound("scheduled publication").into());
    }
    save(conn, caller, &mut challenge, now, event)?;
    detail(conn, challenge)
}

/// The challenges whose set time has come.
pub fn due(conn: &mut Conn, scope: Scope) -> Result<Vec<ChallengeId>> {
    let now = clock::of_scope(conn, scope)?;
    Ok(scheduled_publications::due(conn, scope, now, BATCH)?)
}

/// Publishes one challenge whose set time has come, or tells its officers why that is not possible. Says no more than false
/// if somebody else was faster.
pub fn publish_due(conn: &mut Conn, id: ChallengeId) -> Result<bool> {
    let mut challenge = challenges::lock(conn, id)?;
    let now = clock::of(conn, &challenge)?;
    let Some(scheduled) = scheduled_publications::find(conn, id)?.filter(|scheduled| scheduled.publish_at <= now)
    else {
        return Ok(false);
    };
    scheduled_publications::delete(conn, id)?;
    let now = scheduled.takes_place_at(&challenge, now);
    match publish_as_scheduled(conn, &mut challenge, &scheduled, now) {
        Ok((timeline, event)) => {
            challenges::update(conn, &mut challenge)?;
            persistence::periods::put_timeline(conn, id, &timeline)?;
            record_unattended(conn, SCHEDULER, now, event)?;
        }
        Err(Error::Refused(why)) => give_up(conn, &challenge, &why, now)?,
        Err(error) => return Err(error),
    }
    Ok(true)
}

/// Changes nothing in the database: what it refuses can still be told.
fn publish_as_scheduled(
    conn: &mut Conn,
    challenge: &mut Challenge,
    scheduled: &ScheduledPublication,
    now: DateTime<Utc>,
) -> Result<(Timeline, Event)> {
    let agency = organisations::find(conn, challenge.agency)?;
    let rules = periods::rules(conn, challenge)?;
    require_fit_for_all(&challenge_documents::of_challenge(conn, challenge.id)?)?;
    rehearsals::require_ready(conn, challenge)?;
    Ok(challenge.publish_as_scheduled(scheduled, &agency, &rules, now)?)
}

fn give_up(conn: &mut Conn, challenge: &Challenge, why: &Refusal, now: DateTime<Utc>) -> Result<()> {
    record_unattended(conn, SCHEDULER, now, challenge.publication_failed(why))?;
    let (challenge_title, link) = (challenge.content.title.clone(), mail::challenge_link(challenge.id));
    let message = Message::PublicationFailed { challenge_title, reason: in_words(why), link };
    mail::send_to_role(conn, challenge.agency, Role::Officer, &message, now)
}

/// Each wrong field on a line of its own.
fn in_words(why: &Refusal) -> String {
    match why {
        Refusal::Invalid(errors) => {
            let lines: Vec<_> = errors.iter().map(|error| format!("{}: {}", error.pointer, error.detail)).collect();
            lines.join("\n")
        }
        other => other.to_string(),
    }
}
