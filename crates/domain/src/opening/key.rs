//! The keys with which members of opening committees open their shares.

use crate::{Checks, Event, OpeningKeyId, Result, Subject, UserId};
use chrono::{DateTime, Utc};
use serde_json::json;

/// The fewest characters of a passphrase that protects a key kept here.
pub const SHORTEST_PASSPHRASE: usize = 12;
/// The most characters of it.
pub const LONGEST_PASSPHRASE: usize = 200;

/// A person's key pair for openings. The public half is here; the secret half is on the person's own device, or kept here
/// under a passphrase that only the person knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpeningKey {
    /// Its id.
    pub id: OpeningKeyId,
    /// Whose it is.
    pub user: UserId,
    /// The public half: a recipient of age (`age1...`).
    pub recipient: String,
    /// The secret half under its owner's passphrase, if it is kept here.
    pub protected: Option<String>,
    /// Since when it is the owner's key.
    pub created_at: DateTime<Utc>,
    /// When another key took its place. Committees that were formed with it still need it.
    pub replaced_at: Option<DateTime<Utc>>,
}

impl OpeningKey {
    /// The event of its introduction.
    pub fn introduced(&self) -> Event {
        Event::confidential("opening_key.introduced", Subject::User(self.user), None)
            .with(json!({ "recipient": self.recipient, "keptHere": self.protected.is_some() }))
    }
}

/// Refuses a passphrase that is too short to protect anything, or too long to be one.
pub fn require_passphrase(passphrase: &str) -> Result<()> {
    let mut checks = Checks::new();
    let long = (SHORTEST_PASSPHRASE..=LONGEST_PASSPHRASE).contains(&passphrase.chars().count());
    let detail = format!("from {SHORTEST_PASSPHRASE} to {LONGEST_PASSPHRASE} characters");
    checks.require(long, "/passphrase", "out_of_range", detail);
    checks.done()
}
