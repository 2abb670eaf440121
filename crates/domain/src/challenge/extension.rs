//! More time for bidders after an outage: proposed by itself, decided by an officer.
//!
//! ```text
//! open -> accepted     the deadline moves; a challenge that was closed meanwhile takes bids again
//!      -> dismissed    with a reason, for everybody
//! ```

use super::{
    Challenge, ChallengeStatus, ChangeNotice, ChangeReason, Place, publication::rfc3339, suspension::to_full_minute,
};
use crate::{
    Actor, ChallengeId, ComputedDate, Event, ExtensionProposalId, ObligationKind, Outage, OutageId, OutagePolicy,
    Period, PeriodRules, Refusal, Result, Role, Subject, Timeline, UserId,
    bid::BidStage,
    obligation::{Duty, names},
};
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use serde_json::json;

names! {
    /// How a proposal stands.
    ProposalStatus {
        /// An officer is to decide.
        Open = "open",
        /// The deadline was moved.
        Accepted = "accepted",
        /// It was not.
        Dismissed = "dismissed",
    }
}

/// That the deadline of a challenge should be moved, because an outage took something of the last hours before it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExtensionProposal {
    /// Its id.
    pub id: ExtensionProposalId,
    /// Of which challenge.
    pub challenge: ChallengeId,
    /// Because of which outage.
    pub outage: OutageId,
    /// Until when bids were taken, when it was made.
    pub deadline: DateTime<Utc>,
    /// When it was made.
    pub proposed_at: DateTime<Utc>,
    /// What was decided.
    pub decision: Option<ProposalDecision>,
}

/// What an officer decided about a proposal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProposalDecision {
    /// What.
    pub outcome: ProposalOutcome,
    /// The officer.
    pub by: UserId,
    /// When.
    pub at: DateTime<Utc>,
}

/// How a proposal ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ProposalOutcome {
    /// By the change notice with this number.
    Accepted(i32),
    /// For this reason; 1 to 5,000 characters.
    Dismissed(String),
}

/// The deadline that an extension gives, and why it is no earlier.
#[derive(Debug, Clone, PartialEq)]
pub struct Extension {
    /// Until when bids are taken.
    pub deadline: DateTime<Utc>,
    /// How much time was lost, by all the outages together.
    pub lost: TimeDelta,
    /// How much time is left from the decision on, at least.
    pub least: TimeDelta,
    /// With which working day it ends, at the earliest.
    pub working_days: Option<ComputedDate>,
}

/// What an accepted proposal comes to.
#[derive(Debug, Clone, PartialEq)]
pub struct Extended {
    /// What everybody is told.
    pub notice: ChangeNotice,
    /// The dates that follow.
    pub timeline: Timeline,
    /// Whether the challenge was closed, and takes bids again.
    pub reopened: bool,
    /// What happened, in order.
    pub events: Vec<Event>,
}

impl ExtensionProposal {
    /// How it stands.
    pub fn status(&self) -> ProposalStatus {
        match self.decision.as_ref().map(|decision| &decision.outcome) {
            None => ProposalStatus::Open,
            Some(ProposalOutcome::Accepted(_)) => ProposalStatus::Accepted,
            Some(ProposalOutcome::Dismissed(_)) => ProposalStatus::Dismissed,
        }
    }

    /// What an obligation to decide about it is about.
    pub fn subject(&self) -> Subject {
        Subject::ExtensionProposal(self.id)
    }

    fn require_open(&self) -> Result<()> {
        let status = self.status();
        if status == ProposalStatus::Open {
            return Ok(());
        }
        Err(Refusal::WrongState { subject: "extension proposal", status: status.as_str(), allowed: "open" })
    }

    fn decide(&mut self, outcome: ProposalOutcome, actor: &Actor, now: DateTime<Utc>) {
        self.decision = Some(ProposalDecision { outcome, by: actor.user, at: now });
    }
}

