//! What questions without an answer mean for the closing of a challenge.

use crate::{Actor, Challenge, Event, Refusal, Result, Role};
use chrono::{DateTime, Utc};
use serde_json::json;

impl Challenge {
    /// A challenge whose agency owes answers that are late stays as it is after the deadline, at which bids end all the same.
    /// Only the agency learns of it: unpublished questions are nobody else's business.
    pub fn hold_closing(&self) -> Event {
        Event::confidential("challenge.closing_held", crate::Subject::Challenge(self.id), Some(self.agency))
    }

    /// An officer closes the challenge although answers are late, and says to everybody why. `late` tells whether any is.
    pub fn close_over(&mut self, actor: &Actor, reason: &str, late: bool, now: DateTime<Utc>) -> Result<Event> {
        self.require_visible(Some(actor))?;
        actor.require(Role::Officer, self.agency)?;
        let mut closed = self.clone();
        let event = closed.close(now)?;
        crate::text(reason, 5000, "/overrideReason")?;
        if !late {
            return Err(Refusal::NothingToOverride);
        }
        *self = closed;
        let payload = json!({ "reference": self.reference, "unansweredQuestions": true });
        Ok(Event { public: event.public.map(|_| payload), ..event }.because(reason))
    }
}
