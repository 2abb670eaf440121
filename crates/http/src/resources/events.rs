//! The public feed.

use crate::{
    Answer,
    access::Anyone,
    foundation::{Query, ReadProblems, Reply},
};
use actix_web::get;
use application::events;
use chrono::{DateTime, Utc};
use persistence::events::PublicEvent;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config.service(list_events);
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct FeedParams {
    /// The position of the last event already known; 0 to start from the beginning.
    #[param(minimum = 0, maximum = 9_007_199_254_740_991_i64)]
    after: Option<i64>,
    /// How many to give; 100 if not said.
    #[param(minimum = 1, maximum = 1000)]
    limit: Option<i64>,
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Event)]
struct EventView {
    #[schema(example = "0199f3a0-5b1c-7c3e-8a4d-2f6b9c0d1e2f")]
    id: Uuid,
    /// 1, 2, 3 and so on, without gaps.
    #[schema(example = 42)]
    position: i64,
    /// What happened.
    #[schema(example = "challenge.published")]
    r#type: String,
    /// When, by the database's clock.
    time: DateTime<Utc>,
    /// The organisation that owns the subject.
    #[schema(example = "0199f3a0-5b1c-7c3e-8a4d-2f6b9c0d1e2f")]
    organisation: Option<Uuid>,
    subject: SubjectView,
    /// What everybody may know about it.
    #[schema(value_type = Object, example = json!({"reference": "PRV-2026-7K3M9QXA"}))]
    data: serde_json::Value,
    /// Why.
    #[schema(example = "The new dispatch law makes the pilot unnecessary.")]
    reason: Option<String>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = EventSubject)]
struct SubjectView {
    #[schema(example = "challenge")]
    kind: String,
    #[schema(example = "0199f3a0-5b1c-7c3e-8a4d-2f6b9c0d1e2f")]
    id: Uuid,
}

impl From<PublicEvent> for EventView {
    fn from(event: PublicEvent) -> Self {
        Self {
            id: event.id.0,
            position: event.position,
            r#type: event.kind,
            time: event.occurred_at,
            organisation: event.organisation.map(|organisation| organisation.0),
            subject: SubjectView { kind: event.subject_kind, id: event.subject_id },
            data: event.payload,
            reason: event.reason,
        }
    }
}

#[derive(Serialize, ToSchema)]
#[schema(as = EventPage)]
struct EventPageView {
    items: Vec<EventView>,
    /// Send this as `after` next time; it stays the same while nothing new happens.
    #[schema(example = 42)]
    next: i64,
}

/// Follow the public feed
///
/// Everything public that happened, in order, without gaps: whoever goes on from `next` misses nothing.
#[utoipa::path(tag = "events", params(FeedParams),
    security((), ("bearer" = []), ("api_key" = ["events:read"])),
    responses((status = 200, description = "What happened after the position", body = EventPageView), ReadProblems))]
#[get("/events")]
async fn list_events(who: Anyone, query: Query<FeedParams>) -> Answer {
    let (after, limit) = (query.0.after.unwrap_or(0), query.0.limit.unwrap_or(100));
    let events = who.read(move |conn, _| Ok(events::public_after(conn, after, limit)?)).await?;
    let next = events.last().map_or(after, |event| event.position);
    Reply::ok(&EventPageView { items: events.into_iter().map(Into::into).collect(), next })
}
