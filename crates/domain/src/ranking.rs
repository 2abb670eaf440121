//! From sheets to a ranking, and from a ranking to an award.

use crate::{
    Actor, Bid, BidId, BidStatus, Challenge, ChallengeStatus, ConflictDeclaration, CriterionId, Evaluation,
    Organisation, OrganisationId, Panel, Refusal, Result, Role, UserId, evaluation,
};
use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

/// A computed ranking, rounded for people; ranks come from exact values. Frozen with the award.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ranking {
    /// The admitted bids, by rank; those below a minimum score last.
    pub rows: Vec<RankedBid>,
}

/// One bid in a ranking.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RankedBid {
    /// The bid.
    pub bid: BidId,
    /// Who bid.
    pub company: OrganisationId,
    /// 1, 2, 2, 4; none if a criterion's minimum was missed.
    pub rank: Option<u32>,
    /// From 0 to 100, four digits after the point, rounded half up.
    pub total: Decimal,
    /// The points of the price, from 0 to 100; none if the price is fixed or there is no rank.
    pub price_points: Option<Decimal>,
    /// The results by criterion.
    pub criteria: Vec<CriterionRow>,
}

/// One bid's result on one criterion.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CriterionRow {
    /// The criterion.
    pub criterion: CriterionId,
    /// The consensus on the criterion's own scale.
    pub consensus: Decimal,
    /// `100 x consensus / maximum`.
    pub points: Decimal,
    /// Whether the minimum was reached.
    pub passed: bool,
    /// Whether the evaluators disagree so much that the panel should talk.
    pub divergent: bool,
}

/// The decision: who wins, and why.
#[derive(Debug, Clone, PartialEq)]
pub struct Award {
    /// The officer who decided.
    pub decided_by: UserId,
    /// When.
    pub decided_at: DateTime<Utc>,
    /// Why, for everybody.
    pub reason: String,
    /// The ranking it rests on.
    pub ranking: Ranking,
    /// The winning bids, at most one per pilot.
    pub winners: Vec<Winner>,
}

/// A winning bid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Winner {
    /// The bid.
    pub id: BidId,
    /// Who bid.
    pub company: OrganisationId,
}

impl Ranking {
    /// Computes the ranking of the admitted bids, once every evaluator without a conflict has submitted every sheet, and
    /// the prices are open.
    pub fn compute(
        challenge: &Challenge,
        panel: &Panel,
        declarations: &[ConflictDeclaration],
        bids: &[Bid],
        sheets: &[Evaluation],
    ) -> Result<Self> {
        let judged =
            |bid: &&Bid| matches!(bid.status, BidStatus::Admitted | BidStatus::Awarded | BidStatus::NotAwarded);
        let bids: Vec<&Bid> = bids.iter().filter(judged).collect();
        require_all_submitted(panel, declarations, &bids, sheets)?;
        if challenge.prices_opened_at.is_none() && !bids.is_empty() {
            return Err(Refusal::Incomplete("the opening committee has not opened the prices yet".to_owned()));
        }
        let computed = input(challenge, &bids, sheets)?.evaluate();
        let computed = computed.map_err(|error| Refusal::Incomplete(error.to_string()))?;
        let company = |id| bids.iter().find(|bid| bid.id == id).map(|bid| bid.company);
        let rows = computed.rows.iter().filter_map(|row| Some(RankedBid::of(row, company(row.key)?))).collect();
        Ok(Self { rows })
    }

    /// Refuses until the judgement of quality is frozen: until every evaluator without a conflict has submitted every sheet.
    pub fn require_quality_frozen(
        panel: &Panel,
        declarations: &[ConflictDeclaration],
        bids: &[Bid],
        sheets: &[Evaluation],
    ) -> Result<()> {
        let bids: Vec<&Bid> = bids.iter().filter(|bid| bid.status == BidStatus::Admitted).collect();
        require_all_submitted(panel, declarations, &bids, sheets)
    }

    /// Who may see a ranking before the award: officers of the agency, while the evaluation runs.
    pub fn require_visible(challenge: &Challenge, viewer: Option<&Actor>) -> Result<()> {
        if !viewer.is_some_and(|actor| actor.holds(Role::Officer, challenge.agency)) {
            return Err(Refusal::NotFound("ranking"));
        }
        challenge.require_status(&[ChallengeStatus::Evaluating], "evaluating")
    }

    /// Whether the bid has a rank and every bid with a better rank wins too.
    fn is_next(&self, bid: BidId, winners: &[BidId]) -> bool {
        let Some(rank) = self.rows.iter().find(|row| row.bid == bid).and_then(|row| row.rank) else { return false };
        let mut better = self.rows.iter().filter(|row| row.rank.is_some_and(|other| other < rank));
        better.all(|row| winners.contains(&row.bid))
    }
}

