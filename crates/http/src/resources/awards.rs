//! Awards.

use super::{challenge_view::ChallengeView, challenges::reply, evaluations::RankingView};
use crate::{
    Answer,
    access::{Anyone, As, Officer, Recent},
    foundation::{Body, ReadProblems, Reply, WriteProblems, query::WriteParams},
};
use actix_web::{get, post, web};
use application::awards;
use chrono::{DateTime, Utc};
use domain::{BidId, ChallengeId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config.service(award_challenge).service(get_award);
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct AwardChallenge {
    /// The winning bids, in the order of the ranking, at most one per pilot.
    #[schema(example = json!(["0199f3a0-5b1c-7c3e-8a4d-2f6b9c0d1e2f"]), min_items = 1, max_items = 20)]
    winners: Vec<Uuid>,
    /// Why, for everybody.
    #[schema(
        example = "The best total, and the only bid tested on real recordings.",
        min_length = 1,
        max_length = 5000
    )]
    reason: String,
}

/// Award a challenge
///
/// Takes the role `officer` in the agency. Freezes the ranking, drafts the contracts, tells every bidder; the standstill
/// period starts. Takes a step-up.
#[utoipa::path(tag = "evaluation", params(WriteParams, ("challenge" = Uuid, Path, description = "The challenge")),
    request_body = AwardChallenge, security(("bearer" = [])),
    responses((status = 200, description = "Awarded", body = ChallengeView), WriteProblems))]
#[post("/challenges/{challenge}/award")]
async fn award_challenge(who: As<Recent<Officer>>, id: web::Path<Uuid>, body: Body<AwardChallenge>) -> Answer {
    who.write(move |conn, caller| {
        let winners: Vec<_> = body.0.winners.into_iter().map(BidId).collect();
        reply(awards::decide(conn, caller, ChallengeId(*id), &winners, &body.0.reason)?, true)
    })
    .await
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Award)]
struct AwardView {
    decided_at: DateTime<Utc>,
    /// Until when no contract may be signed.
    standstill_until: Option<DateTime<Utc>>,
    #[schema(example = "The best total, and the only bid tested on real recordings.")]
    reason: String,
    /// The ranking it rests on.
    ranking: RankingView,
}

/// See the award of a challenge
///
/// Public, with the frozen ranking.
#[utoipa::path(tag = "evaluation", params(("challenge" = Uuid, Path, description = "The challenge")),
    security((), ("bearer" = []), ("api_key" = ["evaluation:read"])),
    responses((status = 200, description = "The award", body = AwardView), ReadProblems))]
#[get("/challenges/{challenge}/award")]
async fn get_award(who: Anyone, id: web::Path<Uuid>) -> Answer {
    who.read(move |conn, viewer| {
        let award = awards::find(conn, viewer, ChallengeId(*id))?;
        Reply::ok(&AwardView {
            decided_at: award.decided_at,
            standstill_until: award.challenge.standstill_until,
            reason: award.reason,
            ranking: award.ranked.into(),
        })
    })
    .await
}
