//! Lending a role to a colleague for a period.

use crate::{Caller, Result, mail};
use domain::{
    Actor, Delegation, DelegationId, Member, MemberId, OrganisationId, Refusal, Role, delegation::NewDelegation,
};
use notifications::Message;
use persistence::{Conn, accounts, delegations, members, organisations};
use std::collections::BTreeMap;

/// Somebody lends a role to the member `to`; an owner may arrange it in the place of the member `from`.
pub fn delegate(
    conn: &mut Conn,
    caller: &Caller,
    id: OrganisationId,
    (from, to): (Option<MemberId>, MemberId),
    new: NewDelegation,
) -> Result<Delegation> {
    let organisation = organisations::find(conn, id)?;
    organisation.require_member(&caller.actor)?;
    let running = delegations::lock_count(conn, id, conn.machine_now())?;
    let members = members::of(conn, id)?;
    let unknown = |pointer| Refusal::invalid(pointer, "unknown", "not a member of this organisation");
    let to = members.iter().find(|m| m.id == to).ok_or_else(|| unknown("/delegate"))?;
    let lends = |m: &&Member| from.map_or(m.user == caller.actor.user, |from| m.id == from);
    let from = members.iter().find(lends).ok_or_else(|| unknown("/delegator"))?;
    let now = conn.now()?;
    let (delegation, event) = organisation.delegate(conn.new_id(), &caller.actor, (from, to), new, running, now)?;
    delegations::insert(conn, &delegation)?;
    caller.record(conn, now, event)?;
    let message = Message::RoleDelegated {
        organisation: organisation.legal_name,
        role: delegation.role.as_str().to_owned(),
        delegator: from.name.clone(),
        delegate: to.name.clone(),
        starts_at: delegation.starts_at,
        ends_at: delegation.ends_at,
        reason: delegation.reason.clone(),
        link: mail::organisation_link(id),
    };
    let mut told: BTreeMap<_, _> =
        members::holders(conn, id, Role::Owner)?.into_iter().map(|user| (user.id, user)).collect();
    told.insert(to.user, accounts::find(conn, to.user)?);
    mail::send(conn, &told.into_values().collect::<Vec<_>>(), &message, now)?;
    Ok(delegation)
}

/// Either of the two, or an owner, ends a delegation at once.
pub fn revoke(conn: &mut Conn, caller: &Caller, id: OrganisationId, delegation: DelegationId) -> Result<()> {
    let organisation = organisations::find(conn, id)?;
    organisation.require_member(&caller.actor)?;
    let mut delegation = delegations::find(conn, id, delegation)?;
    let now = conn.now()?;
    let event = organisation.revoke_delegation(&caller.actor, &mut delegation, now)?;
    delegations::revoke(conn, &delegation)?;
    caller.record(conn, now, event)
}

/// Some delegations of an organisation, the newest first, for its members.
pub fn list(
    conn: &mut Conn,
    actor: &Actor,
    id: OrganisationId,
    after: Option<DelegationId>,
    limit: i64,
) -> Result<Vec<Delegation>> {
    organisations::find(conn, id)?.require_member(actor)?;
    Ok(delegations::page(conn, id, after, limit)?)
}
