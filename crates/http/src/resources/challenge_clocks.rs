//! The time of the challenges of sandboxes.

use crate::{
    Answer,
    access::{As, SignedIn},
    foundation::{Body, ReadProblems, Reply, WriteProblems, query::WriteParams, wire},
};
use actix_web::{get, put, web};
use application::challenge_clocks::{self as clocks, Shown};
use chrono::{DateTime, Utc};
use domain::{ChallengeId, Checks, challenge::ClockChange};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config.service(get_challenge_clock).service(change_challenge_clock);
}

/// What time it is for the challenge of a sandbox.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ChallengeClock)]
struct ClockView {
    /// What time it is for the challenge: deadlines, receipts and periods go by it.
    now: DateTime<Utc>,
    /// How many times as fast as the real time it runs.
    #[schema(example = 1)]
    rate: i32,
    /// What time it is.
    real_now: DateTime<Utc>,
    /// Always: only sandboxes have clocks.
    #[schema(example = true)]
    sandbox: bool,
}

impl From<Shown> for ClockView {
    fn from(shown: Shown) -> Self {
        Self { now: shown.now, rate: shown.rate, real_now: shown.real, sandbox: true }
    }
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ChangeClock {
    /// What time it shall be: not before the present time of the challenge, and at most ten years ahead of the real one.
    #[schema(example = "2027-01-11T11:00:00Z")]
    now: Option<DateTime<Utc>>,
    /// How many times as fast as the real time it shall run; left out, as it does.
    #[schema(example = 3600, minimum = 1, maximum = 100_000)]
    rate: Option<i32>,
}

/// See the clock of a sandbox's challenge
///
/// For whoever sees the challenge. A real challenge has no clock of its own: `not_a_sandbox`.
#[utoipa::path(tag = "challenges", params(("challenge" = Uuid, Path, description = "Its id")),
    security(("bearer" = []), ("api_key" = ["challenges:read"])),
    responses((status = 200, description = "The clock", body = ClockView), ReadProblems))]
#[get("/challenges/{challenge}/clock")]
async fn get_challenge_clock(who: As<SignedIn>, id: web::Path<Uuid>) -> Answer {
    who.read(move |conn, viewer| {
        let shown = clocks::find(conn, Some(viewer), ChallengeId(*id))?;
        Reply::ok(&ClockView::from(shown))
    })
    .await
}

/// Move the clock of a sandbox's challenge
///
/// Takes the role `author` or `officer` in the sandbox agency. Jumps to `now`, runs at `rate`, or both; only forward. What
/// falls due by it happens within a few seconds. A real challenge refuses: `not_a_sandbox`.
#[utoipa::path(tag = "challenges", params(WriteParams, ("challenge" = Uuid, Path, description = "Its id")),
    request_body = ChangeClock, security(("bearer" = []), ("api_key" = ["challenges:write"])),
    responses((status = 200, description = "The clock as it goes now", body = ClockView), WriteProblems))]
#[put("/challenges/{challenge}/clock")]
async fn change_challenge_clock(who: As<SignedIn>, id: web::Path<Uuid>, body: Body<ChangeClock>) -> Answer {
    who.write(move |conn, caller| {
        let ChangeClock { now, rate } = body.0;
        let mut checks = Checks::new();
        let now = now.and_then(|now| wire::instant(now, &mut checks, "/now"));
        checks.done()?;
        let shown = clocks::change(conn, caller, ChallengeId(*id), ClockChange { now, rate })?;
        Reply::ok(&ClockView::from(shown))
    })
    .await
}
