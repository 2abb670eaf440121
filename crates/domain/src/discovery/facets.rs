//! How many challenges each further choice would leave.

use super::{Filters, TopicKind};
use crate::{ChallengeStatus, Money, OrganisationId};
use chrono::{DateTime, NaiveTime, TimeDelta, Utc};
use std::collections::BTreeMap;

/// Of each kind of choice the most common ones are told, at most so many.
pub const MOST_VALUES: usize = 50;

/// The borders between the ranges of budgets, in whole units of the currency.
pub const BUDGET_BORDERS: [i64; 5] = [10_000, 25_000, 50_000, 100_000, 250_000];

/// What is counted of a challenge.
#[derive(Debug, Clone, PartialEq)]
pub struct FacetRow {
    /// Where it is in its life.
    pub status: ChallengeStatus,
    /// Whose it is.
    pub agency: OrganisationId,
    /// The agency's country.
    pub country: String,
    /// What it is filed under.
    pub topics: Vec<(TopicKind, String)>,
    /// What one pilot may cost.
    pub budget: Option<Money>,
    /// Until when bids are taken.
    pub deadline: Option<DateTime<Utc>>,
}

/// When a deadline is, in days of UTC: whoever looks twice on one day sees the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum DeadlineBucket {
    /// Before today.
    Passed,
    /// Today or on the 6 days after it.
    Week,
    /// Later, within 30 days from today's beginning.
    Month,
    /// Later, within 90 days from today's beginning.
    Quarter,
    /// Later still.
    Later,
}

impl DeadlineBucket {
    /// Its name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Passed => "before_today",
            Self::Week => "within_7_days",
            Self::Month => "within_30_days",
            Self::Quarter => "within_90_days",
            Self::Later => "later",
        }
    }

    /// From when to before when.
    pub fn range(self, now: DateTime<Utc>) -> (Option<DateTime<Utc>>, Option<DateTime<Utc>>) {
        let today = now.date_naive().and_time(NaiveTime::MIN).and_utc();
        let [week, month, quarter] = [7, 30, 90].map(|days| today + TimeDelta::days(days));
        match self {
            Self::Passed => (None, Some(today)),
            Self::Week => (Some(today), Some(week)),
            Self::Month => (Some(week), Some(month)),
            Self::Quarter => (Some(month), Some(quarter)),
            Self::Later => (Some(quarter), None),
        }
    }

    fn of(deadline: DateTime<Utc>, now: DateTime<Utc>) -> Self {
        let all = [Self::Passed, Self::Week, Self::Month, Self::Quarter];
        let earlier = |bucket: &Self| bucket.range(now).1.is_some_and(|before| deadline < before);
        all.into_iter().find(earlier).unwrap_or(Self::Later)
    }
}

/// A currency and from which amount to below which, in minor units.
pub type BudgetRange = (String, i64, Option<i64>);

/// The counts of one kind of choice, or of several.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Facets {
    /// By status.
    pub statuses: Vec<(ChallengeStatus, usize)>,
    /// By agency.
    pub agencies: Vec<(OrganisationId, usize)>,
    /// By country.
    pub countries: Vec<(String, usize)>,
    /// By division of the CPV.
    pub cpv_divisions: Vec<(String, usize)>,
    /// By tag.
    pub tags: Vec<(String, usize)>,
    /// By range of the budget.
    pub budgets: Vec<(BudgetRange, usize)>,
    /// By deadline.
    pub deadlines: Vec<(DeadlineBucket, usize)>,
}

