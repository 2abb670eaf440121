//! Challenges.

mod document;
mod row;

pub(crate) use document::Document;
pub(crate) use row::{money, score};

use crate::{
    Conn, Error, Result, Scope,
    connection::AnyConnection,
    listings,
    schema::{challenges, organisations},
    scope::in_scope,
    sql_types::{At, Key},
};
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use domain::{Actor, Challenge, ChallengeId, ChallengeStatus, Money, OrganisationId, Procedure};
use row::{Row, SummaryRow};

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
    /// Until when unpriced solutions are taken, in two stages: who hands in none cannot bid.
    pub solution_deadline: Option<DateTime<Utc>>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it became public.
    pub published_at: Option<DateTime<Utc>>,
    /// Whether it only tries things out.
    pub sandbox: bool,
}

/// Where a page of challenges goes on: after this instant of creation and id, downwards.
pub type After = (DateTime<Utc>, ChallengeId);

impl Summary {
    /// The same of a challenge that was read whole.
    pub fn of(challenge: &Challenge, agency_name: String) -> Self {
        let content = &challenge.content;
        Self {
            id: challenge.id,
            reference: challenge.reference.clone(),
            agency: challenge.agency,
            agency_name,
            status: challenge.status,
            title: content.title.clone(),
            summary: content.summary.clone(),
            procedure: content.procedure,
            budget_ceiling: content.budget_ceiling,
            submission_deadline: content.submission_deadline,
            solution_deadline: content.shortlisting.and_then(|shortlisting| shortlisting.solution_deadline),
            created_at: challenge.created_at,
            published_at: challenge.published_at,
            sandbox: challenge.sandbox,
        }
    }
}

impl Summary {
    /// As [`Challenge::require_visible`].
    pub fn require_visible(&self, actor: &Actor) -> domain::Result<()> {
        domain::challenge::require_visible((self.agency, self.published_at.is_some(), self.sandbox), Some(actor))
    }
}

/// Adds a challenge; a public one can be found from then on.
pub fn insert(conn: &mut Conn, challenge: &Challenge) -> Result<()> {
    insert_all(conn, std::slice::from_ref(challenge))
}

/// Adds many challenges.
pub fn insert_all(conn: &mut Conn, all: &[Challenge]) -> Result<()> {
    for challenge in all {
        diesel::insert_into(challenges::table).values(Row::from(challenge)).execute(&mut conn.db)?;
        crate::topics::keep_of_challenge(conn, challenge.id, &challenge.content.topics())?;
    }
    listings::index_all(conn, all)
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

/// These challenges with their agencies' names, in no order.
pub fn find_all(conn: &mut Conn, ids: &[ChallengeId]) -> Result<Vec<(Challenge, String)>> {
    let keys: Vec<_> = ids.iter().map(|id| Key::of(*id)).collect();
    let rows: Vec<(Row, String)> = challenges::table
        .inner_join(organisations::table.on(organisations::id.eq(challenges::agency_id)))
        .filter(challenges::id.eq_any(keys))
        .select((Row::as_select(), organisations::legal_name))
        .load(&mut conn.db)?;
    rows.into_iter().map(|(row, agency)| Ok((row.try_into()?, agency))).collect()
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

/// Saves a changed challenge, unless somebody else changed it first. A public one is found by what it says now.
pub fn update(conn: &mut Conn, challenge: &mut Challenge) -> Result<()> {
    listings::index(conn, challenge)?;
    let current = challenges::table.find(Key::of(challenge.id)).filter(challenges::version.eq(challenge.version));
    challenge.version += 1;
    if diesel::update(current).set(Row::from(&*challenge)).execute(&mut conn.db)? != 1 {
        return Err(Error::ConcurrentChange);
    }
    crate::topics::keep_of_challenge(conn, challenge.id, &challenge.content.topics())
}

/// What lists show of these challenges, in no order.
pub fn summaries_of(conn: &mut Conn, ids: &[ChallengeId]) -> Result<Vec<Summary>> {
    let keys: Vec<_> = ids.iter().map(|id| Key::of(*id)).collect();
    let rows = challenges::table
        .inner_join(organisations::table.on(organisations::id.eq(challenges::agency_id)))
        .filter(challenges::id.eq_any(keys))
        .select((SummaryRow::as_select(), organisations::legal_name));
    summaries(rows.load(&mut conn.db)?)
}

/// What bids show depends on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// Of which challenge.
    pub challenge: ChallengeId,
    /// How often it has changed materially.
    pub material_changes: i32,
    /// Whether the quality envelopes were opened.
    pub opened: bool,
    /// Whether the unpriced solutions were opened.
    pub solutions_opened: bool,
    /// Whether the prices were opened.
    pub prices_opened: bool,
}

impl From<&Challenge> for Progress {
    fn from(challenge: &Challenge) -> Self {
        Self {
            challenge: challenge.id,
            material_changes: challenge.material_changes,
            opened: challenge.opened_at.is_some(),
            solutions_opened: challenge.first_stage.opened_at.is_some(),
            prices_opened: challenge.prices_opened_at.is_some(),
        }
    }
}

/// How far each of these challenges is, in no order.
pub fn progress_of(conn: &mut Conn, ids: &[ChallengeId]) -> Result<Vec<Progress>> {
    type Found = (Key, i32, bool, bool, bool);
    let keys: Vec<_> = ids.iter().map(|id| Key::of(*id)).collect();
    let columns = (
        challenges::id,
        challenges::material_changes,
        challenges::opened_at.is_not_null(),
        challenges::solutions_opened_at.is_not_null(),
        challenges::prices_opened_at.is_not_null(),
    );
    let rows = challenges::table.filter(challenges::id.eq_any(keys)).select(columns);
    let rows: Vec<Found> = rows.load(&mut conn.db)?;
    let progress = |(id, material_changes, opened, solutions_opened, prices_opened): Found| Progress {
        challenge: id.id(),
        material_changes,
        opened,
        solutions_opened,
        prices_opened,
    };
    Ok(rows.into_iter().map(progress).collect())
}

/// Published challenges whose deadline for solutions has passed without anybody having been told, the most overdue first.
pub fn solutions_due(conn: &mut Conn, scope: Scope, now: DateTime<Utc>, limit: i64) -> Result<Vec<ChallengeId>> {
    let query = challenges::table
        .filter(challenges::status.eq(ChallengeStatus::Published.as_str()))
        .filter(challenges::solution_deadline.le(At(now)))
        .filter(challenges::solutions_closed_at.is_null())
        .filter(challenges::solutions_opened_at.is_null())
        .order(challenges::solution_deadline)
        .limit(limit)
        .select(challenges::id)
        .into_boxed();
    let ids: Vec<Key> = in_scope!(query, scope).load(&mut conn.db)?;
    Ok(ids.into_iter().map(Key::id).collect())
}

/// The states of a challenge in which bids come, or may come again.
pub(crate) fn taking_bids() -> [&'static str; 2] {
    [ChallengeStatus::Published, ChallengeStatus::Suspended].map(ChallengeStatus::as_str)
}

/// How many challenges of an agency have not ended.
pub fn count_unended(conn: &mut Conn, agency: OrganisationId) -> Result<usize> {
    let count: i64 = challenges::table
        .filter(challenges::agency_id.eq(Key::of(agency)))
        .filter(challenges::ended_at.is_null())
        .count()
        .get_result(&mut conn.db)?;
    Ok(usize::try_from(count).unwrap_or(usize::MAX))
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
