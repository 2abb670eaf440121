//! Weights and scores: decimals with at most two digits after the point, kept as whole hundredths.

use std::fmt;

use num_traits::ToPrimitive;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

/// The share of a criterion or of the price in the total: a percentage above 0 and at most 100, in steps of 0.01.
///
/// Serialised as a decimal string.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "Decimal", into = "Decimal")]
pub struct Weight(i32);

/// A score, or an end of a scale: from 0 to 1,000,000 in steps of 0.01.
///
/// Serialised as a decimal string.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "Decimal", into = "Decimal")]
pub struct Score(i64);

/// Why a number is not a weight or a score.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ScaleError {
    /// Weights and scores move in steps of 0.01.
    #[error("{0} has more than two decimals")]
    TooManyDecimals(Decimal),
    /// A weight is above 0 and at most 100.
    #[error("a weight is above 0 and at most 100")]
    WeightOutOfRange,
    /// A score is from 0 to 1,000,000.
    #[error("a score is from 0 to 1000000")]
    ScoreOutOfRange,
}

impl Weight {
    /// The whole: 100 percent.
    pub const WHOLE: Self = Self(10_000);

    /// A weight from hundredths of a percent, 1 to 10,000.
    ///
    /// # Errors
    /// [`ScaleError::WeightOutOfRange`].
    pub fn from_hundredths(hundredths: i32) -> Result<Self, ScaleError> {
        if (1..=Self::WHOLE.0).contains(&hundredths) { Ok(Self(hundredths)) } else { Err(ScaleError::WeightOutOfRange) }
    }

    /// The weight in hundredths of a percent, 1 to 10,000.
    pub fn hundredths(self) -> i32 {
        self.0
    }
}

impl Score {
    /// The highest score a scale can have.
    pub const MAX: Self = Self(100_000_000);

    /// A score from hundredths, 0 to 100,000,000.
    ///
    /// # Errors
    /// [`ScaleError::ScoreOutOfRange`].
    pub fn from_hundredths(hundredths: i64) -> Result<Self, ScaleError> {
        if (0..=Self::MAX.0).contains(&hundredths) { Ok(Self(hundredths)) } else { Err(ScaleError::ScoreOutOfRange) }
    }

    /// The score in hundredths, 0 to 100,000,000.
    pub fn hundredths(self) -> i64 {
        self.0
    }
}

impl TryFrom<Decimal> for Weight {
    type Error = ScaleError;

    fn try_from(percent: Decimal) -> Result<Self, ScaleError> {
        let hundredths = to_hundredths(percent)?.and_then(|whole| whole.to_i32());
        Self::from_hundredths(hundredths.ok_or(ScaleError::WeightOutOfRange)?)
    }
}

impl TryFrom<Decimal> for Score {
    type Error = ScaleError;

    fn try_from(score: Decimal) -> Result<Self, ScaleError> {
        let hundredths = to_hundredths(score)?.and_then(|whole| whole.to_i64());
        Self::from_hundredths(hundredths.ok_or(ScaleError::ScoreOutOfRange)?)
    }
}

impl From<Weight> for Decimal {
    fn from(weight: Weight) -> Self {
        Self::new(weight.0.into(), 2).normalize()
    }
}

impl From<Score> for Decimal {
    fn from(score: Score) -> Self {
        Self::new(score.0, 2).normalize()
    }
}

impl fmt::Display for Weight {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Decimal::from(*self).fmt(f)
    }
}

impl fmt::Display for Score {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Decimal::from(*self).fmt(f)
    }
}

/// The number of hundredths, if it is whole; `None` when it is too large to be told.
fn to_hundredths(value: Decimal) -> Result<Option<Decimal>, ScaleError> {
    match value.checked_mul(Decimal::ONE_HUNDRED) {
        Some(hundredths) if !hundredths.is_integer() => Err(ScaleError::TooManyDecimals(value)),
        hundredths => Ok(hundredths),
    }
}
