//! What must hold before anything is computed.

use std::collections::BTreeSet;

use rust_decimal::Decimal;

use super::{Criterion, Evaluation, EvaluationError, PriceFormula, Score, ScoredBid, Weight};

type Checked<C, B> = Result<(), EvaluationError<C, B>>;

impl<C: Copy + Ord, B: Copy + Ord, E: Copy + Ord> Evaluation<C, B, E> {
    /// The first thing that is wrong with the input, if anything is.
    pub(super) fn check(&self) -> Checked<C, B> {
        self.check_price_rule()?;
        self.check_weights()?;
        self.check_criteria()?;
        if let Some(bid) = duplicate(self.bids.iter().map(|bid| bid.key)) {
            return Err(EvaluationError::DuplicateBid(bid));
        }
        self.bids.iter().try_for_each(|bid| {
            self.check_price(bid)?;
            self.check_scores(bid)
        })
    }

    fn check_price_rule(&self) -> Checked<C, B> {
        let price = &self.price;
        if price.ceiling <= 0 {
            return Err(EvaluationError::Ceiling);
        }
        if price.weight.is_none() != (price.formula == PriceFormula::Fixed) {
            return Err(EvaluationError::PriceWeight(price.formula));
        }
        Ok(())
    }

    fn check_weights(&self) -> Checked<C, B> {
        let weights = self.criteria.iter().map(|criterion| criterion.weight).chain(self.price.weight);
        let sum: Decimal = weights.map(Decimal::from).sum();
        if sum == Weight::WHOLE.into() { Ok(()) } else { Err(EvaluationError::WeightSum { sum }) }
    }

    fn check_criteria(&self) -> Checked<C, B> {
        if let Some(criterion) = duplicate(self.criteria.iter().map(|criterion| criterion.key)) {
            return Err(EvaluationError::DuplicateCriterion(criterion));
        }
        let bad_scale = |of: &&Criterion<C>| of.maximum.hundredths() == 0 || of.minimum.is_some_and(|m| m > of.maximum);
        if let Some(criterion) = self.criteria.iter().find(bad_scale) {
            return Err(EvaluationError::CriterionScale(criterion.key));
        }
        self.tie_rule.criterion().map_or(Ok(()), |criterion| self.criterion(*criterion).map(|_| ()))
    }

    fn check_price(&self, bid: &ScoredBid<C, B, E>) -> Checked<C, B> {
        let (price, bid) = (bid.price_minor, bid.key);
        match price {
            ..0 => Err(EvaluationError::NegativePrice { bid }),
            0 if !self.price.zero_allowed => Err(EvaluationError::ZeroPrice { bid }),
            price if price > self.price.ceiling => Err(EvaluationError::PriceAboveCeiling { bid }),
            _ => Ok(()),
        }
    }

    /// Whoever scored a bid scored it on every criterion, and once. That somebody did shows when the consensus is made.
    fn check_scores(&self, bid: &ScoredBid<C, B, E>) -> Checked<C, B> {
        let mut given = BTreeSet::new();
        for one in &bid.scores {
            self.check_score(bid.key, one.criterion, one.score)?;
            if !given.insert((one.criterion, one.evaluator)) {
                return Err(EvaluationError::DuplicateScore { bid: bid.key, criterion: one.criterion });
            }
        }
        let evaluators: BTreeSet<E> = bid.scores.iter().map(|one| one.evaluator).collect();
        let lacks = |of: &&Criterion<C>| evaluators.iter().any(|evaluator| !given.contains(&(of.key, *evaluator)));
        self.criteria
            .iter()
            .find(lacks)
            .map_or(Ok(()), |of| Err(EvaluationError::MissingScore { bid: bid.key, criterion: of.key }))
    }

    fn check_score(&self, bid: B, criterion: C, score: Score) -> Checked<C, B> {
        let maximum = self.criterion(criterion)?.maximum;
        if score > maximum {
            return Err(EvaluationError::ScoreAboveMaximum { bid, criterion, score, maximum });
        }
        Ok(())
    }

    fn criterion(&self, key: C) -> Result<&Criterion<C>, EvaluationError<C, B>> {
        self.criteria.iter().find(|of| of.key == key).ok_or(EvaluationError::UnknownCriterion(key))
    }
}

/// A key that occurs more than once.
fn duplicate<K: Copy + Ord>(mut keys: impl Iterator<Item = K>) -> Option<K> {
    let mut seen = BTreeSet::new();
    keys.find(|key| !seen.insert(*key))
}
