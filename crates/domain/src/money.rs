//! Amounts of money: whole minor units of one ISO 4217 currency, never floats.

use std::cmp::Ordering;
use std::fmt;

use serde::{Deserialize, Serialize};

pub use iso_currency::Currency;

/// An amount from 0 to [`Money::MAX_MINOR`] minor units (cents for EUR, none for JPY) of one currency.
///
/// Serialised as `{"amount": "12500.00", "currency": "EUR"}`. There is no `PartialOrd`: amounts of different
/// currencies have no order, and `a > b` would silently be false; use [`Money::checked_cmp`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "Wire", into = "Wire")]
pub struct Money {
    minor: i64,
    currency: Currency,
}

/// Why something is not an amount of money, or two amounts do not go together.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MoneyError {
    /// Amounts are never below zero.
    #[error("an amount must not be negative")]
    Negative,
    /// More than [`Money::MAX_MINOR`] minor units.
    #[error("an amount must not exceed {} minor units", Money::MAX_MINOR)]
    TooLarge,
    /// Not digits, optionally followed by a point and digits.
    #[error("an amount is written in digits with an optional decimal point, such as 12500.00")]
    Malformed,
    /// More digits after the point than the currency has, even when they are zeros.
    #[error("{} has {digits} digit(s) after the decimal point", currency.code())]
    TooManyDecimals {
        /// The currency of the amount.
        currency: Currency,
        /// How many digits it has after the point (ISO 4217).
        digits: u16,
    },
    /// ISO 4217 gives no minor unit to this code: precious metals, units of account, test codes.
    #[error("{} is not a currency to pay in", .0.code())]
    NoMinorUnit(Currency),
    /// Two amounts in different currencies are never added or compared.
    #[error("{} and {} are different currencies", .0.code(), .1.code())]
    CurrencyMismatch(Currency, Currency),
}

impl Money {
    /// The largest amount in minor units: ten million million euros.
    pub const MAX_MINOR: i64 = 1_000_000_000_000_000;

    /// An amount of `minor` units.
    ///
    /// # Errors
    /// [`MoneyError::Negative`], [`MoneyError::TooLarge`], or [`MoneyError::NoMinorUnit`].
    pub fn new(minor: i64, currency: Currency) -> Result<Self, MoneyError> {
        digits_of(currency)?;
        match minor {
            ..0 => Err(MoneyError::Negative),
            0..=Self::MAX_MINOR => Ok(Self { minor, currency }),
            _ => Err(MoneyError::TooLarge),
        }
    }

    /// Reads a plain decimal such as `12500`, `12500.5` or `12500.00`: no sign, exponent, space or separator of
    /// thousands, and at most as many digits after the point as the currency has.
    ///
    /// # Errors
    /// [`MoneyError::Malformed`], [`MoneyError::TooManyDecimals`], [`MoneyError::TooLarge`] or
    /// [`MoneyError::NoMinorUnit`].
    pub fn parse(amount: &str, currency: Currency) -> Result<Self, MoneyError> {
        let digits = digits_of(currency)?;
        let (whole, fraction) = match amount.split_once('.') {
            Some((_, "")) => return Err(MoneyError::Malformed),
            Some(parts) => parts,
            None => (amount, ""),
        };
        if whole.is_empty() || ![whole, fraction].into_iter().all(|part| part.bytes().all(|b| b.is_ascii_digit())) {
            return Err(MoneyError::Malformed);
        }
        let width = usize::from(digits);
        if fraction.len() > width {
            return Err(MoneyError::TooManyDecimals { currency, digits });
        }
        let minor = format!("{whole}{fraction:0<width$}").parse().map_err(|_| MoneyError::TooLarge)?;
        Self::new(minor, currency)
    }

    /// The amount in minor units, 0 to [`Money::MAX_MINOR`].
    pub fn minor(self) -> i64 {
        self.minor
    }

    /// The currency.
    pub fn currency(self) -> Currency {
        self.currency
    }

    /// The amount as a decimal with exactly the currency's digits: `12500.00`.
    pub fn amount(self) -> String {
        let width = usize::from(self.currency.exponent().unwrap_or_default());
        let digits = format!("{:0>1$}", self.minor, width + 1);
        let (whole, fraction) = digits.split_at(digits.len() - width);
        if fraction.is_empty() { whole.to_owned() } else { format!("{whole}.{fraction}") }
    }

    /// The sum of two amounts.
    ///
    /// # Errors
    /// [`MoneyError::CurrencyMismatch`] or [`MoneyError::TooLarge`].
    pub fn checked_add(self, other: Self) -> Result<Self, MoneyError> {
        self.same_currency(other)?;
        Self::new(self.minor + other.minor, self.currency)
    }

    /// The sum of any number of amounts of `currency`; of none, zero.
    ///
    /// # Errors
    /// As [`Money::new`] and [`Money::checked_add`].
    pub fn sum(amounts: impl IntoIterator<Item = Self>, currency: Currency) -> Result<Self, MoneyError> {
        amounts.into_iter().try_fold(Self::new(0, currency)?, Self::checked_add)
    }

    /// Which of two amounts is larger.
    ///
    /// # Errors
    /// [`MoneyError::CurrencyMismatch`].
    pub fn checked_cmp(self, other: Self) -> Result<Ordering, MoneyError> {
        self.same_currency(other)?;
        Ok(self.minor.cmp(&other.minor))
    }

    fn same_currency(self, other: Self) -> Result<(), MoneyError> {
        if self.currency == other.currency {
            Ok(())
        } else {
            Err(MoneyError::CurrencyMismatch(self.currency, other.currency))
        }
    }
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.amount(), self.currency.code())
    }
}

fn digits_of(currency: Currency) -> Result<u16, MoneyError> {
    currency.exponent().ok_or(MoneyError::NoMinorUnit(currency))
}

/// The written form of [`Money`].
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wire {
    amount: String,
    currency: Currency,
}

impl TryFrom<Wire> for Money {
    type Error = MoneyError;

    fn try_from(wire: Wire) -> Result<Self, MoneyError> {
        Self::parse(&wire.amount, wire.currency)
    }
}

impl From<Money> for Wire {
    fn from(money: Money) -> Self {
        Self { amount: money.amount(), currency: money.currency }
    }
}
