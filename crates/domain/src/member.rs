//! Who belongs to an organisation, and what owners may change about it.

use crate::{Actor, Checks, Event, MemberId, Organisation, OrganisationId, Refusal, Result, Role, Subject, UserId};
use chrono::{DateTime, Utc};
use serde_json::json;

/// A person in an organisation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// The id of the membership.
    pub id: MemberId,
    /// The organisation.
    pub organisation: OrganisationId,
    /// The person.
    pub user: UserId,
    /// The person's name.
    pub name: String,
    /// The roles held; may be empty.
    pub roles: Vec<Role>,
    /// Since when.
    pub joined_at: DateTime<Utc>,
    /// Grows with each change.
    pub version: i32,
}

impl Organisation {
    /// Only members see who the members are.
    pub fn require_member(&self, actor: &Actor) -> Result<()> {
        if actor.belongs_to(self.id) { Ok(()) } else { Err(Refusal::NotFound("organisation")) }
    }

    /// An owner lets a person in.
    pub fn add_member(&self, actor: &Actor, user: UserId, roles: &[Role]) -> Result<Event> {
        self.require_member(actor)?;
        actor.require(Role::Owner, self.id)?;
        self.check_roles(roles)?;
        Ok(self.member_event("organisation.member_added", user, roles))
    }

    /// An owner changes what a member may do. `others` are the other members.
    pub fn change_roles(&self, actor: &Actor, member: &Member, others: &[Member], roles: &[Role]) -> Result<Event> {
        self.require_member(actor)?;
        actor.require(Role::Owner, self.id)?;
        self.check_roles(roles)?;
        if !roles.contains(&Role::Owner) && !others.iter().any(|m| m.roles.contains(&Role::Owner)) {
            return Err(Refusal::LastOwner);
        }
        Ok(self.member_event("organisation.member_roles_changed", member.user, roles))
    }

    /// An owner removes a member, or a member leaves; never the last owner.
    pub fn remove_member(&self, actor: &Actor, member: &Member, others: &[Member]) -> Result<Event> {
        self.require_member(actor)?;
        if actor.user != member.user {
            actor.require(Role::Owner, self.id)?;
        }
        if !others.iter().any(|m| m.roles.contains(&Role::Owner)) {
            return Err(Refusal::LastOwner);
        }
        Ok(self.member_event("organisation.member_removed", member.user, &[]))
    }

    fn check_roles(&self, roles: &[Role]) -> Result<()> {
        let mut checks = Checks::new();
        for (i, role) in roles.iter().enumerate() {
            let detail = format!("the role {} does not exist in a {}", role.as_str(), self.kind.as_str());
            checks.require(self.kind.allows(*role), format!("/roles/{i}"), "not_allowed", detail);
            checks.require(!roles[..i].contains(role), format!("/roles/{i}"), "duplicate", "named twice");
        }
        checks.done()
    }

    fn member_event(&self, kind: &'static str, user: UserId, roles: &[Role]) -> Event {
        Event::confidential(kind, Subject::Organisation(self.id), Some(self.id))
            .with(json!({ "user": user, "roles": roles }))
    }
}
