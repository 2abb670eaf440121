//! What tests of the real program need: its processes ([`process`]), people with sessions ([`people`]), an agency that
//! publishes and companies that bid ([`marketplace`]), calls over the network ([`client`]), and a look into the database
//! from outside ([`database`]).
//!
//! Everything here panics with a plain sentence when it cannot do its work: a test must fail.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

pub mod client;
pub mod database;
pub mod marketplace;
pub mod people;
pub mod process;

use std::{
    thread::sleep,
    time::{Duration, Instant},
};

/// How long the tests wait for what should happen soon; a crowded machine needs more than an idle one.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// Waits until something is there, and gives it.
#[track_caller]
pub fn eventually<T>(what: &str, look: impl Fn() -> Option<T>) -> T {
    let begun = Instant::now();
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(begun.elapsed() < PATIENCE, "waited in vain for {what}");
        sleep(Duration::from_millis(20));
    }
}
