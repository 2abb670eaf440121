//! Verifying organisations, and taking it back.

use crate::{Caller, Result};
use domain::{Actor, EventId, Organisation, OrganisationId, Subject};
use persistence::{
    Conn,
    history::{self, PastEvent},
    organisations,
};

/// An administrator takes the verification back.
pub fn revoke(conn: &mut Conn, caller: &Caller, id: OrganisationId, reason: &str) -> Result<Organisation> {
    let now = conn.now()?;
    let mut organisation = organisations::find(conn, id)?;
    let event = organisation.revoke_verification(&caller.actor, reason)?;
    organisations::update(conn, &mut organisation)?;
    caller.record(conn, now, event)?;
    Ok(organisation)
}

/// When the organisation was verified, by whom, and when that ended, the newest first; for members and administrators.
pub fn history(
    conn: &mut Conn,
    actor: &Actor,
    id: OrganisationId,
    before: Option<EventId>,
    limit: i64,
) -> Result<Vec<PastEvent>> {
    organisations::find(conn, id)?.require_insider(actor)?;
    Ok(history::page(conn, Subject::Organisation(id), &Organisation::VERIFICATION_EVENTS, before, limit)?)
}
