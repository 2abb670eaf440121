//! Lending a role to a colleague for a period, for a holiday or an illness.

use crate::{
    Actor, Checks, DelegationId, Event, Member, Organisation, OrganisationId, Refusal, Result, Role, Subject, UserId,
};
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;

/// The longest period for which a role is lent.
pub const LONGEST: TimeDelta = TimeDelta::days(92);

/// How far ahead a period may begin.
pub const EARLIEST: TimeDelta = TimeDelta::days(366);

/// The most delegations of one organisation that run or are still to come.
pub const MOST_DELEGATIONS: usize = 200;

/// A role lent to a colleague. It works in its period, while the lender still holds the role and both are members.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delegation {
    /// Its id.
    pub id: DelegationId,
    /// The organisation.
    pub organisation: OrganisationId,
    /// Who lends.
    pub delegator: UserId,
    /// The colleague.
    pub delegate: UserId,
    /// The role.
    pub role: Role,
    /// Why; 1 to 1,000 characters.
    pub reason: String,
    /// From when on it works.
    pub starts_at: DateTime<Utc>,
    /// From when on it does not work any more.
    pub ends_at: DateTime<Utc>,
    /// When it was taken back.
    pub revoked_at: Option<DateTime<Utc>>,
    /// When it was arranged.
    pub created_at: DateTime<Utc>,
}

/// What somebody fills in to lend a role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewDelegation {
    /// The role.
    pub role: Role,
    /// From when on; a moment that has passed means at once.
    pub from: DateTime<Utc>,
    /// Until when.
    pub until: DateTime<Utc>,
    /// Why.
    pub reason: String,
}

impl Organisation {
    /// Somebody lends a role that they hold themselves, or an owner arranges it for an absent colleague. `running` is how
    /// many delegations run or are still to come.
    pub fn delegate(
        &self,
        id: DelegationId,
        actor: &Actor,
        (from, to): (&Member, &Member),
        new: NewDelegation,
        running: usize,
        now: DateTime<Utc>,
    ) -> Result<(Delegation, Event)> {
        self.require_member(actor)?;
        if actor.user != from.user {
            self.require_owner(actor)?;
        }
        let NewDelegation { role, from: starts_at, until: ends_at, reason } = new;
        let starts_at = starts_at.max(now);
        let mut checks = Checks::new();
        checks.require(role != Role::Owner, "/role", "not_allowed", "ownership is transferred, never lent");
        // Only what is held personally: a role that was lent is not lent on.
        let held = from.is_active() && from.roles.contains(&role);
        checks.require(held, "/role", "not_held", "whoever lends it does not hold it");
        checks.require(from.user != to.user, "/delegate", "not_allowed", "nobody lends a role to themself");
        checks.require(to.is_active(), "/delegate", "not_active", "this member has no access at present");
        let new_to_it = from.user == to.user || !to.roles.contains(&role);
        checks.require(new_to_it, "/delegate", "already_held", "this member holds the role");
        checks.require(starts_at <= now + EARLIEST, "/from", "out_of_range", "at most a year ahead");
        checks.require(
            starts_at < ends_at,
            "/until",
            "out_of_range",
            "must be after the beginning, and not yet passed",
        );
        checks.require(ends_at - starts_at <= LONGEST, "/until", "out_of_range", "at most 92 days");
        checks.text(&reason, 1000, "/reason");
        checks.done()?;
        if running >= MOST_DELEGATIONS {
            return Err(Refusal::LimitReached("200 delegations can run or be planned"));
        }
        let delegation = Delegation {
            id,
            organisation: self.id,
            delegator: from.user,
            delegate: to.user,
            role,
            reason: reason.trim().to_owned(),
            starts_at,
            ends_at,
            revoked_at: None,
            created_at: now,
        };
        let event = delegation.event("organisation.role_delegated").because(&delegation.reason);
        Ok((delegation, event))
    }

    /// Either of the two, or an owner, ends it at once.
    pub fn revoke_delegation(&self, actor: &Actor, delegation: &mut Delegation, now: DateTime<Utc>) -> Result<Event> {
        self.require_member(actor)?;
        if ![delegation.delegator, delegation.delegate].contains(&actor.user) {
            self.require_owner(actor)?;
        }
        if delegation.revoked_at.is_some() || now >= delegation.ends_at {
            return Err(Refusal::AlreadyDone);
        }
        delegation.revoked_at = Some(now);
        Ok(delegation.event("organisation.delegation_revoked"))
    }
}

impl Delegation {
    fn event(&self, kind: &'static str) -> Event {
        Event::confidential(kind, Subject::Organisation(self.organisation), Some(self.organisation)).with(json!({
            "delegation": self.id, "role": self.role, "from": self.delegator, "to": self.delegate,
            "startsAt": self.starts_at, "endsAt": self.ends_at,
        }))
    }
}
