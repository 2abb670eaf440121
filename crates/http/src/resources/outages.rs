//! The outage ledger: when the service could not be used, for everybody.

use crate::{
    Answer,
    access::{Administrator, Anyone, As},
    foundation::{Body, PageParams, Paged, Query, ReadProblems, Reply, WriteProblems, query::WriteParams, wire},
};
use actix_web::{get, post, web};
use application::outages::{self, Annotated};
use chrono::{DateTime, Utc};
use domain::{Outage, OutageCause, OutageId, OutageNote, outage::OutageReport};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config.service(list_outages).service(report_outage).service(get_outage).service(annotate_outage);
}

/// What was said about an outage afterwards.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = OutageNote)]
struct NoteView {
    /// Counts from 1.
    #[schema(example = 1)]
    number: i32,
    #[schema(example = "The provider confirms the time in its report.")]
    text: String,
    noted_at: DateTime<Utc>,
}

impl From<OutageNote> for NoteView {
    fn from(OutageNote { number, text, noted_at, .. }: OutageNote) -> Self {
        Self { number, text, noted_at }
    }
}

/// A time in which the service could not be used.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Outage)]
pub(super) struct OutageView {
    #[schema(example = "0199f3a0-5b1c-7c3e-8a4d-2f6b9c0d1e2f")]
    id: Uuid,
    /// Since when: the last sign of life, or what was reported.
    started_at: DateTime<Utc>,
    /// Until when.
    ended_at: DateTime<Utc>,
    /// How long, in whole seconds.
    #[schema(example = 4959)]
    duration_seconds: i64,
    #[schema(schema_with = wire::outage_cause, example = "stopped")]
    cause: OutageCause,
    /// What was reported; none for what the service noticed itself.
    #[schema(example = "The line of our provider was cut by an excavator.")]
    text: Option<String>,
    /// Since when it is in the ledger.
    recorded_at: DateTime<Utc>,
}

impl From<Outage> for OutageView {
    fn from(outage: Outage) -> Self {
        Self {
            id: outage.id.0,
            started_at: outage.started_at,
            ended_at: outage.ended_at,
            duration_seconds: outage.length().num_seconds(),
            cause: outage.cause,
            text: outage.text,
            recorded_at: outage.recorded_at,
        }
    }
}

#[derive(Serialize, ToSchema)]
#[schema(as = OutageEntry)]
struct EntryView {
    #[serde(flatten)]
    outage: OutageView,
    /// The first first.
    notes: Vec<NoteView>,
}

impl From<Annotated> for EntryView {
    fn from((outage, notes): Annotated) -> Self {
        Self { outage: outage.into(), notes: notes.into_iter().map(Into::into).collect() }
    }
}

#[derive(Serialize, ToSchema)]
#[schema(as = OutagePage)]
struct OutagePageView {
    items: Vec<EntryView>,
    /// The cursor of the next page, if there is one.
    #[schema(example = "q1Zb...")]
    next: Option<String>,
}

/// List the outages of the service
///
/// The ledger, for everybody: the latest first. The service writes it by itself whenever nothing gave a sign of life for a while;
/// administrators add what it cannot notice. Nothing is taken out of it.
#[utoipa::path(tag = "outages", params(PageParams),
    responses((status = 200, description = "A page", body = OutagePageView), ReadProblems))]
#[get("/outages")]
async fn list_outages(who: Anyone, query: Query<PageParams>) -> Answer {
    let (cursors, list) = (&who.state().cursors, "outages");
    let (after, limit) = query.0.read::<(DateTime<Utc>, Uuid)>(cursors, list)?;
    let after = after.map(|(started_at, id)| (started_at, OutageId(id)));
    let found = who.read(move |conn, _| Ok(outages::list(conn, after, limit + 1)?));
    let page = Paged::cut(found.await?, limit);
    let next = page.last(|(outage, _)| cursors.seal(list, &(outage.started_at, outage.id.0))).transpose()?;
    let items = page.items.into_iter().map(Into::into).collect();
    Ok(Reply::ok(&OutagePageView { items, next: next.clone() })?.next(who.request(), next.as_ref()))
}

/// See an outage of the service
///
/// For everybody, with what was said about it afterwards.
#[utoipa::path(tag = "outages", params(("outage" = Uuid, Path, description = "Its id")),
    responses((status = 200, description = "The entry", body = EntryView), ReadProblems))]
#[get("/outages/{outage}")]
async fn get_outage(who: Anyone, id: web::Path<Uuid>) -> Answer {
    who.read(move |conn, _| Reply::ok(&EntryView::from(outages::find(conn, OutageId(*id))?))).await
}

#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ReportOutage {
    /// Since when people could not use the service.
    #[schema(example = "2026-11-23T10:40:00Z")]
    started_at: DateTime<Utc>,
    /// Until when; not later than now, and at most 31 days after the start.
    #[schema(example = "2026-11-23T12:00:00Z")]
    ended_at: DateTime<Utc>,
    /// What happened, for everybody.
    #[schema(example = "The line of our provider was cut by an excavator.", min_length = 1, max_length = 2000)]
    text: String,
}

/// Report an outage that the service could not notice
///
/// Takes an administrator: the service ran, and people could not reach it. It goes into the ledger with the cause `reported`, and
/// proposes extensions like any other.
#[utoipa::path(tag = "outages", params(WriteParams), request_body = ReportOutage, security(("bearer" = [])),
    responses((status = 201, description = "In the ledger", body = EntryView), WriteProblems))]
#[post("/outages")]
async fn report_outage(who: As<Administrator>, body: Body<ReportOutage>) -> Answer {
    who.write(move |conn, caller| {
        let ReportOutage { started_at, ended_at, text } = body.0;
        let entry = outages::report(conn, caller, OutageReport { started_at, ended_at, text })?;
        Reply::created(format!("/api/v1/outages/{}", entry.0.id), &EntryView::from(entry))
    })
    .await
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct AnnotateOutage {
    /// What there is to say about it, for everybody.
    #[schema(example = "The provider confirms the time in its report.", min_length = 1, max_length = 2000)]
    text: String,
}

/// Add a note to an outage
///
/// Takes an administrator. The entry itself never changes: whatever is wrong with it is said in a note, or in another entry. At
/// most 50 notes.
#[utoipa::path(tag = "outages", params(WriteParams, ("outage" = Uuid, Path, description = "Its id")),
    request_body = AnnotateOutage, security(("bearer" = [])),
    responses((status = 201, description = "Noted", body = EntryView), WriteProblems))]
#[post("/outages/{outage}/notes")]
async fn annotate_outage(who: As<Administrator>, id: web::Path<Uuid>, body: Body<AnnotateOutage>) -> Answer {
    who.write(move |conn, caller| {
        let entry = outages::annotate(conn, caller, OutageId(*id), &body.0.text)?;
        Reply::created(format!("/api/v1/outages/{id}"), &EntryView::from(entry))
    })
    .await
}
