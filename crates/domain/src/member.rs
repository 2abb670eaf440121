//! Who belongs to an organisation, and what owners may change about it.

use crate::{
    Actor, Checks, Event, MemberId, Organisation, OrganisationId, OrganisationKind, Refusal, Result, Role, Subject,
    UserId,
};
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

/// The most members that one organisation has; a list of them is given whole.
pub const MOST_MEMBERS: usize = 1000;

/// How long before its end a certification is due.
pub const CERTIFICATION_NOTICE: TimeDelta = TimeDelta::days(30);

/// Why nobody has access any longer for whom no owner vouched in time.
pub const LAPSED: &str = "certification lapsed";

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
    /// If the member has no access at present: since when, and why.
    pub suspension: Option<Suspension>,
    /// Until when an owner vouched for the member; only agencies ask for that.
    pub certified_until: Option<DateTime<Utc>>,
    /// When the owners were last told that this ends.
    pub certification_warned_at: Option<DateTime<Utc>>,
    /// Whether the person's account is in use: neither suspended, nor deactivated, nor erased.
    pub reachable: bool,
    /// Grows with each change.
    pub version: i32,
}

/// That a member has no access, or an organisation is not let act.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suspension {
    /// Since when.
    pub at: DateTime<Utc>,
    /// Why, in the words of the owner or administrator, or [`LAPSED`].
    pub reason: String,
}

impl Member {
    /// A person who joins an organisation now.
    pub fn new(
        id: MemberId,
        organisation: OrganisationId,
        user: UserId,
        name: String,
        roles: Vec<Role>,
        now: DateTime<Utc>,
    ) -> Self {
        let (suspension, certified_until, certification_warned_at) = (None, None, None);
        Self {
            id,
            organisation,
            user,
            name,
            roles,
            joined_at: now,
            suspension,
            certified_until,
            certification_warned_at,
            reachable: true,
            version: 1,
        }
    }

    /// Whether the member is somebody who can manage the organisation today.
    pub fn is_active_owner(&self) -> bool {
        self.is_active() && self.roles.contains(&Role::Owner)
    }

    /// Whether the member can act at all.
    pub fn is_active(&self) -> bool {
        self.suspension.is_none() && self.reachable
    }

    /// Whether an owner has to vouch for the member again soon, or should have.
    pub fn certification_due(&self, now: DateTime<Utc>) -> bool {
        self.certified_until.is_some_and(|until| until <= now + CERTIFICATION_NOTICE)
    }

    /// Nobody vouched for the member in time: access ends, unless the organisation would be left without an owner.
    pub fn lapse(&mut self, others: &[Self], now: DateTime<Utc>) -> Result<Event> {
        self.suspend(others, LAPSED, now)
    }

    fn suspend(&mut self, others: &[Self], reason: &str, now: DateTime<Utc>) -> Result<Event> {
        if self.suspension.is_some() {
            return Err(Refusal::AlreadyDone);
        }
        let after = Self { suspension: Some(Suspension { at: now, reason: reason.trim().to_owned() }), ..self.clone() };
        self.require_owner_left(Some(&after), others)?;
        *self = after;
        Ok(self.event("organisation.member_suspended", json!({})).because(reason.trim()))
    }

    /// Refuses if the organisation has an active owner now and would have none once this member is as in `after`, or
    /// gone.
    fn require_owner_left(&self, after: Option<&Self>, others: &[Self]) -> Result<()> {
        let stays = after.is_some_and(Self::is_active_owner) || others.iter().any(Self::is_active_owner);
        if self.is_active_owner() && !stays { Err(Refusal::LastOwner) } else { Ok(()) }
    }

    /// An event about this member, with these details.
    pub(crate) fn event(&self, kind: &'static str, mut details: Value) -> Event {
        details["user"] = json!(self.user);
        Event::confidential(kind, Subject::Organisation(self.organisation), Some(self.organisation)).with(details)
    }
}

impl Organisation {
    /// Only members see who the members are.
    pub fn require_member(&self, actor: &Actor) -> Result<()> {
        if actor.belongs_to(self.id) { Ok(()) } else { Err(Refusal::NotFound("organisation")) }
    }

    /// Only owners manage members, and change what is not public; to strangers there is nothing to manage.
    pub fn require_owner(&self, actor: &Actor) -> Result<()> {
        self.require_member(actor)?;
        actor.require(Role::Owner, self.id)
    }

