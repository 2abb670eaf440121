//! What a challenge said after each change.

use crate::{
    Conn, Result,
    challenges::Document,
    schema::challenge_revisions,
    sql_types::{At, Json, Key},
};
use diesel::prelude::*;
use domain::{ChallengeId, challenge::Revision};

/// Adds a revision.
pub fn insert(conn: &mut Conn, challenge: ChallengeId, revision: &Revision) -> Result<()> {
    diesel::insert_into(challenge_revisions::table).values(Row::of(challenge, revision)).execute(&mut conn.db)?;
    Ok(())
}

/// Writes the last revision anew.
pub fn update(conn: &mut Conn, challenge: ChallengeId, revision: &Revision) -> Result<()> {
    let row = challenge_revisions::table.find((Key::of(challenge), revision.number));
    diesel::update(row).set(Row::of(challenge, revision)).execute(&mut conn.db)?;
    Ok(())
}

/// The revision with this number.
pub fn find(conn: &mut Conn, challenge: ChallengeId, number: i32) -> Result<Revision> {
    let row = challenge_revisions::table.find((Key::of(challenge), number)).select(Row::as_select());
    row.first(&mut conn.db)?.try_into()
}

/// The last revision.
pub fn last(conn: &mut Conn, challenge: ChallengeId) -> Result<Option<Revision>> {
    Ok(page(conn, challenge, None, 1)?.pop())
}

/// Some revisions, the newest first: those before the number `before`.
pub fn page(conn: &mut Conn, challenge: ChallengeId, before: Option<i32>, limit: i64) -> Result<Vec<Revision>> {
    let mut query = challenge_revisions::table
        .filter(challenge_revisions::challenge_id.eq(Key::of(challenge)))
        .order(challenge_revisions::number.desc())
        .limit(limit)
        .select(Row::as_select())
        .into_boxed();
    if let Some(before) = before {
        query = query.filter(challenge_revisions::number.lt(before));
    }
    query.load(&mut conn.db)?.into_iter().map(TryInto::try_into).collect()
}

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = challenge_revisions, primary_key(challenge_id, number))]
struct Row {
    challenge_id: Key,
    number: i32,
    content: Json,
    editor_id: Key,
    begun_at: At,
    edited_at: At,
}

impl Row {
    fn of(challenge: ChallengeId, revision: &Revision) -> Self {
        Self {
            challenge_id: Key::of(challenge),
            number: revision.number,
            content: Json::of(&Document::from(&revision.content)),
            editor_id: Key::of(revision.editor),
            begun_at: At(revision.begun_at),
            edited_at: At(revision.edited_at),
        }
    }
}

impl TryFrom<Row> for Revision {
    type Error = crate::Error;

    fn try_from(row: Row) -> Result<Self> {
        Ok(Self {
            number: row.number,
            content: row.content.read::<Document>()?.try_into()?,
            editor: row.editor_id.id(),
            begun_at: row.begun_at.0,
            edited_at: row.edited_at.0,
        })
    }
}
