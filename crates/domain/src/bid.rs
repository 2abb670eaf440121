//! A bid: a company's offer for one pilot, hidden from everybody else until the opening.
//!
//! ```text
//! submitted -> (replaced)* -> withdrawn
//! submitted -> opened -> admitted | disqualified -> awarded | not_awarded
//! ```

use crate::{
    Actor, BidId, Challenge, ChallengeId, ChallengeStatus, Checks, ConflictDeclaration, Event, Money, Organisation,
    OrganisationId, OrganisationKind, Panel, Read, Refusal, Result, Role, Subject, UserId,
    organisation::ProfileSnapshot,
};
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;

/// How long before the deadline bidders are reminded to confirm a bid that was made before the challenge changed.
pub const CONFIRMATION_REMINDER: TimeDelta = TimeDelta::hours(48);

/// A bid.
#[derive(Debug, Clone, PartialEq)]
pub struct Bid {
    /// Its id.
    pub id: BidId,
    /// The challenge it answers.
    pub challenge: ChallengeId,
    /// Who bids.
    pub company: OrganisationId,
    /// Where it is in its life.
    pub status: BidStatus,
    /// What is offered: the last version before the deadline counts.
    pub offer: Offer,
    /// 1 for the first submission, one more with each replacement.
    pub revision: i32,
    /// The database's time when this revision was received.
    pub submitted_at: DateTime<Utc>,
    /// Who handed it in.
    pub submitted_by: UserId,
    /// When it was withdrawn.
    pub withdrawn_at: Option<DateTime<Utc>>,
    /// Why it was disqualified: a code.
    pub disqualification_code: Option<String>,
    /// The same in words.
    pub disqualification_reason: Option<String>,
    /// Grows with each change.
    pub version: i32,
    /// The company as it was when this revision was handed in.
    pub profile: Option<ProfileSnapshot>,
    /// How many material changes of the challenge it takes into account: those before it was handed in, replaced or
    /// confirmed.
    pub answered_changes: i32,
}

/// What is offered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offer {
    /// How the company would solve the problem; 1 to 20,000 characters.
    pub solution: String,
    /// The price of the pilot, in the challenge's currency, at most the budget ceiling.
    pub price: Money,
    /// What is delivered when, 1 to 20 steps; their amounts sum to the price.
    pub milestones: Vec<PlannedMilestone>,
}

/// One step of the plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlannedMilestone {
    /// What is delivered; at most 200 characters.
    pub title: String,
    /// What it costs.
    pub amount: Money,
    /// How many weeks after both sides signed the contract, 1 to 104.
    pub due_week: i32,
}

/// The states of a bid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BidStatus {
    /// In the box.
    Submitted,
    /// Taken back before the deadline.
    Withdrawn,
    /// Opened by the committee.
    Opened,
    /// Passed the formal check.
    Admitted,
    /// Failed the formal check.
    Disqualified,
    /// Won a pilot.
    Awarded,
    /// Did not win.
    NotAwarded,
}

impl BidStatus {
    /// Every state.
    pub const ALL: [Self; 7] = [
        Self::Submitted,
        Self::Withdrawn,
        Self::Opened,
        Self::Admitted,
        Self::Disqualified,
        Self::Awarded,
        Self::NotAwarded,
    ];

    /// The name of the state.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Submitted => "submitted",
            Self::Withdrawn => "withdrawn",
            Self::Opened => "opened",
            Self::Admitted => "admitted",
            Self::Disqualified => "disqualified",
            Self::Awarded => "awarded",
            Self::NotAwarded => "not_awarded",
        }
    }

    /// The state of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == name)
    }
}

/// Why a bid fails the formal check.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DisqualificationCode {
    /// Something that was asked for is missing.
    Incomplete,
    /// The company does not meet an eligibility criterion.
    NotEligible,
    /// A ground for exclusion applies (Directive 2014/24/EU, art. 57).
    Excluded,
    /// The offer does not answer the challenge.
    NotResponsive,
}

impl DisqualificationCode {
    /// The code.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Incomplete => "incomplete",
            Self::NotEligible => "not_eligible",
            Self::Excluded => "excluded",
            Self::NotResponsive => "not_responsive",
        }
    }
}

/// How much of a bid somebody may read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Everything.
    Full,
    /// Everything but money.
    Quality,
    /// Who bid, and nothing more.
    NameOnly,
}

impl Offer {
    /// Checks the offer against the challenge: currency, ceiling, plan.
    pub fn check(&self, challenge: &Challenge) -> Result<()> {
        let mut checks = Checks::new();
        checks.text(&self.solution, 20_000, "/solution");
        checks.require(self.price.minor() > 0, "/price/amount", "out_of_range", "must be more than zero");
        if let Some(ceiling) = challenge.content.budget_ceiling {
            let same = self.price.currency() == ceiling.currency();
            let detail = format!("must be in {}", ceiling.currency().code());
            checks.require(same, "/price/currency", "wrong_currency", detail);
            let within = !same || self.price.minor() <= ceiling.minor();
            checks.require(within, "/price/amount", "above_ceiling", format!("the ceiling is {ceiling}"));
        }
        self.check_milestones(&mut checks);
        checks.done()
    }

