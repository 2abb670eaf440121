//! Dates as iCalendar (RFC 5545).

use super::{Feed, Site, plain};
use application::{feeds::Entry, personal_calendars::Calendar as Personal};
use chrono::{DateTime, Duration, Utc};
use domain::{
    ChallengeStatus, ObligationKind,
    challenge::{KeyDate, KeyDateKind, When},
};
use icalendar::{Calendar, Component, Event, EventLike, EventStatus};
use persistence::obligations::Listed;

/// The media type (RFC 5545, 8.1).
pub(crate) const MEDIA_TYPE: &str = "text/calendar; charset=utf-8";

/// How long calendar programs may wait until they look again.
const REFRESH: Duration = Duration::hours(1);

/// The dates of some challenges.
pub(crate) fn of_challenges(site: Site<'_>, name: &str, entries: &[Entry], public: bool) -> Feed {
    let mut calendar = empty(name);
    add(&mut calendar, site, entries);
    Feed { media_type: MEDIA_TYPE, body: calendar.to_string(), public }
}

/// A person's own dates.
pub(crate) fn of_person(site: Site<'_>, personal: &Personal) -> Feed {
    let mut calendar = empty("Provoco");
    add(&mut calendar, site, &personal.challenges);
    for duty in &personal.duties {
        calendar.push(task(site, duty));
    }
    Feed { media_type: MEDIA_TYPE, body: calendar.to_string(), public: false }
}

fn empty(name: &str) -> Calendar {
    let mut calendar = Calendar::empty();
    calendar.append_property(("VERSION", "2.0"));
    calendar.append_property(("PRODID", "-//Provoco//Provoco//EN"));
    calendar.append_property(("CALSCALE", "GREGORIAN"));
    calendar.name(&plain(name)).ttl(&REFRESH).done()
}

fn add(calendar: &mut Calendar, site: Site<'_>, entries: &[Entry]) {
    for entry in entries {
        for date in &entry.dates {
            calendar.push(event(site, entry, *date));
        }
    }
}

fn event(site: Site<'_>, entry: &Entry, date: KeyDate) -> Event {
    let challenge = &entry.challenge;
    let mut event = base(entry.updated_at);
    event.uid(&format!("{}-{}@{}", challenge.id, date.kind.as_str(), site.host()));
    event.summary(&plain(&format!("{}: {}", label(date.kind), challenge.content.title)));
    event.description(&plain(&format!("{}\n{}", entry.agency_name, challenge.reference)));
    event.url(&site.challenge(challenge.id));
    event.status(status(challenge.status, date.kind));
    match date.when {
        When::At(at) => event.starts(at),
        When::On(day) => event.all_day(day),
    };
    event.done()
}

/// Something that somebody's organisation owes.
fn task(site: Site<'_>, duty: &Listed) -> Event {
    let obligation = &duty.obligation;
    let mut event = base(obligation.started_at);
    event.uid(&format!("{}@{}", obligation.id, site.host()));
    let title = duty.challenge_title.as_deref().map(|title| format!(": {title}")).unwrap_or_default();
    event.summary(&plain(&format!("{}{title}", duty_label(obligation.kind))));
    event.description(&plain(&duty.organisation_name));
    if let Some(challenge) = obligation.challenge {
        event.url(&site.challenge(challenge));
    }
    event.status(EventStatus::Confirmed).starts(obligation.due_at).done()
}

/// A moment that keeps nobody from being free. DTSTAMP is when it was last changed, so that the same is written alike.
fn base(changed: DateTime<Utc>) -> Event {
    let mut event = Event::new();
    event.timestamp(changed).last_modified(changed).add_property("TRANSP", "TRANSPARENT").done()
}

fn status(status: ChallengeStatus, kind: KeyDateKind) -> EventStatus {
    match (status, kind) {
        (ChallengeStatus::Cancelled, _) => EventStatus::Cancelled,
        // While it is suspended no date passes; it comes back with others.
        (ChallengeStatus::Suspended, _) | (_, KeyDateKind::ExpectedAward | KeyDateKind::PilotStart) => {
            EventStatus::Tentative
        }
        _ => EventStatus::Confirmed,
    }
}

fn label(kind: KeyDateKind) -> &'static str {
    match kind {
        KeyDateKind::QuestionsUntil => "Last questions",
        KeyDateKind::AnswersBy => "Answers",
        KeyDateKind::SolutionDeadline => "Deadline for solutions",
        KeyDateKind::SubmissionDeadline => "Deadline",
        KeyDateKind::ExpectedAward => "Expected award",
        KeyDateKind::StandstillEnd => "End of standstill",
        KeyDateKind::PilotStart => "Pilots start",
    }
}

fn duty_label(kind: ObligationKind) -> &'static str {
    match kind {
        ObligationKind::ReviewChallenge => "Due: review",
        ObligationKind::AnswerQuestion => "Due: answer to a question",
        ObligationKind::DecideExtension => "Due: decision on more time for bidders",
    }
}
