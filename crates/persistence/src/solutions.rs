//! The catalogue of solutions.

use crate::{
    Conn, Error, Result,
    connection::AnyConnection,
    schema::{organisations, solution_topics, solutions},
    sql_types::{At, Json, Key, at, instant},
    topics,
};
use chrono::{DateTime, Utc};
use diesel::{dsl::count_star, prelude::*};
use domain::{
    OrganisationId, Solution, SolutionId,
    cpv::CpvCode,
    solution::{Maturity, Reference, SolutionContent, SolutionStatus, Topic, Visibility},
};

/// What somebody sees of the catalogue.
#[derive(Debug, Clone, Default)]
pub struct Sight {
    /// Whether that is what the people of verified organisations see.
    pub trusted: bool,
    /// The organisations whose own listings are seen in any case.
    pub own: Vec<OrganisationId>,
}

/// What is looked for in the catalogue.
#[derive(Debug, Clone, Default)]
pub struct Sought {
    /// Beginnings of words of the title, all of them; nothing is found if words were asked for and none can be searched.
    pub words: Option<Vec<String>>,
    /// A tag.
    pub tag: Option<String>,
    /// The first digits of a CPV code.
    pub cpv: Option<String>,
    /// Whose listings.
    pub company: Option<OrganisationId>,
    /// How far they have come.
    pub maturity: Option<Maturity>,
}

/// What a list shows of a listing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Summary {
    /// Its id.
    pub id: SolutionId,
    /// Whose it is, with the name.
    pub company: (OrganisationId, String),
    /// Where it is in its life.
    pub status: SolutionStatus,
    /// Who sees it.
    pub visibility: Visibility,
    /// How far it has come.
    pub maturity: Maturity,
    /// Its title.
    pub title: String,
    /// What it is about.
    pub summary: String,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it came into the catalogue.
    pub published_at: Option<DateTime<Utc>>,
}

/// Where a page of the catalogue goes on: after this instant of publication and id, downwards.
pub type After = (DateTime<Utc>, SolutionId);

impl Sight {
    /// Listings for whom are seen, whosever they are.
    pub(crate) fn visibilities(&self) -> Vec<&'static str> {
        let open = Visibility::ALL.into_iter().filter(|visibility| self.trusted || *visibility == Visibility::Public);
        open.map(Visibility::as_str).collect()
    }

    /// The organisations whose own listings are seen in any case.
    pub(crate) fn companies(&self) -> Vec<Key> {
        self.own.iter().map(|id| Key::of(*id)).collect()
    }
}

/// Adds a listing.
pub fn insert(conn: &mut Conn, solution: &Solution) -> Result<()> {
    diesel::insert_into(solutions::table).values(Row::from(solution)).execute(&mut conn.db)?;
    topics::keep_of_solution(conn, solution)
}

/// Saves a changed listing, unless somebody else changed it first.
pub fn update(conn: &mut Conn, solution: &mut Solution) -> Result<()> {
    let current = solutions::table.find(Key::of(solution.id)).filter(solutions::version.eq(solution.version));
    solution.version += 1;
    if diesel::update(current).set(Row::from(&*solution)).execute(&mut conn.db)? != 1 {
        return Err(Error::ConcurrentChange);
    }
    topics::keep_of_solution(conn, solution)
}

/// The listing with this id.
pub fn find(conn: &mut Conn, id: SolutionId) -> Result<Solution> {
    solutions::table.find(Key::of(id)).select(Row::as_select()).first(&mut conn.db)?.try_into()
}

/// The listing with this id, for a change: others who want to change it wait. SQLite has one writer anyway.
pub fn lock(conn: &mut Conn, id: SolutionId) -> Result<Solution> {
    let row = solutions::table.find(Key::of(id));
    let row: Row = match &mut conn.db {
        AnyConnection::Postgres(pg) => row.for_update().select(Row::as_select()).first(pg)?,
        AnyConnection::Sqlite(sqlite) => row.select(Row::as_select()).first(sqlite)?,
    };
    row.try_into()
}

/// How many listings a company has; on PostgreSQL nobody adds one until the transaction ends.
pub fn lock_count(conn: &mut Conn, company: OrganisationId) -> Result<usize> {
    crate::members::lock_organisation(conn, company)?;
    let own = solutions::table.filter(solutions::company_id.eq(Key::of(company)));
    Ok(usize::try_from(own.select(count_star()).first::<i64>(&mut conn.db)?).unwrap_or(usize::MAX))
}

/// One page of what somebody sees of the catalogue, the newest publication first.
pub fn page(conn: &mut Conn, sought: &Sought, sight: &Sight, after: Option<After>, limit: i64) -> Result<Vec<Summary>> {
    if sought.words.as_ref().is_some_and(Vec::is_empty) {
        return Ok(Vec::new());
    }
    let seen = solutions::visibility.eq_any(sight.visibilities()).or(solutions::company_id.eq_any(sight.companies()));
    let mut query = solutions::table
        .inner_join(organisations::table.on(organisations::id.eq(solutions::company_id)))
        .filter(solutions::published_at.is_not_null())
        .filter(organisations::suspended_at.is_null())
        .filter(seen)
        .order((solutions::published_at.desc(), solutions::id.desc()))
        .select((SummaryRow::as_select(), organisations::legal_name))
        .limit(limit)
        .into_boxed();
    if let Some(company) = sought.company {
        query = query.filter(solutions::company_id.eq(Key::of(company)));
    }
    if let Some(maturity) = sought.maturity {
        query = query.filter(solutions::maturity.eq(maturity.as_str()));
    }
    for (first, last) in sought.ranges() {
        let about = solution_topics::table.filter(solution_topics::topic.between(first, last));
        query = query.filter(solutions::id.eq_any(about.select(solution_topics::solution_id)));
    }
    if let Some((published_at, id)) = after {
        let earlier = solutions::published_at.lt(At(published_at)).or(solutions::id.lt(Key::of(id)).nullable());
        query = query.filter(solutions::published_at.le(At(published_at))).filter(earlier);
    }
    summaries(query.load(&mut conn.db)?)
}

