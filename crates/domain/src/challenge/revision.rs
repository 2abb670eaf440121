//! The history of what a challenge says.

use super::{Challenge, Content};
use crate::{Actor, Refusal, Result, UserId};
use chrono::{DateTime, TimeDelta, Utc};

/// Changes by the same person within this time of the first are one revision, so that a draft that saves itself every
/// few seconds has a history that people can read.
pub const REVISION_TIME: TimeDelta = TimeDelta::minutes(15);

/// What a challenge said after a change.
#[derive(Debug, Clone, PartialEq)]
pub struct Revision {
    /// Counts from 1.
    pub number: i32,
    /// What it said.
    pub content: Content,
    /// Who wrote it.
    pub editor: UserId,
    /// When the first change of this revision was made.
    pub begun_at: DateTime<Utc>,
    /// When the last one was made.
    pub edited_at: DateTime<Utc>,
}

impl Revision {
    /// What `editor` makes of it at `now`: the same revision, if it is their own and not yet closed, or the next one. The
    /// first one always stays, and so does what was public.
    pub fn followed_by(last: Option<&Self>, challenge: &Challenge, editor: UserId, now: DateTime<Utc>) -> Self {
        let goes_on = |last: &&Self| {
            !challenge.is_published() && last.editor == editor && last.number > 1 && now < last.begun_at + REVISION_TIME
        };
        let (number, begun_at) = match last.filter(goes_on) {
            Some(last) => (last.number, last.begun_at),
            None => (last.map_or(1, |last| last.number + 1), now),
        };
        Self { number, content: challenge.content.clone(), editor, begun_at, edited_at: now }
    }
}

impl Challenge {
    /// The history of drafting is for the agency's members.
    pub fn require_history_visible(&self, actor: &Actor) -> Result<()> {
        self.require_visible(Some(actor))?;
        if actor.belongs_to(self.agency) { Ok(()) } else { Err(Refusal::NotFound("revision")) }
    }
}
