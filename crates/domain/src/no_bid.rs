//! Why a company does not bid. It tells nobody before the deadline, and afterwards the agency learns what kept companies
//! away, not whom.

use crate::{
    Actor, Challenge, ChallengeId, Checks, Event, Id, NoBidId, Organisation, OrganisationId, Refusal, Result, Role,
    Subject,
};
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;

/// How long after the deadline, or after an earlier end of the challenge, companies can say why they did not bid.
pub const NO_BID_TIME: TimeDelta = TimeDelta::days(14);

/// The agency is told how many companies gave a reason if they are at least so many. Of rarer ones it does not even learn
/// that they were given, and there is no sum from which that could be computed.
pub const SMALLEST_COUNT: i64 = 3;

/// The most characters of a comment.
pub const LONGEST_COMMENT: usize = 2000;

/// Why a company does not bid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NoBidReason {
    /// The time to the deadline is too short.
    TooShortDeadline,
    /// What is asked fits one product, or too few.
    RequirementsTooNarrow,
    /// The budget is too low for what is asked.
    BudgetTooLow,
    /// The company has no people free.
    NoCapacity,
    /// The company does something else.
    NotOurField,
    /// The conditions, or what becomes of the rights in the results.
    TermsOrRights,
    /// A bid takes too much work.
    TooMuchPaperwork,
    /// Anything else; the comment says what.
    Other,
}

impl NoBidReason {
    /// Every reason.
    pub const ALL: [Self; 8] = [
        Self::TooShortDeadline,
        Self::RequirementsTooNarrow,
        Self::BudgetTooLow,
        Self::NoCapacity,
        Self::NotOurField,
        Self::TermsOrRights,
        Self::TooMuchPaperwork,
        Self::Other,
    ];

    /// The code.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::TooShortDeadline => "too_short_deadline",
            Self::RequirementsTooNarrow => "requirements_too_narrow",
            Self::BudgetTooLow => "budget_too_low",
            Self::NoCapacity => "no_capacity",
            Self::NotOurField => "not_our_field",
            Self::TermsOrRights => "terms_or_rights",
            Self::TooMuchPaperwork => "too_much_paperwork",
            Self::Other => "other",
        }
    }

    /// The reason with that code.
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.as_str() == code)
    }
}

/// What a company says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    /// The main reason.
    pub reason: NoBidReason,
    /// More about it; at most [`LONGEST_COMMENT`] characters, and required with [`NoBidReason::Other`].
    pub comment: Option<String>,
    /// Whether the agency may read the comment, without the company's name.
    pub shared: bool,
}

impl Said {
    fn check(self) -> Result<Self> {
        let comment = self.comment.map(|comment| comment.trim().to_owned()).filter(|comment| !comment.is_empty());
        let mut checks = Checks::new();
        if let Some(comment) = &comment {
            checks.text(comment, LONGEST_COMMENT, "/comment");
        }
        let said = comment.is_some() || self.reason != NoBidReason::Other;
        checks.require(said, "/comment", "required", "say what the other reason is");
        let shareable = comment.is_some() || !self.shared;
        checks.require(shareable, "/shared", "not_allowed", "there is no comment that could be shared");
        checks.done()?;
        Ok(Self { comment, ..self })
    }
}

/// That a company does not bid, and why. There is one for each company and challenge, and none beside a bid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoBid {
    /// Its id.
    pub id: NoBidId,
    /// For which challenge.
    pub challenge: ChallengeId,
    /// Who does not bid.
    pub company: OrganisationId,
    /// Why.
    pub said: Said,
    /// When it was said first.
    pub created_at: DateTime<Utc>,
    /// When it was said as it is now.
    pub changed_at: DateTime<Utc>,
    /// Grows with each change.
    pub version: i32,
}

