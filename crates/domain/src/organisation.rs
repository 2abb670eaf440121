//! Organisations.

use crate::{Actor, Checks, Event, OrganisationId, Refusal, Result, Role, Subject};
use chrono::{DateTime, Utc};
use serde_json::json;

/// What kind of organisation it is; decides which roles make sense in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OrganisationKind {
    /// A public body with a need (OCDS: buyer).
    Agency,
    /// A company that bids (OCDS: tenderer, supplier).
    Company,
}

impl OrganisationKind {
    /// The name of the kind.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Agency => "agency",
            Self::Company => "company",
        }
    }

    /// The kind of that name.
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Agency, Self::Company].into_iter().find(|kind| kind.as_str() == name)
    }

    /// Whether the role can be held in an organisation of this kind.
    pub fn allows(self, role: Role) -> bool {
        match role {
            Role::Owner => true,
            Role::Bidder => self == Self::Company,
            Role::Author
            | Role::Officer
            | Role::Evaluator
            | Role::PilotManager
            | Role::Finance
            | Role::Auditor
            | Role::Coordinator => self == Self::Agency,
        }
    }
}

/// An organisation. What is in here is public.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Organisation {
    /// Its id.
    pub id: OrganisationId,
    /// Agency or company.
    pub kind: OrganisationKind,
    /// The name in the register; 1 to 200 characters, unique in its country.
    pub legal_name: String,
    /// ISO 3166-1 alpha-2, upper case.
    pub country: String,
    /// When an administrator verified it.
    pub verified_at: Option<DateTime<Utc>>,
    /// When it was registered.
    pub created_at: DateTime<Utc>,
    /// Grows with each change.
    pub version: i32,
}

impl Organisation {
    /// Registers an organisation; whoever does it becomes its first owner. It starts unverified.
    pub fn register(
        id: OrganisationId,
        kind: OrganisationKind,
        legal_name: &str,
        country: &str,
        now: DateTime<Utc>,
    ) -> Result<(Self, Event)> {
        let mut checks = Checks::new();
        checks.text(legal_name, 200, "/legalName");
        let country_sound = country.len() == 2 && country.chars().all(|c| c.is_ascii_uppercase());
        checks.require(country_sound, "/country", "wrong_format", "two capital letters (ISO 3166-1)");
        checks.done()?;
        let legal_name = legal_name.trim().to_owned();
        let payload = json!({ "kind": kind, "legalName": legal_name, "country": country });
        let organisation =
            Self { id, kind, legal_name, country: country.to_owned(), verified_at: None, created_at: now, version: 1 };
        Ok((organisation, Event::public("organisation.registered", Subject::Organisation(id), Some(id), payload)))
    }

    /// An administrator confirms that the organisation is who it says.
    pub fn verify(&mut self, actor: &Actor, reason: &str, now: DateTime<Utc>) -> Result<Event> {
        actor.require_administrator()?;
        crate::text(reason, 1000, "/reason")?;
        if self.verified_at.is_some() {
            return Err(Refusal::AlreadyDone);
        }
        self.verified_at = Some(now);
        let payload = json!({ "legalName": self.legal_name });
        let subject = Subject::Organisation(self.id);
        Ok(Event::public("organisation.verified", subject, Some(self.id), payload).because(reason))
    }

    /// Refuses unless the organisation was verified.
    pub fn require_verified(&self) -> Result<()> {
        if self.verified_at.is_some() { Ok(()) } else { Err(Refusal::OrganisationUnverified(self.legal_name.clone())) }
    }
}
