//! Organisations.

mod bank_account;
mod beneficial_owner;
mod document;
mod hierarchy;
mod profile;
mod profile_draft;
mod sandbox;
mod snapshot;
mod suspension;
mod vat;
mod verification;

pub use bank_account::Iban;
pub use beneficial_owner::{BeneficialOwner, BeneficialOwnerDraft, Control, MOST_BENEFICIAL_OWNERS};
pub use document::{DocumentKind, FileFacts, LARGEST_FILE, MOST_DOCUMENTS, REMINDER, StandingDocument};
pub use hierarchy::DEEPEST;
pub use profile::{Address, Contact, Profile, SizeClass};
pub use profile_draft::{ContactDraft, ProfileDraft};
pub(crate) use profile_draft::{is_web_page, tags_in_lower_case};
pub use sandbox::{MOST_SANDBOX_CHALLENGES, MOST_SANDBOXES};
pub use snapshot::{DocumentFacts, ProfileSnapshot};
pub use vat::VatNumber;

use crate::{Actor, Challenge, Checks, Event, OrganisationId, Refusal, Result, Role, Subject, member::Suspension};
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
    /// A non-governmental organisation.
    Ngo,
    /// A university or research body.
    University,
    /// Anything else.
    Other,
}

impl OrganisationKind {
    /// Every kind.
    pub const ALL: [Self; 5] = [Self::Agency, Self::Company, Self::Ngo, Self::University, Self::Other];

    /// The name of the kind.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Agency => "agency",
            Self::Company => "company",
            Self::Ngo => "ngo",
            Self::University => "university",
            Self::Other => "other",
        }
    }

    /// The kind of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == name)
    }

    /// Whether the role can be held in an organisation of this kind. Only companies bid, only agencies procure. NGOs,
    /// universities and others take part in what is around it: they have owners, coordinators of exchange rounds and
    /// gatherings, and auditors.
    pub fn allows(self, role: Role) -> bool {
        match role {
            Role::Owner => true,
            Role::Bidder => self == Self::Company,
            Role::Author | Role::Officer | Role::Evaluator | Role::PilotManager | Role::Finance => self == Self::Agency,
            Role::Auditor | Role::Coordinator => self != Self::Company,
        }
    }
}

/// An organisation. What is in here is public, its suspension apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Organisation {
    /// Its id.
    pub id: OrganisationId,
    /// What kind of organisation it is.
    pub kind: OrganisationKind,
    /// The name in the register; 1 to 200 characters, unique in its country.
    pub legal_name: String,
    /// ISO 3166-1 alpha-2, upper case.
    pub country: String,
    /// When an administrator verified it.
    pub verified_at: Option<DateTime<Utc>>,
    /// When it was registered.
    pub created_at: DateTime<Utc>,
    /// Grows with each change, of the profile too.
    pub version: i32,
    /// The agency that it is a part of. Gives nobody a right: roles are held in each organisation on its own.
    pub parent: Option<OrganisationId>,
    /// Since when an administrator keeps its members from acting, and why; shown to insiders.
    pub suspension: Option<Suspension>,
    /// Whether it only tries things out, from its registration and for ever.
    pub sandbox: bool,
}

/// The two facts that name an organisation.
fn check_identity(checks: &mut Checks, legal_name: &str, country: &str) {
    checks.text(legal_name, 200, "/legalName");
    check_country(checks, country, "/country");
}

/// A country, as ISO 3166-1 writes it.
fn check_country(checks: &mut Checks, country: &str, pointer: impl Into<String>) {
    let sound = country.len() == 2 && country.chars().all(|c| c.is_ascii_uppercase());
    checks.require(sound, pointer, "wrong_format", "two capital letters (ISO 3166-1)");
}

impl Organisation {
    /// Refuses who does not bid for the organisation, everybody for one that is no company, and a challenge of the other market.
    pub(crate) fn require_bidder(&self, actor: &Actor, challenge: &Challenge) -> Result<()> {
        actor.require(Role::Bidder, self.id)?;
        if self.kind != OrganisationKind::Company {
            return Err(Refusal::RoleMissing(Role::Bidder));
        }
        self.require_same_market(challenge)
    }

    /// Registers an organisation; whoever does it becomes its first owner. It starts unverified.
    pub fn register(
        id: OrganisationId,
        kind: OrganisationKind,
        legal_name: &str,
        country: &str,
        now: DateTime<Utc>,
    ) -> Result<(Self, Event)> {
        let mut checks = Checks::new();
        check_identity(&mut checks, legal_name, country);
        checks.done()?;
        let legal_name = legal_name.trim().to_owned();
        let payload = json!({ "kind": kind, "legalName": legal_name, "country": country });
        let country = country.to_owned();
        let organisation = Self {
            id,
            kind,
            legal_name,
            country,
            verified_at: None,
            created_at: now,
            version: 1,
            parent: None,
            suspension: None,
            sandbox: false,
        };
        Ok((organisation, Event::public("organisation.registered", Subject::Organisation(id), Some(id), payload)))
    }

    /// An administrator confirms that the organisation is who it says.
    pub fn verify(&mut self, actor: &Actor, reason: &str, now: DateTime<Utc>) -> Result<Event> {
        actor.require_administrator()?;
        crate::text(reason, 1000, "/reason")?;
        if self.sandbox {
            return Err(Refusal::WrongState { subject: "organisation", status: "sandbox", allowed: "real" });
        }
        if self.verified_at.is_some() {
            return Err(Refusal::AlreadyDone);
        }
        self.verified_at = Some(now);
        let payload = json!({ "legalName": self.legal_name });
        let subject = Subject::Organisation(self.id);
        Ok(Event::public("organisation.verified", subject, Some(self.id), payload).because(reason.trim()))
    }
}
