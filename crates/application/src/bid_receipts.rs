//! What companies try to do with bids, on the record: received or refused, each attempt leaves an event and a signed
//! receipt, in the transaction in which it is decided.

use crate::{Caller, Error, Result, bids::Visible, mail};
use chrono::{DateTime, Utc};
use domain::{
    Actor, Bid, BidAction, BidId, Challenge, Event, EventId, Id, Organisation, OrganisationId, ReceiptId, Refusal,
    RefusalRecord, bid::BidStage,
};
use notifications::Message;
use persistence::{
    Conn,
    bid_envelopes::{self, Envelope},
    bid_partners,
    bid_receipts::{self as kept, BidReceipt, Of, ReceiptKey},
};
use receipts::{Action, FORMAT, Key, KeyRing, Kind, Payload, PublicKey, Receipt, SANDBOX_FORMAT, SealedEnvelope};
use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

/// How many public keys are listed. They are changed by hand, every few years.
const KEYS: i64 = 100;

/// Signs receipts. Cheap to clone.
#[derive(Clone)]
pub struct Signer {
    key: Arc<Key>,
    /// Whether the public half was found in the database, which forgets none. Looking is spared from then on.
    is_introduced: Arc<AtomicBool>,
}

impl Signer {
    /// Signs with the key of this secret.
    pub fn new(secret: &[u8; 32]) -> Self {
        Self { key: Arc::new(Key::new(secret)), is_introduced: Arc::default() }
    }

    /// Signs with a key that nobody keeps. Its public half is published like that of any other.
    ///
    /// # Errors
    /// If the machine has no randomness to give.
    pub fn of_the_moment() -> Result<Self> {
        Ok(Self::new(&random()?))
    }

    /// The key.
    pub(crate) fn key(&self) -> &Key {
        &self.key
    }

    /// Publishes the public half, unless that was done before.
    pub fn introduce(&self, conn: &mut Conn) -> Result<()> {
        if self.is_introduced.load(Ordering::Relaxed) {
            return Ok(());
        }
        let PublicKey { id, public_key } = self.key.public();
        if kept::find_key(conn, id)?.is_some() {
            self.is_introduced.store(true, Ordering::Relaxed);
            return Ok(());
        }
        let now = conn.now()?;
        Ok(kept::introduce_key(conn, id, public_key, now)?)
    }
}

/// What somebody tries to do with a bid of a company.
pub struct Attempt {
    /// Who tries.
    pub caller: Caller,
    /// Why they would not even be let in. A member of the company is refused on the record, everybody else without.
    pub door: Option<Refusal>,
    /// Signs the receipt.
    pub signer: Signer,
}

/// What came of it.
pub enum Attempted {
    /// It counts.
    Received(Box<Visible>, Receipt),
    /// It was refused, and that is on the record: the transaction is to be kept.
    Refused(Error, Receipt),
}

/// What is known of an attempt before it is decided.
pub(crate) struct Tried<'a> {
    action: BidAction,
    challenge: &'a Challenge,
    company: &'a Organisation,
    bid: Option<(BidId, i32)>,
    at: DateTime<Utc>,
}

impl<'a> Tried<'a> {
    pub(crate) fn new(
        action: BidAction,
        challenge: &'a Challenge,
        company: &'a Organisation,
        at: DateTime<Utc>,
    ) -> Self {
        Self { action, challenge, company, bid: None, at }
    }

    /// On a bid that exists.
    pub(crate) fn on(self, bid: &Bid) -> Self {
        Self { bid: Some((bid.id, bid.revision)), ..self }
    }
}

impl Attempt {
    /// Refuses whom the door refuses.
    pub(crate) fn admitted(&self) -> domain::Result<()> {
        self.door.clone().map_or(Ok(()), Err)
    }

    /// Gives the receipt for what counts, and the mail that points to it if something was handed in.
    pub(crate) fn receive(&self, conn: &mut Conn, tried: Tried<'_>, bid: Bid, event: Event) -> Result<Attempted> {
        let event = self.caller.record_named(conn, tried.at, event)?;
        let tried = tried.on(&bid);
        let envelopes = bid_envelopes::of_bid(conn, bid.id, bid.revision)?;
        let receipt = self.sign(conn, &tried, event, &envelopes, None)?;
        if matches!(tried.action, BidAction::Submit | BidAction::Replace) {
            self.confirm_receipt(conn, tried.challenge, &bid, receipt.0)?;
        }
        let confirmed = bid.is_confirmed(tried.challenge.material_changes);
        let company_name = tried.company.legal_name.clone();
        let partners = bid_partners::of_bids(conn, &[bid.id])?.into_iter().map(|(_, partner)| partner).collect();
        let visible = Visible::shut(bid, company_name, confirmed, envelopes, partners);
        Ok(Attempted::Received(Box::new(visible), receipt.1))
    }

    /// Puts a refusal on the record. What leaves none stays an error, and its transaction is undone.
    pub(crate) fn refuse(&self, conn: &mut Conn, tried: &Tried<'_>, error: Error) -> Result<Attempted> {
        let record = match &error {
            Error::Refused(refusal) => RefusalRecord::of(refusal),
            Error::Stale => Some(RefusalRecord::stale()),
            _ => None,
        };
        let Some(record) = record else { return Err(error) };
        let bid = tried.bid.map(|(bid, _)| bid);
        let event = record.event(tried.action, tried.challenge.id, tried.company.id, bid);
        let event = self.caller.record_named(conn, tried.at, event)?;
        let (_, receipt) = self.sign(conn, tried, event, &[], Some(record))?;
        Ok(Attempted::Refused(error, receipt))
    }

