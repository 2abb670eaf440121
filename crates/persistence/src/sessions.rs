//! Log-ins, their refresh tokens, and who a session belongs to.

use crate::{
    Conn, Error, Result,
    schema::{member_roles, members, refresh_tokens, sessions, users},
    sql_types::{At, Key},
};
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use domain::{Actor, Membership, RefreshTokenId, Role, SessionId, UserId};

/// Starts a session.
pub fn insert(conn: &mut Conn, user: UserId, now: DateTime<Utc>, expires_at: DateTime<Utc>) -> Result<SessionId> {
    let id = conn.new_id::<SessionId>();
    let row = (
        sessions::id.eq(Key::of(id)),
        sessions::user_id.eq(Key::of(user)),
        sessions::created_at.eq(At(now)),
        sessions::expires_at.eq(At(expires_at)),
    );
    diesel::insert_into(sessions::table).values(row).execute(&mut conn.db)?;
    Ok(id)
}

/// Ends a session at once; its access tokens die with it. Ending it again changes nothing.
pub fn end(conn: &mut Conn, id: SessionId, reason: &str, now: DateTime<Utc>) -> Result<()> {
    let open = sessions::table.find(Key::of(id)).filter(sessions::ended_at.is_null());
    let ended = (sessions::ended_at.eq(At(now)), sessions::end_reason.eq(reason));
    diesel::update(open).set(ended).execute(&mut conn.db)?;
    Ok(())
}

/// The person behind a live session, with the memberships and roles of this very moment.
pub fn actor(conn: &mut Conn, session: SessionId, now: DateTime<Utc>) -> Result<Option<Actor>> {
    let live = sessions::table
        .inner_join(users::table.on(users::id.eq(sessions::user_id)))
        .filter(sessions::id.eq(Key::of(session)))
        .filter(sessions::ended_at.is_null())
        .filter(sessions::expires_at.gt(At(now)))
        .select((users::id, users::administrator));
    let Some((user, administrator)) = live.first::<(Key, bool)>(&mut conn.db).optional()? else { return Ok(None) };
    let memberships = memberships(conn, user.id())?;
    Ok(Some(Actor { user: user.id(), administrator, memberships }))
}

/// The organisations a person belongs to, with the roles held in each.
pub fn memberships(conn: &mut Conn, user: UserId) -> Result<Vec<Membership>> {
    let rows: Vec<(Key, Option<String>)> = members::table
        .left_join(member_roles::table.on(member_roles::member_id.eq(members::id)))
        .filter(members::user_id.eq(Key::of(user)))
        .order((members::organisation_id, member_roles::role))
        .select((members::organisation_id, member_roles::role.nullable()))
        .load(&mut conn.db)?;
    let mut memberships: Vec<Membership> = Vec::new();
    for (organisation, role) in rows {
        let organisation = organisation.id();
        if memberships.last().is_none_or(|m| m.organisation != organisation) {
            memberships.push(Membership { organisation, roles: Vec::new() });
        }
        if let (Some(role), Some(membership)) = (role, memberships.last_mut()) {
            membership.roles.push(Role::parse(&role).ok_or_else(|| Error::corrupt("role", &role))?);
        }
    }
    Ok(memberships)
}

/// Stores a refresh token, by its hash.
pub fn insert_token(conn: &mut Conn, session: SessionId, token_hash: &str, now: DateTime<Utc>) -> Result<()> {
    let row = (
        refresh_tokens::id.eq(Key::of(conn.new_id::<RefreshTokenId>())),
        refresh_tokens::session_id.eq(Key::of(session)),
        refresh_tokens::token_hash.eq(token_hash),
        refresh_tokens::issued_at.eq(At(now)),
    );
    diesel::insert_into(refresh_tokens::table).values(row).execute(&mut conn.db)?;
    Ok(())
}

/// What the use of a refresh token came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenUse {
    /// Never issued.
    Unknown,
    /// It was used before: somebody holds a copy.
    Reused(SessionId),
    /// Its session has ended or expired.
    Ended,
    /// Fine; it cannot be used again.
    Fresh(SessionId, UserId),
}

/// Uses a refresh token up. The database decides which of two simultaneous uses is the first.
pub fn use_token(conn: &mut Conn, token_hash: &str, now: DateTime<Utc>) -> Result<TokenUse> {
    let found = refresh_tokens::table
        .inner_join(sessions::table.on(sessions::id.eq(refresh_tokens::session_id)))
        .filter(refresh_tokens::token_hash.eq(token_hash))
        .select((sessions::id, sessions::user_id, sessions::expires_at, sessions::ended_at));
    let Some((session, user, expires_at, ended_at)) =
        found.first::<(Key, Key, At, Option<At>)>(&mut conn.db).optional()?
    else {
        return Ok(TokenUse::Unknown);
    };
    let unused = refresh_tokens::table
        .filter(refresh_tokens::token_hash.eq(token_hash))
        .filter(refresh_tokens::used_at.is_null());
    let first = diesel::update(unused).set(refresh_tokens::used_at.eq(At(now))).execute(&mut conn.db)? == 1;
    Ok(if !first {
        TokenUse::Reused(session.id())
    } else if ended_at.is_some() || expires_at.0 <= now {
        TokenUse::Ended
    } else {
        TokenUse::Fresh(session.id(), user.id())
    })
}
