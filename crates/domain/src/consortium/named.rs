//! The partners that a bid names.

use super::{Consortium, Partner};
use crate::{BidId, ConsortiumId, OrganisationId, organisation::ProfileSnapshot};
use chrono::{DateTime, Utc};

/// A partner as a bid names it: as it was when the bid was handed in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedPartner {
    /// In which consortium.
    pub consortium: ConsortiumId,
    /// Which composition of it was confirmed.
    pub composition: i32,
    /// Which organisation.
    pub organisation: OrganisationId,
    /// What it would do.
    pub part: String,
    /// When it confirmed.
    pub confirmed_at: DateTime<Utc>,
    /// When it took the confirmation back, although the bid stayed: for those who judge the bid to know.
    pub taken_back_at: Option<DateTime<Utc>>,
    /// The organisation as it was.
    pub profile: ProfileSnapshot,
}

impl NamedPartner {
    /// The partner as it is. It has confirmed; `now` is for who never answered, whom no bid names.
    pub fn take(consortium: &Consortium, partner: &Partner, profile: ProfileSnapshot, now: DateTime<Utc>) -> Self {
        Self {
            consortium: consortium.id,
            composition: consortium.composition,
            organisation: partner.organisation,
            part: partner.part.clone(),
            confirmed_at: partner.answered_at.unwrap_or(now),
            taken_back_at: None,
            profile,
        }
    }
}

/// That an organisation takes part in a bid, as its company or as a partner.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Participation {
    /// Which organisation.
    pub organisation: OrganisationId,
    /// In which bid.
    pub bid: BidId,
}

/// In which other bids of the challenge those take part who take part in this one. It excludes nobody by itself: whether it
/// hurt the competition is judged by case, after hearing the bidders (CJEU C-376/08 Serrantoni, C-538/07 Assitur).
pub fn shared_participants(all: &[Participation], bid: BidId) -> Vec<Participation> {
    let takes_part = |organisation| all.contains(&Participation { organisation, bid });
    let mut shared: Vec<_> = all.iter().filter(|p| p.bid != bid && takes_part(p.organisation)).copied().collect();
    shared.sort_unstable();
    shared.dedup();
    shared
}
