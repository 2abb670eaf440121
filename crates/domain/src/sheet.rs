//! One evaluator's scores for one bid. Nobody else sees them until everybody's are in.

use crate::{
    Actor, Bid, BidId, BidStatus, Challenge, ChallengeStatus, Checks, ConflictDeclaration, CriterionId, EvaluationId,
    Event, Panel, Refusal, Result, Subject, UserId, evaluation::Score,
};
use chrono::{DateTime, Utc};
use serde_json::json;

/// One evaluator's sheet for one bid.
#[derive(Debug, Clone, PartialEq)]
pub struct Evaluation {
    /// Its id.
    pub id: EvaluationId,
    /// The bid that is scored.
    pub bid: BidId,
    /// Who scores.
    pub evaluator: UserId,
    /// The scores so far, at most one per criterion.
    pub scores: Vec<CriterionScore>,
    /// When the evaluator submitted; frozen from then on.
    pub submitted_at: Option<DateTime<Utc>>,
    /// Grows with each change.
    pub version: i32,
}

/// The score on one criterion.
#[derive(Debug, Clone, PartialEq)]
pub struct CriterionScore {
    /// The criterion.
    pub criterion: CriterionId,
    /// From zero to the criterion's maximum.
    pub score: Score,
    /// Why; at most 5,000 characters.
    pub comment: String,
}

/// Who may read and score a bid as an evaluator: on the panel, declared, and without a conflict with this bidder.
pub fn require_unconflicted(
    actor: &Actor,
    panel: &Panel,
    declaration: Option<&ConflictDeclaration>,
    bid: BidId,
) -> Result<()> {
    panel.require_evaluator(actor)?;
    let declaration = declaration.ok_or(Refusal::DeclarationMissing)?;
    if declaration.conflicts.contains(&bid) { Err(Refusal::Recused) } else { Ok(()) }
}

impl Evaluation {
    /// An empty sheet.
    pub fn new(id: EvaluationId, bid: BidId, evaluator: UserId) -> Self {
        Self { id, bid, evaluator, scores: Vec::new(), submitted_at: None, version: 1 }
    }

    /// The evaluator writes down scores, which replace those on the sheet.
    pub fn score(
        &mut self,
        actor: &Actor,
        challenge: &Challenge,
        panel: &Panel,
        declaration: Option<&ConflictDeclaration>,
        bid: &Bid,
        scores: Vec<CriterionScore>,
    ) -> Result<Event> {
        require_unconflicted(actor, panel, declaration, bid.id)?;
        challenge.require_status(&[ChallengeStatus::Evaluating], "evaluating")?;
        if bid.status != BidStatus::Admitted {
            let status = bid.status.as_str();
            return Err(Refusal::WrongState { subject: "bid", status, allowed: "admitted" });
        }
        if self.submitted_at.is_some() {
            return Err(Refusal::Frozen);
        }
        check_scores(challenge, &scores)?;
        self.scores = scores;
        Ok(self.event("evaluation.saved", challenge))
    }

    /// The evaluator is done with this sheet: it must be complete, and is frozen.
    pub fn submit(&mut self, challenge: &Challenge, now: DateTime<Utc>) -> Result<Event> {
        challenge.require_status(&[ChallengeStatus::Evaluating], "evaluating")?;
        if self.submitted_at.is_some() {
            return Err(Refusal::Frozen);
        }
        let scored = |id| self.scores.iter().any(|score| score.criterion == id);
        let missing: Vec<_> = challenge.content.criteria.iter().filter(|c| !scored(c.id)).map(|c| &*c.name).collect();
        if !missing.is_empty() {
            let missing = missing.join(", ");
            return Err(Refusal::Incomplete(format!("bid {} has no score on: {missing}", self.bid)));
        }
        self.submitted_at = Some(now);
        Ok(self.event("evaluation.submitted", challenge))
    }

    fn event(&self, kind: &'static str, challenge: &Challenge) -> Event {
        Event::confidential(kind, Subject::Evaluation(self.id), Some(challenge.agency))
            .with(json!({ "challenge": challenge.id, "bid": self.bid }))
    }
}

fn check_scores(challenge: &Challenge, scores: &[CriterionScore]) -> Result<()> {
    let mut checks = Checks::new();
    for (i, given) in scores.iter().enumerate() {
        let once = !scores[..i].iter().any(|other| other.criterion == given.criterion);
        checks.require(once, format!("/scores/{i}/criterion"), "duplicate", "scored twice");
        let comment = given.comment.chars().count() <= 5000;
        checks.require(comment, format!("/scores/{i}/comment"), "too_long", "at most 5000 characters");
        match challenge.content.criteria.iter().find(|criterion| criterion.id == given.criterion) {
            None => {
                checks.require(false, format!("/scores/{i}/criterion"), "unknown", "no criterion of this challenge");
            }
            Some(criterion) => {
                let detail = format!("at most {}", criterion.maximum);
                let within = given.score <= criterion.maximum;
                checks.require(within, format!("/scores/{i}/score"), "out_of_range", detail);
            }
        }
    }
    checks.done()
}
