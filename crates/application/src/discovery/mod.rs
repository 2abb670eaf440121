//! Finding public challenges: lists, words, counts, and what is like what.

mod facets;
mod plan;
mod similar;

pub use facets::{Counted, facets};
pub use similar::{Past, similar};

use crate::Result;
use chrono::DateTime;
use domain::{
    Challenge, ChallengeId, ChallengeQuery,
    discovery::{Passage, Sort, excerpt},
};
use persistence::{
    Conn,
    challenges::{self, Summary},
    listings::{self, Hit, Listed, Order, Window},
};
use plan::Plan;
use serde::{Deserialize, Serialize};

/// Of what holds the words, the newest so many are ranked; more are not counted either.
pub const MOST_HITS: i64 = 1_000;

/// Fewer hits, and another spelling is proposed.
const FEW: usize = 3;

/// A page of challenges.
#[derive(Debug, Clone, PartialEq)]
pub struct Found {
    /// The challenges.
    pub items: Vec<FoundChallenge>,
    /// Where the next page begins, if there is one.
    pub next: Option<Place>,
    /// How the words were understood, if there were any.
    pub answer: Option<Answer>,
}

/// A challenge that was found.
#[derive(Debug, Clone, PartialEq)]
pub struct FoundChallenge {
    /// What a list shows of it.
    pub summary: Summary,
    /// Where the words stand.
    pub passage: Option<Passage>,
}

/// What was found of the words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// How many challenges, up to [`MOST_HITS`]; not said on later pages of the newest.
    pub count: Option<usize>,
    /// Whether there are more than that.
    pub more: bool,
    /// Whether each of them holds all of the words, or only some.
    pub all: bool,
    /// What was looked for instead, because a word is in no challenge.
    pub corrected: Option<String>,
    /// What was perhaps meant.
    pub suggestion: Option<String>,
}

/// Where a page begins: after a place in the order of its list. With words it also says what was looked for and which is the
/// newest challenge that may be found, so that nothing moves from one page to another while others write.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    #[serde(rename = "k")]
    key: i64,
    #[serde(rename = "p")]
    position: i64,
    #[serde(rename = "u", default, skip_serializing_if = "Option::is_none")]
    upto: Option<i64>,
    #[serde(rename = "w", default, skip_serializing_if = "Option::is_none")]
    words: Option<String>,
    #[serde(rename = "a", default, skip_serializing_if = "std::ops::Not::not")]
    any: bool,
}

/// A page of what is asked for.
pub fn list(conn: &mut Conn, query: &ChallengeQuery, after: Option<&Place>, limit: usize) -> Result<Found> {
    match &query.text {
        None => all(conn, query, after, limit),
        Some(_) => matching(conn, query, after, limit),
    }
}

/// Without words: in the order of an index.
fn all(conn: &mut Conn, query: &ChallengeQuery, after: Option<&Place>, limit: usize) -> Result<Found> {
    let order = match query.sort {
        Sort::Relevance | Sort::Newest => Order::Newest(after.map(|place| place.position)),
        Sort::Deadline => {
            Order::Deadline(after.and_then(|place| Some((DateTime::from_timestamp_micros(place.key)?, place.position))))
        }
        Sort::Budget => Order::Budget(after.map(|place| (place.key, place.position))),
    };
    let mut rows = listings::page(conn, &query.filters, order, rows(limit + 1))?;
    let more = rows.len() > limit;
    rows.truncate(limit);
    let place = |last: &Listed| Place {
        key: match query.sort {
            Sort::Relevance | Sort::Newest => 0,
            Sort::Deadline => last.deadline.map(|deadline| deadline.timestamp_micros()).unwrap_or_default(),
            Sort::Budget => last.budget_minor.unwrap_or_default(),
        },
        position: last.position,
        upto: None,
        words: None,
        any: false,
    };
    let next = rows.last().filter(|_| more).map(place);
    let ids: Vec<_> = rows.iter().map(|listed| listed.challenge).collect();
    let mut summaries = challenges::summaries_of(conn, &ids)?;
    let mut take = |id: ChallengeId| {
        let at = summaries.iter().position(|summary| summary.id == id)?;
        Some(FoundChallenge { summary: summaries.swap_remove(at), passage: None })
    };
    Ok(Found { items: ids.into_iter().filter_map(&mut take).collect(), next, answer: None })
}

