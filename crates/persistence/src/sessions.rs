//! Log-ins, their refresh tokens, and who a session belongs to.

use crate::{
    Conn, Error, Result,
    schema::{delegations, member_roles, members, organisations, refresh_tokens, sessions, users},
    sql_types::{At, Key, instant},
};
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use domain::{
    Actor, DelegatedRole, Membership, OrganisationId, RefreshTokenId, Role, SessionId, UserId, account::Client,
};

/// Starts a session for somebody who has just proved who they are.
pub fn insert(
    conn: &mut Conn,
    user: UserId,
    client: &Client,
    now: DateTime<Utc>,
    expires_at: DateTime<Utc>,
) -> Result<SessionId> {
    let id = conn.new_id::<SessionId>();
    let row = (
        sessions::id.eq(Key::of(id)),
        sessions::user_id.eq(Key::of(user)),
        sessions::created_at.eq(At(now)),
        sessions::expires_at.eq(At(expires_at)),
        sessions::authenticated_at.eq(At(now)),
        sessions::last_seen_at.eq(At(now)),
        sessions::device.eq(&client.device),
        sessions::network.eq(&client.network),
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

/// The person behind a live session, with the memberships and roles of this very moment. Whoever is suspended,
/// deactivated or erased has no live session, whatever the rows say.
pub fn actor(conn: &mut Conn, session: SessionId, now: DateTime<Utc>) -> Result<Option<Actor>> {
    let live = sessions::table
        .inner_join(users::table.on(users::id.eq(sessions::user_id)))
        .filter(sessions::id.eq(Key::of(session)))
        .filter(sessions::ended_at.is_null())
        .filter(sessions::expires_at.gt(At(now)))
        .filter(users::suspended_at.is_null())
        .filter(users::deactivated_at.is_null())
        .filter(users::erased_at.is_null())
        .select((users::id, users::administrator, users::auditor, users::accepted_terms, sessions::authenticated_at));
    let Some((user, administrator, auditor, accepted_terms, authenticated_at)) =
        live.first::<(Key, bool, bool, i32, Option<At>)>(&mut conn.db).optional()?
    else {
        return Ok(None);
    };
    let memberships = memberships(conn, user.id(), now)?;
    let authenticated_at = instant(authenticated_at);
    let rights =
        Actor { administrator, auditor, memberships, accepted_terms, authenticated_at, ..Actor::new(user.id()) };
    Ok(Some(rights))
}

/// A person without a session, with the memberships and roles of this very moment; nobody who is suspended, deactivated or
/// erased.
pub fn actor_of(conn: &mut Conn, user: UserId, now: DateTime<Utc>) -> Result<Option<Actor>> {
    let active = users::table
        .find(Key::of(user))
        .filter(users::suspended_at.is_null())
        .filter(users::deactivated_at.is_null())
        .filter(users::erased_at.is_null())
        .select(users::id);
    if active.first::<Key>(&mut conn.db).optional()?.is_none() {
        return Ok(None);
    }
    Ok(Some(Actor { memberships: memberships(conn, user, now)?, ..Actor::new(user) }))
}

/// The organisations a person belongs to, with the roles held in each at this moment, lent ones included. A suspended
/// membership does not count; in a suspended organisation nobody has a role.
pub fn memberships(conn: &mut Conn, user: UserId, now: DateTime<Utc>) -> Result<Vec<Membership>> {
    let rows: Vec<(Key, bool, Option<At>, Option<String>)> = members::table
        .inner_join(organisations::table.on(organisations::id.eq(members::organisation_id)))
        .left_join(member_roles::table.on(member_roles::member_id.eq(members::id)))
        .filter(members::user_id.eq(Key::of(user)))
        .filter(members::suspended_at.is_null())
        .order((members::organisation_id, member_roles::role))
        .select((
            members::organisation_id,
            organisations::sandbox,
            organisations::suspended_at,
            member_roles::role.nullable(),
        ))
        .load(&mut conn.db)?;
    let mut memberships: Vec<Membership> = Vec::new();
    for (organisation, sandbox, suspended_at, role) in rows {
        let organisation = organisation.id();
        if memberships.last().is_none_or(|m| m.organisation != organisation) {
            memberships.push(Membership { sandbox, ..Membership::new(organisation, Vec::new()) });
        }
        if let (None, Some(role), Some(membership)) = (suspended_at, role, memberships.last_mut()) {
            membership.roles.push(parse_role(&role)?);
        }
    }
    for (organisation, delegated) in delegated_roles(conn, user, now)? {
        if let Some(membership) = memberships.iter_mut().find(|m| m.organisation == organisation) {
            membership.lend(delegated);
        }
    }
    Ok(memberships)
}

/// The roles lent to a person that work now: in their period, not taken back, and still held by
/// whoever lent them, whose account is in use.
fn delegated_roles(conn: &mut Conn, user: UserId, now: DateTime<Utc>) -> Result<Vec<(OrganisationId, DelegatedRole)>> {
    let lender = members::user_id
        .eq(delegations::delegator_id)
        .and(members::organisation_id.eq(delegations::organisation_id))
        .and(members::suspended_at.is_null());
    let still_held = member_roles::member_id.eq(members::id).and(member_roles::role.eq(delegations::role));
    let rows: Vec<(Key, String, Key)> = delegations::table
        .inner_join(members::table.on(lender))
        .inner_join(member_roles::table.on(still_held))
        .inner_join(organisations::table.on(organisations::id.eq(delegations::organisation_id)))
        .inner_join(users::table.on(users::id.eq(delegations::delegator_id)))
        .filter(delegations::delegate_id.eq(Key::of(user)))
        .filter(delegations::ends_at.gt(At(now)))
        .filter(delegations::starts_at.le(At(now)))
        .filter(delegations::revoked_at.is_null())
        .filter(organisations::suspended_at.is_null())
        .filter(users::suspended_at.is_null())
        .filter(users::deactivated_at.is_null())
        .order(delegations::id)
        .select((delegations::organisation_id, delegations::role, delegations::delegator_id))
        .load(&mut conn.db)?;
    let delegated = |(organisation, role, from): (Key, String, Key)| {
        Ok((organisation.id(), DelegatedRole { role: parse_role(&role)?, from: from.id() }))
    };
    rows.into_iter().map(delegated).collect()
}

pub(crate) fn parse_role(name: &str) -> Result<Role> {
    Role::parse(name).ok_or_else(|| Error::corrupt("role", name))
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
