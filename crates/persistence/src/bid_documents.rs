//! Documents of bids: what is known of them without opening them.

use crate::{
    Conn, Error, Result, Scope,
    challenges::taking_bids,
    connection::AnyConnection,
    schema::{bid_documents, bid_documents::dsl, bid_drafts, bids, challenges},
    scope::in_scope,
    sql_types::{At, Key, at, instant},
};
use chrono::{DateTime, Utc};
use diesel::{
    dsl::{exists, not},
    prelude::*,
};
use domain::{
    Bid, BidDocumentId, BidStatus, ChallengeId, OrganisationId,
    bid::{BidDocument, DocumentDamage},
};

/// Adds a document.
pub fn insert(conn: &mut Conn, document: &BidDocument) -> Result<()> {
    diesel::insert_into(bid_documents::table).values(Row::from(document)).execute(&mut conn.db)?;
    Ok(())
}

/// The document with this id.
pub fn find(conn: &mut Conn, id: BidDocumentId) -> Result<BidDocument> {
    bid_documents::table.find(Key::of(id)).select(Row::as_select()).first(&mut conn.db)?.try_into()
}

/// The document with this id, for a change; none if it is gone.
pub fn lock(conn: &mut Conn, id: BidDocumentId) -> Result<Option<BidDocument>> {
    let found = bid_documents::table.find(Key::of(id));
    let row: Option<Row> = match &mut conn.db {
        AnyConnection::Postgres(pg) => found.for_update().select(Row::as_select()).first(pg).optional()?,
        AnyConnection::Sqlite(sqlite) => found.select(Row::as_select()).first(sqlite).optional()?,
    };
    row.map(TryInto::try_into).transpose()
}

/// Saves a changed document, which must have been locked.
pub fn update(conn: &mut Conn, document: &BidDocument) -> Result<()> {
    diesel::update(bid_documents::table.find(Key::of(document.id))).set(Row::from(document)).execute(&mut conn.db)?;
    Ok(())
}

/// Removes a document.
pub fn delete(conn: &mut Conn, id: BidDocumentId) -> Result<()> {
    diesel::delete(bid_documents::table.find(Key::of(id))).execute(&mut conn.db)?;
    Ok(())
}

/// How many documents a company has for a challenge, those on their way included.
pub fn count(conn: &mut Conn, challenge: ChallengeId, company: OrganisationId) -> Result<usize> {
    let own = bid_documents::table
        .filter(dsl::company_id.eq(Key::of(company)))
        .filter(dsl::challenge_id.eq(Key::of(challenge)));
    let count: i64 = own.count().get_result(&mut conn.db)?;
    Ok(usize::try_from(count).unwrap_or(usize::MAX))
}

/// The documents that some companies have handed in for a challenge, the oldest first.
pub fn of_companies(conn: &mut Conn, challenge: ChallengeId, companies: &[OrganisationId]) -> Result<Vec<BidDocument>> {
    let keys: Vec<_> = companies.iter().map(|id| Key::of(*id)).collect();
    let rows: Vec<Row> = bid_documents::table
        .filter(dsl::company_id.eq_any(keys))
        .filter(dsl::challenge_id.eq(Key::of(challenge)))
        .filter(dsl::received_at.is_not_null())
        .order(dsl::id)
        .select(Row::as_select())
        .load(&mut conn.db)?;
    all(rows)
}

/// The documents that a company has handed in for a challenge, while a bid that refers to them is decided: nobody takes one of
/// them away meanwhile.
pub fn hold(conn: &mut Conn, challenge: ChallengeId, company: OrganisationId) -> Result<Vec<BidDocument>> {
    let own = bid_documents::table
        .filter(dsl::company_id.eq(Key::of(company)))
        .filter(dsl::challenge_id.eq(Key::of(challenge)))
        .filter(dsl::received_at.is_not_null())
        .order(dsl::id);
    let rows: Vec<Row> = match &mut conn.db {
        AnyConnection::Postgres(pg) => own.for_share().select(Row::as_select()).load(pg)?,
        AnyConnection::Sqlite(sqlite) => own.select(Row::as_select()).load(sqlite)?,
    };
    all(rows)
}

/// The documents that the companies of some bids have handed in for their challenges: all that these bids may refer to.
pub fn of_bids(conn: &mut Conn, bids: &[Bid]) -> Result<Vec<BidDocument>> {
    let companies: Vec<_> = bids.iter().map(|bid| Key::of(bid.company)).collect();
    let challenges: Vec<_> = bids.iter().map(|bid| Key::of(bid.challenge)).collect();
    let rows: Vec<Row> = bid_documents::table
        .filter(dsl::company_id.eq_any(companies))
        .filter(dsl::challenge_id.eq_any(challenges))
        .filter(dsl::received_at.is_not_null())
        .order(dsl::id)
        .select(Row::as_select())
        .load(&mut conn.db)?;
    all(rows)
}

