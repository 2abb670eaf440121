//! Text that is added to a published challenge, and changes nothing of what it says.

use super::Challenge;
use crate::{Actor, ChallengeId, Checks, Event, Refusal, Result, UserId};
use chrono::{DateTime, Utc};
use serde_json::json;

/// The most addenda of one challenge.
pub const MOST_ADDENDA: i32 = 100;

/// A text that was added.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Addendum {
    /// To which challenge.
    pub challenge: ChallengeId,
    /// Counts from 1.
    pub number: i32,
    /// What it is about; one line, 1 to 200 characters.
    pub title: String,
    /// The text, in Markdown; 1 to 20,000 characters.
    pub body: String,
    /// The officer who added it.
    pub published_by: UserId,
    /// When.
    pub published_at: DateTime<Utc>,
}

impl Challenge {
    /// An officer adds text, as long as bids are taken or the challenge is suspended. `present` is how many there are.
    pub fn add_addendum(
        &self,
        actor: &Actor,
        (title, body): (&str, &str),
        present: i32,
        now: DateTime<Utc>,
    ) -> Result<(Addendum, Event)> {
        self.require_amendable(actor, now)?;
        let mut checks = Checks::new();
        checks.text(title, 200, "/title");
        checks.require(!title.contains(char::is_control), "/title", "wrong_format", "one line of text");
        checks.text(body, 20_000, "/body");
        checks.done()?;
        if present >= MOST_ADDENDA {
            return Err(Refusal::LimitReached("a challenge has at most 100 addenda"));
        }
        let (number, title) = (present + 1, title.trim().to_owned());
        let payload = json!({ "reference": self.reference, "number": number, "title": title });
        let addendum = Addendum {
            challenge: self.id,
            number,
            title,
            body: body.to_owned(),
            published_by: actor.user,
            published_at: now,
        };
        Ok((addendum, self.event("challenge.addendum_published", payload)))
    }
}
