//! Bids.

use crate::{
    Conn, Error, Result,
    challenges::money,
    connection::AnyConnection,
    schema::bids,
    sql_types::{At, Json, Key, at, instant},
};
use diesel::prelude::*;
use domain::{
    Bid, BidId, BidStatus, ChallengeId, OrganisationId,
    bid::{BidStage, Particulars, PriceOffer, QualityOffer, Step},
};
use serde::{Deserialize, Serialize};

/// Adds a bid. Names the constraint that a company has one live bid, if it has one already, and leaves the transaction
/// sound: that the attempt was refused is stored in it.
pub fn insert(conn: &mut Conn, bid: &Bid) -> Result<()> {
    let insert = diesel::insert_into(bids::table);
    let inserted = match &mut conn.db {
        AnyConnection::Postgres(pg) => insert.values(Row::from(bid)).on_conflict_do_nothing().execute(pg)?,
        AnyConnection::Sqlite(sqlite) => insert.values(Row::from(bid)).on_conflict_do_nothing().execute(sqlite)?,
    };
    if inserted == 1 { Ok(()) } else { Err(Error::Duplicate("bids_challenge_id_company_id_stage_key".to_owned())) }
}

/// The bid with this id.
pub fn find(conn: &mut Conn, id: BidId) -> Result<Bid> {
    bids::table.find(Key::of(id)).select(Row::as_select()).first(&mut conn.db)?.try_into()
}

/// The bid with this id, for a change.
pub fn lock(conn: &mut Conn, id: BidId) -> Result<Bid> {
    let row: Row = match &mut conn.db {
        AnyConnection::Postgres(pg) => bids::table.find(Key::of(id)).for_update().select(Row::as_select()).first(pg)?,
        AnyConnection::Sqlite(sqlite) => bids::table.find(Key::of(id)).select(Row::as_select()).first(sqlite)?,
    };
    row.try_into()
}

/// The offer of a company in a challenge's box, if there is one that is not withdrawn.
pub fn live(conn: &mut Conn, challenge: ChallengeId, company: OrganisationId) -> Result<Option<BidId>> {
    let live = bids::table
        .filter(bids::challenge_id.eq(Key::of(challenge)))
        .filter(bids::company_id.eq(Key::of(company)))
        .filter(bids::stage.eq(BidStage::Offer.as_str()))
        .filter(bids::status.ne(BidStatus::Withdrawn.as_str()));
    let id: Option<Key> = live.select(bids::id).first(&mut conn.db).optional()?;
    Ok(id.map(Key::id))
}

/// All offers in a challenge's box, withdrawn ones left out, in the order of their receipt.
pub fn of_challenge(conn: &mut Conn, challenge: ChallengeId) -> Result<Vec<Bid>> {
    of_stage(conn, challenge, BidStage::Offer)
}

/// The live unpriced solution of a company, if it handed in one.
pub fn solution_of(conn: &mut Conn, challenge: ChallengeId, company: OrganisationId) -> Result<Option<Bid>> {
    let found = bids::table
        .filter(bids::challenge_id.eq(Key::of(challenge)))
        .filter(bids::company_id.eq(Key::of(company)))
        .filter(bids::stage.eq(BidStage::Solution.as_str()))
        .filter(bids::status.ne(BidStatus::Withdrawn.as_str()));
    found.select(Row::as_select()).first(&mut conn.db).optional()?.map(TryInto::try_into).transpose()
}

/// All bids of one stage in a challenge's box, withdrawn ones left out, in the order of their receipt.
pub fn of_stage(conn: &mut Conn, challenge: ChallengeId, stage: BidStage) -> Result<Vec<Bid>> {
    let rows = bids::table
        .filter(bids::challenge_id.eq(Key::of(challenge)))
        .filter(bids::stage.eq(stage.as_str()))
        .filter(bids::status.ne(BidStatus::Withdrawn.as_str()))
        .order((bids::submitted_at, bids::id))
        .select(Row::as_select())
        .load(&mut conn.db)?;
    rows.into_iter().map(TryInto::try_into).collect()
}

/// One page of the bids of one stage in a challenge's box, withdrawn ones left out, in the order of their first submission.
pub fn page_of_challenge(
    conn: &mut Conn,
    challenge: ChallengeId,
    stage: BidStage,
    after: Option<BidId>,
    limit: i64,
) -> Result<Vec<Bid>> {
    let mut query = bids::table
        .filter(bids::challenge_id.eq(Key::of(challenge)))
        .filter(bids::stage.eq(stage.as_str()))
        .filter(bids::status.ne(BidStatus::Withdrawn.as_str()))
        .order(bids::id)
        .select(Row::as_select())
        .limit(limit)
        .into_boxed();
    if let Some(after) = after {
        query = query.filter(bids::id.gt(Key::of(after)));
    }
    query.load(&mut conn.db)?.into_iter().map(TryInto::try_into).collect()
}

/// One page of the bids of some companies, the newest first.
pub fn page_of_companies(
    conn: &mut Conn,
    companies: &[OrganisationId],
    after: Option<BidId>,
    limit: i64,
) -> Result<Vec<Bid>> {
    let keys: Vec<_> = companies.iter().map(|id| Key::of(*id)).collect();
    let mut query = bids::table
        .filter(bids::company_id.eq_any(keys))
        .order(bids::id.desc())
        .select(Row::as_select())
        .limit(limit)
        .into_boxed();
    if let Some(after) = after {
        query = query.filter(bids::id.lt(Key::of(after)));
    }
    query.load(&mut conn.db)?.into_iter().map(TryInto::try_into).collect()
}

