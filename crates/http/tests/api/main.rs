//! The API as its users see it: over HTTP, against a real database per test, on SQLite and on PostgreSQL.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

mod app;
mod authorisation;
mod challenges;
mod marketplace;
mod openapi;
mod principals;
mod reads;
mod smoke;
mod states;
mod steps;
mod visibility;
