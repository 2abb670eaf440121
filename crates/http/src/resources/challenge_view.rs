//! What a reader gets of a challenge.

use super::{challenge_documents::DocumentView, content_view::ContentView};
use crate::foundation::wire::{self, MoneyView};
use application::challenges::Detail;
use chrono::{DateTime, Utc};
use domain::{
    ChallengeStatus, Procedure,
    challenge::{Suspension, SuspensionReason},
};
use persistence::challenges::Summary;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// The agency of a challenge.
#[derive(Serialize, ToSchema)]
#[schema(as = Agency)]
pub(crate) struct AgencyView {
    #[schema(example = "0199f3a0-5b1c-7c3e-8a4d-2f6b9c0d1e2f")]
    id: Uuid,
    #[schema(example = "Northern Emergency Dispatch Centre")]
    name: String,
}

/// A challenge.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Challenge)]
pub(crate) struct ChallengeView {
    #[schema(example = "0199f3a0-5b1c-7c3e-8a4d-2f6b9c0d1e2f")]
    id: Uuid,
    /// Short name for people.
    #[schema(example = "PRV-2026-7K3M9QXA")]
    reference: String,
    agency: AgencyView,
    #[schema(schema_with = wire::challenge_status, example = "published")]
    status: ChallengeStatus,
    #[serde(flatten)]
    content: ContentView,
    /// With all their versions and hashes.
    documents: Vec<DocumentView>,
    created_at: DateTime<Utc>,
    published_at: Option<DateTime<Utc>>,
    closed_at: Option<DateTime<Utc>>,
    /// When the unpriced solutions of a two-stage challenge were opened.
    solutions_opened_at: Option<DateTime<Utc>>,
    /// When the shortlist was decided: from then on those on it bid.
    shortlisted_at: Option<DateTime<Utc>>,
    opened_at: Option<DateTime<Utc>>,
    prices_opened_at: Option<DateTime<Utc>>,
    awarded_at: Option<DateTime<Utc>>,
    /// Until when no contract may be signed.
    standstill_until: Option<DateTime<Utc>>,
    ended_at: Option<DateTime<Utc>>,
    /// Why it was cancelled or closed without award: a code.
    #[schema(example = "need_changed")]
    end_reason_code: Option<String>,
    /// The same in words.
    #[schema(example = "The new dispatch law makes the pilot unnecessary.")]
    end_reason: Option<String>,
    /// Why it takes no bids, while it is suspended.
    suspension: Option<SuspensionView>,
    /// When it is published, if a time is set; for the agency's members only.
    publish_at: Option<DateTime<Utc>>,
    /// How often what bidders answer to has changed since the publication.
    #[schema(example = 0)]
    material_changes: i32,
    /// What the reviewer wants changed; for the agency's members only.
    #[schema(example = "Say what the overtime costs.")]
    review_comment: Option<String>,
    /// The challenge that this one tries again.
    #[schema(example = "0199f3a0-5b1c-7c3e-8a4d-2f6b9c0d1e2f")]
    relaunch_of: Option<Uuid>,
    /// Whether it only tries things out in a sandbox.
    #[schema(example = false)]
    sandbox: bool,
    /// Grows with each change; the ETag.
    #[schema(example = 7)]
    version: i32,
}

impl ChallengeView {
    /// What `staff` of the agency, or everybody else, gets.
    pub(crate) fn of(detail: Detail, staff: bool) -> Self {
        let Detail { challenge, agency_name, documents, suspension, scheduled } = detail;
        let content = ContentView::of(challenge.content);
        Self {
            id: challenge.id.0,
            reference: challenge.reference,
            agency: AgencyView { id: challenge.agency.0, name: agency_name },
            status: challenge.status,
            content,
            documents: documents.into_iter().map(Into::into).collect(),
            created_at: challenge.created_at,
            published_at: challenge.published_at,
            closed_at: challenge.closed_at,
            solutions_opened_at: challenge.first_stage.opened_at,
            shortlisted_at: challenge.first_stage.shortlisted_at,
            opened_at: challenge.opened_at,
            prices_opened_at: challenge.prices_opened_at,
            awarded_at: challenge.awarded_at,
            standstill_until: challenge.standstill_until,
            ended_at: challenge.ended_at,
            end_reason_code: challenge.end_reason_code,
            end_reason: challenge.end_reason,
            suspension: suspension.map(Into::into),
            publish_at: scheduled.filter(|_| staff).map(|scheduled| scheduled.publish_at),
            material_changes: challenge.material_changes,
            review_comment: challenge.review_comment.filter(|_| staff),
            relaunch_of: challenge.relaunch_of.map(|earlier| earlier.0),
            sandbox: challenge.sandbox,
            version: challenge.version,
        }
    }

    /// The same with the long texts as HTML that is safe to show, instead of Markdown.
    pub(crate) fn rendered(self) -> Self {
        Self { content: self.content.rendered(), ..self }
    }
}

/// Why a challenge takes no bids.
#[derive(Serialize, ToSchema)]
#[schema(as = Suspension)]
struct SuspensionView {
    #[schema(schema_with = wire::suspension_reason, example = "complaint")]
    code: SuspensionReason,
    /// The same in words.
    #[schema(example = "A bidder complained about the second criterion; the review body decides within ten days.")]
    reason: String,
    /// Since when.
    since: DateTime<Utc>,
}

impl From<Suspension> for SuspensionView {
    fn from(suspension: Suspension) -> Self {
        Self { code: suspension.code, reason: suspension.reason, since: suspension.suspended_at }
    }
}

/// What a list shows of a challenge.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ChallengeSummary)]
pub(crate) struct SummaryView {
    #[schema(example = "0199f3a0-5b1c-7c3e-8a4d-2f6b9c0d1e2f")]
    id: Uuid,
    #[schema(example = "PRV-2026-7K3M9QXA")]
    reference: String,
    agency: AgencyView,
    #[schema(schema_with = wire::challenge_status, example = "published")]
    status: ChallengeStatus,
    #[schema(example = "Telling urgent 112 calls apart during a flood")]
    title: String,
    #[schema(example = "When a river bursts its banks, 4,000 calls reach us in an hour.")]
    summary: String,
    #[schema(schema_with = wire::procedure, example = "small_pilot")]
    procedure: Procedure,
    budget_ceiling: Option<MoneyView>,
    submission_deadline: Option<DateTime<Utc>>,
    /// Until when unpriced solutions are taken, if it has two stages: who hands in none cannot bid.
    solution_deadline: Option<DateTime<Utc>>,
    published_at: Option<DateTime<Utc>>,
    /// Whether it only tries things out in a sandbox.
    #[schema(example = false)]
    sandbox: bool,
}

impl From<Summary> for SummaryView {
    fn from(summary: Summary) -> Self {
        Self {
            id: summary.id.0,
            reference: summary.reference,
            agency: AgencyView { id: summary.agency.0, name: summary.agency_name },
            status: summary.status,
            title: summary.title,
            summary: summary.summary,
            procedure: summary.procedure,
            budget_ceiling: summary.budget_ceiling.map(Into::into),
            submission_deadline: summary.submission_deadline,
            solution_deadline: summary.solution_deadline,
            published_at: summary.published_at,
            sandbox: summary.sandbox,
        }
    }
}
