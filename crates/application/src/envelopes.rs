//! What is in the envelopes of a bid, and how it gets in and out.

mod content;

use crate::{Error, Result};
use base64::{Engine, prelude::BASE64_STANDARD};
use domain::{
    Bid, BidId, ChallengeId, Committee, OrganisationId, Refusal,
    bid::{Offer, PriceOffer, QualityOffer},
    opening::{EnvelopeFailure, EnvelopeKind, SealedBy},
};
use persistence::{
    Conn, bid_envelopes,
    bid_envelopes::{Envelope, Parts},
    bids, opening_committees,
};
use sealing::{CombineError, Id, Kind, Label, Manifest, OpenError, SecretKey, Share};

/// For whom a bid is sealed, and what is written on its envelopes.
pub struct Terms {
    committee: sealing::Committee,
    challenge: Id,
    bidder: Id,
    revision: i32,
}

/// The envelopes of a bid on their way in: quality and price, or the one of an unpriced solution.
pub struct SealedBid {
    sealed_by: SealedBy,
    revision: i32,
    envelopes: Vec<SealedPart>,
}

struct SealedPart {
    kind: EnvelopeKind,
    nonce: String,
    sha256: String,
    envelope: sealing::Envelope,
    recovery: Option<String>,
}

impl Terms {
    /// Those of a first submission; none if there is no committee to seal for.
    pub fn of_submission(conn: &mut Conn, challenge: ChallengeId, company: OrganisationId) -> Result<Option<Self>> {
        Self::of(conn, challenge, company, 1)
    }

    /// Those of the next revision of a bid.
    pub fn of_replacement(conn: &mut Conn, bid: BidId) -> Result<Option<Self>> {
        let bid = bids::find(conn, bid)?;
        Self::of(conn, bid.challenge, bid.company, bid.revision + 1)
    }

    fn of(conn: &mut Conn, challenge: ChallengeId, company: OrganisationId, revision: i32) -> Result<Option<Self>> {
        let Some(committee) = opening_committees::find(conn, challenge)? else { return Ok(None) };
        let (committee, challenge) = (sealing_committee(&committee)?, id(challenge.0)?);
        Ok(Some(Self { committee, challenge, bidder: id(company.0)?, revision }))
    }

    fn label(&self, kind: EnvelopeKind) -> Label {
        Label {
            challenge: self.challenge.clone(),
            bidder: self.bidder.clone(),
            version: u32::try_from(self.revision).unwrap_or(0),
            kind: sealing_kind(kind),
        }
    }
}

/// An id as it is written on envelopes.
pub(crate) fn id(id: uuid::Uuid) -> Result<Id> {
    Id::parse(&id.to_string()).ok_or_else(|| corrupt("an id"))
}

/// A committee as envelopes are sealed for it.
pub(crate) fn sealing_committee(committee: &Committee) -> Result<sealing::Committee> {
    let recipients: Vec<_> = committee.holders.iter().map(|holder| &holder.recipient).collect();
    sealing::Committee::new(committee.threshold, &recipients).map_err(|error| corrupt(&error.to_string()))
}

fn sealing_kind(kind: EnvelopeKind) -> Kind {
    match kind {
        EnvelopeKind::Solution => Kind::Solution,
        EnvelopeKind::Quality => Kind::Quality,
        EnvelopeKind::Price => Kind::Price,
    }
}

fn corrupt(what: &str) -> Error {
    Error::Persistence(persistence::Error::Corrupt(what.to_owned()))
}

/// Seals an offer, and the keys for whoever is to be able to open it without the committee, if anybody.
///
/// # Errors
/// If the machine has no randomness, or the key for the recovery is none.
pub fn seal(terms: &Terms, offer: &Offer, recovery: Option<&str>) -> Result<SealedBid> {
    let (quality, price) = offer.parts();
    let contents =
        [(EnvelopeKind::Quality, content::of_quality(&quality)), (EnvelopeKind::Price, content::of_price(&price))];
    seal_all(terms, &contents, recovery)
}

/// Seals an unpriced solution, and its key for whoever is to be able to open it without the committee, if anybody.
///
/// # Errors
/// As in [`seal`].
pub fn seal_solution(terms: &Terms, solution: &QualityOffer, recovery: Option<&str>) -> Result<SealedBid> {
    seal_all(terms, &[(EnvelopeKind::Solution, content::of_solution(solution))], recovery)
}

