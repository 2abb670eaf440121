//! Use cases: one function each, plain and synchronous, run inside one transaction.
//!
//! Each reads the same way: load, let the domain decide, save, record the event, write the mails.

pub mod accounts;
pub mod addenda;
pub mod administration;
pub mod administrators;
pub mod api_keys;
mod attempts;
pub mod audit;
pub mod awards;
pub mod bank_accounts;
pub mod bid_documents;
pub mod bid_drafts;
pub mod bid_receipts;
pub mod bids;
pub mod challenge_clocks;
pub mod challenge_documents;
pub mod challenge_templates;
pub mod challenges;
pub mod change_notices;
mod clock;
pub mod closing;
pub mod confidentiality;
pub mod consortia;
pub mod consultations;
pub mod contracts;
pub mod cpv;
pub mod delegations;
pub mod delivery;
pub mod demo;
pub mod discovery;
pub mod documents;
pub mod email_changes;
pub mod envelopes;
mod error;
pub mod evaluations;
pub mod events;
pub mod extensions;
pub mod feeds;
pub mod followers;
pub mod inspection;
pub mod invitations;
pub mod lifecycle;
pub mod log_ins;
pub mod mail;
pub mod matching;
pub mod members;
pub mod no_bids;
pub mod obligations;
pub mod oidc;
pub mod opening_keys;
pub mod opening_recoveries;
pub mod openings;
pub mod organisation_profiles;
pub mod organisations;
pub mod outages;
pub mod panels;
pub mod password_resets;
pub mod passwords;
pub mod periods;
pub mod personal_calendars;
pub mod personal_data;
pub mod previews;
pub mod profiles;
pub mod proofs;
pub mod publication;
pub mod questions;
pub mod rehearsals;
pub mod revisions;
pub mod sandboxes;
pub mod saved_searches;
pub mod scans;
pub mod scheduler;
pub mod second_factors;
pub mod sessions;
pub mod shortlists;
pub mod solution_invitations;
pub mod solutions;
pub mod suspensions;
pub mod team_consents;
pub mod terms;
pub mod tokens;
pub mod uploads;
pub mod vault;
pub mod verification;

pub use error::{Error, Result};

use chrono::{DateTime, Utc};
use domain::{Actor, Event, EventId, Read};
use persistence::{Conn, events::Origin};

/// Who asks, and under which request id.
#[derive(Debug, Clone)]
pub struct Caller {
    /// The person.
    pub actor: Actor,
    /// The id of the request, as in the log.
    pub request_id: String,
}

impl Caller {
    /// Stores the event of a change that this caller made; if colleagues lent the caller roles, or it
    /// was done with an API key, the event says so.
    fn record(&self, conn: &mut Conn, now: DateTime<Utc>, event: Event) -> Result<()> {
        self.record_named(conn, now, event).map(drop)
    }

    /// As [`Caller::record`], for an event that a receipt names.
    fn record_named(&self, conn: &mut Conn, now: DateTime<Utc>, mut event: Event) -> Result<EventId> {
        let delegated = event.organisation.map_or(&[][..], |organisation| self.actor.delegated_in(organisation));
        if !delegated.is_empty() {
            event = event.under_delegation(delegated);
        }
        if let Some(key) = self.actor.api_key {
            event = event.by_key(key);
        }
        let origin = Origin { actor: Some(self.actor.user), request_id: &self.request_id };
        Ok(persistence::events::record(conn, origin, now, event)?)
    }
}

impl Caller {
    /// Stores that this caller read something confidential. Nothing is shown unless this is kept: call it in the
    /// transaction that reads.
    fn log_reads(&self, conn: &mut Conn, reads: &[Read]) -> Result<()> {
        let now = conn.now()?;
        Ok(persistence::reads::record(conn, self.actor.user, &self.request_id, now, reads)?)
    }
}

/// Stores the event of a change that nobody in particular made.
fn record_unattended(conn: &mut Conn, request_id: &str, now: DateTime<Utc>, event: Event) -> Result<()> {
    record_unattended_named(conn, request_id, now, event).map(drop)
}

/// As [`record_unattended`], for an event that is named elsewhere.
fn record_unattended_named(conn: &mut Conn, request_id: &str, now: DateTime<Utc>, event: Event) -> Result<EventId> {
    Ok(persistence::events::record(conn, Origin { actor: None, request_id }, now, event)?)
}
