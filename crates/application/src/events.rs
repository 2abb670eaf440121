//! The public feed.

use crate::Result;
use persistence::{
    Conn,
    events::{self, PublicEvent},
};

/// The public events after a position, in order and without a gap.
pub fn public_after(conn: &mut Conn, position: i64, limit: i64) -> Result<Vec<PublicEvent>> {
    Ok(events::public_after(conn, position, limit)?)
}

/// Whether there are committed events without a position.
pub fn any_unsequenced(conn: &mut Conn) -> Result<bool> {
    Ok(events::any_unsequenced(conn)?)
}

/// Gives committed events their positions; says whether there may be more.
pub fn sequence(conn: &mut Conn) -> Result<bool> {
    Ok(events::sequence(conn)?)
}
