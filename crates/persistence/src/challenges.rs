//! Challenges.

use crate::{
    Conn, Error, Result,
    connection::AnyConnection,
    schema::{challenges, organisations},
    sql_types::{At, Json, Key, at, instant},
};
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use domain::{
    Challenge, ChallengeId, ChallengeStatus, CriterionId, Currency, Money, OrganisationId, Procedure,
    challenge::{AwardCriterion, Content, Outcome, ProblemStatement},
    evaluation::{ConsensusMethod, PriceFormula, Score, TieRule, Weight},
};
use serde::{Deserialize, Serialize};

/// What a list shows of a challenge.
#[derive(Debug, Clone, PartialEq)]
pub struct Summary {
    /// Its id.
    pub id: ChallengeId,
    /// Its reference.
    pub reference: String,
    /// Who has the problem.
    pub agency: OrganisationId,
    /// The agency's name.
    pub agency_name: String,
    /// Where it is in its life.
    pub status: ChallengeStatus,
    /// Its title.
    pub title: String,
    /// What it is about.
    pub summary: String,
    /// How it is procured.
    pub procedure: Procedure,
    /// What a pilot may cost.
    pub budget_ceiling: Option<Money>,
    /// Until when bids are taken.
    pub submission_deadline: Option<DateTime<Utc>>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it became public.
    pub published_at: Option<DateTime<Utc>>,
}

/// Where a page of challenges goes on: after this instant (of publication, or of creation) and id, downwards.
pub type After = (DateTime<Utc>, ChallengeId);

/// Adds a challenge.
pub fn insert(conn: &mut Conn, challenge: &Challenge) -> Result<()> {
    diesel::insert_into(challenges::table).values(Row::from(challenge)).execute(&mut conn.db)?;
    Ok(())
}

/// The challenge with this id.
pub fn find(conn: &mut Conn, id: ChallengeId) -> Result<Challenge> {
    challenges::table.find(Key::of(id)).select(Row::as_select()).first(&mut conn.db)?.try_into()
}

/// The challenge with this id, and its agency's name, in one query.
pub fn find_with_agency(conn: &mut Conn, id: ChallengeId) -> Result<(Challenge, String)> {
    let (row, agency): (Row, String) = challenges::table
        .inner_join(organisations::table.on(organisations::id.eq(challenges::agency_id)))
        .filter(challenges::id.eq(Key::of(id)))
        .select((Row::as_select(), organisations::legal_name))
        .first(&mut conn.db)?;
    Ok((row.try_into()?, agency))
}

/// The challenge with this id, for a change: others who want to change it wait. SQLite has one writer anyway.
pub fn lock(conn: &mut Conn, id: ChallengeId) -> Result<Challenge> {
    let row: Row = match &mut conn.db {
        AnyConnection::Postgres(pg) => {
            challenges::table.find(Key::of(id)).for_update().select(Row::as_select()).first(pg)?
        }
        AnyConnection::Sqlite(sqlite) => challenges::table.find(Key::of(id)).select(Row::as_select()).first(sqlite)?,
    };
    row.try_into()
}

diesel::define_sql_function! {
    /// PostgreSQL's exclusive lock on a number, until the transaction ends.
    fn pg_advisory_xact_lock(key: diesel::sql_types::BigInt) -> diesel::sql_types::Text;
}
diesel::define_sql_function! {
    /// PostgreSQL's shared lock on a number, until the transaction ends.
    fn pg_advisory_xact_lock_shared(key: diesel::sql_types::BigInt) -> diesel::sql_types::Text;
}

/// Taken by every change of a bid, until its transaction ends: many at once, but none while the box is being shut or
/// opened. SQLite has one writer anyway.
pub fn lock_box_shared(conn: &mut Conn, id: ChallengeId) -> Result<()> {
    if let AnyConnection::Postgres(pg) = &mut conn.db {
        diesel::select(pg_advisory_xact_lock_shared(box_key(id))).execute(pg)?;
    }
    Ok(())
}

