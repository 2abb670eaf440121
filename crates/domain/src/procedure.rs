//! How a challenge is procured.

use crate::{Challenge, Refusal, Result};

/// The kind of procedure; decides the minimum periods, and whether there are bids at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Procedure {
    /// A small pilot below the national low-value limit.
    SmallPilot,
    /// An open pilot.
    OpenPilot,
    /// A design contest (Directive 2014/24/EU, articles 78 to 82).
    DesignContest,
    /// An innovation partnership (Directive 2014/24/EU, article 31).
    InnovationPartnership,
    /// A preliminary market consultation (Directive 2014/24/EU, article 40): companies tell what they know, and nobody bids.
    MarketConsultation,
}

impl Procedure {
    /// Every procedure.
    pub const ALL: [Self; 5] =
        [Self::SmallPilot, Self::OpenPilot, Self::DesignContest, Self::InnovationPartnership, Self::MarketConsultation];

    /// Those that take bids, and so have minimum periods.
    pub const TAKING_BIDS: [Self; 4] =
        [Self::SmallPilot, Self::OpenPilot, Self::DesignContest, Self::InnovationPartnership];

    /// Whether companies bid, and something is awarded.
    pub fn takes_bids(self) -> bool {
        self != Self::MarketConsultation
    }

    /// Whether a challenge may take unpriced solutions first, and invite only some to bid: an innovation partnership
    /// (Directive 2014/24/EU, articles 31 and 65), a design contest (article 80(3)), and a small pilot, to which the
    /// directive does not apply. In an open pilot, as in an open procedure (article 27), everybody may bid.
    pub fn may_shortlist(self) -> bool {
        matches!(self, Self::SmallPilot | Self::DesignContest | Self::InnovationPartnership)
    }

    /// The name of the procedure.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::SmallPilot => "small_pilot",
            Self::OpenPilot => "open_pilot",
            Self::DesignContest => "design_contest",
            Self::InnovationPartnership => "innovation_partnership",
            Self::MarketConsultation => "market_consultation",
        }
    }

    /// The procedure of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|procedure| procedure.as_str() == name)
    }
}

impl Challenge {
    /// Refuses whatever has to do with bids in a market consultation.
    pub fn require_takes_bids(&self) -> Result<()> {
        self.require_procedure(
            self.content.procedure.takes_bids(),
            "nobody bids; companies send consultation responses",
        )
    }

    /// Refuses whatever belongs to market consultations in any other procedure.
    pub fn require_consultation(&self) -> Result<()> {
        self.require_procedure(!self.content.procedure.takes_bids(), "this is for market consultations only")
    }

    fn require_procedure(&self, right: bool, words: &'static str) -> Result<()> {
        let procedure = self.content.procedure.as_str();
        if right { Ok(()) } else { Err(Refusal::WrongProcedure { procedure, words }) }
    }
}