    /// Until when somebody is certified who is vouched for now, if every certification lasts this long.
    pub fn certification(&self, lasts: Option<TimeDelta>, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        lasts.filter(|_| self.kind == OrganisationKind::Agency && !self.sandbox).map(|lasts| now + lasts)
    }

    /// An owner changes what a member may do. `others` are the other members.
    pub fn change_roles(&self, actor: &Actor, member: &mut Member, others: &[Member], roles: &[Role]) -> Result<Event> {
        self.require_owner(actor)?;
        let mut checks = Checks::new();
        self.check_roles(roles, &mut checks);
        checks.done()?;
        let after = Member { roles: roles.to_vec(), ..member.clone() };
        member.require_owner_left(Some(&after), others)?;
        *member = after;
        Ok(member.event("organisation.member_roles_changed", json!({ "roles": roles })))
    }

    /// An owner removes a member, or a member leaves; never the last active owner.
    pub fn remove_member(&self, actor: &Actor, member: &Member, others: &[Member]) -> Result<Event> {
        self.require_member(actor)?;
        if actor.user != member.user {
            self.require_owner(actor)?;
        }
        member.require_owner_left(None, others)?;
        Ok(member.event("organisation.member_removed", json!({ "roles": [] })))
    }

    /// An owner takes a member's access away, at once and until further notice. Whoever wants to go leaves instead.
    pub fn suspend_member(
        &self,
        actor: &Actor,
        member: &mut Member,
        others: &[Member],
        reason: &str,
        now: DateTime<Utc>,
    ) -> Result<Event> {
        self.require_owner(actor)?;
        crate::text(reason, 1000, "/reason")?;
        if actor.user == member.user {
            return Err(Refusal::FourEyes("suspending a member"));
        }
        member.suspend(others, reason, now)
    }

    /// An owner gives a suspended member access again, and so vouches for them: certifications `last` this long.
    pub fn reinstate_member(
        &self,
        actor: &Actor,
        member: &mut Member,
        lasts: Option<TimeDelta>,
        now: DateTime<Utc>,
    ) -> Result<Event> {
        self.require_owner(actor)?;
        if member.suspension.is_none() {
            return Err(Refusal::WrongState { subject: "member", status: "active", allowed: "suspended" });
        }
        member.suspension = None;
        self.certify(member, lasts, now);
        Ok(member.event("organisation.member_reinstated", json!({ "certifiedUntil": member.certified_until })))
    }

    /// An owner vouches for a member for another period. Only who has no other owner to ask vouches for themself.
    pub fn recertify_member(
        &self,
        actor: &Actor,
        member: &mut Member,
        others: &[Member],
        lasts: Option<TimeDelta>,
        now: DateTime<Utc>,
    ) -> Result<Event> {
        self.require_owner(actor)?;
        if actor.user == member.user && others.iter().any(Member::is_active_owner) {
            return Err(Refusal::FourEyes("vouching for an owner"));
        }
        if member.suspension.is_some() {
            return Err(Refusal::WrongState { subject: "member", status: "suspended", allowed: "active" });
        }
        self.certify(member, lasts, now);
        Ok(member.event("organisation.member_recertified", json!({ "certifiedUntil": member.certified_until })))
    }

    /// An owner makes a colleague the owner instead: one gains the role, the other loses it, in one step.
    pub fn transfer_ownership(&self, actor: &Actor, from: &mut Member, to: &mut Member) -> Result<Event> {
        self.require_owner(actor)?;
        if !to.is_active() {
            return Err(Refusal::invalid("/member", "not_active", "this member has no access at present"));
        }
        from.roles.retain(|role| *role != Role::Owner);
        if !to.roles.contains(&Role::Owner) {
            to.roles.insert(0, Role::Owner);
        }
        Ok(to.event("organisation.ownership_transferred", json!({ "from": from.user })))
    }

    fn certify(&self, member: &mut Member, lasts: Option<TimeDelta>, now: DateTime<Utc>) {
        member.certified_until = self.certification(lasts, now);
        member.certification_warned_at = None;
    }

    /// Notes the roles that make no sense here, or are named twice.
    pub(crate) fn check_roles(&self, roles: &[Role], checks: &mut Checks) {
        for (i, role) in roles.iter().enumerate() {
            let detail = format!("the role {} does not exist in a {}", role.as_str(), self.kind.as_str());
            checks.require(self.kind.allows(*role), format!("/roles/{i}"), "not_allowed", detail);
            checks.require(!roles[..i].contains(role), format!("/roles/{i}"), "duplicate", "named twice");
        }
    }
}
