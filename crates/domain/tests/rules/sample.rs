//! Short ways to write evaluations down.

use chrono::{DateTime, Utc};
use domain::evaluation::{
    ConsensusMethod, Criterion, Evaluation, IndividualScore, PriceFormula, PriceRule, Ranking, Score, ScoredBid,
    TieRule, Weight,
};
use rust_decimal::Decimal;

pub type Sample = Evaluation<&'static str, &'static str, u32>;
pub type SampleBid = ScoredBid<&'static str, &'static str, u32>;

pub fn decimal(text: &str) -> Decimal {
    text.parse().unwrap()
}

pub fn weight(text: &str) -> Weight {
    decimal(text).try_into().unwrap()
}

pub fn score(text: &str) -> Score {
    decimal(text).try_into().unwrap()
}

/// Quality 60 % on a scale to 5, price 40 % under the formula, with a ceiling of 100,000 minor units.
pub fn sample(formula: PriceFormula, bids: Vec<SampleBid>) -> Sample {
    let fixed = formula == PriceFormula::Fixed;
    let quality = weight(if fixed { "100" } else { "60" });
    Evaluation {
        criteria: vec![Criterion { key: "quality", weight: quality, maximum: score("5"), minimum: None }],
        price: PriceRule { weight: (!fixed).then(|| weight("40")), formula, ceiling: 100_000, zero_allowed: false },
        consensus: ConsensusMethod::Mean,
        tie_rule: TieRule::Shared,
        bids,
    }
}

/// A bid with one evaluator's score after the other on `quality`, submitted at midnight.
pub fn bid(key: &'static str, price_minor: i64, scores: &[&str]) -> SampleBid {
    let mut bid = ScoredBid { key, price_minor, submitted_at: hour(0), scores: vec![] };
    add_scores(&mut bid, "quality", scores);
    bid
}

pub fn add_scores(bid: &mut SampleBid, criterion: &'static str, scores: &[&str]) {
    let individual = |(evaluator, given): (u32, &&str)| IndividualScore { criterion, evaluator, score: score(given) };
    bid.scores.extend((1..).zip(scores).map(individual));
}

pub fn hour(hour: u32) -> DateTime<Utc> {
    format!("2026-03-02T{hour:02}:00:00Z").parse().unwrap()
}

/// Rank and bid, in the order of the rows.
pub fn ranks(ranking: &Ranking<&'static str, &'static str>) -> Vec<(Option<u32>, &'static str)> {
    ranking.rows.iter().map(|row| (row.rank, row.key)).collect()
}
