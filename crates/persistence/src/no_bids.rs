//! Why companies do not bid.

use crate::{
    Conn, Error, Result,
    connection::AnyConnection,
    members::lock_organisation,
    schema::no_bids,
    sql_types::{At, Key},
};
use diesel::{dsl::count_star, prelude::*};
use domain::{
    ChallengeId, NoBid, NoBidId, OrganisationId,
    no_bid::{NoBidReason, Said},
};

/// Holds the company's row until the transaction ends: a bid of the company, which refers to it, waits, and one that was
/// faster is seen.
pub fn lock_company(conn: &mut Conn, company: OrganisationId) -> Result<()> {
    lock_organisation(conn, company)
}

/// Adds one.
pub fn insert(conn: &mut Conn, no_bid: &NoBid) -> Result<()> {
    diesel::insert_into(no_bids::table).values(Row::from(no_bid)).execute(&mut conn.db)?;
    Ok(())
}

/// The one with this id.
pub fn find(conn: &mut Conn, id: NoBidId) -> Result<NoBid> {
    no_bids::table.find(Key::of(id)).select(Row::as_select()).first(&mut conn.db)?.try_into()
}

/// The one with this id, for a change.
pub fn lock(conn: &mut Conn, id: NoBidId) -> Result<NoBid> {
    let row = no_bids::table.find(Key::of(id));
    let row: Row = match &mut conn.db {
        AnyConnection::Postgres(pg) => row.for_update().select(Row::as_select()).first(pg)?,
        AnyConnection::Sqlite(sqlite) => row.select(Row::as_select()).first(sqlite)?,
    };
    row.try_into()
}

/// One page of a company's, the newest first.
pub fn page_of_company(
    conn: &mut Conn,
    company: OrganisationId,
    after: Option<NoBidId>,
    limit: i64,
) -> Result<Vec<NoBid>> {
    let mut query = no_bids::table
        .filter(no_bids::company_id.eq(Key::of(company)))
        .order(no_bids::id.desc())
        .select(Row::as_select())
        .limit(limit)
        .into_boxed();
    if let Some(after) = after {
        query = query.filter(no_bids::id.lt(Key::of(after)));
    }
    let rows: Vec<Row> = query.load(&mut conn.db)?;
    rows.into_iter().map(TryInto::try_into).collect()
}

/// Saves a changed one, unless somebody else changed it first.
pub fn update(conn: &mut Conn, no_bid: &mut NoBid) -> Result<()> {
    let current = no_bids::table.find(Key::of(no_bid.id)).filter(no_bids::version.eq(no_bid.version));
    no_bid.version += 1;
    let changed = diesel::update(current).set(Row::from(&*no_bid)).execute(&mut conn.db)?;
    if changed == 1 { Ok(()) } else { Err(Error::ConcurrentChange) }
}

/// Removes one.
pub fn delete(conn: &mut Conn, id: NoBidId) -> Result<()> {
    diesel::delete(no_bids::table.find(Key::of(id))).execute(&mut conn.db)?;
    Ok(())
}

/// What a company said about a challenge, if it did; removed.
pub fn take(conn: &mut Conn, challenge: ChallengeId, company: OrganisationId) -> Result<Option<NoBid>> {
    let said = no_bids::table
        .filter(no_bids::challenge_id.eq(Key::of(challenge)))
        .filter(no_bids::company_id.eq(Key::of(company)))
        .select(Row::as_select());
    let row: Option<Row> = said.first(&mut conn.db).optional()?;
    if let Some(row) = &row {
        diesel::delete(no_bids::table.find(row.id)).execute(&mut conn.db)?;
    }
    row.map(TryInto::try_into).transpose()
}

/// How many companies gave which reason.
pub fn counts(conn: &mut Conn, challenge: ChallengeId) -> Result<Vec<(NoBidReason, i64)>> {
    let rows: Vec<(String, i64)> = no_bids::table
        .filter(no_bids::challenge_id.eq(Key::of(challenge)))
        .group_by(no_bids::reason)
        .select((no_bids::reason, count_star()))
        .load(&mut conn.db)?;
    rows.into_iter().map(|(reason, companies)| Ok((parse(&reason)?, companies))).collect()
}

/// Some of the comments that the agency may read, each with its place.
pub fn shared_comments(
    conn: &mut Conn,
    challenge: ChallengeId,
    after: Option<i64>,
    limit: i64,
) -> Result<Vec<(i64, String)>> {
    let mut query = no_bids::table
        .filter(no_bids::challenge_id.eq(Key::of(challenge)))
        .filter(no_bids::shared.eq(true))
        .order(no_bids::place)
        .select((no_bids::place, no_bids::comment.assume_not_null()))
        .limit(limit)
        .into_boxed();
    if let Some(after) = after {
        query = query.filter(no_bids::place.gt(after));
    }
    Ok(query.load(&mut conn.db)?)
}

fn parse(reason: &str) -> Result<NoBidReason> {
    NoBidReason::parse(reason).ok_or_else(|| Error::corrupt("reason for not bidding", reason))
}

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = no_bids, treat_none_as_null = true)]
struct Row {
    id: Key,
    challenge_id: Key,
    company_id: Key,
    reason: String,
    comment: Option<String>,
    shared: bool,
    place: i64,
    created_at: At,
    changed_at: At,
    version: i32,
}

impl From<&NoBid> for Row {
    fn from(no_bid: &NoBid) -> Self {
        Self {
            id: Key::of(no_bid.id),
            challenge_id: Key::of(no_bid.challenge),
            company_id: Key::of(no_bid.company),
            reason: no_bid.said.reason.as_str().to_owned(),
            comment: no_bid.said.comment.clone(),
            shared: no_bid.said.shared,
            place: no_bid.place(),
            created_at: At(no_bid.created_at),
            changed_at: At(no_bid.changed_at),
            version: no_bid.version,
        }
    }
}

impl TryFrom<Row> for NoBid {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self> {
        let said = Said { reason: parse(&row.reason)?, comment: row.comment, shared: row.shared };
        Ok(Self {
            id: row.id.id(),
            challenge: row.challenge_id.id(),
            company: row.company_id.id(),
            said,
            created_at: row.created_at.0,
            changed_at: row.changed_at.0,
            version: row.version,
        })
    }
}
