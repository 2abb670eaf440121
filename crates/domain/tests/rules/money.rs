//! Money: written and read exactly, never across currencies.

use std::cmp::Ordering;

use domain::{Currency, Money, MoneyError};
use proptest::prelude::*;

#[test]
fn amounts_are_written_with_the_digits_of_their_currency() {
    for (minor, currency, written) in [
        (1_250_000, Currency::EUR, "12500.00 EUR"),
        (0, Currency::EUR, "0.00 EUR"),
        (5, Currency::EUR, "0.05 EUR"),
        (99, Currency::EUR, "0.99 EUR"),
        (0, Currency::JPY, "0 JPY"),
        (1_250, Currency::JPY, "1250 JPY"),
        (1, Currency::TND, "0.001 TND"),
        (12_345, Currency::CLF, "1.2345 CLF"),
        (Money::MAX_MINOR, Currency::EUR, "10000000000000.00 EUR"),
    ] {
        assert_eq!(Money::new(minor, currency).unwrap().to_string(), written);
    }
}

#[test]
fn plain_decimals_are_read() {
    for (text, currency, minor) in [
        ("12500.00", Currency::EUR, 1_250_000),
        ("12500.5", Currency::EUR, 1_250_050),
        ("12500", Currency::EUR, 1_250_000),
        ("0", Currency::EUR, 0),
        ("0.05", Currency::EUR, 5),
        ("007", Currency::JPY, 7),
        ("1.5", Currency::TND, 1_500),
        ("10000000000000", Currency::EUR, Money::MAX_MINOR),
    ] {
        assert_eq!(Money::parse(text, currency).unwrap().minor(), minor, "{text} {currency:?}");
    }
}

#[test]
fn anything_else_is_refused() {
    for text in ["", ".", ".5", "5.", "+1", "-1", "1e3", " 1", "1 ", "1,000", "1.000,00", "1.2.3", "1_000", "٣", "0x1"]
    {
        assert_eq!(Money::parse(text, Currency::EUR), Err(MoneyError::Malformed), "{text:?}");
    }
    let two = MoneyError::TooManyDecimals { currency: Currency::EUR, digits: 2 };
    assert_eq!(Money::parse("1.000", Currency::EUR), Err(two));
    let none = MoneyError::TooManyDecimals { currency: Currency::JPY, digits: 0 };
    assert_eq!(Money::parse("1.0", Currency::JPY), Err(none));
    for text in ["10000000000000.01", "92233720368547758.08", "99999999999999999999999999"] {
        assert_eq!(Money::parse(text, Currency::EUR), Err(MoneyError::TooLarge), "{text}");
    }
    assert_eq!(Money::parse("1", Currency::XAU), Err(MoneyError::NoMinorUnit(Currency::XAU)));
}

#[test]
fn amounts_have_bounds() {
    assert_eq!(Money::new(-1, Currency::EUR), Err(MoneyError::Negative));
    assert_eq!(Money::new(Money::MAX_MINOR + 1, Currency::EUR), Err(MoneyError::TooLarge));
    let largest = Money::new(Money::MAX_MINOR, Currency::EUR).unwrap();
    assert_eq!(largest.checked_add(euros(1)), Err(MoneyError::TooLarge));
}

#[test]
fn currencies_do_not_mix() {
    let (euro, dollar) = (euros(1), Money::new(1, Currency::USD).unwrap());
    let mismatch = MoneyError::CurrencyMismatch(Currency::EUR, Currency::USD);
    assert_eq!(euro.checked_add(dollar), Err(mismatch.clone()));
    assert_eq!(euro.checked_cmp(dollar), Err(mismatch.clone()));
    assert_eq!(Money::sum([euro, dollar], Currency::EUR), Err(mismatch));
}

#[test]
fn amounts_of_one_currency_add_and_compare() {
    assert_eq!(Money::sum([euros(1), euros(20), euros(300)], Currency::EUR), Ok(euros(321)));
    assert_eq!(Money::sum([], Currency::EUR), Ok(euros(0)));
    assert_eq!(euros(1).checked_cmp(euros(2)), Ok(Ordering::Less));
}

#[test]
fn the_wire_form_is_checked_when_read() {
    let json = r#"{"amount":"12500.00","currency":"EUR"}"#;
    let money: Money = serde_json::from_str(json).unwrap();
    assert_eq!(money, euros(1_250_000));
    assert_eq!(serde_json::to_string(&money).unwrap(), json);
    for bad in [
        r#"{"amount":"-1","currency":"EUR"}"#,
        r#"{"amount":1,"currency":"EUR"}"#,
        r#"{"amount":"1","currency":"euro"}"#,
        r#"{"amount":"1","currency":"EUR","minor":1}"#,
    ] {
        assert!(serde_json::from_str::<Money>(bad).is_err(), "{bad}");
    }
}

proptest! {
    #[test]
    fn what_is_written_reads_back(minor in 0..=Money::MAX_MINOR, currency in currencies()) {
        let money = Money::new(minor, currency).unwrap();
        prop_assert_eq!(Money::parse(&money.amount(), currency), Ok(money));
    }

    #[test]
    fn only_canonical_digits_are_read(text in "[0-9.+\\-, e]{0,8}") {
        let wanted = text.split_once('.').map_or_else(
            || text.parse::<u32>().ok().filter(|_| !text.starts_with('+')).map(|whole| i64::from(whole) * 100),
            |(whole, cents)| match cents.len() {
                1 | 2 if [whole, cents].iter().all(|part| part.chars().all(|c| c.is_ascii_digit())) => {
                    let cents: i64 = format!("{cents:0<2}").parse().unwrap();
                    whole.parse::<i64>().ok().map(|whole| whole * 100 + cents)
                }
                _ => None,
            },
        );
        prop_assert_eq!(Money::parse(&text, Currency::EUR).ok().map(Money::minor), wanted);
    }
}

fn euros(cents: i64) -> Money {
    Money::new(cents, Currency::EUR).unwrap()
}

fn currencies() -> impl Strategy<Value = Currency> {
    prop::sample::select(vec![Currency::EUR, Currency::JPY, Currency::TND, Currency::CLF, Currency::USD])
}
