//! What time it is. `Conn::now` is the database's clock, and right for sessions, mails, limits and whatever else has to do with
//! people and machines. Whatever has to do with the life of a challenge asks here: the challenge of a sandbox has a time of its
//! own. A test (`tests/repository/sources.rs`) lists the files that ask the database directly.

use crate::Result;
use chrono::{DateTime, Utc};
use persistence::{Conn, Scope};

/// What time it is for all real challenges, or for one of a sandbox.
pub(crate) fn of_scope(conn: &mut Conn, scope: Scope) -> Result<DateTime<Utc>> {
    match scope {
        Scope::Real => Ok(conn.now()?),
        Scope::Sandbox(_, now) => Ok(now),
    }
}

pub(crate) use persistence::challenge_clocks::{now as of, now_by_id as of_id};

/// The database's time when it is `now` for the challenge that the use case asked: for what is done to a challenge but has to do
/// with machines, such as using up an upload.
pub(crate) fn real(conn: &Conn, now: DateTime<Utc>) -> DateTime<Utc> {
    conn.in_sandbox().unwrap_or(now)
}