    fn check_milestones(&self, checks: &mut Checks) {
        let count = self.milestones.len();
        checks.require((1..=20).contains(&count), "/milestones", "out_of_range", "from 1 to 20 milestones");
        for (i, milestone) in self.milestones.iter().enumerate() {
            checks.text(&milestone.title, 200, format!("/milestones/{i}/title"));
            let weeks = (1..=104).contains(&milestone.due_week);
            checks.require(weeks, format!("/milestones/{i}/dueWeek"), "out_of_range", "from 1 to 104");
            let same = milestone.amount.currency() == self.price.currency();
            let pointer = format!("/milestones/{i}/amount/currency");
            checks.require(same, pointer, "wrong_currency", "must be the currency of the price");
        }
        let sum: i64 = self.milestones.iter().map(|milestone| milestone.amount.minor()).sum();
        let detail = "the amounts of the milestones must sum to the price";
        checks.require(count == 0 || sum == self.price.minor(), "/milestones", "sum_not_price", detail);
    }
}

impl Bid {
    /// A company hands in its bid. `now` is the database's clock, read under the challenge's lock.
    pub fn submit(
        id: BidId,
        actor: &Actor,
        challenge: &Challenge,
        company: &Organisation,
        offer: Offer,
        now: DateTime<Utc>,
    ) -> Result<(Self, Event)> {
        challenge.require_visible(Some(actor))?;
        actor.require(Role::Bidder, company.id)?;
        if company.kind != OrganisationKind::Company {
            return Err(Refusal::RoleMissing(Role::Bidder));
        }
        challenge.require_takes_bids()?;
        challenge.require_open(now)?;
        offer.check(challenge)?;
        let bid = Self {
            id,
            challenge: challenge.id,
            company: company.id,
            status: BidStatus::Submitted,
            offer,
            revision: 1,
            submitted_at: now,
            submitted_by: actor.user,
            withdrawn_at: None,
            disqualification_code: None,
            disqualification_reason: None,
            version: 1,
            profile: None,
            answered_changes: challenge.material_changes,
        };
        let event = bid.event("bid.submitted");
        Ok((bid, event))
    }

    /// The company puts a new revision in place of the old one, before the deadline.
    pub fn replace(&mut self, actor: &Actor, challenge: &Challenge, offer: Offer, now: DateTime<Utc>) -> Result<Event> {
        self.require_bidder(actor)?;
        challenge.require_open(now)?;
        self.require_status(BidStatus::Submitted, "submitted")?;
        offer.check(challenge)?;
        self.offer = offer;
        self.revision += 1;
        self.submitted_at = now;
        self.submitted_by = actor.user;
        self.answered_changes = challenge.material_changes;
        Ok(self.event("bid.replaced"))
    }

    /// The company stands by its bid although the challenge has changed, before the deadline.
    pub fn confirm(&mut self, actor: &Actor, challenge: &Challenge, now: DateTime<Utc>) -> Result<Event> {
        self.require_bidder(actor)?;
        challenge.require_open(now)?;
        self.require_status(BidStatus::Submitted, "submitted")?;
        if self.is_confirmed(challenge.material_changes) {
            return Err(Refusal::AlreadyDone);
        }
        self.require_fitting(challenge, "replace the bid")?;
        self.answered_changes = challenge.material_changes;
        Ok(self.event("bid.confirmed"))
    }

    /// Whether it takes all material changes of its challenge into account. Otherwise it counts, marked as unconfirmed.
    pub fn is_confirmed(&self, material_changes: i32) -> bool {
        self.answered_changes >= material_changes
    }

    /// Refuses what was handed in before the challenge changed and does not fit it any more.
    fn require_fitting(&self, challenge: &Challenge, instead: &str) -> Result<()> {
        match self.offer.check(challenge) {
            Err(Refusal::Invalid(errors)) => {
                let problems: Vec<_> = errors.iter().map(|e| format!("{} {}", e.pointer, e.detail)).collect();
                Err(Refusal::Incomplete(format!("{instead}, which does not fit any more: {}", problems.join("; "))))
            }
            other => other,
        }
    }

    /// The company takes its bid back, before the deadline or while the challenge is suspended. It may submit another one
    /// afterwards.
    pub fn withdraw(&mut self, actor: &Actor, challenge: &Challenge, now: DateTime<Utc>) -> Result<Event> {
        self.require_bidder(actor)?;
        if challenge.status != ChallengeStatus::Suspended {
            challenge.require_open(now)?;
        }
        self.require_status(BidStatus::Submitted, "submitted")?;
        self.status = BidStatus::Withdrawn;
        self.withdrawn_at = Some(now);
        Ok(self.event("bid.withdrawn"))
    }