fn rows(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

/// With words: the newest hits, in the order that is asked for.
fn matching(conn: &mut Conn, query: &ChallengeQuery, after: Option<&Place>, limit: usize) -> Result<Found> {
    let Some(search) = query.search() else { return Ok(nothing()) };
    let (plan, mut hits) = match after {
        Some(place) => {
            let plan = Plan::again(conn, search, place.words.as_deref(), place.any)?;
            let hits = listings::hits(conn, &plan.expression, &query.filters, window(&plan, query.sort, place, limit))?;
            (plan, hits)
        }
        None => Plan::first(conn, search, &query.filters)?,
    };
    let newest = hits.first().map(|hit| hit.listed.position);
    let upto = after.and_then(|place| place.upto).or(newest);
    let counted = after.is_none() || query.sort != Sort::Newest;
    let more = counted && rows(hits.len()) > MOST_HITS;
    // Beyond the window the newest go on; for any other order it is all there is.
    let whole = if query.sort == Sort::Newest { usize::MAX } else { usize::try_from(MOST_HITS).unwrap_or(usize::MAX) };
    hits.truncate(whole);
    let count = counted.then(|| hits.len().min(usize::try_from(MOST_HITS).unwrap_or(usize::MAX)));
    let suggestion = if after.is_none() && hits.len() < FEW { plan.suggestion(conn)? } else { None };
    let mut ranked: Vec<_> = hits.into_iter().map(|hit| (key(&hit, query.sort, &plan), hit.listed)).collect();
    ranked.sort_by_key(|(key, listed)| std::cmp::Reverse((*key, listed.position)));
    if let Some(place) = after {
        ranked.retain(|(key, listed)| (*key, listed.position) < (place.key, place.position));
    }
    let beyond = ranked.len() > limit;
    ranked.truncate(limit);
    let next = ranked.last().filter(|_| beyond).map(|(key, listed)| Place {
        key: *key,
        position: listed.position,
        upto,
        words: plan.corrected.clone(),
        any: !plan.all,
    });
    let ids: Vec<_> = ranked.iter().map(|(_, listed)| listed.challenge).collect();
    let answer = Answer { count, more, all: plan.all, corrected: plan.corrected.clone(), suggestion };
    Ok(Found { items: with_passages(conn, &ids, &plan)?, next, answer: Some(answer) })
}

/// What is looked at for a later page.
fn window(plan: &Plan, sort: Sort, place: &Place, limit: usize) -> Window {
    let common = plan.common;
    if sort == Sort::Newest {
        return Window { upto: Some(place.position - 1), limit: rows(limit + 1), common };
    }
    Window { upto: place.upto, limit: MOST_HITS + 1, common }
}

/// The larger the earlier in the list.
fn key(hit: &Hit, sort: Sort, plan: &Plan) -> i64 {
    match sort {
        Sort::Relevance => plan.search.score(&hit.head, plan.all).into(),
        Sort::Newest => hit.listed.position,
        Sort::Deadline => hit.listed.deadline.map_or(i64::MIN, |deadline| -deadline.timestamp_micros()),
        Sort::Budget => hit.listed.budget_minor.unwrap_or(-1),
    }
}

fn nothing() -> Found {
    let answer = Answer { count: Some(0), more: false, all: true, corrected: None, suggestion: None };
    Found { items: Vec::new(), next: None, answer: Some(answer) }
}

fn with_passages(conn: &mut Conn, ids: &[ChallengeId], plan: &Plan) -> Result<Vec<FoundChallenge>> {
    let mut found = challenges::find_all(conn, ids)?;
    let show = |(challenge, agency): (Challenge, String)| FoundChallenge {
        passage: Some(excerpt(&challenge.content, &plan.search)),
        summary: Summary::of(&challenge, agency),
    };
    let mut take = |id: &ChallengeId| {
        let at = found.iter().position(|(challenge, _)| challenge.id == *id)?;
        Some(show(found.swap_remove(at)))
    };
    Ok(ids.iter().filter_map(&mut take).collect())
}

/// How many challenges one transaction indexes.
const BATCH: i64 = 50;

/// Some public challenges that are not indexed, or were by an earlier version of the program; the earliest first, after a place.
pub fn outdated(conn: &mut Conn, after: Option<listings::Place>) -> Result<Vec<listings::Place>> {
    Ok(listings::outdated(conn, after, BATCH)?)
}

/// Indexes challenges as they are stored. Doing it twice does no harm.
pub fn index(conn: &mut Conn, places: &[listings::Place]) -> Result<()> {
    let ids: Vec<_> = places.iter().map(|(_, id)| *id).collect();
    Ok(listings::index_stored(conn, &ids)?)
}

/// Forgets what only earlier versions of the program need, once nothing is outdated.
pub fn forget_earlier_versions(conn: &mut Conn) -> Result<()> {
    Ok(listings::purge(conn)?)
}
