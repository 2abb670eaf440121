//! A file on its way: announced, received piece by piece, checked, used.

use super::{Finding, MediaType, Scan, check_name};
use crate::{Actor, Checks, Event, OrganisationId, Refusal, Result, Subject, UploadId, UserId};
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;

/// How long an upload is kept after it was announced, and again after it was checked, unless it is used.
pub const LIFETIME: TimeDelta = TimeDelta::hours(48);

/// The most uploads that a person has at a time.
pub const MOST_UPLOADS: usize = 20;

/// What the operator allows; sizes in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UploadLimits {
    /// The largest file.
    pub file: i64,
    /// The most that the files of one organisation take together, those on their way included.
    pub organisation: i64,
}

impl Default for UploadLimits {
    /// Files of 2 GiB, 20 GiB for an organisation.
    fn default() -> Self {
        Self { file: 2 << 30, organisation: 20 << 30 }
    }
}

/// What counts against the limits when an upload is announced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Usage {
    /// How many uploads the person has.
    pub uploads: usize,
    /// How many bytes the files of the organisation take, those on their way included.
    pub bytes: i64,
}

/// What somebody says of a file before sending it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Announced {
    /// Whose quota it counts against.
    pub organisation: OrganisationId,
    /// Its name.
    pub name: String,
    /// Its size in bytes.
    pub size: i64,
    /// Its media type.
    pub media_type: String,
    /// SHA-256 of its content, in hexadecimal, if the sender wants it compared.
    pub sha256: Option<String>,
}

/// Where an upload is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UploadStatus {
    /// Takes pieces.
    Receiving,
    /// Whole; what is in it is looked at.
    Checking,
    /// Checked and stored; can be used.
    Complete,
    /// Not what it should be, and gone.
    Rejected,
}

impl UploadStatus {
    /// Every state.
    pub const ALL: [Self; 4] = [Self::Receiving, Self::Checking, Self::Complete, Self::Rejected];

    /// The name of the state.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Receiving => "receiving",
            Self::Checking => "checking",
            Self::Complete => "complete",
            Self::Rejected => "rejected",
        }
    }

    /// The state of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == name)
    }
}

/// Why a file that arrived whole is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rejection {
    /// Its hash is not the promised one.
    WrongHash,
    /// It is not of the announced type.
    WrongType,
    /// It cannot be looked into: broken, encrypted, or made to be too much for whoever unpacks it.
    Unreadable,
    /// It holds macros.
    Macros,
}

impl Rejection {
    /// Every reason.
    pub const ALL: [Self; 4] = [Self::WrongHash, Self::WrongType, Self::Unreadable, Self::Macros];

    /// The code of the reason.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::WrongHash => "wrong_hash",
            Self::WrongType => "wrong_type",
            Self::Unreadable => "unreadable",
            Self::Macros => "macros",
        }
    }

    /// The reason of that code.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.as_str() == name)
    }
}

/// A file on its way. Only who sends it knows of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Upload {
    /// Its id.
    pub id: UploadId,
    /// Who sends it.
    pub owner: UserId,
    /// What was said of it.
    pub announced: Announced,
    /// How many bytes are there for certain.
    pub received: i64,
    /// Where it is.
    pub status: UploadStatus,
    /// Why it was rejected, if it was.
    pub rejection: Option<Rejection>,
    /// SHA-256 of its content, in hexadecimal, once that is known.
    pub sha256: Option<String>,
    /// What its content tells besides what one sees of it.
    pub findings: Vec<Finding>,
    /// What a virus scanner says of its content.
    pub scan: Scan,
    /// When it was announced.
    pub created_at: DateTime<Utc>,
    /// When it is forgotten, unless it is used or being checked.
    pub expires_at: DateTime<Utc>,
}

/// What receiving a piece came to.
#[derive(Debug, PartialEq)]
pub enum Received {
    /// There is more to come.
    More,
    /// The file is whole.
    Whole(Event),
}

/// A file that is kept, once for all who sent the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredFile {
    /// SHA-256 of its content, in hexadecimal.
    pub sha256: String,
    /// Its size in bytes.
    pub size: i64,
}

impl Upload {
    /// Somebody announces a file. Everything that can be known before the first byte is checked here.
    pub fn begin(
        id: UploadId,
        actor: &Actor,
        announced: Announced,
        limits: UploadLimits,
        usage: Usage,
        now: DateTime<Utc>,
    ) -> Result<(Self, Event)> {
        require_member(actor, announced.organisation)?;
        if usage.uploads >= MOST_UPLOADS {
            return Err(Refusal::TooMany { what: "uploads", most: MOST_UPLOADS });
        }
        check(&announced, limits)?;
        if usage.bytes.saturating_add(announced.size) > limits.organisation {
            return Err(Refusal::QuotaExceeded { left: limits.organisation.saturating_sub(usage.bytes).max(0) });
        }
        let upload = Self {
            id,
            owner: actor.user,
            announced,
            received: 0,
            status: UploadStatus::Receiving,
            rejection: None,
            sha256: None,
            findings: Vec::new(),
            scan: Scan::default(),
            created_at: now,
            expires_at: now + LIFETIME,
        };
        let event = upload.event("organisation.upload_begun");
        Ok((upload, event))
    }

