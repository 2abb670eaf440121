//! Scores, totals, ranks and ties, computed by hand.

use std::str::FromStr;

use domain::evaluation::{
    ConsensusMethod, Criterion, Evaluation, PriceFormula, ScaleError, Score, TieRule, Weight, is_divergent,
};

use crate::sample::{Sample, SampleBid, add_scores, bid, decimal, hour, ranks, sample, score, weight};

use PriceFormula::{Absolute, Fixed, Inverse};

#[test]
fn the_total_is_the_weighted_sum_of_points() {
    // quality 4/5 -> 80, price 75,000 of 100,000 -> 25: 0.6 x 80 + 0.4 x 25 = 58
    let ranking = sample(Absolute, vec![bid("a", 75_000, &["4"])]).evaluate().unwrap();
    let row = &ranking.rows[0];
    assert_eq!(row.criteria[0].points.to_string(), "80");
    assert_eq!(row.price_points.as_ref().unwrap().to_string(), "25");
    assert_eq!(row.total.to_string(), "58");
}

#[test]
fn thirds_stay_exact_and_are_rounded_once() {
    // 100 x 1/3 is no finite decimal; three evaluators make the consensus 1/3 of 1.
    let mut evaluation = sample(Fixed, vec![bid("a", 1, &["0", "0", "1"]), bid("b", 1, &["0", "1", "1"])]);
    evaluation.criteria[0].maximum = score("1");
    let rows = evaluation.evaluate().unwrap().rows;
    let shown = |row: usize| (rows[row].total.to_string(), rows[row].total.rounded(2), rows[row].total.rounded(0));
    assert_eq!(shown(0), ("200/3".to_owned(), decimal("66.67"), decimal("67")));
    assert_eq!(shown(1), ("100/3".to_owned(), decimal("33.33"), decimal("33")));
}

#[test]
fn display_rounds_half_up() {
    // 0.5, 1.5 and 2.5 on a scale to 100
    for (given, rounded) in [("0.5", "1"), ("1.5", "2"), ("2.5", "3"), ("2.49", "2"), ("100", "100")] {
        let mut evaluation = sample(Fixed, vec![bid("a", 1, &[given])]);
        evaluation.criteria[0].maximum = score("100");
        assert_eq!(evaluation.evaluate().unwrap().rows[0].total.rounded(0), decimal(rounded), "{given}");
    }
    let mut largest = sample(Fixed, vec![bid("a", 1, &["1000000"])]);
    largest.criteria[0].maximum = Score::MAX;
    let consensus = largest.evaluate().unwrap().rows[0].criteria[0].consensus.rounded(u32::MAX);
    assert_eq!(consensus, decimal("1000000"));
}

#[test]
fn consensus_is_the_mean_or_the_median() {
    for (method, scores, consensus) in [
        (ConsensusMethod::Mean, &["1", "2", "5"][..], "8/3"),
        (ConsensusMethod::Median, &["5", "1", "2"], "2"),
        (ConsensusMethod::Median, &["1", "2", "2.5", "5"], "9/4"),
        (ConsensusMethod::Mean, &["0"], "0"),
        (ConsensusMethod::Median, &["0"], "0"),
    ] {
        let mut evaluation = sample(Fixed, vec![bid("a", 1, scores)]);
        evaluation.consensus = method;
        let rows = evaluation.evaluate().unwrap().rows;
        assert_eq!(rows[0].criteria[0].consensus.to_string(), consensus, "{method:?} of {scores:?}");
    }
}

#[test]
fn equal_totals_share_a_rank_and_leave_a_gap() {
    let bids = ["c", "d", "b", "a"].into_iter().zip(["3", "1", "3", "4"]).map(|(key, given)| bid(key, 1, &[given]));
    let ranking = sample(Fixed, bids.collect()).evaluate().unwrap();
    assert_eq!(ranks(&ranking), [(Some(1), "a"), (Some(2), "b"), (Some(2), "c"), (Some(4), "d")]);
}

