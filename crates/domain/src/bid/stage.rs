//! The two stages of a challenge that asks for solutions before offers.

use super::{Offer, QualityOffer};
use crate::{Bid, Challenge, ConsortiumId, Refusal, Result, opening::EnvelopeKind};

/// To which stage of a challenge a bid belongs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BidStage {
    /// The unpriced answer to a two-stage challenge, from which the shortlist is made.
    Solution,
    /// The offer with its price: the second stage, or the only one.
    Offer,
}

impl BidStage {
    /// Both, in their order.
    pub const ALL: [Self; 2] = [Self::Solution, Self::Offer];

    /// The name of the stage.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Solution => "solution",
            Self::Offer => "offer",
        }
    }

    /// The stage of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|stage| stage.as_str() == name)
    }
}

impl EnvelopeKind {
    /// To which stage bids with such an envelope belong.
    pub fn stage(self) -> BidStage {
        match self {
            Self::Solution => BidStage::Solution,
            Self::Quality | Self::Price => BidStage::Offer,
        }
    }
}

/// In which form something arrives.
#[derive(Debug, Clone, Copy)]
pub enum HandedIn<'a> {
    /// An offer in clear, to be sealed by the server: checked at once.
    InClear(&'a Offer),
    /// An offer that the company sealed: nobody knows what is in it before the opening.
    Sealed,
    /// An unpriced solution in clear.
    Solution(&'a QualityOffer),
    /// An unpriced solution that the company sealed.
    SealedSolution,
}

impl HandedIn<'_> {
    /// To which stage it belongs.
    pub fn stage(self) -> BidStage {
        match self {
            Self::InClear(_) | Self::Sealed => BidStage::Offer,
            Self::Solution(_) | Self::SealedSolution => BidStage::Solution,
        }
    }

    /// Refuses a solution that names a consortium: the shortlist is of companies, and each of them may then bid with partners.
    pub fn require_bidder(self, consortium: Option<ConsortiumId>) -> Result<()> {
        if self.stage() == BidStage::Offer || consortium.is_none() {
            return Ok(());
        }
        let words = "a solution is one company's; whoever is invited can bid with partners";
        Err(Refusal::invalid("/consortium", "not_allowed", words))
    }

    pub(super) fn check(self, challenge: &Challenge) -> Result<()> {
        match self {
            Self::InClear(offer) => offer.check(challenge),
            Self::Solution(solution) => solution.check_as(BidStage::Solution),
            Self::Sealed | Self::SealedSolution => Ok(()),
        }
    }
}

impl Bid {
    /// Checks what was in its first envelope: texts and plan. A solution may come without a plan.
    pub(super) fn is_judgeable(&self) -> bool {
        self.quality.as_ref().is_some_and(|quality| quality.check_as(self.stage).is_ok())
    }
}
