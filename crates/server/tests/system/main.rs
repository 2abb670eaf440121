//! The real program on real databases: started, stopped, killed, cut off from what it needs.
//!
//! Each test starts what it needs on ports of its own, and whatever it starts dies with it.

// The scene that all tests set is outside of any test function.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod client;
mod crash;
mod database;
mod database_gone;
mod demo;
mod expiries;
mod failures;
mod feed;
mod instances;
mod log;
mod mail;
mod marketplace;
mod obligations;
mod oidc;
mod oidc_provider;
mod outages;
mod people;
mod process;
mod scheduler;
mod serve;
mod shutdown;
mod smtp;

use std::{
    thread::sleep,
    time::{Duration, Instant},
};

/// How long the tests wait for what should happen soon; a crowded machine needs more than an idle one.
const PATIENCE: Duration = Duration::from_secs(30);

/// Waits until something is there, and gives it.
#[track_caller]
fn eventually<T>(what: &str, look: impl Fn() -> Option<T>) -> T {
    let begun = Instant::now();
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(begun.elapsed() < PATIENCE, "waited in vain for {what}");
        sleep(Duration::from_millis(20));
    }
}
