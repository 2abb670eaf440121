//! A bid before it is handed in: colleagues write it together, and it saves itself.

use super::require_may_bid;
use crate::{
    Actor, BidDraftId, Challenge, ChallengeId, Event, Organisation, OrganisationId, Refusal, Result, Role, Subject,
    UserId,
};
use chrono::{DateTime, TimeDelta, Utc};

/// The most bytes of what a draft offers, as JSON without blanks.
pub const LARGEST_DRAFT: usize = 500_000;

/// How long drafts are kept after their challenge was closed or has ended. Until then an outage may give bidders more time, and
/// who did not hand in can still copy what was written.
pub const DRAFT_KEPT: TimeDelta = TimeDelta::days(14);

/// Saves by the same person within this time of the first are one entry of the history, since a draft saves itself every few
/// seconds.
pub const SAVE_TIME: TimeDelta = TimeDelta::minutes(15);

/// A bid that is being written. What it offers is not here: it is kept encrypted, and read by those who may.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BidDraft {
    /// Its id.
    pub id: BidDraftId,
    /// The challenge it will answer.
    pub challenge: ChallengeId,
    /// Who will bid.
    pub company: OrganisationId,
    /// When it was begun.
    pub created_at: DateTime<Utc>,
    /// Who saved it last.
    pub saved_by: UserId,
    /// When that was.
    pub saved_at: DateTime<Utc>,
    /// Grows with each save.
    pub version: i32,
}

/// An entry of the history of a draft: who saved it, and when; nothing of what.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DraftSave {
    /// Counts from 1.
    pub number: i32,
    /// Who saved.
    pub by: UserId,
    /// When the first save of this entry was made.
    pub begun_at: DateTime<Utc>,
    /// When the last one was.
    pub saved_at: DateTime<Utc>,
    /// The version that the last one made.
    pub version: i32,
}

impl BidDraft {
    /// A bidder of a company begins a draft, while bids are taken.
    pub fn begin(
        id: BidDraftId,
        actor: &Actor,
        challenge: &Challenge,
        company: &Organisation,
        now: DateTime<Utc>,
    ) -> Result<(Self, Event)> {
        require_may_bid(actor, challenge, company, now)?;
        let draft = Self {
            id,
            challenge: challenge.id,
            company: company.id,
            created_at: now,
            saved_by: actor.user,
            saved_at: now,
            version: 1,
        };
        let event = draft.event("bid_draft.begun");
        Ok((draft, event))
    }

    /// Hides it from everybody but the bidders of its company.
    pub fn require_visible(&self, actor: &Actor) -> Result<()> {
        if actor.holds(Role::Bidder, self.company) { Ok(()) } else { Err(Refusal::NotFound("bid draft")) }
    }

    /// Somebody saves what they wrote. As long as the draft is there, whatever became of the challenge: nobody loses a text
    /// to a deadline.
    pub fn save(&mut self, actor: &Actor, now: DateTime<Utc>) -> Result<()> {
        self.require_visible(actor)?;
        (self.saved_by, self.saved_at) = (actor.user, now);
        Ok(())
    }

    /// Somebody throws it away.
    pub fn discard(&self, actor: &Actor) -> Result<Event> {
        self.require_visible(actor)?;
        Ok(self.event("bid_draft.discarded"))
    }

    /// Its challenge was closed or ended long enough ago.
    pub fn expire(&self) -> Event {
        self.event("bid_draft.expired")
    }

    /// Not even which challenge it is about is for anybody but the company.
    fn event(&self, kind: &'static str) -> Event {
        Event::confidential(kind, Subject::BidDraft(self.id), Some(self.company))
    }
}

impl DraftSave {
    /// The entry for the current version of a draft: the last one, if it is by the same person and not yet full, or the next.
    pub fn followed_by(last: Option<&Self>, draft: &BidDraft) -> Self {
        let goes_on = |last: &&Self| last.by == draft.saved_by && draft.saved_at < last.begun_at + SAVE_TIME;
        let (number, begun_at) = match last.filter(goes_on) {
            Some(last) => (last.number, last.begun_at),
            None => (last.map_or(1, |last| last.number + 1), draft.saved_at),
        };
        Self { number, by: draft.saved_by, begun_at, saved_at: draft.saved_at, version: draft.version }
    }
}
