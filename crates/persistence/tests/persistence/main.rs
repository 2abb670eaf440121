//! What the database promises, on SQLite and on PostgreSQL: equal schemas, transactions, limits, and nothing lost or
//! doubled however many do the same thing at once.
#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers outside of #[test] functions")]

mod catalogue;
mod events;
mod idempotency;
mod limits;
mod listings;
mod migrations;
mod outage;
mod outage_ledger;
mod outbox;
mod schema;
mod sessions;
mod solution_listings;
mod support;
mod topics;
mod transactions;
mod violations;
