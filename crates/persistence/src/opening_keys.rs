//! The keys with which members of opening committees open their shares.

use crate::{
    Conn, Result,
    schema::opening_keys::{self, dsl},
    sql_types::{At, Key, at, instant},
};
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use domain::{OpeningKey, UserId};

/// The key that somebody uses now.
pub fn current(conn: &mut Conn, user: UserId) -> Result<Option<OpeningKey>> {
    Ok(current_of(conn, &[user])?.pop())
}

/// The keys that these people use now.
pub fn current_of(conn: &mut Conn, users: &[UserId]) -> Result<Vec<OpeningKey>> {
    let users: Vec<_> = users.iter().map(|user| Key::of(*user)).collect();
    let current = opening_keys::table.filter(dsl::user_id.eq_any(users)).filter(dsl::replaced_at.is_null());
    let rows: Vec<Row> = current.select(Row::as_select()).load(&mut conn.db)?;
    Ok(rows.into_iter().map(Into::into).collect())
}

/// All keys that somebody has or had, the newest first.
pub fn of_user(conn: &mut Conn, user: UserId) -> Result<Vec<OpeningKey>> {
    let own = opening_keys::table.filter(dsl::user_id.eq(Key::of(user))).order(dsl::id.desc());
    let rows: Vec<Row> = own.select(Row::as_select()).load(&mut conn.db)?;
    Ok(rows.into_iter().map(Into::into).collect())
}

/// The key with this id.
pub fn find(conn: &mut Conn, id: domain::OpeningKeyId) -> Result<OpeningKey> {
    let row: Row = opening_keys::table.find(Key::of(id)).select(Row::as_select()).first(&mut conn.db)?;
    Ok(row.into())
}

/// The key with this public half, if somebody has had it.
pub fn find_recipient(conn: &mut Conn, recipient: &str) -> Result<Option<OpeningKey>> {
    let found = opening_keys::table.filter(dsl::recipient.eq(recipient)).select(Row::as_select());
    let row: Option<Row> = found.first(&mut conn.db).optional()?;
    Ok(row.map(Into::into))
}

/// Takes a key that its owner had before into use again.
pub fn take_up_again(conn: &mut Conn, key: &OpeningKey, now: DateTime<Utc>) -> Result<()> {
    let others = opening_keys::table.filter(dsl::user_id.eq(Key::of(key.user))).filter(dsl::replaced_at.is_null());
    diesel::update(others).set(dsl::replaced_at.eq(At(now))).execute(&mut conn.db)?;
    let own = opening_keys::table.find(Key::of(key.id));
    diesel::update(own).set(dsl::replaced_at.eq(None::<At>)).execute(&mut conn.db)?;
    Ok(())
}

/// Puts a key in the place of the one that its owner used before. That one is kept: committees may still need it.
pub fn put(conn: &mut Conn, key: &OpeningKey) -> Result<()> {
    let before = opening_keys::table.filter(dsl::user_id.eq(Key::of(key.user))).filter(dsl::replaced_at.is_null());
    diesel::update(before).set(dsl::replaced_at.eq(At(key.created_at))).execute(&mut conn.db)?;
    insert(conn, key)
}

/// Adds the first key of somebody, or the next one.
pub fn insert(conn: &mut Conn, key: &OpeningKey) -> Result<()> {
    diesel::insert_into(opening_keys::table).values(Row::from(key)).execute(&mut conn.db)?;
    Ok(())
}

/// Forgets what is kept of the secret halves of somebody's keys. The public halves stay in the committees that bids were
/// sealed for.
pub(crate) fn forget(conn: &mut Conn, user: UserId, now: DateTime<Utc>) -> Result<()> {
    let own = opening_keys::table.filter(dsl::user_id.eq(Key::of(user)));
    diesel::update(own).set(dsl::protected_key.eq(None::<String>)).execute(&mut conn.db)?;
    let in_use = opening_keys::table.filter(dsl::user_id.eq(Key::of(user))).filter(dsl::replaced_at.is_null());
    diesel::update(in_use).set(dsl::replaced_at.eq(At(now))).execute(&mut conn.db)?;
    Ok(())
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = opening_keys)]
struct Row {
    id: Key,
    user_id: Key,
    recipient: String,
    protected_key: Option<String>,
    created_at: At,
    replaced_at: Option<At>,
}

impl From<&OpeningKey> for Row {
    fn from(key: &OpeningKey) -> Self {
        Self {
            id: Key::of(key.id),
            user_id: Key::of(key.user),
            recipient: key.recipient.clone(),
            protected_key: key.protected.clone(),
            created_at: At(key.created_at),
            replaced_at: at(key.replaced_at),
        }
    }
}

impl From<Row> for OpeningKey {
    fn from(row: Row) -> Self {
        Self {
            id: row.id.id(),
            user: row.user_id.id(),
            recipient: row.recipient,
            protected: row.protected_key,
            created_at: row.created_at.0,
            replaced_at: instant(row.replaced_at),
        }
    }
}
