//! The real program on real databases: started, stopped, killed, cut off from what it needs.
//!
//! Each test starts what it needs on ports of its own, and whatever it starts dies with it.

// The scene that all tests set is outside of any test function.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod crash;
mod database_gone;
mod demo;
mod expiries;
mod failures;
mod feed;
mod instances;
mod log;
mod mail;
mod obligations;
mod oidc;
mod oidc_provider;
mod outages;
mod scheduler;
mod serve;
mod shutdown;
mod smtp;

use harness::{PATIENCE, client, database, eventually, marketplace, people, process};
