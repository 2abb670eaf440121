//! Periods in calendar days and in working days, and the instant at which they end.
//!
//! Calendar days follow Regulation (EEC, Euratom) No 1182/71, article 3: the day of the event is not counted (1), the
//! period ends with the last hour of its last day (2b), if that is a public holiday, a Saturday or a Sunday with the last
//! hour of the next working day (4), and a period of two days or more holds at least two working days (5).

use std::collections::BTreeSet;

use chrono::{DateTime, Datelike, Days, NaiveDate, NaiveTime, Offset, TimeZone, Utc, Weekday};
use chrono_tz::{GapInfo, Tz};
use serde::{Deserialize, Serialize};

/// Which days somebody works: one numbered version of a country's or an institution's calendar.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Calendar {
    name: String,
    version: u32,
    weekend: Vec<Weekday>,
    holidays: BTreeSet<NaiveDate>,
    extra_working_days: BTreeSet<NaiveDate>,
}

/// The calendar has no day of the week to work on, so no period would ever end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a calendar needs at least one day of the week to work on")]
pub struct NoWorkingWeekday;

/// How the days of a period are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PeriodRule {
    /// Every day counts: Regulation (EEC, Euratom) No 1182/71.
    CalendarDays,
    /// Only working days count.
    WorkingDays,
}

/// The end of a period, with everything it was computed from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ComputedDate {
    /// The end, exclusive: the first instant at which the local date is later than `last_day`. Anything done before
    /// this instant is in time, anything done at it is late.
    pub ends_at: DateTime<Utc>,
    /// The local date with which the period ends.
    pub last_day: NaiveDate,
    /// How the days were counted.
    pub rule: PeriodRule,
    /// Working days: the days that did not count. Calendar days: the days, not working days, over which the end moved.
    pub skipped: Vec<NaiveDate>,
    /// The local date of the event that started the period; it is not counted.
    pub event_day: NaiveDate,
    /// The length of the period in days as counted by `rule`.
    pub days: u32,
    /// The zone in which days begin and end.
    pub zone: Tz,
    /// The name of the calendar used.
    pub calendar: String,
    /// The version of that calendar.
    pub calendar_version: u32,
}

impl Calendar {
    /// A calendar in which the days of `weekend` and the `holidays` are free, except for the `extra_working_days`
    /// (which win over both).
    ///
    /// # Errors
    /// [`NoWorkingWeekday`] when the weekend covers the whole week.
    pub fn new(
        name: impl Into<String>,
        version: u32,
        weekend: impl IntoIterator<Item = Weekday>,
        holidays: impl IntoIterator<Item = NaiveDate>,
        extra_working_days: impl IntoIterator<Item = NaiveDate>,
    ) -> Result<Self, NoWorkingWeekday> {
        let calendar = Self {
            name: name.into(),
            version,
            weekend: weekend.into_iter().collect(),
            holidays: holidays.into_iter().collect(),
            extra_working_days: extra_working_days.into_iter().collect(),
        };
        let mut week = (0..7u8).filter_map(|day| Weekday::try_from(day).ok());
        if week.all(|day| calendar.weekend.contains(&day)) { Err(NoWorkingWeekday) } else { Ok(calendar) }
    }

    /// Saturdays and Sundays are free, every other day is a working day.
    pub fn weekends_only() -> Self {
        Self {
            name: "weekends".to_owned(),
            version: 1,
            weekend: vec![Weekday::Sat, Weekday::Sun],
            holidays: BTreeSet::new(),
            extra_working_days: BTreeSet::new(),
        }
    }

    /// The name under which the calendar is kept.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The version of its content.
    pub fn version(&self) -> u32 {
        self.version
    }

    /// Whether people work on `day`.
    pub fn is_working_day(&self, day: NaiveDate) -> bool {
        self.extra_working_days.contains(&day)
            || !(self.weekend.contains(&day.weekday()) || self.holidays.contains(&day))
    }
}