impl Facets {
    /// Counts everything.
    pub fn count(rows: &[FacetRow], now: DateTime<Utc>) -> Self {
        let topics = |kind| rows.iter().flat_map(move |row| row.topics.iter().filter(move |(of, _)| *of == kind));
        let divisions = topics(TopicKind::Cpv).filter(|(_, prefix)| prefix.len() == 2);
        let place = |status: ChallengeStatus| ChallengeStatus::ALL.iter().position(|one| *one == status);
        let statuses = tally(rows.iter().filter_map(|row| place(row.status)));
        Self {
            statuses: statuses.into_iter().map(|(place, count)| (ChallengeStatus::ALL[place], count)).collect(),
            agencies: most_common(rows.iter().map(|row| row.agency)),
            countries: most_common(rows.iter().map(|row| row.country.clone())),
            cpv_divisions: most_common(divisions.map(|(_, prefix)| prefix.clone())),
            tags: most_common(topics(TopicKind::Tag).map(|(_, tag)| tag.clone())),
            budgets: tally(rows.iter().filter_map(|row| row.budget).filter_map(range_of)),
            deadlines: tally(
                rows.iter().filter_map(|row| row.deadline).map(|deadline| DeadlineBucket::of(deadline, now)),
            ),
        }
    }
}

/// A kind of choice, whose own filter is left aside while its values are counted.
type Choice = (fn(&Filters) -> bool, fn(&mut Filters), fn(&mut Facets, Facets));

/// Whether it is chosen, how to forget what was chosen, and what of the counts is its own.
const CHOICES: [Choice; 7] = [
    (|f| !f.statuses.is_empty(), |f| f.statuses.clear(), |to, from| to.statuses = from.statuses),
    (|f| !f.agencies.is_empty(), |f| f.agencies.clear(), |to, from| to.agencies = from.agencies),
    (|f| !f.countries.is_empty(), |f| f.countries.clear(), |to, from| to.countries = from.countries),
    (|f| !f.cpv.is_empty(), |f| f.cpv.clear(), |to, from| to.cpv_divisions = from.cpv_divisions),
    (|f| !f.tags.is_empty(), |f| f.tags.clear(), |to, from| to.tags = from.tags),
    (
        |f| f.currency.is_some(),
        |f| (f.currency, f.budget_min, f.budget_max) = (None, None, None),
        |to, from| to.budgets = from.budgets,
    ),
    (
        |f| f.deadline_after.is_some() || f.deadline_before.is_some(),
        |f| (f.deadline_after, f.deadline_before) = (None, None),
        |to, from| to.deadlines = from.deadlines,
    ),
];

impl Facets {
    /// Counts each kind of choice under all filters but its own. `rows` gives what is left under some filters: it is called once,
    /// and once more for each of the seven kinds that is chosen.
    pub fn under<E>(
        filters: &Filters,
        now: DateTime<Utc>,
        mut rows: impl FnMut(&Filters) -> Result<Vec<FacetRow>, E>,
    ) -> Result<Self, E> {
        let mut facets = Self::count(&rows(filters)?, now);
        for (_, forget, keep) in CHOICES.iter().filter(|(chosen, ..)| chosen(filters)) {
            let mut others = filters.clone();
            forget(&mut others);
            keep(&mut facets, Self::count(&rows(&others)?, now));
        }
        Ok(facets)
    }
}

/// How often each is there, in their order.
fn tally<T: Ord>(values: impl Iterator<Item = T>) -> Vec<(T, usize)> {
    let mut counts = BTreeMap::new();
    for value in values {
        *counts.entry(value).or_insert(0) += 1;
    }
    counts.into_iter().collect()
}

/// The most common ones first.
fn most_common<T: Ord>(values: impl Iterator<Item = T>) -> Vec<(T, usize)> {
    let mut counts = tally(values);
    // Stable: of equals, the one that comes first in their order.
    counts.sort_by(|(_, one), (_, other)| other.cmp(one));
    counts.truncate(MOST_VALUES);
    counts
}

fn range_of(budget: Money) -> Option<BudgetRange> {
    let unit = 10_i64.checked_pow(u32::from(budget.currency().exponent()?))?;
    let mut from = 0;
    for border in BUDGET_BORDERS.map(|border| border * unit) {
        if budget.minor() < border {
            return Some((budget.currency().code().to_owned(), from, Some(border)));
        }
        from = border;
    }
    Some((budget.currency().code().to_owned(), from, None))
}
