//! Logging in and out. A session has a chain of refresh tokens of which only the newest is good.

use crate::{Error, Result, tokens::Secret};
use chrono::TimeDelta;
use domain::{
    Actor, Refusal, SessionId, UserId,
    account::{Email, User},
};
use persistence::{
    Conn, accounts, lifecycle,
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

/// The account that somebody wants to log in to, if there is one; the password is checked outside the database.
pub fn find_account(conn: &mut Conn, email: &Email) -> Result<Option<User>> {
    Ok(accounts::find_by_email(conn, email)?)
}

/// Starts a session for a person whose password was right.
pub fn log_in(conn: &mut Conn, user: &User, lifetime: TimeDelta) -> Result<Issued> {
    let now = conn.now()?;
    let session = sessions::insert(conn, user.id, now, now + lifetime)?;
    issue(conn, session, user.id)
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
        TokenUse::Fresh(session, user) => issue(conn, session, user).map(Refreshed::Issued),
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
