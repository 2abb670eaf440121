//! Moving the clock of a demo, so that a life cycle of weeks can be walked in minutes.

use crate::{
    Answer,
    access::{As, SignedIn},
    foundation::{Body, Reply, WriteProblems, query::WriteParams},
};
use actix_web::post;
use application::demo;
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config.service(advance_demo_clock);
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct AdvanceDemoClock {
    /// How far, in seconds: one minute to 400 days.
    #[schema(example = 864_000, minimum = 60, maximum = 34_560_000)]
    seconds: i64,
}

#[derive(Serialize, ToSchema)]
#[schema(as = DemoClock)]
struct DemoClockView {
    /// The time in this demo from now on.
    now: DateTime<Utc>,
}

/// Move the clock of a demo forward
///
/// Exists only on a demo (`provoco serve --demo`); anywhere else the answer is 404.
#[utoipa::path(tag = "demo", params(WriteParams), request_body = AdvanceDemoClock, security(("bearer" = [])),
    responses((status = 200, description = "Moved", body = DemoClockView), WriteProblems))]
#[post("/demo/advance-clock")]
async fn advance_demo_clock(who: As<SignedIn>, body: Body<AdvanceDemoClock>) -> Answer {
    let by = TimeDelta::seconds(body.0.seconds);
    let clock = who.state().db().clock().clone();
    let before = clock.clone();
    let reply = who.write(move |conn, _| {
        let offset = demo::advance_clock(conn, by)?;
        Reply::ok(&DemoClockView { now: before.now() - before.offset() + offset })
    });
    let reply = reply.await?;
    clock.advance_to(who.state().db().read(demo::clock_offset).await?);
    Ok(reply)
}
