//! How large the drills are.

use std::{env, time::Duration};

/// `large` makes the drills large; without it they are as small as a build that somebody waits for asks.
const VARIABLE: &str = "PROVOCO_DRILLS";

/// The size of the deadline rush.
pub struct Rush {
    pub bidders: usize,
    /// How many submissions and replacements there are before the deadline; a twentieth more come after it.
    pub attempts: u32,
    /// How long before the deadline the first one is made.
    pub window: Duration,
    /// In this last part of it six of ten are made.
    pub last: Duration,
    /// How often the server is killed, and, on PostgreSQL, the database.
    pub kills: u32,
    pub restarts: u32,
    pub readers: usize,
    pub uploads: usize,
}

/// The size of the drill at the boundary.
pub struct Boundary {
    pub bidders: usize,
    pub challenges: usize,
    /// How often each bidder tries in each challenge.
    pub tries: u32,
    /// How long after each other the deadlines pass.
    pub apart: Duration,
}

pub fn rush() -> Rush {
    if is_large() {
        let [window, last] = [60, 10].map(Duration::from_secs);
        Rush { bidders: 200, attempts: 2_000, window, last, kills: 3, restarts: 2, readers: 8, uploads: 20 }
    } else {
        let [window, last] = [5, 2].map(Duration::from_secs);
        Rush { bidders: 12, attempts: 120, window, last, kills: 1, restarts: 1, readers: 2, uploads: 3 }
    }
}

pub fn boundary() -> Boundary {
    if is_large() {
        Boundary { bidders: 50, challenges: 25, tries: 4, apart: Duration::from_secs(3) }
    } else {
        Boundary { bidders: 6, challenges: 3, tries: 5, apart: Duration::from_millis(800) }
    }
}

fn is_large() -> bool {
    match env::var(VARIABLE).as_deref() {
        Ok("large") => true,
        Ok(other) => panic!("{VARIABLE}={other}: only `large` is known"),
        Err(_) => false,
    }
}

/// A number evenly scattered below `limit`, the same in each run (multiplicative hashing, Knuth 6.4).
pub fn scatter(n: u32, limit: Duration) -> Duration {
    let fraction = u64::from(n.wrapping_mul(2_654_435_769));
    Duration::from_micros((u64::try_from(limit.as_micros()).unwrap() * (fraction >> 12)) >> 20)
}
