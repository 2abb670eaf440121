//! What sealing costs by itself: a part of each submission over HTTP that the bare loop does not have.

use crate::{
    Outcome,
    data::{self, Market},
    load::Client,
};
use application::envelopes::{self, Terms};
use domain::bid::Offer;
use persistence::Db;

/// Seals the same offer again and again, on the thread that calls.
pub struct Sealing {
    terms: Terms,
    offer: Offer,
}

impl Sealing {
    /// For the committee of some challenge.
    pub fn new(db: &Db, market: &Market) -> Outcome<Self> {
        let (challenge, bidder) = market.next_bid()?;
        let (challenge, company) = (challenge.id, market.bidders[bidder].company.id);
        let terms = db.write_blocking(move |conn| Terms::of_submission(conn, challenge, company))?;
        Ok(Self { terms: terms.ok_or("the challenge has a committee")?, offer: data::offer()? })
    }
}

impl Client for Sealing {
    async fn call(&mut self) -> Outcome {
        envelopes::seal(&self.terms, &self.offer, None)?;
        Ok(())
    }
}