/// Saves a changed bid, unless somebody else changed it first.
pub fn update(conn: &mut Conn, bid: &mut Bid) -> Result<()> {
    let current = bids::table.find(Key::of(bid.id)).filter(bids::version.eq(bid.version));
    bid.version += 1;
    let changed = diesel::update(current).set(Row::from(&*bid)).execute(&mut conn.db)?;
    if changed == 1 { Ok(()) } else { Err(Error::ConcurrentChange) }
}

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = bids, treat_none_as_null = true, treat_none_as_default_value = false)]
struct Row {
    id: Key,
    challenge_id: Key,
    company_id: Key,
    status: String,
    revision: i32,
    submitted_at: At,
    submitted_by_id: Key,
    withdrawn_at: Option<At>,
    disqualification_code: Option<String>,
    disqualification_reason: Option<String>,
    version: i32,
    profile: Option<Json>,
    answered_changes: i32,
    quality: Option<Json>,
    price: Option<Json>,
    stage: String,
    shortlist_reason: Option<String>,
}

/// What was in a quality envelope.
#[derive(Serialize, Deserialize)]
struct QualityDocument {
    solution: String,
    steps: Vec<StepDocument>,
    #[serde(default)]
    particulars: Particulars,
}

#[derive(Serialize, Deserialize)]
struct StepDocument {
    title: String,
    due_week: i32,
}

/// What was in a price envelope; amounts in minor units of the currency.
#[derive(Serialize, Deserialize)]
struct PriceDocument {
    currency: String,
    total: i64,
    amounts: Vec<i64>,
}

impl From<&QualityOffer> for QualityDocument {
    fn from(offer: &QualityOffer) -> Self {
        let step = |step: &Step| StepDocument { title: step.title.clone(), due_week: step.due_week };
        let steps = offer.steps.iter().map(step).collect();
        Self { solution: offer.solution.clone(), steps, particulars: offer.particulars.clone() }
    }
}

impl From<QualityDocument> for QualityOffer {
    fn from(document: QualityDocument) -> Self {
        let step = |step: StepDocument| Step { title: step.title, due_week: step.due_week };
        let steps = document.steps.into_iter().map(step).collect();
        Self { solution: document.solution, steps, particulars: document.particulars }
    }
}

impl From<&PriceOffer> for PriceDocument {
    fn from(offer: &PriceOffer) -> Self {
        Self {
            currency: offer.total.currency().code().to_owned(),
            total: offer.total.minor(),
            amounts: offer.amounts.iter().map(|amount| amount.minor()).collect(),
        }
    }
}

impl TryFrom<PriceDocument> for PriceOffer {
    type Error = Error;

    fn try_from(document: PriceDocument) -> Result<Self> {
        let PriceDocument { currency, total, amounts } = document;
        let amounts = amounts.into_iter().map(|amount| money(amount, &currency)).collect::<Result<_>>()?;
        Ok(Self { total: money(total, &currency)?, amounts })
    }
}

impl From<&Bid> for Row {
    fn from(bid: &Bid) -> Self {
        Self {
            id: Key::of(bid.id),
            challenge_id: Key::of(bid.challenge),
            company_id: Key::of(bid.company),
            status: bid.status.as_str().to_owned(),
            revision: bid.revision,
            submitted_at: At(bid.submitted_at),
            submitted_by_id: Key::of(bid.submitted_by),
            withdrawn_at: at(bid.withdrawn_at),
            disqualification_code: bid.disqualification_code.clone(),
            disqualification_reason: bid.disqualification_reason.clone(),
            version: bid.version,
            profile: bid.profile.as_ref().map(Json::of),
            answered_changes: bid.answered_changes,
            quality: bid.quality.as_ref().map(|offer| Json::of(&QualityDocument::from(offer))),
            price: bid.price.as_ref().map(|offer| Json::of(&PriceDocument::from(offer))),
            stage: bid.stage.as_str().to_owned(),
            shortlist_reason: bid.shortlist_reason.clone(),
        }
    }
}

impl TryFrom<Row> for Bid {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self> {
        let quality = row.quality.map(Json::read::<QualityDocument>).transpose()?;
        let price = row.price.map(Json::read::<PriceDocument>).transpose()?;
        Ok(Self {
            id: row.id.id(),
            challenge: row.challenge_id.id(),
            company: row.company_id.id(),
            stage: BidStage::parse(&row.stage).ok_or_else(|| Error::corrupt("stage of a bid", &row.stage))?,
            status: BidStatus::parse(&row.status).ok_or_else(|| Error::corrupt("bid status", &row.status))?,
            quality: quality.map(Into::into),
            price: price.map(TryInto::try_into).transpose()?,
            revision: row.revision,
            submitted_at: row.submitted_at.0,
            submitted_by: row.submitted_by_id.id(),
            withdrawn_at: instant(row.withdrawn_at),
            disqualification_code: row.disqualification_code,
            disqualification_reason: row.disqualification_reason,
            version: row.version,
            profile: row.profile.map(Json::read).transpose()?,
            answered_changes: row.answered_changes,
            shortlist_reason: row.shortlist_reason,
        })
    }
}
