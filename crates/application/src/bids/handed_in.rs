//! What a company hands in.

use crate::{Result, envelopes::SealedBid};
use domain::{
    ConsortiumId, Refusal,
    bid::{Offer, QualityOffer},
};
use persistence::Conn;

/// What a company hands in. It was sealed before the transaction begins; nothing else of it is ever stored.
pub struct HandedIn {
    /// What the server sealed: it is checked, and then forgotten.
    pub content: domain::Result<Content>,
    /// The consortium that bids, if it is not the company alone.
    pub consortium: Option<ConsortiumId>,
    /// The envelopes; none if nobody could be found to seal for.
    pub sealed: Option<domain::Result<SealedBid>>,
}

/// What is handed in, as far as the server knows it.
pub enum Content {
    /// An offer that the server sealed.
    Offer(Offer),
    /// An offer that the company sealed.
    SealedOffer,
    /// An unpriced solution that the server sealed.
    Solution(QualityOffer),
    /// An unpriced solution that the company sealed.
    SealedSolution,
}

impl HandedIn {
    /// What the company sealed by itself, and bids with alone.
    pub fn by_company(content: Content, sealed: Option<domain::Result<SealedBid>>) -> Self {
        Self { content: Ok(content), consortium: None, sealed }
    }

    /// Whether it was sent as an unpriced solution.
    pub fn is_solution(&self) -> bool {
        matches!(self.content, Ok(Content::Solution(_) | Content::SealedSolution))
    }

    pub(super) fn as_rules_see_it(&self) -> domain::Result<domain::bid::HandedIn<'_>> {
        use domain::bid::HandedIn as Seen;
        let seen = match &self.content {
            Ok(Content::Offer(offer)) => Seen::InClear(offer),
            Ok(Content::SealedOffer) => Seen::Sealed,
            Ok(Content::Solution(solution)) => Seen::Solution(solution),
            Ok(Content::SealedSolution) => Seen::SealedSolution,
            Err(refusal) => return Err(refusal.clone()),
        };
        seen.require_bidder(self.consortium)?;
        Ok(seen)
    }

    /// The envelopes, if they are for this revision.
    pub(super) fn envelopes(self, conn: &mut Conn, revision: i32) -> Result<SealedBid> {
        let nobody = || Refusal::Incomplete("there is no opening committee to seal the bid for".to_owned());
        let sealed = self.sealed.ok_or_else(nobody)??;
        sealed.require_fresh(conn, revision)?;
        Ok(sealed)
    }
}
