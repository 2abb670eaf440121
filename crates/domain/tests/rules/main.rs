//! The rules on numbers, days, states and people: tables computed by hand, and properties against independent implementations.
#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers outside of #[test] functions")]

mod actors;
mod administration;
mod after_publication;
mod api_keys;
mod bid_attempts;
mod calendars;
mod consultations;
mod days;
mod days_properties;
mod delegations;
mod discovery;
mod evaluation;
mod evaluation_errors;
mod evaluation_properties;
mod extensions;
mod instants;
mod invitations;
mod matching;
mod members;
mod minimum_periods;
mod money;
mod obligations;
mod organisations;
mod outages;
mod periods;
mod price;
mod profiles;
mod questions;
mod records;
mod sample;
mod scans;
mod schedules;
mod solutions;
mod states;
mod suspensions;
