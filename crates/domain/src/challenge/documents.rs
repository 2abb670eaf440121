//! Documents of a challenge: specifications, data, forms to fill in.

use super::Challenge;
use crate::{
    Actor, ChallengeDocumentId, ChallengeId, Checks, Event, Refusal, Result, Role, UserId,
    file::{Finding, Scan, Upload, UploadStatus},
};
use chrono::{DateTime, Utc};
use serde_json::{Value, json};

/// The most documents of a challenge.
pub const MOST_DOCUMENTS: usize = 50;

/// The most versions of a document.
pub const MOST_VERSIONS: usize = 50;

/// What a document is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChallengeDocumentKind {
    /// Says more of the problem, the place, the systems there are.
    Specification,
    /// The contract that will be signed, and its terms.
    ContractTerms,
    /// Data to look at or to try a solution with.
    Data,
    /// A form that bidders fill in.
    Form,
    /// Pictures and plans.
    Illustration,
    /// Something else.
    Other,
}

impl ChallengeDocumentKind {
    /// Every kind.
    pub const ALL: [Self; 6] =
        [Self::Specification, Self::ContractTerms, Self::Data, Self::Form, Self::Illustration, Self::Other];

    /// The name of the kind.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Specification => "specification",
            Self::ContractTerms => "contract_terms",
            Self::Data => "data",
            Self::Form => "form",
            Self::Illustration => "illustration",
            Self::Other => "other",
        }
    }

    /// The kind of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == name)
    }
}

/// What an author says of a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DocumentDescription {
    /// Its title; 1 to 200 characters on one line.
    pub title: String,
    /// What it is for.
    pub kind: ChallengeDocumentKind,
    /// The language it is in (ISO 639-1), if it is in one.
    pub language: Option<String>,
}

/// A file for a document.
#[derive(Debug, Clone, Copy)]
pub struct Chosen<'a> {
    /// It; used up.
    pub upload: &'a Upload,
    /// Whether who adds it has looked at what it tells besides what one sees of it.
    pub acknowledge_findings: bool,
}

/// A document of a challenge, with all its versions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChallengeDocument {
    /// Its id.
    pub id: ChallengeDocumentId,
    /// Whose it is.
    pub challenge: ChallengeId,
    /// What its author says of it.
    pub description: DocumentDescription,
    /// When it was added.
    pub added_at: DateTime<Utc>,
    /// Its versions, the oldest first; at least one. The last one holds.
    pub versions: Vec<DocumentVersion>,
}

/// A version of a document. It never changes: a newer one is another version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DocumentVersion {
    /// From 1.
    pub number: i32,
    /// SHA-256 of its content, in hexadecimal.
    pub sha256: String,
    /// The name of its file.
    pub name: String,
    /// Its size in bytes.
    pub size: i64,
    /// Its media type.
    pub media_type: String,
    /// Who added it.
    pub added_by: UserId,
    /// When it was added.
    pub added_at: DateTime<Utc>,
    /// What it tells besides what one sees of it: comments, changes, hidden parts, names of people.
    pub findings: Vec<Finding>,
    /// Who said that everybody may see that, and when.
    pub acknowledged: Option<(UserId, DateTime<Utc>)>,
    /// What a virus scanner says of its content.
    pub scan: Scan,
}

impl DocumentVersion {
    fn of(upload: &Upload, number: i32, acknowledged: bool, now: DateTime<Utc>) -> Result<Self> {
        let whole = upload.sha256.clone().filter(|_| upload.status == UploadStatus::Complete);
        let status = upload.status.as_str();
        let sha256 = whole.ok_or(Refusal::WrongState { subject: "upload", status, allowed: "complete" })?;
        let (name, media_type) = (upload.announced.name.clone(), upload.announced.media_type.clone());
        let (size, added_by) = (upload.announced.size, upload.owner);
        let (findings, acknowledged) = (upload.findings.clone(), acknowledged.then_some((added_by, now)));
        let scan = upload.scan.clone();
        let version =
            Self { number, sha256, name, size, media_type, added_by, added_at: now, findings, acknowledged, scan };
        version.require_sound()?;
        Ok(version)
    }

    /// Refuses what is known to be infected.
    pub fn require_sound(&self) -> Result<()> {
        self.scan.require_sound(&self.name)
    }

    /// Refuses what everybody would see without somebody having looked at what it tells.
    fn require_acknowledged(&self) -> Result<()> {
        if self.findings.is_empty() || self.acknowledged.is_some() {
            return Ok(());
        }
        let kinds: Vec<_> = self.findings.iter().map(|finding| finding.kind.as_str()).collect();
        Err(Refusal::FindingsNotAcknowledged(format!("{} ({})", self.name, kinds.join(", "))))
    }
}

impl ChallengeDocument {
    /// The version of that number.
    pub fn version(&self, number: i32) -> Result<&DocumentVersion> {
        self.versions.iter().find(|version| version.number == number).ok_or(Refusal::NotFound("version"))
    }

    fn told(&self) -> Value {
        let last = self.versions.last().map(|version| (version.number, &version.sha256));
        let (number, sha256) = last.unzip();
        let DocumentDescription { title, kind, .. } = &self.description;
        json!({ "document": self.id, "title": title, "kind": kind, "version": number, "sha256": sha256 })
    }
}