/// Taken to shut or open the box: waits for every bid that already holds a time of receipt.
pub fn lock_box(conn: &mut Conn, id: ChallengeId) -> Result<()> {
    if let AnyConnection::Postgres(pg) = &mut conn.db {
        diesel::select(pg_advisory_xact_lock(box_key(id))).execute(pg)?;
    }
    Ok(())
}

/// The random half of the UUIDv7. A collision makes two challenges wait for each other, nothing worse.
fn box_key(id: ChallengeId) -> i64 {
    id.0.as_u64_pair().1.cast_signed()
}

/// Saves a changed challenge, unless somebody else changed it first.
pub fn update(conn: &mut Conn, challenge: &mut Challenge) -> Result<()> {
    let current = challenges::table.find(Key::of(challenge.id)).filter(challenges::version.eq(challenge.version));
    challenge.version += 1;
    let changed = diesel::update(current).set(Row::from(&*challenge)).execute(&mut conn.db)?;
    if changed == 1 { Ok(()) } else { Err(Error::ConcurrentChange) }
}

/// Published challenges whose deadline has passed, the most overdue first.
pub fn due(conn: &mut Conn, now: DateTime<Utc>, limit: i64) -> Result<Vec<ChallengeId>> {
    let ids: Vec<Key> = challenges::table
        .filter(challenges::status.eq(ChallengeStatus::Published.as_str()))
        .filter(challenges::submission_deadline.le(At(now)))
        .order(challenges::submission_deadline)
        .limit(limit)
        .select(challenges::id)
        .load(&mut conn.db)?;
    Ok(ids.into_iter().map(Key::id).collect())
}

/// One page of what everybody may read, the newest publication first.
pub fn page_public(
    conn: &mut Conn,
    status: Option<ChallengeStatus>,
    agency: Option<OrganisationId>,
    after: Option<After>,
    limit: i64,
) -> Result<Vec<Summary>> {
    let mut query = challenges::table
        .inner_join(organisations::table.on(organisations::id.eq(challenges::agency_id)))
        .filter(challenges::published_at.is_not_null())
        .order((challenges::published_at.desc(), challenges::id.desc()))
        .select((SummaryRow::as_select(), organisations::legal_name))
        .limit(limit)
        .into_boxed();
    if let Some(status) = status {
        query = query.filter(challenges::status.eq(status.as_str()));
    }
    if let Some(agency) = agency {
        query = query.filter(challenges::agency_id.eq(Key::of(agency)));
    }
    if let Some((published_at, id)) = after {
        let earlier = challenges::published_at.lt(At(published_at)).or(challenges::id.lt(Key::of(id)).nullable());
        query = query.filter(challenges::published_at.le(At(published_at))).filter(earlier);
    }
    summaries(query.load(&mut conn.db)?)
}

/// One page of an agency's own challenges, drafts included, the newest first.
pub fn page_of_agency(
    conn: &mut Conn,
    agency: OrganisationId,
    after: Option<After>,
    limit: i64,
) -> Result<Vec<Summary>> {
    let mut query = challenges::table
        .inner_join(organisations::table.on(organisations::id.eq(challenges::agency_id)))
        .filter(challenges::agency_id.eq(Key::of(agency)))
        .order((challenges::created_at.desc(), challenges::id.desc()))
        .select((SummaryRow::as_select(), organisations::legal_name))
        .limit(limit)
        .into_boxed();
    if let Some((created_at, id)) = after {
        let earlier = challenges::created_at.lt(At(created_at)).or(challenges::id.lt(Key::of(id)));
        query = query.filter(challenges::created_at.le(At(created_at))).filter(earlier);
    }
    summaries(query.load(&mut conn.db)?)
}

