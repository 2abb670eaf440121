//! People, as administrators see them.

use crate::{
    Conn, Error, Result,
    connection::AnyConnection,
    schema::{sessions, users},
    sql_types::{At, Key, at, instant},
};
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use domain::{UserId, account::Email, administration::Person};

/// People whose name or address contains the text, in any case, in the order in which they came; all of them if no text
/// is given.
///
/// Reads every row after the cursor until the page is full: for administrators, not for crowds.
pub fn people(conn: &mut Conn, text: Option<&str>, after: Option<UserId>, limit: i64) -> Result<Vec<Person>> {
    let mut query = users::table
        .filter(users::erased_at.is_null())
        .order(users::id)
        .limit(limit)
        .select(PersonRow::as_select())
        .into_boxed();
    if let Some(text) = text {
        query = query.filter(users::search_text.like(containing(text)).escape('!'));
    }
    if let Some(after) = after {
        query = query.filter(users::id.gt(Key::of(after)));
    }
    query.load(&mut conn.db)?.into_iter().map(TryInto::try_into).collect()
}

/// A pattern for texts that contain this one, whatever signs it holds.
fn containing(text: &str) -> String {
    let literal = text.to_lowercase().replace('!', "!!").replace('%', "!%").replace('_', "!_");
    format!("%{literal}%")
}

/// One person.
pub fn person(conn: &mut Conn, id: UserId) -> Result<Person> {
    let found = users::table.find(Key::of(id)).filter(users::erased_at.is_null()).select(PersonRow::as_select());
    found.first(&mut conn.db)?.try_into()
}

/// As [`person`]; on PostgreSQL nobody else changes the person before this transaction ends. (On SQLite there is one
/// writer anyway.)
pub fn lock_person(conn: &mut Conn, id: UserId) -> Result<Person> {
    if let AnyConnection::Postgres(pg) = &mut conn.db {
        users::table.find(Key::of(id)).select(users::id).for_update().first::<Key>(pg)?;
    }
    person(conn, id)
}

/// The active administrators, locked in the order of their ids, so that of two who dismiss each other one comes second.
pub fn lock_administrators(conn: &mut Conn) -> Result<Vec<UserId>> {
    let active = users::table
        .filter(users::administrator.eq(true))
        .filter(users::suspended_at.is_null())
        .filter(users::deactivated_at.is_null())
        .filter(users::erased_at.is_null())
        .order(users::id)
        .select(users::id);
    let keys: Vec<Key> = match &mut conn.db {
        AnyConnection::Postgres(pg) => active.for_update().load(pg)?,
        AnyConnection::Sqlite(sqlite) => active.load(sqlite)?,
    };
    Ok(keys.into_iter().map(Key::id).collect())
}

/// Saves what an administrator decides about a person.
pub fn update_person(conn: &mut Conn, person: &Person) -> Result<()> {
    let decided = (
        users::administrator.eq(person.administrator),
        users::auditor.eq(person.auditor),
        users::suspended_at.eq(at(person.suspended_at)),
        users::suspension_reason.eq(&person.suspension_reason),
    );
    diesel::update(users::table.find(Key::of(person.id))).set(decided).execute(&mut conn.db)?;
    Ok(())
}

/// Ends every session of a person.
pub fn end_sessions(conn: &mut Conn, user: UserId, reason: &str, now: DateTime<Utc>) -> Result<()> {
    let open = sessions::table.filter(sessions::user_id.eq(Key::of(user))).filter(sessions::ended_at.is_null());
    let ended = (sessions::ended_at.eq(At(now)), sessions::end_reason.eq(reason));
    diesel::update(open).set(ended).execute(&mut conn.db)?;
    Ok(())
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = users)]
struct PersonRow {
    id: Key,
    email: String,
    name: String,
    administrator: bool,
    auditor: bool,
    created_at: At,
    last_active_at: Option<At>,
    suspended_at: Option<At>,
    suspension_reason: Option<String>,
    deactivated_at: Option<At>,
}

impl TryFrom<PersonRow> for Person {
    type Error = Error;

    fn try_from(row: PersonRow) -> Result<Self> {
        Ok(Self {
            id: row.id.id(),
            email: Email::parse(&row.email).map_err(|_| Error::corrupt("e-mail address of user", row.id))?,
            name: row.name,
            administrator: row.administrator,
            auditor: row.auditor,
            created_at: row.created_at.0,
            last_active_at: instant(row.last_active_at),
            suspended_at: instant(row.suspended_at),
            suspension_reason: row.suspension_reason,
            deactivated_at: instant(row.deactivated_at),
        })
    }
}
