//! Organisations and who belongs to them.

use crate::{Caller, Result, error::require_current};
use domain::{
    Actor, MemberId, Organisation, OrganisationId, OrganisationKind, Refusal, Role, account::Email,
    organisation::Member,
};
use persistence::{Conn, organisations};

/// Registers an organisation; the caller becomes its owner.
pub fn register(
    conn: &mut Conn,
    caller: &Caller,
    kind: OrganisationKind,
    legal_name: &str,
    country: &str,
) -> Result<Organisation> {
    let now = conn.now()?;
    let (organisation, event) = Organisation::register(conn.new_id(), kind, legal_name, country, now)?;
    organisations::insert(conn, &organisation)?;
    let owner = Member {
        id: conn.new_id(),
        organisation: organisation.id,
        user: caller.actor.user,
        name: String::new(),
        roles: vec![Role::Owner],
        joined_at: now,
        version: 1,
    };
    organisations::insert_member(conn, &owner)?;
    caller.record(conn, now, event)?;
    Ok(organisation)
}

/// An organisation; all of them are public.
pub fn find(conn: &mut Conn, id: OrganisationId) -> Result<Organisation> {
    Ok(organisations::find(conn, id)?)
}

/// Some organisations, in the order in which they came.
pub fn list(conn: &mut Conn, after: Option<OrganisationId>, limit: i64) -> Result<Vec<Organisation>> {
    Ok(organisations::page(conn, after, limit)?)
}

/// An administrator confirms that the organisation is who it says.
pub fn verify(conn: &mut Conn, caller: &Caller, id: OrganisationId, reason: &str) -> Result<Organisation> {
    let now = conn.now()?;
    let mut organisation = organisations::find(conn, id)?;
    let event = organisation.verify(&caller.actor, reason, now)?;
    organisations::update(conn, &mut organisation)?;
    caller.record(conn, now, event)?;
    Ok(organisation)
}

/// The members, for members only.
pub fn members(conn: &mut Conn, actor: &Actor, id: OrganisationId) -> Result<Vec<Member>> {
    organisations::find(conn, id)?.require_member(actor)?;
    Ok(organisations::members(conn, id)?)
}

/// An owner lets a person in who has a confirmed account.
pub fn add_member(
    conn: &mut Conn,
    caller: &Caller,
    id: OrganisationId,
    email: &str,
    roles: Vec<Role>,
) -> Result<Member> {
    let now = conn.now()?;
    let organisation = organisations::find(conn, id)?;
    organisation.require_member(&caller.actor)?;
    caller.actor.require(Role::Owner, id)?;
    let email = Email::parse(email)?;
    let unknown = || Refusal::invalid("/email", "unknown", "nobody with this confirmed address has an account");
    let user = organisations::find_candidate(conn, &email)?.ok_or_else(unknown)?;
    let event = organisation.add_member(&caller.actor, user.id, &roles)?;
    let (id, name) = (conn.new_id(), user.name);
    let member = Member { id, organisation: organisation.id, user: user.id, name, roles, joined_at: now, version: 1 };
    organisations::insert_member(conn, &member)?;
    caller.record(conn, now, event)?;
    Ok(member)
}

/// An owner changes what a member may do.
pub fn change_roles(
    conn: &mut Conn,
    caller: &Caller,
    id: OrganisationId,
    member: MemberId,
    expected: Option<i32>,
    roles: Vec<Role>,
) -> Result<Member> {
    let now = conn.now()?;
    let (organisation, mut member, others) = load_member(conn, caller, id, member)?;
    let event = organisation.change_roles(&caller.actor, &member, &others, &roles)?;
    require_current(member.version, expected)?;
    member.roles = roles;
    organisations::update_member(conn, &mut member)?;
    caller.record(conn, now, event)?;
    Ok(member)
}

/// An owner removes a member, or a member leaves. Access ends at once.
pub fn remove_member(
    conn: &mut Conn,
    caller: &Caller,
    id: OrganisationId,
    member: MemberId,
    expected: Option<i32>,
) -> Result<()> {
    let now = conn.now()?;
    let (organisation, member, others) = load_member(conn, caller, id, member)?;
    let event = organisation.remove_member(&caller.actor, &member, &others)?;
    require_current(member.version, expected)?;
    organisations::delete_member(conn, &member)?;
    caller.record(conn, now, event)
}

/// The organisation, one member and the others, locked.
fn load_member(
    conn: &mut Conn,
    caller: &Caller,
    id: OrganisationId,
    member: MemberId,
) -> Result<(Organisation, Member, Vec<Member>)> {
    let organisation = organisations::find(conn, id)?;
    organisation.require_member(&caller.actor)?;
    let mut members = organisations::lock_members(conn, id)?;
    let at = members.iter().position(|m| m.id == member).ok_or(Refusal::NotFound("member"))?;
    let member = members.remove(at);
    Ok((organisation, member, members))
}
