//! Publishing a challenge, at once or at a set time; suspending, resuming and cancelling it.

use super::{challenge_view::ChallengeView, challenges::reply};
use crate::{
    Answer,
    access::{As, Officer},
    foundation::{Body, WriteProblems, query::WriteParams, wire},
};
use actix_web::{delete, post, put, web};
use application::{challenges, publication, suspensions};
use chrono::{DateTime, Utc};
use domain::{
    ChallengeId, Checks,
    challenge::{CancelReason, SuspensionReason},
};
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(publish_challenge)
        .service(schedule_publication)
        .service(unschedule_publication)
        .service(suspend_challenge)
        .service(resume_challenge)
        .service(cancel_challenge);
}

/// Publish a challenge
///
/// Takes the role `officer` in the agency. The agency must be verified, and the deadline must leave the minimum period.
#[utoipa::path(tag = "challenges", params(WriteParams, ("challenge" = Uuid, Path, description = "Its id")),
    security(("bearer" = []), ("api_key" = ["challenges:write"])),
    responses((status = 200, description = "Published", body = ChallengeView), WriteProblems))]
#[post("/challenges/{challenge}/publish")]
async fn publish_challenge(who: As<Officer>, id: web::Path<Uuid>) -> Answer {
    who.write(move |conn, caller| reply(publication::publish(conn, caller, ChallengeId(*id))?, true)).await
}

#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct SchedulePublication {
    /// When to publish it: after now, and within a year.
    #[schema(example = "2026-12-01T08:00:00Z")]
    publish_at: DateTime<Utc>,
}

/// Schedule the publication of a challenge
///
/// Takes the role `officer` in the agency. The challenge is approved, and its deadline must leave the minimum period counted
/// from that time. If it cannot be published then, it stays approved, and the officers get a mail. Setting it again replaces
/// the time.
#[utoipa::path(tag = "challenges", params(WriteParams, ("challenge" = Uuid, Path, description = "Its id")),
    request_body = SchedulePublication, security(("bearer" = []), ("api_key" = ["challenges:write"])),
    responses((status = 200, description = "Scheduled", body = ChallengeView), WriteProblems))]
#[put("/challenges/{challenge}/scheduled-publication")]
async fn schedule_publication(who: As<Officer>, id: web::Path<Uuid>, body: Body<SchedulePublication>) -> Answer {
    who.write(move |conn, caller| {
        let publish_at = instant(body.0.publish_at, "/publishAt")?;
        reply(publication::schedule(conn, caller, ChallengeId(*id), publish_at)?, true)
    })
    .await
}

/// Take the time of publication back
///
/// Takes the role `officer` in the agency. The challenge stays approved.
#[utoipa::path(tag = "challenges", params(WriteParams, ("challenge" = Uuid, Path, description = "Its id")),
    security(("bearer" = []), ("api_key" = ["challenges:write"])),
    responses((status = 200, description = "Not scheduled any more", body = ChallengeView), WriteProblems))]
#[delete("/challenges/{challenge}/scheduled-publication")]
async fn unschedule_publication(who: As<Officer>, id: web::Path<Uuid>) -> Answer {
    who.write(move |conn, caller| reply(publication::unschedule(conn, caller, ChallengeId(*id))?, true)).await
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct SuspendChallenge {
    #[schema(schema_with = wire::suspension_reason, example = "complaint")]
    code: SuspensionReason,
    /// Why, for everybody.
    #[schema(
        example = "A bidder complained about the second criterion; the review body decides within ten days.",
        min_length = 1,
        max_length = 5000
    )]
    reason: String,
}

/// Suspend a challenge
///
/// Takes the role `officer` in the agency, before the deadline. No bids are taken until it is resumed; those in the box stay,
/// and can be withdrawn. Everybody who follows it or bids is told.
#[utoipa::path(tag = "challenges", params(WriteParams, ("challenge" = Uuid, Path, description = "Its id")),
    request_body = SuspendChallenge, security(("bearer" = []), ("api_key" = ["challenges:write"])),
    responses((status = 200, description = "Suspended", body = ChallengeView), WriteProblems))]
#[post("/challenges/{challenge}/suspend")]
async fn suspend_challenge(who: As<Officer>, id: web::Path<Uuid>, body: Body<SuspendChallenge>) -> Answer {
    who.write(move |conn, caller| {
        reply(suspensions::suspend(conn, caller, ChallengeId(*id), body.0.code, &body.0.reason)?, true)
    })
    .await
}

#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ResumeChallenge {
    /// Why, for everybody.
    #[schema(example = "The review body rejected the complaint.", min_length = 1, max_length = 5000)]
    reason: String,
    /// Until when bids are taken: at least as long as was left when the challenge was suspended. If it is left out, exactly
    /// so long, to the full minute.
    #[schema(example = "2027-01-11T11:00:00Z")]
    submission_deadline: Option<DateTime<Utc>>,
}

/// Resume a challenge
///
/// Takes the role `officer` in the agency. Bidders have at least as much time left as when it was suspended; planned dates
/// that lay ahead move with the deadline. Everybody who follows it or bids is told.
#[utoipa::path(tag = "challenges", params(WriteParams, ("challenge" = Uuid, Path, description = "Its id")),
    request_body = ResumeChallenge, security(("bearer" = []), ("api_key" = ["challenges:write"])),
    responses((status = 200, description = "Published", body = ChallengeView), WriteProblems))]
#[post("/challenges/{challenge}/resume")]
async fn resume_challenge(who: As<Officer>, id: web::Path<Uuid>, body: Body<ResumeChallenge>) -> Answer {
    who.write(move |conn, caller| {
        let ResumeChallenge { reason, submission_deadline } = body.0;
        let deadline = submission_deadline.map(|at| instant(at, "/submissionDeadline")).transpose()?;
        reply(suspensions::resume(conn, caller, ChallengeId(*id), &reason, deadline)?, true)
    })
    .await
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct CancelChallenge {
    #[schema(schema_with = wire::cancel_reason, example = "need_changed")]
    code: CancelReason,
    /// Why, for everybody who could see the challenge.
    #[schema(example = "The new dispatch law makes the pilot unnecessary.", min_length = 1, max_length = 5000)]
    reason: String,
}

/// Cancel a challenge
///
/// Takes the role `officer` in the agency. Possible until the award.
#[utoipa::path(tag = "challenges", params(WriteParams, ("challenge" = Uuid, Path, description = "Its id")),
    request_body = CancelChallenge, security(("bearer" = []), ("api_key" = ["challenges:write"])),
    responses((status = 200, description = "Cancelled", body = ChallengeView), WriteProblems))]
#[post("/challenges/{challenge}/cancel")]
async fn cancel_challenge(who: As<Officer>, id: web::Path<Uuid>, body: Body<CancelChallenge>) -> Answer {
    who.write(move |conn, caller| {
        reply(challenges::cancel(conn, caller, ChallengeId(*id), body.0.code, &body.0.reason)?, true)
    })
    .await
}

/// An instant that both databases can keep.
fn instant(at: DateTime<Utc>, pointer: &str) -> domain::Result<DateTime<Utc>> {
    let mut checks = Checks::new();
    let read = wire::instant(at, &mut checks, pointer);
    checks.done()?;
    Ok(read.unwrap_or(at))
}
