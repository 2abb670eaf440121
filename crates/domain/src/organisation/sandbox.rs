//! Sandboxes: organisations that only try things out. What is one stays one, and has nothing to do with the market: it is in
//! no public list, needs no verification, and takes part in the challenges of other sandboxes only.

use super::{Organisation, OrganisationKind};
use crate::{Actor, Challenge, Checks, Event, OrganisationId, Refusal, Result, Subject, challenge::letters};
use chrono::{DateTime, Utc};
use serde_json::json;

/// The most sandboxes that one person owns.
pub const MOST_SANDBOXES: usize = 10;

/// The most challenges of a sandbox that have not ended.
pub const MOST_SANDBOX_CHALLENGES: usize = 50;

impl Organisation {
    /// Somebody makes a sandbox: an agency or a company. `present` is how many the person owns. Its name says what it is,
    /// wherever it is shown, and can be taken from nobody.
    pub fn register_sandbox(
        id: OrganisationId,
        kind: OrganisationKind,
        legal_name: &str,
        country: &str,
        present: usize,
        now: DateTime<Utc>,
    ) -> Result<(Self, Event)> {
        let mut checks = Checks::new();
        let fits = matches!(kind, OrganisationKind::Agency | OrganisationKind::Company);
        checks.require(fits, "/kind", "not_allowed", "a sandbox is an agency or a company");
        checks.text(legal_name, 180, "/legalName");
        checks.done()?;
        if present >= MOST_SANDBOXES {
            return Err(Refusal::LimitReached("a person owns at most 10 sandboxes"));
        }
        let (mut organisation, _) = Self::register(id, kind, &sandbox_name(id, legal_name), country, now)?;
        organisation.sandbox = true;
        let told = json!({ "kind": kind, "legalName": organisation.legal_name, "country": country, "sandbox": true });
        Ok((
            organisation,
            Event::confidential("organisation.registered", Subject::Organisation(id), Some(id)).with(told),
        ))
    }

    /// Hides a sandbox from everybody who belongs to none. Administrators see all organisations.
    pub fn require_visible(&self, viewer: Option<&Actor>) -> Result<()> {
        let insider = viewer.is_some_and(|actor| actor.administrator || actor.plays_in_sandboxes());
        if !self.sandbox || insider { Ok(()) } else { Err(Refusal::NotFound("organisation")) }
    }

    /// Refuses a sandbox in a real challenge, and everybody else in the challenge of a sandbox.
    pub fn require_same_market(&self, challenge: &Challenge) -> Result<()> {
        if self.sandbox == challenge.sandbox { Ok(()) } else { Err(Refusal::SandboxApart) }
    }

    /// Refuses a sandbox where others rely on what they see.
    pub fn require_real(&self) -> Result<()> {
        if self.sandbox { Err(Refusal::SandboxApart) } else { Ok(()) }
    }

    /// The name as it is kept: that of a sandbox always says so.
    pub(super) fn kept_name(&self, legal_name: &str) -> String {
        if self.sandbox { sandbox_name(self.id, legal_name) } else { legal_name.trim().to_owned() }
    }
}

impl Challenge {
    /// Refuses another challenge of a sandbox that has `present` which have not ended.
    pub fn require_room(agency: &Organisation, present: usize) -> Result<()> {
        if agency.sandbox && present >= MOST_SANDBOX_CHALLENGES {
            return Err(Refusal::LimitReached("a sandbox has at most 50 challenges that have not ended"));
        }
        Ok(())
    }
}

/// The name with what marks it, once; no other organisation has the same letters.
fn sandbox_name(id: OrganisationId, legal_name: &str) -> String {
    let mark = format!(" (sandbox {})", letters(id.0));
    let name = legal_name.trim();
    format!("{}{mark}", name.strip_suffix(&mark).unwrap_or(name))
}
