//! Links with which somebody reads a challenge before it is published: a lawyer, a user, the ministry.

use super::{Challenge, ChallengeStatus};
use crate::{Actor, ChallengeId, Checks, Event, PreviewId, Refusal, Result, Role, UserId};
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;

/// The most links of one challenge that work at a time.
pub const MOST_PREVIEWS: usize = 20;

/// A link to a challenge that is not public yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Preview {
    /// Its id.
    pub id: PreviewId,
    /// What it shows.
    pub challenge: ChallengeId,
    /// For whom it is meant; 1 to 100 characters.
    pub recipient: String,
    /// Who made it.
    pub author: UserId,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// From when on it does not work any more.
    pub expires_at: DateTime<Utc>,
    /// When it was taken back.
    pub revoked_at: Option<DateTime<Utc>>,
}

impl Challenge {
    /// An author or officer makes a link that works for `days`, 1 to 30. `working` is how many work already.
    pub fn share_preview(
        &self,
        id: PreviewId,
        actor: &Actor,
        (recipient, days): (&str, i64),
        working: usize,
        now: DateTime<Utc>,
    ) -> Result<(Preview, Event)> {
        self.require_writer(actor)?;
        let before = [
            ChallengeStatus::Draft,
            ChallengeStatus::InReview,
            ChallengeStatus::ChangesRequested,
            ChallengeStatus::Approved,
        ];
        self.require_status(&before, "not yet published")?;
        let mut checks = Checks::new();
        checks.text(recipient, 100, "/recipient");
        checks.require((1..=30).contains(&days), "/days", "out_of_range", "from 1 to 30");
        checks.done()?;
        if working >= MOST_PREVIEWS {
            return Err(Refusal::LimitReached("at most 20 preview links work at a time"));
        }
        let preview = Preview {
            id,
            challenge: self.id,
            recipient: recipient.trim().to_owned(),
            author: actor.user,
            created_at: now,
            expires_at: now + TimeDelta::days(days),
            revoked_at: None,
        };
        let told = json!({ "preview": preview.id, "recipient": preview.recipient });
        Ok((preview, self.confidential_event("challenge.preview_shared").with(told)))
    }

    /// An author or officer takes a link back.
    pub fn revoke_preview(&self, actor: &Actor, preview: &mut Preview, now: DateTime<Utc>) -> Result<Event> {
        self.require_writer(actor)?;
        preview.require_working(now).map_err(|_| Refusal::AlreadyDone)?;
        preview.revoked_at = Some(now);
        Ok(self.confidential_event("challenge.preview_revoked").with(json!({ "preview": preview.id })))
    }

    /// Authors and officers of the agency.
    pub fn require_writer(&self, actor: &Actor) -> Result<()> {
        self.require_visible(Some(actor))?;
        if actor.holds(Role::Author, self.agency) { Ok(()) } else { actor.require(Role::Officer, self.agency) }
    }
}

impl Preview {
    /// Nothing is behind a link that expired or was taken back.
    pub fn require_working(&self, now: DateTime<Utc>) -> Result<()> {
        if self.revoked_at.is_none() && now < self.expires_at { Ok(()) } else { Err(Refusal::NotFound("preview")) }
    }
}
