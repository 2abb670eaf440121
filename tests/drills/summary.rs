//! A history in a few lines.

use std::{
    fmt::{self, Display, Formatter},
    time::Duration,
};

use crate::history::{Attempt, History, Outcome};

/// The figures of a history.
pub struct Summary<'a>(pub &'a History);

impl Summary<'_> {
    /// How many attempts end like this, and how many of them were repeated on the way.
    pub fn ended(&self, how: fn(&Outcome) -> bool) -> (usize, usize) {
        let ended = self.0.attempts.iter().filter(|it| it.tries.last().is_some_and(|last| how(&last.outcome)));
        let tries: Vec<_> = ended.map(|attempt| attempt.tries.len()).collect();
        (tries.len(), tries.iter().filter(|tries| **tries > 1).count())
    }

    /// How many requests came out like this.
    pub fn requests(&self, how: fn(&Outcome) -> bool) -> usize {
        self.0.attempts.iter().flat_map(|attempt| &attempt.tries).filter(|one| how(&one.outcome)).count()
    }

    /// How long requests took whose outcome was clear at once: of 100, this many took no longer.
    fn within(&self, percent: usize) -> Duration {
        let clear = |one: &&crate::history::Try| !unknown(&one.outcome) && !one.outcome.is_turned_away();
        let tries = self.0.attempts.iter().flat_map(|attempt| &attempt.tries).filter(clear);
        let mut took: Vec<_> = tries.map(|one| one.took).collect();
        took.sort_unstable();
        took.get(took.len() * percent / 100).copied().unwrap_or_default()
    }

    /// The longest that it took from a lost answer to a clear one.
    fn slowest_resolution(&self) -> Duration {
        let resolution = |attempt: &Attempt| {
            let from = attempt.tries.iter().find(|one| unknown(&one.outcome))?;
            Some(attempt.tries.last()?.over - from.over)
        };
        self.0.attempts.iter().filter_map(resolution).max().unwrap_or_default()
    }

    fn events(&self, kind: &str) -> usize {
        self.0.events.iter().filter(|event| event.kind == kind).count()
    }
}

impl Display for Summary<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let (received, late) = (self.ended(ok), self.ended(refused));
        let attempts = self.0.attempts.len();
        writeln!(f, "  {attempts} attempts, {} requests", self.requests(|_| true))?;
        writeln!(f, "  received {}, {} of them when repeated", received.0, received.1)?;
        writeln!(f, "  refused as late {}, {} of them when repeated", late.0, late.1)?;
        let (lost, withheld) = (self.requests(unknown), self.0.withheld.len());
        writeln!(f, "  requests without a clear answer {lost}, {withheld} of them withheld after the commit")?;
        writeln!(f, "  requests turned away (busy, no database) {}", self.requests(Outcome::is_turned_away))?;
        writeln!(f, "  slowest resolution {} ms", self.slowest_resolution().as_millis())?;
        let [p50, p99] = [50, 99].map(|percent| self.within(percent).as_millis());
        writeln!(f, "  answers within {p50} ms (half), {p99} ms (99 of 100)")?;
        let kinds = ["bid.submitted", "bid.replaced", "bid.refused"].map(|kind| self.events(kind));
        let [submitted, replaced, refused] = kinds;
        write!(f, "  events: {submitted} submitted, {replaced} replaced, {refused} refused; {} bids", self.0.bids.len())
    }
}

/// It was received.
pub fn ok(outcome: &Outcome) -> bool {
    matches!(outcome, Outcome::Ok(_))
}

/// It was refused for good.
pub fn refused(outcome: &Outcome) -> bool {
    matches!(outcome, Outcome::Refused(..)) && !outcome.is_turned_away()
}

/// Nobody can tell.
pub fn unknown(outcome: &Outcome) -> bool {
    matches!(outcome, Outcome::Unknown)
}
