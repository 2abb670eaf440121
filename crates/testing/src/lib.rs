//! What tests and benches need and the program does not: a throwaway PostgreSQL ([`cluster`]), a fresh migrated
//! database for each test ([`TestDatabase`]), and one test body for both databases ([`on_both!`]).
//!
//! Everything here panics with a plain sentence when it cannot do its work: a test must fail, never be skipped,
//! when PostgreSQL is missing. Only [`Clamd`] may be missing: it is an optional part of an installation.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod binaries;
mod clamd;
mod database;
mod keeper;
mod on_both;
mod postgres;

pub use clamd::Clamd;
pub use database::{Backend, TestDatabase};
pub use postgres::{Cluster, cluster};
