//! The terms of use.

use crate::Result;
use domain::Actor;
use persistence::{Conn, terms};

/// Refuses whoever has not accepted the terms in force.
pub fn require_accepted(conn: &mut Conn, actor: &Actor) -> Result<()> {
    let current = terms::current_number(conn)?;
    Ok(actor.require_terms(current)?)
}
