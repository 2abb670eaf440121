//! The rules on numbers and days: tables computed by hand, and properties against independent implementations.
#![allow(clippy::unwrap_used, reason = "helpers outside of #[test] functions")]

mod days;
mod days_properties;
mod evaluation;
mod evaluation_errors;
mod evaluation_properties;
mod money;
mod price;
mod sample;
