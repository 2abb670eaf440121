//! The opening session: enough holders of the committee come together, after the deadline.

use super::{Committee, EnvelopeKind, Holder, Recovery};
use crate::{Actor, Challenge, ChallengeStatus, Event, Refusal, Result, Role, UserId};
use chrono::{DateTime, Utc};
use serde_json::json;

/// Who has brought their shares so far, for one kind of envelope.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opening {
    /// Which envelopes.
    pub kind: EnvelopeKind,
    /// How many different holders it takes.
    pub needed: usize,
    /// That bidders are asked for their keys, if so.
    pub recovery: Option<Recovery>,
    attended: Vec<UserId>,
}

impl Opening {
    /// A session with those who came so far.
    pub fn of(committee: &Committee, kind: EnvelopeKind, attended: Vec<UserId>) -> Self {
        Self { kind, needed: usize::from(committee.threshold), recovery: None, attended }
    }

    /// The same, while bidders are asked for their keys.
    pub fn with_recovery(self, recovery: Option<Recovery>) -> Self {
        Self { recovery, ..self }
    }

    /// Who came.
    pub fn attended(&self) -> &[UserId] {
        &self.attended
    }

    /// Whether a holder may be handed the shares of these envelopes, and bring them back opened: after the deadline for
    /// solutions and for quality, after the judgement of quality is frozen for prices. That it is frozen is for the caller
    /// to check.
    pub fn require_open_to(
        &self,
        actor: &Actor,
        challenge: &Challenge,
        committee: &Committee,
        now: DateTime<Utc>,
    ) -> Result<()> {
        actor.require(Role::Officer, challenge.agency)?;
        committee.holder(actor, challenge).map_err(|_| Refusal::RoleMissing(Role::Officer))?;
        self.require_time(challenge, now)
    }

    /// Whether it is time to open these envelopes.
    pub(super) fn require_time(&self, challenge: &Challenge, now: DateTime<Utc>) -> Result<()> {
        match self.kind {
            EnvelopeKind::Solution => return challenge.require_solutions_sealed(now),
            EnvelopeKind::Quality => challenge.require_status(&[ChallengeStatus::Closed], "closed")?,
            EnvelopeKind::Price => challenge.require_prices_sealed()?,
        }
        if now < challenge.deadline()? { Err(Refusal::DeadlineNotReached) } else { Ok(()) }
    }

    /// A holder brings shares. Coming again with more of them is no second attendance. Gives whether it is the first time.
    pub fn attend(&mut self, actor: &Actor) -> bool {
        let first = !self.attended.contains(&actor.user);
        if first {
            self.attended.push(actor.user);
        }
        first
    }

    /// That a holder was handed shares to open. With them enough holders could open the envelopes elsewhere, too.
    pub fn shares_handed_out(&self, challenge: &Challenge, holder: &Holder, count: usize) -> Event {
        self.event("challenge.shares_handed_out", challenge, holder, count)
    }

    /// That a holder brought opened shares.
    pub fn shares_brought(&self, challenge: &Challenge, holder: &Holder, count: usize) -> Event {
        self.event("challenge.shares_brought", challenge, holder, count)
    }

    fn event(&self, kind: &'static str, challenge: &Challenge, holder: &Holder, count: usize) -> Event {
        let payload = json!({ "envelopes": self.kind, "holder": holder.index, "count": count });
        challenge.confidential_event(kind).with(payload)
    }

    /// Whether enough people came.
    pub fn is_complete(&self) -> bool {
        self.attended.len() >= self.needed
    }

    /// Whether the session may end once nothing is left shut: enough people came, or bidders were asked for their keys.
    pub fn may_end(&self) -> bool {
        self.is_complete() || self.recovery.is_some()
    }

    /// Whether what is still shut stays shut: bidders had their time to give keys.
    pub fn is_over(&self, now: DateTime<Utc>) -> bool {
        self.recovery.as_ref().is_some_and(|recovery| recovery.due_at <= now)
    }

    /// Refuses until enough people came, or bidders were asked for their keys.
    pub fn require_complete(&self) -> Result<()> {
        if self.may_end() { Ok(()) } else { Err(Refusal::FourEyes("an opening takes several different people")) }
    }
}
