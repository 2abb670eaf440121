//! Reminders of what is owed: before it is due, when it is, and afterwards; each once.

use super::{Obligation, Standing, names};
use crate::Event;
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use serde_json::json;

/// How long before something is due there is a reminder.
pub const BEFORE: TimeDelta = TimeDelta::days(1);

/// How long after something was found to be late there is another one.
pub const AFTER: TimeDelta = TimeDelta::days(2);

names! {
    /// Which reminder; the later are greater.
    Reminder {
        /// It will soon be due.
        Before = "before",
        /// It was due now: the owners are told as well.
        Due = "due",
        /// It was due some time ago.
        After = "after",
    }
}

impl Obligation {
    /// When there is next a reminder to send; never for what has ended or whose clock stands still.
    pub fn attention_at(&self) -> Option<DateTime<Utc>> {
        if self.end.is_some() || self.paused_at().is_some() {
            return None;
        }
        match self.reminded {
            // What is due so soon that it would be reminded of at once is not.
            None if self.due_at - BEFORE > self.started_at => Some(self.due_at - BEFORE),
            None | Some(Reminder::Before) => Some(self.due_at),
            Some(Reminder::Due) => self.missed_at.map(|missed_at| missed_at + AFTER),
            Some(Reminder::After) => None,
        }
    }

    /// The reminder that is due at `now`, which is not given again; with the event that tells that it is late from the
    /// first one after its due date. What a downtime kept from being sent in time is not made up for, but for that one.
    pub fn remind(&mut self, now: DateTime<Utc>) -> Option<(Reminder, Option<Event>)> {
        if self.attention_at().is_none_or(|at| now < at) {
            return None;
        }
        let reminder = match self.standing(now) {
            Standing::Open => Reminder::Before,
            _ if self.missed_at.is_none() => Reminder::Due,
            _ => Reminder::After,
        };
        self.reminded = Some(reminder);
        let missed = (reminder == Reminder::Due).then(|| {
            self.missed_at = Some(now);
            self.event("obligation.missed", json!({ "kind": self.kind }))
        });
        Some((reminder, missed))
    }
}