fn seal_all(terms: &Terms, contents: &[(EnvelopeKind, Vec<u8>)], recovery: Option<&str>) -> Result<SealedBid> {
    let sealed = contents.iter().map(|(kind, content)| seal_part(terms, *kind, content, recovery));
    let envelopes = sealed.collect::<Result<_>>()?;
    Ok(SealedBid { sealed_by: SealedBy::Server, revision: terms.revision, envelopes })
}

fn seal_part(terms: &Terms, kind: EnvelopeKind, content: &[u8], recovery: Option<&str>) -> Result<SealedPart> {
    let mut randomness = sealing::os_randomness().map_err(|error| Error::Randomness(error.to_string()))?;
    let sealed = sealing::seal(&terms.committee, &terms.label(kind), content, &mut randomness);
    let sealed = sealed.map_err(|error| Refusal::invalid("/solution", "not_sealed", error.to_string()))?;
    let wrong = |_| Refusal::invalid("/recoveryRecipient", "malformed", "must be a public key of age, age1...");
    let recovery = recovery.map(|recipient| sealing::for_recovery(&sealed.key, recipient).map_err(wrong));
    let recovery = recovery.transpose()?.map(|file| BASE64_STANDARD.encode(file));
    let manifest = Manifest::parse(&sealed.envelope.manifest).map_err(|error| corrupt(&error.to_string()))?;
    Ok(SealedPart::new(kind, &manifest, sealed.envelope, recovery))
}

/// Takes envelopes that a company sealed by itself, quality and price, if they are what they should be.
///
/// # Errors
/// Says for each envelope what is wrong with it.
pub fn accept(terms: &Terms, quality: sealing::Envelope, price: sealing::Envelope) -> domain::Result<SealedBid> {
    let kinds = [(EnvelopeKind::Quality, "/sealed/quality", quality), (EnvelopeKind::Price, "/sealed/price", price)];
    let sealed = accept_all(terms, kinds)?;
    if sealed.envelopes[0].nonce == sealed.envelopes[1].nonce {
        return Err(Refusal::invalid("/sealed", "same_nonce", "both envelopes have the same nonce: seal again"));
    }
    Ok(sealed)
}

/// Takes the envelope of an unpriced solution that a company sealed by itself, if it is what it should be.
///
/// # Errors
/// Says what is wrong with it.
pub fn accept_solution(terms: &Terms, envelope: sealing::Envelope) -> domain::Result<SealedBid> {
    accept_all(terms, [(EnvelopeKind::Solution, "/sealedSolution", envelope)])
}

