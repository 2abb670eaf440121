//! What happened, and who read what.

use crate::{
    Answer,
    access::{As, PlatformAuditor, Requirement, SignedIn},
    foundation::{Paged, Query, ReadProblems, Reply, cursor::DEFAULT_LIMIT},
};
use actix_web::{get, web};
use application::audit::{self, Asked};
use chrono::{DateTime, Utc};
use domain::{EventId, OrganisationId, ReadId, UserId};
use persistence::audit::{AuditEvent, Filter, ReadEntry};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(list_audit_events)
        .service(list_organisation_events)
        .service(list_reads)
        .service(list_organisation_reads)
        .service(list_reads_about_oneself);
}

/// A person, with the name of today.
#[derive(Serialize, ToSchema)]
#[schema(as = AuditPerson)]
struct PersonView {
    #[schema(example = "0199f3a0-5b1c-7c3e-8a4d-2f6b9c0d1e2f")]
    id: Uuid,
    #[schema(example = "Ana Kos")]
    name: String,
}

impl From<(UserId, String)> for PersonView {
    fn from((id, name): (UserId, String)) -> Self {
        Self { id: id.0, name }
    }
}

/// What an event or a reading is about.
#[derive(Serialize, ToSchema)]
#[schema(as = AuditSubject)]
struct SubjectView {
    #[schema(example = "bid")]
    kind: String,
    #[schema(example = "0199f3a0-5b1c-7c3e-8a4d-2f6b9c0d1e2f")]
    id: Uuid,
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = AuditEvent)]
struct EventView {
    #[schema(example = "0199f3a0-5b1c-7c3e-8a4d-2f6b9c0d1e2f")]
    id: Uuid,
    /// What happened.
    #[schema(example = "organisation.member_roles_changed")]
    r#type: String,
    /// When, by the database's clock.
    time: DateTime<Utc>,
    /// Who did it; nobody for what the system does by itself.
    actor: Option<PersonView>,
    /// The organisation that owns the subject.
    #[schema(example = "0199f3a0-5b1c-7c3e-8a4d-2f6b9c0d1e2f")]
    organisation: Option<Uuid>,
    subject: SubjectView,
    /// What everybody may know about it.
    #[schema(value_type = Option<Object>, example = json!({"reference": "PRV-2026-7K3M9QXA"}))]
    data: Option<serde_json::Value>,
    /// What only those with access may know; `delegatedRoles` names the roles that colleagues had lent the actor.
    #[schema(value_type = Object, example = json!({"roles": ["officer"]}))]
    confidential: serde_json::Value,
    /// Why.
    #[schema(example = "The new dispatch law makes the pilot unnecessary.")]
    reason: Option<String>,
    /// The request, or the job, it came from.
    #[schema(example = "0199f3a0-5b1c-7c3e-8a4d-2f6b9c0d1e2f")]
    request_id: String,
}

impl From<AuditEvent> for EventView {
    fn from(event: AuditEvent) -> Self {
        Self {
            id: event.id.0,
            r#type: event.kind,
            time: event.occurred_at,
            actor: event.actor.map(Into::into),
            organisation: event.organisation.map(|organisation| organisation.0),
            subject: SubjectView { kind: event.subject_kind, id: event.subject_id },
            data: event.public_payload,
            confidential: event.confidential_payload,
            reason: event.reason,
            request_id: event.request_id,
        }
    }
}

#[derive(Serialize, ToSchema)]
#[schema(as = AuditEventPage)]
struct EventPageView {
    items: Vec<EventView>,
    /// The cursor of the next page, if there is one.
    #[schema(example = "q1Zb...")]
    next: Option<String>,
}

#[derive(Deserialize, Serialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct EventParams {
    /// Only what happened in this way, such as `challenge.published`.
    #[param(max_length = 100)]
    r#type: Option<String>,
    /// Only what this person did.
    actor: Option<Uuid>,
    /// Only what happened to this thing.
    subject: Option<Uuid>,
    /// Only what happened at or after this moment.
    from: Option<DateTime<Utc>>,
    /// Only what happened before this moment.
    until: Option<DateTime<Utc>>,
    /// `next` of the page before.
    #[param(max_length = 500)]
    after: Option<String>,
    /// How many to give; 50 if not said.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<i64>,
}

/// Look back at what happened on the platform
///
/// For auditors of the platform. The newest first; nothing that is sealed. The reading is kept in the read log.
#[utoipa::path(tag = "audit", params(EventParams), security(("bearer" = [])),
    responses((status = 200, description = "A page", body = EventPageView), ReadProblems))]
#[get("/audit/events")]
async fn list_audit_events(who: As<PlatformAuditor>, query: Query<EventParams>) -> Answer {
    events(who, Asked::Platform, query.0).await
}

/// Look back at what happened in an organisation
///
/// For its auditors and those of the platform; in an organisation that is no agency, for its owners. The newest first.
/// The reading is kept in the read log.
#[utoipa::path(tag = "audit", params(EventParams, ("organisation" = Uuid, Path, description = "The organisation")),

    security(("bearer" = []), ("api_key" = ["audit:read"])), responses((status = 200, description = "A page", body = EventPageView), ReadProblems))]
#[get("/organisations/{organisation}/events")]
async fn list_organisation_events(who: As<SignedIn>, id: web::Path<Uuid>, query: Query<EventParams>) -> Answer {
    events(who, Asked::Organisation(OrganisationId(*id)), query.0).await
}

