//! Organisations.

use crate::{Caller, Result};
use domain::{Member, Organisation, OrganisationId, OrganisationKind, Role};
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
    let (organisation, event) = Organisation::register(conn.new_id(), kind, legal_name, country, now)?;
    organisations::insert(conn, &organisation)?;
    let roles = vec![Role::Owner];
    let owner = Member::new(conn.new_id(), organisation.id, caller.actor.user, String::new(), roles, now);
    members::insert(conn, &owner)?;
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