impl NoBid {
    /// Somebody who bids for a company says why it does not, unless it has a bid in the box (`has_bid`).
    pub fn give(
        id: NoBidId,
        actor: &Actor,
        challenge: &Challenge,
        company: &Organisation,
        said: Said,
        has_bid: bool,
        now: DateTime<Utc>,
    ) -> Result<(Self, Event)> {
        challenge.require_visible(Some(actor))?;
        company.require_bidder(actor, challenge)?;
        challenge.require_no_bids(now)?;
        if has_bid {
            let allowed = "withdrawn, or where there is none";
            return Err(Refusal::WrongState { subject: "bid", status: "in the box", allowed });
        }
        let (challenge, company, said) = (challenge.id, company.id, said.check()?);
        let no_bid = Self { id, challenge, company, said, created_at: now, changed_at: now, version: 1 };
        let event = no_bid.event("no_bid.given");
        Ok((no_bid, event))
    }

    /// The company says something else.
    pub fn change(&mut self, actor: &Actor, challenge: &Challenge, said: Said, now: DateTime<Utc>) -> Result<Event> {
        self.require_changeable(actor, challenge, now)?;
        (self.said, self.changed_at) = (said.check()?, now);
        Ok(self.event("no_bid.changed"))
    }

    /// The company takes it back.
    pub fn withdraw(&self, actor: &Actor, challenge: &Challenge, now: DateTime<Utc>) -> Result<Event> {
        self.require_changeable(actor, challenge, now)?;
        Ok(self.event("no_bid.withdrawn"))
    }

    /// The company bids after all.
    pub fn end(&self) -> Event {
        self.event("no_bid.ended")
    }

    /// Hides it from everybody but the company.
    pub fn require_visible(&self, actor: &Actor) -> Result<()> {
        if actor.belongs_to(self.company) { Ok(()) } else { Err(Refusal::NotFound("no-bid")) }
    }

    /// The place of its comment among those that the agency reads: from the random part of the id, so that the order tells
    /// neither who wrote, nor when.
    pub fn place(&self) -> i64 {
        i64::try_from(self.id.uuid().as_u64_pair().1 & (u64::MAX >> 1)).unwrap_or(i64::MAX)
    }

    fn require_changeable(&self, actor: &Actor, challenge: &Challenge, now: DateTime<Utc>) -> Result<()> {
        self.require_visible(actor)?;
        actor.require(Role::Bidder, self.company)?;
        challenge.require_no_bids(now)
    }

    fn event(&self, kind: &'static str) -> Event {
        let event = Event::confidential(kind, Subject::NoBid(self.id), Some(self.company));
        event.with(json!({ "challenge": self.challenge }))
    }
}

impl Challenge {
    /// Until when companies can say why they do not bid; never, if it has no deadline.
    pub fn no_bids_until(&self) -> Option<DateTime<Utc>> {
        let deadline = self.content.submission_deadline?;
        Some(self.ended_at.map_or(deadline, |ended| ended.min(deadline)) + NO_BID_TIME)
    }

    /// Whether the agency can see what companies said: when nobody can say more, so that no count tells who came last; and
    /// not before the bids are opened, because whoever did not bid makes it easier to guess how many did.
    pub fn shows_no_bids(&self, now: DateTime<Utc>) -> bool {
        let final_ = self.no_bids_until().is_some_and(|until| now >= until);
        final_ && (self.opened_at.is_some() || self.ended_at.is_some())
    }

    fn require_no_bids(&self, now: DateTime<Utc>) -> Result<()> {
        self.require_takes_bids()?;
        if !self.is_published() {
            return Err(Refusal::WrongState {
                subject: "challenge",
                status: self.status.as_str(),
                allowed: "published, or later",
            });
        }
        if self.no_bids_until().is_some_and(|until| now < until) { Ok(()) } else { Err(Refusal::DeadlinePassed) }
    }
}

/// What the agency is told of how many companies gave each reason, the most frequent first.
pub fn no_bid_counts(mut counts: Vec<(NoBidReason, i64)>) -> Vec<(NoBidReason, i64)> {
    counts.retain(|(_, companies)| *companies >= SMALLEST_COUNT);
    counts.sort_by_key(|(reason, companies)| (std::cmp::Reverse(*companies), *reason));
    counts
}
