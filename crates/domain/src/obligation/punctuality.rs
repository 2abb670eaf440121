//! How punctual an organisation is, in figures.

use super::{ObligationKind, Outcome};
use std::collections::BTreeMap;

/// So many obligations of a kind, due in a year, that ended in the same way after the same time; or that are open and late.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tally {
    /// What was owed.
    pub kind: ObligationKind,
    /// The year, in UTC, in which it was due.
    pub year: i32,
    /// How it ended, and after how many whole days; `None` for those that are open and late.
    pub end: Option<(Outcome, i64)>,
    /// How many.
    pub count: i64,
}

/// The figures of a kind of obligation and a year.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Figures {
    /// Done before they were due.
    pub met_in_time: i64,
    /// Done later.
    pub met_late: i64,
    /// Not done by their due dates, nor later.
    pub unmet: i64,
    /// To be done, and late.
    pub open_overdue: i64,
    /// Twice the median of the whole days that those took which were done, so that it is a whole number; `None` if there
    /// are none.
    pub twice_median_days: Option<i64>,
}

/// The figures by year, the last first, and kind.
pub fn figures(tallies: &[Tally]) -> Vec<(i32, ObligationKind, Figures)> {
    let mut groups: BTreeMap<(std::cmp::Reverse<i32>, ObligationKind), Vec<Tally>> = BTreeMap::new();
    for tally in tallies {
        groups.entry((std::cmp::Reverse(tally.year), tally.kind)).or_default().push(*tally);
    }
    groups.into_iter().map(|((year, kind), tallies)| (year.0, kind, Figures::of(&tallies))).collect()
}

impl Figures {
    fn of(tallies: &[Tally]) -> Self {
        let mut figures = Self::default();
        let mut done: Vec<(i64, i64)> = Vec::new();
        for tally in tallies {
            let (counter, days) = match tally.end {
                None => (&mut figures.open_overdue, None),
                Some((Outcome::Met, days)) => (&mut figures.met_in_time, Some(days)),
                Some((Outcome::MetLate, days)) => (&mut figures.met_late, Some(days)),
                Some((Outcome::Unmet, _)) => (&mut figures.unmet, None),
                Some((Outcome::Withdrawn, _)) => continue,
            };
            *counter += tally.count;
            done.extend(days.map(|days| (days, tally.count)));
        }
        figures.twice_median_days = twice_median(done);
        figures
    }
}

/// The two values in the middle, which are the same one if there is an odd number of them, added.
fn twice_median(mut values: Vec<(i64, i64)>) -> Option<i64> {
    values.sort_unstable();
    let count: i64 = values.iter().map(|(_, count)| count).sum();
    let nth = |n: i64| {
        let mut before = 0;
        values.iter().find(|(_, count)| {
            before += count;
            n < before
        })
    };
    Some(nth((count - 1).max(0) / 2)?.0 + nth(count / 2)?.0)
}
