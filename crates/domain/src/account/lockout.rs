//! How guessing is slowed down without locking the owner out.

use crate::{Refusal, Result};
use chrono::{DateTime, TimeDelta, Utc};

/// After how long without a failure a counter starts again from zero.
pub const FAILURES_DECAY: TimeDelta = TimeDelta::hours(24);

/// The longest that failures block.
pub const LONGEST_BLOCK: TimeDelta = TimeDelta::minutes(15);

/// For how long a device is known after a log-in on it.
pub const KNOWN_DEVICE_LIFETIME: TimeDelta = TimeDelta::days(90);

/// The most devices that are known for one person; the one that expires first makes room.
pub const KNOWN_DEVICES: usize = 20;

/// What failures are counted for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CountedFor {
    /// One account, session or device: whoever fails here guesses one person's secret.
    One,
    /// What may be right a hundred times: a network, in which a whole office may sit behind one address and log in at nine
    /// o'clock; or the mails that one person has sent to others.
    Many,
}

impl CountedFor {
    /// The failure from which on each one blocks.
    fn threshold(self) -> i32 {
        match self {
            Self::One => 5,
            Self::Many => 100,
        }
    }
}

/// Failed attempts, counted before they are checked, so that parallel ones get no more tries than serial ones.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Attempts {
    /// How many failed, those that are being checked included.
    pub failures: i32,
    /// When the last one was made.
    pub last_at: DateTime<Utc>,
    /// Until when no other is looked at.
    pub blocked_until: Option<DateTime<Utc>>,
}

impl Attempts {
    /// Counts one more attempt as failed, until [`Attempts::forgive`] says otherwise.
    ///
    /// # Errors
    /// [`Refusal::TooManyAttempts`] while the counter blocks; such an attempt is neither looked at nor counted.
    pub fn count(&mut self, of: CountedFor, now: DateTime<Utc>) -> Result<()> {
        if let Some(until) = self.blocked_until.filter(|until| now < *until) {
            return Err(Refusal::TooManyAttempts(seconds_until(until, now)));
        }
        if now - self.last_at >= FAILURES_DECAY {
            self.failures = 0;
        }
        self.failures = self.failures.saturating_add(1);
        self.last_at = now;
        self.blocked_until = pause(self.failures - of.threshold()).map(|pause| now + pause);
        Ok(())
    }

    /// Takes one attempt back that turned out to be right.
    pub fn forgive(&mut self) {
        self.failures = (self.failures - 1).max(0);
        self.blocked_until = None;
    }
}

/// 1 second at the threshold, doubled with each failure beyond it, up to [`LONGEST_BLOCK`].
fn pause(beyond: i32) -> Option<TimeDelta> {
    let doublings = u32::try_from(beyond).ok()?.min(20);
    Some(TimeDelta::seconds(1_i64 << doublings).min(LONGEST_BLOCK))
}

/// Whole seconds, rounded up: after them another attempt is looked at.
fn seconds_until(until: DateTime<Utc>, now: DateTime<Utc>) -> i64 {
    let micros = (until - now).num_microseconds().unwrap_or(i64::MAX);
    micros / 1_000_000 + i64::from(micros % 1_000_000 > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::days(1000) + TimeDelta::seconds(seconds)
    }

    /// The pauses, in seconds, after each of `n` failures made as early as possible.
    fn pauses(of: CountedFor, n: usize) -> Vec<i64> {
        let (mut attempts, mut now) = (Attempts::default(), at(0));
        let one = |_| {
            attempts.count(of, now).unwrap();
            let pause = attempts.blocked_until.map_or(0, |until| (until - now).num_seconds());
            now += TimeDelta::seconds(pause);
            pause
        };
        (0..n).map(one).collect()
    }

    #[test]
    fn pauses_begin_with_the_fifth_failure_and_double_up_to_a_quarter_of_an_hour() {
        let expected = [0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900];
        assert_eq!(pauses(CountedFor::One, 16), expected);
        let network = pauses(CountedFor::Many, 101);
        assert_eq!(network[..99], [0; 99]);
        assert_eq!(network[99..], [1, 2]);
    }

    #[test]
    fn while_blocked_nothing_is_counted_and_the_wait_is_told_in_full_seconds() {
        let mut attempts = Attempts::default();
        for _ in 0..5 {
            attempts.count(CountedFor::One, at(0)).unwrap();
        }
        let before = attempts;
        let early = at(0) + TimeDelta::milliseconds(400);
        assert_eq!(attempts.count(CountedFor::One, early), Err(Refusal::TooManyAttempts(1)));
        assert_eq!(attempts, before);
        assert_eq!(attempts.count(CountedFor::One, at(1)), Ok(()));
        assert_eq!(attempts.failures, 6);
    }

    #[test]
    fn the_wait_is_rounded_up_to_whole_seconds() {
        let blocked = Attempts { failures: 9, last_at: at(0), blocked_until: Some(at(16)) };
        for (millis, seconds) in [(0, 16), (1, 16), (999, 16), (1000, 15), (13_500, 3), (14_000, 2), (15_999, 1)] {
            let refused = { blocked }.count(CountedFor::One, at(0) + TimeDelta::milliseconds(millis));
            assert_eq!(refused, Err(Refusal::TooManyAttempts(seconds)), "{millis}");
        }
        assert_eq!({ blocked }.count(CountedFor::One, at(16)), Ok(()));
    }

    #[test]
    fn a_day_without_a_failure_starts_the_counter_again() {
        let mut attempts = Attempts { failures: 40, last_at: at(0), blocked_until: Some(at(900)) };
        attempts.count(CountedFor::One, at(0) + FAILURES_DECAY - TimeDelta::microseconds(1)).unwrap();
        assert_eq!(attempts.failures, 41);
        attempts.count(CountedFor::One, attempts.last_at + FAILURES_DECAY).unwrap();
        assert_eq!((attempts.failures, attempts.blocked_until), (1, None));
    }

    #[test]
    fn what_turned_out_right_is_taken_back() {
        let mut attempts = Attempts::default();
        for _ in 0..5 {
            attempts.count(CountedFor::One, at(0)).unwrap();
        }
        attempts.forgive();
        assert_eq!((attempts.failures, attempts.blocked_until), (4, None));
        let mut none = Attempts::default();
        none.forgive();
        assert_eq!(none.failures, 0);
    }
}
