//! Drills: what must never happen is looked for where it would happen, at the deadline, while everything breaks.
//!
//! `docs/drills.md` says what there is and how to run it large.

// The scene that all drills set is outside of any test function.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod bidder;
mod boundary;
mod checker;
mod crowd;
mod deadline_rush;
mod evidence;
mod history;
mod proxy;
mod scene;
mod secrecy;
mod size;
mod summary;
mod threshold;

use std::sync::{Mutex, MutexGuard, PoisonError};

/// One drill at a time: each wants to know what happens at an instant, not how it shares the machine with the others.
fn alone() -> MutexGuard<'static, ()> {
    static TURN: Mutex<()> = Mutex::new(());
    TURN.lock().unwrap_or_else(PoisonError::into_inner)
}
