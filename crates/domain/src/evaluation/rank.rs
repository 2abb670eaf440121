//! From a checked evaluation to ranks.

use std::cmp::Ordering;

use serde::Serialize;

use super::price::PriceField;
use super::{Criterion, Evaluation, EvaluationError, Points, ScoredBid, TieRule, is_divergent};

/// The result of an evaluation. `C` and `B` are the keys of criteria and bids.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Ranking<C, B> {
    /// Every bid: those with a rank by rank, then those without; in one rank, and without rank, by key.
    pub rows: Vec<RankedBid<C, B>>,
}

/// What one bid reached.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RankedBid<C, B> {
    /// The bid.
    pub key: B,
    /// 1 + the number of better bids (1, 2, 2, 4); none below the minimum score of a criterion.
    pub rank: Option<u32>,
    /// Sum over criteria and price of weight x points / 100, from 0 to 100. Without `price_points` it is the part for
    /// quality alone.
    pub total: Points,
    /// Points for the price, 0 to 100; none if the price is fixed or the bid is below a minimum score: such a bid's
    /// price is neither judged nor the measure of another's.
    pub price_points: Option<Points>,
    /// The results by criterion, in the order in which the criteria are declared.
    pub criteria: Vec<CriterionResult<C>>,
}

/// What one bid reached on one criterion.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CriterionResult<C> {
    /// The criterion.
    pub criterion: C,
    /// The consensus on the criterion's own scale.
    pub consensus: Points,
    /// `100 x consensus / maximum`, 0 to 100.
    pub points: Points,
    /// Whether the consensus reaches the minimum score (`>=` on exact values), or there is none.
    pub passed: bool,
    /// Whether the evaluators disagree so much that the panel should talk (see [`is_divergent`]).
    pub divergent: bool,
}

/// A bid on the way to its rank.
struct Candidate<'a, C, B, E> {
    bid: &'a ScoredBid<C, B, E>,
    row: RankedBid<C, B>,
}

impl<C: Copy + Ord, B: Copy + Ord, E: Copy + Ord> Evaluation<C, B, E> {
    /// Computes the ranking.
    ///
    /// Ranks are by total, then by the tie rule; bids equal in both share a rank (standard competition ranking). A bid
    /// below the minimum score of a criterion gets no rank, and relative price formulas take no notice of it.
    ///
    /// # Errors
    /// The first [`EvaluationError`] found in the input.
    pub fn evaluate(&self) -> Result<Ranking<C, B>, EvaluationError<C, B>> {
        self.check()?;
        let candidates = self.bids.iter().map(|bid| self.assess(bid)).collect::<Result<Vec<_>, _>>()?;
        let (mut ranked, mut failed): (Vec<_>, Vec<_>) = candidates.into_iter().partition(|one| one.row.passed());
        self.add_price(&mut ranked);
        ranked.sort_by(|a, b| self.order(a, b).then(a.row.key.cmp(&b.row.key)));
        self.assign_ranks(&mut ranked);
        failed.sort_by_key(|one| one.row.key);
        Ok(Ranking { rows: ranked.into_iter().chain(failed).map(|one| one.row).collect() })
    }

    /// The quality of a bid: criteria, and their part of the total.
    fn assess<'a>(&self, bid: &'a ScoredBid<C, B, E>) -> Result<Candidate<'a, C, B, E>, EvaluationError<C, B>> {
        let criteria = self.criteria.iter().map(|of| self.result(bid, of)).collect::<Result<Vec<_>, _>>()?;
        let total = self.criteria.iter().zip(&criteria).map(|(of, result)| result.points.weighted(of.weight)).sum();
        Ok(Candidate { bid, row: RankedBid { key: bid.key, rank: None, total, price_points: None, criteria } })
    }

    fn result(&self, bid: &ScoredBid<C, B, E>, of: &Criterion<C>) -> Result<CriterionResult<C>, EvaluationError<C, B>> {
        let scores = bid.scores_on(&of.key);
        let missing = || EvaluationError::MissingScore { bid: bid.key, criterion: of.key };
        let consensus = self.consensus.of(&scores).ok_or_else(missing)?;
        Ok(CriterionResult {
            criterion: of.key,
            points: consensus.per_cent_of(of.maximum),
            passed: of.minimum.is_none_or(|minimum| consensus >= minimum.into()),
            divergent: is_divergent(&scores, of.maximum),
            consensus,
        })
    }

    fn add_price(&self, candidates: &mut [Candidate<'_, C, B, E>]) {
        let prices = || candidates.iter().map(|one| one.bid.price_minor);
        let (Some(lowest), Some(highest), Some(weight)) = (prices().min(), prices().max(), self.price.weight) else {
            return;
        };
        let field = PriceField { ceiling: self.price.ceiling, lowest, highest };
        for Candidate { bid, row } in candidates {
            row.price_points = self.price.formula.points(bid.price_minor, &field);
            let weighted = row.price_points.iter().map(|points| points.weighted(weight));
            row.total = weighted.chain([row.total.clone()]).sum();
        }
    }

    /// The better bid first; equal when they share a rank.
    fn order(&self, a: &Candidate<'_, C, B, E>, b: &Candidate<'_, C, B, E>) -> Ordering {
        b.row.total.cmp(&a.row.total).then_with(|| match self.tie_rule {
            TieRule::Shared => Ordering::Equal,
            TieRule::LowerPrice => a.bid.price_minor.cmp(&b.bid.price_minor),
            TieRule::HigherOn(of) => b.row.consensus_on(&of).cmp(&a.row.consensus_on(&of)),
            TieRule::EarlierSubmission => a.bid.submitted_at.cmp(&b.bid.submitted_at),
        })
    }

    fn assign_ranks(&self, sorted: &mut [Candidate<'_, C, B, E>]) {
        let mut next = 1;
        for tied in sorted.chunk_by_mut(|a, b| self.order(a, b).is_eq()) {
            let rank = next;
            for candidate in tied {
                candidate.row.rank = Some(rank);
                next += 1;
            }
        }
    }
}

impl<C: PartialEq, B> RankedBid<C, B> {
    /// Whether the bid reaches the minimum score of every criterion.
    pub fn passed(&self) -> bool {
        self.criteria.iter().all(|result| result.passed)
    }

    /// The consensus on one criterion.
    fn consensus_on(&self, criterion: &C) -> Option<&Points> {
        self.criteria.iter().find(|result| result.criterion == *criterion).map(|result| &result.consensus)
    }
}
