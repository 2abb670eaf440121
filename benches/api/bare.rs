//! The same operations without HTTP, rules and views: what the database alone can do.

use crate::{
    Outcome,
    data::{self, Market},
    load::Client,
    operation::Operation,
};
use domain::{
    Bid, Challenge, ChallengeStatus, EventId,
    bid::HandedIn,
    discovery::Filters,
    opening::{EnvelopeKind, SealedBy},
};
use notifications::Message;
use persistence::{
    Conn, Db,
    bid_envelopes::{self, Envelope, Parts},
    bid_receipts::{self, BidReceipt},
    bids, challenges,
    events::{self, Origin},
    idempotency::{self, Stored},
    listings::{self, Order},
    outbox,
};
use std::sync::Arc;

/// One of those who wait for the same pool.
pub struct Queries {
    db: Db,
    market: Arc<Market>,
    operation: Operation,
    /// How many queries go with each piece of work. With one, handing it to a database thread is a part of the time.
    at_once: u16,
}

impl Queries {
    /// So many queries at once, on one database thread.
    pub fn new(db: &Db, market: &Arc<Market>, operation: Operation, at_once: u16) -> Self {
        Self { db: db.clone(), market: market.clone(), operation, at_once }
    }
}

impl Client for Queries {
    async fn call(&mut self) -> Outcome {
        let (market, operation, times) = (self.market.clone(), self.operation, self.at_once);
        let work = move |conn: &mut Conn| (0..times).try_for_each(|_| query(conn, &market, operation));
        if operation == Operation::Submit { self.db.write(work).await } else { self.db.read(work).await }
    }
}

fn query(conn: &mut Conn, market: &Market, operation: Operation) -> Outcome {
    match operation {
        Operation::Detail => drop(challenges::find_with_agency(conn, market.next_read().id)?),
        Operation::List => list(conn)?,
        Operation::Submit => insert(conn, market)?,
    }
    Ok(())
}

/// One more than a page shows: whether there is a next page.
fn list(conn: &mut Conn) -> Outcome {
    let published = Filters { statuses: vec![ChallengeStatus::Published], ..Filters::default() };
    let page = listings::page(conn, &published, Order::Newest(None), 21)?;
    let ids: Vec<_> = page.iter().map(|listed| listed.challenge).collect();
    drop(challenges::summaries_of(conn, &ids)?);
    Ok(())
}

/// The rows that a submission leaves: bid, envelopes, event, receipt, mail to be sent, answer to be repeated.
fn insert(conn: &mut Conn, market: &Market) -> Outcome {
    let (challenge, bidder) = market.next_bid()?;
    let bidder = &market.bidders[bidder];
    let (now, key) = (conn.now()?, challenge.id.to_string());
    let offer = data::offer()?;
    let in_clear = HandedIn::InClear(&offer, &[]);
    let (bid, event) = Bid::submit(conn.new_id(), &bidder.actor, challenge, &bidder.company, in_clear, None, now)?;
    idempotency::claim(conn, bidder.user.id.into(), &key, &"0".repeat(64), now)?;
    bids::insert(conn, &bid)?;
    for kind in [EnvelopeKind::Quality, EnvelopeKind::Price] {
        envelope(conn, &bid, kind)?;
    }
    let event = events::record(conn, Origin { actor: Some(bidder.user.id), request_id: &key }, now, event)?;
    bid_receipts::insert(conn, &receipt(conn, &bid, event))?;
    let user = &bidder.user;
    outbox::enqueue(conn, &user.name, &user.email, serde_json::to_value(message(challenge, &bid))?, now)?;
    let answer = Stored { status: 201, headers: Vec::new(), body: offer.solution };
    Ok(idempotency::store(conn, bidder.user.id.into(), &key, &answer)?)
}

/// As large as one that is sealed for three.
fn envelope(conn: &mut Conn, bid: &Bid, kind: EnvelopeKind) -> Outcome {
    let envelope = Envelope {
        id: conn.new_id(),
        bid: bid.id,
        revision: bid.revision,
        kind,
        sealed_by: SealedBy::Server,
        sha256: "0".repeat(64),
        recovery: None,
        opened_at: None,
        failure: None,
    };
    let (nonce, manifest) = (envelope.id.to_string(), "m".repeat(1_500));
    let parts = Parts { nonce, manifest, content: vec![0; 4_296], share_files: vec!["s".repeat(464); 3] };
    Ok(bid_envelopes::insert(conn, bid.challenge, &envelope, &parts)?)
}

/// As long as one that is signed.
fn receipt(conn: &Conn, bid: &Bid, event: EventId) -> BidReceipt {
    BidReceipt {
        id: conn.new_id(),
        challenge: bid.challenge,
        company: bid.company,
        bid: Some(bid.id),
        event,
        key: data::RECEIPT_KEY.to_owned(),
        received_at: bid.submitted_at,
        refused: false,
        payload: "p".repeat(560),
        signature: "s".repeat(88),
    }
}

fn message(challenge: &Challenge, bid: &Bid) -> Message {
    Message::BidReceived {
        challenge_title: challenge.content.title.clone(),
        challenge_reference: challenge.reference.clone(),
        version: bid.revision,
        received_at: bid.submitted_at,
        link: format!("/receipts/{}", bid.id),
    }
}
