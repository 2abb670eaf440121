//! Whose due times are looked at: those of all real challenges together, or those of one in a sandbox, where it is another time.

use chrono::{DateTime, Utc};
use domain::{Challenge, ChallengeId};

/// Which challenges are looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// The real ones, by the database's clock.
    Real,
    /// This one, which is of a sandbox, when it is this time for it.
    Sandbox(ChallengeId, DateTime<Utc>),
}

impl Scope {
    /// The one that a challenge is in, for which it is `now`.
    pub fn of(challenge: &Challenge, now: DateTime<Utc>) -> Self {
        if challenge.sandbox { Self::Sandbox(challenge.id, now) } else { Self::Real }
    }
}

/// Narrows a boxed query on challenges to those in a scope.
macro_rules! in_scope {
    ($query:expr, $scope:expr) => {
        match $scope {
            $crate::Scope::Real => $query.filter(challenges::sandbox.eq(false)),
            $crate::Scope::Sandbox(id, _) => $query.filter(challenges::id.eq(Key::of(id))),
        }
    };
}

pub(crate) use in_scope;
