//! Organisations.

use crate::{Caller, Result};
use chrono::{DateTime, Utc};
use domain::{Event, Member, Organisation, OrganisationId, OrganisationKind, Refusal, Role, organisation::DEEPEST};
use persistence::{Conn, members, organisations};

/// Registers an organisation; the caller becomes its owner.
pub fn register(
    conn: &mut Conn,
    caller: &Caller,
    kind: OrganisationKind,
    legal_name: &str,
    country: &str,
) -> Result<Organisation> {
    let now = conn.now()?;
    let registered = Organisation::register(conn.new_id(), kind, legal_name, country, now)?;
    add(conn, caller, now, registered)
}

/// Registers an agency that is a part of another; the caller, an owner of that one, becomes the owner of this one.
pub fn register_part(
    conn: &mut Conn,
    caller: &Caller,
    kind: OrganisationKind,
    legal_name: &str,
    country: &str,
    parent: OrganisationId,
) -> Result<Organisation> {
    let now = conn.now()?;
    let (organisation, event) = Organisation::register(conn.new_id(), kind, legal_name, country, now)?;
    let parent = organisations::find_all(conn, &[parent])?.pop();
    let parent = parent.ok_or_else(|| Refusal::invalid("/parent", "unknown", "there is no such organisation"))?;
    let level = organisations::level(conn, &parent, DEEPEST)?;
    let placed = organisation.place_under(event, &caller.actor, &parent, level)?;
    add(conn, caller, now, placed)
}

/// Makes a sandbox; the caller becomes its owner. Two that one person makes at once may come to one more than the limit, which
/// harms nobody.
pub fn register_sandbox(
    conn: &mut Conn,
    caller: &Caller,
    kind: OrganisationKind,
    legal_name: &str,
    country: &str,
) -> Result<Organisation> {
    let now = conn.now()?;
    let present = organisations::count_sandboxes(conn, caller.actor.user)?;
    let registered = Organisation::register_sandbox(conn.new_id(), kind, legal_name, country, present, now)?;
    add(conn, caller, now, registered)
}

fn add(
    conn: &mut Conn,
    caller: &Caller,
    now: DateTime<Utc>,
    (organisation, event): (Organisation, Event),
) -> Result<Organisation> {
    organisations::insert(conn, &organisation)?;
    let roles = vec![Role::Owner];
    let owner = Member::new(conn.new_id(), organisation.id, caller.actor.user, String::new(), roles, now);
    members::insert(conn, &owner)?;
    caller.record(conn, now, event)?;
    Ok(organisation)
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
