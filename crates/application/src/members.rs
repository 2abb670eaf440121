//! Who belongs to an organisation.

use crate::{Caller, Result, error::require_current};
use chrono::{DateTime, TimeDelta, Utc};
use domain::{Actor, Event, Member, MemberId, Organisation, OrganisationId, Refusal, Role};
use persistence::{Conn, members, organisations};

/// The members, for members only; if `due`, those whom an owner has to vouch for again.
pub fn list(conn: &mut Conn, actor: &Actor, id: OrganisationId, due: bool) -> Result<Vec<Member>> {
    organisations::find(conn, id)?.require_member(actor)?;
    let mut members = members::of(conn, id)?;
    if due {
        let now = conn.now()?;
        members.retain(|member| member.certification_due(now));
    }
    Ok(members)
}

/// An owner changes what a member may do.
pub fn change_roles(
    conn: &mut Conn,
    caller: &Caller,
    at: Place,
    expected: Option<i32>,
    roles: &[Role],
) -> Result<Member> {
    change(conn, caller, at, |scene, _| {
        let Scene { organisation, member, others } = scene;
        let event = organisation.change_roles(&caller.actor, member, others, roles)?;
        require_current(member.version, expected)?;
        Ok(event)
    })
}

/// An owner removes a member, or a member leaves. Access ends at once.
pub fn remove(conn: &mut Conn, caller: &Caller, at: Place, expected: Option<i32>) -> Result<()> {
    let now = conn.now()?;
    let Scene { organisation, member, others } = load(conn, caller, at)?;
    let event = organisation.remove_member(&caller.actor, &member, &others)?;
    require_current(member.version, expected)?;
    members::delete(conn, &member)?;
    caller.record(conn, now, event)
}

/// An owner takes a member's access away until further notice; it ends at once, the history stays.
pub fn suspend(conn: &mut Conn, caller: &Caller, at: Place, reason: &str) -> Result<Member> {
    change(conn, caller, at, |scene, now| {
        Ok(scene.organisation.suspend_member(&caller.actor, &mut scene.member, &scene.others, reason, now)?)
    })
}

/// An owner gives a suspended member access again.
pub fn reinstate(conn: &mut Conn, caller: &Caller, at: Place, certification: Option<TimeDelta>) -> Result<Member> {
    change(conn, caller, at, |scene, now| {
        Ok(scene.organisation.reinstate_member(&caller.actor, &mut scene.member, certification, now)?)
    })
}

/// An owner vouches for a member for another period.
pub fn recertify(conn: &mut Conn, caller: &Caller, at: Place, certification: Option<TimeDelta>) -> Result<Member> {
    change(conn, caller, at, |scene, now| {
        let Scene { organisation, member, others } = scene;
        Ok(organisation.recertify_member(&caller.actor, member, others, certification, now)?)
    })
}

/// An owner makes a colleague the owner instead.
pub fn transfer_ownership(conn: &mut Conn, caller: &Caller, at: Place) -> Result<Member> {
    let now = conn.now()?;
    let Scene { organisation, mut member, mut others } = load(conn, caller, at)?;
    organisation.require_owner(&caller.actor)?;
    // Whoever is not among the others is the member.
    let own = others.iter_mut().find(|other| other.user == caller.actor.user);
    let own = own.ok_or_else(|| Refusal::invalid("/member", "not_allowed", "you are an owner already"))?;
    let event = organisation.transfer_ownership(&caller.actor, own, &mut member)?;
    members::update(conn, own)?;
    members::update(conn, &mut member)?;
    caller.record(conn, now, event)?;
    Ok(member)
}

/// A membership: of which organisation, and which one.
pub type Place = (OrganisationId, MemberId);

/// An organisation, one member and the others, locked.
struct Scene {
    organisation: Organisation,
    member: Member,
    others: Vec<Member>,
}

/// Does something to one member.
fn change(
    conn: &mut Conn,
    caller: &Caller,
    at: Place,
    act: impl FnOnce(&mut Scene, DateTime<Utc>) -> Result<Event>,
) -> Result<Member> {
    let mut scene = load(conn, caller, at)?;
    let now = conn.now()?;
    let event = act(&mut scene, now)?;
    members::update(conn, &mut scene.member)?;
    caller.record(conn, now, event)?;
    Ok(scene.member)
}

fn load(conn: &mut Conn, caller: &Caller, (id, member): Place) -> Result<Scene> {
    let organisation = organisations::find(conn, id)?;
    organisation.require_member(&caller.actor)?;
    let mut others = members::lock(conn, id)?;
    let at = others.iter().position(|m| m.id == member).ok_or(Refusal::NotFound("member"))?;
    let member = others.remove(at);
    Ok(Scene { organisation, member, others })
}
