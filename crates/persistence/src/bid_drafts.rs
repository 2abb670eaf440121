//! Bids that are being written, and who saved them.

use crate::{
    Conn, Error, Result, Scope,
    challenges::taking_bids,
    connection::AnyConnection,
    schema::{bid_draft_saves, bid_drafts, challenges, organisations, users},
    scope::in_scope,
    sql_types::{At, Key},
};
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use domain::{
    BidDraftId, OrganisationId, UserId,
    bid::{BidDraft, DraftSave},
};

/// A draft in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Summary {
    /// The draft.
    pub draft: BidDraft,
    /// The readable name of its challenge.
    pub challenge_reference: String,
    /// The title of its challenge.
    pub challenge_title: String,
    /// The name of its company.
    pub company_name: String,
    /// The name of whoever saved it last.
    pub saved_by_name: String,
}

/// Adds a draft with its content, or gives the one that the company has for the challenge already.
pub fn insert(conn: &mut Conn, draft: &BidDraft, content: &str) -> Result<Option<BidDraftId>> {
    let insert = diesel::insert_into(bid_drafts::table);
    let row = (Row::from(draft), bid_drafts::content.eq(content));
    let inserted = match &mut conn.db {
        AnyConnection::Postgres(pg) => insert.values(row).on_conflict_do_nothing().execute(pg)?,
        AnyConnection::Sqlite(sqlite) => insert.values(row).on_conflict_do_nothing().execute(sqlite)?,
    };
    if inserted == 1 {
        return Ok(None);
    }
    let present = bid_drafts::table
        .filter(bid_drafts::challenge_id.eq(Key::of(draft.challenge)))
        .filter(bid_drafts::company_id.eq(Key::of(draft.company)));
    let present: Option<Key> = present.select(bid_drafts::id).first(&mut conn.db).optional()?;
    present.map(|id| Some(id.id())).ok_or(Error::ConcurrentChange)
}

/// The draft with this id, and its content.
pub fn find(conn: &mut Conn, id: BidDraftId) -> Result<(BidDraft, String)> {
    let found = bid_drafts::table.find(Key::of(id)).select((Row::as_select(), bid_drafts::content));
    let (row, content): (Row, String) = found.first(&mut conn.db)?;
    Ok((row.into(), content))
}

/// The draft with this id, and its content, for a change; none if it is gone.
pub fn lock(conn: &mut Conn, id: BidDraftId) -> Result<Option<(BidDraft, String)>> {
    let found = bid_drafts::table.find(Key::of(id));
    let locked: Option<(Row, String)> = match &mut conn.db {
        AnyConnection::Postgres(pg) => {
            found.for_update().select((Row::as_select(), bid_drafts::content)).first(pg).optional()?
        }
        AnyConnection::Sqlite(sqlite) => {
            found.select((Row::as_select(), bid_drafts::content)).first(sqlite).optional()?
        }
    };
    Ok(locked.map(|(row, content)| (row.into(), content)))
}

/// Saves a draft with its content, unless somebody else saved it first.
pub fn update(conn: &mut Conn, draft: &mut BidDraft, content: &str) -> Result<()> {
    let current = bid_drafts::table.find(Key::of(draft.id)).filter(bid_drafts::version.eq(draft.version));
    draft.version += 1;
    let row = (Row::from(&*draft), bid_drafts::content.eq(content));
    let changed = diesel::update(current).set(row).execute(&mut conn.db)?;
    if changed == 1 { Ok(()) } else { Err(Error::ConcurrentChange) }
}

/// Removes a draft, with the history of its saves.
pub fn delete(conn: &mut Conn, id: BidDraftId) -> Result<()> {
    diesel::delete(bid_draft_saves::table.filter(bid_draft_saves::draft_id.eq(Key::of(id)))).execute(&mut conn.db)?;
    diesel::delete(bid_drafts::table.find(Key::of(id))).execute(&mut conn.db)?;
    Ok(())
}

/// One page of the drafts of some companies, the newest first.
pub fn page_of_companies(
    conn: &mut Conn,
    companies: &[OrganisationId],
    after: Option<BidDraftId>,
    limit: i64,
) -> Result<Vec<Summary>> {
    let keys: Vec<_> = companies.iter().map(|id| Key::of(*id)).collect();
    let mut query = bid_drafts::table
        .inner_join(challenges::table.on(challenges::id.eq(bid_drafts::challenge_id)))
        .inner_join(organisations::table.on(organisations::id.eq(bid_drafts::company_id)))
        .inner_join(users::table.on(users::id.eq(bid_drafts::saved_by_id)))
        .filter(bid_drafts::company_id.eq_any(keys))
        .order(bid_drafts::id.desc())
        .select((Row::as_select(), challenges::reference, challenges::title, organisations::legal_name, users::name))
        .limit(limit)
        .into_boxed();
    if let Some(after) = after {
        query = query.filter(bid_drafts::id.lt(Key::of(after)));
    }
    let rows: Vec<(Row, String, String, String, String)> = query.load(&mut conn.db)?;
    let summary = |(row, challenge_reference, challenge_title, company_name, saved_by_name): (Row, _, _, _, _)| {
        Summary { draft: row.into(), challenge_reference, challenge_title, company_name, saved_by_name }
    };
    Ok(rows.into_iter().map(summary).collect())
}

