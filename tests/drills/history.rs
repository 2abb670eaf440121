//! What bidders asked for, what they were told, and what is there in the end.

use std::{collections::HashMap, time::Duration};

use chrono::{DateTime, Utc};
use harness::database::Event;
use receipts::{KeyRing, Receipt};

/// A drill from outside. All times are those of the installation.
pub struct History {
    /// What bidders asked for.
    pub attempts: Vec<Attempt>,
    /// Answers that the program gave and that did not reach the bidder.
    pub withheld: Vec<Withheld>,
    /// Until when each challenge took bids.
    pub deadlines: HashMap<String, Deadlines>,
    /// What the program says happened with bids.
    pub events: Vec<Event>,
    /// The bids of the bidders, as the program shows them to their companies.
    pub bids: Vec<Bid>,
    /// How many bids are in the database.
    pub bids_kept: usize,
    /// The receipts that the program lists for the companies, by id.
    pub listed: HashMap<String, Receipt>,
    /// The public keys of receipts.
    pub keys: KeyRing,
}

/// Something that a bidder wanted, tried until the answer was clear, each time with the same key.
#[derive(Clone)]
pub struct Attempt {
    /// Which bidder.
    pub bidder: usize,
    /// The challenge.
    pub challenge: String,
    /// The `Idempotency-Key`, which no other attempt has.
    pub key: String,
    /// In the order in which they were made; at least one.
    pub tries: Vec<Try>,
}

/// One request.
#[derive(Clone)]
pub struct Try {
    /// What came of it.
    pub outcome: Outcome,
    /// How long that took.
    pub took: Duration,
    /// When that was over, counted from the beginning of the first one.
    pub over: Duration,
}

/// What a bidder knows after a request.
#[derive(Clone)]
pub enum Outcome {
    /// It was received.
    Ok(Answer),
    /// It was not: the code of the problem says why.
    Refused(String, Answer),
    /// Nobody can tell.
    Unknown,
}

/// What was said.
#[derive(Clone)]
pub struct Answer {
    /// The body, byte for byte.
    pub body: String,
    /// The receipt in it.
    pub receipt: Option<Receipt>,
    /// The id and the revision of the bid, if there is one.
    pub bid: Option<(String, i64)>,
}

/// An answer that was given and did not arrive.
#[derive(Clone)]
pub struct Withheld {
    /// The key of the request.
    pub key: String,
    /// The HTTP status.
    pub status: u16,
    /// The answer.
    pub answer: Answer,
}

/// A bid in the end.
#[derive(Clone)]
pub struct Bid {
    /// Its id.
    pub id: String,
    /// Which revision counts.
    pub revision: i64,
}

/// Until when a challenge takes bids, and how that changed.
#[derive(Clone)]
pub struct Deadlines {
    first: DateTime<Utc>,
    /// From when on, until when.
    moved: Vec<(DateTime<Utc>, DateTime<Utc>)>,
}

impl Deadlines {
    /// The deadline as it was published.
    pub fn new(first: DateTime<Utc>) -> Self {
        Self { first, moved: Vec::new() }
    }

    /// At `from` it became `until`; in the order in which that happened.
    pub fn moved(mut self, from: DateTime<Utc>, until: DateTime<Utc>) -> Self {
        self.moved.push((from, until));
        self
    }

    /// Until when bids were taken in the end.
    pub fn last(&self) -> DateTime<Utc> {
        self.moved.last().map_or(self.first, |moved| moved.1)
    }

    /// Whether what was received at this instant was in time. At the very microsecond of a change nobody can tell from outside
    /// which came first: then either is right.
    pub fn allow(&self, at: DateTime<Utc>) -> bool {
        self.in_force(at).any(|deadline| at < deadline)
    }

    /// Whether what was received at this instant was late.
    pub fn forbid(&self, at: DateTime<Utc>) -> bool {
        self.in_force(at).any(|deadline| at >= deadline)
    }

    /// A change that came when the deadline had passed already.
    pub fn moved_too_late(&self) -> Option<DateTime<Utc>> {
        let before = std::iter::once(self.first).chain(self.moved.iter().map(|moved| moved.1));
        before.zip(&self.moved).find(|(before, (from, _))| from >= before).map(|(before, _)| before)
    }

    fn in_force(&self, at: DateTime<Utc>) -> impl Iterator<Item = DateTime<Utc>> {
        let before = |within: fn(&DateTime<Utc>, &DateTime<Utc>) -> bool| {
            let moved = self.moved.iter().rev().find(|(from, _)| within(from, &at));
            moved.map_or(self.first, |moved| moved.1)
        };
        [before(|from, at| from < at), before(|from, at| from <= at)].into_iter()
    }
}

impl Outcome {
    /// Whether nothing was done and the same may be tried again: busy, or without its database.
    pub fn is_turned_away(&self) -> bool {
        matches!(self, Self::Refused(code, _) if TURNED_AWAY.contains(&code.as_str()))
    }
}

/// What the API's documentation says of a 503 or 429 after which nothing was done.
const TURNED_AWAY: [&str; 3] = ["overloaded", "database_unavailable", "too_many_attempts"];
