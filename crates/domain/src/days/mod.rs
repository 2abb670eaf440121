//! Periods in calendar days and in working days, and the instant at which they end.
//!
//! Both follow Regulation (EEC, Euratom) No 1182/71: the day of the event is not counted (article 3(1)) and the period
//! ends with the last hour of its last day (3(2)(b)). Calendar days: if the last day is a public holiday, a Saturday or a
//! Sunday, the period ends with the next working day (3(4)), and two days or more hold at least two working days (3(5)).
//! Working days: all but public holidays, Saturdays and Sundays (2(2)), and only those count (3(3)).
//!
//! A period counted backwards, such as "six days before the deadline", keeps so many whole days free between what has to
//! be done before it and the day of the deadline. Its end never moves (3(4), second subparagraph).

mod calendar;
mod explanation;
mod shipped;
mod start;
mod version;

pub use calendar::{Calendar, CalendarChanges, NamedDay, NoWorkingWeekday};
pub use explanation::written;
pub use shipped::{CalendarCode, easter};
pub use start::start;
pub use version::{CalendarDraft, CalendarVersion, MOST_DAYS};

use chrono::{DateTime, Days, NaiveDate, NaiveTime, Offset, TimeZone, Utc};
use chrono_tz::{GapInfo, Tz};
use serde::{Deserialize, Serialize};

/// The longest period that is computed for anybody who asks, in days: ten years.
pub const LONGEST: u32 = 3660;

/// How the days of a period are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum PeriodRule {
    /// Every day counts.
    #[serde(rename = "calendar")]
    CalendarDays,
    /// Only working days count.
    #[serde(rename = "working")]
    WorkingDays,
}

/// Into which direction a period runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// From an event on.
    After,
    /// Back from a deadline.
    Before,
}

/// So many days, counted in some way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Period {
    /// How many.
    pub days: u32,
    /// Of which kind.
    pub rule: PeriodRule,
}

/// The end of a period, with everything it was computed from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ComputedDate {
    /// The end, exclusive: the first instant at which the local date is later than `last_day`. Anything done before
    /// this instant is in time, anything done at it is late.
    pub ends_at: DateTime<Utc>,
    /// The local date with which the period ends; counting backwards, the last day before it.
    pub last_day: NaiveDate,
    /// How the days were counted.
    pub rule: PeriodRule,
    /// In which direction.
    pub direction: Direction,
    /// Working days: the days that did not count. Calendar days: the days, not working days, over which the end moved.
    pub skipped: Vec<NamedDay>,
    /// The local date of the event that started the period, or of the deadline; it is not counted.
    pub event_day: NaiveDate,
    /// The length of the period in days as counted by `rule`.
    pub days: u32,
    /// The zone in which days begin and end.
    pub zone: Tz,
    /// The code of the calendar used.
    pub calendar: String,
    /// The version of that calendar.
    pub calendar_version: i32,
}

impl PeriodRule {
    /// Every rule.
    pub const ALL: [Self; 2] = [Self::CalendarDays, Self::WorkingDays];

    /// The kind of days that count.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::CalendarDays => "calendar",
            Self::WorkingDays => "working",
        }
    }

    /// The rule by which this kind of days counts.
    pub fn parse(kind: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|rule| rule.as_str() == kind)
    }
}

impl Direction {
    /// Every direction.
    pub const ALL: [Self; 2] = [Self::After, Self::Before];

    /// The name of the direction.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::After => "after",
            Self::Before => "before",
        }
    }

    /// The direction of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|direction| direction.as_str() == name)
    }
}

impl Period {
    /// So many days of any kind.
    pub const fn calendar_days(days: u32) -> Self {
        Self { days, rule: PeriodRule::CalendarDays }
    }

    /// So many working days.
    pub const fn working_days(days: u32) -> Self {
        Self { days, rule: PeriodRule::WorkingDays }
    }

    /// Its end, counted from `moment` on or back from it.
    pub fn end(self, direction: Direction, moment: DateTime<Utc>, zone: Tz, calendar: &Calendar) -> ComputedDate {
        match direction {
            Direction::After => self.after(moment, zone, calendar),
            Direction::Before => self.before(moment, zone, calendar),
        }
    }

    /// The end of the period that starts with `event`. A period that would end beyond the last date that can be
    /// represented ends there.
    ///
    /// A period of no calendar days ends with the day of the event or the next working day, one of no working days with
    /// the day of the event.
    pub fn after(self, event: DateTime<Utc>, zone: Tz, calendar: &Calendar) -> ComputedDate {
        let count = Count { event_day: local_day(event, zone), days: self.days, zone, calendar };
        match self.rule {
            PeriodRule::CalendarDays => count.calendar_days(),
            PeriodRule::WorkingDays => count.working_days(),
        }
    }

