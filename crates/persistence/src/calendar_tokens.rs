//! The secrets with which calendar programs fetch a person's dates.

use crate::{
    Conn, Result,
    schema::calendar_tokens::{self, dsl},
    sql_types::{At, Key},
};
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use domain::UserId;

/// Stores the hash of a person's token, in the place of the one before.
pub fn put(conn: &mut Conn, user: UserId, hash: &str, now: DateTime<Utc>) -> Result<()> {
    delete(conn, user)?;
    let row = (dsl::user_id.eq(Key::of(user)), dsl::token_hash.eq(hash), dsl::created_at.eq(At(now)));
    diesel::insert_into(calendar_tokens::table).values(row).execute(&mut conn.db)?;
    Ok(())
}

/// Whose token has this hash.
pub fn owner(conn: &mut Conn, hash: &str) -> Result<Option<UserId>> {
    let found = calendar_tokens::table.filter(dsl::token_hash.eq(hash)).select(dsl::user_id);
    Ok(found.first::<Key>(&mut conn.db).optional()?.map(Key::id))
}

/// Since when a person has a token.
pub fn since(conn: &mut Conn, user: UserId) -> Result<Option<DateTime<Utc>>> {
    let found = calendar_tokens::table.find(Key::of(user)).select(dsl::created_at);
    Ok(found.first::<At>(&mut conn.db).optional()?.map(|at| at.0))
}

/// Removes a person's token. Says no if there is none.
pub fn delete(conn: &mut Conn, user: UserId) -> Result<bool> {
    Ok(diesel::delete(calendar_tokens::table.find(Key::of(user))).execute(&mut conn.db)? == 1)
}
