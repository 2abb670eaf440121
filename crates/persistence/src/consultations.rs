//! Market consultations: what companies answered, and how they ended.

use crate::{
    Conn, Error, Result,
    connection::AnyConnection,
    schema::{consultation_conclusions, consultation_responses},
    sql_types::{At, Key, at, instant},
};
use diesel::prelude::*;
use domain::{
    ChallengeId, ConsultationResponse, ConsultationResponseId, OrganisationId,
    consultation::{Conclusion, Sight, Statement},
};

/// Adds a response.
pub fn insert(conn: &mut Conn, response: &ConsultationResponse) -> Result<()> {
    diesel::insert_into(consultation_responses::table).values(Row::from(response)).execute(&mut conn.db)?;
    Ok(())
}

/// Saves a changed response, unless somebody else changed it first.
pub fn update(conn: &mut Conn, response: &mut ConsultationResponse) -> Result<()> {
    let current = consultation_responses::table
        .find(Key::of(response.id))
        .filter(consultation_responses::version.eq(response.version));
    response.version += 1;
    let changed = diesel::update(current).set(Row::from(&*response)).execute(&mut conn.db)?;
    if changed == 1 { Ok(()) } else { Err(Error::ConcurrentChange) }
}

/// The response with this id.
pub fn find(conn: &mut Conn, id: ConsultationResponseId) -> Result<ConsultationResponse> {
    Ok(consultation_responses::table.find(Key::of(id)).select(Row::as_select()).first(&mut conn.db)?.into())
}

/// The response with this id, for a change.
pub fn lock(conn: &mut Conn, id: ConsultationResponseId) -> Result<ConsultationResponse> {
    let of_id = consultation_responses::table.find(Key::of(id));
    let row: Row = match &mut conn.db {
        AnyConnection::Postgres(pg) => of_id.for_update().select(Row::as_select()).first(pg)?,
        AnyConnection::Sqlite(sqlite) => of_id.select(Row::as_select()).first(sqlite)?,
    };
    Ok(row.into())
}

/// Some responses to a consultation after one of them, in the order in which they were first handed in: those of the
/// viewer's own companies, and as far as `sight` goes those of others.
pub fn page(
    conn: &mut Conn,
    challenge: ChallengeId,
    own: &[OrganisationId],
    sight: Option<Sight>,
    after: Option<ConsultationResponseId>,
    limit: i64,
) -> Result<Vec<ConsultationResponse>> {
    use consultation_responses as r;
    let own: Vec<_> = own.iter().map(|id| Key::of(*id)).collect();
    let mut query = r::table
        .filter(r::challenge_id.eq(Key::of(challenge)))
        .order(r::id)
        .limit(limit)
        .select(Row::as_select())
        .into_boxed();
    let theirs = r::company_id.eq_any(own);
    query = match sight {
        Some(Sight::Staff) => query.filter(theirs.or(r::withdrawn_at.is_null())),
        Some(Sight::Public) => query.filter(theirs.or(r::withdrawn_at.is_null().and(r::publishable))),
        Some(Sight::Own) | None => query.filter(theirs),
    };
    if let Some(after) = after {
        query = query.filter(r::id.gt(Key::of(after)));
    }
    Ok(query.load(&mut conn.db)?.into_iter().map(Into::into).collect())
}

/// Keeps how a consultation ended.
pub fn insert_conclusion(conn: &mut Conn, challenge: ChallengeId, conclusion: &Conclusion) -> Result<()> {
    let row = ConclusionRow {
        challenge_id: Key::of(challenge),
        summary: conclusion.summary.clone(),
        next_id: conclusion.next.map(Key::of),
        concluded_by_id: Key::of(conclusion.by),
        concluded_at: At(conclusion.at),
    };
    diesel::insert_into(consultation_conclusions::table).values(row).execute(&mut conn.db)?;
    Ok(())
}

/// How a consultation ended.
pub fn conclusion(conn: &mut Conn, challenge: ChallengeId) -> Result<Conclusion> {
    let row: ConclusionRow = consultation_conclusions::table
        .find(Key::of(challenge))
        .select(ConclusionRow::as_select())
        .first(&mut conn.db)?;
    Ok(Conclusion {
        summary: row.summary,
        next: row.next_id.map(Key::id),
        by: row.concluded_by_id.id(),
        at: row.concluded_at.0,
    })
}

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = consultation_responses, treat_none_as_null = true)]
struct Row {
    id: Key,
    challenge_id: Key,
    company_id: Key,
    text: String,
    publishable: bool,
    named: bool,
    revision: i32,
    submitted_at: At,
    submitted_by_id: Key,
    withdrawn_at: Option<At>,
    version: i32,
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = consultation_conclusions)]
struct ConclusionRow {
    challenge_id: Key,
    summary: String,
    next_id: Option<Key>,
    concluded_by_id: Key,
    concluded_at: At,
}

impl From<&ConsultationResponse> for Row {
    fn from(response: &ConsultationResponse) -> Self {
        Self {
            id: Key::of(response.id),
            challenge_id: Key::of(response.challenge),
            company_id: Key::of(response.company),
            text: response.statement.text.clone(),
            publishable: response.statement.publishable,
            named: response.statement.named,
            revision: response.revision,
            submitted_at: At(response.submitted_at),
            submitted_by_id: Key::of(response.submitted_by),
            withdrawn_at: at(response.withdrawn_at),
            version: response.version,
        }
    }
}

impl From<Row> for ConsultationResponse {
    fn from(row: Row) -> Self {
        Self {
            id: row.id.id(),
            challenge: row.challenge_id.id(),
            company: row.company_id.id(),
            statement: Statement { text: row.text, publishable: row.publishable, named: row.named },
            revision: row.revision,
            submitted_at: row.submitted_at.0,
            submitted_by: row.submitted_by_id.id(),
            withdrawn_at: instant(row.withdrawn_at),
            version: row.version,
        }
    }
}
