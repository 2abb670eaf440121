//! The time of the challenges of sandboxes, which their people move.

use crate::{Caller, Result, clock};
use chrono::{DateTime, Utc};
use domain::{
    Actor, ChallengeId,
    challenge::{ChallengeClock, ClockChange},
};
use persistence::{Conn, challenge_clocks as clocks, challenges};

/// A clock, and what it says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shown {
    /// What time it is for the challenge.
    pub now: DateTime<Utc>,
    /// What time it is.
    pub real: DateTime<Utc>,
    /// How many times as fast as the real time it runs.
    pub rate: i32,
}

/// The clock of a sandbox's challenge, for those who see the challenge.
pub fn find(conn: &mut Conn, viewer: Option<&Actor>, id: ChallengeId) -> Result<Shown> {
    let challenge = challenges::find(conn, id)?;
    challenge.require_clock(viewer)?;
    let real = conn.now()?;
    Ok(Shown::of(&clocks::find(conn, id)?, real))
}

/// Somebody in the sandbox moves the time of a challenge. Waits for bids that already hold a time of receipt.
pub fn change(conn: &mut Conn, caller: &Caller, id: ChallengeId, change: ClockChange) -> Result<Shown> {
    challenges::lock_box(conn, id)?;
    let challenge = challenges::lock(conn, id)?;
    challenge.require_clock(Some(&caller.actor))?;
    let before = clock::of(conn, &challenge)?;
    let real = clock::real(conn, before);
    let mut clock = clocks::find(conn, id)?;
    let event = clock.change(&caller.actor, &challenge, change, real)?;
    clocks::put(conn, &clock)?;
    caller.record(conn, before, event)?;
    Ok(Shown::of(&clock, real))
}

/// What time it is, for some challenges at once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moment {
    real: DateTime<Utc>,
    clocks: Vec<ChallengeClock>,
}

impl Moment {
    /// For a challenge, or for what belongs to none.
    pub fn of(&self, challenge: Option<ChallengeId>) -> DateTime<Utc> {
        let clock = self.clocks.iter().find(|clock| Some(clock.challenge) == challenge);
        clock.map_or(self.real, |clock| clock.at(self.real))
    }
}

/// What time it is for these challenges, for somebody who reads a list. Who plays in no sandbox costs no query.
pub fn moment(conn: &mut Conn, actor: &Actor, challenges: &[ChallengeId]) -> Result<Moment> {
    let real = conn.machine_now();
    let clocks = if actor.plays_in_sandboxes() { clocks::find_all(conn, challenges)? } else { Vec::new() };
    Ok(Moment { real, clocks })
}

impl Shown {
    fn of(clock: &ChallengeClock, real: DateTime<Utc>) -> Self {
        Self { now: clock.at(real), real, rate: clock.rate }
    }
}
