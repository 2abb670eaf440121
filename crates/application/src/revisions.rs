//! The history of what a challenge says.

use crate::Result;
use chrono::{DateTime, Utc};
use domain::{Actor, Challenge, ChallengeId, UserId, challenge::Revision};
use persistence::{Conn, challenge_revisions, challenges};

/// Keeps what the challenge says now.
pub(crate) fn keep(conn: &mut Conn, challenge: &Challenge, editor: UserId, now: DateTime<Utc>) -> Result<()> {
    let last = challenge_revisions::last(conn, challenge.id)?;
    let revision = Revision::followed_by(last.as_ref(), challenge, editor, now);
    if last.is_some_and(|last| last.number == revision.number) {
        challenge_revisions::update(conn, challenge.id, &revision)?;
    } else {
        challenge_revisions::insert(conn, challenge.id, &revision)?;
    }
    Ok(())
}

/// Some revisions, the newest first, for the agency's members.
pub fn list(conn: &mut Conn, actor: &Actor, id: ChallengeId, before: Option<i32>, limit: i64) -> Result<Vec<Revision>> {
    challenges::find(conn, id)?.require_history_visible(actor)?;
    Ok(challenge_revisions::page(conn, id, before, limit)?)
}

/// A revision and the one before it, for the agency's members.
pub fn find(conn: &mut Conn, actor: &Actor, id: ChallengeId, number: i32) -> Result<(Revision, Option<Revision>)> {
    challenges::find(conn, id)?.require_history_visible(actor)?;
    let revision = challenge_revisions::find(conn, id, number)?;
    let before = challenge_revisions::page(conn, id, Some(number), 1)?.pop();
    Ok((revision, before))
}
