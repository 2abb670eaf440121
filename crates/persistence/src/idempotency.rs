//! Answers that were given before, so that a repeated request has the effect of one.

use crate::{
    Conn, Error, Result,
    connection::AnyConnection,
    schema::idempotency_keys,
    sql_types::{At, Json},
};
use chrono::{DateTime, TimeDelta, Utc};
use diesel::prelude::*;
use domain::{Actor, ApiKeyId, UserId};

/// How long an answer is kept.
pub const LIFETIME: TimeDelta = TimeDelta::days(7);

/// Who claims a key. A program with an API key and the person who made it do not know each other's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Owner {
    /// The person.
    Person(UserId),
    /// The program that acts in the person's place.
    Key(UserId, ApiKeyId),
}

impl Owner {
    /// Whoever makes a request.
    pub fn of(actor: &Actor) -> Self {
        actor.api_key.map_or(Self::Person(actor.user), |key| Self::Key(actor.user, key))
    }
}

impl From<UserId> for Owner {
    fn from(user: UserId) -> Self {
        Self::Person(user)
    }
}

impl std::fmt::Display for Owner {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Person(user) => user.fmt(f),
            Self::Key(user, key) => write!(f, "{user}/{key}"),
        }
    }
}

/// What is known about a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Claim {
    /// Nobody used it; it is ours until the transaction ends.
    New,
    /// It was used for the same request, with this answer.
    Answered(Stored),
    /// It was used for another request.
    Mismatch,
}

/// A stored answer, byte for byte.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    /// HTTP status.
    pub status: i32,
    /// Header names and values.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: String,
}

/// Takes a key for a request. A second request with the same key waits for the first one's transaction and then sees
/// its answer. Keys are private to their owner.
pub fn claim(conn: &mut Conn, owner: Owner, key: &str, request_hash: &str, now: DateTime<Utc>) -> Result<Claim> {
    if insert(conn, owner, key, request_hash, now)? {
        return Ok(Claim::New);
    }
    let found: (String, Option<i32>, Option<Json>, Option<String>, At) = idempotency_keys::table
        .find((owner.to_string(), key))
        .select((
            idempotency_keys::request_hash,
            idempotency_keys::status,
            idempotency_keys::headers,
            idempotency_keys::body,
            idempotency_keys::created_at,
        ))
        .first(&mut conn.db)?;
    let (hash, status, headers, body, _) = found;
    if hash != request_hash {
        return Ok(Claim::Mismatch);
    }
    match (status, headers, body) {
        (Some(status), Some(headers), Some(body)) => {
            Ok(Claim::Answered(Stored { status, headers: headers.read()?, body }))
        }
        _ => Err(Error::corrupt("idempotency key without an answer", key)),
    }
}

/// `ON CONFLICT DO NOTHING` needs the concrete backend.
fn insert(conn: &mut Conn, owner: Owner, key: &str, request_hash: &str, now: DateTime<Utc>) -> Result<bool> {
    let row = (
        idempotency_keys::owner.eq(owner.to_string()),
        idempotency_keys::key.eq(key),
        idempotency_keys::request_hash.eq(request_hash),
        idempotency_keys::created_at.eq(At(now)),
    );
    let insert = diesel::insert_into(idempotency_keys::table);
    let inserted = match &mut conn.db {
        AnyConnection::Postgres(pg) => insert.values(row).on_conflict_do_nothing().execute(pg)?,
        AnyConnection::Sqlite(sqlite) => insert.values(row).on_conflict_do_nothing().execute(sqlite)?,
    };
    Ok(inserted == 1)
}

/// Stores the answer, in the transaction of the change.
pub fn store(conn: &mut Conn, owner: Owner, key: &str, answer: &Stored) -> Result<()> {
    let claimed = idempotency_keys::table.find((owner.to_string(), key));
    let stored = (
        idempotency_keys::status.eq(answer.status),
        idempotency_keys::headers.eq(Json::of(&answer.headers)),
        idempotency_keys::body.eq(&answer.body),
    );
    diesel::update(claimed).set(stored).execute(&mut conn.db)?;
    Ok(())
}

/// Lets a key go that was claimed in this transaction: nothing came of the request that would have to be repeated.
pub fn release(conn: &mut Conn, owner: Owner, key: &str) -> Result<()> {
    diesel::delete(idempotency_keys::table.find((owner.to_string(), key))).execute(&mut conn.db)?;
    Ok(())
}

/// Forgets answers older than [`LIFETIME`].
pub fn purge(conn: &mut Conn, now: DateTime<Utc>) -> Result<usize> {
    let old = idempotency_keys::table.filter(idempotency_keys::created_at.lt(At(now - LIFETIME)));
    Ok(diesel::delete(old).execute(&mut conn.db)?)
}
