//! Standing documents: what organisations must show again and again, until it expires.

use super::Organisation;
use crate::{Actor, Checks, DocumentId, Event, OrganisationId, Refusal, Result, Subject, file::Scan};
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use serde_json::json;
use sha2::{Digest, Sha256};

/// The most documents that an organisation keeps.
pub const MOST_DOCUMENTS: usize = 20;

/// The largest file, in bytes.
pub const LARGEST_FILE: usize = 5 << 20;

/// How long before a document expires its organisation is reminded.
pub const REMINDER: TimeDelta = TimeDelta::days(30);

/// The media types that a file may have.
const MEDIA_TYPES: [&str; 3] = ["application/pdf", "image/png", "image/jpeg"];

/// What a document shows (Directive 2014/24/EU, art. 60).
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DocumentKind {
    /// That the organisation is in the register.
    RegisterExtract,
    /// That taxes are paid.
    TaxCertificate,
    /// That social security contributions are paid.
    SocialSecurityCertificate,
    /// That there is insurance.
    Insurance,
    /// That no ground for exclusion applies, in its own words.
    SelfDeclaration,
    /// Something else.
    Other,
}

impl DocumentKind {
    /// Every kind.
    pub const ALL: [Self; 6] = [
        Self::RegisterExtract,
        Self::TaxCertificate,
        Self::SocialSecurityCertificate,
        Self::Insurance,
        Self::SelfDeclaration,
        Self::Other,
    ];

    /// The name of the kind.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::RegisterExtract => "register_extract",
            Self::TaxCertificate => "tax_certificate",
            Self::SocialSecurityCertificate => "social_security_certificate",
            Self::Insurance => "insurance",
            Self::SelfDeclaration => "self_declaration",
            Self::Other => "other",
        }
    }

    /// The kind of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == name)
    }
}

/// A document of an organisation. What it says never changes: a newer one is another document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StandingDocument {
    /// Its id.
    pub id: DocumentId,
    /// Whose it is.
    pub organisation: OrganisationId,
    /// What it shows.
    pub kind: DocumentKind,
    /// Its title; 1 to 200 characters.
    pub title: String,
    /// The day it was issued.
    pub issued_on: NaiveDate,
    /// The last day it is good, if there is one.
    pub expires_on: Option<NaiveDate>,
    /// The file, once it is there.
    pub file: Option<FileFacts>,
    /// When it was added.
    pub added_at: DateTime<Utc>,
    /// When its owners were reminded that it expires.
    pub reminded_at: Option<DateTime<Utc>>,
    /// Grows with each change.
    pub version: i32,
}

/// What is known of a file without reading it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileFacts {
    /// Its media type, found out from its content.
    pub media_type: String,
    /// Its size in bytes.
    pub size: i32,
    /// SHA-256 of its content, in hexadecimal.
    pub sha256: String,
    /// What a virus scanner says of its content.
    pub scan: Scan,
}

impl FileFacts {
    /// Looks at a file that the sender says is of the type `declared`.
    pub fn of(content: &[u8], declared: &str) -> Result<Self> {
        let found = infer::get(content).map(|kind| kind.mime_type()).filter(|found| MEDIA_TYPES.contains(found));
        let mut checks = Checks::new();
        checks.require(content.len() <= LARGEST_FILE, "", "too_long", format!("at most {LARGEST_FILE} bytes"));
        checks.require(found.is_some(), "", "not_allowed", "must be a PDF, PNG or JPEG file");
        let honest = found.is_none_or(|found| found.eq_ignore_ascii_case(declared));
        checks.require(honest, "", "wrong_type", "the content is not of the type that Content-Type says");
        checks.done()?;
        let sha256 = Sha256::digest(content).iter().map(|byte| format!("{byte:02x}")).collect();
        let size = i32::try_from(content.len()).unwrap_or(i32::MAX);
        Ok(Self { media_type: found.unwrap_or_default().to_owned(), size, sha256, scan: Scan::default() })
    }
}

impl StandingDocument {
    /// An owner announces a document; its file follows. `present` is how many there are already.
    pub fn add(mut self, actor: &Actor, organisation: &Organisation, present: usize) -> Result<(Self, Event)> {
        organisation.require_owner(actor)?;
        if present >= MOST_DOCUMENTS {
            return Err(Refusal::TooMany { what: "documents", most: MOST_DOCUMENTS });
        }
        let mut checks = Checks::new();
        checks.text(&self.title, 200, "/title");
        checks.require(!self.title.contains(char::is_control), "/title", "wrong_format", "one line of text");
        checks.require(self.issued_on <= self.added_at.date_naive(), "/issuedOn", "out_of_range", "must not be ahead");
        let lasts = self.expires_on.is_none_or(|expires_on| expires_on >= self.issued_on);
        checks.require(lasts, "/expiresOn", "out_of_range", "must not be before the day of issue");
        checks.done()?;
        self.title = self.title.trim().to_owned();
        let event = self.event("organisation.document_added");
        Ok((self, event))
    }

    /// An owner sends the file, which its sender says is of the type `declared`; it stays as it is.
    pub fn attach(
        &mut self,
        actor: &Actor,
        organisation: &Organisation,
        content: &[u8],
        declared: &str,
    ) -> Result<Event> {
        organisation.require_owner(actor)?;
        if self.file.is_some() {
            return Err(Refusal::WrongState { subject: "document", status: "complete", allowed: "without a file" });
        }
        let file = FileFacts::of(content, declared)?;
        let sha256 = file.sha256.clone();
        self.file = Some(file);
        let event = self.event("organisation.document_file_stored");
        Ok(event.with(json!({ "document": self.id, "kind": self.kind, "sha256": sha256 })))
    }

    /// An owner removes the document, with its file.
    pub fn remove(&self, actor: &Actor, organisation: &Organisation) -> Result<Event> {
        organisation.require_owner(actor)?;
        Ok(self.event("organisation.document_removed"))
    }

    /// Whether it is good no longer. Days begin and end in UTC.
    pub fn is_expired(&self, now: DateTime<Utc>) -> bool {
        self.expires_on.is_some_and(|last| last < now.date_naive())
    }

    /// The days of expiry, from the first to the last, of which organisations are reminded at `now`.
    pub fn reminded_days(now: DateTime<Utc>) -> (NaiveDate, NaiveDate) {
        (now.date_naive(), (now + REMINDER).date_naive())
    }

    /// The owners are told, once, that it will expire. Gives the day and the event, or nothing if it is not the time or
    /// was done.
    pub fn remind(&mut self, now: DateTime<Utc>) -> Option<(NaiveDate, Event)> {
        let (first, last) = Self::reminded_days(now);
        let expires_on = self.expires_on.filter(|day| (first..=last).contains(day) && self.reminded_at.is_none())?;
        self.reminded_at = Some(now);
        Some((expires_on, self.event("organisation.document_expiry_announced")))
    }

    /// A virus scanner found something in its file.
    pub fn infected(&self, signature: &str) -> Event {
        let told = json!({ "document": self.id, "kind": self.kind, "signature": signature });
        self.event("organisation.document_infected").with(told)
    }

    fn event(&self, kind: &'static str) -> Event {
        Event::confidential(kind, Subject::Organisation(self.organisation), Some(self.organisation))
            .with(json!({ "document": self.id, "kind": self.kind }))
    }
}
