//! From the first draft to the approval by a second person.

use super::{Challenge, ChallengeStatus, Content, FirstStage};
use crate::{
    Actor, ChallengeId, Event, ObligationKind, Organisation, OrganisationKind, Panel, Refusal, Result, Role, Subject,
    obligation::Duty,
};
use chrono::{DateTime, Utc};
use serde_json::json;

impl Challenge {
    /// An author starts a draft for an agency.
    pub fn draft(
        id: ChallengeId,
        reference: String,
        actor: &Actor,
        agency: &Organisation,
        content: Content,
        now: DateTime<Utc>,
    ) -> Result<(Self, Event)> {
        actor.require(Role::Author, agency.id)?;
        if agency.kind != OrganisationKind::Agency {
            return Err(Refusal::RoleMissing(Role::Author));
        }
        content.check_draft()?;
        let challenge = Self {
            id,
            reference,
            agency: agency.id,
            status: ChallengeStatus::Draft,
            content,
            author: actor.user,
            last_editor: actor.user,
            approved_by: None,
            review_comment: None,
            created_at: now,
            published_at: None,
            closed_at: None,
            opened_at: None,
            prices_opened_at: None,
            awarded_at: None,
            standstill_until: None,
            ended_at: None,
            end_reason_code: None,
            end_reason: None,
            version: 1,
            relaunch_of: None,
            material_changes: 0,
            first_stage: FirstStage::default(),
            sandbox: agency.sandbox,
        };
        let event = challenge.confidential_event("challenge.drafted").with(json!({ "title": challenge.content.title }));
        Ok((challenge, event))
    }

    /// An author changes the content before the review, or after changes were requested.
    pub fn edit(&mut self, actor: &Actor, content: Content) -> Result<Event> {
        self.require_visible(Some(actor))?;
        actor.require(Role::Author, self.agency)?;
        self.require_editable()?;
        content.check_draft()?;
        self.content = content;
        self.last_editor = actor.user;
        Ok(self.confidential_event("challenge.edited"))
    }

    /// The author hands the challenge to a second person. Every gap is listed by section.
    pub fn submit_for_review(&mut self, actor: &Actor, now: DateTime<Utc>) -> Result<Event> {
        self.require_visible(Some(actor))?;
        actor.require(Role::Author, self.agency)?;
        self.require_editable()?;
        self.content.check_complete(now)?;
        self.status = ChallengeStatus::InReview;
        Ok(self.confidential_event("challenge.submitted_for_review"))
    }

    /// What the agency owes its author from then on.
    pub fn review_duty(&self) -> Duty {
        Duty {
            kind: ObligationKind::ReviewChallenge,
            organisation: self.agency,
            subject: Subject::Challenge(self.id),
            challenge: Some(self.id),
            waiting: self.agency,
        }
    }

    /// An officer says what must change first. What was approved has to be approved again.
    pub fn request_changes(&mut self, actor: &Actor, comment: &str) -> Result<Event> {
        self.require_visible(Some(actor))?;
        actor.require(Role::Officer, self.agency)?;
        self.require_status(&[ChallengeStatus::InReview, ChallengeStatus::Approved], "in_review or approved")?;
        crate::text(comment, 5000, "/comment")?;
        self.status = ChallengeStatus::ChangesRequested;
        self.approved_by = None;
        self.review_comment = Some(comment.to_owned());
        Ok(self.confidential_event("challenge.changes_requested").because(comment))
    }

    /// An officer who did not edit it last approves it. Panel and opening committee must be named, unless nobody
    /// bids.
    pub fn approve(&mut self, actor: &Actor, panel: &Panel, now: DateTime<Utc>) -> Result<Event> {
        self.require_visible(Some(actor))?;
        actor.require(Role::Officer, self.agency)?;
        self.require_status(&[ChallengeStatus::InReview], "in_review")?;
        if actor.user == self.last_editor || actor.user == self.author {
            return Err(Refusal::FourEyes("who wrote a challenge cannot approve it"));
        }
        self.content.check_complete(now)?;
        if self.content.procedure.takes_bids() {
            panel.require_complete()?;
        }
        self.status = ChallengeStatus::Approved;
        self.approved_by = Some(actor.user);
        self.review_comment = None;
        Ok(self.confidential_event("challenge.approved"))
    }

    /// Panel and committee can be changed until the approval.
    pub fn require_panel_editable(&self, actor: &Actor) -> Result<()> {
        self.require_writer(actor)?;
        let allowed = [ChallengeStatus::Draft, ChallengeStatus::InReview, ChallengeStatus::ChangesRequested];
        self.require_status(&allowed, "draft, in_review or changes_requested")
    }

    pub(super) fn require_editable(&self) -> Result<()> {
        self.require_status(&[ChallengeStatus::Draft, ChallengeStatus::ChangesRequested], "draft or changes_requested")
    }
}
