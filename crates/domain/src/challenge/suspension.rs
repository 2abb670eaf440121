//! Taking no bids for a while.

use super::{Challenge, ChallengeStatus, PlannedDates, publication::rfc3339};
use crate::{Actor, ChallengeId, Checks, Event, PeriodRules, Result, Role, Timeline, UserId};
use chrono::{DateTime, Days, SubsecRound, TimeDelta, Utc};
use serde_json::json;

/// Why an agency suspends a challenge.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SuspensionReason {
    /// Somebody complained, and it is being looked into.
    Complaint,
    /// A court or review body decided so.
    LegalDecision,
    /// The challenge contains an error that has to be mended first.
    ErrorInChallenge,
    /// Bids could not be handed in.
    TechnicalFailure,
    /// Anything else; the text says what.
    Other,
}

impl SuspensionReason {
    /// Every reason.
    pub const ALL: [Self; 5] =
        [Self::Complaint, Self::LegalDecision, Self::ErrorInChallenge, Self::TechnicalFailure, Self::Other];

    /// The code.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Complaint => "complaint",
            Self::LegalDecision => "legal_decision",
            Self::ErrorInChallenge => "error_in_challenge",
            Self::TechnicalFailure => "technical_failure",
            Self::Other => "other",
        }
    }

    /// The reason with this code.
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.as_str() == code)
    }
}

/// A time in which no bids are taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suspension {
    /// Of which challenge.
    pub challenge: ChallengeId,
    /// Counts from 1.
    pub number: i32,
    /// Why: a code.
    pub code: SuspensionReason,
    /// The same in words; 1 to 5,000 characters.
    pub reason: String,
    /// Until when bids would have been taken.
    pub deadline_before: DateTime<Utc>,
    /// The officer who suspended.
    pub suspended_by: UserId,
    /// Since when.
    pub suspended_at: DateTime<Utc>,
    /// How it ended; `None` while it lasts.
    pub resumption: Option<Resumption>,
}

/// How a suspension ended: with bids being taken again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resumption {
    /// Why; 1 to 5,000 characters.
    pub reason: String,
    /// Until when bids are taken now.
    pub deadline: DateTime<Utc>,
    /// The officer who resumed.
    pub resumed_by: UserId,
    /// When.
    pub resumed_at: DateTime<Utc>,
}

impl Challenge {
    /// An officer stops taking bids, before the deadline. `earlier` is how many suspensions there were.
    pub fn suspend(
        &mut self,
        actor: &Actor,
        (code, reason): (SuspensionReason, &str),
        earlier: i32,
        now: DateTime<Utc>,
    ) -> Result<(Suspension, Event)> {
        self.require_visible(Some(actor))?;
        actor.require(Role::Officer, self.agency)?;
        self.require_status(&[ChallengeStatus::Published], "published")?;
        self.require_open(now)?;
        crate::text(reason, 5000, "/reason")?;
        self.status = ChallengeStatus::Suspended;
        let suspension = Suspension {
            challenge: self.id,
            number: earlier + 1,
            code,
            reason: reason.to_owned(),
            deadline_before: self.deadline()?,
            suspended_by: actor.user,
            suspended_at: now,
            resumption: None,
        };
        let payload = json!({ "reference": self.reference, "code": code });
        Ok((suspension, self.event("challenge.suspended", payload).because(reason)))
    }

    /// Only an officer resumes, and only what is suspended.
    pub fn require_suspended(&self, actor: &Actor) -> Result<()> {
        self.require_visible(Some(actor))?;
        actor.require(Role::Officer, self.agency)?;
        self.require_status(&[ChallengeStatus::Suspended], "suspended")
    }

    /// An officer takes bids again. As much time is left as there was, or more: the deadline is `deadline`, or else the
    /// earliest that leaves it, to the full minute. Planned dates that lay ahead move with it.
    pub fn resume(
        &mut self,
        actor: &Actor,
        suspension: &mut Suspension,
        (reason, deadline): (&str, Option<DateTime<Utc>>),
        rules: &PeriodRules,
        now: DateTime<Utc>,
    ) -> Result<(Timeline, Event)> {
        self.require_suspended(actor)?;
        let before = self.deadline()?;
        let earliest = to_full_minute(suspension.earliest_deadline(before, now).max(before));
        let deadline = deadline.unwrap_or(earliest);
        let mut checks = Checks::new();
        checks.text(reason, 5000, "/reason");
        let words = format!("must leave as much time as there was: until {} or later", rfc3339(earliest));
        checks.require(deadline >= earliest, "/submissionDeadline", "period_too_short", words);
        checks.done()?;
        self.status = ChallengeStatus::Published;
        self.content.submission_deadline = Some(deadline);
        self.move_solution_deadline(deadline - before, suspension.suspended_at);
        let limits = rules.timeline(self.published_at.unwrap_or(now), Some(deadline));
        self.content.planned_dates.move_by(deadline - before, suspension.suspended_at, &limits);
        let timeline = self.timeline_in_force(rules)?;
        let (reason, resumed_by) = (reason.to_owned(), actor.user);
        let payload = json!({ "reference": self.reference, "submissionDeadline": rfc3339(deadline) });
        let event = self.event("challenge.resumed", payload).because(&reason);
        suspension.resumption = Some(Resumption { reason, deadline, resumed_by, resumed_at: now });
        Ok((timeline, event))
    }
}

impl Suspension {
    /// The deadline that leaves as much time from `now` on as there was when bids were no longer taken; what a change has added
    /// since, nobody could use yet.
    fn earliest_deadline(&self, in_force: DateTime<Utc>, now: DateTime<Utc>) -> DateTime<Utc> {
        now + (self.deadline_before.max(in_force) - self.suspended_at)
    }
}

impl PlannedDates {
    /// Questions can be asked, and are answered, as long as before; but no later than the procedure allows.
    fn move_by(&mut self, by: TimeDelta, since: DateTime<Utc>, limits: &Timeline) {
        for (planned, limit) in
            [(&mut self.questions_until, &limits.questions_until), (&mut self.answers_by, &limits.answers_by)]
        {
            let latest = limit.as_ref().map_or(DateTime::<Utc>::MAX_UTC, |limit| limit.ends_at);
            if let Some(date) = planned.as_mut().filter(|date| **date > since) {
                *date = (*date + by).min(latest).max(*date);
            }
        }
        self.move_days(by, since);
    }

    /// Award and pilots are expected as many days later, begun ones counted.
    pub(super) fn move_days(&mut self, by: TimeDelta, since: DateTime<Utc>) {
        let days =
            Days::new(u64::try_from((by + TimeDelta::days(1) - TimeDelta::microseconds(1)).num_days()).unwrap_or(0));
        for planned in [&mut self.expected_award, &mut self.pilot_start] {
            if let Some(date) = planned.as_mut().filter(|date| **date > since.date_naive()) {
                *date = date.checked_add_days(days).unwrap_or(*date);
            }
        }
    }
}

pub(super) fn to_full_minute(at: DateTime<Utc>) -> DateTime<Utc> {
    let down = at.trunc_subsecs(0) - TimeDelta::seconds(at.timestamp().rem_euclid(60));
    if down == at { at } else { down + TimeDelta::minutes(1) }
}