/// The end of a period of `days` calendar days that starts with `event`, by Regulation (EEC, Euratom) No 1182/71.
///
/// A period of no days ends with the day of the event, or with the next working day. A period that would end beyond the
/// last date that can be represented ends there.
pub fn end_of_calendar_days(event: DateTime<Utc>, days: u32, zone: Tz, calendar: &Calendar) -> ComputedDate {
    let event_day = local_day(event, zone);
    let nominal = event_day.checked_add_days(Days::new(days.into())).unwrap_or(NaiveDate::MAX);
    let mut worked = 0;
    let last_day = event_day.iter_days().find(|day| {
        let works = calendar.is_working_day(*day);
        worked += u32::from(works && *day > event_day);
        works && *day >= nominal && worked >= days.min(2)
    });
    let last_day = last_day.unwrap_or(NaiveDate::MAX);
    Period { event_day, days, zone, calendar }.ending(last_day, PeriodRule::CalendarDays, nominal)
}

/// The end of a period of `days` working days: the day of `event` is not counted, and no day that is not worked.
///
/// A period of no days ends with the day of the event. A period that would end beyond the last date that can be
/// represented ends there.
pub fn end_of_working_days(event: DateTime<Utc>, days: u32, zone: Tz, calendar: &Calendar) -> ComputedDate {
    let event_day = local_day(event, zone);
    let mut worked = 0;
    let last_day = event_day.iter_days().find(|day| {
        worked += u32::from(*day > event_day && calendar.is_working_day(*day));
        worked >= days
    });
    let last_day = last_day.unwrap_or(NaiveDate::MAX);
    let first = event_day.succ_opt().unwrap_or(NaiveDate::MAX);
    Period { event_day, days, zone, calendar }.ending(last_day, PeriodRule::WorkingDays, first)
}

impl PeriodRule {
    /// The name under which the rule is kept.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::CalendarDays => "calendar_days",
            Self::WorkingDays => "working_days",
        }
    }
}

impl ComputedDate {
    /// How the date came about, in one English sentence.
    pub fn explanation(&self) -> String {
        let Self { days, event_day, zone, calendar, calendar_version, .. } = self;
        let (kind, source) = match self.rule {
            PeriodRule::CalendarDays => ("calendar", ", Regulation (EEC, Euratom) No 1182/71"),
            PeriodRule::WorkingDays => ("working", ""),
        };
        format!(
            "A period of {days} {kind} day{} from {} (not counted) ends at the end of {} \
             ({zone}, calendar {calendar} version {calendar_version}{source}){}.",
            if *days == 1 { "" } else { "s" },
            written(*event_day),
            written(self.last_day),
            self.reason(),
        )
    }

    fn reason(&self) -> String {
        match self.rule {
            PeriodRule::CalendarDays => self.reason_for_later_end(),
            PeriodRule::WorkingDays if self.skipped.is_empty() => String::new(),
            PeriodRule::WorkingDays => {
                let skipped: Vec<_> = self.skipped.iter().copied().map(written).collect();
                format!(", not counting {}", skipped.join(", "))
            }
        }
    }

    fn reason_for_later_end(&self) -> String {
        let Some(nominal) = self.event_day.checked_add_days(Days::new(self.days.into())) else { return String::new() };
        let moved_by = (self.last_day - nominal).num_days();
        let holds_too_few = usize::try_from(moved_by).is_ok_and(|days| days > self.skipped.len());
        match (self.skipped.first() == Some(&nominal), holds_too_few) {
            (false, false) => String::new(),
            (true, false) => format!(", because {} is not a working day", written(nominal)),
            (false, true) => ", because it must hold two working days".to_owned(),
            (true, true) => {
                format!(", because {} is not a working day and the period must hold two working days", written(nominal))
            }
        }
    }
}

/// A period before its end is known.
struct Period<'a> {
    event_day: NaiveDate,
    days: u32,
    zone: Tz,
    calendar: &'a Calendar,
}

impl Period<'_> {
    fn ending(self, last_day: NaiveDate, rule: PeriodRule, skipped_from: NaiveDate) -> ComputedDate {
        let skipped = skipped_from
            .iter_days()
            .take_while(|day| *day < last_day)
            .filter(|day| !self.calendar.is_working_day(*day))
            .collect();
        ComputedDate {
            ends_at: end_of_day(last_day, self.zone).unwrap_or(DateTime::<Utc>::MAX_UTC),
            last_day,
            rule,
            skipped,
            event_day: self.event_day,
            days: self.days,
            zone: self.zone,
            calendar: self.calendar.name.clone(),
            calendar_version: self.calendar.version,
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

fn written(day: NaiveDate) -> String {
    day.format("%A %-d %B %Y").to_string()
}
