//! Which solutions agencies invited to which challenges.

use crate::{
    Conn, Error, Result,
    connection::AnyConnection,
    schema::solution_invitations::{self, dsl},
    sql_types::{At, Key, at, instant},
};
use diesel::{dsl::count_star, prelude::*};
use domain::{
    ChallengeId, OrganisationId, SolutionInvitationId,
    solution::{SolutionInvitation, SolutionInvitationStatus},
};

/// Adds an invitation.
pub fn insert(conn: &mut Conn, invitation: &SolutionInvitation) -> Result<()> {
    diesel::insert_into(solution_invitations::table).values(Row::from(invitation)).execute(&mut conn.db)?;
    Ok(())
}

/// Saves an answer. The row must be locked.
pub fn update(conn: &mut Conn, invitation: &SolutionInvitation) -> Result<()> {
    let row = solution_invitations::table.find(Key::of(invitation.id));
    diesel::update(row).set(Row::from(invitation)).execute(&mut conn.db)?;
    Ok(())
}

/// The invitation with this id, for a change: others who want to change it wait. SQLite has one writer anyway.
pub fn lock(conn: &mut Conn, id: SolutionInvitationId) -> Result<SolutionInvitation> {
    let row = solution_invitations::table.find(Key::of(id));
    let row: Row = match &mut conn.db {
        AnyConnection::Postgres(pg) => row.for_update().select(Row::as_select()).first(pg)?,
        AnyConnection::Sqlite(sqlite) => row.select(Row::as_select()).first(sqlite)?,
    };
    row.try_into()
}

/// How many there are to a challenge. Its row must be locked, so that nobody adds one.
pub fn count(conn: &mut Conn, challenge: ChallengeId) -> Result<usize> {
    let there = solution_invitations::table.filter(dsl::challenge_id.eq(Key::of(challenge)));
    Ok(usize::try_from(there.select(count_star()).first::<i64>(&mut conn.db)?).unwrap_or(usize::MAX))
}

/// All to a challenge, the oldest first; at most [`domain::solution::MOST_SOLUTION_INVITATIONS`].
pub fn of_challenge(conn: &mut Conn, challenge: ChallengeId) -> Result<Vec<SolutionInvitation>> {
    let there = solution_invitations::table.filter(dsl::challenge_id.eq(Key::of(challenge))).order(dsl::id);
    all(there.select(Row::as_select()).load(&mut conn.db)?)
}

/// One page of those that a company got, the newest first.
pub fn page_of_company(
    conn: &mut Conn,
    company: OrganisationId,
    after: Option<SolutionInvitationId>,
    limit: i64,
) -> Result<Vec<SolutionInvitation>> {
    let mut query = solution_invitations::table
        .filter(dsl::company_id.eq(Key::of(company)))
        .order(dsl::id.desc())
        .select(Row::as_select())
        .limit(limit)
        .into_boxed();
    if let Some(after) = after {
        query = query.filter(dsl::id.lt(Key::of(after)));
    }
    all(query.load(&mut conn.db)?)
}

fn all(rows: Vec<Row>) -> Result<Vec<SolutionInvitation>> {
    rows.into_iter().map(TryInto::try_into).collect()
}

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = solution_invitations, treat_none_as_null = true)]
struct Row {
    id: Key,
    challenge_id: Key,
    agency_id: Key,
    solution_id: Key,
    solution_title: String,
    company_id: Key,
    message: String,
    status: String,
    created_at: At,
    answered_at: Option<At>,
    decline_reason: Option<String>,
}

impl From<&SolutionInvitation> for Row {
    fn from(invitation: &SolutionInvitation) -> Self {
        Self {
            id: Key::of(invitation.id),
            challenge_id: Key::of(invitation.challenge),
            agency_id: Key::of(invitation.agency),
            solution_id: Key::of(invitation.solution),
            solution_title: invitation.solution_title.clone(),
            company_id: Key::of(invitation.company),
            message: invitation.message.clone(),
            status: invitation.status.as_str().to_owned(),
            created_at: At(invitation.created_at),
            answered_at: at(invitation.answered_at),
            decline_reason: invitation.decline_reason.clone(),
        }
    }
}

impl TryFrom<Row> for SolutionInvitation {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self> {
        let status = SolutionInvitationStatus::parse(&row.status);
        Ok(Self {
            id: row.id.id(),
            challenge: row.challenge_id.id(),
            agency: row.agency_id.id(),
            solution: row.solution_id.id(),
            solution_title: row.solution_title,
            company: row.company_id.id(),
            message: row.message,
            status: status.ok_or_else(|| Error::corrupt("invitation status", &row.status))?,
            created_at: row.created_at.0,
            answered_at: instant(row.answered_at),
            decline_reason: row.decline_reason,
        })
    }
}