/// One page of a company's own listings, in whatever state, the newest first.
pub fn page_of_company(
    conn: &mut Conn,
    company: OrganisationId,
    after: Option<SolutionId>,
    limit: i64,
) -> Result<Vec<Summary>> {
    let mut query = solutions::table
        .inner_join(organisations::table.on(organisations::id.eq(solutions::company_id)))
        .filter(solutions::company_id.eq(Key::of(company)))
        .order(solutions::id.desc())
        .select((SummaryRow::as_select(), organisations::legal_name))
        .limit(limit)
        .into_boxed();
    if let Some(after) = after {
        query = query.filter(solutions::id.lt(Key::of(after)));
    }
    summaries(query.load(&mut conn.db)?)
}

/// What lists show of these listings, in no order.
pub fn summaries_of(conn: &mut Conn, ids: &[SolutionId]) -> Result<Vec<Summary>> {
    let keys: Vec<_> = ids.iter().map(|id| Key::of(*id)).collect();
    let rows = solutions::table
        .inner_join(organisations::table.on(organisations::id.eq(solutions::company_id)))
        .filter(solutions::id.eq_any(keys))
        .select((SummaryRow::as_select(), organisations::legal_name));
    summaries(rows.load(&mut conn.db)?)
}

impl Sought {
    /// The topics between which something must be, each from the first to the last, so that the index serves.
    fn ranges(&self) -> Vec<(String, String)> {
        let beginning = |key: String| (key.clone(), format!("{key}{}", char::MAX));
        let words = self.words.iter().flatten().map(|word| beginning(Topic::Word(word.clone()).key()));
        let tag = self.tag.iter().map(|tag| Topic::Tag(tag.clone()).key()).map(|key| (key.clone(), key));
        let cpv = self.cpv.iter().map(|digits| beginning(format!("cpv:{digits}")));
        words.chain(tag).chain(cpv).collect()
    }
}

fn summaries(rows: Vec<(SummaryRow, String)>) -> Result<Vec<Summary>> {
    rows.into_iter().map(|(row, company)| row.summary(company)).collect()
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = solutions)]
struct SummaryRow {
    id: Key,
    company_id: Key,
    status: String,
    visibility: String,
    maturity: String,
    title: String,
    summary: String,
    created_at: At,
    published_at: Option<At>,
}

impl SummaryRow {
    fn summary(self, company: String) -> Result<Summary> {
        Ok(Summary {
            id: self.id.id(),
            company: (self.company_id.id(), company),
            status: status(&self.status)?,
            visibility: visibility(&self.visibility)?,
            maturity: maturity(&self.maturity)?,
            title: self.title,
            summary: self.summary,
            created_at: self.created_at.0,
            published_at: instant(self.published_at),
        })
    }
}

/// What is in no column of its own.
#[derive(serde::Serialize, serde::Deserialize)]
struct Sections {
    description: String,
    cpv_codes: Vec<CpvCode>,
    tags: Vec<String>,
    capabilities: Vec<String>,
    references: Vec<Reference>,
    languages: Vec<String>,
    website: Option<String>,
}

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = solutions, treat_none_as_null = true)]
struct Row {
    id: Key,
    company_id: Key,
    status: String,
    visibility: String,
    maturity: String,
    title: String,
    summary: String,
    content: Json,
    created_at: At,
    published_at: Option<At>,
    version: i32,
}

impl From<&Solution> for Row {
    fn from(solution: &Solution) -> Self {
        let content = solution.content.clone();
        Self {
            id: Key::of(solution.id),
            company_id: Key::of(solution.company),
            status: solution.status.as_str().to_owned(),
            visibility: content.visibility.as_str().to_owned(),
            maturity: content.maturity.as_str().to_owned(),
            title: content.title,
            summary: content.summary,
            content: Json::of(&Sections {
                description: content.description,
                cpv_codes: content.cpv_codes,
                tags: content.tags,
                capabilities: content.capabilities,
                references: content.references,
                languages: content.languages,
                website: content.website,
            }),
            created_at: At(solution.created_at),
            published_at: at(solution.published_at),
            version: solution.version,
        }
    }
}

impl TryFrom<Row> for Solution {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self> {
        let sections: Sections = row.content.read()?;
        let content = SolutionContent {
            title: row.title,
            summary: row.summary,
            description: sections.description,
            maturity: maturity(&row.maturity)?,
            visibility: visibility(&row.visibility)?,
            cpv_codes: sections.cpv_codes,
            tags: sections.tags,
            capabilities: sections.capabilities,
            references: sections.references,
            languages: sections.languages,
            website: sections.website,
        };
        Ok(Self {
            id: row.id.id(),
            company: row.company_id.id(),
            status: status(&row.status)?,
            content,
            created_at: row.created_at.0,
            published_at: instant(row.published_at),
            version: row.version,
        })
    }
}

fn status(name: &str) -> Result<SolutionStatus> {
    SolutionStatus::parse(name).ok_or_else(|| Error::corrupt("solution status", name))
}

fn visibility(name: &str) -> Result<Visibility> {
    Visibility::parse(name).ok_or_else(|| Error::corrupt("visibility", name))
}

fn maturity(name: &str) -> Result<Maturity> {
    Maturity::parse(name).ok_or_else(|| Error::corrupt("maturity", name))
}
