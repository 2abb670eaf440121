//! Exact numbers of points.

use std::fmt;
use std::iter::Sum;

use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::{ToPrimitive, Zero};
use rust_decimal::Decimal;
use serde::{Serialize, Serializer};

use super::{Score, Weight};

/// An exact, never negative number of points; equality and order are exact.
///
/// Displayed and serialised as a whole number or a reduced fraction such as `200/3`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Points(BigRational);

impl Points {
    /// `numerator / denominator`; the denominator must not be zero.
    pub(super) fn ratio(numerator: i64, denominator: i64) -> Self {
        Self(BigRational::new(numerator.into(), denominator.into()))
    }

    /// `100 x part / whole`; the whole must not be zero.
    pub(super) fn percentage(part: i64, whole: i64) -> Self {
        Self(BigRational::new(BigInt::from(part) * 100, whole.into()))
    }

    /// `self / count`; the count must not be zero.
    pub(super) fn divided_by(&self, count: usize) -> Self {
        Self(&self.0 / BigInt::from(count))
    }

    /// `100 x self / maximum`; the maximum must not be zero.
    pub(super) fn per_cent_of(&self, maximum: Score) -> Self {
        Self(&self.0 * Self::ratio(10_000, maximum.hundredths()).0)
    }

    /// `weight x self / 100`.
    pub(super) fn weighted(&self, weight: Weight) -> Self {
        Self(&self.0 * Self::ratio(weight.hundredths().into(), Weight::WHOLE.hundredths().into()).0)
    }

    /// The points rounded half up to `places` digits after the point (at most 18), for display only.
    pub fn rounded(&self, places: u32) -> Decimal {
        let places = places.min(18);
        let half = BigRational::new(1.into(), 2.into());
        let scaled = &self.0 * BigInt::from(10).pow(places) + half;
        // No scale exceeds 1,000,000, so the largest result has 25 digits of the 28 a decimal holds.
        let digits = scaled.floor().to_integer().to_i128();
        digits.and_then(|digits| Decimal::try_from_i128_with_scale(digits, places).ok()).unwrap_or(Decimal::MAX)
    }
}

impl From<Score> for Points {
    fn from(score: Score) -> Self {
        Self::ratio(score.hundredths(), 100)
    }
}

impl Sum for Points {
    fn sum<I: Iterator<Item = Self>>(points: I) -> Self {
        Self(points.fold(BigRational::zero(), |total, points| total + points.0))
    }
}

impl fmt::Display for Points {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Serialize for Points {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
