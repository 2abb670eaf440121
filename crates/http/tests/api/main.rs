//! The API as its users see it: over HTTP, against a real database per test, on SQLite and on PostgreSQL.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

mod access_tokens;
mod accounts;
mod administration;
mod app;
mod audit;
mod authorisation;
mod awards;
mod bids;
mod challenges;
mod contracts;
mod evaluations;
mod events;
mod foundation_dry_run;
mod foundation_etags;
mod foundation_headers;
mod foundation_idempotency;
mod foundation_limits;
mod foundation_paging;
mod foundation_problems;
mod foundation_requests;
mod mails;
mod marketplace;
mod openapi;
mod openings;
mod organisations;
mod pages;
mod principals;
mod reads;
mod rows;
mod sessions;
mod smoke;
mod states;
mod steps;
mod visibility;
mod walk;