impl PeriodRules {
    /// The deadline after outages that took `lost` from bidders whose deadline is, or was, `deadline`: all that time later,
    /// with the least time of the policy left from `now` on, and not before the end of a working day.
    pub fn extension_after_outage(
        &self,
        policy: &OutagePolicy,
        deadline: DateTime<Utc>,
        lost: TimeDelta,
        now: DateTime<Utc>,
    ) -> Extension {
        let period = Some(Period::working_days(policy.working_days)).filter(|period| period.days > 0);
        let working_days = period.map(|period| period.after(now, self.zone, &self.calendar));
        let least = to_full_minute((deadline + lost).max(now + policy.least));
        let ends_at = working_days.as_ref().map_or(least, |date| date.ends_at);
        Extension { deadline: least.max(ends_at), lost, least: policy.least, working_days }
    }
}

impl Extension {
    /// How the deadline came about, in English.
    pub fn explanation(&self) -> String {
        let (hours, minutes) = (self.least.num_hours(), (self.lost + TimeDelta::seconds(59)).num_minutes());
        let working = self
            .working_days
            .as_ref()
            .map(|date| format!(" It does not end before {}: {}", rfc3339(date.ends_at), date.explanation()));
        format!(
            "The deadline moves by at least the {minutes} minute(s) that were lost, and leaves at least {hours} hour(s) \
             from the decision on.{}",
            working.unwrap_or_default()
        )
    }
}

impl Challenge {
    /// Whether an outage took something of the last hours before the deadline, and bids could be taken again. What was
    /// closed counts as long as nothing was opened; the responses of a market consultation are read once it is closed, so
    /// its deadline must still lie ahead.
    pub fn is_touched_by(&self, outage: &Outage, window: TimeDelta) -> bool {
        let (Ok(deadline), Some(published_at)) = (self.stage_deadline(self.stage()), self.published_at) else {
            return false;
        };
        let can_go_on = match self.status {
            ChallengeStatus::Published | ChallengeStatus::Suspended => {
                self.content.procedure.takes_bids() || outage.ended_at < deadline
            }
            ChallengeStatus::Closed => self.content.procedure.takes_bids(),
            _ => false,
        };
        can_go_on && outage.overlaps(published_at.max(deadline - window), deadline)
    }

    /// The officers are to decide whether bidders get more time.
    pub fn propose_extension(
        &self,
        id: ExtensionProposalId,
        outage: &Outage,
        now: DateTime<Utc>,
    ) -> Result<(ExtensionProposal, Event)> {
        let deadline = self.stage_deadline(self.stage())?;
        let (challenge, outage) = (self.id, outage.id);
        let proposal = ExtensionProposal { id, challenge, outage, deadline, proposed_at: now, decision: None };
        Ok((proposal, self.confidential_event("challenge.extension_proposed").with(json!({ "outage": outage }))))
    }

    /// What the officers owe to those who may bid, from a proposal on.
    pub fn extension_duty(&self, proposal: &ExtensionProposal) -> Duty {
        Duty {
            kind: ObligationKind::DecideExtension,
            organisation: self.agency,
            subject: proposal.subject(),
            challenge: Some(self.id),
            waiting: self.agency,
        }
    }

    /// Shows proposals to the agency's own people only.
    pub fn require_proposals_visible(&self, actor: &Actor) -> Result<()> {
        self.require_visible(Some(actor))?;
        if actor.belongs_to(self.agency) { Ok(()) } else { Err(Refusal::NotFound("extension proposal")) }
    }

