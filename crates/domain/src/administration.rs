//! How administrators let people in and keep them out. They never act as somebody else, and see nothing confidential
//! beyond what they need to know whom they deal with.

use crate::{Actor, Event, Read, Refusal, Result, Subject, UserId, account::Email};
use chrono::{DateTime, Utc};
use serde_json::json;

/// A person, as administrators see them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// The person's id.
    pub id: UserId,
    /// Where mail goes.
    pub email: Email,
    /// The name.
    pub name: String,
    /// Runs the platform.
    pub administrator: bool,
    /// Audits the platform.
    pub auditor: bool,
    /// When the account was made.
    pub created_at: DateTime<Utc>,
    /// When the person last came in.
    pub last_active_at: Option<DateTime<Utc>>,
    /// Since when an administrator keeps the person out.
    pub suspended_at: Option<DateTime<Utc>>,
    /// Why.
    pub suspension_reason: Option<String>,
    /// Since when the account sleeps, because nobody used it.
    pub deactivated_at: Option<DateTime<Utc>>,
}

impl Person {
    /// The entry of the read log for an administrator who looks somebody up; the person sees it.
    pub fn read(&self) -> Read {
        Read { subject: Subject::User(self.id), organisation: None, person: Some(self.id) }
    }

    /// An administrator keeps the person out, at once. `others` says whether the platform has another active
    /// administrator.
    pub fn suspend(&mut self, actor: &Actor, reason: &str, others: bool, now: DateTime<Utc>) -> Result<Event> {
        self.require_other(actor)?;
        crate::text(reason, 1000, "/reason")?;
        if self.suspended_at.is_some() {
            return Err(Refusal::AlreadyDone);
        }
        if self.administrator && !others {
            return Err(Refusal::LastAdministrator);
        }
        self.suspended_at = Some(now);
        self.suspension_reason = Some(reason.trim().to_owned());
        Ok(self.event("user.suspended").because(reason.trim()))
    }

    /// An administrator lets the person in again.
    pub fn reinstate(&mut self, actor: &Actor, reason: &str) -> Result<Event> {
        self.require_other(actor)?;
        crate::text(reason, 1000, "/reason")?;
        if self.suspended_at.take().is_none() {
            return Err(Refusal::AlreadyDone);
        }
        self.suspension_reason = None;
        Ok(self.event("user.reinstated").because(reason.trim()))
    }

    /// An administrator decides who runs and who audits the platform: not the same person, and never about oneself.
    pub fn appoint(&mut self, actor: &Actor, administrator: bool, auditor: bool, others: bool) -> Result<Event> {
        self.require_other(actor)?;
        if administrator && auditor {
            return Err(Refusal::invalid("/auditor", "not_allowed", "who runs the platform cannot audit it"));
        }
        if self.administrator && !administrator && !others {
            return Err(Refusal::LastAdministrator);
        }
        if (self.administrator, self.auditor) == (administrator, auditor) {
            return Err(Refusal::AlreadyDone);
        }
        (self.administrator, self.auditor) = (administrator, auditor);
        let payload = json!({ "administrator": administrator, "auditor": auditor });
        Ok(self.event("user.platform_roles_changed").with(payload))
    }

    fn require_other(&self, actor: &Actor) -> Result<()> {
        actor.require_administrator()?;
        if actor.user == self.id { Err(Refusal::OwnAccount) } else { Ok(()) }
    }

    fn event(&self, kind: &'static str) -> Event {
        Event::confidential(kind, Subject::User(self.id), None)
    }
}
