//! Rows, queries and transactions, on SQLite or PostgreSQL.
//!
//! One module of free functions per aggregate; rows are private, no rule is decided here. SQL lives in this crate and
//! nowhere else.

pub mod account_links;
pub mod accounts;
pub mod administration;
pub mod announcements;
pub mod api_keys;
pub mod attempts;
pub mod audit;
pub mod awards;
pub mod bids;
pub mod challenge_documents;
pub mod challenge_previews;
pub mod challenge_revisions;
pub mod challenge_templates;
pub mod challenges;
mod clock;
pub mod confidentiality;
mod connection;
pub mod contracts;
pub mod cpv;
mod db;
pub mod delegations;
pub mod devices;
pub mod documents;
pub mod erasure;
mod error;
pub mod evaluations;
pub mod events;
pub mod files;
pub mod followers;
pub mod history;
pub mod idempotency;
pub mod identities;
pub mod invitations;
mod job;
pub mod lifecycle;
pub mod listings;
pub mod members;
mod migrations;
pub mod obligations;
pub mod organisation_profiles;
pub mod organisations;
pub mod outbox;
pub mod own_sessions;
pub mod panels;
pub mod periods;
pub mod personal_data;
pub mod profiles;
pub mod reads;
mod schema;
pub mod search_words;
pub mod second_factors;
pub mod sessions;
pub mod settings;
mod sql_types;
pub mod terms;
pub mod uploads;
mod worker;

pub use clock::Clock;
pub use connection::Conn;
pub use db::{Db, Options};
pub use error::{Error, Result};
pub use migrations::migrate;