    fn sign(
        &self,
        conn: &mut Conn,
        tried: &Tried<'_>,
        event: EventId,
        envelopes: &[Envelope],
        refused: Option<RefusalRecord>,
    ) -> Result<(ReceiptId, Receipt)> {
        self.signer.introduce(conn)?;
        let id = conn.new_id::<ReceiptId>();
        let kind = if refused.is_some() { Kind::Refusal } else { Kind::Receipt };
        let (reason, problems) = refused.map(|r| (r.reason.to_owned(), r.problems)).unzip();
        let sandbox = tried.challenge.sandbox;
        let format = if sandbox { SANDBOX_FORMAT } else { FORMAT };
        let payload = Payload {
            format: format.to_owned(),
            kind,
            id: id.0,
            action: action(tried.action),
            challenge: tried.challenge.id.0,
            challenge_reference: tried.challenge.reference.clone(),
            company: tried.company.id.0,
            company_name: tried.company.legal_name.clone(),
            bid: tried.bid.map(|(bid, _)| bid.0),
            revision: tried.bid.map(|(_, revision)| revision),
            received_at: tried.at,
            real_time: conn.in_sandbox(),
            envelopes: envelopes.iter().map(named).collect(),
            reason,
            problems: problems.unwrap_or_default(),
            event: event.uuid(),
            key: self.signer.key.id().to_owned(),
        };
        let receipt = Receipt::sign(&payload, &self.signer.key);
        kept::insert(conn, &row(&payload, &receipt, tried))?;
        Ok((id, receipt))
    }

    fn confirm_receipt(&self, conn: &mut Conn, challenge: &Challenge, bid: &Bid, receipt: ReceiptId) -> Result<()> {
        let (challenge_title, challenge_reference) = mail::names(challenge);
        let (version, received_at, link) = (bid.revision, bid.submitted_at, format!("/receipts/{receipt}"));
        let message = match bid.stage {
            BidStage::Solution => {
                Message::SolutionReceived { challenge_title, challenge_reference, version, received_at, link }
            }
            BidStage::Offer => {
                Message::BidReceived { challenge_title, challenge_reference, version, received_at, link }
            }
        };
        mail::send_to_user(conn, self.caller.actor.user, &message, bid.submitted_at)
    }
}

fn row(payload: &Payload, receipt: &Receipt, tried: &Tried<'_>) -> BidReceipt {
    BidReceipt {
        id: ReceiptId(payload.id),
        challenge: tried.challenge.id,
        company: tried.company.id,
        bid: tried.bid.map(|(bid, _)| bid),
        event: EventId(payload.event),
        key: payload.key.clone(),
        received_at: tried.at,
        refused: payload.kind == Kind::Refusal,
        payload: receipt.payload.clone(),
        signature: receipt.signature.clone(),
    }
}

fn named(envelope: &Envelope) -> SealedEnvelope {
    SealedEnvelope { kind: envelope.kind.as_str().to_owned(), sha256: envelope.sha256.clone() }
}

fn action(action: BidAction) -> Action {
    match action {
        BidAction::Submit => Action::Submit,
        BidAction::Replace => Action::Replace,
        BidAction::Confirm => Action::Confirm,
        BidAction::Withdraw => Action::Withdraw,
    }
}

fn random() -> Result<[u8; 32]> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).map_err(|error| Error::Randomness(error.to_string()))?;
    Ok(bytes)
}

/// A receipt of one of the caller's companies; for everybody else it does not exist.
pub fn find(conn: &mut Conn, actor: &Actor, id: ReceiptId) -> Result<Receipt> {
    let found = kept::find(conn, id)?;
    if !actor.belongs_to(found.company) {
        return Err(Refusal::NotFound("receipt").into());
    }
    Ok(as_given(found).1)
}

/// Some receipts of a bid of one of the caller's companies, the newest first.
pub fn list_of_bid(
    conn: &mut Conn,
    actor: &Actor,
    bid: BidId,
    after: Option<ReceiptId>,
    limit: i64,
) -> Result<Vec<(ReceiptId, Receipt)>> {
    if !actor.belongs_to(persistence::bids::find(conn, bid)?.company) {
        return Err(Refusal::NotFound("bid").into());
    }
    Ok(kept::page(conn, Of::Bid(bid), after, limit)?.into_iter().map(as_given).collect())
}

/// Some receipts of the caller's companies, the newest first.
pub fn list_own(
    conn: &mut Conn,
    actor: &Actor,
    after: Option<ReceiptId>,
    limit: i64,
) -> Result<Vec<(ReceiptId, Receipt)>> {
    let companies: Vec<OrganisationId> = actor.memberships.iter().map(|membership| membership.organisation).collect();
    Ok(kept::page(conn, Of::Companies(&companies), after, limit)?.into_iter().map(as_given).collect())
}

fn as_given(kept: BidReceipt) -> (ReceiptId, Receipt) {
    let BidReceipt { id, payload, signature, .. } = kept;
    (id, Receipt { payload, signature })
}

/// The public keys with which anybody checks receipts, the newest first.
pub fn keys(conn: &mut Conn) -> Result<Vec<ReceiptKey>> {
    Ok(kept::keys(conn, KEYS)?)
}

/// Judges a receipt by the keys of this installation, and by nothing else: whether it is kept here plays no part.
pub fn verify(conn: &mut Conn, receipt: &Receipt) -> Result<Result<Payload, receipts::Invalid>> {
    let key = match receipt.read() {
        Ok(payload) => kept::find_key(conn, &payload.key)?,
        Err(invalid) => return Ok(Err(invalid)),
    };
    let known = KeyRing::new(key.into_iter().map(|key| PublicKey { id: key.id, public_key: key.public_key }).collect());
    Ok(receipt.verify(|id| known.find(id)))
}