    /// The committee's opening reaches this bid.
    pub fn open(&mut self) -> Result<()> {
        self.require_status(BidStatus::Submitted, "submitted")?;
        self.status = BidStatus::Opened;
        Ok(())
    }

    /// Who may ask for the bids of a challenge: officers and auditors of the agency, and the panel. For everybody else
    /// there is no list. How much of each bid they see is for [`Bid::access`] to say.
    pub fn require_list_visible(actor: &Actor, challenge: &Challenge, panel: &Panel) -> Result<()> {
        challenge.require_visible(Some(actor))?;
        let staff = actor.holds(Role::Officer, challenge.agency) || actor.holds(Role::Auditor, challenge.agency);
        if staff || panel.is_evaluator(actor.user) { Ok(()) } else { Err(Refusal::NotFound("list of bids")) }
    }

    /// An officer finds the bid formally sound.
    pub fn admit(&mut self, actor: &Actor, challenge: &Challenge) -> Result<Event> {
        self.require_formal_check(actor, challenge)?;
        self.require_fitting(challenge, "disqualify the bid")?;
        self.status = BidStatus::Admitted;
        Ok(self.event("bid.admitted"))
    }

    /// An officer finds the bid formally wanting, and says why.
    pub fn disqualify(
        &mut self,
        actor: &Actor,
        challenge: &Challenge,
        code: DisqualificationCode,
        reason: &str,
    ) -> Result<Event> {
        self.require_formal_check(actor, challenge)?;
        crate::text(reason, 5000, "/reason")?;
        self.status = BidStatus::Disqualified;
        self.disqualification_code = Some(code.as_str().to_owned());
        self.disqualification_reason = Some(reason.to_owned());
        Ok(self.event("bid.disqualified").because(reason))
    }

    /// The award decides about this bid.
    pub fn conclude(&mut self, won: bool) -> Result<()> {
        self.require_status(BidStatus::Admitted, "admitted")?;
        self.status = if won { BidStatus::Awarded } else { BidStatus::NotAwarded };
        Ok(())
    }

    /// The entry of the read log for somebody who may read the bid: in the name of its company if they belong to it,
    /// otherwise in that of the agency.
    pub fn read_by(&self, actor: &Actor, challenge: &Challenge) -> Read {
        let organisation = if actor.belongs_to(self.company) { self.company } else { challenge.agency };
        Read { subject: Subject::Bid(self.id), organisation: Some(organisation), person: None }
    }

    /// How much of the bid somebody may read. Its company: all, always. Officers and auditors of the agency: all, once
    /// it was opened. Evaluators: the names of the bidders, so that they can declare conflicts; after that the content
    /// of bids they have no conflict with; the price only after the award. For everybody else, administrators
    /// included, the bid does not exist.
    pub fn access(
        &self,
        actor: &Actor,
        challenge: &Challenge,
        panel: &Panel,
        declaration: Option<&ConflictDeclaration>,
    ) -> Result<Access> {
        if actor.belongs_to(self.company) {
            return Ok(Access::Full);
        }
        if matches!(self.status, BidStatus::Submitted | BidStatus::Withdrawn) {
            return Err(Refusal::NotFound("bid"));
        }
        if panel.is_evaluator(actor.user) {
            return Ok(match declaration {
                Some(declaration) if declaration.conflicts.contains(&self.id) => Access::NameOnly,
                Some(_) if challenge.awarded_at.is_some() => Access::Full,
                Some(_) => Access::Quality,
                None => Access::NameOnly,
            });
        }
        let staff = actor.holds(Role::Officer, challenge.agency) || actor.holds(Role::Auditor, challenge.agency);
        if staff { Ok(Access::Full) } else { Err(Refusal::NotFound("bid")) }
    }

    fn require_formal_check(&self, actor: &Actor, challenge: &Challenge) -> Result<()> {
        challenge.require_status(&[ChallengeStatus::Opened], "opened")?;
        actor.require(Role::Officer, challenge.agency)?;
        self.require_status(BidStatus::Opened, "opened")
    }

    fn require_bidder(&self, actor: &Actor) -> Result<()> {
        if !actor.belongs_to(self.company) {
            return Err(Refusal::NotFound("bid"));
        }
        actor.require(Role::Bidder, self.company)
    }

    fn require_status(&self, allowed: BidStatus, words: &'static str) -> Result<()> {
        if self.status == allowed {
            Ok(())
        } else {
            Err(Refusal::WrongState { subject: "bid", status: self.status.as_str(), allowed: words })
        }
    }

    /// Never public and never with content: not even that there was a bid may be known before the opening.
    fn event(&self, kind: &'static str) -> Event {
        Event::confidential(kind, Subject::Bid(self.id), Some(self.company))
            .with(json!({ "challenge": self.challenge, "revision": self.revision }))
    }
}
