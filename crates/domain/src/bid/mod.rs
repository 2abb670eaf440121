//! A bid: a company's offer for one pilot, in two sealed envelopes until the opening.
//!
//! ```text
//! submitted -> (replaced)* -> withdrawn
//! submitted -> opened -> admitted | disqualified -> awarded | not_awarded
//!                                                -> shortlisted | not_shortlisted     an unpriced solution
//! ```

mod document;
mod draft;
mod formal;
mod offer;
mod particulars;
mod reuse;
mod stage;
mod status;

pub use document::{
    BidDocument, DOCUMENT_ARRIVES, DocumentDamage, DocumentKey, DocumentUsage, LARGEST_DOCUMENT, MOST_DOCUMENTS,
    MOST_KEPT_DOCUMENTS, OfferedDocument,
};
pub use draft::{BidDraft, DRAFT_KEPT, DraftSave, LARGEST_DRAFT, SAVE_TIME};
pub use formal::words;
pub use offer::{Offer, PlannedMilestone, PriceOffer, QualityOffer, Step};
pub use particulars::{
    Answer, Declaration, OfferedRights, Particulars, Reference, Subcontractor, TeamMember, USUAL_VALIDITY_DAYS,
};
pub use reuse::Reused;
pub(crate) use reuse::same_words;
pub use stage::{BidStage, HandedIn};
pub use status::{BidStatus, DisqualificationCode};

