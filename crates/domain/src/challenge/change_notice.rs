//! Changing what a published challenge says: in public, with a reason, and with enough time left (Directive 2014/24/EU,
//! article 47(3)).

use super::{Challenge, ChallengeStatus, Content, Section, publication::rfc3339};
use crate::{
    Actor, ChallengeId, ChangeNoticeId, Checks, ComputedDate, Event, FieldError, Money, PeriodRules, Refusal, Result,
    Role, Timeline, UserId,
};
use chrono::{DateTime, Utc};
use serde_json::json;

/// The most change notices of one challenge.
pub const MOST_CHANGE_NOTICES: i32 = 100;

/// What an agency has to keep to when it changes a published challenge.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ChangePolicy {
    /// By how many calendar days a material change moves the deadline at least; 1 to 90.
    pub extension_days: u32,
}

impl Default for ChangePolicy {
    /// A week.
    fn default() -> Self {
        Self { extension_days: 7 }
    }
}

/// Why a published challenge is changed (eForms BT-140; the codes of the EU's list beside them).
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChangeReason {
    /// The agency had made a mistake (`cor-buy`).
    Correction,
    /// There is more to say (`update-add`).
    AdditionalInformation,
    /// What was announced as missing is there now (`info-release`).
    InformationAvailable,
    /// A question showed that the scope has to change (`update-add`).
    Answer,
    /// A court or review body decided so (`susp-review`).
    LegalDecision,
    /// The service could not be used for a while before the deadline, so there is more time (`update-add`).
    Outage,
    /// Anything else; the text says what.
    Other,
}

impl ChangeReason {
    /// Every reason.
    pub const ALL: [Self; 7] = [
        Self::Correction,
        Self::AdditionalInformation,
        Self::InformationAvailable,
        Self::Answer,
        Self::LegalDecision,
        Self::Outage,
        Self::Other,
    ];

    /// The code.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Correction => "correction",
            Self::AdditionalInformation => "additional_information",
            Self::InformationAvailable => "information_available",
            Self::Answer => "answer",
            Self::LegalDecision => "legal_decision",
            Self::Outage => "outage",
            Self::Other => "other",
        }
    }

    /// The reason with this code.
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.as_str() == code)
    }
}

/// What everybody is told of a change. What was and what is are two revisions of the content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangeNotice {
    /// Its id.
    pub id: ChangeNoticeId,
    /// Of which challenge.
    pub challenge: ChallengeId,
    /// Counts from 1.
    pub number: i32,
    /// Why: a code.
    pub code: ChangeReason,
    /// The same in words; 1 to 5,000 characters.
    pub reason: String,
    /// The sections that are different.
    pub sections: Vec<Section>,
    /// Whether bidders answer to something else now: they get more time, and are asked to confirm or replace their bids.
    pub material: bool,
    /// Until when bids were taken.
    pub deadline_before: DateTime<Utc>,
    /// Until when they are taken now.
    pub deadline: DateTime<Utc>,
    /// The revision that was in force before.
    pub revision_before: i32,
    /// The revision that is in force now.
    pub revision: i32,
    /// The officer who made the change.
    pub published_by: UserId,
    /// When.
    pub published_at: DateTime<Utc>,
}

/// A change that an officer wants to make.
#[derive(Debug, Clone, PartialEq)]
pub struct ProposedChange {
    /// Why: a code.
    pub code: ChangeReason,
    /// The same in words.
    pub reason: String,
    /// What the challenge is to say.
    pub content: Content,
}

/// Where a change stands in the history of a challenge.
#[derive(Debug, Clone, Copy)]
pub struct Place {
    /// The id of its notice.
    pub id: ChangeNoticeId,
    /// How many notices there are already.
    pub present: i32,
    /// The number of the revision in force.
    pub revision: i32,
}

impl Challenge {
    /// An officer changes what a published challenge says, before the deadline. The deadline never comes nearer; a
    /// material change moves it by at least the days of the policy.
    pub fn change(
        &mut self,
        actor: &Actor,
        place: Place,
        change: ProposedChange,
        (rules, policy): (&PeriodRules, ChangePolicy),
        now: DateTime<Utc>,
    ) -> Result<(ChangeNotice, Timeline, Event)> {
        self.require_amendable(actor, now)?;
        let ProposedChange { code, reason, content } = change;
        let sections = self.content.changed_sections(&content);
        let deadline_before = self.deadline()?;
        let questions_end = |content: &Content| {
            let timeline = rules.timeline(self.published_at.unwrap_or(now), content.submission_deadline);
            content.planned_dates.questions_until.or(timeline.questions_until.map(|date| date.ends_at))
        };
        let as_long = questions_end(&content) >= questions_end(&self.content);
        let material = self.content.is_changed_materially(&content, &sections, as_long);
        let extension = material.then(|| rules.extension(policy, deadline_before.max(now)));
        let mut checks = Checks::new();
        checks.text(&reason, 5000, "/reason");
        checks.require(!sections.is_empty(), "", "unchanged", "nothing is different");
        self.content.check_change(&content, &mut checks, now)?;
        check_deadline(content.submission_deadline, deadline_before, extension.as_ref(), &mut checks);
        let move_by = |from| material.then(|| rules.extension(policy, from));
        self.check_shortlisting_change(&content, move_by, &mut checks, now);
        checks.done()?;
        if place.present >= MOST_CHANGE_NOTICES {
            return Err(Refusal::LimitReached("a challenge has at most 100 change notices"));
        }
        self.content = content;
        self.material_changes += i32::from(material);
        let timeline = self.timeline_in_force(rules)?;
        let notice = ChangeNotice {
            id: place.id,
            challenge: self.id,
            number: place.present + 1,
            code,
            reason,
            sections,
            material,
            deadline_before,
            deadline: self.deadline()?,
            revision_before: place.revision,
            revision: place.revision + 1,
            published_by: actor.user,
            published_at: now,
        };
        let event = self.event("challenge.changed", notice.payload(&self.reference)).because(&notice.reason);
        Ok((notice, timeline, event))
    }

