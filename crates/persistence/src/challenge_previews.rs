//! Links to challenges that are not public yet.

use crate::{
    Conn, Error, Result,
    schema::challenge_previews,
    sql_types::{At, Key, at, instant},
};
use chrono::{DateTime, Utc};
use diesel::{dsl::count_star, prelude::*};
use domain::{ChallengeId, PreviewId, challenge::Preview};

/// Adds a link, with the hash of its token.
pub fn insert(conn: &mut Conn, preview: &Preview, token_hash: &str) -> Result<()> {
    let row = (Row::from(preview), challenge_previews::token_hash.eq(token_hash));
    diesel::insert_into(challenge_previews::table).values(row).execute(&mut conn.db)?;
    Ok(())
}

/// Saves that a link was taken back, unless somebody else did so first.
pub fn revoke(conn: &mut Conn, preview: &Preview) -> Result<()> {
    let working = challenge_previews::table.find(Key::of(preview.id)).filter(challenge_previews::revoked_at.is_null());
    let revoked = challenge_previews::revoked_at.eq(at(preview.revoked_at));
    if diesel::update(working).set(revoked).execute(&mut conn.db)? == 1 { Ok(()) } else { Err(Error::ConcurrentChange) }
}

/// The link of a challenge with this id.
pub fn find(conn: &mut Conn, challenge: ChallengeId, id: PreviewId) -> Result<Preview> {
    let row =
        challenge_previews::table.find(Key::of(id)).filter(challenge_previews::challenge_id.eq(Key::of(challenge)));
    Ok(row.select(Row::as_select()).first(&mut conn.db)?.into())
}

/// The link with this token.
pub fn find_by_token(conn: &mut Conn, token_hash: &str) -> Result<Preview> {
    let row = challenge_previews::table.filter(challenge_previews::token_hash.eq(token_hash));
    Ok(row.select(Row::as_select()).first(&mut conn.db)?.into())
}

/// How many links of a challenge work.
pub fn count_working(conn: &mut Conn, challenge: ChallengeId, now: DateTime<Utc>) -> Result<usize> {
    let working = challenge_previews::table
        .filter(challenge_previews::challenge_id.eq(Key::of(challenge)))
        .filter(challenge_previews::revoked_at.is_null())
        .filter(challenge_previews::expires_at.gt(At(now)))
        .select(count_star());
    Ok(usize::try_from(working.first::<i64>(&mut conn.db)?).unwrap_or(usize::MAX))
}

/// Some links of a challenge, the newest first.
pub fn page(conn: &mut Conn, challenge: ChallengeId, after: Option<PreviewId>, limit: i64) -> Result<Vec<Preview>> {
    let mut query = challenge_previews::table
        .filter(challenge_previews::challenge_id.eq(Key::of(challenge)))
        .order(challenge_previews::id.desc())
        .limit(limit)
        .select(Row::as_select())
        .into_boxed();
    if let Some(after) = after {
        query = query.filter(challenge_previews::id.lt(Key::of(after)));
    }
    Ok(query.load(&mut conn.db)?.into_iter().map(Into::into).collect())
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = challenge_previews)]
struct Row {
    id: Key,
    challenge_id: Key,
    recipient: String,
    author_id: Key,
    created_at: At,
    expires_at: At,
    revoked_at: Option<At>,
}

impl From<&Preview> for Row {
    fn from(preview: &Preview) -> Self {
        Self {
            id: Key::of(preview.id),
            challenge_id: Key::of(preview.challenge),
            recipient: preview.recipient.clone(),
            author_id: Key::of(preview.author),
            created_at: At(preview.created_at),
            expires_at: At(preview.expires_at),
            revoked_at: at(preview.revoked_at),
        }
    }
}

impl From<Row> for Preview {
    fn from(row: Row) -> Self {
        Self {
            id: row.id.id(),
            challenge: row.challenge_id.id(),
            recipient: row.recipient,
            author: row.author_id.id(),
            created_at: row.created_at.0,
            expires_at: row.expires_at.0,
            revoked_at: instant(row.revoked_at),
        }
    }
}