use crate::{
    Actor, BidId, Challenge, ChallengeId, ChallengeStatus, ConflictDeclaration, Event, Organisation, OrganisationId,
    Panel, Read, Refusal, Result, Role, Subject, UserId, organisation::ProfileSnapshot,
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
    /// Whether it is an offer, or the unpriced solution of a two-stage challenge.
    pub stage: BidStage,
    /// Where it is in its life.
    pub status: BidStatus,
    /// What was in the quality envelope; none until it is opened, and if it could not be read.
    pub quality: Option<QualityOffer>,
    /// What was in the price envelope; none until it is opened, and if it could not be read.
    pub price: Option<PriceOffer>,
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
    /// Why a solution is on the shortlist, or is not.
    pub shortlist_reason: Option<String>,
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

/// Who may bid, and when.
pub(crate) fn require_may_bid(
    actor: &Actor,
    challenge: &Challenge,
    company: &Organisation,
    now: DateTime<Utc>,
) -> Result<()> {
    challenge.require_visible(Some(actor))?;
    company.require_bidder(actor, challenge)?;
    challenge.require_takes_bids()?;
    challenge.require_open(now)
}

impl Bid {
    /// Whether its company takes part with it. Who was left out does, too: it handed something in. Who is invited to bid has yet
    /// to decide.
    pub fn takes_part(&self) -> bool {
        !matches!(self.status, BidStatus::Shortlisted | BidStatus::Withdrawn)
    }

    /// A company hands in its bid. `solution` is the company's own in the first stage of a two-stage challenge, if there is
    /// one. `now` is the database's clock, read under the challenge's lock.
    pub fn submit(
        id: BidId,
        actor: &Actor,
        challenge: &Challenge,
        company: &Organisation,
        offer: HandedIn<'_>,
        solution: Option<&Self>,
        now: DateTime<Utc>,
    ) -> Result<(Self, Event)> {
        require_may_bid(actor, challenge, company, now)?;
        challenge.require_stage_open(offer.stage(), now)?;
        challenge.require_invited(offer.stage(), solution)?;
        offer.check(challenge)?;
        let bid = Self {
            id,
            challenge: challenge.id,
            company: company.id,
            stage: offer.stage(),
            status: BidStatus::Submitted,
            quality: None,
            price: None,
            revision: 1,
            submitted_at: now,
            submitted_by: actor.user,
            withdrawn_at: None,
            disqualification_code: None,
            disqualification_reason: None,
            version: 1,
            profile: None,
            answered_changes: challenge.material_changes,
            shortlist_reason: None,
        };
        let event = bid.event("bid.submitted");
        Ok((bid, event))
    }

    /// The company puts a new revision in place of the old one, before the deadline.
    pub fn replace(
        &mut self,
        actor: &Actor,
        challenge: &Challenge,
        offer: HandedIn<'_>,
        now: DateTime<Utc>,
    ) -> Result<Event> {
        self.require_bidder(actor)?;
        challenge.require_stage_open(self.stage, now)?;
        self.require_status(BidStatus::Submitted, "submitted")?;
        self.require_same_stage(offer)?;
        offer.check(challenge)?;
        self.revision += 1;
        self.submitted_at = now;
        self.submitted_by = actor.user;
        self.answered_changes = challenge.material_changes;
        Ok(self.event("bid.replaced"))
    }

    /// The company stands by its bid although the challenge has changed, before the deadline. Whether the bid still fits
    /// shows when it is opened.
    pub fn confirm(&mut self, actor: &Actor, challenge: &Challenge, now: DateTime<Utc>) -> Result<Event> {
        self.require_bidder(actor)?;
        challenge.require_stage_open(self.stage, now)?;
        self.require_status(BidStatus::Submitted, "submitted")?;
        if self.is_confirmed(challenge.material_changes) {
            return Err(Refusal::AlreadyDone);
        }
        self.answered_changes = challenge.material_changes;
        Ok(self.event("bid.confirmed"))
    }

    /// Whether it takes all material changes of its challenge into account. Otherwise it counts, marked as unconfirmed.
    pub fn is_confirmed(&self, material_changes: i32) -> bool {
        self.answered_changes >= material_changes
    }

    /// The company takes its bid back, before the deadline or while the challenge is suspended. It may submit another one
    /// afterwards. A suspension takes no solution back out of the box once its deadline has passed.
    pub fn withdraw(&mut self, actor: &Actor, challenge: &Challenge, now: DateTime<Utc>) -> Result<Event> {
        self.require_bidder(actor)?;
        if challenge.status != ChallengeStatus::Suspended {
            challenge.require_stage_open(self.stage, now)?;
        } else if self.stage == BidStage::Solution && challenge.are_solutions_closed() {
            return Err(Refusal::DeadlinePassed);
        }
        self.require_status(BidStatus::Submitted, "submitted")?;
        self.status = BidStatus::Withdrawn;
        self.withdrawn_at = Some(now);
        Ok(self.event("bid.withdrawn"))
    }

    /// What the quality envelope held is known. Nobody sees it before all bids are opened.
    pub fn take_out_quality(&mut self, quality: QualityOffer) -> Result<()> {
        self.require_status(BidStatus::Submitted, "submitted")?;
        self.quality = Some(quality);
        Ok(())
    }

    /// The committee's opening reaches this bid.
    pub fn open(&mut self) -> Result<()> {
        self.require_status(BidStatus::Submitted, "submitted")?;
        self.status = BidStatus::Opened;
        Ok(())
    }

    /// What the price envelope held is known. Nobody sees it before all prices are opened.
    pub fn take_out_price(&mut self, price: PriceOffer) -> Result<()> {
        self.require_status(BidStatus::Admitted, "admitted")?;
        self.price = Some(price);
        Ok(())
    }

    /// What is offered, once both envelopes are open.
    pub fn offer(&self) -> Option<Offer> {
        Some(Offer::join(self.quality.as_ref()?, self.price.as_ref()?))
    }

    /// The price, once it is open. Refuses a price that could not be read, or that does not fit the challenge.
    pub fn require_price(&self, challenge: &Challenge) -> Result<&PriceOffer> {
        let steps = self.quality.as_ref().map_or(0, |quality| quality.steps.len());
        let fits = |price: &&PriceOffer| price.check(challenge, steps).is_ok();
        let wanting = || Refusal::Incomplete(format!("bid {} has no price that fits: disqualify it", self.id));
        self.price.as_ref().filter(fits).ok_or_else(wanting)
    }

    /// Who may ask for the bids of a challenge: officers and auditors of the agency, and the panel. For everybody else
    /// there is no list. How much of each bid they see is for [`Bid::access`] to say.
    pub fn require_list_visible(actor: &Actor, challenge: &Challenge, panel: &Panel) -> Result<()> {
        challenge.require_visible(Some(actor))?;
        if challenge.is_judged_by(actor) || panel.is_evaluator(actor.user) {
            Ok(())
        } else {
            Err(Refusal::NotFound("list of bids"))
        }
    }

    /// An officer finds the bid formally sound.
    pub fn admit(&mut self, actor: &Actor, challenge: &Challenge) -> Result<Event> {
        self.require_formal_check(actor, challenge)?;
        if !self.is_judgeable() {
            let detail = "the envelope holds nothing that can be judged: disqualify the bid";
            return Err(Refusal::Incomplete(detail.to_owned()));
        }
        self.status = BidStatus::Admitted;
        Ok(self.event("bid.admitted"))
    }

    /// An officer finds the bid formally wanting, and says why: in the formal check, or because its price, once opened,
    /// cannot be read or does not fit.
    pub fn disqualify(
        &mut self,
        actor: &Actor,
        challenge: &Challenge,
        code: DisqualificationCode,
        reason: &str,
    ) -> Result<Event> {
        if challenge.prices_opened_at.is_none() || self.require_price(challenge).is_ok() {
            self.require_formal_check(actor, challenge)?;
        } else {
            challenge.require_status(&[ChallengeStatus::Evaluating], "evaluating")?;
            actor.require(Role::Officer, challenge.agency)?;
            self.require_status(BidStatus::Admitted, "admitted")?;
        }
        crate::text(reason, 5000, "/reason")?;
        self.status = BidStatus::Disqualified;
        self.disqualification_code = Some(code.as_str().to_owned());
        self.disqualification_reason = Some(reason.to_owned());
        Ok(self.event("bid.disqualified").because(reason))
    }

    /// The shortlist decides about this solution, and says why to its company.
    pub(crate) fn pass(&mut self, shortlisted: bool, reason: &str) -> Result<Event> {
        self.require_status(BidStatus::Admitted, "admitted")?;
        self.status = if shortlisted { BidStatus::Shortlisted } else { BidStatus::NotShortlisted };
        self.shortlist_reason = Some(reason.to_owned());
        Ok(self.event(if shortlisted { "bid.shortlisted" } else { "bid.not_shortlisted" }).because(reason))
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
    /// of bids they have no conflict with; the price only after the award. Unpriced solutions are the officers' to judge:
    /// evaluators see none before the award, not even as officers, since they declare conflicts after that. For everybody else, administrators included, the bid does not exist.
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
        let staff = challenge.is_judged_by(actor);
        if self.stage == BidStage::Solution && panel.is_evaluator(actor.user) && challenge.awarded_at.is_none() {
            return Err(Refusal::NotFound("bid"));
        }
        if self.stage == BidStage::Offer && panel.is_evaluator(actor.user) {
            return Ok(match declaration {
                Some(declaration) if declaration.conflicts.contains(&self.id) => Access::NameOnly,
                Some(_) if challenge.awarded_at.is_some() => Access::Full,
                Some(_) => Access::Quality,
                None => Access::NameOnly,
            });
        }
        if staff { Ok(Access::Full) } else { Err(Refusal::NotFound("bid")) }
    }

    fn require_formal_check(&self, actor: &Actor, challenge: &Challenge) -> Result<()> {
        match self.stage {
            BidStage::Solution => challenge.require_shortlist_pending()?,
            BidStage::Offer => challenge.require_status(&[ChallengeStatus::Opened], "opened")?,
        }
        actor.require(Role::Officer, challenge.agency)?;
        self.require_status(BidStatus::Opened, "opened")
    }

    fn require_same_stage(&self, offer: HandedIn<'_>) -> Result<()> {
        if offer.stage() == self.stage {
            return Ok(());
        }
        let words = "an unpriced solution is replaced by one, an offer by an offer";
        Err(Refusal::invalid("/stage", "other_stage", words))
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
    pub(crate) fn event(&self, kind: &'static str) -> Event {
        Event::confidential(kind, Subject::Bid(self.id), Some(self.company))
            .with(json!({ "challenge": self.challenge, "revision": self.revision }))
    }
}
