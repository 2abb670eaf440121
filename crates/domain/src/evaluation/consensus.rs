//! From the scores of several evaluators to one.

use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::{Points, Score, UnknownName};

/// How the individual scores of a bid on a criterion become one consensus.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ConsensusMethod {
    /// The arithmetic mean.
    Mean,
    /// The middle score, or the mean of the two in the middle.
    Median,
}

impl ConsensusMethod {
    const ALL: [Self; 2] = [Self::Mean, Self::Median];

    /// The name under which the method is kept.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Mean => "mean",
            Self::Median => "median",
        }
    }

    /// The consensus on the criterion's own scale; none without scores.
    pub(super) fn of(self, scores: &[Score]) -> Option<Points> {
        match self {
            Self::Mean if scores.is_empty() => None,
            Self::Mean => Some(scores.iter().copied().map(Points::from).sum::<Points>().divided_by(scores.len())),
            Self::Median => Some(Points::ratio(twice_the_median(scores)?, 2 * 100)),
        }
    }
}

impl FromStr for ConsensusMethod {
    type Err = UnknownName;

    fn from_str(name: &str) -> Result<Self, UnknownName> {
        UnknownName::find(Self::ALL, Self::as_str, name)
    }
}

/// Whether evaluators disagree so much that the panel should talk: the highest and the lowest of their `scores` are
/// more than 30 % of the scale apart, or one is more than 20 % of the scale away from the median. The scale runs from
/// zero to `maximum`.
pub fn is_divergent(scores: &[Score], maximum: Score) -> bool {
    let hundredths = || scores.iter().map(|score| score.hundredths());
    let (Some(lowest), Some(highest), Some(median)) =
        (hundredths().min(), hundredths().max(), twice_the_median(scores))
    else {
        return false;
    };
    let scale = maximum.hundredths();
    let from_median = (2 * highest - median).max(median - 2 * lowest);
    (highest - lowest) * 100 > scale * 30 || from_median * 100 > 2 * scale * 20
}

/// Twice the median in hundredths, which is always whole; none without scores.
fn twice_the_median(scores: &[Score]) -> Option<i64> {
    let mut sorted = scores.to_vec();
    sorted.sort_unstable();
    let upper = sorted.get(sorted.len() / 2)?;
    let lower = sorted.get((sorted.len() - 1) / 2)?;
    Some(lower.hundredths() + upper.hundredths())
}
