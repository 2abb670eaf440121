//! The sealed envelopes of bids, and the shares that holders bring to open them.

use crate::{
    Conn, Error, Result,
    schema::{bid_envelopes, bids, posted_shares},
    sql_types::{At, Json, Key},
};
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use domain::{
    BidId, BidStatus, ChallengeId, EnvelopeId,
    opening::{EnvelopeFailure, EnvelopeKind, SealedBy},
};

/// A sealed envelope, without its larger parts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Envelope {
    /// Its id.
    pub id: EnvelopeId,
    /// Of which bid.
    pub bid: BidId,
    /// Of which revision of it.
    pub revision: i32,
    /// Solution, quality or price.
    pub kind: EnvelopeKind,
    /// Who sealed it.
    pub sealed_by: SealedBy,
    /// The hash of its manifest, which names the whole envelope.
    pub sha256: String,
    /// The key for its bidder's own use, encrypted for a key that the bidder named.
    pub recovery: Option<String>,
    /// When the committee opened it.
    pub opened_at: Option<DateTime<Utc>>,
    /// Why that gave nothing.
    pub failure: Option<EnvelopeFailure>,
}

/// The parts of an envelope.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parts {
    /// What tells it from every other.
    pub nonce: String,
    /// The manifest, as JSON.
    pub manifest: String,
    /// The encrypted content.
    pub content: Vec<u8>,
    /// The encrypted shares in the order of the holders, in Base64.
    pub share_files: Vec<String>,
}

/// A share file that waits for its holder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShareFile {
    /// The envelope.
    pub envelope: EnvelopeId,
    /// Of which bid.
    pub bid: BidId,
    /// The encrypted share, in Base64.
    pub file: String,
}

/// Stores an envelope.
pub fn insert(conn: &mut Conn, challenge: ChallengeId, envelope: &Envelope, parts: &Parts) -> Result<()> {
    let row = (
        Row::from(envelope),
        bid_envelopes::challenge_id.eq(Key::of(challenge)),
        bid_envelopes::nonce.eq(&parts.nonce),
        bid_envelopes::manifest.eq(&parts.manifest),
        bid_envelopes::content.eq(&parts.content),
        bid_envelopes::share_files.eq(Json::of(&parts.share_files)),
    );
    diesel::insert_into(bid_envelopes::table).values(row).execute(&mut conn.db)?;
    Ok(())
}

/// Whether there is an envelope with one of these nonces already.
pub fn is_known(conn: &mut Conn, nonces: &[String]) -> Result<bool> {
    let known = bid_envelopes::table.filter(bid_envelopes::nonce.eq_any(nonces)).count();
    Ok(known.get_result::<i64>(&mut conn.db)? > 0)
}

/// The envelopes of one revision of a bid, quality first.
pub fn of_bid(conn: &mut Conn, bid: BidId, revision: i32) -> Result<Vec<Envelope>> {
    let found = bid_envelopes::table
        .filter(bid_envelopes::bid_id.eq(Key::of(bid)))
        .filter(bid_envelopes::revision.eq(revision))
        .order(bid_envelopes::kind.desc());
    let rows: Vec<Row> = found.select(Row::as_select()).load(&mut conn.db)?;
    rows.into_iter().map(TryInto::try_into).collect()
}

/// The envelopes of the revisions in force of some bids, quality first.
pub fn of_bids(conn: &mut Conn, bids: &[BidId]) -> Result<Vec<Envelope>> {
    let bids: Vec<_> = bids.iter().map(|bid| Key::of(*bid)).collect();
    let found = bid_envelopes::table
        .inner_join(bids::table.on(bids::id.eq(bid_envelopes::bid_id).and(bids::revision.eq(bid_envelopes::revision))))
        .filter(bid_envelopes::bid_id.eq_any(bids))
        .order(bid_envelopes::kind.desc());
    let rows: Vec<Row> = found.select(Row::as_select()).load(&mut conn.db)?;
    rows.into_iter().map(TryInto::try_into).collect()
}

/// The parts of an envelope.
pub fn parts(conn: &mut Conn, id: EnvelopeId) -> Result<Parts> {
    let columns = (bid_envelopes::nonce, bid_envelopes::manifest, bid_envelopes::content, bid_envelopes::share_files);
    let row: (String, String, Vec<u8>, Json) =
        bid_envelopes::table.find(Key::of(id)).select(columns).first(&mut conn.db)?;
    let (nonce, manifest, content, share_files) = row;
    Ok(Parts { nonce, manifest, content, share_files: share_files.read()? })
}

