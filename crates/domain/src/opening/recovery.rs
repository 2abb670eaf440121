//! When too few holders can open: bidders give the keys of their own envelopes.

use super::{EnvelopeKind, Opening};
use crate::{Actor, Bid, Challenge, Event, Period, PeriodRules, Refusal, Result, Role, UserId};
use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::json;

/// How many working days bidders have to give their keys.
pub const WORKING_DAYS: u32 = 5;

/// That bidders are asked for the keys of their envelopes of one kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recovery {
    /// Which envelopes.
    pub kind: EnvelopeKind,
    /// Why, for everybody; 1 to 5,000 characters.
    pub reason: String,
    /// The officer who asks.
    pub called_by: UserId,
    /// When.
    pub called_at: DateTime<Utc>,
    /// What is still shut then stays shut.
    pub due_at: DateTime<Utc>,
}

impl Recovery {
    /// An officer asks, once the envelopes may be opened: bidders have until the end of the fifth working day.
    pub fn call(
        actor: &Actor,
        challenge: &Challenge,
        opening: &Opening,
        reason: &str,
        rules: &PeriodRules,
        now: DateTime<Utc>,
    ) -> Result<(Self, Event)> {
        actor.require(Role::Officer, challenge.agency)?;
        opening.require_time(challenge, now)?;
        if opening.recovery.is_some() {
            return Err(Refusal::AlreadyDone);
        }
        crate::text(reason, 5000, "/reason")?;
        let due_at = Period::working_days(WORKING_DAYS).after(now, rules.zone, &rules.calendar).ends_at;
        let (kind, called_by) = (opening.kind, actor.user);
        let recovery = Self { kind, reason: reason.to_owned(), called_by, called_at: now, due_at };
        let payload = json!({
            "reference": challenge.reference, "envelopes": kind,
            "dueAt": due_at.to_rfc3339_opts(SecondsFormat::Secs, true),
        });
        let event = challenge.event("challenge.keys_asked_for", payload).because(reason);
        Ok((recovery, event))
    }

    /// The company of a bid gives the key of its envelope, in time.
    pub fn give(
        &self,
        actor: &Actor,
        challenge: &Challenge,
        opening: &Opening,
        bid: &Bid,
        now: DateTime<Utc>,
    ) -> Result<Event> {
        if !actor.belongs_to(bid.company) {
            return Err(Refusal::NotFound("bid"));
        }
        actor.require(Role::Bidder, bid.company)?;
        opening.require_time(challenge, now)?;
        if now >= self.due_at {
            return Err(Refusal::DeadlinePassed);
        }
        let payload = json!({ "challenge": challenge.id, "envelope": self.kind });
        Ok(bid.event("bid.key_given").with(payload))
    }
}
