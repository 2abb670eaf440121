//! Who is asking, and what their roles are.

use crate::{ApiKeyId, OrganisationId, Refusal, Result, UserId};
use chrono::{DateTime, TimeDelta, Utc};

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

/// How long after proving to be at the keyboard somebody may do what cannot be undone: 15 minutes, as for
/// re-authentication at assurance level 2 after inactivity (NIST SP 800-63B, 4.2.3 allows up to 30).
pub const STEP_UP_LIFETIME: TimeDelta = TimeDelta::minutes(15);

/// One organisation a person belongs to, with the roles held there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Membership {
    /// The organisation.
    pub organisation: OrganisationId,
    /// The roles in it, those lent by colleagues included; may be empty (a member who only reads).
    pub roles: Vec<Role>,
    /// The roles among them that a colleague lent.
    pub delegated: Vec<DelegatedRole>,
    /// Whether the organisation is a sandbox.
    pub sandbox: bool,
}

/// A role that works at this moment because a colleague lent it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "camelCase")]
pub struct DelegatedRole {
    /// The role.
    pub role: Role,
    /// The colleague.
    pub from: UserId,
}

impl Membership {
    /// A membership with own roles only.
    pub fn new(organisation: OrganisationId, roles: Vec<Role>) -> Self {
        Self { organisation, roles, delegated: Vec::new(), sandbox: false }
    }

    /// Adds a role that a colleague lent.
    pub fn lend(&mut self, delegated: DelegatedRole) {
        if !self.roles.contains(&delegated.role) {
            self.roles.push(delegated.role);
        }
        self.delegated.push(delegated);
    }
}

/// The person behind a request, loaded afresh for each one, so that a lost role is lost at once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    /// The person.
    pub user: UserId,
    /// Runs the platform; gives no right to read or do anything inside an organisation.
    pub administrator: bool,
    /// Audits the platform: reads everything that is not sealed, changes nothing.
    pub auditor: bool,
    /// The organisations the person belongs to.
    pub memberships: Vec<Membership>,
    /// The newest terms of use that the person accepted; zero for none.
    pub accepted_terms: i32,
    /// When the person last proved to be at the keyboard; `None` for whoever cannot, such as a program with a key.
    pub authenticated_at: Option<DateTime<Utc>>,
    /// The key with which a program acts in the person's place.
    pub api_key: Option<ApiKeyId>,
}

impl Actor {
    /// A person without any rights.
    pub fn new(user: UserId) -> Self {
        Self {
            user,
            administrator: false,
            auditor: false,
            memberships: Vec::new(),
            accepted_terms: 0,
            authenticated_at: None,
            api_key: None,
        }
    }

    /// Whether the person belongs to the organisation, in whatever role.
    pub fn belongs_to(&self, organisation: OrganisationId) -> bool {
        self.memberships.iter().any(|m| m.organisation == organisation)
    }

    /// Whether the person belongs to a sandbox: whoever does knows of challenges of sandboxes by their ids.
    pub fn plays_in_sandboxes(&self) -> bool {
        self.memberships.iter().any(|m| m.sandbox)
    }

    /// Whether the person holds the role in the organisation.
    pub fn holds(&self, role: Role, organisation: OrganisationId) -> bool {
        self.memberships.iter().any(|m| m.organisation == organisation && m.roles.contains(&role))
    }

    /// Whether the person holds the role in any organisation.
    pub fn holds_anywhere(&self, role: Role) -> bool {
        self.memberships.iter().any(|m| m.roles.contains(&role))
    }

    /// The roles that colleagues lent the person in the organisation, at this moment.
    pub fn delegated_in(&self, organisation: OrganisationId) -> &[DelegatedRole] {
        let membership = self.memberships.iter().find(|m| m.organisation == organisation);
        membership.map_or(&[], |m| &m.delegated)
    }

    /// Refuses unless the person holds the role in the organisation. Call it only for things whose existence the
    /// person may know; hide the others with [`Refusal::NotFound`] first.
    pub fn require(&self, role: Role, organisation: OrganisationId) -> Result<()> {
        if self.holds(role, organisation) { Ok(()) } else { Err(Refusal::RoleMissing(role)) }
    }