#[test]
fn the_tie_rule_separates_equal_totals() {
    for (rule, order) in [
        (TieRule::Shared, [(Some(1), "a"), (Some(1), "b"), (Some(1), "c"), (Some(4), "d")]),
        (TieRule::LowerPrice, [(Some(1), "b"), (Some(2), "a"), (Some(2), "c"), (Some(4), "d")]),
        (TieRule::HigherOn("team"), [(Some(1), "c"), (Some(2), "b"), (Some(3), "a"), (Some(4), "d")]),
        (TieRule::EarlierSubmission, [(Some(1), "c"), (Some(2), "a"), (Some(3), "b"), (Some(4), "d")]),
    ] {
        let evaluation = Evaluation { tie_rule: rule, ..tied() };
        assert_eq!(ranks(&evaluation.evaluate().unwrap()), order, "{rule:?}");
    }
}

#[test]
fn a_tie_rule_never_overrules_a_higher_total() {
    let cheap_and_early = bid("cheap", 1, &["3.99"]);
    let dear_and_late = SampleBid { submitted_at: hour(9), ..bid("dear", 100_000, &["4"]) };
    for rule in [TieRule::LowerPrice, TieRule::EarlierSubmission] {
        let bids = vec![cheap_and_early.clone(), dear_and_late.clone()];
        let evaluation = Evaluation { tie_rule: rule, ..sample(Fixed, bids) };
        assert_eq!(ranks(&evaluation.evaluate().unwrap()), [(Some(1), "dear"), (Some(2), "cheap")], "{rule:?}");
    }
}

#[test]
fn a_minimum_is_reached_exactly_or_not_at_all() {
    // mean of 3, 3 and 4 is 10/3: above 3.33 and below 3.34
    for (minimum, rank) in [("3.33", Some(1)), ("3.34", None)] {
        let mut evaluation = sample(Fixed, vec![bid("a", 1, &["3", "3", "4"])]);
        evaluation.criteria[0].minimum = Some(score(minimum));
        assert_eq!(evaluation.evaluate().unwrap().rows[0].rank, rank, "{minimum}");
    }
    let mut exact = sample(Fixed, vec![bid("a", 1, &["3", "4"])]);
    exact.criteria[0].minimum = Some(score("3.5"));
    assert!(exact.evaluate().unwrap().rows[0].passed());
}

#[test]
fn a_bid_below_a_minimum_has_no_rank_and_sets_no_price() {
    let mut evaluation =
        sample(Inverse, vec![bid("cheap", 10_000, &["1"]), bid("dear", 80_000, &["4"]), bid("fair", 40_000, &["3"])]);
    evaluation.criteria[0].minimum = Some(score("2"));
    let ranking = evaluation.evaluate().unwrap();
    assert_eq!(ranks(&ranking), [(Some(1), "fair"), (Some(2), "dear"), (None, "cheap")]);
    let totals: Vec<_> = ranking.rows.iter().map(|row| row.total.to_string()).collect();
    // fair: 36 + 40; dear: 48 + 20; cheap: 12 for quality alone
    assert_eq!(totals, ["76", "68", "12"]);
    assert_eq!(ranking.rows[2].price_points, None);
    assert!(!ranking.rows[2].criteria[0].passed);
}

#[test]
fn disagreement_is_flagged_above_its_thresholds_only() {
    // scale 0 to 10: 30 % is 3, 20 % is 2
    for (scores, divergent) in [
        (&["5"][..], false),
        (&["4", "7"], false),
        (&["4", "7.01"], true),
        (&["4", "4", "6"], false),
        (&["4", "4", "6.01"], true),
        (&["3.99", "6", "6"], true),
        (&["2", "4", "5"], false),
        (&[], false),
    ] {
        let given: Vec<Score> = scores.iter().map(|given| score(given)).collect();
        assert_eq!(is_divergent(&given, score("10")), divergent, "{scores:?}");
    }
    let ranking = sample(Fixed, vec![bid("a", 1, &["1", "5"]), bid("b", 1, &["2", "3"])]).evaluate().unwrap();
    let flags: Vec<_> = ranking.rows.iter().map(|row| (row.key, row.criteria[0].divergent)).collect();
    assert_eq!(flags, [("a", true), ("b", false)]);
}

#[test]
fn no_bids_make_an_empty_ranking() {
    assert_eq!(sample(Inverse, vec![]).evaluate().unwrap().rows, []);
}

