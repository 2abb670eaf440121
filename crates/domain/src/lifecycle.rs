//! What ends by itself unless somebody does something: accounts that nobody uses, members for whom nobody vouches.

use chrono::{DateTime, TimeDelta, Utc};

/// How long before the end there is a first warning.
pub const FIRST_WARNING: TimeDelta = TimeDelta::days(30);

/// How long before the end there is a last warning; nothing ends without one, and not sooner after it.
pub const LAST_WARNING: TimeDelta = TimeDelta::days(7);

/// How long accounts and certifications last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LifecyclePolicy {
    /// After how long without a log-in an account is deactivated; `None`: never.
    pub inactivity: Option<TimeDelta>,
    /// How long an owner vouches for a member of an agency; `None`: for ever.
    pub certification: Option<TimeDelta>,
}

impl Default for LifecyclePolicy {
    /// A year each.
    fn default() -> Self {
        Self { inactivity: Some(TimeDelta::days(365)), certification: Some(TimeDelta::days(365)) }
    }
}

/// What is to be done now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Nothing yet.
    Wait,
    /// Warn; it ends then, unless somebody does something.
    Warn(DateTime<Utc>),
    /// It ends.
    End,
}

/// What is to be done about something that ends at `end`, about which somebody was last warned at `warned_at`. After a
/// downtime the warnings are made up for first, so that nobody loses anything unwarned.
pub fn step(end: DateTime<Utc>, warned_at: Option<DateTime<Utc>>, now: DateTime<Utc>) -> Step {
    let (first, last) = (end - FIRST_WARNING, end - LAST_WARNING);
    match warned_at.filter(|at| *at >= first) {
        Some(at) if at >= last && now >= end && now >= at + LAST_WARNING => Step::End,
        Some(at) if at >= last => Step::Wait,
        _ if now >= last => Step::Warn(end.max(now + LAST_WARNING)),
        None if now >= first => Step::Warn(end),
        _ => Step::Wait,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(n: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::days(n)
    }

    /// (day of the last warning, today, what is to be done), for something that ends on day 100.
    #[test]
    fn two_warnings_come_before_the_end_and_it_never_comes_without() {
        let table = [
            (None, 69, Step::Wait),
            (None, 70, Step::Warn(day(100))),
            (Some(70), 92, Step::Wait),
            (Some(70), 93, Step::Warn(day(100))),
            (Some(93), 99, Step::Wait),
            (Some(93), 100, Step::End),
            // After a downtime.
            (None, 95, Step::Warn(day(102))),
            (Some(95), 101, Step::Wait),
            (Some(95), 102, Step::End),
            (None, 400, Step::Warn(day(407))),
            (Some(70), 400, Step::Warn(day(407))),
            // A warning from before the last time that it was put off does not count.
            (Some(69), 92, Step::Warn(day(100))),
            (Some(40), 100, Step::Warn(day(107))),
        ];
        for (warned, today, expected) in table {
            assert_eq!(step(day(100), warned.map(day), day(today)), expected, "{warned:?} {today}");
        }
    }
}
