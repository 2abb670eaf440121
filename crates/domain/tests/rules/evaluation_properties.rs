//! Rankings against an independent implementation: plain fractions of `i128`, compared by cross-multiplication.

use std::cmp::Ordering;

use domain::evaluation::{
    ConsensusMethod, Criterion, Evaluation, IndividualScore, PriceFormula, PriceRule, Score, ScoredBid, TieRule, Weight,
};
use proptest::prelude::*;
use rust_decimal::Decimal;

use crate::sample::{decimal, hour};

type Generated = Evaluation<u32, u32, u32>;
type GeneratedBid = ScoredBid<u32, u32, u32>;

proptest! {
    #[test]
    fn ranks_agree_with_cross_multiplication(evaluation in evaluations()) {
        let ranking = evaluation.evaluate().unwrap();
        prop_assert_eq!(ranking.rows.len(), evaluation.bids.len());
        let passing: Vec<_> = evaluation.bids.iter().filter(|bid| naive::passes(&evaluation, bid)).collect();
        for row in &ranking.rows {
            let bid = evaluation.bids.iter().find(|bid| bid.key == row.key).unwrap();
            let better = |other: &&&GeneratedBid| naive::is_better(&evaluation, &passing, other, bid);
            let rank = naive::passes(&evaluation, bid).then(|| 1 + passing.iter().filter(better).count());
            prop_assert_eq!(row.rank.map(|rank| rank as usize), rank, "bid {}", row.key);
            prop_assert_eq!(&row.total.to_string(), &naive::total(&evaluation, &passing, bid).reduced());
        }
    }

    #[test]
    fn the_order_of_bids_scores_and_criteria_does_not_matter(evaluation in evaluations(), seed in any::<usize>()) {
        let mut mixed = evaluation.clone();
        mixed.bids.rotate_left(seed % evaluation.bids.len());
        mixed.bids.reverse();
        mixed.bids.iter_mut().for_each(|bid| bid.scores.reverse());
        prop_assert_eq!(mixed.evaluate().unwrap(), evaluation.evaluate().unwrap());
        mixed.criteria.reverse();
        prop_assert_eq!(summary(&mixed), summary(&evaluation));
    }

    #[test]
    fn points_and_totals_lie_between_0_and_100(evaluation in evaluations()) {
        for row in evaluation.evaluate().unwrap().rows {
            let parts = row.criteria.iter().map(|result| &result.points).chain(&row.price_points);
            for points in parts.chain([&row.total]) {
                prop_assert!((decimal("0")..=decimal("100")).contains(&points.rounded(9)), "{points}");
            }
        }
    }

    #[test]
    fn rows_go_from_best_to_worst(evaluation in evaluations()) {
        let rows = evaluation.evaluate().unwrap().rows;
        for pair in rows.windows(2) {
            let place = |row: usize| (pair[row].rank.unwrap_or(u32::MAX), pair[row].key);
            prop_assert!(place(0) < place(1) || pair[0].rank < pair[1].rank);
            prop_assert!(pair[1].rank.is_none() || pair[0].total >= pair[1].total);
        }
    }

    #[test]
    fn a_criterion_split_in_two_halves_changes_nothing(mut evaluation in evaluations()) {
        let whole = evaluation.criteria[0].weight.hundredths();
        prop_assume!(whole > 1);
        let before = summary(&evaluation);
        let mut half = evaluation.criteria[0].clone();
        half.key = 99;
        half.weight = Weight::from_hundredths(whole / 2).unwrap();
        evaluation.criteria[0].weight = Weight::from_hundredths(whole - whole / 2).unwrap();
        for bid in &mut evaluation.bids {
            let copies: Vec<_> = bid.scores.iter().filter(|one| one.criterion == 0).cloned().collect();
            bid.scores.extend(copies.into_iter().map(|one| IndividualScore { criterion: 99, ..one }));
        }
        evaluation.criteria.push(half);
        prop_assert_eq!(summary(&evaluation), before);
    }

    #[test]
    fn a_scale_ten_times_as_long_changes_nothing(mut evaluation in evaluations()) {
        let before = summary(&evaluation);
        let tenfold = |score: Score| Score::from_hundredths(score.hundredths() * 10).unwrap();
        for criterion in &mut evaluation.criteria {
            criterion.maximum = tenfold(criterion.maximum);
            criterion.minimum = criterion.minimum.map(tenfold);
        }
        evaluation.bids.iter_mut().flat_map(|bid| &mut bid.scores).for_each(|one| one.score = tenfold(one.score));
        prop_assert_eq!(summary(&evaluation), before);
    }

    #[test]
    fn rounding_moves_by_at_most_half_a_step(evaluation in evaluations(), places in 0u32..6) {
        for row in evaluation.evaluate().unwrap().rows {
            let distance = row.total.rounded(places) - row.total.rounded(18);
            let half = Decimal::new(5, places + 1);
            prop_assert!(distance <= half && distance > -half - decimal("0.000000000000000001"), "{}", row.total);
        }
    }
}

