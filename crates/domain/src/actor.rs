//! Who is asking, and what their roles are.

use crate::{OrganisationId, Refusal, Result, UserId};

/// What a member may do in one organisation (see `docs/ARCHITECTURE.md`, Roles).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Manages members, roles and the profile of any organisation.
    Owner,
    /// Drafts and edits an agency's challenges.
    Author,
    /// Approves, publishes, cancels, opens, runs the evaluation, awards and signs for an agency.
    Officer,
    /// Declares conflicts, reads assigned bids and scores them.
    Evaluator,
    /// Follows an agency's milestones; accepts or rejects deliveries.
    PilotManager,
    /// Confirms an agency's payments.
    Finance,
    /// Bids, delivers, invoices and signs for a company.
    Bidder,
    /// Reads everything that is not sealed; changes nothing.
    Auditor,
    /// Runs exchange rounds and gatherings.
    Coordinator,
}

impl Role {
    /// Every role.
    pub const ALL: [Self; 9] = [
        Self::Owner,
        Self::Author,
        Self::Officer,
        Self::Evaluator,
        Self::PilotManager,
        Self::Finance,
        Self::Bidder,
        Self::Auditor,
        Self::Coordinator,
    ];

    /// The name of the role in the database, in the API and in mails.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Owner => "owner",
            Self::Author => "author",
            Self::Officer => "officer",
            Self::Evaluator => "evaluator",
            Self::PilotManager => "pilot_manager",
            Self::Finance => "finance",
            Self::Bidder => "bidder",
            Self::Auditor => "auditor",
            Self::Coordinator => "coordinator",
        }
    }

    /// The role of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.as_str() == name)
    }
}

/// One organisation a person belongs to, with the roles held there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Membership {
    /// The organisation.
    pub organisation: OrganisationId,
    /// The roles in it; may be empty (a member who only reads).
    pub roles: Vec<Role>,
}

/// The person behind a request, loaded afresh for each one, so that a lost role is lost at once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    /// The person.
    pub user: UserId,
    /// Runs the platform; gives no right to read or do anything inside an organisation.
    pub administrator: bool,
    /// The organisations the person belongs to.
    pub memberships: Vec<Membership>,
}

impl Actor {
    /// Whether the person belongs to the organisation, in whatever role.
    pub fn belongs_to(&self, organisation: OrganisationId) -> bool {
        self.memberships.iter().any(|m| m.organisation == organisation)
    }

    /// Whether the person holds the role in the organisation.
    pub fn holds(&self, role: Role, organisation: OrganisationId) -> bool {
        self.memberships.iter().any(|m| m.organisation == organisation && m.roles.contains(&role))
    }

    /// Whether the person holds the role in any organisation.
    pub fn holds_anywhere(&self, role: Role) -> bool {
        self.memberships.iter().any(|m| m.roles.contains(&role))
    }

    /// Refuses unless the person holds the role in the organisation. Call it only for things whose existence the
    /// person may know; hide the others with [`Refusal::NotFound`] first.
    pub fn require(&self, role: Role, organisation: OrganisationId) -> Result<()> {
        if self.holds(role, organisation) { Ok(()) } else { Err(Refusal::RoleMissing(role)) }
    }

    /// Refuses unless the person runs the platform.
    pub fn require_administrator(&self) -> Result<()> {
        if self.administrator { Ok(()) } else { Err(Refusal::AdministratorOnly) }
    }
}
