//! A computed date in words.

use super::{ComputedDate, Direction, NamedDay, PeriodRule};
use chrono::{Days, NaiveDate};

/// The most holidays that a sentence names.
const NAMED: usize = 10;

impl ComputedDate {
    /// The articles by which the days were counted.
    pub fn legal_basis(&self) -> &'static str {
        match (self.rule, self.direction) {
            (PeriodRule::CalendarDays, Direction::After) => {
                "Regulation (EEC, Euratom) No 1182/71, article 3(1), (2)(b), (4) and (5)"
            }
            (PeriodRule::CalendarDays, Direction::Before) => {
                "Regulation (EEC, Euratom) No 1182/71, article 3(1), (2)(b) and (4), second subparagraph"
            }
            (PeriodRule::WorkingDays, _) => {
                "Regulation (EEC, Euratom) No 1182/71, articles 2(2) and 3(1), (2)(b) and (3)"
            }
        }
    }

    /// How the date came about, in one English sentence.
    pub fn explanation(&self) -> String {
        let Self { days, event_day, last_day, zone, calendar, calendar_version, .. } = self;
        let kind = self.rule.as_str();
        let (plural, event, last) = (if *days == 1 { "" } else { "s" }, written(*event_day), written(*last_day));
        let period = match self.direction {
            Direction::After => format!("A period of {days} {kind} day{plural} from {event} (not counted) ends"),
            Direction::Before => {
                format!("Leaving {days} whole {kind} day{plural} before {event} (not counted), the time ends")
            }
        };
        let basis = self.legal_basis();
        let reason = self.reason();
        format!(
            "{period} at the end of {last} ({zone}, calendar {calendar} version {calendar_version}, {basis}){reason}."
        )
    }

    fn reason(&self) -> String {
        match (self.rule, self.direction) {
            (PeriodRule::CalendarDays, Direction::After) => self.reason_for_later_end(),
            (PeriodRule::CalendarDays, Direction::Before) => String::new(),
            (PeriodRule::WorkingDays, _) => not_counting(&self.skipped),
        }
    }

    fn reason_for_later_end(&self) -> String {
        let Some(nominal) = self.event_day.checked_add_days(Days::new(self.days.into())) else { return String::new() };
        let moved_by = (self.last_day - nominal).num_days();
        let holds_too_few = usize::try_from(moved_by).is_ok_and(|days| days > self.skipped.len());
        let free = self.skipped.first().filter(|first| first.day == nominal).map(named);
        match (free, holds_too_few) {
            (None, false) => String::new(),
            (Some(free), false) => format!(", because {free} is not a working day"),
            (None, true) => ", because it must hold two working days".to_owned(),
            (Some(free), true) => {
                format!(", because {free} is not a working day and the period must hold two working days")
            }
        }
    }
}

/// Free days of the week are counted, holidays are named, as far as a sentence can hold them.
fn not_counting(skipped: &[NamedDay]) -> String {
    let (holidays, weekend): (Vec<_>, Vec<_>) = skipped.iter().partition(|day| is_holiday(day));
    let mut parts = Vec::new();
    match weekend.len() {
        0 => {}
        1 => parts.push("1 day of the weekend".to_owned()),
        days => parts.push(format!("{days} days of weekends")),
    }
    parts.extend(holidays.iter().take(NAMED).map(|holiday| named(holiday)));
    if let Some(more) = holidays.len().checked_sub(NAMED).filter(|more| *more > 0) {
        parts.push(format!("{more} more holiday{}", if more == 1 { "" } else { "s" }));
    }
    match parts.pop() {
        None => String::new(),
        Some(last) if parts.is_empty() => format!(", not counting {last}"),
        Some(last) => format!(", not counting {} and {last}", parts.join(", ")),
    }
}

fn is_holiday(day: &NamedDay) -> bool {
    day.name != day.day.format("%A").to_string()
}

fn named(day: &NamedDay) -> String {
    let date = written(day.day);
    if is_holiday(day) { format!("{date} ({})", day.name) } else { date }
}

/// A date in English, with its day of the week.
pub fn written(day: NaiveDate) -> String {
    day.format("%A %-d %B %Y").to_string()
}
