//! Changing what published challenges say.

use crate::{
    Caller, Result,
    challenges::{Detail, detail, save},
    clock, confidentiality,
    error::require_current,
    followers, periods, revisions,
};
use chrono::{DateTime, Utc};
use domain::{
    Actor, Challenge, ChallengeId, PeriodRules,
    challenge::{ChangeNotice, ChangePolicy, ChangeReason, Content, Place, ProposedChange},
};
use notifications::News;
use persistence::{Conn, Scope, challenge_revisions, challenges, change_notices};

/// The most that one look of the scheduler finds; the next look finds the rest.
const BATCH: i64 = 100;

/// Why a challenge is changed, and having seen which version of it.
pub struct Cause {
    /// A code.
    pub code: ChangeReason,
    /// The same in words.
    pub reason: String,
    /// The version that the officer has seen.
    pub expected: i32,
}

/// An officer changes a published challenge: `change` gets the content as it is and gives it as it should be. Waits for bids
/// that already hold a time of receipt. Everybody who follows or bids is told.
pub fn publish(
    conn: &mut Conn,
    caller: &Caller,
    id: ChallengeId,
    policy: ChangePolicy,
    cause: Cause,
    change: impl FnOnce(Content, &mut Conn) -> Result<Content>,
) -> Result<(ChangeNotice, Detail)> {
    challenges::lock_box(conn, id)?;
    let mut challenge = challenges::lock(conn, id)?;
    challenge.require_visible(Some(&caller.actor))?;
    require_current(challenge.version, Some(cause.expected))?;
    let content = change(challenge.content.clone(), conn)?;
    let rules = PeriodRules { zone: content.zone, ..periods::rules_in_force(conn, &challenge)? };
    let revision = challenge_revisions::last(conn, id)?.map_or(0, |last| last.number);
    let place = Place { id: conn.new_id(), present: change_notices::count(conn, id)?, revision };
    let now = clock::of(conn, &challenge)?;
    let proposed = ProposedChange { code: cause.code, reason: cause.reason, content };
    let deadline_before = challenge.next_deadline()?;
    let (notice, timeline, event) = challenge.change(&caller.actor, place, proposed, (&rules, policy), now)?;
    let deadline = challenge.next_deadline()?;
    revisions::keep(conn, &challenge, caller.actor.user, now)?;
    change_notices::insert(conn, &notice)?;
    save(conn, caller, &mut challenge, now, event)?;
    persistence::periods::put_timeline(conn, id, &timeline)?;
    if deadline != deadline_before {
        remind_again(conn, &challenge, now)?;
    }
    followers::tell(conn, &challenge, news(&notice, deadline), now)?;
    Ok((notice, detail(conn, challenge)?))
}

/// What followers are told of a change, with the deadline that companies work towards now.
pub(crate) fn news(notice: &ChangeNotice, deadline: DateTime<Utc>) -> News {
    News::Changed {
        reason: notice.reason.clone(),
        sections: notice.sections.iter().map(|section| section.as_str().to_owned()).collect(),
        confirm: notice.material,
        deadline,
    }
}

/// Some notices, the newest first, for those who may see the challenge.
pub fn list(
    conn: &mut Conn,
    viewer: Option<&Actor>,
    id: ChallengeId,
    before: Option<i32>,
    limit: i64,
) -> Result<Vec<ChangeNotice>> {
    challenges::find(conn, id)?.require_visible(viewer)?;
    Ok(change_notices::page(conn, id, before, limit)?)
}

/// A notice with what the challenge said before and after, as far as the viewer may see it.
pub fn find(
    conn: &mut Conn,
    viewer: Option<&Actor>,
    id: ChallengeId,
    number: i32,
) -> Result<(ChangeNotice, [Content; 2])> {
    let challenge = challenges::find(conn, id)?;
    challenge.require_visible(viewer)?;
    let notice = change_notices::find(conn, id, number)?;
    let open = confidentiality::is_open_to(conn, viewer, &challenge)?;
    let mut content = |number| -> Result<Content> {
        let content = challenge_revisions::find(conn, id, number)?.content;
        Ok(if open { content } else { content.without_confidential_details() })
    };
    let contents = [content(notice.revision_before)?, content(notice.revision)?];
    Ok((notice, contents))
}

/// The challenges whose deadline is near and whose bidders were not yet reminded to confirm.
pub fn needing_reminder(conn: &mut Conn, scope: Scope) -> Result<Vec<ChallengeId>> {
    let now = clock::of_scope(conn, scope)?;
    Ok(change_notices::unreminded(conn, scope, now + domain::bid::CONFIRMATION_REMINDER, BATCH)?)
}

/// Reminds the bidders of one challenge whose bids do not take all changes into account. Says false if somebody else was
/// faster.
pub fn remind(conn: &mut Conn, id: ChallengeId) -> Result<bool> {
    let challenge = challenges::lock(conn, id)?;
    let now = clock::of(conn, &challenge)?;
    if !is_near(&challenge, now)? || !change_notices::note_reminder(conn, id, now)? {
        return Ok(false);
    }
    followers::tell_unconfirmed(conn, &challenge, now)?;
    Ok(true)
}

/// After its deadline moved: bidders who were reminded of the old one are reminded of the new one, once that is near.
pub(crate) fn remind_again(conn: &mut Conn, challenge: &Challenge, now: DateTime<Utc>) -> Result<()> {
    if is_near(challenge, now)? { Ok(()) } else { Ok(change_notices::forget_reminders(conn, challenge.id)?) }
}

/// Whether the deadline is near, and has neither passed nor been moved meanwhile.
fn is_near(challenge: &Challenge, now: DateTime<Utc>) -> Result<bool> {
    let stage = challenge.stage();
    Ok(challenge.require_stage_open(stage, now).is_ok()
        && challenge.stage_deadline(stage)? <= now + domain::bid::CONFIRMATION_REMINDER)
}
