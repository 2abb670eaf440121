//! Versions of the terms of use, and who accepted which.

use crate::{
    Conn, Result,
    schema::{terms, users},
    sql_types::{At, Key},
};
use diesel::{dsl::max, prelude::*};
use domain::{UserId, terms::Terms};

/// The number of the terms in force, zero if there are none.
pub fn current_number(conn: &mut Conn) -> Result<i32> {
    let newest: Option<i32> = terms::table.select(max(terms::number)).first(&mut conn.db)?;
    Ok(newest.unwrap_or(0))
}

/// The version with this number.
pub fn find(conn: &mut Conn, number: i32) -> Result<Terms> {
    Ok(terms::table.find(number).select(Row::as_select()).first(&mut conn.db)?.into())
}

/// Some versions, the newest first, from the one before `before` on.
pub fn page(conn: &mut Conn, before: Option<i32>, limit: i64) -> Result<Vec<Terms>> {
    let mut query = terms::table.order(terms::number.desc()).limit(limit).select(Row::as_select()).into_boxed();
    if let Some(before) = before {
        query = query.filter(terms::number.lt(before));
    }
    Ok(query.load(&mut conn.db)?.into_iter().map(Into::into).collect())
}

/// Adds a version. Of two who publish the same number at once, one is refused.
pub fn insert(conn: &mut Conn, terms: &Terms) -> Result<()> {
    let row = Row {
        number: terms.number,
        title: terms.title.clone(),
        content: terms.content.clone(),
        published_at: At(terms.published_at),
        published_by_id: Key::of(terms.published_by),
    };
    diesel::insert_into(terms::table).values(row).execute(&mut conn.db)?;
    Ok(())
}

/// The newest version that a person accepted, zero for none.
pub fn accepted_by(conn: &mut Conn, user: UserId) -> Result<i32> {
    Ok(users::table.find(Key::of(user)).select(users::accepted_terms).first(&mut conn.db)?)
}

/// Notes that a person accepted a version.
pub fn accept(conn: &mut Conn, user: UserId, number: i32) -> Result<()> {
    let person = users::table.find(Key::of(user));
    diesel::update(person).set(users::accepted_terms.eq(number)).execute(&mut conn.db)?;
    Ok(())
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = terms)]
struct Row {
    number: i32,
    title: String,
    content: String,
    published_at: At,
    published_by_id: Key,
}

impl From<Row> for Terms {
    fn from(row: Row) -> Self {
        Self {
            number: row.number,
            title: row.title,
            content: row.content,
            published_at: row.published_at.0,
            published_by: row.published_by_id.id(),
        }
    }
}
