//! A challenge: a problem an agency publishes, and everything that follows from it.
//!
//! ```text
//! draft -> in_review -> (changes_requested -> in_review)* -> approved -> published -> closed -> opened -> evaluating
//!       -> awarded -> piloting -> completed
//! any state before awarded -> cancelled                      evaluating -> closed_without_award
//! published -> suspended -> published                       closed -> published after an outage
//! published -> closed_without_award                         two stages, and no solution was admitted
//! ```

mod addendum;
mod change_notice;
mod checklist;
mod clock;
mod confidentiality;
mod content;
mod documents;
mod evaluation_phase;
mod extension;
mod follower;
mod key_dates;
mod parts;
mod preview;
mod publication;
mod response;
mod reuse;
mod review;
mod revision;
mod schedule;
mod section;
mod shortlist;
mod suspension;
mod translation;

pub use addendum::{Addendum, MOST_ADDENDA};
pub use change_notice::{
    ChangeNotice, ChangePolicy, ChangeReason, MOST_CHANGE_NOTICES, Place, ProposedChange, under_changes,
};
pub(crate) use checklist::is_tag;
pub use checklist::{Finding, Severity};
pub use clock::{ChallengeClock, ClockChange, FARTHEST_AHEAD, FASTEST};
pub use confidentiality::ConfidentialityAgreement;
pub use content::Content;
pub use documents::{
    ChallengeDocument, ChallengeDocumentKind, Chosen, DocumentDescription, DocumentVersion, MOST_DOCUMENTS,
    MOST_VERSIONS, require_fit_for_all, require_sound,
};
pub use evaluation_phase::CloseWithoutAwardReason;
pub use extension::{Extended, Extension, ExtensionProposal, ProposalDecision, ProposalOutcome, ProposalStatus};
pub use follower::{FollowReason, Follower};
pub use key_dates::{KeyDate, KeyDateKind, When};
pub use parts::{
    Anchor, AwardCriterion, Conditions, Confidentiality, ContactPoint, EligibilityCriterion, EligibilityKind,
    IntellectualProperty, Outcome, Ownership, PlannedDates, ProblemStatement, Sponsor, Stage, StageKind,
};
pub use preview::{MOST_PREVIEWS, Preview};
pub use publication::CancelReason;
pub use response::{AnswerKind, BID_VALIDITY_DAYS, MOST_RESPONSE_SECTIONS, ResponseSection};
pub use reuse::{MOST_TEMPLATES, Template};
pub use revision::{REVISION_TIME, Revision};
pub use schedule::{FARTHEST, ScheduledPublication};
pub use section::Section;
pub use shortlist::{Decision, FEWEST, FirstStage, MOST, Shortlist, Shortlisting};
pub use suspension::{Resumption, Suspension, SuspensionReason};
use translation::CONFIDENTIAL_DETAILS;
pub use translation::{Translation, Translations};

use crate::{Actor, ChallengeId, Event, OrganisationId, Refusal, Result, Role, Subject, UserId};
use chrono::{DateTime, Utc};
use serde_json::Value;

/// A challenge. Its content is public from `published_at` on; before, only the agency's members know that it exists.
#[derive(Debug, Clone, PartialEq)]
pub struct Challenge {
    /// Its id.
    pub id: ChallengeId,
    /// Short name for people, unique, for example `PRV-2026-7K3M9QXA`.
    pub reference: String,
    /// The agency with the problem (OCDS: buyer).
    pub agency: OrganisationId,
    /// Where it is in its life.
    pub status: ChallengeStatus,
    /// What it says.
    pub content: Content,
    /// Who drafted it.
    pub author: UserId,
    /// Who changed the content last; cannot approve it.
    pub last_editor: UserId,
    /// Who approved it.
    pub approved_by: Option<UserId>,
    /// What the reviewer wants changed.
    pub review_comment: Option<String>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When everybody could read it.
    pub published_at: Option<DateTime<Utc>>,
    /// When the scheduler closed it: at or after the deadline.
    pub closed_at: Option<DateTime<Utc>>,
    /// When the quality envelopes of the bids were opened.
    pub opened_at: Option<DateTime<Utc>>,
    /// When the price envelopes of the admitted bids were opened.
    pub prices_opened_at: Option<DateTime<Utc>>,
    /// When the award was decided.
    pub awarded_at: Option<DateTime<Utc>>,
    /// Until when no contract may be signed.
    pub standstill_until: Option<DateTime<Utc>>,
    /// When it reached an end: completed, cancelled or closed without award.
    pub ended_at: Option<DateTime<Utc>>,
    /// Why it was cancelled or closed without award: a code.
    pub end_reason_code: Option<String>,
    /// The same in words.
    pub end_reason: Option<String>,
    /// Grows with each change.
    pub version: i32,
    /// The challenge that this one tries again.
    pub relaunch_of: Option<ChallengeId>,
    /// How often what bidders answer to has changed since the publication.
    pub material_changes: i32,
    /// How far the first of two stages has come.
    pub first_stage: FirstStage,
    /// Whether its agency is a sandbox, and it so only tries things out: from its first draft and for ever.
    pub sandbox: bool,
}

