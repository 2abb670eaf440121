//! Following challenges, and telling everybody who does, or who bids, what happens to them.

use crate::{Caller, Result, clock, mail};
use chrono::{DateTime, Utc};
use domain::{
    Actor, Challenge, ChallengeId, Refusal, UserId,
    challenge::{FollowReason, Follower},
};
use notifications::{Message, News};
use persistence::{
    Conn, accounts,
    announcements::{self, Announcement, Audience},
    challenges::{self, Summary},
    followers::{self, Bidders},
};

/// How many mails one transaction writes.
const BATCH: i64 = 200;

/// Somebody wants to be told. Doing it again changes nothing.
pub fn follow(conn: &mut Conn, caller: &Caller, id: ChallengeId) -> Result<Follower> {
    let challenge = challenges::find(conn, id)?;
    let now = clock::of(conn, &challenge)?;
    let (follower, event) = challenge.follow(&caller.actor, now)?;
    match followers::lock(conn, id, caller.actor.user)? {
        Some(known) if known.stopped_at.is_none() => return Ok(known),
        Some(_) => followers::update(conn, id, &follower)?,
        None => followers::insert(conn, id, &follower)?,
    }
    caller.record(conn, now, event)?;
    Ok(follower)
}

/// Somebody does not want to be told any more.
pub fn unfollow(conn: &mut Conn, caller: &Caller, id: ChallengeId) -> Result<()> {
    let Some(mut follower) = followers::lock(conn, id, caller.actor.user)? else {
        return Err(Refusal::NotFound("followed challenge").into());
    };
    let challenge = challenges::find(conn, id)?;
    let now = clock::of(conn, &challenge)?;
    let event = challenge.unfollow(&mut follower, now)?;
    followers::update(conn, id, &follower)?;
    caller.record(conn, now, event)
}

/// Some challenges that a person follows, the newest challenge first. One that the person may not see any more is left
/// out.
pub fn list(
    conn: &mut Conn,
    actor: &Actor,
    after: Option<ChallengeId>,
    limit: i64,
) -> Result<Vec<(ChallengeId, Follower)>> {
    Ok(followers::page(conn, actor.user, after, limit)?)
}

/// What lists show of these challenges, as far as the person may see them.
pub fn summaries(conn: &mut Conn, actor: &Actor, ids: &[ChallengeId]) -> Result<Vec<Summary>> {
    let mut found = challenges::summaries_of(conn, ids)?;
    found.retain(|summary| summary.require_visible(actor).is_ok());
    Ok(found)
}

/// Whether doing this makes the person a follower.
pub fn attracts(conn: &mut Conn, actor: &Actor, challenge: &Challenge, because: FollowReason) -> Result<bool> {
    let known = followers::find(conn, challenge.id, actor.user)?;
    let now = clock::of(conn, challenge)?;
    Ok(challenge.attract(actor, known.as_ref(), because, now).is_some())
}

/// Makes somebody who shows interest a follower, unless they are known already.
pub fn attract(conn: &mut Conn, actor: &Actor, challenge: &Challenge, because: FollowReason) -> Result<()> {
    let known = followers::find(conn, challenge.id, actor.user)?;
    let now = clock::of(conn, challenge)?;
    match challenge.attract(actor, known.as_ref(), because, now) {
        Some(follower) => Ok(followers::insert(conn, challenge.id, &follower)?),
        None => Ok(()),
    }
}

/// Puts news of a challenge on their way to everybody who follows it, asked, downloaded or bids. They get their mails soon
/// after the transaction, some at a time: the news are told, even if the process dies in between.
pub fn tell(conn: &mut Conn, challenge: &Challenge, news: News, now: DateTime<Utc>) -> Result<()> {
    put_on_their_way(conn, challenge, news, Audience::Followers, now)
}

/// Reminds those whose bid does not take all material changes into account.
pub(crate) fn tell_unconfirmed(conn: &mut Conn, challenge: &Challenge, now: DateTime<Utc>) -> Result<()> {
    let news = News::ConfirmBid { deadline: challenge.stage_deadline(challenge.stage())? };
    put_on_their_way(conn, challenge, news, Audience::Unconfirmed, now)
}

fn put_on_their_way(
    conn: &mut Conn,
    challenge: &Challenge,
    news: News,
    audience: Audience,
    now: DateTime<Utc>,
) -> Result<()> {
    let (challenge_title, challenge_reference) = mail::names(challenge);
    let link = mail::challenge_link(challenge.id);
    let message = Message::ChallengeNews { challenge_title, challenge_reference, news, link };
    let announcement = Announcement {
        id: conn.new_id(),
        challenge: challenge.id,
        message: serde_json::to_value(message).unwrap_or_default(),
        audience,
        after: None,
        created_at: now,
        sandbox: challenge.sandbox,
    };
    Ok(announcements::insert(conn, &announcement)?)
}

/// Whether there are news to tell.
pub fn any_news(conn: &mut Conn) -> Result<bool> {
    Ok(announcements::any(conn)?)
}

/// Writes the next mails. Says false if there was nothing to tell.
pub fn announce(conn: &mut Conn) -> Result<bool> {
    let Some(mut next) = announcements::lock_next(conn)? else { return Ok(false) };
    let people = match next.audience {
        Audience::Followers => followers::told(conn, next.challenge, next.after, BATCH)?,
        Audience::Bidders => followers::bidders(conn, next.challenge, Bidders::NotFollowing, next.after, BATCH)?,
        Audience::Unconfirmed => followers::bidders(conn, next.challenge, Bidders::Unconfirmed, next.after, BATCH)?,
    };
    write(conn, &next, &people)?;
    let exhausted = i64::try_from(people.len()).is_ok_and(|found| found < BATCH);
    match (exhausted, next.audience) {
        (false, _) => next.after = people.last().copied(),
        (true, Audience::Followers) => (next.audience, next.after) = (Audience::Bidders, None),
        (true, Audience::Bidders | Audience::Unconfirmed) => {
            announcements::delete(conn, next.id)?;
            return Ok(true);
        }
    }
    announcements::update(conn, &next)?;
    Ok(true)
}

fn write(conn: &mut Conn, announcement: &Announcement, people: &[UserId]) -> Result<()> {
    let people = accounts::find_all(conn, people)?;
    people.iter().try_for_each(|person| {
        let message = announcement.message.clone();
        Ok(persistence::outbox::enqueue(conn, &person.name, &person.email, message, announcement.created_at)?)
    })
}
