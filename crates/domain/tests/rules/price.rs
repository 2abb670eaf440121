//! The price formulas, computed by hand.

use domain::evaluation::{PriceFormula, RankedBid};

use crate::sample::{bid, sample};

use PriceFormula::{Absolute, Fixed, Inverse, LinearFromLowest, MinMax};

#[test]
fn points_follow_the_table() {
    // prices under a ceiling of 100,000, and the points of each
    for (formula, prices, points) in [
        (Absolute, &[100_000, 60_000, 25_000, 1][..], &["0", "40", "75", "99999/1000"][..]),
        (Absolute, &[70_000], &["30"]),
        (Inverse, &[30_000, 40_000, 90_000], &["100", "75", "100/3"]),
        (Inverse, &[50_000, 50_000], &["100", "100"]),
        (MinMax, &[20_000, 50_000, 80_000], &["100", "50", "0"]),
        (MinMax, &[10, 20, 40], &["100", "200/3", "0"]),
        (MinMax, &[50_000, 50_000], &["100", "100"]),
        (LinearFromLowest, &[40_000, 50_000, 80_000, 90_000], &["100", "75", "0", "0"]),
        (LinearFromLowest, &[30, 40], &["100", "200/3"]),
    ] {
        assert_eq!(points_of(formula, prices, false), points, "{formula:?} {prices:?}");
    }
}

#[test]
fn zero_prices_get_everything_where_they_are_allowed() {
    for (formula, points) in [
        (Absolute, ["100", "90", "100"]),
        (Inverse, ["100", "0", "100"]),
        (MinMax, ["100", "0", "100"]),
        (LinearFromLowest, ["100", "0", "100"]),
    ] {
        assert_eq!(points_of(formula, &[0, 10_000, 0], true), points, "{formula:?}");
        assert_eq!(points_of(formula, &[0], true), ["100"], "{formula:?} alone");
    }
}

#[test]
fn one_bidder_alone_gets_100_under_every_relative_formula() {
    for formula in [Inverse, MinMax, LinearFromLowest] {
        assert_eq!(points_of(formula, &[99_999], false), ["100"], "{formula:?}");
        assert!(formula.depends_on_other_bids(), "{formula:?}");
    }
    assert!(!Absolute.depends_on_other_bids() && !Fixed.depends_on_other_bids());
}

#[test]
fn a_fixed_price_gives_no_points() {
    let row = &rows(Fixed, &[100_000], false)[0];
    assert_eq!((row.price_points.as_ref(), row.total.to_string()), (None, "100".to_owned()));
}

#[test]
fn the_largest_prices_do_not_overflow() {
    for formula in [Absolute, Inverse, MinMax, LinearFromLowest] {
        let mut evaluation = sample(formula, vec![bid("a", i64::MAX, &["5"]), bid("b", i64::MAX - 1, &["5"])]);
        evaluation.price.ceiling = i64::MAX;
        let ranking = evaluation.evaluate().unwrap();
        assert_eq!(ranking.rows[0].key, "b", "{formula:?}");
        assert!(ranking.rows[0].total > ranking.rows[1].total, "{formula:?}");
    }
}

fn rows(formula: PriceFormula, prices: &[i64], zero_allowed: bool) -> Vec<RankedBid<&'static str, &'static str>> {
    let bids = ["a", "b", "c", "d"].into_iter().zip(prices).map(|(key, price)| bid(key, *price, &["5"])).collect();
    let mut evaluation = sample(formula, bids);
    evaluation.price.zero_allowed = zero_allowed;
    let mut rows = evaluation.evaluate().unwrap().rows;
    rows.sort_by_key(|row| row.key);
    rows
}

/// The exact points of each price, in the order of the prices.
fn points_of(formula: PriceFormula, prices: &[i64], zero_allowed: bool) -> Vec<String> {
    rows(formula, prices, zero_allowed).iter().map(|row| row.price_points.as_ref().unwrap().to_string()).collect()
}