/// The document that has this content.
pub fn with_content(conn: &mut Conn, sha256: &str) -> Result<Option<BidDocument>> {
    let row: Option<Row> = bid_documents::table
        .filter(dsl::sha256.eq(sha256))
        .order(dsl::id)
        .select(Row::as_select())
        .first(&mut conn.db)
        .optional()?;
    row.map(TryInto::try_into).transpose()
}

/// Some documents of challenges that were opened which nobody has looked at, after this one.
pub fn unexamined(conn: &mut Conn, after: Option<BidDocumentId>, limit: i64) -> Result<Vec<BidDocument>> {
    let mut query = bid_documents::table
        .inner_join(challenges::table.on(challenges::id.eq(dsl::challenge_id)))
        .filter(dsl::examined_at.is_null())
        .filter(dsl::received_at.is_not_null())
        .filter(challenges::opened_at.is_not_null())
        .order(dsl::id)
        .limit(limit)
        .select(Row::as_select())
        .into_boxed();
    if let Some(after) = after {
        query = query.filter(dsl::id.gt(Key::of(after)));
    }
    all(query.load(&mut conn.db)?)
}

/// Some documents that began to arrive before an instant, and never did.
pub fn stuck(conn: &mut Conn, before: DateTime<Utc>, limit: i64) -> Result<Vec<BidDocument>> {
    let rows: Vec<Row> = bid_documents::table
        .filter(dsl::examined_at.is_null())
        .filter(dsl::received_at.is_null())
        .filter(dsl::created_at.lt(At(before)))
        .order(dsl::id)
        .limit(limit)
        .select(Row::as_select())
        .load(&mut conn.db)?;
    all(rows)
}

/// Some documents of challenges that ended before an instant without an opening, or that were closed before it, without a bid or
/// draft of their company that may refer to them.
pub fn over(conn: &mut Conn, scope: Scope, before: DateTime<Utc>, limit: i64) -> Result<Vec<BidDocument>> {
    let (before, ended) = (At(before), challenges::ended_at);
    let live = bids::table
        .filter(bids::challenge_id.eq(dsl::challenge_id))
        .filter(bids::company_id.eq(dsl::company_id))
        .filter(bids::status.ne(BidStatus::Withdrawn.as_str()));
    let draft = bid_drafts::table
        .filter(bid_drafts::challenge_id.eq(dsl::challenge_id))
        .filter(bid_drafts::company_id.eq(dsl::company_id));
    let query = bid_documents::table
        .inner_join(challenges::table.on(challenges::id.eq(dsl::challenge_id)))
        .filter(dsl::examined_at.is_null())
        .filter(challenges::opened_at.is_null())
        .filter(challenges::status.ne_all(taking_bids()))
        .filter(ended.lt(before).or(ended.is_null().and(challenges::closed_at.lt(before)).and(not(exists(live)))))
        .filter(not(exists(draft)))
        .order(dsl::id)
        .limit(limit)
        .select(Row::as_select())
        .into_boxed();
    let rows: Vec<Row> = in_scope!(query, scope).load(&mut conn.db)?;
    all(rows)
}

fn all(rows: Vec<Row>) -> Result<Vec<BidDocument>> {
    rows.into_iter().map(TryInto::try_into).collect()
}

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = bid_documents, treat_none_as_null = true)]
struct Row {
    id: Key,
    challenge_id: Key,
    company_id: Key,
    created_at: At,
    size: i64,
    sha256: Option<String>,
    received_at: Option<At>,
    examined_at: Option<At>,
    damage: Option<String>,
}

impl From<&BidDocument> for Row {
    fn from(document: &BidDocument) -> Self {
        Self {
            id: Key::of(document.id),
            challenge_id: Key::of(document.challenge),
            company_id: Key::of(document.company),
            created_at: At(document.created_at),
            size: document.size,
            sha256: document.sha256.clone(),
            received_at: at(document.received_at),
            examined_at: at(document.examined_at),
            damage: document.damage.map(|damage| damage.as_str().to_owned()),
        }
    }
}

impl TryFrom<Row> for BidDocument {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self> {
        let damage = |name: String| DocumentDamage::parse(&name).ok_or_else(|| Error::corrupt("damage", &name));
        Ok(Self {
            id: row.id.id(),
            challenge: row.challenge_id.id(),
            company: row.company_id.id(),
            created_at: row.created_at.0,
            size: row.size,
            sha256: row.sha256,
            received_at: instant(row.received_at),
            examined_at: instant(row.examined_at),
            damage: row.damage.map(damage).transpose()?,
        })
    }
}