/// Some drafts whose challenge was closed, or has ended, before an instant, the oldest first.
pub fn over(conn: &mut Conn, scope: Scope, before: DateTime<Utc>, limit: i64) -> Result<Vec<BidDraft>> {
    let (before, closed) = (At(before), challenges::closed_at);
    let query = bid_drafts::table
        .inner_join(challenges::table.on(challenges::id.eq(bid_drafts::challenge_id)))
        .filter(challenges::status.ne_all(taking_bids()))
        .filter(closed.lt(before).or(closed.is_null().and(challenges::ended_at.lt(before))))
        .order(bid_drafts::id)
        .limit(limit)
        .select(Row::as_select())
        .into_boxed();
    let rows: Vec<Row> = in_scope!(query, scope).load(&mut conn.db)?;
    Ok(rows.into_iter().map(Into::into).collect())
}

/// Keeps who saved a draft last: as another entry of its history, or in place of the last one, which it goes on with.
pub fn note_save(conn: &mut Conn, draft: BidDraftId, save: &DraftSave, last: Option<&DraftSave>) -> Result<()> {
    let row = SaveRow::of(draft, save);
    if last.is_some_and(|last| last.number == save.number) {
        let entry = bid_draft_saves::table.find((Key::of(draft), save.number));
        diesel::update(entry).set(row).execute(&mut conn.db)?;
    } else {
        diesel::insert_into(bid_draft_saves::table).values(row).execute(&mut conn.db)?;
    }
    Ok(())
}

/// The last entry of the history of a draft.
pub fn last_save(conn: &mut Conn, draft: BidDraftId) -> Result<Option<DraftSave>> {
    Ok(saves(conn, draft, None, 1)?.pop().map(|(save, _)| save))
}

/// Some entries of the history of a draft with the names of who saved, the newest first: those before the number `before`.
pub fn saves(conn: &mut Conn, draft: BidDraftId, before: Option<i32>, limit: i64) -> Result<Vec<(DraftSave, String)>> {
    let mut query = bid_draft_saves::table
        .inner_join(users::table.on(users::id.eq(bid_draft_saves::saved_by_id)))
        .filter(bid_draft_saves::draft_id.eq(Key::of(draft)))
        .order(bid_draft_saves::number.desc())
        .select((SaveRow::as_select(), users::name))
        .limit(limit)
        .into_boxed();
    if let Some(before) = before {
        query = query.filter(bid_draft_saves::number.lt(before));
    }
    let rows: Vec<(SaveRow, String)> = query.load(&mut conn.db)?;
    Ok(rows.into_iter().map(|(row, name)| (row.into(), name)).collect())
}

/// What somebody saved of drafts that are still there, the newest first.
pub fn saves_of_user(conn: &mut Conn, user: UserId) -> Result<Vec<(BidDraftId, DraftSave)>> {
    let own = bid_draft_saves::table.filter(bid_draft_saves::saved_by_id.eq(Key::of(user)));
    let own = own.order((bid_draft_saves::draft_id.desc(), bid_draft_saves::number.desc()));
    let rows: Vec<SaveRow> = own.select(SaveRow::as_select()).load(&mut conn.db)?;
    Ok(rows.into_iter().map(|row| (row.draft_id.id(), row.into())).collect())
}

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = bid_drafts)]
struct Row {
    id: Key,
    challenge_id: Key,
    company_id: Key,
    created_at: At,
    saved_by_id: Key,
    saved_at: At,
    version: i32,
}

impl From<&BidDraft> for Row {
    fn from(draft: &BidDraft) -> Self {
        Self {
            id: Key::of(draft.id),
            challenge_id: Key::of(draft.challenge),
            company_id: Key::of(draft.company),
            created_at: At(draft.created_at),
            saved_by_id: Key::of(draft.saved_by),
            saved_at: At(draft.saved_at),
            version: draft.version,
        }
    }
}

impl From<Row> for BidDraft {
    fn from(row: Row) -> Self {
        Self {
            id: row.id.id(),
            challenge: row.challenge_id.id(),
            company: row.company_id.id(),
            created_at: row.created_at.0,
            saved_by: row.saved_by_id.id(),
            saved_at: row.saved_at.0,
            version: row.version,
        }
    }
}

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = bid_draft_saves, primary_key(draft_id, number))]
struct SaveRow {
    draft_id: Key,
    number: i32,
    saved_by_id: Key,
    begun_at: At,
    saved_at: At,
    version: i32,
}

impl SaveRow {
    fn of(draft: BidDraftId, save: &DraftSave) -> Self {
        Self {
            draft_id: Key::of(draft),
            number: save.number,
            saved_by_id: Key::of(save.by),
            begun_at: At(save.begun_at),
            saved_at: At(save.saved_at),
            version: save.version,
        }
    }
}

impl From<SaveRow> for DraftSave {
    fn from(row: SaveRow) -> Self {
        Self {
            number: row.number,
            by: row.saved_by_id.id(),
            begun_at: row.begun_at.0,
            saved_at: row.saved_at.0,
            version: row.version,
        }
    }
}
