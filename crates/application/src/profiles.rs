//! What people say about themselves.

use crate::{Caller, Result, error::require_current};
use domain::{
    UserId,
    account::{Profile, ProfileChange},
};
use persistence::{Conn, profiles};

/// The profile of a person.
pub fn find(conn: &mut Conn, user: UserId) -> Result<Profile> {
    Ok(profiles::find(conn, user)?)
}

/// The caller changes their own profile, having seen the version `expected`.
pub fn change(conn: &mut Conn, caller: &Caller, expected: i32, change: ProfileChange) -> Result<Profile> {
    let mut profile = profiles::find(conn, caller.actor.user)?;
    require_current(profile.version, Some(expected))?;
    let event = profile.change(change)?;
    profiles::update(conn, &mut profile)?;
    let now = conn.now()?;
    caller.record(conn, now, event)?;
    Ok(profile)
}
