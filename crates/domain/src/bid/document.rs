//! Documents of a bid. Each is encrypted for a key of its own as soon as it arrives, and the key is nowhere but in the offer.

use super::{Bid, BidStatus, require_may_bid};
use crate::{
    Actor, BidDocumentId, BidId, Challenge, ChallengeId, Checks, Event, Organisation, OrganisationId, Refusal,
    ResponseSectionId, Result, Role, Subject,
    file::{MediaType, StoredFile, UploadLimits, check_name},
};
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use std::fmt;

/// The most documents of an offer.
pub const MOST_DOCUMENTS: usize = 10;

/// The most documents that a company has for one challenge: more than an offer needs, since nobody knows before the opening which
/// of them it refers to.
pub const MOST_KEPT_DOCUMENTS: usize = 30;

/// The most bytes of a document: 50 MiB.
pub const LARGEST_DOCUMENT: i64 = 50 << 20;

/// How long a document may take to arrive.
pub const DOCUMENT_ARRIVES: TimeDelta = TimeDelta::hours(24);

/// A document that an offer refers to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OfferedDocument {
    /// Under which id it is kept, encrypted.
    pub document: BidDocumentId,
    /// What opens it.
    pub key: DocumentKey,
    /// The name of the file; its ending says of which kind it is, and only kinds that files may have.
    pub name: String,
    /// How many bytes it has; the others are zeros.
    pub size: i64,
    /// SHA-256 of these bytes, in hexadecimal.
    pub sha256: String,
    /// To which response section of the challenge it belongs, if to one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub section: Option<ResponseSectionId>,
}

/// A secret key of `age`, as text. It does not show itself.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct DocumentKey(String);

impl DocumentKey {
    /// The key that this text writes, right or not.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Whether it can be a key at all: `AGE-SECRET-KEY-1` and 58 digits of Bech32.
    fn is_plausible(&self) -> bool {
        let digit = |byte: u8| b"QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L".contains(&byte);
        let digits = self.0.strip_prefix("AGE-SECRET-KEY-1");
        digits.is_some_and(|digits| digits.len() == 58 && digits.bytes().all(digit))
    }
}

impl fmt::Debug for DocumentKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DocumentKey(...)")
    }
}

/// What is known of a document before the opening: that it is there, and of which of eight sizes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BidDocument {
    /// Its id.
    pub id: BidDocumentId,
    /// For which challenge it is.
    pub challenge: ChallengeId,
    /// Whose it is.
    pub company: OrganisationId,
    /// When it began to arrive.
    pub created_at: DateTime<Utc>,
    /// How many bytes it takes, encrypted; while it arrives, the most that it can.
    pub size: i64,
    /// SHA-256 of them, in hexadecimal, once they are known.
    pub sha256: Option<String>,
    /// When all of it was there.
    pub received_at: Option<DateTime<Utc>>,
    /// When it was looked at after the opening.
    pub examined_at: Option<DateTime<Utc>>,
    /// What was wrong with it then.
    pub damage: Option<DocumentDamage>,
}

/// Why a document that an offer refers to cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DocumentDamage {
    /// Its content is not there any more.
    Lost,
    /// It does not open with the key of the offer, or was changed after it had been encrypted.
    NotDecryptable,
    /// It opens, and has another content than the offer says.
    OtherContent,
    /// It is not of the kind that its name says.
    WrongType,
}

impl DocumentDamage {
    /// Every one.
    pub const ALL: [Self; 4] = [Self::Lost, Self::NotDecryptable, Self::OtherContent, Self::WrongType];

    /// Its stable name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Lost => "document_lost",
            Self::NotDecryptable => "not_decryptable",
            Self::OtherContent => "other_content",
            Self::WrongType => "wrong_type",
        }
    }

    /// The damage of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|damage| damage.as_str() == name)
    }

    /// The same in words.
    pub fn in_words(self) -> &'static str {
        match self {
            Self::Lost => "its content is not there any more",
            Self::NotDecryptable => "it does not open with the key in the offer, or was changed after it was encrypted",
            Self::OtherContent => "its content is not the one that the offer names by size and hash",
            Self::WrongType => "its content is not of the kind that its name says",
        }
    }
}

/// What a company has for a challenge already, and in bytes altogether.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DocumentUsage {
    /// How many documents it has for the challenge.
    pub documents: usize,
    /// How many bytes all files of the company take.
    pub bytes: i64,
}

impl BidDocument {
    /// A bidder of a company begins to hand in a document of at most this size (encrypted), while bids are taken.
    pub fn begin(
        id: BidDocumentId,
        actor: &Actor,
        (challenge, company): (&Challenge, &Organisation),
        size: i64,
        (usage, limits): (DocumentUsage, UploadLimits),
        now: DateTime<Utc>,
    ) -> Result<Self> {
        require_may_bid(actor, challenge, company, now)?;
        if usage.documents >= MOST_KEPT_DOCUMENTS {
            return Err(Refusal::TooMany { what: "documents for this challenge", most: MOST_KEPT_DOCUMENTS });
        }
        if usage.bytes.saturating_add(size) > limits.organisation {
            return Err(Refusal::QuotaExceeded { left: limits.organisation.saturating_sub(usage.bytes).max(0) });
        }
        Ok(Self {
            id,
            challenge: challenge.id,
            company: company.id,
            created_at: now,
            size,
            sha256: None,
            received_at: None,
            examined_at: None,
            damage: None,
        })
    }