fn summaries(rows: Vec<(SummaryRow, String)>) -> Result<Vec<Summary>> {
    rows.into_iter().map(|(row, agency)| row.summary(agency)).collect()
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = challenges)]
struct SummaryRow {
    id: Key,
    reference: String,
    agency_id: Key,
    status: String,
    title: String,
    summary: String,
    procedure: String,
    currency: Option<String>,
    budget_ceiling_minor: Option<i64>,
    submission_deadline: Option<At>,
    created_at: At,
    published_at: Option<At>,
}

impl SummaryRow {
    fn summary(self, agency_name: String) -> Result<Summary> {
        Ok(Summary {
            id: self.id.id(),
            reference: self.reference,
            agency: self.agency_id.id(),
            agency_name,
            status: status(&self.status)?,
            title: self.title,
            summary: self.summary,
            procedure: procedure(&self.procedure)?,
            budget_ceiling: optional_money(self.budget_ceiling_minor, self.currency.as_deref())?,
            submission_deadline: instant(self.submission_deadline),
            created_at: self.created_at.0,
            published_at: instant(self.published_at),
        })
    }
}

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = challenges, treat_none_as_null = true)]
struct Row {
    id: Key,
    reference: String,
    agency_id: Key,
    status: String,
    title: String,
    summary: String,
    procedure: String,
    currency: Option<String>,
    budget_ceiling_minor: Option<i64>,
    submission_deadline: Option<At>,
    content: Json,
    author_id: Key,
    last_editor_id: Key,
    approved_by_id: Option<Key>,
    review_comment: Option<String>,
    created_at: At,
    published_at: Option<At>,
    closed_at: Option<At>,
    opened_at: Option<At>,
    awarded_at: Option<At>,
    standstill_until: Option<At>,
    ended_at: Option<At>,
    end_reason_code: Option<String>,
    end_reason: Option<String>,
    version: i32,
}

/// The sections that are not filtered, sorted or joined by.
#[derive(Serialize, Deserialize)]
struct Sections {
    problem: ProblemStatement,
    outcomes: Vec<Outcome>,
    pilots: i32,
    pilot_weeks: i32,
    zone: chrono_tz::Tz,
    criteria: Vec<CriterionDocument>,
    price_formula: PriceFormula,
    price_weight: Option<i32>,
    consensus: ConsensusMethod,
    tie_rule: TieRule<CriterionId>,
}

/// Weight and scores in hundredths.
#[derive(Serialize, Deserialize)]
struct CriterionDocument {
    id: CriterionId,
    name: String,
    description: String,
    weight: i32,
    maximum: i64,
    minimum: Option<i64>,
}

impl From<&Challenge> for Row {
    fn from(challenge: &Challenge) -> Self {
        let content = &challenge.content;
        Self {
            id: Key::of(challenge.id),
            reference: challenge.reference.clone(),
            agency_id: Key::of(challenge.agency),
            status: challenge.status.as_str().to_owned(),
            title: content.title.clone(),
            summary: content.summary.clone(),
            procedure: content.procedure.as_str().to_owned(),
            currency: content.budget_ceiling.map(|money| money.currency().code().to_owned()),
            budget_ceiling_minor: content.budget_ceiling.map(Money::minor),
            submission_deadline: at(content.submission_deadline),
            content: Json::of(&Sections::from(content)),
            author_id: Key::of(challenge.author),
            last_editor_id: Key::of(challenge.last_editor),
            approved_by_id: challenge.approved_by.map(Key::of),
            review_comment: challenge.review_comment.clone(),
            created_at: At(challenge.created_at),
            published_at: at(challenge.published_at),
            closed_at: at(challenge.closed_at),
            opened_at: at(challenge.opened_at),
            awarded_at: at(challenge.awarded_at),
            standstill_until: at(challenge.standstill_until),
            ended_at: at(challenge.ended_at),
            end_reason_code: challenge.end_reason_code.clone(),
            end_reason: challenge.end_reason.clone(),
            version: challenge.version,
        }
    }
}