    /// Hides it from everybody but who sends it, and once its time is over from them too.
    pub fn require_visible(&self, actor: &Actor, now: DateTime<Utc>) -> Result<()> {
        let theirs = actor.user == self.owner && actor.belongs_to(self.announced.organisation);
        let over = now >= self.expires_at && self.status != UploadStatus::Checking;
        if theirs && !over { Ok(()) } else { Err(Refusal::NotFound("upload")) }
    }

    /// Refuses to go on anywhere but where it stopped.
    pub fn require_offset(&self, offset: i64) -> Result<()> {
        self.require_status(UploadStatus::Receiving)?;
        if offset == self.received { Ok(()) } else { Err(Refusal::WrongOffset(self.received)) }
    }

    /// The first `upto` bytes are there for certain.
    pub fn receive(&mut self, upto: i64, now: DateTime<Utc>) -> Result<Received> {
        self.require_status(UploadStatus::Receiving)?;
        if upto < self.received || upto > self.announced.size {
            return Err(Refusal::WrongOffset(self.received));
        }
        self.received = upto;
        self.expires_at = now + LIFETIME;
        if upto < self.announced.size {
            return Ok(Received::More);
        }
        self.status = UploadStatus::Checking;
        Ok(Received::Whole(self.event("organisation.upload_received")))
    }

    /// Who sends it, does no longer.
    pub fn abandon(&self) -> Event {
        self.event("organisation.upload_abandoned")
    }

    /// It was not used in time.
    pub fn expire(&self, now: DateTime<Utc>) -> Option<Event> {
        (now >= self.expires_at).then(|| self.event("organisation.upload_expired"))
    }

    /// It is as it should be; its content has this hash and tells this. Gives the file to keep.
    pub fn accept(&mut self, sha256: &str, findings: Vec<Finding>) -> Result<StoredFile> {
        self.require_status(UploadStatus::Checking)?;
        self.findings = findings;
        self.sha256 = Some(sha256.to_owned());
        Ok(StoredFile { sha256: sha256.to_owned(), size: self.announced.size })
    }

    /// It is not as it should be.
    pub fn reject(&mut self, reason: Rejection, now: DateTime<Utc>) -> Result<Event> {
        self.require_status(UploadStatus::Checking)?;
        self.status = UploadStatus::Rejected;
        self.rejection = Some(reason);
        self.sha256 = None;
        self.expires_at = now + LIFETIME;
        Ok(self.event("organisation.upload_rejected").because(reason.as_str()))
    }

    /// Its content is kept for certain.
    pub fn complete(&mut self, now: DateTime<Utc>) -> Result<Event> {
        self.require_status(UploadStatus::Checking)?;
        self.status = UploadStatus::Complete;
        self.expires_at = now + LIFETIME;
        Ok(self.event("organisation.upload_stored"))
    }

    fn require_status(&self, status: UploadStatus) -> Result<()> {
        if self.status == status {
            return Ok(());
        }
        Err(Refusal::WrongState { subject: "upload", status: self.status.as_str(), allowed: status.as_str() })
    }

    /// Names may tell of people, so they are not in events.
    fn event(&self, kind: &'static str) -> Event {
        let Announced { organisation, size, media_type, .. } = &self.announced;
        let told = json!({ "upload": self.id, "size": size, "mediaType": media_type, "sha256": self.sha256 });
        Event::confidential(kind, Subject::Organisation(*organisation), Some(*organisation)).with(told)
    }
}

/// Refuses whoever does not belong to the organisation whose quota a file would count against.
pub fn require_member(actor: &Actor, organisation: OrganisationId) -> Result<()> {
    if actor.belongs_to(organisation) {
        return Ok(());
    }
    Err(Refusal::invalid("/organisation", "unknown", "you do not belong to this organisation"))
}

fn check(announced: &Announced, limits: UploadLimits) -> Result<()> {
    let mut checks = Checks::new();
    check_name(&mut checks, &announced.name, "/name");
    let size = format!("from 1 to {} bytes", limits.file);
    checks.require((1..=limits.file).contains(&announced.size), "/size", "out_of_range", size);
    let kind = MediaType::parse(&announced.media_type);
    checks.require(kind.is_some(), "/mediaType", "not_allowed", "files of this type are not taken");
    let suits = kind.is_none_or(|kind| kind.suits(&announced.name));
    checks.require(suits, "/name", "wrong_type", "the name does not end as names of this type do");
    let hash = |text: &String| text.len() == 64 && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
    let sound = announced.sha256.as_ref().is_none_or(hash);
    checks.require(sound, "/sha256", "wrong_format", "64 hexadecimal digits in lower case");
    checks.done()
}
