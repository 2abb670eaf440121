//! Addenda of challenges.

use crate::{
    Conn, Result,
    schema::addenda,
    sql_types::{At, Key},
};
use diesel::prelude::*;
use domain::{ChallengeId, challenge::Addendum};

/// Adds an addendum.
pub fn insert(conn: &mut Conn, addendum: &Addendum) -> Result<()> {
    let row = Row {
        challenge_id: Key::of(addendum.challenge),
        number: addendum.number,
        title: addendum.title.clone(),
        body: addendum.body.clone(),
        published_by_id: Key::of(addendum.published_by),
        published_at: At(addendum.published_at),
    };
    diesel::insert_into(addenda::table).values(row).execute(&mut conn.db)?;
    Ok(())
}

/// How many a challenge has. They are numbered without gaps.
pub fn count(conn: &mut Conn, challenge: ChallengeId) -> Result<i32> {
    Ok(page(conn, challenge, None, 1)?.first().map_or(0, |last| last.number))
}

/// Some addenda, the newest first: those before the number `before`.
pub fn page(conn: &mut Conn, challenge: ChallengeId, before: Option<i32>, limit: i64) -> Result<Vec<Addendum>> {
    let mut query = addenda::table
        .filter(addenda::challenge_id.eq(Key::of(challenge)))
        .order(addenda::number.desc())
        .limit(limit)
        .select(Row::as_select())
        .into_boxed();
    if let Some(before) = before {
        query = query.filter(addenda::number.lt(before));
    }
    Ok(query.load::<Row>(&mut conn.db)?.into_iter().map(Into::into).collect())
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = addenda)]
struct Row {
    challenge_id: Key,
    number: i32,
    title: String,
    body: String,
    published_by_id: Key,
    published_at: At,
}

impl From<Row> for Addendum {
    fn from(row: Row) -> Self {
        Self {
            challenge: row.challenge_id.id(),
            number: row.number,
            title: row.title,
            body: row.body,
            published_by: row.published_by_id.id(),
            published_at: row.published_at.0,
        }
    }
}
