//! Change notices: what a published challenge says is changed in public.

use super::{
    challenge_content::ChallengeContent,
    revisions::{ChangeView, changes},
};
use crate::{
    Answer,
    access::{Anyone, As, Officer},
    foundation::{
        Body, EditProblems, PageParams, Paged, Precondition, Query, ReadProblems, Reply, query::WriteParams, wire,
    },
};
use actix_web::{get, post, web};
use application::change_notices::{self, Cause};
use chrono::{DateTime, Utc};
use domain::{
    ChallengeId, Refusal,
    challenge::{ChangeNotice, ChangeReason, Section, under_changes},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config.service(publish_change_notice).service(list_change_notices).service(get_change_notice);
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct PublishChangeNotice {
    /// Why (eForms BT-140).
    #[schema(schema_with = wire::change_reason, example = "correction")]
    code: ChangeReason,
    /// The same in words, for everybody.
    #[schema(example = "The ceiling left out the cost of the trial site.", min_length = 1, max_length = 5000)]
    reason: String,
    /// What is to be different; everything that is left out stays.
    changes: ChallengeContent,
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ChangeNoticeSummary)]
struct SummaryView {
    #[schema(example = "0199f3a0-5b1c-7c3e-8a4d-2f6b9c0d1e2f")]
    id: Uuid,
    /// Counts from 1.
    #[schema(example = 1)]
    number: i32,
    #[schema(schema_with = wire::change_reason, example = "correction")]
    code: ChangeReason,
    #[schema(example = "The ceiling left out the cost of the trial site.")]
    reason: String,
    /// The sections that are different.
    #[schema(value_type = Vec<String>)]
    sections: Vec<Section>,
    /// Whether bidders answer to something else now: they have more time, and are asked to confirm or replace their bids.
    #[schema(example = true)]
    material: bool,
    /// Until when bids were taken.
    deadline_before: DateTime<Utc>,
    /// Until when they are taken since.
    submission_deadline: DateTime<Utc>,
    published_at: DateTime<Utc>,
}

impl From<ChangeNotice> for SummaryView {
    fn from(notice: ChangeNotice) -> Self {
        Self {
            id: notice.id.0,
            number: notice.number,
            code: notice.code,
            reason: notice.reason,
            sections: notice.sections,
            material: notice.material,
            deadline_before: notice.deadline_before,
            submission_deadline: notice.deadline,
            published_at: notice.published_at,
        }
    }
}

#[derive(Serialize, ToSchema)]
#[schema(as = ChangeNotice)]
struct NoticeView {
    #[serde(flatten)]
    summary: SummaryView,
    /// Field by field. Confidential details are left out for those who may not read them.
    changes: Vec<ChangeView>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = ChangeNoticePage)]
struct PageView {
    items: Vec<SummaryView>,
    /// `after` of the next page, if there is one.
    #[schema(example = "q83vEjRWeJCrze8SNFZ4kA")]
    next: Option<String>,
}

/// Change a published challenge
///
/// Takes the role `officer` in the agency, before the deadline, and `If-Match` with the challenge's ETag. The deadline never
/// comes nearer. A change of what bidders answer to (problem, outcomes, conditions, budget, stages, eligibility, response, award,
/// intellectual property, confidentiality; dates that come nearer) is material: it moves the deadline by at least some days,
/// and bidders are asked to confirm or replace their bids. Everybody who follows the challenge or bids is told.
#[utoipa::path(tag = "challenges", params(WriteParams, ("challenge" = Uuid, Path, description = "The challenge"),
        ("If-Match" = String, Header, description = "The challenge's ETag")),
    request_body = PublishChangeNotice, security(("bearer" = []), ("api_key" = ["challenges:write"])),
    responses((status = 201, description = "Changed", body = NoticeView), EditProblems))]
#[post("/challenges/{challenge}/change-notices")]
async fn publish_change_notice(
    who: As<Officer>,
    id: web::Path<Uuid>,
    seen: Precondition,
    body: Body<PublishChangeNotice>,
) -> Answer {
    let policy = who.state().settings.changes;
    who.write(move |conn, caller| {
        let PublishChangeNotice { code, reason, changes } = body.0;
        let cause = Cause { code, reason, expected: seen.0 };
        let id = ChallengeId(*id);
        let change = |content, conn: &mut persistence::Conn| changes.apply(content, conn);
        let (notice, _) = change_notices::publish(conn, caller, id, policy, cause, change).map_err(in_body)?;
        let location = format!("/api/v1/challenges/{id}/change-notices/{}", notice.number);
        let (notice, contents) = change_notices::find(conn, Some(&caller.actor), id, notice.number)?;
        Reply::created(location, &NoticeView::of(notice, contents))
    })
    .await
}

impl NoticeView {
    fn of(notice: ChangeNotice, [before, after]: [domain::challenge::Content; 2]) -> Self {
        Self { summary: notice.into(), changes: changes(before, after) }
    }
}

/// The changes are a part of the body, so their fields are one level deeper.
fn in_body(error: application::Error) -> application::Error {
    match error {
        application::Error::Refused(Refusal::Invalid(errors)) => {
            Refusal::Invalid(errors.into_iter().map(under_changes).collect()).into()
        }
        other => other,
    }
}

/// List the change notices of a challenge
///
/// The newest first.
#[utoipa::path(tag = "challenges", params(PageParams, ("challenge" = Uuid, Path, description = "The challenge")),
    security((), ("bearer" = []), ("api_key" = ["challenges:read"])),
    responses((status = 200, description = "A page", body = PageView), ReadProblems))]
#[get("/challenges/{challenge}/change-notices")]
async fn list_change_notices(who: Anyone, id: web::Path<Uuid>, query: Query<PageParams>) -> Answer {
    let (cursors, list) = (&who.state().cursors, format!("challenges/{id}/change-notices"));
    let (before, limit) = query.0.read::<i32>(cursors, &list)?;
    let page = who
        .read(move |conn, viewer| {
            Ok(Paged::cut(change_notices::list(conn, viewer, ChallengeId(*id), before, limit + 1)?, limit))
        })
        .await?;
    let next = page.last(|last| cursors.seal(&list, &last.number)).transpose()?;
    let items = page.items.into_iter().map(Into::into).collect();
    Ok(Reply::ok(&PageView { items, next: next.clone() })?.next(who.request(), next.as_ref()))
}

/// See a change notice
///
/// With what is different, field by field.
#[utoipa::path(tag = "challenges",
    params(("challenge" = Uuid, Path, description = "The challenge"),
        ("number" = i32, Path, description = "The number of the notice", minimum = 1, maximum = 2_147_483_647)),
    security((), ("bearer" = []), ("api_key" = ["challenges:read"])),
    responses((status = 200, description = "The notice", body = NoticeView), ReadProblems))]
#[get("/challenges/{challenge}/change-notices/{number}")]
async fn get_change_notice(who: Anyone, path: web::Path<(Uuid, i32)>) -> Answer {
    who.read(move |conn, viewer| {
        let (notice, contents) = change_notices::find(conn, viewer, ChallengeId(path.0), path.1)?;
        Reply::ok(&NoticeView::of(notice, contents))
    })
    .await
}
