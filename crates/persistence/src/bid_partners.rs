//! The partners that bids name.

use crate::{
    Conn, Error, Result,
    schema::{bid_partners, bids, organisations},
    sql_types::{At, Json, Key, at, instant},
};
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use domain::{
    BidId, BidStatus, ChallengeId, ConsortiumId, OrganisationId,
    bid::BidStage,
    consortium::{NamedPartner, Participation},
};

/// A bid as the partners that it names know of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamingBid {
    /// Which consortium it names.
    pub consortium: ConsortiumId,
    /// The bid.
    pub bid: BidId,
    /// One of the partners that it names.
    pub partner: OrganisationId,
    /// Which composition the partner confirmed for it.
    pub composition: i32,
    /// Where it is in its life.
    pub status: BidStatus,
    /// The revision in force.
    pub revision: i32,
    /// When that revision was received.
    pub submitted_at: DateTime<Utc>,
}

/// Names these partners in a bid, in place of those it named before.
pub fn replace(conn: &mut Conn, bid: BidId, partners: &[NamedPartner]) -> Result<()> {
    let old = bid_partners::table.filter(bid_partners::bid_id.eq(Key::of(bid)));
    diesel::delete(old).execute(&mut conn.db)?;
    insert(conn, bid, partners)
}

/// Names these partners in a bid that names none.
pub fn insert(conn: &mut Conn, bid: BidId, partners: &[NamedPartner]) -> Result<()> {
    for partner in partners {
        diesel::insert_into(bid_partners::table).values(Row::of(bid, partner)).execute(&mut conn.db)?;
    }
    Ok(())
}

/// The partners of some bids, each with its bid, in the order of their ids.
pub fn of_bids(conn: &mut Conn, bids: &[BidId]) -> Result<Vec<(BidId, NamedPartner)>> {
    let keys: Vec<_> = bids.iter().map(|id| Key::of(*id)).collect();
    let rows: Vec<Row> = bid_partners::table
        .filter(bid_partners::bid_id.eq_any(keys))
        .order((bid_partners::bid_id, bid_partners::organisation_id))
        .select(Row::as_select())
        .load(&mut conn.db)?;
    rows.into_iter().map(|row| Ok((row.bid_id.id(), row.try_into()?))).collect()
}

/// The names that the partners of some bids have now: of those who stand by what they confirmed.
pub fn names_of(conn: &mut Conn, bids: &[BidId]) -> Result<Vec<(BidId, OrganisationId, String)>> {
    let keys: Vec<_> = bids.iter().map(|id| Key::of(*id)).collect();
    let rows: Vec<(Key, Key, String)> = bid_partners::table
        .inner_join(organisations::table.on(organisations::id.eq(bid_partners::organisation_id)))
        .filter(bid_partners::bid_id.eq_any(keys))
        .filter(bid_partners::taken_back_at.is_null())
        .order((bid_partners::bid_id, bid_partners::organisation_id))
        .select((bid_partners::bid_id, bid_partners::organisation_id, organisations::legal_name))
        .load(&mut conn.db)?;
    Ok(rows.into_iter().map(|(bid, organisation, name)| (bid.id(), organisation.id(), name)).collect())
}

/// The bids that name these consortia, withdrawn ones too, once for each partner; the newest first.
pub fn naming(conn: &mut Conn, consortia: &[ConsortiumId]) -> Result<Vec<NamingBid>> {
    let keys: Vec<_> = consortia.iter().map(|id| Key::of(*id)).collect();
    let rows: Vec<(Key, Key, Key, i32, String, i32, At)> = bid_partners::table
        .inner_join(bids::table.on(bids::id.eq(bid_partners::bid_id)))
        .filter(bid_partners::consortium_id.eq_any(keys))
        .order((bid_partners::bid_id.desc(), bid_partners::organisation_id))
        .select((
            bid_partners::consortium_id,
            bid_partners::bid_id,
            bid_partners::organisation_id,
            bid_partners::composition,
            bids::status,
            bids::revision,
            bids::submitted_at,
        ))
        .load(&mut conn.db)?;
    let read =
        |(consortium, bid, partner, composition, status, revision, at): (Key, Key, Key, i32, String, i32, At)| {
            let status = BidStatus::parse(&status).ok_or_else(|| Error::corrupt("bid status", &status))?;
            let (consortium, bid, partner) = (consortium.id(), bid.id(), partner.id());
            Ok(NamingBid { consortium, bid, partner, composition, status, revision, submitted_at: at.0 })
        };
    rows.into_iter().map(read).collect()
}

/// Notes when a partner took back what it had confirmed for this bid, or that it stands by it again.
pub fn note_taken_back(
    conn: &mut Conn,
    bid: BidId,
    partner: OrganisationId,
    taken_back_at: Option<DateTime<Utc>>,
) -> Result<()> {
    let named = bid_partners::table.find((Key::of(bid), Key::of(partner)));
    diesel::update(named).set(bid_partners::taken_back_at.eq(at(taken_back_at))).execute(&mut conn.db)?;
    Ok(())
}

/// Who takes part in which bid of a challenge, as its company or as a partner; withdrawn bids left out.
pub fn participations(conn: &mut Conn, challenge: ChallengeId) -> Result<Vec<Participation>> {
    let offers = bids::challenge_id.eq(Key::of(challenge)).and(bids::stage.eq(BidStage::Offer.as_str()));
    let live = offers.and(bids::status.ne(BidStatus::Withdrawn.as_str()));
    let companies: Vec<(Key, Key)> =
        bids::table.filter(live).select((bids::company_id, bids::id)).load(&mut conn.db)?;
    let partners: Vec<(Key, Key)> = bid_partners::table
        .inner_join(bids::table.on(bids::id.eq(bid_partners::bid_id)))
        .filter(live)
        .select((bid_partners::organisation_id, bid_partners::bid_id))
        .load(&mut conn.db)?;
    let participation =
        |(organisation, bid): (Key, Key)| Participation { organisation: organisation.id(), bid: bid.id() };
    Ok(companies.into_iter().chain(partners).map(participation).collect())
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = bid_partners)]
struct Row {
    bid_id: Key,
    organisation_id: Key,
    consortium_id: Key,
    composition: i32,
    part: String,
    confirmed_at: At,
    taken_back_at: Option<At>,
    profile: Json,
}

impl Row {
    fn of(bid: BidId, partner: &NamedPartner) -> Self {
        Self {
            bid_id: Key::of(bid),
            organisation_id: Key::of(partner.organisation),
            consortium_id: Key::of(partner.consortium),
            composition: partner.composition,
            part: partner.part.clone(),
            confirmed_at: At(partner.confirmed_at),
            taken_back_at: at(partner.taken_back_at),
            profile: Json::of(&partner.profile),
        }
    }
}

impl TryFrom<Row> for NamedPartner {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self> {
        Ok(Self {
            consortium: row.consortium_id.id(),
            composition: row.composition,
            organisation: row.organisation_id.id(),
            part: row.part,
            confirmed_at: row.confirmed_at.0,
            taken_back_at: instant(row.taken_back_at),
            profile: row.profile.read()?,
        })
    }
}
