//! Which days are worked: the holidays of a shipped calendar, and what administrators change in them.

use super::CalendarCode;
use chrono::{Datelike, NaiveDate, Weekday};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// A day that has a name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct NamedDay {
    /// The date.
    pub day: NaiveDate,
    /// The English name of the holiday, or of the day of the week.
    pub name: String,
}

/// What a version of a calendar says besides the holidays that are computed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CalendarChanges {
    /// The days of the week that are free.
    pub weekend: Vec<Weekday>,
    /// Holidays that are not computed, with their names.
    pub added: BTreeMap<NaiveDate, String>,
    /// Computed holidays that do not apply.
    pub removed: BTreeSet<NaiveDate>,
    /// Days of a weekend or holidays on which people work; they win over everything else.
    pub extra_working_days: BTreeSet<NaiveDate>,
}

impl Default for CalendarChanges {
    /// Saturdays and Sundays are free, and no holiday changes.
    fn default() -> Self {
        Self {
            weekend: vec![Weekday::Sat, Weekday::Sun],
            added: BTreeMap::new(),
            removed: BTreeSet::new(),
            extra_working_days: BTreeSet::new(),
        }
    }
}

impl CalendarChanges {
    /// Whether there is a day of the week to work on; otherwise no period would ever end.
    pub fn leave_a_working_weekday(&self) -> bool {
        let mut week = (0..7u8).filter_map(|day| Weekday::try_from(day).ok());
        week.any(|day| !self.weekend.contains(&day))
    }
}

/// Which days somebody works: one numbered version of a country's or an institution's calendar.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Calendar {
    code: Option<CalendarCode>,
    version: i32,
    changes: CalendarChanges,
}

/// The calendar has no day of the week to work on, so no period would ever end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a calendar needs at least one day of the week to work on")]
pub struct NoWorkingWeekday;

impl Calendar {
    /// A version of a calendar: the computed holidays of `code`, or none, with these changes.
    ///
    /// # Errors
    /// [`NoWorkingWeekday`] when the weekend covers the whole week.
    pub fn new(code: Option<CalendarCode>, version: i32, changes: CalendarChanges) -> Result<Self, NoWorkingWeekday> {
        if changes.leave_a_working_weekday() { Ok(Self { code, version, changes }) } else { Err(NoWorkingWeekday) }
    }

    /// The calendar as it comes with the program: version 1.
    pub fn shipped(code: CalendarCode) -> Self {
        Self { code: Some(code), version: 1, changes: CalendarChanges::default() }
    }

    /// Saturdays and Sundays are free, every other day is a working day.
    pub fn weekends_only() -> Self {
        Self { code: None, version: 1, changes: CalendarChanges::default() }
    }

    /// The code under which the calendar is kept, or `weekends` if no holidays are computed for it.
    pub fn name(&self) -> &'static str {
        self.code.map_or("weekends", CalendarCode::as_str)
    }

    /// The version of its content.
    pub fn version(&self) -> i32 {
        self.version
    }

    /// Whether people work on `day`.
    pub fn is_working_day(&self, day: NaiveDate) -> bool {
        self.changes.extra_working_days.contains(&day)
            || !(self.changes.weekend.contains(&day.weekday()) || self.holiday(day).is_some())
    }

    /// The name of the public holiday on `day`, if it is one.
    pub fn holiday(&self, day: NaiveDate) -> Option<&str> {
        let computed = || self.code?.holiday(day).filter(|_| !self.changes.removed.contains(&day));
        self.changes.added.get(&day).map(String::as_str).or_else(computed)
    }

    /// The public holidays of a year, in their order, on whatever day of the week they fall.
    pub fn holidays(&self, year: i32) -> Vec<NamedDay> {
        let first = NaiveDate::from_ymd_opt(year, 1, 1);
        let days = first.into_iter().flat_map(|first| first.iter_days()).take_while(|day| day.year() == year);
        days.filter_map(|day| Some(NamedDay { day, name: self.holiday(day)?.to_owned() })).collect()
    }

    /// The day with the name of its holiday, or of its day of the week.
    pub(super) fn named(&self, day: NaiveDate) -> NamedDay {
        let name = self.holiday(day).map_or_else(|| day.format("%A").to_string(), str::to_owned);
        NamedDay { day, name }
    }
}
