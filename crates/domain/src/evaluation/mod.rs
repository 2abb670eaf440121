//! Exact evaluation of bids: from individual scores and prices to a ranking.
//!
//! Everything is computed with fractions, so that ties and minimum scores are decided on exact values; numbers are
//! rounded once, half up, where they are shown ([`Points::rounded`]). The result depends on nothing but the
//! [`Evaluation`], so anybody who has it can compute the same [`Ranking`] again.

mod check;
mod consensus;
mod error;
mod points;
mod price;
mod rank;
mod scale;
mod tie;

pub use consensus::{ConsensusMethod, is_divergent};
pub use error::{EvaluationError, UnknownName};
pub use points::Points;
pub use price::{PriceFormula, PriceRule};
pub use rank::{CriterionResult, RankedBid, Ranking};
pub use scale::{ScaleError, Score, Weight};
pub use tie::TieRule;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// Everything a ranking is computed from. `C`, `B` and `E` are the keys of criteria, bids and evaluators.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evaluation<C, B, E> {
    /// The award criteria other than the price.
    pub criteria: Vec<Criterion<C>>,
    /// What the price counts for. All weights, this one included, sum to exactly 100.
    pub price: PriceRule,
    /// How the scores of several evaluators become one.
    pub consensus: ConsensusMethod,
    /// What separates bids with equal totals.
    pub tie_rule: TieRule<C>,
    /// The bids that count: admitted and not disqualified.
    pub bids: Vec<ScoredBid<C, B, E>>,
}

/// An award criterion. Its scale runs from zero to `maximum`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Criterion<C> {
    /// Identifies the criterion.
    pub key: C,
    /// The share of the total.
    pub weight: Weight,
    /// The highest score; above zero.
    pub maximum: Score,
    /// The consensus below which a bid fails, at most `maximum`. A bid that reaches it exactly passes.
    pub minimum: Option<Score>,
}

/// A bid with its price and scores.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScoredBid<C, B, E> {
    /// Identifies the bid.
    pub key: B,
    /// The price in minor units of the challenge's currency, from 0 to the ceiling.
    pub price_minor: i64,
    /// When the version in force was submitted.
    pub submitted_at: DateTime<Utc>,
    /// One score of each evaluator of this bid on each criterion. A missing score is an error, not zero.
    pub scores: Vec<IndividualScore<C, E>>,
}

/// What one evaluator gave one bid on one criterion.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IndividualScore<C, E> {
    /// The criterion.
    pub criterion: C,
    /// The evaluator.
    pub evaluator: E,
    /// The score, from 0 to the criterion's maximum.
    pub score: Score,
}

impl<C: PartialEq, B, E> ScoredBid<C, B, E> {
    /// The individual scores on one criterion.
    fn scores_on(&self, criterion: &C) -> Vec<Score> {
        self.scores.iter().filter(|given| given.criterion == *criterion).map(|given| given.score).collect()
    }
}
