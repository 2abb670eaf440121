//! Whether an organisation is let act on the platform.

use super::Organisation;
use crate::{Actor, Event, Refusal, Result, Subject, member::Suspension};
use chrono::{DateTime, Utc};
use serde_json::json;

impl Organisation {
    /// An administrator keeps the organisation from acting, at once: its members can read, and do nothing.
    pub fn suspend(&mut self, actor: &Actor, reason: &str, now: DateTime<Utc>) -> Result<Event> {
        actor.require_administrator()?;
        crate::text(reason, 1000, "/reason")?;
        if self.suspension.is_some() {
            return Err(Refusal::AlreadyDone);
        }
        self.suspension = Some(Suspension { at: now, reason: reason.trim().to_owned() });
        Ok(self.suspension_event("organisation.suspended").because(reason.trim()))
    }

    /// An administrator lets the organisation act again.
    pub fn reinstate(&mut self, actor: &Actor, reason: &str) -> Result<Event> {
        actor.require_administrator()?;
        crate::text(reason, 1000, "/reason")?;
        if self.suspension.take().is_none() {
            return Err(Refusal::AlreadyDone);
        }
        Ok(self.suspension_event("organisation.reinstated").because(reason.trim()))
    }

    /// Refuses to trust the organisation with a publication or a contract unless it was verified and is not suspended. A
    /// sandbox need not be verified: whatever it does, it does among sandboxes.
    pub fn require_trusted(&self) -> Result<()> {
        if self.suspension.is_some() {
            return Err(Refusal::OrganisationSuspended(self.legal_name.clone()));
        }
        let trusted = self.sandbox || self.verified_at.is_some();
        if trusted { Ok(()) } else { Err(Refusal::OrganisationUnverified(self.legal_name.clone())) }
    }

    /// Not public: it may be an allegation that turns out to be wrong.
    fn suspension_event(&self, kind: &'static str) -> Event {
        let event = Event::confidential(kind, Subject::Organisation(self.id), Some(self.id));
        event.with(json!({ "legalName": self.legal_name }))
    }
}
