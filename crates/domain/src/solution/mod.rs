//! The catalogue of solutions: what companies show before anybody asks, who sees it, and how it finds its challenge.
//!
//! ```text
//! draft -> published -> withdrawn -> published
//! ```

mod content;
mod invitation;
mod matching;
mod topic;

pub use content::{Maturity, Reference, SolutionContent, Visibility};
pub use invitation::{Invited, MOST_SOLUTION_INVITATIONS, SolutionInvitation, SolutionInvitationStatus};
pub use matching::{Match, Reason, compare};
pub use topic::{Topic, searched_words};

use crate::{Actor, Event, Organisation, OrganisationId, OrganisationKind, Refusal, Result, Role, SolutionId, Subject};
use chrono::{DateTime, Utc};
use serde_json::{Value, json};

/// The most listings of one company, withdrawn ones among them: they can be published again.
pub const MOST_SOLUTIONS: usize = 200;

/// Where a listing is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SolutionStatus {
    /// Being written.
    Draft,
    /// In the catalogue.
    Published,
    /// Not in the catalogue any more.
    Withdrawn,
}

impl SolutionStatus {
    /// Every state.
    pub const ALL: [Self; 3] = [Self::Draft, Self::Published, Self::Withdrawn];

    /// The name of the state.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Published => "published",
            Self::Withdrawn => "withdrawn",
        }
    }

    /// The state of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == name)
    }
}

/// A solution that a company shows in the catalogue, without a price and without a challenge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Solution {
    /// Its id.
    pub id: SolutionId,
    /// Whose it is.
    pub company: OrganisationId,
    /// Where it is in its life.
    pub status: SolutionStatus,
    /// What it says.
    pub content: SolutionContent,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it came into the catalogue the last time; nothing while it is not there.
    pub published_at: Option<DateTime<Utc>>,
    /// Grows with each change.
    pub version: i32,
}

/// Who looks into the catalogue.
#[derive(Debug, Clone, Copy)]
pub struct Reader<'a> {
    /// The person, if it is known who reads.
    pub actor: Option<&'a Actor>,
    /// Whether the person belongs to an organisation that is verified and not suspended.
    pub trusted: bool,
}

impl Solution {
    /// Somebody who bids for a company, or owns it, begins a listing. `present` is how many the company has.
    pub fn draft(
        id: SolutionId,
        actor: &Actor,
        company: &Organisation,
        content: SolutionContent,
        present: usize,
        now: DateTime<Utc>,
    ) -> Result<(Self, Event)> {
        company.require_member(actor)?;
        actor.require_owner_or_bidder(company.id)?;
        if company.kind != OrganisationKind::Company {
            return Err(Refusal::RoleMissing(Role::Bidder));
        }
        let content = content.checked(now)?;
        if present >= MOST_SOLUTIONS {
            return Err(Refusal::LimitReached("a company has at most 200 listings"));
        }
        let (company, status) = (company.id, SolutionStatus::Draft);
        let solution = Self { id, company, status, content, created_at: now, published_at: None, version: 1 };
        let event = solution.event("solution.drafted");
        Ok((solution, event))
    }

    /// Whether it is in the catalogue for everybody. That its company is suspended hides it all the same.
    pub fn is_public(&self) -> bool {
        self.status == SolutionStatus::Published && self.content.visibility == Visibility::Public
    }

    /// Hides what the reader may not know of: all that is not in the catalogue, and what is hidden there, but for the
    /// company's own people.
    pub fn require_visible(&self, reader: Reader<'_>, company: &Organisation) -> Result<()> {
        let own = reader.actor.is_some_and(|actor| actor.belongs_to(self.company));
        let listed = self.status == SolutionStatus::Published && company.suspension.is_none();
        let open = self.content.visibility == Visibility::Public || reader.trusted;
        if own || listed && open { Ok(()) } else { Err(Refusal::NotFound("solution")) }
    }

    /// For what only the company's own people see.
    pub fn require_own(&self, actor: &Actor) -> Result<()> {
        if actor.belongs_to(self.company) { Ok(()) } else { Err(Refusal::NotFound("solution")) }
    }

    /// The company says something else. What is in the catalogue stays complete.
    pub fn edit(&mut self, actor: &Actor, content: SolutionContent, now: DateTime<Utc>) -> Result<Event> {
        self.require_changeable(actor)?;
        let content = content.checked(now)?;
        if self.status == SolutionStatus::Published {
            content.check_complete()?;
        }
        let was_public = self.is_public();
        self.content = content;
        Ok(match (was_public, self.is_public()) {
            // To everybody who is not to know any more it is as if it had been withdrawn.
            (true, false) => self.farewell(),
            _ => self.event("solution.edited"),
        })
    }

    /// The company puts it into the catalogue. Others rely on who is behind it: the company must be verified.
    pub fn publish(&mut self, actor: &Actor, company: &Organisation, now: DateTime<Utc>) -> Result<Event> {
        self.require_changeable(actor)?;
        if self.status == SolutionStatus::Published {
            return Err(self.wrong_state("draft or withdrawn"));
        }
        company.require_real()?;
        company.require_trusted()?;
        self.content.check_complete()?;
        (self.status, self.published_at) = (SolutionStatus::Published, Some(now));
        Ok(self.event("solution.published"))
    }

    /// The company takes it out of the catalogue.
    pub fn withdraw(&mut self, actor: &Actor) -> Result<Event> {
        self.require_changeable(actor)?;
        if self.status != SolutionStatus::Published {
            return Err(self.wrong_state("published"));
        }
        let was_public = self.is_public();
        (self.status, self.published_at) = (SolutionStatus::Withdrawn, None);
        Ok(if was_public { self.farewell() } else { self.event("solution.withdrawn") })
    }

    /// Refuses whoever does not look after the company's listings. Call [`Solution::require_visible`] first.
    fn require_changeable(&self, actor: &Actor) -> Result<()> {
        actor.require_owner_or_bidder(self.company)
    }

    fn wrong_state(&self, allowed: &'static str) -> Refusal {
        Refusal::WrongState { subject: "solution", status: self.status.as_str(), allowed }
    }

    /// An event for everybody if everybody sees the listing, for the company otherwise.
    fn event(&self, kind: &'static str) -> Event {
        let told = json!({ "title": self.content.title });
        if self.is_public() {
            Event::public(kind, Subject::Solution(self.id), Some(self.company), told)
        } else {
            Event::confidential(kind, Subject::Solution(self.id), Some(self.company))
                .with(json!({ "title": self.content.title, "visibility": self.content.visibility }))
        }
    }

    /// That what everybody saw is not there any more.
    fn farewell(&self) -> Event {
        let (subject, nothing) = (Subject::Solution(self.id), Value::Object(Default::default()));
        Event::public("solution.withdrawn", subject, Some(self.company), nothing)
            .with(json!({ "status": self.status, "visibility": self.content.visibility }))
    }
}