macro_rules! statuses {
    ($($(#[$doc:meta])* $variant:ident = $name:literal),* $(,)?) => {
        /// The states of a challenge.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum ChallengeStatus { $($(#[$doc])* $variant),* }

        impl ChallengeStatus {
            /// Every state.
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            /// The name of the state.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $name),* }
            }
        }
    };
}

statuses! {
    /// Being written.
    Draft = "draft",
    /// Waits for an officer who did not write it.
    InReview = "in_review",
    /// The officer wants changes.
    ChangesRequested = "changes_requested",
    /// May be published.
    Approved = "approved",
    /// Open for bids until the deadline.
    Published = "published",
    /// No bids are taken for now.
    Suspended = "suspended",
    /// The deadline has passed; the box is still shut.
    Closed = "closed",
    /// The bids are open; the formal check runs.
    Opened = "opened",
    /// Evaluators score.
    Evaluating = "evaluating",
    /// Decided; the standstill period runs.
    Awarded = "awarded",
    /// Contracts are signed, pilots run.
    Piloting = "piloting",
    /// Every pilot has an outcome and a learning.
    Completed = "completed",
    /// Ended by the agency before an award.
    Cancelled = "cancelled",
    /// Evaluated, but nobody won.
    ClosedWithoutAward = "closed_without_award",
}

/// The short name of a challenge, from the random part of its id: eight letters and digits of Crockford's base 32,
/// which leaves out those that are easily confused.
pub fn reference(id: ChallengeId, now: DateTime<Utc>) -> String {
    format!("PRV-{}-{}", now.format("%Y"), letters(id.0))
}

/// Eight letters and digits from the random part of an id.
pub(crate) fn letters(id: uuid::Uuid) -> String {
    const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    let random = id.as_u64_pair().1;
    let letter = |n: u32| char::from(ALPHABET[usize::try_from(random >> (5 * n) & 31).unwrap_or(0)]);
    (0..8).map(letter).collect()
}

impl ChallengeStatus {
    /// The state of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|status| status.as_str() == name)
    }
}

/// As [`Challenge::require_visible`], of a challenge of this agency that is published or not, and of a sandbox or not.
pub fn require_visible(
    (agency, published, sandbox): (OrganisationId, bool, bool),
    actor: Option<&Actor>,
) -> Result<()> {
    let own = actor.is_some_and(|actor| actor.belongs_to(agency));
    let for_actor = !sandbox || actor.is_some_and(Actor::plays_in_sandboxes);
    if own || published && for_actor { Ok(()) } else { Err(Refusal::NotFound("challenge")) }
}

impl Challenge {
    /// Whether it was shown to those for whom it is: everybody, or everybody in a sandbox.
    pub fn is_published(&self) -> bool {
        self.published_at.is_some()
    }

    /// Whether everybody may read it. What a sandbox publishes never is public.
    pub fn is_public(&self) -> bool {
        self.is_published() && !self.sandbox
    }

    /// Hides an unpublished challenge from everybody outside the agency, and one of a sandbox from everybody outside
    /// sandboxes.
    pub fn require_visible(&self, actor: Option<&Actor>) -> Result<()> {
        require_visible((self.agency, self.is_published(), self.sandbox), actor)
    }

    /// Whether somebody may read all opened bids for the agency: its officers and auditors.
    pub fn is_judged_by(&self, actor: &Actor) -> bool {
        actor.holds(Role::Officer, self.agency) || actor.holds(Role::Auditor, self.agency)
    }

    /// Refuses unless the state is one of `allowed`.
    pub fn require_status(&self, allowed: &[ChallengeStatus], words: &'static str) -> Result<()> {
        if allowed.contains(&self.status) {
            Ok(())
        } else {
            Err(Refusal::WrongState { subject: "challenge", status: self.status.as_str(), allowed: words })
        }
    }

    /// The instant before which bids are taken.
    pub fn deadline(&self) -> Result<DateTime<Utc>> {
        self.content.submission_deadline.ok_or_else(|| Refusal::Incomplete("the challenge has no deadline".to_owned()))
    }

    pub(crate) fn confidential_event(&self, kind: &'static str) -> Event {
        Event::confidential(kind, Subject::Challenge(self.id), Some(self.agency))
    }

    /// An event for everybody if the challenge is public, for the agency otherwise.
    pub(crate) fn event(&self, kind: &'static str, payload: Value) -> Event {
        if self.is_public() {
            Event::public(kind, Subject::Challenge(self.id), Some(self.agency), payload)
        } else {
            self.confidential_event(kind).with(payload)
        }
    }
}
