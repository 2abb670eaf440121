//! The outage ledger: when the service could not be used, as it noticed itself or as an administrator reported.
//!
//! Nothing is taken out of the ledger. Whatever has to be said about an entry afterwards is a note to it.

use crate::{Actor, Checks, Event, OutageId, OutageNoteId, Refusal, Result, Subject, UserId, obligation::names};
use chrono::{DateTime, SecondsFormat, SubsecRound, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use serde_json::json;

/// The longest outage that can be reported.
pub const LONGEST_REPORT: TimeDelta = TimeDelta::days(31);

/// The most notes to one outage.
pub const MOST_NOTES: i32 = 50;

names! {
    /// Why the service could not be used.
    OutageCause {
        /// It ran, and could not reach its database.
        UnreachableDatabase = "unreachable_database",
        /// No process of it ran: stopped for maintenance, killed, or a machine that was down.
        Stopped = "stopped",
        /// It ran, and an administrator says that people could not reach it.
        Reported = "reported",
    }
}

/// What counts as an outage, and what is done about one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OutagePolicy {
    /// How far two signs of life may lie apart before the time between them is an outage.
    pub tolerance: TimeDelta,
    /// The last hours before a submission deadline: an outage that takes something of them proposes an extension.
    pub window: TimeDelta,
    /// How much time an extension leaves from the decision on, at least; more than none.
    pub least: TimeDelta,
    /// With how many working days after the decision an extension ends, at least; zero for none.
    pub working_days: u32,
}

impl Default for OutagePolicy {
    /// Half a minute; the last day; a day, and until the end of the next working day.
    fn default() -> Self {
        let day = TimeDelta::hours(24);
        Self { tolerance: TimeDelta::seconds(30), window: day, least: day, working_days: 1 }
    }
}

impl OutagePolicy {
    /// Whether a sign of life is so old at `now` that the ledger has to be brought up to date. A clock that was set back
    /// tells nothing.
    pub fn is_gap(&self, last_beat: DateTime<Utc>, now: DateTime<Utc>) -> bool {
        now - last_beat > self.tolerance
    }
}

/// A time in which the service could not be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outage {
    /// Its id.
    pub id: OutageId,
    /// Since when: the last sign of life, or what was reported.
    pub started_at: DateTime<Utc>,
    /// Until when; from this instant on it could be used again.
    pub ended_at: DateTime<Utc>,
    /// Why.
    pub cause: OutageCause,
    /// What was reported, for everybody; 1 to 2,000 characters. None for what the service noticed itself.
    pub text: Option<String>,
    /// The administrator who reported it.
    pub reported_by: Option<UserId>,
    /// When it came into the ledger.
    pub recorded_at: DateTime<Utc>,
}

/// What an administrator reports.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutageReport {
    /// Since when.
    pub started_at: DateTime<Utc>,
    /// Until when.
    pub ended_at: DateTime<Utc>,
    /// What happened, for everybody.
    pub text: String,
}

/// What was said about an outage afterwards, for everybody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutageNote {
    /// Its id.
    pub id: OutageNoteId,
    /// Of which outage.
    pub outage: OutageId,
    /// Counts from 1.
    pub number: i32,
    /// The text; 1 to 2,000 characters.
    pub text: String,
    /// The administrator who wrote it.
    pub noted_by: UserId,
    /// When.
    pub noted_at: DateTime<Utc>,
}

impl Outage {
    /// The gap between the last sign of life and this one, if it is one.
    pub fn detect(
        id: OutageId,
        policy: &OutagePolicy,
        last_beat: DateTime<Utc>,
        cause: OutageCause,
        now: DateTime<Utc>,
    ) -> Option<(Self, Event)> {
        policy.is_gap(last_beat, now).then(|| {
            let (started_at, ended_at) = (last_beat, now);
            Self { id, started_at, ended_at, cause, text: None, reported_by: None, recorded_at: now }.recorded()
        })
    }

    /// An administrator reports what the service could not notice, such as a network that was down.
    pub fn report(id: OutageId, actor: &Actor, report: OutageReport, now: DateTime<Utc>) -> Result<(Self, Event)> {
        actor.require_administrator()?;
        // As exactly as both databases keep it, so that a certificate says the same whenever it is asked for.
        let (started_at, ended_at) = (report.started_at.trunc_subsecs(6), report.ended_at.trunc_subsecs(6));
        let mut checks = Checks::new();
        checks.text(&report.text, 2000, "/text");
        checks.require(ended_at <= now, "/endedAt", "in_future", "must not be later than now");
        checks.require(started_at < ended_at, "/endedAt", "out_of_order", "must be later than the start");
        let long = ended_at - started_at > LONGEST_REPORT;
        checks.require(!long, "/startedAt", "too_long", "at most 31 days; report a longer one in parts");
        checks.done()?;
        let (cause, text, reported_by) = (OutageCause::Reported, Some(report.text), Some(actor.user));
        Ok(Self { id, started_at, ended_at, cause, text, reported_by, recorded_at: now }.recorded())
    }

    /// An administrator says something about it; `present` is how many notes there are.
    pub fn annotate(
        &self,
        id: OutageNoteId,
        actor: &Actor,
        text: &str,
        present: i32,
        now: DateTime<Utc>,
    ) -> Result<(OutageNote, Event)> {
        actor.require_administrator()?;
        crate::text(text, 2000, "/text")?;
        if present >= MOST_NOTES {
            return Err(Refusal::LimitReached("an outage has at most 50 notes"));
        }
        let (outage, number, noted_by) = (self.id, present + 1, actor.user);
        let note = OutageNote { id, outage, number, text: text.to_owned(), noted_by, noted_at: now };
        let payload = json!({ "note": number });
        Ok((note, Event::public("outage.annotated", Subject::Outage(self.id), None, payload).because(text)))
    }

    /// How long it was.
    pub fn length(&self) -> TimeDelta {
        self.ended_at - self.started_at
    }

    /// Whether it took something of the time from `from` on and before `until`.
    pub fn overlaps(&self, from: DateTime<Utc>, until: DateTime<Utc>) -> bool {
        self.started_at < until && self.ended_at > from
    }

    fn recorded(self) -> (Self, Event) {
        let payload = json!({
            "startedAt": exactly(self.started_at), "endedAt": exactly(self.ended_at), "cause": self.cause,
        });
        let mut event = Event::public("outage.recorded", Subject::Outage(self.id), None, payload);
        event.reason.clone_from(&self.text);
        (self, event)
    }
}

/// How much time outages took together: what two of them took is counted once.
pub fn lost(outages: &[Outage]) -> TimeDelta {
    let mut spans: Vec<_> = outages.iter().map(|outage| (outage.started_at, outage.ended_at)).collect();
    spans.sort_unstable();
    let mut until = DateTime::<Utc>::MIN_UTC;
    let lengths = spans.into_iter().map(|(from, to)| {
        let length = to - to.min(from.max(until));
        until = until.max(to);
        length
    });
    lengths.sum()
}

fn exactly(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Micros, true)
}