    /// An officer gives bidders more time because of outages. Settles all `proposals`, which are of this challenge and of
    /// these `outages`. A challenge that was closed takes bids again, unless its opening has begun.
    pub fn extend_after_outage(
        &mut self,
        actor: &Actor,
        (proposals, outages): (&mut [ExtensionProposal], &[Outage]),
        (place, opening_began): (Place, bool),
        (rules, policy): (&PeriodRules, &OutagePolicy),
        now: DateTime<Utc>,
    ) -> Result<Extended> {
        self.require_decidable(actor, proposals)?;
        self.require_can_go_on(opening_began)?;
        let deadline_before = self.deadline()?;
        let lost = crate::outage::lost(outages);
        let stage = self.stage();
        let at_stake = self.stage_deadline(stage)?;
        let extension = rules.extension_after_outage(policy, at_stake, lost, now);
        let later = extension.deadline - at_stake;
        let reopened = self.status == ChallengeStatus::Closed;
        let before = self.content.clone();
        self.content.submission_deadline = Some(deadline_before + later);
        self.content.planned_dates.move_days(later, now);
        if stage == BidStage::Solution {
            self.take_solutions_until(extension.deadline);
            // The minimum period counts from the later deadline for solutions, and may end on a later day than before.
            let published = self.published_at.unwrap_or(deadline_before);
            let earliest = self.content.timeline(rules, published, None).earliest_deadline.ends_at;
            self.content.submission_deadline = Some((deadline_before + later).max(earliest));
        }
        self.status = ChallengeStatus::Published;
        self.closed_at = None;
        let timeline = self.timeline_in_force(rules)?;
        let notice = ChangeNotice {
            id: place.id,
            challenge: self.id,
            number: place.present + 1,
            code: ChangeReason::Outage,
            reason: reason(outages, &extension),
            sections: before.changed_sections(&self.content),
            material: false,
            deadline_before,
            deadline: self.deadline()?,
            revision_before: place.revision,
            revision: place.revision + 1,
            published_by: actor.user,
            published_at: now,
        };
        for proposal in proposals {
            proposal.decide(ProposalOutcome::Accepted(notice.number), actor, now);
        }
        let events = self.extended(&notice, reopened);
        Ok(Extended { notice, timeline, reopened, events })
    }

    /// An officer decides that bidders do not get more time, and tells everybody why.
    pub fn dismiss_extension(
        &self,
        actor: &Actor,
        proposal: &mut ExtensionProposal,
        reason: &str,
        now: DateTime<Utc>,
    ) -> Result<Event> {
        self.require_decidable(actor, std::slice::from_ref(proposal))?;
        crate::text(reason, 5000, "/reason")?;
        proposal.decide(ProposalOutcome::Dismissed(reason.to_owned()), actor, now);
        let payload = json!({ "reference": self.reference, "outage": proposal.outage });
        Ok(self.event("challenge.extension_dismissed", payload).because(reason))
    }

    fn require_decidable(&self, actor: &Actor, proposals: &[ExtensionProposal]) -> Result<()> {
        self.require_proposals_visible(actor)?;
        actor.require(Role::Officer, self.agency)?;
        proposals.iter().try_for_each(ExtensionProposal::require_open)
    }

    /// Bids are taken, or could be taken again because nobody has been handed what it takes to open one.
    fn require_can_go_on(&self, opening_began: bool) -> Result<()> {
        if opening_began {
            return Err(Refusal::WrongState {
                subject: "challenge",
                status: "being opened",
                allowed: "not being opened",
            });
        }
        let takes_bids = self.content.procedure.takes_bids();
        let allowed = [ChallengeStatus::Published, ChallengeStatus::Closed];
        let allowed = if takes_bids { &allowed[..] } else { &allowed[..1] };
        let words = if takes_bids { "published, or closed and not opened" } else { "published" };
        self.require_status(allowed, words)
    }

    fn extended(&self, notice: &ChangeNotice, reopened: bool) -> Vec<Event> {
        let changed = self.event("challenge.changed", notice.payload(&self.reference)).because(&notice.reason);
        let reopening = reopened.then(|| {
            let payload = json!({ "reference": self.reference, "submissionDeadline": rfc3339(notice.deadline) });
            self.event("challenge.reopened", payload).because(&notice.reason)
        });
        [Some(changed), reopening].into_iter().flatten().collect()
    }
}

/// The most outages that a reason names one by one.
const NAMED: usize = 20;

fn reason(outages: &[Outage], extension: &Extension) -> String {
    let mut lines: Vec<_> = outages
        .iter()
        .take(NAMED)
        .map(|outage| {
            let (from, until) = (rfc3339(outage.started_at), rfc3339(outage.ended_at));
            format!("The service could not be used from {from} until {until} (outage {}).", outage.id)
        })
        .collect();
    if let Some(more) = outages.len().checked_sub(NAMED).filter(|more| *more > 0) {
        lines.push(format!("It could not be used {more} more times."));
    }
    lines.push(extension.explanation());
    lines.join("\n")
}