/// Some of the envelopes of a challenge that are to be opened and are still shut, by their ids: those of the revisions in
/// force, of bids that are in the running.
pub fn shut(
    conn: &mut Conn,
    challenge: ChallengeId,
    kind: EnvelopeKind,
    after: Option<EnvelopeId>,
    limit: i64,
) -> Result<Vec<Envelope>> {
    let mut query = to_open(challenge, kind)
        .filter(bid_envelopes::opened_at.is_null())
        .order(bid_envelopes::id)
        .select(Row::as_select())
        .limit(limit)
        .into_boxed();
    if let Some(after) = after {
        query = query.filter(bid_envelopes::id.gt(Key::of(after)));
    }
    query.load::<Row>(&mut conn.db)?.into_iter().map(TryInto::try_into).collect()
}

/// Some of a holder's share files of the same envelopes.
pub fn share_files(
    conn: &mut Conn,
    challenge: ChallengeId,
    kind: EnvelopeKind,
    index: u8,
    after: Option<EnvelopeId>,
    limit: i64,
) -> Result<Vec<ShareFile>> {
    let mut query = to_open(challenge, kind)
        .order(bid_envelopes::id)
        .select((bid_envelopes::id, bid_envelopes::bid_id, bid_envelopes::share_files))
        .limit(limit)
        .into_boxed();
    if let Some(after) = after {
        query = query.filter(bid_envelopes::id.gt(Key::of(after)));
    }
    let rows: Vec<(Key, Key, Json)> = query.load(&mut conn.db)?;
    let file = |(id, bid, files): (Key, Key, Json)| {
        let mut files: Vec<String> = files.read()?;
        let place = usize::from(index).wrapping_sub(1);
        if place >= files.len() {
            return Err(Error::corrupt("index of a holder", index.to_string()));
        }
        Ok(ShareFile { envelope: id.id(), bid: bid.id(), file: files.swap_remove(place) })
    };
    rows.into_iter().map(file).collect()
}

/// What is written on the envelopes that have these nonces, among those that are to be opened.
pub fn manifests(
    conn: &mut Conn,
    challenge: ChallengeId,
    kind: EnvelopeKind,
    nonces: &[String],
) -> Result<Vec<(EnvelopeId, String, bool)>> {
    let found = to_open(challenge, kind).filter(bid_envelopes::nonce.eq_any(nonces));
    let columns = (bid_envelopes::id, bid_envelopes::manifest, bid_envelopes::opened_at.is_not_null());
    let rows: Vec<(Key, String, bool)> = found.select(columns).load(&mut conn.db)?;
    Ok(rows.into_iter().map(|(id, manifest, opened)| (id.id(), manifest, opened)).collect())
}

/// Keeps shares that a holder brought. One that is there already stays.
pub fn post(conn: &mut Conn, index: u8, shares: &[(EnvelopeId, String)], now: DateTime<Utc>) -> Result<()> {
    for (envelope, share) in shares {
        let row = (
            posted_shares::envelope_id.eq(Key::of(*envelope)),
            posted_shares::holder_index.eq(i32::from(index)),
            posted_shares::share.eq(share),
            posted_shares::posted_at.eq(At(now)),
        );
        let insert = diesel::insert_into(posted_shares::table).values(row);
        match &mut conn.db {
            crate::connection::AnyConnection::Postgres(pg) => insert.on_conflict_do_nothing().execute(pg)?,
            crate::connection::AnyConnection::Sqlite(sqlite) => insert.on_conflict_do_nothing().execute(sqlite)?,
        };
    }
    Ok(())
}

/// The shares that were brought for an envelope, by the index of their holders.
pub fn posted(conn: &mut Conn, id: EnvelopeId) -> Result<Vec<String>> {
    let shares = posted_shares::table
        .filter(posted_shares::envelope_id.eq(Key::of(id)))
        .order(posted_shares::holder_index)
        .select(posted_shares::share);
    Ok(shares.load(&mut conn.db)?)
}

/// Forgets the shares that were brought for a challenge: nothing of it will be opened any more.
pub fn forget_shares(conn: &mut Conn, challenge: ChallengeId) -> Result<()> {
    let of_challenge = bid_envelopes::table.filter(bid_envelopes::challenge_id.eq(Key::of(challenge)));
    let shares = posted_shares::table.filter(posted_shares::envelope_id.eq_any(of_challenge.select(bid_envelopes::id)));
    diesel::delete(shares).execute(&mut conn.db)?;
    Ok(())
}

/// Whether an envelope was opened.
pub fn is_opened(conn: &mut Conn, id: EnvelopeId) -> Result<bool> {
    let found = bid_envelopes::table.find(Key::of(id)).select(bid_envelopes::opened_at.is_not_null());
    Ok(found.first(&mut conn.db)?)
}

