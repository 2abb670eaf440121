//! Who opens the bids and who evaluates them, and what they must declare before they see any.

use crate::{Actor, Bid, BidId, Checks, Refusal, Result, UserId, consortium::Participation};
use chrono::{DateTime, Utc};

/// The people named for one challenge.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Panel {
    /// Leads the panel and scores like the others.
    pub chair: Option<UserId>,
    /// Everybody who scores, the chair included.
    pub evaluators: Vec<UserId>,
    /// Who may open the bids; members of the agency.
    pub opening_committee: Vec<UserId>,
}

/// An evaluator's word on conflicts of interest (Directive 2014/24/EU, art. 24), given before any content is seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConflictDeclaration {
    /// Who declares.
    pub evaluator: UserId,
    /// The bids the evaluator has a conflict with; they are neither shown to nor scored by this evaluator.
    pub conflicts: Vec<BidId>,
    /// When.
    pub declared_at: DateTime<Utc>,
}

impl Panel {
    /// Names panel and committee: at most 20 people each, nobody twice, the chair among the evaluators.
    pub fn name(chair: Option<UserId>, evaluators: Vec<UserId>, opening_committee: Vec<UserId>) -> Result<Self> {
        let mut checks = Checks::new();
        for (people, pointer) in [(&evaluators, "/evaluators"), (&opening_committee, "/openingCommittee")] {
            checks.require(people.len() <= 20, pointer, "too_many", "at most 20 people");
            for (i, person) in people.iter().enumerate() {
                let once = !people[..i].contains(person);
                checks.require(once, format!("{pointer}/{i}"), "duplicate", "named twice");
            }
        }
        if let Some(chair) = chair {
            checks.require(evaluators.contains(&chair), "/chair", "not_allowed", "must be one of the evaluators");
        }
        checks.done()?;
        Ok(Self { chair, evaluators, opening_committee })
    }

    /// At least two evaluators, one of them the chair, and at least two people to open.
    pub fn require_complete(&self) -> Result<()> {
        if self.evaluators.len() < 2 || self.chair.is_none() {
            return Err(Refusal::Incomplete(
                "name a panel of at least two evaluators, one of them the chair".to_owned(),
            ));
        }
        if self.opening_committee.len() < 2 {
            return Err(Refusal::Incomplete("name an opening committee of at least two people".to_owned()));
        }
        Ok(())
    }

    /// Whether the person scores.
    pub fn is_evaluator(&self, user: UserId) -> bool {
        self.evaluators.contains(&user)
    }

    /// Refuses who is not on the panel; for them the evaluation does not exist.
    pub fn require_evaluator(&self, actor: &Actor) -> Result<()> {
        if self.is_evaluator(actor.user) { Ok(()) } else { Err(Refusal::NotFound("panel")) }
    }
}

impl ConflictDeclaration {
    /// An evaluator declares. Each conflict must name one of the challenge's bids; whoever belongs to an organisation that
    /// takes part in a bid, as its company or as a partner, has a conflict with it and must say so.
    pub fn declare(
        actor: &Actor,
        panel: &Panel,
        bids: &[Bid],
        participations: &[Participation],
        conflicts: Vec<BidId>,
        now: DateTime<Utc>,
    ) -> Result<Self> {
        panel.require_evaluator(actor)?;
        let mut checks = Checks::new();
        for (i, conflict) in conflicts.iter().enumerate() {
            let pointer = format!("/conflicts/{i}");
            let known = bids.iter().any(|bid| bid.id == *conflict);
            checks.require(known, pointer.clone(), "unknown", "no bid of this challenge");
            checks.require(!conflicts[..i].contains(conflict), pointer, "duplicate", "named twice");
        }
        let takes_part = |p: &Participation, bid: &Bid| p.bid == bid.id && actor.belongs_to(p.organisation);
        let own = |bid: &&Bid| actor.belongs_to(bid.company) || participations.iter().any(|p| takes_part(p, bid));
        for own in bids.iter().filter(own) {
            let detail = format!("you belong to an organisation behind {}", own.id);
            checks.require(conflicts.contains(&own.id), "/conflicts", "required", detail);
        }
        checks.done()?;
        Ok(Self { evaluator: actor.user, conflicts, declared_at: now })
    }
}
