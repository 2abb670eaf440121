//! Publishing at a set time.

use super::{Challenge, ChallengeStatus, publication::rfc3339};
use crate::{Actor, ChallengeId, Event, Organisation, PeriodRules, Refusal, Result, Role, Timeline, UserId};
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;

/// How far ahead a publication can be set.
pub const FARTHEST: TimeDelta = TimeDelta::days(366);

/// When the scheduler is to publish a challenge, and who said so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScheduledPublication {
    /// Which challenge.
    pub challenge: ChallengeId,
    /// When.
    pub publish_at: DateTime<Utc>,
    /// The officer who said so.
    pub scheduled_by: UserId,
    /// When they did.
    pub scheduled_at: DateTime<Utc>,
}

impl ScheduledPublication {
    /// When the publication counts as made that is made at `now`: then, since bidders have their whole time from what they can see;
    /// in a sandbox at the set time, however far its clock jumped or ran beyond it.
    pub fn takes_place_at(&self, challenge: &Challenge, now: DateTime<Utc>) -> DateTime<Utc> {
        if challenge.sandbox { self.publish_at } else { now }
    }
}

impl Challenge {
    /// An officer sets the time at which an approved challenge is published, within [`FARTHEST`]. Its dates must leave the
    /// minimum periods then. Setting it again replaces the time.
    pub fn schedule(
        &self,
        actor: &Actor,
        agency: &Organisation,
        rules: &PeriodRules,
        publish_at: DateTime<Utc>,
        now: DateTime<Utc>,
    ) -> Result<(ScheduledPublication, Event)> {
        self.require_schedulable(actor)?;
        if publish_at <= now || publish_at > now + FARTHEST {
            let words = "must be after now and within a year";
            return Err(Refusal::invalid("/publishAt", "out_of_range", words));
        }
        agency.require_trusted()?;
        self.content.check_complete(publish_at)?;
        self.require_minimum_period(rules, publish_at)?;
        let (challenge, scheduled_by, scheduled_at) = (self.id, actor.user, now);
        let scheduled = ScheduledPublication { challenge, publish_at, scheduled_by, scheduled_at };
        let told = json!({ "publishAt": rfc3339(publish_at) });
        Ok((scheduled, self.confidential_event("challenge.publication_scheduled").with(told)))
    }

    /// An officer takes the time back; the challenge stays approved.
    pub fn unschedule(&self, actor: &Actor) -> Result<Event> {
        self.require_schedulable(actor)?;
        Ok(self.confidential_event("challenge.publication_unscheduled"))
    }

    /// The set time has come. The same is looked at as when an officer publishes.
    pub fn publish_as_scheduled(
        &mut self,
        scheduled: &ScheduledPublication,
        agency: &Organisation,
        rules: &PeriodRules,
        now: DateTime<Utc>,
    ) -> Result<(Timeline, Event)> {
        let (timeline, event) = self.make_public(agency, rules, now)?;
        Ok((timeline, event.with(json!({ "scheduledBy": scheduled.scheduled_by }))))
    }

    /// The set time has come, and the challenge cannot be published. It stays approved.
    pub fn publication_failed(&self, why: &Refusal) -> Event {
        self.confidential_event("challenge.publication_failed").because(why.to_string())
    }

    fn require_schedulable(&self, actor: &Actor) -> Result<()> {
        self.require_visible(Some(actor))?;
        actor.require(Role::Officer, self.agency)?;
        self.require_status(&[ChallengeStatus::Approved], "approved")
    }
}
