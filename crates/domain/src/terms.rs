//! The terms of use: numbered versions, of which the newest is in force.

use crate::{Actor, Checks, Event, Refusal, Result, Subject, UserId};
use chrono::{DateTime, Utc};
use serde_json::json;

/// A version of the terms of use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Terms {
    /// Counted from 1.
    pub number: i32,
    /// 1 to 200 characters.
    pub title: String,
    /// Markdown; 1 to 100,000 characters.
    pub content: String,
    /// From when on it is in force, until the next one is.
    pub published_at: DateTime<Utc>,
    /// The administrator who published it.
    pub published_by: UserId,
}

impl Terms {
    /// An administrator publishes the next version; everybody has to accept it before the next write.
    pub fn publish(
        actor: &Actor,
        current: i32,
        title: &str,
        content: &str,
        now: DateTime<Utc>,
    ) -> Result<(Self, Event)> {
        actor.require_administrator()?;
        let mut checks = Checks::new();
        checks.text(title, 200, "/title");
        checks.text(content, 100_000, "/content");
        checks.done()?;
        let (number, title) = (current + 1, title.trim().to_owned());
        let details = json!({ "number": number, "title": title });
        let event = Event::confidential("terms.published", Subject::User(actor.user), None).with(details);
        let terms = Self { number, title, content: content.to_owned(), published_at: now, published_by: actor.user };
        Ok((terms, event))
    }
}

/// Somebody accepts the terms of use; only those in force can be accepted, and once.
pub fn accept(actor: &Actor, number: i32, current: i32) -> Result<Event> {
    if number < 1 || number > current {
        return Err(Refusal::NotFound("terms"));
    }
    if number < current {
        return Err(Refusal::WrongState { subject: "version", status: "replaced", allowed: "in force" });
    }
    if actor.accepted_terms >= number {
        return Err(Refusal::AlreadyDone);
    }
    Ok(accepted(actor.user, number))
}

/// Checks what somebody without an account accepted along with registering.
/// `given` is zero for nothing.
pub fn check_accepted(given: i32, current: i32) -> Result<()> {
    if given == current {
        return Ok(());
    }
    let detail = match current {
        0 => "there are no terms of use to accept".to_owned(),
        _ => {
            format!("accept version {current} of the terms of use (GET /api/v1/terms/{current}) by sending its number")
        }
    };
    Err(Refusal::invalid("/acceptedTerms", if given == 0 { "required" } else { "not_in_force" }, detail))
}

/// That somebody accepted a version.
pub fn accepted(user: UserId, number: i32) -> Event {
    Event::confidential("user.terms_accepted", Subject::User(user), None).with(json!({ "number": number }))
}