fn require_all_submitted(
    panel: &Panel,
    declarations: &[ConflictDeclaration],
    bids: &[&Bid],
    sheets: &[Evaluation],
) -> Result<()> {
    let conflicted = |user: UserId, bid: BidId| {
        declarations.iter().any(|declaration| declaration.evaluator == user && declaration.conflicts.contains(&bid))
    };
    for bid in bids {
        let scoring: Vec<_> = panel.evaluators.iter().filter(|user| !conflicted(**user, bid.id)).collect();
        if scoring.is_empty() {
            return Err(Refusal::Incomplete(format!("nobody on the panel can score bid {}", bid.id)));
        }
        let done = |user: UserId| {
            sheets.iter().any(|sheet| sheet.bid == bid.id && sheet.evaluator == user && sheet.submitted_at.is_some())
        };
        if !scoring.into_iter().all(|user| done(*user)) {
            return Err(Refusal::Incomplete("not every evaluator has submitted yet".to_owned()));
        }
    }
    Ok(())
}

fn input(
    challenge: &Challenge,
    bids: &[&Bid],
    sheets: &[Evaluation],
) -> Result<evaluation::Evaluation<CriterionId, BidId, UserId>> {
    let content = &challenge.content;
    let criteria = content.criteria.iter().map(|criterion| evaluation::Criterion {
        key: criterion.id,
        weight: criterion.weight,
        maximum: criterion.maximum,
        minimum: criterion.minimum,
    });
    let scored = bids.iter().map(|bid| {
        Ok(evaluation::ScoredBid {
            key: bid.id,
            price_minor: bid.require_price(challenge)?.total.minor(),
            submitted_at: bid.submitted_at,
            scores: sheets.iter().filter(|sheet| sheet.bid == bid.id).flat_map(individual_scores).collect(),
        })
    });
    Ok(evaluation::Evaluation {
        criteria: criteria.collect(),
        price: evaluation::PriceRule {
            weight: content.price_weight,
            formula: content.price_formula,
            ceiling: content.budget_ceiling.map_or(0, crate::Money::minor),
            zero_allowed: false,
        },
        consensus: content.consensus,
        tie_rule: content.tie_rule,
        bids: scored.collect::<Result<_>>()?,
    })
}

fn individual_scores(
    sheet: &Evaluation,
) -> impl Iterator<Item = evaluation::IndividualScore<CriterionId, UserId>> + use<'_> {
    sheet.scores.iter().map(|score| evaluation::IndividualScore {
        criterion: score.criterion,
        evaluator: sheet.evaluator,
        score: score.score,
    })
}

impl RankedBid {
    fn of(row: &evaluation::RankedBid<CriterionId, BidId>, company: OrganisationId) -> Self {
        let criteria = row.criteria.iter().map(|result| CriterionRow {
            criterion: result.criterion,
            consensus: result.consensus.rounded(4),
            points: result.points.rounded(4),
            passed: result.passed,
            divergent: result.divergent,
        });
        Self {
            bid: row.key,
            company,
            rank: row.rank,
            total: row.total.rounded(4),
            price_points: row.price_points.as_ref().map(|points| points.rounded(4)),
            criteria: criteria.collect(),
        }
    }
}

impl Award {
    /// An officer decides: at most one winner for each pilot, in the order of the ranking. Whoever is behind a winning bid, as its
    /// company or as a partner (`behind`), must be verified and not suspended.
    pub fn decide(
        actor: &Actor,
        challenge: &Challenge,
        ranking: Ranking,
        behind: &[(BidId, Organisation)],
        winners: &[BidId],
        reason: &str,
        now: DateTime<Utc>,
    ) -> Result<Self> {
        challenge.require_visible(Some(actor))?;
        actor.require(Role::Officer, challenge.agency)?;
        challenge.require_status(&[ChallengeStatus::Evaluating], "evaluating")?;
        let mut checks = crate::Checks::new();
        checks.text(reason, 5000, "/reason");
        let pilots = usize::try_from(challenge.content.pilots).unwrap_or(0);
        let detail = format!("from 1 to {pilots} winners");
        checks.require((1..=pilots).contains(&winners.len()), "/winners", "out_of_range", detail);
        for (i, winner) in winners.iter().enumerate() {
            let pointer = format!("/winners/{i}");
            checks.require(!winners[..i].contains(winner), pointer.clone(), "duplicate", "named twice");
            let detail = "has no rank, or a bid with a better rank does not win";
            checks.require(ranking.is_next(*winner, winners), pointer, "out_of_order", detail);
        }
        checks.done()?;
        let won = |row: &&RankedBid| winners.contains(&row.bid);
        let winners: Vec<_> =
            ranking.rows.iter().filter(won).map(|row| Winner { id: row.bid, company: row.company }).collect();
        for (_, organisation) in behind.iter().filter(|(bid, _)| winners.iter().any(|winner| winner.id == *bid)) {
            organisation.require_trusted()?;
        }
        Ok(Self { decided_by: actor.user, decided_at: now, reason: reason.to_owned(), ranking, winners })
    }
}