    /// All of it is there, and will be kept as this file.
    pub fn keep(&mut self, file: &StoredFile) {
        self.size = file.size;
        self.sha256 = Some(file.sha256.clone());
    }

    /// It is kept for certain. A document that arrives after the deadline is as late as a bid.
    pub fn receive(&mut self, challenge: &Challenge, now: DateTime<Utc>) -> Result<Event> {
        challenge.require_open(now)?;
        self.received_at = Some(now);
        Ok(self.event("bid_document.received"))
    }

    /// Hides it from everybody but the bidders of its company.
    pub fn require_visible(&self, actor: &Actor) -> Result<()> {
        let visible = self.received_at.is_some() && actor.holds(Role::Bidder, self.company);
        if visible { Ok(()) } else { Err(Refusal::NotFound("bid document")) }
    }

    /// A bidder takes it away, unless a bid of the company may refer to it: before the opening nobody can tell.
    pub fn remove(&self, actor: &Actor, live: Option<BidId>) -> Result<Event> {
        self.require_visible(actor)?;
        match live {
            Some(_) => Err(Refusal::WrongState { subject: "bid", status: "submitted", allowed: "withdrawn" }),
            None => Ok(self.event("bid_document.removed")),
        }
    }

    /// It was looked at after the opening.
    pub fn examine(&mut self, damage: Option<DocumentDamage>, now: DateTime<Utc>) {
        (self.examined_at, self.damage) = (Some(now), damage);
    }

    /// No bid refers to it, and none can any more.
    pub fn forget(&self) -> Event {
        self.event("bid_document.forgotten")
    }

    /// Not even for which challenge it is, is for anybody but the company.
    fn event(&self, kind: &'static str) -> Event {
        Event::confidential(kind, Subject::BidDocument(self.id), Some(self.company))
    }
}

impl Bid {
    /// The document of this id that its offer refers to, for those who may see its content.
    pub fn offered_document(&self, id: BidDocumentId) -> Result<&OfferedDocument> {
        let documents = self.quality.as_ref().map_or(&[][..], |quality| &quality.particulars.documents);
        let open = !matches!(self.status, BidStatus::Submitted | BidStatus::Withdrawn);
        let found = documents.iter().find(|document| document.document == id).filter(|_| open);
        found.ok_or(Refusal::NotFound("document"))
    }
}

/// Notes what is wrong with the documents of an offer: by themselves, and against those that the company has for the challenge.
pub(super) fn note(
    documents: &[OfferedDocument],
    is_section: impl Fn(ResponseSectionId) -> bool,
    kept: &[BidDocument],
    checks: &mut Checks,
) {
    let few = documents.len() <= MOST_DOCUMENTS;
    checks.require(few, "/documents", "too_many", format!("at most {MOST_DOCUMENTS}"));
    for (i, document) in documents.iter().take(MOST_DOCUMENTS).enumerate() {
        let at = format!("/documents/{i}");
        let unique = documents[..i].iter().all(|other| other.document != document.document);
        checks.require(unique, format!("{at}/document"), "duplicate", "is there twice");
        let section = document.section.is_none_or(&is_section);
        checks.require(section, format!("{at}/section"), "unknown", "the challenge asks no such thing");
        document.note(&at, checks);
        document.note_kept(kept.iter().find(|kept| kept.id == document.document), &at, checks);
    }
}

impl OfferedDocument {
    /// Of which kind its name says that it is.
    pub fn media_type(&self) -> Option<MediaType> {
        MediaType::of_name(&self.name)
    }

    fn note(&self, at: &str, checks: &mut Checks) {
        let key = "a secret key of age, AGE-SECRET-KEY-1...";
        checks.require(self.key.is_plausible(), format!("{at}/key"), "wrong_format", key);
        let name = format!("{at}/name");
        check_name(checks, &self.name, &name);
        checks.require(self.media_type().is_some(), name, "not_allowed", "files of this kind are not taken");
        let size = (1..=LARGEST_DOCUMENT).contains(&self.size);
        let range = format!("from 1 to {LARGEST_DOCUMENT} bytes");
        checks.require(size, format!("{at}/size"), "out_of_range", range);
        let digit = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
        let hash = self.sha256.len() == 64 && self.sha256.bytes().all(digit);
        checks.require(hash, format!("{at}/sha256"), "wrong_format", "64 hexadecimal digits in lower case");
    }

    fn note_kept(&self, kept: Option<&BidDocument>, at: &str, checks: &mut Checks) {
        let there = kept.filter(|kept| kept.received_at.is_some());
        let words = "the company has handed in no such document for this challenge";
        checks.require(there.is_some(), format!("{at}/document"), "unknown", words);
        if let Some(damage) = there.and_then(|kept| kept.damage) {
            checks.require(false, at, damage.as_str(), format!("\"{}\": {}", self.name, damage.in_words()));
        }
    }
}