    /// What is added to a published challenge or changed in it is the officers' to decide, as long as bids are taken or the
    /// challenge is suspended.
    pub(super) fn require_amendable(&self, actor: &Actor, now: DateTime<Utc>) -> Result<()> {
        self.require_visible(Some(actor))?;
        actor.require(Role::Officer, self.agency)?;
        self.require_status(&[ChallengeStatus::Published, ChallengeStatus::Suspended], "published or suspended")?;
        if self.status == ChallengeStatus::Suspended { Ok(()) } else { self.require_open(now) }
    }

    /// The dates that follow from the deadline in force; refused if they do not leave the minimum periods.
    pub(super) fn timeline_in_force(&self, rules: &PeriodRules) -> Result<Timeline> {
        let deadline = self.deadline()?;
        let published = self.published_at.unwrap_or(deadline);
        let timeline = self.content.timeline(rules, published, self.first_stage.shortlisted_at);
        self.content.check_periods(&timeline, deadline)?;
        Ok(timeline)
    }
}

impl Content {
    /// Whether bidders answer to something else with `changed`. More time alone is nothing that they have to confirm.
    /// `asked_as_long`: whether questions are taken as long as before, by what was planned or else by what is computed.
    fn is_changed_materially(&self, changed: &Self, sections: &[Section], asked_as_long: bool) -> bool {
        let beside_time = sections.iter().any(|section| section.is_material() && *section != Section::Timeline);
        let most = |content: &Self| content.shortlisting.map(|shortlisting| shortlisting.most);
        let as_much_time = most(self) == most(changed)
            && self.zone == changed.zone
            && changed.submission_deadline >= self.submission_deadline
            && asked_as_long;
        beside_time || sections.contains(&Section::Timeline) && !as_much_time
    }

    /// What cannot be changed any more, and what is wrong with `changed`.
    fn check_change(&self, changed: &Self, checks: &mut Checks, now: DateTime<Utc>) -> Result<()> {
        checks.merge(changed.check_complete(now))?;
        let procedure = self.procedure == changed.procedure;
        checks.require(procedure, "/procedure", "not_changeable", "stays as it was published");
        let currency = |content: &Self| content.budget_ceiling.map(Money::currency);
        let same = currency(self) == currency(changed);
        checks.require(same, "/budgetCeiling/currency", "not_changeable", "stays as it was published");
        Ok(())
    }
}

fn check_deadline(
    deadline: Option<DateTime<Utc>>,
    before: DateTime<Utc>,
    extension: Option<&ComputedDate>,
    checks: &mut Checks,
) {
    if let Some(deadline) = deadline {
        require_kept("/submissionDeadline", deadline, before, extension, checks);
    }
}

/// A deadline never comes nearer, and moves as far as a material change makes it.
pub(super) fn require_kept(
    at: &str,
    deadline: DateTime<Utc>,
    before: DateTime<Utc>,
    extension: Option<&ComputedDate>,
    checks: &mut Checks,
) {
    let words = format!("must not be before {}, which was published", rfc3339(before));
    checks.require(deadline >= before, at, "brought_forward", words);
    if let Some(extension) = extension.filter(|extension| deadline < extension.ends_at) {
        let words = format!(
            "a material change gives bidders more time, until {} or later: {}",
            rfc3339(extension.ends_at),
            extension.explanation()
        );
        checks.require(false, at, "extension_required", words);
    }
}

impl ChangeNotice {
    pub(super) fn payload(&self, reference: &str) -> serde_json::Value {
        json!({
            "reference": reference, "changeNotice": self.id, "number": self.number, "code": self.code,
            "sections": self.sections, "material": self.material, "submissionDeadline": rfc3339(self.deadline),
        })
    }
}

/// Where the fields of a proposed change are in what the officer sent.
pub fn under_changes(error: FieldError) -> FieldError {
    match error.pointer.as_str() {
        "/reason" => error,
        pointer => FieldError { pointer: format!("/changes{pointer}"), ..error },
    }
}
