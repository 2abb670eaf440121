//! Publishing, closing at the deadline, cancelling.

use super::{Challenge, ChallengeStatus};
use crate::{Actor, Event, Organisation, PeriodRules, Refusal, Result, Role, Timeline};
use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::json;

/// Why an agency cancels a challenge.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CancelReason {
    /// The problem went away or changed.
    NeedChanged,
    /// The money is gone.
    BudgetWithdrawn,
    /// The challenge contains an error that cannot be mended by a change.
    ErrorInChallenge,
    /// A court or review body decided so.
    LegalDecision,
    /// Anything else; the text says what.
    Other,
}

impl CancelReason {
    /// The code.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NeedChanged => "need_changed",
            Self::BudgetWithdrawn => "budget_withdrawn",
            Self::ErrorInChallenge => "error_in_challenge",
            Self::LegalDecision => "legal_decision",
            Self::Other => "other",
        }
    }
}

impl Challenge {
    /// An officer makes the challenge public. The deadline must leave the minimum period of the procedure. Gives the
    /// dates that follow from it.
    pub fn publish(
        &mut self,
        actor: &Actor,
        agency: &Organisation,
        rules: &PeriodRules,
        now: DateTime<Utc>,
    ) -> Result<(Timeline, Event)> {
        self.require_visible(Some(actor))?;
        actor.require(Role::Officer, self.agency)?;
        self.make_public(agency, rules, now)
    }

    /// What is looked at whoever publishes: an officer, or the scheduler.
    pub(super) fn make_public(
        &mut self,
        agency: &Organisation,
        rules: &PeriodRules,
        now: DateTime<Utc>,
    ) -> Result<(Timeline, Event)> {
        self.require_status(&[ChallengeStatus::Approved], "approved")?;
        agency.require_trusted()?;
        self.content.check_complete(now)?;
        let deadline = self.deadline()?;
        let timeline = self.require_minimum_period(rules, now)?;
        self.status = ChallengeStatus::Published;
        self.published_at = Some(now);
        let mut payload = json!({
            "reference": self.reference, "title": self.content.title, "submissionDeadline": rfc3339(deadline),
        });
        if self.content.shortlisting.is_some() {
            payload["solutionDeadline"] = json!(rfc3339(self.solution_deadline()?));
        }
        Ok((timeline, self.event("challenge.published", payload)))
    }

    /// The dates of the challenge if it were published at `now`. Refuses if the deadline would not leave the minimum
    /// period of the procedure: a review would be in vain.
    pub fn require_minimum_period(&self, rules: &PeriodRules, now: DateTime<Utc>) -> Result<Timeline> {
        let deadline = self.deadline()?;
        let timeline = self.content.timeline(rules, now, None);
        self.content.check_periods(&timeline, deadline)?;
        Ok(timeline)
    }

    /// The scheduler shuts the box. Whoever acts, and however late, nothing but the recorded deadline decides.
    pub fn close(&mut self, now: DateTime<Utc>) -> Result<Event> {
        self.require_status(&[ChallengeStatus::Published], "published")?;
        if now < self.deadline()? {
            return Err(Refusal::DeadlineNotReached);
        }
        self.status = ChallengeStatus::Closed;
        self.closed_at = Some(now);
        Ok(self.event("challenge.closed", json!({ "reference": self.reference })))
    }

    /// An officer ends the challenge before an award.
    pub fn cancel(&mut self, actor: &Actor, code: CancelReason, reason: &str, now: DateTime<Utc>) -> Result<Event> {
        use ChallengeStatus as S;
        self.require_visible(Some(actor))?;
        actor.require(Role::Officer, self.agency)?;
        let before_award = [
            S::Draft,
            S::InReview,
            S::ChangesRequested,
            S::Approved,
            S::Published,
            S::Suspended,
            S::Closed,
            S::Opened,
            S::Evaluating,
        ];
        self.require_status(&before_award, "not yet awarded")?;
        crate::text(reason, 5000, "/reason")?;
        self.status = S::Cancelled;
        self.end(code.as_str(), reason, now);
        Ok(self.event("challenge.cancelled", json!({ "reference": self.reference, "code": code })).because(reason))
    }

    /// Whether a bid that is received at `now` is in time.
    pub fn require_open(&self, now: DateTime<Utc>) -> Result<()> {
        if matches!(self.status, ChallengeStatus::Closed) {
            return Err(Refusal::DeadlinePassed);
        }
        self.require_status(&[ChallengeStatus::Published], "published")?;
        if now < self.deadline()? { Ok(()) } else { Err(Refusal::DeadlinePassed) }
    }

    pub(super) fn end(&mut self, code: &str, reason: &str, now: DateTime<Utc>) {
        self.ended_at = Some(now);
        self.end_reason_code = Some(code.to_owned());
        self.end_reason = Some(reason.to_owned());
    }
}

pub(super) fn rfc3339(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}
