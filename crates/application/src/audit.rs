//! Looking back at what happened, and at who read what. Whoever watches is watched: the read log keeps these readings
//! too.

use crate::{Caller, Result};
use domain::{AuditView, OrganisationId, ReadId};
use persistence::{
    Conn,
    audit::{self, AuditEvent, Filter, Place, ReadEntry},
    organisations,
};

/// Which view somebody asks for.
#[derive(Debug, Clone, Copy)]
pub enum Asked {
    /// The whole platform.
    Platform,
    /// One organisation.
    Organisation(OrganisationId),
    /// Oneself.
    Oneself,
}

/// Events of a view, before a place, the newest first.
pub fn events(
    conn: &mut Conn,
    caller: &Caller,
    asked: Asked,
    filter: &Filter,
    before: Option<Place>,
    limit: i64,
) -> Result<Vec<AuditEvent>> {
    let view = admit(conn, caller, asked)?;
    Ok(audit::events(conn, view, filter, before, limit)?)
}

/// Entries of the read log of a view, before an entry, the newest first.
pub fn reads(
    conn: &mut Conn,
    caller: &Caller,
    asked: Asked,
    subject: Option<uuid::Uuid>,
    before: Option<ReadId>,
    limit: i64,
) -> Result<Vec<ReadEntry>> {
    let view = admit(conn, caller, asked)?;
    Ok(audit::reads(conn, view, subject, before, limit)?)
}

/// The view, if the caller may have it; the reading is kept.
fn admit(conn: &mut Conn, caller: &Caller, asked: Asked) -> Result<AuditView> {
    let view = match asked {
        Asked::Platform => AuditView::of_platform(&caller.actor)?,
        Asked::Organisation(id) => AuditView::of_organisation(&caller.actor, &organisations::find(conn, id)?)?,
        Asked::Oneself => AuditView::of_person(&caller.actor),
    };
    caller.log_reads(conn, view.read().as_slice())?;
    Ok(view)
}
