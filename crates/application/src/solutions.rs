//! The catalogue of solutions.

use crate::{Caller, Result, error::require_current};
use chrono::{DateTime, Utc};
use domain::{
    Actor, Event, Organisation, OrganisationId, Solution, SolutionId,
    solution::{Reader, SolutionContent},
};
use persistence::{
    Conn, organisations,
    solutions::{self, After, Sight, Sought, Summary},
};

/// A listing with its company.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// The listing.
    pub solution: Solution,
    /// Whose it is.
    pub company: Organisation,
}

/// What a reader sees of the catalogue.
pub fn sight(conn: &mut Conn, viewer: Option<&Actor>) -> Result<Sight> {
    let own: Vec<_> = viewer.iter().flat_map(|actor| &actor.memberships).map(|m| m.organisation).collect();
    let trusted = !own.is_empty() && organisations::any_trusted(conn, &own)?;
    Ok(Sight { trusted, own })
}

/// Somebody begins a listing for their company.
pub fn draft(conn: &mut Conn, caller: &Caller, company: OrganisationId, content: SolutionContent) -> Result<Listed> {
    let company = organisations::find(conn, company)?;
    company.require_member(&caller.actor)?;
    let present = solutions::lock_count(conn, company.id)?;
    let now = conn.now()?;
    let (solution, event) = Solution::draft(conn.new_id(), &caller.actor, &company, content, present, now)?;
    solutions::insert(conn, &solution)?;
    caller.record(conn, now, event)?;
    Ok(Listed { solution, company })
}

/// A listing, for those who may see it.
pub fn find(conn: &mut Conn, viewer: Option<&Actor>, id: SolutionId) -> Result<Listed> {
    let solution = solutions::find(conn, id)?;
    seen(conn, viewer, solution)
}

/// The listing with its company, if it may be seen.
pub(crate) fn seen(conn: &mut Conn, viewer: Option<&Actor>, solution: Solution) -> Result<Listed> {
    let company = organisations::find(conn, solution.company)?;
    let trusted = sight(conn, viewer)?.trusted;
    solution.require_visible(Reader { actor: viewer, trusted }, &company)?;
    Ok(Listed { solution, company })
}

/// What somebody sees of the catalogue, the newest publication first.
pub fn list(
    conn: &mut Conn,
    viewer: Option<&Actor>,
    sought: &Sought,
    after: Option<After>,
    limit: i64,
) -> Result<Vec<Summary>> {
    let sight = sight(conn, viewer)?;
    Ok(solutions::page(conn, sought, &sight, after, limit)?)
}

/// A company's own listings, in whatever state, for its members.
pub fn list_of_company(
    conn: &mut Conn,
    actor: &Actor,
    company: OrganisationId,
    after: Option<SolutionId>,
    limit: i64,
) -> Result<Vec<Summary>> {
    organisations::find(conn, company)?.require_member(actor)?;
    Ok(solutions::page_of_company(conn, company, after, limit)?)
}

/// The company says something else.
pub fn edit(
    conn: &mut Conn,
    caller: &Caller,
    id: SolutionId,
    expected: Option<i32>,
    content: SolutionContent,
) -> Result<Listed> {
    change(conn, caller, id, expected, |solution, _, now| solution.edit(&caller.actor, content, now))
}

/// The company puts a listing into the catalogue.
pub fn publish(conn: &mut Conn, caller: &Caller, id: SolutionId) -> Result<Listed> {
    change(conn, caller, id, None, |solution, company, now| solution.publish(&caller.actor, company, now))
}

/// The company takes a listing out of the catalogue.
pub fn withdraw(conn: &mut Conn, caller: &Caller, id: SolutionId) -> Result<Listed> {
    change(conn, caller, id, None, |solution, _, _| solution.withdraw(&caller.actor))
}

fn change(
    conn: &mut Conn,
    caller: &Caller,
    id: SolutionId,
    expected: Option<i32>,
    rule: impl FnOnce(&mut Solution, &Organisation, DateTime<Utc>) -> domain::Result<Event>,
) -> Result<Listed> {
    let solution = solutions::lock(conn, id)?;
    let mut listed = seen(conn, Some(&caller.actor), solution)?;
    let now = conn.now()?;
    let event = rule(&mut listed.solution, &listed.company, now)?;
    require_current(listed.solution.version, expected)?;
    solutions::update(conn, &mut listed.solution)?;
    caller.record(conn, now, event)?;
    Ok(listed)
}
