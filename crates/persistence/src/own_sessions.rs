//! The sessions of one person, as that person sees and ends them.

use crate::{
    Conn, Result,
    schema::{refresh_tokens, sessions},
    sql_types::{At, Key, instant},
};
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use domain::{SessionId, UserId, account::Client};

/// A session that can be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LiveSession {
    /// Its id.
    pub id: SessionId,
    /// Where it was begun.
    pub client: Client,
    /// When it was begun.
    pub created_at: DateTime<Utc>,
    /// When it was used last, give or take a minute.
    pub last_seen_at: Option<DateTime<Utc>>,
    /// When it ends by itself.
    pub expires_at: DateTime<Utc>,
}

type Row = (Key, Option<String>, Option<String>, At, Option<At>, At);

/// The live sessions of a person, the newest first; there are at most [`domain::account::LIVE_SESSIONS`].
pub fn live(conn: &mut Conn, user: UserId, now: DateTime<Utc>) -> Result<Vec<LiveSession>> {
    let rows: Vec<Row> = sessions::table
        .filter(sessions::user_id.eq(Key::of(user)))
        .filter(sessions::ended_at.is_null())
        .filter(sessions::expires_at.gt(At(now)))
        .order(sessions::id.desc())
        .select((
            sessions::id,
            sessions::device,
            sessions::network,
            sessions::created_at,
            sessions::last_seen_at,
            sessions::expires_at,
        ))
        .load(&mut conn.db)?;
    let session = |(id, device, network, created_at, last_seen_at, expires_at): Row| LiveSession {
        id: id.id(),
        client: Client { device, network },
        created_at: created_at.0,
        last_seen_at: instant(last_seen_at),
        expires_at: expires_at.0,
    };
    Ok(rows.into_iter().map(session).collect())
}

/// Ends one live session of a person; says whether there was one.
pub fn end_one(conn: &mut Conn, user: UserId, id: SessionId, reason: &str, now: DateTime<Utc>) -> Result<bool> {
    let session = sessions::table
        .find(Key::of(id))
        .filter(sessions::user_id.eq(Key::of(user)))
        .filter(sessions::ended_at.is_null());
    let ended = (sessions::ended_at.eq(At(now)), sessions::end_reason.eq(reason));
    Ok(diesel::update(session).set(ended).execute(&mut conn.db)? == 1)
}

/// Ends all sessions of a person, but for one to `keep`.
pub fn end_others(
    conn: &mut Conn,
    user: UserId,
    keep: Option<SessionId>,
    reason: &str,
    now: DateTime<Utc>,
) -> Result<usize> {
    let keep = Key(keep.map_or(uuid::Uuid::nil(), |id| id.0));
    let open = sessions::table
        .filter(sessions::user_id.eq(Key::of(user)))
        .filter(sessions::ended_at.is_null())
        .filter(sessions::id.ne(keep));
    let ended = (sessions::ended_at.eq(At(now)), sessions::end_reason.eq(reason));
    Ok(diesel::update(open).set(ended).execute(&mut conn.db)?)
}

/// Notes that the person has just proved to be at the keyboard.
pub fn authenticate(conn: &mut Conn, id: SessionId, now: DateTime<Utc>) -> Result<()> {
    let session = sessions::table.find(Key::of(id));
    diesel::update(session).set(sessions::authenticated_at.eq(At(now))).execute(&mut conn.db)?;
    Ok(())
}

/// Notes when some sessions were used last.
pub fn seen(conn: &mut Conn, ids: &[SessionId], now: DateTime<Utc>) -> Result<()> {
    let keys: Vec<_> = ids.iter().map(|id| Key::of(*id)).collect();
    let used = sessions::table.filter(sessions::id.eq_any(keys));
    diesel::update(used).set(sessions::last_seen_at.eq(At(now))).execute(&mut conn.db)?;
    Ok(())
}

/// Whether the person has logged in before, but never on this device and from this network.
pub fn is_new_client(conn: &mut Conn, user: UserId, client: &Client) -> Result<bool> {
    let mine =
        sessions::table.filter(sessions::user_id.eq(Key::of(user))).select((sessions::device, sessions::network));
    let seen: Vec<(Option<String>, Option<String>)> = mine.distinct().load(&mut conn.db)?;
    let known =
        |(device, network): &(Option<String>, Option<String>)| (device, network) == (&client.device, &client.network);
    Ok(!seen.is_empty() && !seen.iter().any(known))
}

/// Forgets a person's sessions that ended or expired before an instant, with their refresh tokens.
pub fn forget_old(conn: &mut Conn, user: UserId, before: DateTime<Utc>) -> Result<()> {
    let over = sessions::expires_at.lt(At(before)).or(sessions::ended_at.lt(At(before)).assume_not_null());
    let old = sessions::table.filter(sessions::user_id.eq(Key::of(user))).filter(over);
    let ids: Vec<Key> = old.select(sessions::id).load(&mut conn.db)?;
    diesel::delete(refresh_tokens::table.filter(refresh_tokens::session_id.eq_any(&ids))).execute(&mut conn.db)?;
    diesel::delete(sessions::table.filter(sessions::id.eq_any(ids))).execute(&mut conn.db)?;
    Ok(())
}
