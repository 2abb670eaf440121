//! Points for the price.

use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::{Points, UnknownName, Weight};

/// How a price becomes points. A challenge declares one formula when it is published.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PriceFormula {
    /// The price is fixed by the challenge and gives no points.
    Fixed,
    /// `100 x (ceiling - price) / ceiling`.
    Absolute,
    /// `100 x lowest / price`; if the lowest price is zero, 100 for a price of zero and 0 for all others.
    Inverse,
    /// `100 x (highest - price) / (highest - lowest)`; if all prices are equal, 100.
    MinMax,
    /// `100 x max(0, 1 - (price - lowest) / lowest)`; zero prices as with [`PriceFormula::Inverse`].
    LinearFromLowest,
}

/// What the price counts for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PriceRule {
    /// The share of the price in the total; none exactly when the formula is [`PriceFormula::Fixed`].
    pub weight: Option<Weight>,
    /// How a price becomes points.
    pub formula: PriceFormula,
    /// The highest price allowed, in minor units of the challenge's currency; above zero.
    pub ceiling: i64,
    /// Whether a price of zero is allowed.
    pub zero_allowed: bool,
}

/// The prices against which one price is measured. Only bids that pass every minimum score are among them.
pub(super) struct PriceField {
    pub(super) ceiling: i64,
    pub(super) lowest: i64,
    pub(super) highest: i64,
}

impl PriceFormula {
    const ALL: [Self; 5] = [Self::Fixed, Self::Absolute, Self::Inverse, Self::MinMax, Self::LinearFromLowest];

    /// The name under which the formula is kept.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Fixed => "fixed",
            Self::Absolute => "absolute",
            Self::Inverse => "inverse",
            Self::MinMax => "min_max",
            Self::LinearFromLowest => "linear_from_lowest",
        }
    }

    /// Whether the points of one bid depend on the prices of others, so that a bid that comes or goes can reverse the
    /// ranks of two other bids.
    pub fn depends_on_other_bids(self) -> bool {
        match self {
            Self::Fixed | Self::Absolute => false,
            Self::Inverse | Self::MinMax | Self::LinearFromLowest => true,
        }
    }

    /// The points of `price`, which is one of those the field was made of; none for a fixed price.
    pub(super) fn points(self, price: i64, field: &PriceField) -> Option<Points> {
        let &PriceField { ceiling, lowest, highest } = field;
        let all_or_nothing = |best: bool| Points::ratio(if best { 100 } else { 0 }, 1);
        Some(match self {
            Self::Fixed => return None,
            Self::Absolute => Points::percentage(ceiling - price, ceiling),
            Self::Inverse | Self::LinearFromLowest if lowest == 0 => all_or_nothing(price == 0),
            Self::Inverse => Points::percentage(lowest, price),
            Self::MinMax if highest == lowest => all_or_nothing(true),
            Self::MinMax => Points::percentage(highest - price, highest - lowest),
            Self::LinearFromLowest => Points::percentage((lowest - (price - lowest)).max(0), lowest),
        })
    }
}

impl FromStr for PriceFormula {
    type Err = UnknownName;

    fn from_str(name: &str) -> Result<Self, UnknownName> {
        UnknownName::find(Self::ALL, Self::as_str, name)
    }
}