async fn events<R: Requirement>(who: As<R>, asked: Asked, mut params: EventParams) -> Answer {
    let cursors = &who.state().cursors;
    let (after, limit) = (params.after.take(), params.limit.take());
    let list = list_name("events", asked, &params)?;
    let EventParams { r#type: kind, actor, subject, from, until, .. } = params;
    let before = after.map(|after| cursors.open::<(DateTime<Utc>, Uuid)>(&list, &after)).transpose()?;
    let (before, limit) = (before.map(|(at, id)| (at, EventId(id))), limit.unwrap_or(DEFAULT_LIMIT));
    let filter = Filter { kind, actor: actor.map(UserId), subject, from, until };
    let found =
        who.read_logged(move |conn, caller| Ok(audit::events(conn, caller, asked, &filter, before, limit + 1)?));
    let page = Paged::cut(found.await?, limit);
    let next = page.last(|last| cursors.seal(&list, &(last.occurred_at, last.id.0))).transpose()?;
    let items = page.items.into_iter().map(Into::into).collect();
    Ok(Reply::ok(&EventPageView { items, next: next.clone() })?.next(who.request(), next.as_ref()))
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ReadEntry)]
struct ReadView {
    #[schema(example = "0199f3a0-5b1c-7c3e-8a4d-2f6b9c0d1e2f")]
    id: Uuid,
    /// Who read.
    reader: PersonView,
    /// In whose name.
    #[schema(example = "0199f3a0-5b1c-7c3e-8a4d-2f6b9c0d1e2f")]
    organisation: Option<Uuid>,
    subject: SubjectView,
    /// Whose personal data it was.
    #[schema(example = "0199f3a0-5b1c-7c3e-8a4d-2f6b9c0d1e2f")]
    person: Option<Uuid>,
    /// When, by the database's clock.
    time: DateTime<Utc>,
    /// The request that read.
    #[schema(example = "0199f3a0-5b1c-7c3e-8a4d-2f6b9c0d1e2f")]
    request_id: String,
}

impl From<ReadEntry> for ReadView {
    fn from(entry: ReadEntry) -> Self {
        Self {
            id: entry.id.0,
            reader: entry.reader.into(),
            organisation: entry.organisation.map(|organisation| organisation.0),
            subject: SubjectView { kind: entry.subject_kind, id: entry.subject_id },
            person: entry.person.map(|person| person.0),
            time: entry.read_at,
            request_id: entry.request_id,
        }
    }
}

#[derive(Serialize, ToSchema)]
#[schema(as = ReadEntryPage)]
struct ReadPageView {
    items: Vec<ReadView>,
    /// The cursor of the next page, if there is one.
    #[schema(example = "q1Zb...")]
    next: Option<String>,
}

#[derive(Deserialize, Serialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ReadParams {
    /// Only readings of this thing.
    subject: Option<Uuid>,
    /// `next` of the page before.
    #[param(max_length = 500)]
    after: Option<String>,
    /// How many to give; 50 if not said.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<i64>,
}

/// See who read what on the platform
///
/// For auditors of the platform. The newest first; nothing that is sealed. The reading is kept in the read log.
#[utoipa::path(tag = "audit", params(ReadParams), security(("bearer" = [])),
    responses((status = 200, description = "A page", body = ReadPageView), ReadProblems))]
#[get("/audit/reads")]
async fn list_reads(who: As<PlatformAuditor>, query: Query<ReadParams>) -> Answer {
    reads(who, Asked::Platform, query.0).await
}

/// See who read what in the name of an organisation
///
/// For its auditors and those of the platform; in an organisation that is no agency, for its owners. The newest first.
/// The reading is kept in the read log.
#[utoipa::path(tag = "audit", params(ReadParams, ("organisation" = Uuid, Path, description = "The organisation")),

    security(("bearer" = []), ("api_key" = ["audit:read"])), responses((status = 200, description = "A page", body = ReadPageView), ReadProblems))]
#[get("/organisations/{organisation}/reads")]
async fn list_organisation_reads(who: As<SignedIn>, id: web::Path<Uuid>, query: Query<ReadParams>) -> Answer {
    reads(who, Asked::Organisation(OrganisationId(*id)), query.0).await
}

/// See who read one's own data
///
/// The newest first.
#[utoipa::path(tag = "audit", params(ReadParams), security(("bearer" = [])),
    responses((status = 200, description = "A page", body = ReadPageView), ReadProblems))]
#[get("/account/reads")]
async fn list_reads_about_oneself(who: As<SignedIn>, query: Query<ReadParams>) -> Answer {
    reads(who, Asked::Oneself, query.0).await
}

async fn reads<R: Requirement>(who: As<R>, asked: Asked, mut params: ReadParams) -> Answer {
    let cursors = &who.state().cursors;
    let (after, limit) = (params.after.take(), params.limit.take());
    let list = list_name("reads", asked, &params)?;
    let subject = params.subject;
    let before = after.map(|after| cursors.open::<Uuid>(&list, &after)).transpose()?.map(ReadId);
    let limit = limit.unwrap_or(DEFAULT_LIMIT);
    let found = who.read_logged(move |conn, caller| Ok(audit::reads(conn, caller, asked, subject, before, limit + 1)?));
    let page = Paged::cut(found.await?, limit);
    let next = page.last(|last| cursors.seal(&list, &last.id.0)).transpose()?;
    let items = page.items.into_iter().map(Into::into).collect();
    Ok(Reply::ok(&ReadPageView { items, next: next.clone() })?.next(who.request(), next.as_ref()))
}

/// A list with its filters (but not the place in it), so that a cursor is good for no other.
fn list_name(what: &str, asked: Asked, filters: &impl Serialize) -> Result<String, crate::Error> {
    let filters = serde_json::to_string(filters).map_err(|error| crate::Error::Internal(error.to_string()))?;
    Ok(format!("{what}/{asked:?}?{filters}"))
}
