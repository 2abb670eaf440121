//! How many challenges each further choice would leave.

use super::plan::Plan;
use crate::Result;
use chrono::{DateTime, Utc};
use domain::{
    ChallengeQuery, OrganisationId,
    cpv::CpvCode,
    discovery::{Facets, Filters},
};
use persistence::{
    Conn, cpv,
    listings::{self, Expression, Window},
    organisations,
};

/// Of what is found, the newest so many are counted.
pub const MOST_COUNTED: i64 = 10_000;

/// Counts, and what is needed to show them.
#[derive(Debug, Clone, PartialEq)]
pub struct Counted {
    /// The counts.
    pub facets: Facets,
    /// Whether there were more than [`MOST_COUNTED`] challenges at any point.
    pub truncated: bool,
    /// What was counted from: deadlines are told as seen then.
    pub now: DateTime<Utc>,
    /// The names of the agencies.
    pub agencies: Vec<(OrganisationId, String)>,
    /// The names of the CPV divisions, by their two digits.
    pub divisions: Vec<(String, String)>,
}

/// Counts what is asked for, in whatever order.
pub fn facets(conn: &mut Conn, query: &ChallengeQuery) -> Result<Counted> {
    let now = conn.machine_now();
    let mut truncated = false;
    let facets = match (&query.text, query.search()) {
        (Some(_), None) => Facets::default(),
        (_, None) => Facets::under(&query.filters, now, |filters| rows(conn, None, filters, &mut truncated))?,
        (_, Some(search)) => {
            let (plan, _) = Plan::first(conn, search, &query.filters)?;
            Facets::under(&query.filters, now, |filters| {
                rows(conn, Some((&plan.expression, plan.common)), filters, &mut truncated)
            })?
        }
    };
    let agencies: Vec<_> = facets.agencies.iter().map(|(agency, _)| *agency).collect();
    let agencies = organisations::names_of(conn, &agencies)?;
    let codes = facets.cpv_divisions.iter().filter_map(|(digits, _)| CpvCode::parse(&format!("{digits}000000")).ok());
    let divisions = cpv::find_all(conn, &codes.collect::<Vec<_>>())?;
    let divisions = divisions.into_iter().map(|entry| (entry.code.as_str()[..2].to_owned(), entry.name)).collect();
    Ok(Counted { facets, truncated, now, agencies, divisions })
}

fn rows(
    conn: &mut Conn,
    words: Option<(&Expression, bool)>,
    filters: &Filters,
    truncated: &mut bool,
) -> Result<Vec<domain::discovery::FacetRow>> {
    let window = Window { upto: None, limit: MOST_COUNTED + 1, common: words.is_some_and(|(_, common)| common) };
    let mut rows = listings::facet_rows(conn, words.map(|(expression, _)| expression), filters, window)?;
    let most = usize::try_from(MOST_COUNTED).unwrap_or(usize::MAX);
    *truncated |= rows.len() > most;
    rows.truncate(most);
    Ok(rows)
}
