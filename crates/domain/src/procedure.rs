//! How a challenge is procured, and the periods that go with it.

use crate::{Calendar, ComputedDate, end_of_calendar_days, end_of_working_days};
use chrono::{DateTime, Utc};
use chrono_tz::Tz;

/// The kind of procedure; decides the minimum periods.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Procedure {
    /// A small pilot below the national low-value limit: open for at least 10 calendar days, standstill of 2 working days.
    SmallPilot,
    /// An open pilot: open for at least 30 calendar days, standstill of 10 calendar days (Directive 89/665/EEC, art. 2a).
    OpenPilot,
}

impl Procedure {
    /// The name of the procedure.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::SmallPilot => "small_pilot",
            Self::OpenPilot => "open_pilot",
        }
    }

    /// The procedure of that name.
    pub fn parse(name: &str) -> Option<Self> {
        [Self::SmallPilot, Self::OpenPilot].into_iter().find(|procedure| procedure.as_str() == name)
    }

    /// The earliest submission deadline of a challenge published at `published_at`.
    pub fn earliest_deadline(self, published_at: DateTime<Utc>, zone: Tz, calendar: &Calendar) -> ComputedDate {
        let days = match self {
            Self::SmallPilot => 10,
            Self::OpenPilot => 30,
        };
        end_of_calendar_days(published_at, days, zone, calendar)
    }

    /// Until when contracts of a challenge awarded at `awarded_at` must not be signed.
    pub fn standstill(self, awarded_at: DateTime<Utc>, zone: Tz, calendar: &Calendar) -> ComputedDate {
        match self {
            Self::SmallPilot => end_of_working_days(awarded_at, 2, zone, calendar),
            Self::OpenPilot => end_of_calendar_days(awarded_at, 10, zone, calendar),
        }
    }
}
