//! The minimum periods of the procedures.

use crate::{
    Answer,
    access::{Administrator, Anyone, As, Recent},
    foundation::{
        Body, EditProblems, PageParams, Paged, Precondition, Query, ReadProblems, Reply, query::WriteParams, wire,
    },
};
use actix_web::{get, put, web};
use application::periods;
use chrono::{DateTime, Utc};
use domain::{MinimumPeriodsVersion, Period, PeriodRule, Procedure, Refusal, minimum_periods::MinimumDays};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(list_minimum_periods)
        .service(get_minimum_periods)
        .service(change_minimum_periods)
        .service(list_minimum_period_versions);
}

/// So many days of a kind.
#[derive(Serialize, ToSchema)]
#[schema(as = Period)]
struct PeriodView {
    #[schema(example = 10)]
    days: u32,
    #[schema(schema_with = wire::period_kind, example = "calendar")]
    kind: PeriodRule,
}

impl From<Period> for PeriodView {
    fn from(Period { days, rule }: Period) -> Self {
        Self { days, kind: rule }
    }
}

/// The least time that a procedure gives.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = MinimumPeriods)]
struct MinimumPeriodsView {
    #[schema(schema_with = wire::procedure_with_bids, example = "small_pilot")]
    procedure: Procedure,
    /// Counted from 1, which comes with the program.
    #[schema(example = 1)]
    version: i32,
    /// From the publication to the submission deadline.
    open: PeriodView,
    /// From the last question to the submission deadline.
    questions: PeriodView,
    /// From the last answer to the submission deadline.
    answers: PeriodView,
    /// From the award to the signature.
    standstill: PeriodView,
    /// Why this version was made.
    #[schema(example = "Small companies asked for more time.")]
    reason: String,
    /// When; none for the one that comes with the program.
    made_at: Option<DateTime<Utc>>,
}

impl From<MinimumPeriodsVersion> for MinimumPeriodsView {
    fn from(version: MinimumPeriodsVersion) -> Self {
        let periods = version.periods;
        Self {
            procedure: version.procedure,
            version: version.version,
            open: periods.open.into(),
            questions: periods.questions.into(),
            answers: periods.answers.into(),
            standstill: periods.standstill.into(),
            reason: version.reason,
            made_at: version.made.map(|(_, at)| at),
        }
    }
}

#[derive(Serialize, ToSchema)]
#[schema(as = MinimumPeriodsList)]
struct MinimumPeriodsListView {
    items: Vec<MinimumPeriodsView>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = MinimumPeriodsVersionPage)]
struct MinimumPeriodsVersionPageView {
    items: Vec<MinimumPeriodsView>,
    /// The cursor of the next page, if there is one.
    #[schema(example = "q1Zb...")]
    next: Option<String>,
}

/// The lengths in days; what kind of days each counts is up to the procedure. None below what comes with the program.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ChangeMinimumPeriods {
    /// From the publication to the submission deadline.
    #[schema(example = 14, minimum = 0, maximum = 365)]
    open: u32,
    /// From the last question to the submission deadline; not less than `answers`.
    #[schema(example = 5, minimum = 0, maximum = 365)]
    questions: u32,
    /// From the last answer to the submission deadline.
    #[schema(example = 3, minimum = 0, maximum = 365)]
    answers: u32,
    /// From the award to the signature.
    #[schema(example = 2, minimum = 0, maximum = 365)]
    standstill: u32,
    /// Why; public.
    #[schema(example = "Small companies asked for more time.", min_length = 1, max_length = 5000)]
    reason: String,
}

fn procedure(path: &str) -> Result<Procedure, Refusal> {
    Procedure::parse(path).filter(|procedure| procedure.takes_bids()).ok_or(Refusal::NotFound("procedure"))
}

/// List the minimum periods
///
/// Of every procedure, in the version that is in force.
#[utoipa::path(tag = "calendars",
    responses((status = 200, description = "The minimum periods", body = MinimumPeriodsListView), ReadProblems))]
#[get("/minimum-periods")]
async fn list_minimum_periods(who: Anyone) -> Answer {
    who.read(|conn, _| {
        let versions = Procedure::TAKING_BIDS.map(|procedure| periods::minimum(conn, procedure).map(Into::into));
        let items = versions.into_iter().collect::<Result<_, _>>()?;
        Reply::ok(&MinimumPeriodsListView { items })
    })
    .await
}

/// See the minimum periods of a procedure
#[utoipa::path(tag = "calendars", params(("procedure" = String, Path, description = "The procedure", example = "small_pilot", pattern = "^[a-z_]{1,40}$")),
    responses((status = 200, description = "The minimum periods", body = MinimumPeriodsView), ReadProblems))]
#[get("/minimum-periods/{procedure}")]
async fn get_minimum_periods(who: Anyone, path: web::Path<String>) -> Answer {
    who.read(move |conn, _| reply(periods::minimum(conn, procedure(&path)?)?)).await
}

/// Raise minimum periods
///
/// Takes an administrator and a step-up. Makes a new version, which holds for all challenges that are published or
/// awarded from now on. None can be lower than the one that comes with the program.
#[utoipa::path(tag = "calendars", params(WriteParams, ("procedure" = String, Path, description = "The procedure", example = "small_pilot", pattern = "^[a-z_]{1,40}$"),
        ("If-Match" = String, Header, description = "The ETag that was read")),
    request_body = ChangeMinimumPeriods, security(("bearer" = [])),
    responses((status = 200, description = "Changed", body = MinimumPeriodsView), EditProblems))]
#[put("/minimum-periods/{procedure}")]
async fn change_minimum_periods(
    who: As<Recent<Administrator>>,
    path: web::Path<String>,
    seen: Precondition,
    body: Body<ChangeMinimumPeriods>,
) -> Answer {
    who.write(move |conn, caller| {
        let ChangeMinimumPeriods { open, questions, answers, standstill, reason } = body.0;
        let days = MinimumDays { open, questions, answers, standstill };
        reply(periods::change_minimum(conn, caller, procedure(&path)?, seen.0, days, &reason)?)
    })
    .await
}

fn reply(version: MinimumPeriodsVersion) -> Answer {
    let number = version.version;
    Ok(Reply::ok(&MinimumPeriodsView::from(version))?.version(number))
}

/// List the versions of minimum periods
///
/// Of a procedure, the newest first; the last is the one that comes with the program.
#[utoipa::path(tag = "calendars", params(PageParams, ("procedure" = String, Path, description = "The procedure", example = "small_pilot", pattern = "^[a-z_]{1,40}$")),
    responses((status = 200, description = "A page", body = MinimumPeriodsVersionPageView), ReadProblems))]
#[get("/minimum-periods/{procedure}/versions")]
async fn list_minimum_period_versions(who: Anyone, path: web::Path<String>, query: Query<PageParams>) -> Answer {
    let cursors = &who.state().cursors;
    let (procedure, list) = (procedure(&path)?, format!("minimum-periods/{path}/versions"));
    let (before, limit) = query.0.read::<i32>(cursors, &list)?;
    let read =
        who.read(move |conn, _| Ok(Paged::cut(periods::minimum_versions(conn, procedure, before, limit + 1)?, limit)));
    let page = read.await?;
    let next = page.last(|last| cursors.seal(&list, &last.version)).transpose()?;
    let items = page.items.into_iter().map(Into::into).collect();
    Ok(Reply::ok(&MinimumPeriodsVersionPageView { items, next: next.clone() })?.next(who.request(), next.as_ref()))
}
