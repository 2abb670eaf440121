//! Proving once more, within a session, to be at the keyboard: for a step-up, for another password.

use crate::{
    Caller, Result,
    attempts::{self, Counter},
    second_factors,
    vault::Vault,
};
use domain::{Refusal, SessionId, account::Code};
use persistence::{Conn, accounts, own_sessions};

/// What somebody gives.
pub enum Proof {
    /// A password, checked outside the database: whether it was right.
    Password(bool),
    /// A one-time code or a recovery code.
    Code(Code),
}

/// Counts an attempt before it is checked; gives what a password is checked against.
pub fn begin(conn: &mut Conn, caller: &Caller, session: SessionId) -> Result<Option<String>> {
    attempts::count(conn, &[Counter::session(session)])?;
    let user = accounts::find(conn, caller.actor.user)?;
    Ok(user.password().map(ToOwned::to_owned))
}

/// Takes an attempt back whose password nobody looked at: too many were waiting.
pub fn abandon(conn: &mut Conn, session: SessionId) -> Result<()> {
    attempts::forgive(conn, &[Counter::session(session)])
}

/// Refuses unless the proof is right; then earlier failures in the session are forgotten.
pub fn require(conn: &mut Conn, caller: &Caller, session: SessionId, vault: &Vault, proof: &Proof) -> Result<()> {
    let user = caller.actor.user;
    match proof {
        Proof::Password(true) => {}
        Proof::Password(false) => return Err(Refusal::WrongCredentials.into()),
        // Without a second factor there is no right code.
        Proof::Code(_) if !second_factors::state(conn, user)?.0 => return Err(Refusal::WrongCredentials.into()),
        Proof::Code(code) => second_factors::check(conn, &caller.request_id, vault, user, Some(code))??,
    }
    attempts::succeed(conn, &[Counter::session(session)])
}

/// A step-up: for a while the session may do what cannot be undone.
pub fn step_up(conn: &mut Conn, caller: &Caller, session: SessionId, vault: &Vault, proof: &Proof) -> Result<()> {
    require(conn, caller, session, vault, proof)?;
    let now = conn.now()?;
    Ok(own_sessions::authenticate(conn, session, now)?)
}
