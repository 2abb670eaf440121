//! The REST API: extractors in, use case, view out.
//!
//! A handler reaches the database only through [`access::Anyone`] or [`access::As`], so it cannot be written without
//! saying who may call it. Conventions (problems, cursors, ETags, idempotency, dry runs) live in `foundation`;
//! `resources` has one file per resource with its wire types, documentation and handlers.

pub mod access;
mod app;
mod error;
pub(crate) mod feeds;
mod foundation;
mod limits;
mod oidc_callback;
mod pages;
mod resources;
mod seen;
mod state;
pub mod telemetry;
mod tokens;

pub use app::{app, openapi, openapi_json};
pub use error::Error;
pub use limits::Limits;
pub use resources::periods::computed_date_json;
pub use seen::write_down_seen;
pub use state::{Settings, State};

/// What a handler gives: an answer or a problem.
pub(crate) type Answer = Result<foundation::Reply, Error>;
