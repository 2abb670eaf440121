//! From the shut box to the last pilot.

use super::{Challenge, ChallengeStatus};
use crate::{
    Actor, Award, Bid, BidStatus, ComputedDate, Contract, ContractStatus, Event, Opening, PeriodRules, Refusal, Result,
    Role,
};
use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::json;

/// Why an evaluated challenge ends without a winner.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CloseWithoutAwardReason {
    /// Nobody bid.
    NoBids,
    /// No bid was admitted.
    NoAdmissibleBids,
    /// No bid reached the minimum scores.
    BelowMinimum,
    /// Anything else; the text says what.
    Other,
}

impl CloseWithoutAwardReason {
    /// The code.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NoBids => "no_bids",
            Self::NoAdmissibleBids => "no_admissible_bids",
            Self::BelowMinimum => "below_minimum",
            Self::Other => "other",
        }
    }
}

impl Challenge {
    /// The box is open once enough holders brought their shares and each quality envelope was opened. `bids` is the number
    /// in the box.
    pub fn open(&mut self, opening: &Opening, bids: usize, now: DateTime<Utc>) -> Result<Event> {
        self.require_status(&[ChallengeStatus::Closed], "closed")?;
        if now < self.deadline()? {
            return Err(Refusal::DeadlineNotReached);
        }
        opening.require_complete()?;
        self.status = ChallengeStatus::Opened;
        self.opened_at = Some(now);
        let payload = json!({ "reference": self.reference, "numberOfBids": bids });
        Ok(self.event("challenge.opened", payload).with(json!({ "openedBy": opening.attended() })))
    }

    /// The prices are open once enough holders brought their shares, the judgement of quality is frozen, and each price
    /// envelope of an admitted bid was opened.
    pub fn open_prices(&mut self, opening: &Opening, now: DateTime<Utc>) -> Result<Event> {
        self.require_prices_sealed()?;
        opening.require_complete()?;
        self.prices_opened_at = Some(now);
        let event = self.event("challenge.prices_opened", json!({ "reference": self.reference }));
        Ok(event.with(json!({ "openedBy": opening.attended() })))
    }

    /// Refuses unless the evaluation runs and the prices are still sealed.
    pub fn require_prices_sealed(&self) -> Result<()> {
        self.require_status(&[ChallengeStatus::Evaluating], "evaluating")?;
        if self.prices_opened_at.is_some() { Err(Refusal::AlreadyDone) } else { Ok(()) }
    }

    /// An officer starts the evaluation, when each bid was admitted or disqualified.
    pub fn start_evaluation(&mut self, actor: &Actor, bids: &[Bid]) -> Result<Event> {
        self.require_visible(Some(actor))?;
        actor.require(Role::Officer, self.agency)?;
        self.require_status(&[ChallengeStatus::Opened], "opened")?;
        let unchecked = bids.iter().filter(|bid| bid.status == BidStatus::Opened).count();
        if unchecked > 0 {
            return Err(Refusal::Incomplete(format!("{unchecked} bid(s) are neither admitted nor disqualified yet")));
        }
        self.status = ChallengeStatus::Evaluating;
        Ok(self.event("challenge.evaluation_started", json!({ "reference": self.reference })))
    }

    /// An officer's award takes effect: the standstill period starts. Gives its end.
    pub fn award(&mut self, award: &Award, rules: &PeriodRules) -> Result<(ComputedDate, Event)> {
        self.require_status(&[ChallengeStatus::Evaluating], "evaluating")?;
        let standstill = rules.standstill(award.decided_at);
        self.status = ChallengeStatus::Awarded;
        self.awarded_at = Some(award.decided_at);
        self.standstill_until = Some(standstill.ends_at);
        let payload = json!({
            "reference": self.reference,
            "winners": award.winners.iter().map(|bid| json!({ "bid": bid.id, "company": bid.company })).collect::<Vec<_>>(),
            "standstillUntil": standstill.ends_at.to_rfc3339_opts(SecondsFormat::Secs, true),
        });
        Ok((standstill, self.event("challenge.awarded", payload).because(&award.reason)))
    }

    /// An officer ends an evaluation that has no winner, or a first stage in which none of the `solutions` was admitted.
    pub fn close_without_award(
        &mut self,
        actor: &Actor,
        solutions: &[Bid],
        code: CloseWithoutAwardReason,
        reason: &str,
        now: DateTime<Utc>,
    ) -> Result<Event> {
        self.require_visible(Some(actor))?;
        actor.require(Role::Officer, self.agency)?;
        if !self.has_no_candidates(solutions) {
            self.require_status(&[ChallengeStatus::Evaluating], "evaluating")?;
        }
        crate::text(reason, 5000, "/reason")?;
        self.status = ChallengeStatus::ClosedWithoutAward;
        self.end(code.as_str(), reason, now);
        let payload = json!({ "reference": self.reference, "code": code });
        Ok(self.event("challenge.closed_without_award", payload).because(reason))
    }

    /// Refuses while the standstill period runs.
    pub fn require_standstill_over(&self, now: DateTime<Utc>) -> Result<()> {
        match self.standstill_until {
            Some(until) if now < until => {
                Err(Refusal::StandstillRunning(until.to_rfc3339_opts(SecondsFormat::Secs, true)))
            }
            _ => Ok(()),
        }
    }

    /// An officer starts the pilots: the standstill is over and both sides signed every contract.
    pub fn start_pilots(&mut self, actor: &Actor, contracts: &[Contract], now: DateTime<Utc>) -> Result<Event> {
        self.require_visible(Some(actor))?;
        actor.require(Role::Officer, self.agency)?;
        self.require_status(&[ChallengeStatus::Awarded], "awarded")?;
        self.require_standstill_over(now)?;
        if contracts.is_empty() || !contracts.iter().all(Contract::is_signed) {
            return Err(Refusal::Incomplete("every contract must be signed by both sides first".to_owned()));
        }
        self.status = ChallengeStatus::Piloting;
        Ok(self.event("challenge.pilots_started", json!({ "reference": self.reference })))
    }

    /// A pilot manager ends the challenge: every pilot has an outcome and a learning.
    pub fn complete(&mut self, actor: &Actor, contracts: &[Contract], now: DateTime<Utc>) -> Result<Event> {
        self.require_visible(Some(actor))?;
        actor.require(Role::PilotManager, self.agency)?;
        self.require_status(&[ChallengeStatus::Piloting], "piloting")?;
        if contracts.iter().any(|contract| contract.status != ContractStatus::Completed) {
            return Err(Refusal::Incomplete("every pilot needs an outcome and a learning first".to_owned()));
        }
        self.status = ChallengeStatus::Completed;
        self.ended_at = Some(now);
        Ok(self.event("challenge.completed", json!({ "reference": self.reference })))
    }
}