/// What is left when the results by criterion, which name the criteria, are taken away.
fn summary(evaluation: &Generated) -> Vec<(u32, Option<u32>, String)> {
    evaluation.evaluate().unwrap().rows.iter().map(|row| (row.key, row.rank, row.total.to_string())).collect()
}

/// The same rules, written a second time in the most literal way.
mod naive {
    use super::{ConsensusMethod, Criterion, Generated, GeneratedBid, Ordering, PriceFormula, TieRule};

    #[derive(Clone, Copy)]
    pub struct Fraction(i128, i128);

    impl Fraction {
        fn plus(self, other: Self) -> Self {
            Self(self.0 * other.1 + other.0 * self.1, self.1 * other.1)
        }

        fn compare(self, other: Self) -> Ordering {
            (self.0 * other.1).cmp(&(other.0 * self.1))
        }

        pub fn reduced(self) -> String {
            let (mut a, mut b) = (self.0, self.1);
            while b != 0 {
                (a, b) = (b, a % b);
            }
            let (numerator, denominator) = (self.0 / a, self.1 / a);
            if denominator == 1 { numerator.to_string() } else { format!("{numerator}/{denominator}") }
        }
    }

    /// Consensus in hundredths.
    fn consensus(evaluation: &Generated, bid: &GeneratedBid, criterion: u32) -> Fraction {
        let given = bid.scores.iter().filter(|one| one.criterion == criterion);
        let mut scores: Vec<i128> = given.map(|one| one.score.hundredths().into()).collect();
        scores.sort_unstable();
        let count = scores.len();
        match evaluation.consensus {
            ConsensusMethod::Mean => Fraction(scores.iter().sum(), count as i128),
            ConsensusMethod::Median if count % 2 == 1 => Fraction(scores[count / 2], 1),
            ConsensusMethod::Median => Fraction(scores[count / 2 - 1] + scores[count / 2], 2),
        }
    }

    pub fn passes(evaluation: &Generated, bid: &GeneratedBid) -> bool {
        evaluation.criteria.iter().all(|of| {
            let minimum = Fraction(of.minimum.map_or(0, |minimum| minimum.hundredths().into()), 1);
            consensus(evaluation, bid, of.key).compare(minimum).is_ge()
        })
    }

    pub fn total(evaluation: &Generated, passing: &[&GeneratedBid], bid: &GeneratedBid) -> Fraction {
        let quality = |of: &Criterion<u32>| {
            let Fraction(score, count) = consensus(evaluation, bid, of.key);
            Fraction(i128::from(of.weight.hundredths()) * score, 100 * count * i128::from(of.maximum.hundredths()))
        };
        let sum = evaluation.criteria.iter().map(quality).fold(Fraction(0, 1), Fraction::plus);
        match evaluation.price.weight {
            Some(weight) if passes(evaluation, bid) => {
                let Fraction(part, whole) = price_share(evaluation, passing, bid.price_minor.into());
                sum.plus(Fraction(i128::from(weight.hundredths()) * part, 100 * whole))
            }
            _ => sum,
        }
    }

    /// The points for the price, divided by 100.
    fn price_share(evaluation: &Generated, passing: &[&GeneratedBid], price: i128) -> Fraction {
        let prices = || passing.iter().map(|bid| i128::from(bid.price_minor));
        let (lowest, highest) = (prices().min().unwrap(), prices().max().unwrap());
        let ceiling = i128::from(evaluation.price.ceiling);
        match evaluation.price.formula {
            PriceFormula::Fixed => Fraction(0, 1),
            PriceFormula::Absolute => Fraction(ceiling - price, ceiling),
            _ if lowest == highest => Fraction(1, 1),
            PriceFormula::MinMax => Fraction(highest - price, highest - lowest),
            _ if lowest == 0 => Fraction(i128::from(price == 0), 1),
            PriceFormula::Inverse => Fraction(lowest, price),
            PriceFormula::LinearFromLowest if price >= 2 * lowest => Fraction(0, 1),
            PriceFormula::LinearFromLowest => Fraction(2 * lowest - price, lowest),
        }
    }

