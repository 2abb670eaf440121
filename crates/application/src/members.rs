//! Who belongs to an organisation.

use crate::{Caller, Result, error::require_current};
use domain::{Actor, Member, MemberId, Organisation, OrganisationId, Refusal, Role, account::Email};
use persistence::{Conn, accounts, members, organisations};

/// The members, for members only.
pub fn list(conn: &mut Conn, actor: &Actor, id: OrganisationId) -> Result<Vec<Member>> {
    organisations::find(conn, id)?.require_member(actor)?;
    Ok(members::of(conn, id)?)
}

/// An owner lets a person in who has a confirmed account.
pub fn add(conn: &mut Conn, caller: &Caller, id: OrganisationId, email: &str, roles: Vec<Role>) -> Result<Member> {
    let now = conn.now()?;
    let organisation = organisations::find(conn, id)?;
    organisation.require_member(&caller.actor)?;
    caller.actor.require(Role::Owner, id)?;
    let email = Email::parse(email)?;
    let unknown = || Refusal::invalid("/email", "unknown", "nobody with this confirmed address has an account");
    let user = accounts::find_by_email(conn, &email)?.ok_or_else(unknown)?;
    let event = organisation.add_member(&caller.actor, user.id, &roles)?;
    let (id, name) = (conn.new_id(), user.name);
    let member = Member { id, organisation: organisation.id, user: user.id, name, roles, joined_at: now, version: 1 };
    members::insert(conn, &member)?;
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
    let (organisation, mut member, others) = load(conn, caller, id, member)?;
    let event = organisation.change_roles(&caller.actor, &member, &others, &roles)?;
    require_current(member.version, expected)?;
    member.roles = roles;
    members::update(conn, &mut member)?;
    caller.record(conn, now, event)?;
    Ok(member)
}

/// An owner removes a member, or a member leaves. Access ends at once.
pub fn remove(
    conn: &mut Conn,
    caller: &Caller,
    id: OrganisationId,
    member: MemberId,
    expected: Option<i32>,
) -> Result<()> {
    let now = conn.now()?;
    let (organisation, member, others) = load(conn, caller, id, member)?;
    let event = organisation.remove_member(&caller.actor, &member, &others)?;
    require_current(member.version, expected)?;
    members::delete(conn, &member)?;
    caller.record(conn, now, event)
}

/// The organisation, one member and the others, locked.
fn load(
    conn: &mut Conn,
    caller: &Caller,
    id: OrganisationId,
    member: MemberId,
) -> Result<(Organisation, Member, Vec<Member>)> {
    let organisation = organisations::find(conn, id)?;
    organisation.require_member(&caller.actor)?;
    let mut members = members::lock(conn, id)?;
    let at = members.iter().position(|m| m.id == member).ok_or(Refusal::NotFound("member"))?;
    let member = members.remove(at);
    Ok((organisation, member, members))
}
