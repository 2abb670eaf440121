//! The steps of a challenge's life that are not edits.

use super::{challenge_view::ChallengeView, challenges::reply};
use crate::{
    Answer,
    access::{As, Author, Officer, PilotManager},
    foundation::{Body, WriteProblems, query::WriteParams, wire},
};
use actix_web::{post, web};
use application::{challenges, evaluations};
use domain::{ChallengeId, challenge::CloseWithoutAwardReason};
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(submit_challenge_for_review)
        .service(request_challenge_changes)
        .service(approve_challenge)
        .service(start_evaluation)
        .service(close_challenge_without_award)
        .service(start_pilots)
        .service(complete_challenge);
}

/// Submit a challenge for review
///
/// Takes the role `author` in the agency. Every gap is listed by section. From then on the agency's officers owe a review.
#[utoipa::path(tag = "challenges", params(WriteParams, ("challenge" = Uuid, Path, description = "Its id")),
    security(("bearer" = []), ("api_key" = ["challenges:write"])),
    responses((status = 200, description = "In review", body = ChallengeView), WriteProblems))]
#[post("/challenges/{challenge}/submit-for-review")]
async fn submit_challenge_for_review(who: As<Author>, id: web::Path<Uuid>) -> Answer {
    let policy = who.state().settings.obligations;
    who.write(move |conn, caller| reply(challenges::submit_for_review(conn, caller, ChallengeId(*id), policy)?, true))
        .await
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct RequestChallengeChanges {
    /// What must change.
    #[schema(example = "Say what the overtime costs.", min_length = 1, max_length = 5000)]
    comment: String,
}

/// Request changes to a challenge
///
/// Takes the role `officer` in the agency. Possible during the review and after the approval, which is taken back with it.
#[utoipa::path(tag = "challenges", params(WriteParams, ("challenge" = Uuid, Path, description = "Its id")),
    request_body = RequestChallengeChanges, security(("bearer" = []), ("api_key" = ["challenges:write"])),
    responses((status = 200, description = "Changes requested", body = ChallengeView), WriteProblems))]
#[post("/challenges/{challenge}/request-changes")]
async fn request_challenge_changes(
    who: As<Officer>,
    id: web::Path<Uuid>,
    body: Body<RequestChallengeChanges>,
) -> Answer {
    who.write(move |conn, caller| {
        reply(challenges::request_changes(conn, caller, ChallengeId(*id), &body.0.comment)?, true)
    })
    .await
}

/// Approve a challenge
///
/// Takes the role `officer` in the agency, and somebody who did not write it. Panel and opening committee must be named.
#[utoipa::path(tag = "challenges", params(WriteParams, ("challenge" = Uuid, Path, description = "Its id")),
    security(("bearer" = [])),
    responses((status = 200, description = "Approved", body = ChallengeView), WriteProblems))]
#[post("/challenges/{challenge}/approve")]
async fn approve_challenge(who: As<Officer>, id: web::Path<Uuid>) -> Answer {
    who.write(move |conn, caller| reply(challenges::approve(conn, caller, ChallengeId(*id))?, true)).await
}

/// Start the evaluation of a challenge
///
/// Takes the role `officer` in the agency. Each bid must have been admitted or disqualified.
#[utoipa::path(tag = "challenges", params(WriteParams, ("challenge" = Uuid, Path, description = "Its id")),
    security(("bearer" = []), ("api_key" = ["challenges:write"])),
    responses((status = 200, description = "Evaluating", body = ChallengeView), WriteProblems))]
#[post("/challenges/{challenge}/start-evaluation")]
async fn start_evaluation(who: As<Officer>, id: web::Path<Uuid>) -> Answer {
    who.write(move |conn, caller| reply(evaluations::start(conn, caller, ChallengeId(*id))?, true)).await
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct CloseChallengeWithoutAward {
    #[schema(schema_with = wire::close_without_award_reason, example = "below_minimum")]
    code: CloseWithoutAwardReason,
    /// Why, for everybody.
    #[schema(example = "No bid reached the minimum on safety.", min_length = 1, max_length = 5000)]
    reason: String,
}

/// Close a challenge without award
///
/// Takes the role `officer` in the agency.
#[utoipa::path(tag = "challenges", params(WriteParams, ("challenge" = Uuid, Path, description = "Its id")),
    request_body = CloseChallengeWithoutAward, security(("bearer" = []), ("api_key" = ["challenges:write"])),
    responses((status = 200, description = "Closed without award", body = ChallengeView), WriteProblems))]
#[post("/challenges/{challenge}/close-without-award")]
async fn close_challenge_without_award(
    who: As<Officer>,
    id: web::Path<Uuid>,
    body: Body<CloseChallengeWithoutAward>,
) -> Answer {
    who.write(move |conn, caller| {
        let CloseChallengeWithoutAward { code, reason } = body.0;
        reply(challenges::close_without_award(conn, caller, ChallengeId(*id), code, &reason)?, true)
    })
    .await
}

/// Start the pilots of a challenge
///
/// Takes the role `officer` in the agency. The standstill must be over and every contract signed by both sides.
#[utoipa::path(tag = "challenges", params(WriteParams, ("challenge" = Uuid, Path, description = "Its id")),
    security(("bearer" = []), ("api_key" = ["challenges:write"])),
    responses((status = 200, description = "Piloting", body = ChallengeView), WriteProblems))]
#[post("/challenges/{challenge}/start-pilots")]
async fn start_pilots(who: As<Officer>, id: web::Path<Uuid>) -> Answer {
    who.write(move |conn, caller| reply(challenges::start_pilots(conn, caller, ChallengeId(*id))?, true)).await
}

/// Complete a challenge
///
/// Takes the role `pilot_manager` in the agency. Each pilot must have an outcome and a learning.
#[utoipa::path(tag = "challenges", params(WriteParams, ("challenge" = Uuid, Path, description = "Its id")),
    security(("bearer" = []), ("api_key" = ["challenges:write"])),
    responses((status = 200, description = "Completed", body = ChallengeView), WriteProblems))]
#[post("/challenges/{challenge}/complete")]
async fn complete_challenge(who: As<PilotManager>, id: web::Path<Uuid>) -> Answer {
    who.write(move |conn, caller| reply(challenges::complete(conn, caller, ChallengeId(*id))?, true)).await
}