#[test]
fn weights_and_scores_have_two_decimals_and_bounds() {
    for (text, hundredths) in [("0.01", 1), ("33.33", 3_333), ("100", 10_000), ("12.500", 1_250)] {
        assert_eq!(weight(text).hundredths(), hundredths);
        assert_eq!(Weight::from_hundredths(hundredths).unwrap().to_string(), decimal(text).normalize().to_string());
    }
    for text in ["0", "-1", "100.01", "79228162514264337593543950335", "99999999999"] {
        assert_eq!(Weight::try_from(decimal(text)), Err(ScaleError::WeightOutOfRange), "{text}");
    }
    for text in ["-0.01", "1000000.01", "79228162514264337593543950335", "99999999999999999999"] {
        assert_eq!(Score::try_from(decimal(text)), Err(ScaleError::ScoreOutOfRange), "{text}");
    }
    assert_eq!(Weight::try_from(decimal("33.333")), Err(ScaleError::TooManyDecimals(decimal("33.333"))));
    assert_eq!(Score::try_from(decimal("0.001")), Err(ScaleError::TooManyDecimals(decimal("0.001"))));
    assert_eq!(score("0"), Score::from_hundredths(0).unwrap());
    assert!(Weight::from_hundredths(0).is_err() && Score::from_hundredths(-1).is_err());
}

#[test]
fn names_are_the_same_in_text_and_in_json() {
    for name in ["fixed", "absolute", "inverse", "min_max", "linear_from_lowest"] {
        let formula = PriceFormula::from_str(name).unwrap();
        assert_eq!((formula.as_str(), serde_json::to_string(&formula).unwrap()), (name, format!("\"{name}\"")));
    }
    for name in ["mean", "median"] {
        let method = ConsensusMethod::from_str(name).unwrap();
        assert_eq!((method.as_str(), serde_json::to_string(&method).unwrap()), (name, format!("\"{name}\"")));
    }
    for (name, criterion, json) in [
        ("shared", None, r#""shared""#),
        ("lower_price", None, r#""lower_price""#),
        ("higher_on", Some(7), r#"{"higher_on":7}"#),
        ("earlier_submission", None, r#""earlier_submission""#),
    ] {
        let rule = TieRule::from_parts(name, criterion).unwrap();
        assert_eq!((rule.as_str(), rule.criterion().copied()), (name, criterion));
        assert_eq!(serde_json::to_string(&rule).unwrap(), json);
    }
    assert!(PriceFormula::from_str("Fixed").is_err() && ConsensusMethod::from_str("").is_err());
    assert!(TieRule::from_parts("higher_on", None::<u32>).is_err() && TieRule::from_parts("shared", Some(1)).is_err());
}

#[test]
fn an_evaluation_read_from_json_gives_the_same_ranking() {
    let evaluation = tied();
    let json = serde_json::to_string(&evaluation).unwrap();
    let read: Evaluation<&str, &str, u32> = serde_json::from_str(&json).unwrap();
    assert_eq!(read, evaluation);
    let ranking = serde_json::to_value(read.evaluate().unwrap()).unwrap();
    assert_eq!(ranking["rows"][0]["total"], "59");
    let overweight = json.replace(r#""weight":"30""#, r#""weight":"130""#);
    assert!(serde_json::from_str::<Evaluation<&str, &str, u32>>(&overweight).is_err());
}

/// Three bids with a total of 59 and one below, two criteria of 30 %, price 40 %.
fn tied() -> Sample {
    let of = |key| Criterion { key, weight: weight("30"), maximum: score("10"), minimum: None };
    let bid = |key, price, at, quality, team| {
        let mut bid = SampleBid { submitted_at: hour(at), key, price_minor: price, scores: vec![] };
        add_scores(&mut bid, "quality", &[quality]);
        add_scores(&mut bid, "team", &[team]);
        bid
    };
    let bids = vec![
        bid("a", 50_000, 2, "10", "3"),
        bid("b", 42_500, 3, "8", "4"),
        bid("c", 50_000, 1, "3", "10"),
        bid("d", 90_000, 0, "1", "1"),
    ];
    Evaluation { criteria: vec![of("quality"), of("team")], ..sample(Absolute, bids) }
}
