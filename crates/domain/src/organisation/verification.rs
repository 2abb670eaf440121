//! Whether an organisation is who it says, and who may look behind its public side.

use super::Organisation;
use crate::{Actor, Event, Read, Refusal, Result, Subject};
use serde_json::json;

impl Organisation {
    /// The kinds of the events that tell the history of the verification.
    pub const VERIFICATION_EVENTS: [&'static str; 3] =
        ["organisation.verified", "organisation.verification_revoked", "organisation.verification_lapsed"];

    /// An administrator takes the verification back, and says why. An agency goes on with what it published.
    pub fn revoke_verification(&mut self, actor: &Actor, reason: &str) -> Result<Event> {
        actor.require_administrator()?;
        crate::text(reason, 1000, "/reason")?;
        if self.verified_at.take().is_none() {
            return Err(Refusal::WrongState { subject: "organisation", status: "unverified", allowed: "verified" });
        }
        let payload = json!({ "legalName": self.legal_name });
        let subject = Subject::Organisation(self.id);
        Ok(Event::public("organisation.verification_revoked", subject, Some(self.id), payload).because(reason.trim()))
    }

    /// Refuses unless the reader belongs to the organisation or verifies organisations: for contacts and the history of
    /// the verification.
    pub fn require_insider(&self, actor: &Actor) -> Result<()> {
        if actor.administrator { Ok(()) } else { self.require_member(actor) }
    }

    /// As [`Organisation::require_insider`], and the auditors of the platform too: for beneficial owners and standing
    /// documents. Not the auditors of agencies: anybody can register an agency.
    pub fn require_examiner(&self, actor: &Actor) -> Result<()> {
        if actor.auditor { Ok(()) } else { self.require_insider(actor) }
    }

    /// That somebody looked behind the public side.
    pub fn read(&self) -> Read {
        Read { subject: Subject::Organisation(self.id), organisation: Some(self.id), person: None }
    }
}
