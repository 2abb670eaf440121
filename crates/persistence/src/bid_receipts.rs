//! Signed receipts, and the public keys with which anybody checks them.

use crate::{
    Conn, Result,
    connection::AnyConnection,
    schema::{bid_receipts, receipt_keys},
    sql_types::{At, Key},
};
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use domain::{BidId, ChallengeId, EventId, OrganisationId, ReceiptId};

/// A receipt as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BidReceipt {
    /// Its id.
    pub id: ReceiptId,
    /// The challenge.
    pub challenge: ChallengeId,
    /// The company, whose receipt it is.
    pub company: OrganisationId,
    /// The bid; none if a first submission was refused.
    pub bid: Option<BidId>,
    /// The event that tells the same.
    pub event: EventId,
    /// The key that signed it.
    pub key: String,
    /// The time of receipt.
    pub received_at: DateTime<Utc>,
    /// Whether what the company tried was refused.
    pub refused: bool,
    /// What is signed, letter for letter.
    pub payload: String,
    /// The signature, in base64.
    pub signature: String,
}

/// A public key as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReceiptKey {
    /// Its name.
    pub id: String,
    /// The key, in base64.
    pub public_key: String,
    /// Since when receipts have been signed with it.
    pub introduced_at: DateTime<Utc>,
}

/// Adds a receipt, in the transaction of what it tells.
pub fn insert(conn: &mut Conn, receipt: &BidReceipt) -> Result<()> {
    diesel::insert_into(bid_receipts::table).values(Row::from(receipt)).execute(&mut conn.db)?;
    Ok(())
}

/// The receipt with this id.
pub fn find(conn: &mut Conn, id: ReceiptId) -> Result<BidReceipt> {
    let row: Row = bid_receipts::table.find(Key::of(id)).select(Row::as_select()).first(&mut conn.db)?;
    Ok(row.into())
}

/// Whose receipts are listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Of<'a> {
    /// Those of a bid.
    Bid(BidId),
    /// Those of some companies.
    Companies(&'a [OrganisationId]),
}

/// One page of receipts, the newest first.
pub fn page(conn: &mut Conn, of: Of<'_>, after: Option<ReceiptId>, limit: i64) -> Result<Vec<BidReceipt>> {
    let mut query =
        bid_receipts::table.order(bid_receipts::id.desc()).select(Row::as_select()).limit(limit).into_boxed();
    query = match of {
        Of::Bid(bid) => query.filter(bid_receipts::bid_id.eq(Key::of(bid))),
        Of::Companies(companies) => {
            let keys: Vec<_> = companies.iter().map(|id| Key::of(*id)).collect();
            query.filter(bid_receipts::company_id.eq_any(keys))
        }
    };
    if let Some(after) = after {
        query = query.filter(bid_receipts::id.lt(Key::of(after)));
    }
    let rows: Vec<Row> = query.load(&mut conn.db)?;
    Ok(rows.into_iter().map(Into::into).collect())
}

/// The receipt for what was last done with each of these bids; what was refused is left out.
pub fn last_of_bids(conn: &mut Conn, bids: &[BidId]) -> Result<Vec<(BidId, ReceiptId)>> {
    let keys: Vec<_> = bids.iter().map(|id| Key::of(*id)).collect();
    let rows: Vec<(Option<Key>, Key)> = bid_receipts::table
        .filter(bid_receipts::bid_id.eq_any(keys))
        .filter(bid_receipts::refused.eq(false))
        .order(bid_receipts::id.desc())
        .select((bid_receipts::bid_id, bid_receipts::id))
        .load(&mut conn.db)?;
    let mut last: Vec<(BidId, ReceiptId)> = Vec::new();
    for (bid, receipt) in rows.into_iter().filter_map(|(bid, receipt)| Some((bid?.id(), receipt.id()))) {
        if last.iter().all(|(known, _)| *known != bid) {
            last.push((bid, receipt));
        }
    }
    Ok(last)
}

/// Keeps a public key, unless somebody else was faster.
pub fn introduce_key(conn: &mut Conn, id: &str, public_key: &str, now: DateTime<Utc>) -> Result<()> {
    let row = KeyRow { id: id.to_owned(), public_key: public_key.to_owned(), introduced_at: At(now) };
    let insert = diesel::insert_into(receipt_keys::table);
    match &mut conn.db {
        AnyConnection::Postgres(pg) => insert.values(row).on_conflict_do_nothing().execute(pg)?,
        AnyConnection::Sqlite(sqlite) => insert.values(row).on_conflict_do_nothing().execute(sqlite)?,
    };
    Ok(())
}

/// The public key of this name.
pub fn find_key(conn: &mut Conn, id: &str) -> Result<Option<ReceiptKey>> {
    let row: Option<KeyRow> =
        receipt_keys::table.find(id).select(KeyRow::as_select()).first(&mut conn.db).optional()?;
    Ok(row.map(Into::into))
}

/// The newest public keys, the newest first. Keys are changed by hand, so there are few.
pub fn keys(conn: &mut Conn, limit: i64) -> Result<Vec<ReceiptKey>> {
    let rows: Vec<KeyRow> = receipt_keys::table
        .order((receipt_keys::introduced_at.desc(), receipt_keys::id))
        .select(KeyRow::as_select())
        .limit(limit)
        .load(&mut conn.db)?;
    Ok(rows.into_iter().map(Into::into).collect())
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = bid_receipts, treat_none_as_default_value = false)]
struct Row {
    id: Key,
    challenge_id: Key,
    company_id: Key,
    bid_id: Option<Key>,
    event_id: Key,
    key_id: String,
    received_at: At,
    refused: bool,
    payload: String,
    signature: String,
}

impl From<&BidReceipt> for Row {
    fn from(receipt: &BidReceipt) -> Self {
        Self {
            id: Key::of(receipt.id),
            challenge_id: Key::of(receipt.challenge),
            company_id: Key::of(receipt.company),
            bid_id: receipt.bid.map(Key::of),
            event_id: Key::of(receipt.event),
            key_id: receipt.key.clone(),
            received_at: At(receipt.received_at),
            refused: receipt.refused,
            payload: receipt.payload.clone(),
            signature: receipt.signature.clone(),
        }
    }
}

impl From<Row> for BidReceipt {
    fn from(row: Row) -> Self {
        Self {
            id: row.id.id(),
            challenge: row.challenge_id.id(),
            company: row.company_id.id(),
            bid: row.bid_id.map(Key::id),
            event: row.event_id.id(),
            key: row.key_id,
            received_at: row.received_at.0,
            refused: row.refused,
            payload: row.payload,
            signature: row.signature,
        }
    }
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = receipt_keys)]
struct KeyRow {
    id: String,
    public_key: String,
    introduced_at: At,
}

impl From<KeyRow> for ReceiptKey {
    fn from(row: KeyRow) -> Self {
        Self { id: row.id, public_key: row.public_key, introduced_at: row.introduced_at.0 }
    }
}
