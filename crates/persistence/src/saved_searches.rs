//! Searches that people keep.

use crate::{
    Conn, Error, Result,
    connection::AnyConnection,
    schema::saved_searches::{self, dsl},
    sql_types::{At, Json, Key, at, instant},
};
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use domain::{
    SavedSearchId, UserId,
    saved_search::{Alert, SavedSearch, SearchDraft},
};

/// Adds a search.
pub fn insert(conn: &mut Conn, search: &SavedSearch) -> Result<()> {
    diesel::insert_into(saved_searches::table).values(Row::from(search)).execute(&mut conn.db)?;
    Ok(())
}

/// The search with this id.
pub fn find(conn: &mut Conn, id: SavedSearchId) -> Result<SavedSearch> {
    saved_searches::table.find(Key::of(id)).select(Row::as_select()).first(&mut conn.db)?.try_into()
}

/// The search with this id, for a change; `None` if it is gone.
pub fn lock(conn: &mut Conn, id: SavedSearchId) -> Result<Option<SavedSearch>> {
    let found = saved_searches::table.find(Key::of(id));
    let row: Option<Row> = match &mut conn.db {
        AnyConnection::Postgres(pg) => found.for_update().select(Row::as_select()).first(pg).optional()?,
        AnyConnection::Sqlite(sqlite) => found.select(Row::as_select()).first(sqlite).optional()?,
    };
    row.map(TryInto::try_into).transpose()
}

/// The searches of a person, by name; a rule keeps them few.
pub fn of_user(conn: &mut Conn, user: UserId) -> Result<Vec<SavedSearch>> {
    let rows: Vec<Row> = saved_searches::table
        .filter(dsl::user_id.eq(Key::of(user)))
        .order((dsl::name, dsl::id))
        .select(Row::as_select())
        .load(&mut conn.db)?;
    rows.into_iter().map(TryInto::try_into).collect()
}

/// Some searches for which it is time to look for what is new, the longest due first.
pub fn due(conn: &mut Conn, now: DateTime<Utc>, limit: i64) -> Result<Vec<SavedSearchId>> {
    let due = saved_searches::table.filter(dsl::next_alert_at.le(At(now))).order((dsl::next_alert_at, dsl::id));
    let ids: Vec<Key> = due.limit(limit).select(dsl::id).load(&mut conn.db)?;
    Ok(ids.into_iter().map(Key::id).collect())
}

/// Saves a changed search, unless somebody else changed it first.
pub fn update(conn: &mut Conn, search: &mut SavedSearch) -> Result<()> {
    let current = saved_searches::table.find(Key::of(search.id)).filter(dsl::version.eq(search.version));
    search.version += 1;
    let changed = diesel::update(current).set(Row::from(&*search)).execute(&mut conn.db)?;
    if changed == 1 { Ok(()) } else { Err(Error::ConcurrentChange) }
}

/// Saves what was told of a search, which must be locked. That is no change for its owner.
pub fn told(conn: &mut Conn, search: &SavedSearch) -> Result<()> {
    let told = (dsl::told_until.eq(At(search.told_until)), dsl::next_alert_at.eq(at(search.next_alert_at)));
    diesel::update(saved_searches::table.find(Key::of(search.id))).set(told).execute(&mut conn.db)?;
    Ok(())
}

/// Removes a search.
pub fn delete(conn: &mut Conn, id: SavedSearchId) -> Result<()> {
    diesel::delete(saved_searches::table.find(Key::of(id))).execute(&mut conn.db)?;
    Ok(())
}

/// Forgets all searches of a person.
pub fn forget(conn: &mut Conn, user: UserId) -> Result<()> {
    diesel::delete(saved_searches::table.filter(dsl::user_id.eq(Key::of(user)))).execute(&mut conn.db)?;
    Ok(())
}

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = saved_searches, treat_none_as_null = true)]
struct Row {
    id: Key,
    user_id: Key,
    name: String,
    query: Json,
    alert: String,
    told_until: At,
    next_alert_at: Option<At>,
    created_at: At,
    version: i32,
}

impl From<&SavedSearch> for Row {
    fn from(search: &SavedSearch) -> Self {
        Self {
            id: Key::of(search.id),
            user_id: Key::of(search.owner),
            name: search.said.name.clone(),
            query: Json::of(&search.said.query),
            alert: search.said.alert.as_str().to_owned(),
            told_until: At(search.told_until),
            next_alert_at: at(search.next_alert_at),
            created_at: At(search.created_at),
            version: search.version,
        }
    }
}

impl TryFrom<Row> for SavedSearch {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self> {
        let alert = Alert::parse(&row.alert).ok_or_else(|| Error::corrupt("alert", &row.alert))?;
        Ok(Self {
            id: row.id.id(),
            owner: row.user_id.id(),
            said: SearchDraft { name: row.name, query: row.query.read()?, alert },
            told_until: row.told_until.0,
            next_alert_at: instant(row.next_alert_at),
            created_at: row.created_at.0,
            version: row.version,
        })
    }
}