    /// Until when something has to be done if so many whole days are to lie between the day on which it is done and
    /// that of `deadline`.
    pub fn before(self, deadline: DateTime<Utc>, zone: Tz, calendar: &Calendar) -> ComputedDate {
        let count = Count { event_day: local_day(deadline, zone), days: self.days, zone, calendar };
        match self.rule {
            PeriodRule::CalendarDays => count.calendar_days_before(),
            PeriodRule::WorkingDays => count.working_days_before(),
        }
    }
}

/// A period before its end is known.
struct Count<'a> {
    event_day: NaiveDate,
    days: u32,
    zone: Tz,
    calendar: &'a Calendar,
}

impl Count<'_> {
    fn calendar_days(&self) -> ComputedDate {
        let nominal = self.event_day.checked_add_days(Days::new(self.days.into())).unwrap_or(NaiveDate::MAX);
        let mut worked = 0;
        let last_day = self.event_day.iter_days().find(|day| {
            let works = self.calendar.is_working_day(*day);
            worked += u32::from(works && *day > self.event_day);
            works && *day >= nominal && worked >= self.days.min(2)
        });
        let last_day = last_day.unwrap_or(NaiveDate::MAX);
        let skipped = self.free_days(nominal, last_day);
        self.ending(last_day, PeriodRule::CalendarDays, Direction::After, skipped)
    }

    fn working_days(&self) -> ComputedDate {
        let mut worked = 0;
        let last_day = self.event_day.iter_days().find(|day| {
            worked += u32::from(*day > self.event_day && self.calendar.is_working_day(*day));
            worked >= self.days
        });
        let last_day = last_day.unwrap_or(NaiveDate::MAX);
        let skipped = self.free_days(self.event_day.succ_opt().unwrap_or(NaiveDate::MAX), last_day);
        self.ending(last_day, PeriodRule::WorkingDays, Direction::After, skipped)
    }

    fn calendar_days_before(&self) -> ComputedDate {
        let last_day = self.event_day.checked_sub_days(Days::new(u64::from(self.days) + 1)).unwrap_or(NaiveDate::MIN);
        self.ending(last_day, PeriodRule::CalendarDays, Direction::Before, Vec::new())
    }

    fn working_days_before(&self) -> ComputedDate {
        let mut worked = 0;
        let mut backwards = std::iter::successors(Some(self.event_day), NaiveDate::pred_opt);
        let first_kept = backwards.find(|day| {
            worked += u32::from(*day < self.event_day && self.calendar.is_working_day(*day));
            worked >= self.days
        });
        let first_kept = first_kept.unwrap_or(NaiveDate::MIN);
        let skipped = self.free_days(first_kept, self.event_day);
        let last_day = first_kept.pred_opt().unwrap_or(NaiveDate::MIN);
        self.ending(last_day, PeriodRule::WorkingDays, Direction::Before, skipped)
    }

    /// The days that are not worked from `from` on and before `until`.
    fn free_days(&self, from: NaiveDate, until: NaiveDate) -> Vec<NamedDay> {
        let days = from.iter_days().take_while(|day| *day < until);
        days.filter(|day| !self.calendar.is_working_day(*day)).map(|day| self.calendar.named(day)).collect()
    }

    fn ending(
        &self,
        last_day: NaiveDate,
        rule: PeriodRule,
        direction: Direction,
        skipped: Vec<NamedDay>,
    ) -> ComputedDate {
        ComputedDate {
            ends_at: end_of_day(last_day, self.zone).unwrap_or(DateTime::<Utc>::MAX_UTC),
            last_day,
            rule,
            direction,
            skipped,
            event_day: self.event_day,
            days: self.days,
            zone: self.zone,
            calendar: self.calendar.name().to_owned(),
            calendar_version: self.calendar.version(),
        }
    }
}

/// The local date of an instant. At the very edge of the range some zones have none, and the date in UTC stands in.
fn local_day(instant: DateTime<Utc>, zone: Tz) -> NaiveDate {
    let utc = instant.naive_utc();
    utc.checked_add_offset(zone.offset_from_utc_datetime(&utc).fix()).unwrap_or(utc).date()
}

/// The first instant at which the local date is later than `day`; none beyond the range of dates.
fn end_of_day(day: NaiveDate, zone: Tz) -> Option<DateTime<Utc>> {
    let midnight = day.succ_opt()?.and_time(NaiveTime::MIN);
    zone.from_local_datetime(&midnight)
        .earliest()
        // Midnight does not exist: clocks, or the date line, moved past it, and the day ended with that move.
        .or_else(|| GapInfo::new(&midnight, &zone)?.end)
        .map(|instant| instant.to_utc())
}
