//! What an evaluation refuses, and what it says about it.

use domain::evaluation::{EvaluationError, PriceFormula, TieRule};

use crate::sample::{Sample, add_scores, bid, decimal, sample, score, weight};

use EvaluationError as Wrong;
use PriceFormula::{Absolute, Fixed};

#[test]
fn weights_sum_to_exactly_100() {
    for (quality, sum) in [("59.99", "99.99"), ("60.01", "100.01"), ("100", "140")] {
        refused(|e| e.criteria[0].weight = weight(quality), Wrong::WeightSum { sum: decimal(sum) });
    }
    let mut without_criteria = sample(Absolute, vec![bid("a", 1, &[])]);
    without_criteria.criteria.clear();
    assert_eq!(without_criteria.evaluate(), Err(Wrong::WeightSum { sum: decimal("40") }));
    without_criteria.price.weight = Some(weight("100"));
    assert_eq!(without_criteria.evaluate().unwrap().rows[0].total.to_string(), "99999/1000");
}

#[test]
fn the_price_has_a_weight_unless_it_is_fixed() {
    refused(|e| e.price.weight = None, Wrong::PriceWeight(Absolute));
    refused(|e| e.price.formula = Fixed, Wrong::PriceWeight(Fixed));
}

#[test]
fn a_missing_score_is_missing_and_not_zero() {
    refused(|e| e.bids[1].scores.clear(), Wrong::MissingScore { bid: "b", criterion: "quality" });
    let second_criterion = |e: &mut Sample| {
        let mut team = e.criteria[0].clone();
        (team.key, team.weight, e.criteria[0].weight) = ("team", weight("30"), weight("30"));
        e.criteria.push(team);
        add_scores(&mut e.bids[0], "team", &["1", "2"]);
        add_scores(&mut e.bids[1], "team", &["1"]);
    };
    // The second evaluator of b scored quality but not the team.
    refused(second_criterion, Wrong::MissingScore { bid: "b", criterion: "team" });
    refused(
        |e| {
            second_criterion(e);
            e.bids[0].scores.retain(|one| one.criterion == "team");
        },
        Wrong::MissingScore { bid: "a", criterion: "quality" },
    );
}

#[test]
fn scores_stay_on_their_scale() {
    let too_high =
        Wrong::ScoreAboveMaximum { bid: "a", criterion: "quality", score: score("5.01"), maximum: score("5") };
    assert_eq!(too_high.to_string(), "bid a has a score of 5.01 on criterion quality, whose maximum is 5");
    refused(|e| e.bids[0].scores[0].score = score("5.01"), too_high);
    let mut minimum_at_the_maximum = sample(Absolute, vec![bid("a", 1, &["5"])]);
    minimum_at_the_maximum.criteria[0].minimum = Some(score("5"));
    assert!(minimum_at_the_maximum.evaluate().is_ok());
    refused(|e| e.criteria[0].maximum = score("0"), Wrong::CriterionScale("quality"));
    refused(|e| e.criteria[0].minimum = Some(score("5.01")), Wrong::CriterionScale("quality"));
}

#[test]
fn keys_are_unique_and_known() {
    refused(|e| e.bids[1].key = "a", Wrong::DuplicateBid("a"));
    refused(|e| e.bids[0].scores[1].evaluator = 1, Wrong::DuplicateScore { bid: "a", criterion: "quality" });
    refused(|e| e.bids[0].scores[1].criterion = "style", Wrong::UnknownCriterion("style"));
    refused(|e| e.tie_rule = TieRule::HigherOn("style"), Wrong::UnknownCriterion("style"));
    let twice = |e: &mut Sample| {
        e.criteria[0].weight = weight("30");
        e.criteria.push(e.criteria[0].clone());
    };
    refused(twice, Wrong::DuplicateCriterion("quality"));
}

#[test]
fn prices_are_between_zero_and_the_ceiling() {
    refused(|e| e.bids[1].price_minor = 100_001, Wrong::PriceAboveCeiling { bid: "b" });
    refused(|e| e.bids[1].price_minor = 0, Wrong::ZeroPrice { bid: "b" });
    refused(|e| e.bids[1].price_minor = -1, Wrong::NegativePrice { bid: "b" });
    refused(|e| e.price.ceiling = 0, Wrong::Ceiling);
    refused(|e| e.price.ceiling = -1, Wrong::Ceiling);
}

/// Two bids with two evaluators each are fine until `spoil` makes them wrong.
fn refused(spoil: impl Fn(&mut Sample), wrong: EvaluationError<&'static str, &'static str>) {
    let mut evaluation = sample(Absolute, vec![bid("a", 50_000, &["3", "4"]), bid("b", 100_000, &["0", "5"])]);
    assert!(evaluation.evaluate().is_ok());
    spoil(&mut evaluation);
    assert_eq!(evaluation.evaluate(), Err(wrong));
}
