//! Taking no bids for a while, and taking them again.

use crate::{
    Caller, Result,
    challenges::{Detail, detail, save},
    change_notices, clock, followers, periods, revisions,
};
use chrono::{DateTime, Utc};
use domain::{ChallengeId, Refusal, challenge::SuspensionReason};
use notifications::News;
use persistence::{Conn, challenge_suspensions as suspensions, challenges};

/// An officer suspends a challenge. Waits for bids that already hold a time of receipt.
pub fn suspend(
    conn: &mut Conn,
    caller: &Caller,
    id: ChallengeId,
    code: SuspensionReason,
    reason: &str,
) -> Result<Detail> {
    challenges::lock_box(conn, id)?;
    let mut challenge = challenges::lock(conn, id)?;
    challenge.require_visible(Some(&caller.actor))?;
    let earlier = suspensions::last(conn, id)?.map_or(0, |last| last.number);
    let now = clock::of(conn, &challenge)?;
    let (suspension, event) = challenge.suspend(&caller.actor, (code, reason), earlier, now)?;
    suspensions::insert(conn, &suspension)?;
    save(conn, caller, &mut challenge, now, event)?;
    followers::tell(conn, &challenge, News::Suspended { reason: reason.to_owned() }, now)?;
    detail(conn, challenge)
}

/// An officer takes bids again, until `deadline` or, if none is given, the earliest that leaves as much time as there was.
pub fn resume(
    conn: &mut Conn,
    caller: &Caller,
    id: ChallengeId,
    reason: &str,
    deadline: Option<DateTime<Utc>>,
) -> Result<Detail> {
    challenges::lock_box(conn, id)?;
    let mut challenge = challenges::lock(conn, id)?;
    challenge.require_suspended(&caller.actor)?;
    let rules = periods::rules_in_force(conn, &challenge)?;
    let now = clock::of(conn, &challenge)?;
    let last = suspensions::last(conn, id)?;
    let mut last = last.ok_or(Refusal::NotFound("suspension"))?;
    let (timeline, event) = challenge.resume(&caller.actor, &mut last, (reason, deadline), &rules, now)?;
    suspensions::update(conn, &last)?;
    revisions::keep(conn, &challenge, caller.actor.user, now)?;
    save(conn, caller, &mut challenge, now, event)?;
    persistence::periods::put_timeline(conn, id, &timeline)?;
    change_notices::remind_again(conn, &challenge, now)?;
    let news = News::Resumed { reason: reason.to_owned(), deadline: challenge.next_deadline()? };
    followers::tell(conn, &challenge, news, now)?;
    detail(conn, challenge)
}
