//! Searches that people keep, and mails with what is new in them.

use crate::{Caller, Result, discovery, error::require_current, mail};
use chrono::{DateTime, Utc};
use domain::{
    Actor, ChallengeQuery, Refusal, SavedSearchId,
    discovery::Sort,
    saved_search::{SavedSearch, SearchDraft},
};
use notifications::{Message, NewChallenge};
use persistence::{Conn, challenges::Summary, saved_searches as searches, sessions};

/// The most searches that one look finds due; the next look finds the rest.
const BATCH: i64 = 100;

/// How many of the newest challenges are looked at for one mail.
const LOOKED_AT: usize = 100;

/// How many challenges a mail names.
const NAMED: usize = 20;

/// The caller saves a search.
pub fn save(conn: &mut Conn, caller: &Caller, said: SearchDraft) -> Result<SavedSearch> {
    persistence::administration::lock_person(conn, caller.actor.user)?;
    let present = searches::of_user(conn, caller.actor.user)?.len();
    let now = conn.now()?;
    let (search, event) = SavedSearch::save(conn.new_id(), &caller.actor, said, present, now)?;
    searches::insert(conn, &search)?;
    caller.record(conn, now, event)?;
    Ok(search)
}

/// A search, for its owner.
pub fn find(conn: &mut Conn, actor: &Actor, id: SavedSearchId) -> Result<SavedSearch> {
    let search = searches::find(conn, id)?;
    search.require_owner(actor)?;
    Ok(search)
}

/// The searches of a person, by name.
pub fn list(conn: &mut Conn, actor: &Actor) -> Result<Vec<SavedSearch>> {
    Ok(searches::of_user(conn, actor.user)?)
}

/// Its owner changes a search: `change` gets what they said of it and gives what they say now.
pub fn change(
    conn: &mut Conn,
    caller: &Caller,
    id: SavedSearchId,
    expected: Option<i32>,
    change: impl FnOnce(SearchDraft) -> SearchDraft,
) -> Result<SavedSearch> {
    let mut search = lock(conn, &caller.actor, id)?;
    require_current(search.version, expected)?;
    let (said, now) = (change(search.said.clone()), conn.now()?);
    let event = search.change(&caller.actor, said, now)?;
    searches::update(conn, &mut search)?;
    caller.record(conn, now, event)?;
    Ok(search)
}

/// Its owner removes a search.
pub fn remove(conn: &mut Conn, caller: &Caller, id: SavedSearchId, expected: Option<i32>) -> Result<()> {
    let search = lock(conn, &caller.actor, id)?;
    require_current(search.version, expected)?;
    let (event, now) = (search.remove(&caller.actor)?, conn.now()?);
    searches::delete(conn, id)?;
    caller.record(conn, now, event)
}

/// An own search, for a change: whoever tells what is new waits.
fn lock(conn: &mut Conn, actor: &Actor, id: SavedSearchId) -> Result<SavedSearch> {
    find(conn, actor, id)?;
    Ok(searches::lock(conn, id)?.ok_or(Refusal::NotFound("search"))?)
}

/// Some searches for which it is time to tell what is new.
pub fn due(conn: &mut Conn) -> Result<Vec<SavedSearchId>> {
    let now = conn.now()?;
    Ok(searches::due(conn, now, BATCH)?)
}

/// Tells what is new in one of them, in one mail; nothing if nothing is. Does nothing if somebody else was faster.
pub fn alert(conn: &mut Conn, id: SavedSearchId) -> Result<()> {
    let Some(mut search) = searches::lock(conn, id)? else { return Ok(()) };
    let now = conn.now()?;
    let Some((from, until)) = search.alert(now) else { return Ok(()) };
    searches::told(conn, &search)?;
    let new = published(conn, &search.said.query, from, until)?;
    // Who cannot log in is not told of anything.
    if new.is_empty() || sessions::actor_of(conn, search.owner, now)?.is_none() {
        return Ok(());
    }
    let link = format!("/account/saved-searches/{id}");
    let more = new.len().saturating_sub(NAMED);
    let named = |summary: Summary| NewChallenge {
        title: summary.title,
        agency: summary.agency_name,
        deadline: summary.solution_deadline.or(summary.submission_deadline),
    };
    let challenges = new.into_iter().take(NAMED).map(named).collect();
    let message = Message::SearchAlert { name: search.said.name, challenges, more, link };
    mail::send_to_user(conn, search.owner, &message, now)
}

/// What of this was published from one instant until before another, the newest first. What holds only some of the words, or
/// others that are spelt alike, is not what was asked for.
fn published(
    conn: &mut Conn,
    query: &ChallengeQuery,
    from: DateTime<Utc>,
    until: DateTime<Utc>,
) -> Result<Vec<Summary>> {
    let newest = ChallengeQuery { sort: Sort::Newest, ..query.clone() };
    let found = discovery::list(conn, &newest, None, LOOKED_AT)?;
    if found.answer.is_some_and(|answer| !answer.all || answer.corrected.is_some()) {
        return Ok(Vec::new());
    }
    let new = |summary: &Summary| summary.published_at.is_some_and(|at| (from..until).contains(&at));
    Ok(found.items.into_iter().map(|item| item.summary).filter(new).collect())
}