fn accept_all<const N: usize>(
    terms: &Terms,
    kinds: [(EnvelopeKind, &'static str, sealing::Envelope); N],
) -> domain::Result<SealedBid> {
    let mut checks = domain::Checks::new();
    let mut envelopes = Vec::new();
    for (kind, pointer, envelope) in kinds {
        match sealing::check_shape(&envelope, &terms.committee, &terms.label(kind)) {
            Ok(manifest) => envelopes.push(SealedPart::new(kind, &manifest, envelope, None)),
            Err(error) => checks.require(false, pointer, "not_an_envelope", error.to_string()),
        };
    }
    checks.done()?;
    Ok(SealedBid { sealed_by: SealedBy::Company, revision: terms.revision, envelopes })
}

impl SealedPart {
    fn new(kind: EnvelopeKind, manifest: &Manifest, envelope: sealing::Envelope, recovery: Option<String>) -> Self {
        let sha256 = sealing::envelope_digest(&envelope.manifest).to_string();
        Self { kind, nonce: manifest.nonce.to_string(), sha256, envelope, recovery }
    }
}

impl SealedBid {
    /// Refuses envelopes that were sealed for another revision than the one that is handed in, and such as are here already.
    pub(crate) fn require_fresh(&self, conn: &mut Conn, revision: i32) -> Result<()> {
        if self.revision != revision {
            return Err(Refusal::ConcurrentChange.into());
        }
        // What the server seals is as new as its randomness is good; the database refuses a second of a nonce in any case.
        if self.sealed_by == SealedBy::Server {
            return Ok(());
        }
        let nonces: Vec<_> = self.envelopes.iter().map(|part| part.nonce.clone()).collect();
        match bid_envelopes::is_known(conn, &nonces)? {
            true => Err(Refusal::invalid("/sealed", "known", "this envelope was handed in before: seal again").into()),
            false => Ok(()),
        }
    }

    /// Stores the envelopes of the current revision of a bid.
    pub(crate) fn store(self, conn: &mut Conn, bid: &Bid) -> Result<()> {
        for part in self.envelopes {
            let envelope = Envelope {
                id: conn.new_id(),
                bid: bid.id,
                revision: bid.revision,
                kind: part.kind,
                sealed_by: self.sealed_by,
                sha256: part.sha256,
                recovery: part.recovery,
                opened_at: None,
                failure: None,
            };
            let sealing::Envelope { manifest, content, shares } = part.envelope;
            let manifest = String::from_utf8(manifest).map_err(|_| corrupt("a manifest"))?;
            let share_files = shares.iter().map(|share| BASE64_STANDARD.encode(share)).collect();
            let parts = Parts { nonce: part.nonce, manifest, content, share_files };
            bid_envelopes::insert(conn, bid.challenge, &envelope, &parts)?;
        }
        Ok(())
    }
}

/// An envelope for which enough shares may be there.
pub struct Ready {
    /// The envelope.
    pub envelope: Envelope,
    /// How many holders the committee has: with the shares of all of them there is nothing more to wait for.
    pub holders: usize,
    manifest: Manifest,
    content: Vec<u8>,
    shares: Vec<Share>,
}

/// What was taken out of an envelope.
pub enum TakenOut {
    /// An unpriced offer, or an unpriced solution.
    Quality(Box<QualityOffer>),
    /// A price.
    Price(PriceOffer),
    /// Nothing, and that is final.
    Nothing(EnvelopeFailure),
}

impl TakenOut {
    /// The unpriced offer, if it is one.
    pub(crate) fn quality(self) -> Option<QualityOffer> {
        if let Self::Quality(quality) = self { Some(*quality) } else { None }
    }

    /// The price, if it is one.
    pub(crate) fn price(self) -> Option<PriceOffer> {
        if let Self::Price(price) = self { Some(price) } else { None }
    }
}

impl Ready {
    /// Everything that opening it takes.
    pub(crate) fn load(conn: &mut Conn, envelope: Envelope, holders: usize) -> Result<Self> {
        let Parts { manifest, content, .. } = bid_envelopes::parts(conn, envelope.id)?;
        let manifest = Manifest::parse(manifest.as_bytes()).map_err(|error| corrupt(&error.to_string()))?;
        let shares = bid_envelopes::posted(conn, envelope.id)?;
        let shares = shares.iter().map(|share| Share::from_json(share.as_bytes()));
        let shares = shares.collect::<Result<_, _>>().map_err(|error| corrupt(&error.to_string()))?;
        Ok(Self { envelope, holders, manifest, content, shares })
    }

    /// Opens it, if the shares that are there suffice. Takes time, and no database.
    pub fn open(&self) -> Option<TakenOut> {
        match sealing::combine(&self.manifest, &self.shares) {
            // The shares gave the key that was committed to.
            Ok(combined) => self.open_with(&combined.key),
            Err(CombineError::SealedWrongly { sound }) if sound >= self.holders => {
                Some(TakenOut::Nothing(EnvelopeFailure::KeyNotInShares))
            }
            Err(_) => None,
        }
    }

    /// Opens it with its key; not with another one.
    pub(crate) fn open_with(&self, key: &SecretKey) -> Option<TakenOut> {
        let opened = match sealing::open(&self.manifest, &self.content, key) {
            Ok(opened) => opened,
            Err(OpenError::Key) => return None,
            Err(OpenError::Label(_)) => return Some(TakenOut::Nothing(EnvelopeFailure::OtherLabel)),
            Err(_) => return Some(TakenOut::Nothing(EnvelopeFailure::NotDecryptable)),
        };
        let read = match self.envelope.kind {
            EnvelopeKind::Solution => content::read_solution(&opened.content).map(Box::new).map(TakenOut::Quality),
            EnvelopeKind::Quality => content::read_quality(&opened.content).map(Box::new).map(TakenOut::Quality),
            EnvelopeKind::Price => content::read_price(&opened.content).map(TakenOut::Price),
        };
        Some(read.unwrap_or(TakenOut::Nothing(EnvelopeFailure::Unreadable)))
    }
}
