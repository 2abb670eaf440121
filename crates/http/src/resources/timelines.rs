//! The dates of a challenge that follow from others.

use super::periods::ComputedDateView;
use crate::{
    Answer,
    access::Anyone,
    foundation::{ReadProblems, Reply},
};
use actix_web::{get, web};
use application::periods;
use chrono::{DateTime, Utc};
use domain::{ChallengeId, Timeline, minimum_periods::Warning};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config.service(get_challenge_timeline);
}

/// The dates of a challenge that follow from others, each with its explanation.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Timeline)]
struct TimelineView {
    /// The version of the procedure's minimum periods.
    #[schema(example = 1)]
    minimum_periods_version: i32,
    /// The publication; before it, the moment of asking. With two stages: the invitation to bid; before it, the deadline for
    /// solutions.
    open_from: DateTime<Utc>,
    /// The submission deadline cannot be before its end.
    earliest_deadline: ComputedDateView,
    /// The deadline for unpriced solutions cannot be before its end; none with one stage.
    earliest_solution_deadline: Option<ComputedDateView>,
    /// Until when questions can be asked; none without a deadline.
    questions_until: Option<ComputedDateView>,
    /// Until when questions have to be answered; none without a deadline.
    answers_by: Option<ComputedDateView>,
    /// Until when no contract may be signed; none before the award.
    standstill: Option<ComputedDateView>,
    /// What is allowed, but not advisable.
    warnings: Vec<WarningView>,
}

/// What is allowed, but not advisable.
#[derive(Serialize, ToSchema)]
#[schema(as = Warning)]
struct WarningView {
    /// The field, as a JSON Pointer.
    #[schema(example = "/submissionDeadline")]
    pointer: &'static str,
    /// Stable name.
    #[schema(example = "short_period")]
    code: &'static str,
    /// In words.
    #[schema(example = "less than 28 calendar days")]
    detail: String,
}

impl TimelineView {
    fn of(timeline: Timeline, warnings: Vec<Warning>) -> Self {
        let warning = |Warning { pointer, code, detail }| WarningView { pointer, code, detail };
        Self {
            minimum_periods_version: timeline.minimum_version,
            open_from: timeline.open_from,
            earliest_deadline: timeline.earliest_deadline.into(),
            earliest_solution_deadline: timeline.earliest_solution_deadline.map(Into::into),
            questions_until: timeline.questions_until.map(Into::into),
            answers_by: timeline.answers_by.map(Into::into),
            standstill: timeline.standstill.map(Into::into),
            warnings: warnings.into_iter().map(warning).collect(),
        }
    }
}

/// See the dates of a challenge
///
/// Those that follow from its publication, its deadline and its award, each with its rule, the version of the calendar
/// and an explanation. Before the publication: what they would be if it were published now.
#[utoipa::path(tag = "challenges", params(("challenge" = Uuid, Path, description = "Its id")),
    responses((status = 200, description = "The dates", body = TimelineView), ReadProblems))]
#[get("/challenges/{challenge}/timeline")]
async fn get_challenge_timeline(who: Anyone, id: web::Path<Uuid>) -> Answer {
    who.read(move |conn, viewer| {
        let (timeline, warnings) = periods::timeline(conn, viewer, ChallengeId(*id))?;
        Reply::ok(&TimelineView::of(timeline, warnings))
    })
    .await
}