    /// Refuses unless the person bids for the organisation or owns it: of those, every kind of organisation has somebody.
    /// As with [`Actor::require`], hide first what the person may not know of.
    pub fn require_owner_or_bidder(&self, organisation: OrganisationId) -> Result<()> {
        if self.holds(Role::Owner, organisation) { Ok(()) } else { self.require(Role::Bidder, organisation) }
    }

    /// Refuses unless the person runs the platform.
    pub fn require_administrator(&self) -> Result<()> {
        if self.administrator { Ok(()) } else { Err(Refusal::AdministratorOnly) }
    }

    /// Keeps the rights in one organisation only, for somebody who belongs to several and says for which one a request
    /// is meant.
    pub fn acting_for(mut self, organisation: OrganisationId) -> Result<Self> {
        self.memberships.retain(|m| m.organisation == organisation);
        if self.memberships.is_empty() { Err(Refusal::NotAMember) } else { Ok(self) }
    }

    /// Refuses unless the person proved to be at the keyboard a short while ago (step-up): for what cannot be undone,
    /// and for what would let a thief stay.
    pub fn require_recent(&self, now: DateTime<Utc>) -> Result<()> {
        let recent = self.authenticated_at.is_some_and(|at| now < at + STEP_UP_LIFETIME);
        if recent { Ok(()) } else { Err(Refusal::StepUpRequired) }
    }

    /// Refuses unless the person accepted the terms of use in force (`current`; zero if there are none).
    pub fn require_terms(&self, current: i32) -> Result<()> {
        if self.accepted_terms >= current { Ok(()) } else { Err(Refusal::TermsNotAccepted(current)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn organisation(n: u128) -> OrganisationId {
        OrganisationId(Uuid::from_u128(n))
    }

    fn actor() -> Actor {
        let memberships = [1, 2].map(|n| Membership::new(organisation(n), vec![Role::Officer])).into();
        Actor { memberships, ..Actor::new(UserId(Uuid::from_u128(9))) }
    }

    #[test]
    fn acting_for_one_organisation_leaves_the_rights_in_the_others_behind() {
        let one = actor().acting_for(organisation(1)).unwrap();
        assert!(one.holds(Role::Officer, organisation(1)));
        assert!(!one.belongs_to(organisation(2)));
        assert_eq!(actor().acting_for(organisation(3)), Err(Refusal::NotAMember));
    }

    #[test]
    fn a_step_up_lasts_a_quarter_of_an_hour() {
        let at = DateTime::UNIX_EPOCH;
        let actor = Actor { authenticated_at: Some(at), ..actor() };
        assert_eq!(actor.require_recent(at + STEP_UP_LIFETIME - TimeDelta::microseconds(1)), Ok(()));
        assert_eq!(actor.require_recent(at + STEP_UP_LIFETIME), Err(Refusal::StepUpRequired));
        assert_eq!(Actor::new(actor.user).require_recent(at), Err(Refusal::StepUpRequired));
    }

    #[test]
    fn terms_in_force_must_be_accepted() {
        let actor = Actor { accepted_terms: 2, ..actor() };
        assert_eq!(actor.require_terms(2), Ok(()));
        assert_eq!(actor.require_terms(3), Err(Refusal::TermsNotAccepted(3)));
        assert_eq!(Actor::new(actor.user).require_terms(0), Ok(()));
    }

    #[test]
    fn a_lent_role_counts_and_is_told_apart() {
        let mut membership = Membership::new(organisation(1), vec![Role::Author]);
        let lent = DelegatedRole { role: Role::Officer, from: UserId(Uuid::from_u128(7)) };
        membership.lend(lent);
        let actor = Actor { memberships: vec![membership], ..Actor::new(UserId(Uuid::from_u128(9))) };
        assert!(actor.holds(Role::Officer, organisation(1)) && actor.holds(Role::Author, organisation(1)));
        assert_eq!(actor.delegated_in(organisation(1)), [lent]);
        assert_eq!(actor.delegated_in(organisation(2)), []);
    }
}
