//! The one clock. Its offset is zero, except in tests and in demos, where time can be moved forward.

use chrono::{DateTime, DurationRound, TimeDelta, Utc};
use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

/// A clock that can be moved; all clones move together.
#[derive(Debug, Clone, Default)]
pub struct Clock {
    offset_micros: Arc<AtomicI64>,
}

impl Clock {
    /// The time of this machine, to the microsecond (what both databases keep), plus the offset.
    ///
    /// For tokens and the like. What decides about a deadline is [`crate::Conn::now`], the database's clock.
    pub fn now(&self) -> DateTime<Utc> {
        #[allow(clippy::disallowed_methods, reason = "this is the one place that reads the machine's clock")]
        let now = Utc::now();
        self.apply(now)
    }

    /// How far the clock was moved.
    pub fn offset(&self) -> TimeDelta {
        TimeDelta::microseconds(self.offset_micros.load(Ordering::SeqCst))
    }

    /// Moves the clock by `by`, for every clone.
    pub fn advance(&self, by: TimeDelta) {
        self.offset_micros.fetch_add(by.num_microseconds().unwrap_or(0), Ordering::SeqCst);
    }

    /// Moves the clock so that it is `offset` ahead of the machine's, unless it is further ahead already: of two
    /// requests that move it, the later one may be told of first.
    pub fn advance_to(&self, offset: TimeDelta) {
        self.offset_micros.fetch_max(offset.num_microseconds().unwrap_or(0), Ordering::SeqCst);
    }

    /// Adds the offset to what a database says.
    pub(crate) fn apply(&self, at: DateTime<Utc>) -> DateTime<Utc> {
        let at = at + self.offset();
        at.duration_trunc(TimeDelta::microseconds(1)).unwrap_or(at)
    }
}
