//! The rules on numbers, days and states: tables computed by hand, and properties against independent implementations.
#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers outside of #[test] functions")]

mod days;
mod days_properties;
mod evaluation;
mod evaluation_errors;
mod evaluation_properties;
mod instants;
mod money;
mod organisations;
mod price;
mod profiles;
mod records;
mod sample;
mod states;
