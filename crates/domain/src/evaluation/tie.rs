//! What separates bids with equal totals.

use serde::{Deserialize, Serialize};

use super::UnknownName;

/// What separates bids with equal totals. A challenge declares one rule when it is published; bids that are equal by
/// this rule, too, share the rank.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TieRule<C> {
    /// Nothing: they share the rank.
    Shared,
    /// The lower price is first.
    LowerPrice,
    /// The higher consensus on this criterion is first.
    HigherOn(C),
    /// The earlier submission is first.
    EarlierSubmission,
}

impl<C> TieRule<C> {
    /// The name under which the rule is kept, without its criterion.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Shared => "shared",
            Self::LowerPrice => "lower_price",
            Self::HigherOn(_) => "higher_on",
            Self::EarlierSubmission => "earlier_submission",
        }
    }

    /// The criterion that decides, if one does.
    pub fn criterion(&self) -> Option<&C> {
        match self {
            Self::HigherOn(criterion) => Some(criterion),
            Self::Shared | Self::LowerPrice | Self::EarlierSubmission => None,
        }
    }

    /// The rule of that name; `higher_on` takes a criterion, and no other rule does.
    ///
    /// # Errors
    /// [`UnknownName`], also when a criterion is given where none belongs, or none where one does.
    pub fn from_parts(name: &str, criterion: Option<C>) -> Result<Self, UnknownName> {
        match (name, criterion) {
            ("shared", None) => Ok(Self::Shared),
            ("lower_price", None) => Ok(Self::LowerPrice),
            ("higher_on", Some(criterion)) => Ok(Self::HigherOn(criterion)),
            ("earlier_submission", None) => Ok(Self::EarlierSubmission),
            _ => Err(UnknownName(name.to_owned())),
        }
    }
}
