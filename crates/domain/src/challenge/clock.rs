//! The time of a sandbox's challenge. It can jump and run faster, but only forward, so it is never behind the real time. A real
//! challenge has no clock of its own: its time is the database's.

use super::Challenge;
use crate::{Actor, ChallengeId, Checks, Event, Refusal, Result, Role};
use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use serde_json::json;

/// How many times as fast as the real one the time of a challenge can run: at most a day in less than a second.
pub const FASTEST: i32 = 100_000;

/// How far the time of a challenge can be ahead of the real one: ten years. Whole days, so that it never shrinks in a leap year.
pub const FARTHEST_AHEAD: TimeDelta = TimeDelta::days(3653);

/// What time it is for a challenge: `challenge_at` when it was `real_at`, and since then `rate` times as fast.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ChallengeClock {
    /// Whose time it is.
    pub challenge: ChallengeId,
    /// A real instant.
    pub real_at: DateTime<Utc>,
    /// The instant that it was for the challenge.
    pub challenge_at: DateTime<Utc>,
    /// How many times as fast as the real time it runs; from 1 to [`FASTEST`].
    pub rate: i32,
}

/// What somebody wants of a clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClockChange {
    /// What time it shall be.
    pub now: Option<DateTime<Utc>>,
    /// How fast it shall run.
    pub rate: Option<i32>,
}

impl ChallengeClock {
    /// A clock that goes as the real one does.
    pub fn real(challenge: ChallengeId, now: DateTime<Utc>) -> Self {
        Self { challenge, real_at: now, challenge_at: now, rate: 1 }
    }

    /// What time it is for the challenge when it is `real`. Never before an instant that was given for an earlier one, even if
    /// the real clock is set back a little.
    pub fn at(&self, real: DateTime<Utc>) -> DateTime<Utc> {
        let passed = (real - self.real_at).max(TimeDelta::zero());
        let gone = passed.checked_mul(self.rate).and_then(|gone| self.challenge_at.checked_add_signed(gone));
        let farthest = farthest(real).max(self.challenge_at);
        gone.map_or(farthest, |at| at.min(farthest)).max(real)
    }

    /// An author or officer of the sandbox moves time forward, or has it run faster or slower.
    pub fn change(
        &mut self,
        actor: &Actor,
        challenge: &Challenge,
        change: ClockChange,
        real: DateTime<Utc>,
    ) -> Result<Event> {
        challenge.require_clock_changeable(actor)?;
        let real = real.max(self.real_at);
        let present = self.at(real);
        change.check(present, farthest(real))?;
        self.challenge_at = change.now.unwrap_or(present);
        self.real_at = real;
        self.rate = change.rate.unwrap_or(self.rate);
        let told = json!({ "from": micros(present), "to": micros(self.challenge_at), "rate": self.rate });
        Ok(challenge.confidential_event("challenge.clock_changed").with(told))
    }
}

impl ClockChange {
    fn check(self, present: DateTime<Utc>, farthest: DateTime<Utc>) -> Result<()> {
        let mut checks = Checks::new();
        let asked = self.now.is_some() || self.rate.is_some();
        checks.require(asked, "", "required", "give now, rate, or both");
        if let Some(now) = self.now {
            let words = format!("time goes forward only, and it is {} for this challenge", micros(present));
            checks.require(now >= present, "/now", "out_of_range", words);
            checks.require(now <= farthest, "/now", "out_of_range", "at most ten years ahead of the real time");
        }
        let sound = self.rate.is_none_or(|rate| (1..=FASTEST).contains(&rate));
        checks.require(sound, "/rate", "out_of_range", format!("from 1 to {FASTEST}"));
        checks.done()
    }
}

impl Challenge {
    /// Who may see its clock: whoever sees the challenge. A real one has none.
    pub fn require_clock(&self, viewer: Option<&Actor>) -> Result<()> {
        self.require_visible(viewer)?;
        if self.sandbox { Ok(()) } else { Err(Refusal::NotASandbox) }
    }

    fn require_clock_changeable(&self, actor: &Actor) -> Result<()> {
        self.require_clock(Some(actor))?;
        if !actor.holds(Role::Officer, self.agency) {
            actor.require(Role::Author, self.agency)?;
        }
        Ok(())
    }
}

fn farthest(real: DateTime<Utc>) -> DateTime<Utc> {
    real.checked_add_signed(FARTHEST_AHEAD).unwrap_or(real)
}

fn micros(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Micros, true)
}