impl From<&Content> for Sections {
    fn from(content: &Content) -> Self {
        let criterion = |c: &AwardCriterion| CriterionDocument {
            id: c.id,
            name: c.name.clone(),
            description: c.description.clone(),
            weight: c.weight.hundredths(),
            maximum: c.maximum.hundredths(),
            minimum: c.minimum.map(Score::hundredths),
        };
        Self {
            problem: content.problem.clone(),
            outcomes: content.outcomes.clone(),
            pilots: content.pilots,
            pilot_weeks: content.pilot_weeks,
            zone: content.zone,
            criteria: content.criteria.iter().map(criterion).collect(),
            price_formula: content.price_formula,
            price_weight: content.price_weight.map(Weight::hundredths),
            consensus: content.consensus,
            tie_rule: content.tie_rule,
        }
    }
}

impl TryFrom<CriterionDocument> for AwardCriterion {
    type Error = Error;

    fn try_from(c: CriterionDocument) -> Result<Self> {
        Ok(Self {
            id: c.id,
            name: c.name,
            description: c.description,
            weight: weight(c.weight)?,
            maximum: score(c.maximum)?,
            minimum: c.minimum.map(score).transpose()?,
        })
    }
}

impl TryFrom<Row> for Challenge {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self> {
        let sections: Sections = row.content.read()?;
        let content = Content {
            title: row.title,
            summary: row.summary,
            problem: sections.problem,
            outcomes: sections.outcomes,
            procedure: procedure(&row.procedure)?,
            budget_ceiling: optional_money(row.budget_ceiling_minor, row.currency.as_deref())?,
            pilots: sections.pilots,
            pilot_weeks: sections.pilot_weeks,
            submission_deadline: instant(row.submission_deadline),
            zone: sections.zone,
            criteria: sections.criteria.into_iter().map(TryInto::try_into).collect::<Result<_>>()?,
            price_formula: sections.price_formula,
            price_weight: sections.price_weight.map(weight).transpose()?,
            consensus: sections.consensus,
            tie_rule: sections.tie_rule,
        };
        Ok(Self {
            id: row.id.id(),
            reference: row.reference,
            agency: row.agency_id.id(),
            status: status(&row.status)?,
            content,
            author: row.author_id.id(),
            last_editor: row.last_editor_id.id(),
            approved_by: row.approved_by_id.map(Key::id),
            review_comment: row.review_comment,
            created_at: row.created_at.0,
            published_at: instant(row.published_at),
            closed_at: instant(row.closed_at),
            opened_at: instant(row.opened_at),
            awarded_at: instant(row.awarded_at),
            standstill_until: instant(row.standstill_until),
            ended_at: instant(row.ended_at),
            end_reason_code: row.end_reason_code,
            end_reason: row.end_reason,
            version: row.version,
        })
    }
}

/// Money in two columns.
pub(crate) fn money(minor: i64, currency: &str) -> Result<Money> {
    let currency = Currency::from_code(currency).ok_or_else(|| Error::corrupt("currency", currency))?;
    Money::new(minor, currency).map_err(|error| Error::corrupt("money", error))
}

fn optional_money(minor: Option<i64>, currency: Option<&str>) -> Result<Option<Money>> {
    minor.zip(currency).map(|(minor, currency)| money(minor, currency)).transpose()
}

fn status(name: &str) -> Result<ChallengeStatus> {
    ChallengeStatus::parse(name).ok_or_else(|| Error::corrupt("challenge status", name))
}

fn procedure(name: &str) -> Result<Procedure> {
    Procedure::parse(name).ok_or_else(|| Error::corrupt("procedure", name))
}

fn weight(hundredths: i32) -> Result<Weight> {
    Weight::from_hundredths(hundredths).map_err(|_| Error::corrupt("weight", hundredths))
}

/// A score in hundredths.
pub(crate) fn score(hundredths: i64) -> Result<Score> {
    Score::from_hundredths(hundredths).map_err(|_| Error::corrupt("score", hundredths))
}
