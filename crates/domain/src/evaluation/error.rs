//! Why an evaluation gives no ranking.

use rust_decimal::Decimal;

use super::{PriceFormula, Score};

/// A name that is none of the declared ones.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not known here")]
pub struct UnknownName(pub String);

impl UnknownName {
    /// The one of `all` that has this name.
    pub(super) fn find<T: Copy, const N: usize>(
        all: [T; N],
        name_of: fn(T) -> &'static str,
        name: &str,
    ) -> Result<T, Self> {
        all.into_iter().find(|one| name_of(*one) == name).ok_or_else(|| Self(name.to_owned()))
    }
}

/// Why an evaluation gives no ranking. `C` and `B` are the keys of criteria and bids.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EvaluationError<C, B> {
    /// The weights of all criteria and of the price must sum to exactly 100.
    #[error("the weights sum to {sum}, not to 100")]
    WeightSum {
        /// What they sum to.
        sum: Decimal,
    },
    /// A fixed price has no weight, and every other formula needs one.
    #[error("a price has a weight unless its formula is `fixed`, and this formula is `{}`", .0.as_str())]
    PriceWeight(PriceFormula),
    /// The ceiling must be above zero.
    #[error("the price ceiling must be above zero")]
    Ceiling,
    /// Two criteria have the same key.
    #[error("criterion {0} is there twice")]
    DuplicateCriterion(C),
    /// A scale ends above zero, and a minimum score lies on it.
    #[error("criterion {0} needs a maximum above zero, and a minimum not above the maximum")]
    CriterionScale(C),
    /// The tie rule, or a score, names a criterion that is not declared.
    #[error("criterion {0} is not declared")]
    UnknownCriterion(C),
    /// Two bids have the same key.
    #[error("bid {0} is there twice")]
    DuplicateBid(B),
    /// A price below zero.
    #[error("bid {bid} has a negative price")]
    NegativePrice {
        /// The bid.
        bid: B,
    },
    /// A price of zero, where that is not allowed.
    #[error("bid {bid} has a price of zero, which this challenge does not allow")]
    ZeroPrice {
        /// The bid.
        bid: B,
    },
    /// A price above the ceiling.
    #[error("bid {bid} has a price above the ceiling")]
    PriceAboveCeiling {
        /// The bid.
        bid: B,
    },
    /// A bid that nobody scored on a criterion, or that one of its evaluators did not score on it.
    #[error("bid {bid} lacks a score on criterion {criterion}")]
    MissingScore {
        /// The bid.
        bid: B,
        /// The criterion.
        criterion: C,
    },
    /// One evaluator scored a bid twice on one criterion.
    #[error("bid {bid} has two scores of one evaluator on criterion {criterion}")]
    DuplicateScore {
        /// The bid.
        bid: B,
        /// The criterion.
        criterion: C,
    },
    /// A score above the criterion's maximum.
    #[error("bid {bid} has a score of {score} on criterion {criterion}, whose maximum is {maximum}")]
    ScoreAboveMaximum {
        /// The bid.
        bid: B,
        /// The criterion.
        criterion: C,
        /// The score.
        score: Score,
        /// The highest score allowed.
        maximum: Score,
    },
}
