//! Text that is added to published challenges.

use crate::{Caller, Result, clock, followers};
use domain::{Actor, ChallengeId, challenge::Addendum};
use notifications::News;
use persistence::{Conn, addenda, challenges};

/// An officer adds text; everybody who follows or bids is told.
pub fn publish(conn: &mut Conn, caller: &Caller, id: ChallengeId, title: &str, body: &str) -> Result<Addendum> {
    let challenge = challenges::lock(conn, id)?;
    challenge.require_visible(Some(&caller.actor))?;
    let present = addenda::count(conn, id)?;
    let now = clock::of(conn, &challenge)?;
    let (addendum, event) = challenge.add_addendum(&caller.actor, (title, body), present, now)?;
    addenda::insert(conn, &addendum)?;
    caller.record(conn, now, event)?;
    followers::tell(conn, &challenge, News::Addendum { title: addendum.title.clone() }, now)?;
    Ok(addendum)
}

/// Some addenda, the newest first, for those who may see the challenge.
pub fn list(
    conn: &mut Conn,
    viewer: Option<&Actor>,
    id: ChallengeId,
    before: Option<i32>,
    limit: i64,
) -> Result<Vec<Addendum>> {
    challenges::find(conn, id)?.require_visible(viewer)?;
    Ok(addenda::page(conn, id, before, limit)?)
}