impl Challenge {
    /// Adds a document with the file of an upload, which is used up. `present` is how many there are already.
    pub fn add_document(
        &mut self,
        actor: &Actor,
        id: ChallengeDocumentId,
        description: DocumentDescription,
        file: Chosen<'_>,
        present: usize,
        now: DateTime<Utc>,
    ) -> Result<(ChallengeDocument, Event)> {
        self.require_documents_editable(actor, now)?;
        if present >= MOST_DOCUMENTS {
            return Err(Refusal::TooMany { what: "documents", most: MOST_DOCUMENTS });
        }
        let description = description.checked()?;
        let versions = vec![self.version_of(file, 1, now)?];
        let document = ChallengeDocument { id, challenge: self.id, description, added_at: now, versions };
        self.touch(actor);
        let event = self.event("challenge.document_added", document.told());
        Ok((document, event))
    }

    /// Adds a newer version of a document; the older ones stay.
    pub fn add_document_version(
        &mut self,
        actor: &Actor,
        document: &mut ChallengeDocument,
        file: Chosen<'_>,
        now: DateTime<Utc>,
    ) -> Result<Event> {
        self.require_documents_editable(actor, now)?;
        if document.versions.len() >= MOST_VERSIONS {
            return Err(Refusal::TooMany { what: "versions", most: MOST_VERSIONS });
        }
        let number = document.versions.last().map_or(1, |last| last.number + 1);
        document.versions.push(self.version_of(file, number, now)?);
        self.touch(actor);
        Ok(self.event("challenge.document_version_added", document.told()))
    }

    /// A virus scanner found something in a version of a document.
    pub fn document_infected(&self, document: &ChallengeDocument, version: &DocumentVersion, signature: &str) -> Event {
        let DocumentVersion { number, sha256, .. } = version;
        let told = json!({ "document": document.id, "version": number, "sha256": sha256, "signature": signature });
        self.confidential_event("challenge.document_infected").with(told)
    }

    /// An author removes a document, with all its versions, as long as nobody outside the agency can have seen it.
    pub fn remove_document(&mut self, actor: &Actor, document: &ChallengeDocument) -> Result<Event> {
        self.require_visible(Some(actor))?;
        actor.require(Role::Author, self.agency)?;
        self.require_editable()?;
        self.touch(actor);
        Ok(self.event("challenge.document_removed", document.told()))
    }

    /// Before the review authors write; what is added to a published challenge, everybody sees at once: an
    /// officer does that, as long as bidders can still react.
    pub fn require_documents_editable(&self, actor: &Actor, now: DateTime<Utc>) -> Result<()> {
        if self.is_published() {
            return self.require_amendable(actor, now);
        }
        self.require_visible(Some(actor))?;
        actor.require(Role::Author, self.agency)?;
        self.require_editable()
    }

    /// Everybody sees at once what is added to a published challenge, so what it tells must have been looked at.
    fn version_of(&self, file: Chosen<'_>, number: i32, now: DateTime<Utc>) -> Result<DocumentVersion> {
        let Chosen { upload, acknowledge_findings } = file;
        if upload.announced.organisation != self.agency {
            return Err(Refusal::invalid("/upload", "unknown", "the upload was announced for another organisation"));
        }
        let version = DocumentVersion::of(upload, number, acknowledge_findings, now)?;
        if self.is_published() {
            version.require_acknowledged()?;
        }
        Ok(version)
    }

    /// An author or officer has looked at what a version tells besides what one sees of it: everybody may.
    pub fn acknowledge_findings(
        &self,
        actor: &Actor,
        document: &mut ChallengeDocument,
        number: i32,
        now: DateTime<Utc>,
    ) -> Result<Event> {
        self.require_panel_editable(actor)?;
        let version = document.versions.iter_mut().find(|version| version.number == number);
        let version = version.ok_or(Refusal::NotFound("version"))?;
        if version.findings.is_empty() || version.acknowledged.is_some() {
            return Err(Refusal::AlreadyDone);
        }
        version.acknowledged = Some((actor.user, now));
        let told = json!({ "document": document.id, "version": number });
        Ok(self.event("challenge.document_findings_acknowledged", told))
    }

    /// Who changed what it says cannot approve it.
    fn touch(&mut self, actor: &Actor) {
        if !self.is_published() {
            self.last_editor = actor.user;
        }
    }
}

/// Refuses to review documents of which one is infected. What has not been scanned holds up nothing.
pub fn require_sound(documents: &[ChallengeDocument]) -> Result<()> {
    documents.iter().flat_map(|document| &document.versions).try_for_each(DocumentVersion::require_sound)
}

/// Refuses to show everybody documents that are infected, or that tell more than one sees of them, unless somebody has looked at that.
pub fn require_fit_for_all(documents: &[ChallengeDocument]) -> Result<()> {
    require_sound(documents)?;
    documents.iter().flat_map(|document| &document.versions).try_for_each(DocumentVersion::require_acknowledged)
}

impl DocumentDescription {
    fn checked(self) -> Result<Self> {
        let mut checks = Checks::new();
        checks.text(&self.title, 200, "/title");
        checks.require(!self.title.contains(char::is_control), "/title", "wrong_format", "one line of text");
        let code = |code: &String| code.len() == 2 && code.bytes().all(|letter| letter.is_ascii_lowercase());
        let language = self.language.as_ref().is_none_or(code);
        checks.require(language, "/language", "wrong_format", "two small letters (ISO 639-1)");
        checks.done()?;
        Ok(Self { title: self.title.trim().to_owned(), ..self })
    }
}
