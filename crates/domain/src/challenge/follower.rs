//! Who is told what happens to a challenge.

use super::Challenge;
use crate::{Actor, Event, Refusal, Result, Subject, UserId};
use chrono::{DateTime, Utc};
use serde_json::json;

/// Why somebody is told what happens to a challenge.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FollowReason {
    /// They asked to be told.
    Followed,
    /// They asked a question.
    Asked,
    /// They downloaded a document.
    Downloaded,
    /// They answered in a market consultation.
    Responded,
}

impl FollowReason {
    /// Every reason.
    pub const ALL: [Self; 4] = [Self::Followed, Self::Asked, Self::Downloaded, Self::Responded];

    /// The name of the reason.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Followed => "followed",
            Self::Asked => "asked",
            Self::Downloaded => "downloaded",
            Self::Responded => "responded",
        }
    }

    /// The reason of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.as_str() == name)
    }
}

/// Somebody who is told what happens to a challenge, or does not want to be any more. Nobody but they themselves knows:
/// it would tell who may bid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Follower {
    /// Who.
    pub user: UserId,
    /// Why, the first time.
    pub because: FollowReason,
    /// Since when.
    pub since: DateTime<Utc>,
    /// Since when they do not want to be told any more.
    pub stopped_at: Option<DateTime<Utc>>,
}

impl Challenge {
    /// Somebody wants to be told. Anybody who may see the challenge can.
    pub fn follow(&self, actor: &Actor, now: DateTime<Utc>) -> Result<(Follower, Event)> {
        self.require_visible(Some(actor))?;
        let follower = Follower { user: actor.user, because: FollowReason::Followed, since: now, stopped_at: None };
        Ok((follower, self.private_event("challenge.followed", actor.user)))
    }

    /// Somebody does not want to be told any more. Bidders are told all the same: it changes what they answer to.
    pub fn unfollow(&self, follower: &mut Follower, now: DateTime<Utc>) -> Result<Event> {
        if follower.stopped_at.is_some() {
            return Err(Refusal::NotFound("followed challenge"));
        }
        follower.stopped_at = Some(now);
        Ok(self.private_event("challenge.unfollowed", follower.user))
    }

    /// Whoever does something that shows interest is told from then on, unless they are known already or asked not to be.
    /// The agency's own people are not: they know.
    pub fn attract(
        &self,
        actor: &Actor,
        known: Option<&Follower>,
        because: FollowReason,
        now: DateTime<Utc>,
    ) -> Option<Follower> {
        let interesting = self.is_published() && known.is_none() && !actor.belongs_to(self.agency);
        interesting.then_some(Follower { user: actor.user, because, since: now, stopped_at: None })
    }

    /// About a person, not the agency, which does not learn of it.
    fn private_event(&self, kind: &'static str, user: UserId) -> Event {
        Event::confidential(kind, Subject::User(user), None).with(json!({ "challenge": self.id }))
    }
}
