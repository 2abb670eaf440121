//! Logging in and out. A session has a chain of refresh tokens of which only the newest is good.

use crate::{Caller, Error, Result, tokens::Secret};
use chrono::{DateTime, TimeDelta, Utc};
use domain::{
    Actor, Event, Refusal, SessionId, Subject, UserId,
    account::{Client, KNOWN_DEVICE_LIFETIME, KNOWN_DEVICES, LIVE_SESSIONS, User},
};
pub use persistence::own_sessions::LiveSession;
use persistence::{
    Conn, devices, lifecycle, own_sessions,
    sessions::{self, TokenUse},
};

/// A session with its newest refresh token.
pub struct Issued {
    /// The session.
    pub session: SessionId,
    /// Whose it is.
    pub user: UserId,
    /// Good for one refresh.
    pub refresh_token: Secret,
}

/// How long a session is remembered after its end, so that its owner's next one from there is not called a new one.
const REMEMBERED: TimeDelta = TimeDelta::days(90);

/// Starts a session for a person who has proved to be the owner of the account, from a place that nobody wrote down.
pub fn log_in(conn: &mut Conn, user: &User, lifetime: TimeDelta) -> Result<Issued> {
    start(conn, user, &Client::default(), lifetime)
}

/// Starts a session for a person who has proved to be the owner of the account. Beyond the most that somebody may have at
/// a time, the oldest ends.
pub fn start(conn: &mut Conn, user: &User, client: &Client, lifetime: TimeDelta) -> Result<Issued> {
    let now = conn.now()?;
    own_sessions::forget_old(conn, user.id, now - REMEMBERED)?;
    let session = sessions::insert(conn, user.id, client, now, now + lifetime)?;
    for surplus in own_sessions::live(conn, user.id, now)?.into_iter().skip(LIVE_SESSIONS) {
        sessions::end(conn, surplus.id, "too_many", now)?;
    }
    issue(conn, session, user.id)
}

/// Remembers the device that somebody logs in on; gives the token that it keeps.
pub(crate) fn remember_device(conn: &mut Conn, user: UserId, now: DateTime<Utc>) -> Result<Secret> {
    let token = Secret::generate()?;
    devices::insert(conn, user, &token.hash(), (now, now + KNOWN_DEVICE_LIFETIME), KNOWN_DEVICES)?;
    Ok(token)
}

/// The caller's live sessions, the newest first.
pub fn list(conn: &mut Conn, actor: &Actor) -> Result<Vec<LiveSession>> {
    let now = conn.machine_now();
    Ok(own_sessions::live(conn, actor.user, now)?)
}

/// Ends one of the caller's sessions.
pub fn revoke(conn: &mut Conn, caller: &Caller, session: SessionId) -> Result<()> {
    let now = conn.now()?;
    if !own_sessions::end_one(conn, caller.actor.user, session, "revoked", now)? {
        return Err(Refusal::NotFound("session").into());
    }
    record_revoked(conn, caller, now)
}

/// Ends all of the caller's sessions, but for one to `keep`; devices are not known any more.
pub fn revoke_others(conn: &mut Conn, caller: &Caller, keep: Option<SessionId>) -> Result<()> {
    let now = conn.now()?;
    own_sessions::end_others(conn, caller.actor.user, keep, "revoked", now)?;
    devices::forget_all(conn, caller.actor.user)?;
    record_revoked(conn, caller, now)
}

fn record_revoked(conn: &mut Conn, caller: &Caller, now: DateTime<Utc>) -> Result<()> {
    let event = Event::confidential("user.sessions_revoked", Subject::User(caller.actor.user), None);
    caller.record(conn, now, event)
}

/// Notes when some sessions were used last.
pub fn seen(conn: &mut Conn, sessions: &[SessionId], now: DateTime<Utc>) -> Result<()> {
    Ok(own_sessions::seen(conn, sessions, now)?)
}

/// What a refresh came to. A reuse must be committed (it ends the session), so it is no error here.
pub enum Refreshed {
    /// A new token for the old one.
    Issued(Issued),
    /// The token was used before: somebody holds a copy, so the session was ended.
    Reused,
}

/// Exchanges a refresh token for a new one. A token that was used before ends the session (RFC 9700, 4.14.2).
pub fn refresh(conn: &mut Conn, token: &str) -> Result<Refreshed> {
    let now = conn.now()?;
    match sessions::use_token(conn, &crate::tokens::hash(token), now)? {
        TokenUse::Unknown | TokenUse::Ended => Err(Refusal::TokenInvalid.into()),
        TokenUse::Reused(session) => {
            sessions::end(conn, session, "token_reused", now)?;
            Ok(Refreshed::Reused)
        }
        TokenUse::Fresh(session, user) => {
            own_sessions::seen(conn, &[session], now)?;
            issue(conn, session, user).map(Refreshed::Issued)
        }
    }
}

/// Ends the session.
pub fn log_out(conn: &mut Conn, session: SessionId) -> Result<()> {
    let now = conn.now()?;
    Ok(sessions::end(conn, session, "logged_out", now)?)
}

/// The person behind a session, with the roles of this very moment.
pub fn actor(conn: &mut Conn, session: SessionId) -> Result<Actor> {
    let now = conn.machine_now();
    sessions::actor(conn, session, now)?.ok_or(Error::SessionEnded)
}

fn issue(conn: &mut Conn, session: SessionId, user: UserId) -> Result<Issued> {
    let now = conn.now()?;
    let refresh_token = Secret::generate()?;
    sessions::insert_token(conn, session, &refresh_token.hash(), now)?;
    lifecycle::note_activity(conn, user, now)?;
    Ok(Issued { session, user, refresh_token })
}