/// Some of the envelopes of a challenge that were opened, by their ids: those of these kinds.
pub fn opened_of_challenge(
    conn: &mut Conn,
    challenge: ChallengeId,
    kinds: &[EnvelopeKind],
    after: Option<EnvelopeId>,
    limit: i64,
) -> Result<Vec<Envelope>> {
    let kinds = kinds.iter().map(|kind| kind.as_str());
    let mut query = bid_envelopes::table
        .filter(bid_envelopes::challenge_id.eq(Key::of(challenge)))
        .filter(bid_envelopes::kind.eq_any(kinds.collect::<Vec<_>>()))
        .filter(bid_envelopes::opened_at.is_not_null())
        .order(bid_envelopes::id)
        .select(Row::as_select())
        .limit(limit)
        .into_boxed();
    if let Some(after) = after {
        query = query.filter(bid_envelopes::id.gt(Key::of(after)));
    }
    query.load::<Row>(&mut conn.db)?.into_iter().map(TryInto::try_into).collect()
}

/// Keeps that an envelope was opened, and why that gave nothing if so. The shares that opened it go.
pub fn opened(conn: &mut Conn, id: EnvelopeId, failure: Option<EnvelopeFailure>, now: DateTime<Utc>) -> Result<()> {
    let row = bid_envelopes::table.find(Key::of(id));
    let told = (
        bid_envelopes::opened_at.eq(Some(At(now))),
        bid_envelopes::failure.eq(failure.map(|failure| failure.as_str().to_owned())),
    );
    diesel::update(row).set(told).execute(&mut conn.db)?;
    diesel::delete(posted_shares::table.filter(posted_shares::envelope_id.eq(Key::of(id)))).execute(&mut conn.db)?;
    Ok(())
}

/// The envelopes of the revisions in force, of bids that are in the running: those in the box for solutions and quality,
/// those that were admitted for prices.
#[diesel::dsl::auto_type]
fn to_open(challenge: ChallengeId, kind: EnvelopeKind) -> _ {
    let challenge: Key = Key::of(challenge);
    let statuses: Vec<&'static str> = in_the_running(kind);
    let kind: &'static str = kind.as_str();
    bid_envelopes::table
        .inner_join(bids::table.on(bids::id.eq(bid_envelopes::bid_id).and(bids::revision.eq(bid_envelopes::revision))))
        .filter(bid_envelopes::challenge_id.eq(challenge))
        .filter(bid_envelopes::kind.eq(kind))
        .filter(bids::status.eq_any(statuses))
}

fn in_the_running(kind: EnvelopeKind) -> Vec<&'static str> {
    match kind {
        EnvelopeKind::Solution | EnvelopeKind::Quality => {
            vec![BidStatus::Submitted.as_str(), BidStatus::Opened.as_str()]
        }
        EnvelopeKind::Price => vec![BidStatus::Admitted.as_str()],
    }
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = bid_envelopes, treat_none_as_default_value = false)]
struct Row {
    id: Key,
    bid_id: Key,
    revision: i32,
    kind: String,
    sealed_by: String,
    sha256: String,
    recovery: Option<String>,
    opened_at: Option<At>,
    failure: Option<String>,
}

impl From<&Envelope> for Row {
    fn from(envelope: &Envelope) -> Self {
        Self {
            id: Key::of(envelope.id),
            bid_id: Key::of(envelope.bid),
            revision: envelope.revision,
            kind: envelope.kind.as_str().to_owned(),
            sealed_by: envelope.sealed_by.as_str().to_owned(),
            sha256: envelope.sha256.clone(),
            recovery: envelope.recovery.clone(),
            opened_at: envelope.opened_at.map(At),
            failure: envelope.failure.map(|failure| failure.as_str().to_owned()),
        }
    }
}

impl TryFrom<Row> for Envelope {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self> {
        let failure = |code: String| EnvelopeFailure::parse(&code).ok_or_else(|| Error::corrupt("failure", code));
        Ok(Self {
            id: row.id.id(),
            bid: row.bid_id.id(),
            revision: row.revision,
            kind: EnvelopeKind::parse(&row.kind).ok_or_else(|| Error::corrupt("kind of envelope", &row.kind))?,
            sealed_by: SealedBy::parse(&row.sealed_by).ok_or_else(|| Error::corrupt("sealer", &row.sealed_by))?,
            sha256: row.sha256,
            recovery: row.recovery,
            opened_at: row.opened_at.map(|at| at.0),
            failure: row.failure.map(failure).transpose()?,
        })
    }
}
