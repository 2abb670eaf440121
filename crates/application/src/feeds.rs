//! Public challenges for programs that look again and again: feed readers and calendars.

use crate::{Result, discovery, periods};
use chrono::{DateTime, Utc};
use domain::{Actor, Challenge, ChallengeId, ChallengeQuery, challenge::KeyDate, discovery::Sort};
use persistence::{Conn, challenges, events};

/// The most entries of a feed: the newest.
pub const MOST_ENTRIES: usize = 100;

/// A challenge in a feed.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// The challenge, without what is confidential.
    pub challenge: Challenge,
    /// Its agency's name.
    pub agency_name: String,
    /// Its dates.
    pub dates: Vec<KeyDate>,
    /// When everybody last learned something of it.
    pub updated_at: DateTime<Utc>,
}

/// The newest challenges of a list or search, whatever order it asks for.
pub fn entries(conn: &mut Conn, query: &ChallengeQuery) -> Result<Vec<Entry>> {
    let newest = ChallengeQuery { sort: Sort::Newest, ..query.clone() };
    let found = discovery::list(conn, &newest, None, MOST_ENTRIES)?;
    let ids: Vec<_> = found.items.iter().map(|item| item.summary.id).collect();
    of(conn, None, &ids)
}

/// The challenges with these ids, in this order, as far as the viewer may see them.
pub fn of(conn: &mut Conn, viewer: Option<&Actor>, ids: &[ChallengeId]) -> Result<Vec<Entry>> {
    let mut found = challenges::find_all(conn, ids)?;
    found.retain(|(challenge, _)| challenge.require_visible(viewer).is_ok());
    let changes = events::last_public(conn, ids)?;
    let entry = |(mut challenge, agency_name): (Challenge, String)| {
        challenge.content = challenge.content.without_confidential_details();
        let changed = changes.iter().find(|(id, _)| *id == challenge.id).map(|(_, at)| *at);
        let updated_at = changed.or(challenge.published_at).unwrap_or(challenge.created_at);
        Entry { dates: challenge.key_dates(None), challenge, agency_name, updated_at }
    };
    let mut entries: Vec<_> = found.into_iter().map(entry).collect();
    entries.sort_by_key(|entry| ids.iter().position(|id| *id == entry.challenge.id));
    Ok(entries)
}

/// One challenge with all of its dates, computed ones included, for those who may see it.
pub fn timeline(conn: &mut Conn, viewer: Option<&Actor>, id: ChallengeId) -> Result<Entry> {
    let (timeline, _) = periods::timeline(conn, viewer, id)?;
    let mut entries = of(conn, viewer, &[id])?;
    let mut entry = entries.pop().ok_or(domain::Refusal::NotFound("challenge"))?;
    entry.dates = entry.challenge.key_dates(Some(&timeline));
    Ok(entry)
}