    pub fn is_better(evaluation: &Generated, passing: &[&GeneratedBid], a: &GeneratedBid, b: &GeneratedBid) -> bool {
        match total(evaluation, passing, a).compare(total(evaluation, passing, b)) {
            Ordering::Greater => true,
            Ordering::Less => false,
            Ordering::Equal => match evaluation.tie_rule {
                TieRule::Shared => false,
                TieRule::LowerPrice => a.price_minor < b.price_minor,
                TieRule::HigherOn(key) => consensus(evaluation, a, key).compare(consensus(evaluation, b, key)).is_gt(),
                TieRule::EarlierSubmission => a.submitted_at < b.submitted_at,
            },
        }
    }
}

/// Small scales and few prices, so that ties are frequent.
fn evaluations() -> impl Strategy<Value = Generated> {
    let formula = prop::sample::select(vec!["fixed", "absolute", "inverse", "min_max", "linear_from_lowest"]);
    let method = prop::sample::select(vec![ConsensusMethod::Mean, ConsensusMethod::Median]);
    let tie = prop::sample::select(vec![
        TieRule::Shared,
        TieRule::LowerPrice,
        TieRule::HigherOn(0),
        TieRule::EarlierSubmission,
    ]);
    (formula, method, tie, 1i32..9_000, criterion(0), criterion(1), prop::collection::vec(raw_bid(), 1..7)).prop_map(
        |(formula, consensus, tie_rule, cut, first, second, bids)| {
            let formula: PriceFormula = formula.parse().unwrap();
            let weight = (formula != PriceFormula::Fixed).then(|| Weight::from_hundredths(1_000).unwrap());
            let rest = 10_000 - weight.map_or(0, Weight::hundredths);
            let share = |hundredths| Weight::from_hundredths(hundredths).unwrap();
            let cut = cut.min(rest - 1);
            let criteria =
                vec![Criterion { weight: share(cut), ..first }, Criterion { weight: share(rest - cut), ..second }];
            let price = PriceRule { weight, formula, ceiling: 60, zero_allowed: true };
            let bids = (0..).zip(bids).map(|(key, raw)| raw.bid(key, &criteria)).collect();
            Evaluation { criteria, price, consensus, tie_rule, bids }
        },
    )
}

fn criterion(key: u32) -> impl Strategy<Value = Criterion<u32>> {
    (prop::sample::select(vec![300i64, 400, 500, 700]), prop::option::of(0i64..300)).prop_map(
        move |(maximum, minimum)| {
            let score = |hundredths| Score::from_hundredths(hundredths).unwrap();
            Criterion { key, weight: Weight::WHOLE, maximum: score(maximum), minimum: minimum.map(score) }
        },
    )
}

#[derive(Debug)]
struct RawBid {
    price: i64,
    hour: u32,
    /// By evaluator, then by criterion, in thirds of the criterion's maximum.
    thirds: Vec<[i64; 2]>,
}

impl RawBid {
    fn bid(self, key: u32, criteria: &[Criterion<u32>]) -> GeneratedBid {
        let score_by = |(evaluator, thirds): (u32, &[i64; 2])| -> Vec<_> {
            let given = criteria.iter().zip(thirds).map(|(of, thirds)| IndividualScore {
                criterion: of.key,
                evaluator,
                score: Score::from_hundredths(of.maximum.hundredths() * thirds / 3).unwrap(),
            });
            given.collect()
        };
        let scores = (0..).zip(&self.thirds).flat_map(score_by).collect();
        ScoredBid { key, price_minor: self.price, submitted_at: hour(self.hour), scores }
    }
}

fn raw_bid() -> impl Strategy<Value = RawBid> {
    let price = prop::sample::select(vec![0i64, 10, 10, 20, 30, 45, 60]);
    let thirds = prop::collection::vec([0i64..4, 0i64..4], 1..5);
    (price, 0u32..3, thirds).prop_map(|(price, hour, thirds)| RawBid { price, hour, thirds })
}
