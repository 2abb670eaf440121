//! Versions of a calendar: what administrators change in the days that are computed.

use super::{Calendar, CalendarChanges, CalendarCode, NamedDay};
use crate::{Actor, Checks, Event, Refusal, Result, Subject, UserId};
use chrono::{DateTime, Datelike, NaiveDate, Utc, Weekday};
use serde_json::json;
use std::collections::BTreeSet;

/// The most days in each list of a version.
pub const MOST_DAYS: usize = 400;

/// The years in which days can be changed.
const YEARS: std::ops::RangeInclusive<i32> = 2000..=2110;

/// A version of a calendar. The newest is in force; dates keep the number of the one they were computed with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CalendarVersion {
    /// Which calendar.
    pub code: CalendarCode,
    /// Counted from 1, which comes with the program.
    pub version: i32,
    /// What it says besides the holidays that are computed.
    pub changes: CalendarChanges,
    /// Why it was made; 1 to 5,000 characters.
    pub reason: String,
    /// By whom, and when; `None` for the one that comes with the program.
    pub made: Option<(UserId, DateTime<Utc>)>,
}

/// What an administrator wants a calendar to say besides the holidays that are computed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CalendarDraft {
    /// The days of the week that are free; at most six.
    pub weekend: Vec<Weekday>,
    /// More holidays.
    pub added: Vec<NamedDay>,
    /// Computed holidays that do not apply.
    pub removed: Vec<NaiveDate>,
    /// Free days on which people work all the same.
    pub extra_working_days: Vec<NaiveDate>,
}

impl CalendarVersion {
    /// The version that comes with the program.
    pub fn shipped(code: CalendarCode) -> Self {
        let reason = "Comes with the program.".to_owned();
        Self { code, version: 1, changes: CalendarChanges::default(), reason, made: None }
    }

    /// The calendar that it describes.
    pub fn calendar(&self) -> Calendar {
        let calendar = Calendar::new(Some(self.code), self.version, self.changes.clone());
        // `replace` lets no version come into being without a working day; what is computed is always there.
        calendar.unwrap_or_else(|_| Calendar::shipped(self.code))
    }

    /// An administrator makes the next version, which holds at once for whatever is computed from now on.
    pub fn replace(
        &self,
        actor: &Actor,
        draft: &CalendarDraft,
        reason: &str,
        now: DateTime<Utc>,
    ) -> Result<(Self, Event)> {
        actor.require_administrator()?;
        draft.check(self.code, reason)?;
        let changes = draft.changes();
        if changes == self.changes {
            return Err(Refusal::AlreadyDone);
        }
        let (code, version, made) = (self.code, self.version + 1, Some((actor.user, now)));
        let details = json!({ "calendar": code, "version": version });
        let event = Event::public("calendar.changed", Subject::Platform, None, details).because(reason);
        Ok((Self { code, version, changes, reason: reason.to_owned(), made }, event))
    }
}

impl CalendarDraft {
    fn check(&self, code: CalendarCode, reason: &str) -> Result<()> {
        let mut checks = Checks::new();
        let works = self.changes().leave_a_working_weekday();
        checks.require(works, "/weekend", "out_of_range", "must leave a day of the week to work on");
        let distinct = self.weekend.iter().enumerate().all(|(i, day)| !self.weekend[..i].contains(day));
        checks.require(distinct, "/weekend", "duplicate", "names a day twice");
        let added: Vec<_> = self.added.iter().map(|holiday| holiday.day).collect();
        check_days(&mut checks, "/added", &added, |i| format!("/added/{i}/day"));
        for (i, holiday) in self.added.iter().enumerate() {
            checks.text(&holiday.name, 100, format!("/added/{i}/name"));
        }
        check_days(&mut checks, "/removed", &self.removed, |i| format!("/removed/{i}"));
        for (i, day) in self.removed.iter().enumerate() {
            let computed = code.holiday(*day).is_some();
            checks.require(computed, format!("/removed/{i}"), "not_a_holiday", "is no holiday that is computed");
            checks.require(!added.contains(day), format!("/removed/{i}"), "duplicate", "is among `added`, too");
        }
        check_days(&mut checks, "/extraWorkingDays", &self.extra_working_days, |i| format!("/extraWorkingDays/{i}"));
        let free =
            Calendar::new(Some(code), 0, CalendarChanges { extra_working_days: BTreeSet::new(), ..self.changes() });
        for (i, day) in self.extra_working_days.iter().enumerate() {
            let free = free.as_ref().is_ok_and(|calendar| !calendar.is_working_day(*day));
            checks.require(free, format!("/extraWorkingDays/{i}"), "not_free", "is a working day already");
        }
        checks.text(reason, 5000, "/reason");
        checks.done()
    }

    fn changes(&self) -> CalendarChanges {
        CalendarChanges {
            weekend: self.weekend.clone(),
            added: self.added.iter().map(|holiday| (holiday.day, holiday.name.trim().to_owned())).collect(),
            removed: self.removed.iter().copied().collect(),
            extra_working_days: self.extra_working_days.iter().copied().collect(),
        }
    }
}

fn check_days(checks: &mut Checks, list: &str, days: &[NaiveDate], pointer: impl Fn(usize) -> String) {
    checks.require(days.len() <= MOST_DAYS, list, "too_many", format!("at most {MOST_DAYS} days"));
    for (i, day) in days.iter().enumerate() {
        let years = format!("must be in the years from {} to {}", YEARS.start(), YEARS.end());
        checks.require(YEARS.contains(&day.year()), pointer(i), "out_of_range", years);
        checks.require(!days[..i].contains(day), pointer(i), "duplicate", "is there twice");
    }
}
