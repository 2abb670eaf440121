//! What administrators do about people and organisations. Nobody can act as somebody else.

use crate::{
    Answer,
    access::{Administrator, As, Recent},
    foundation::{Body, Paged, Query, ReadProblems, Reply, WriteProblems, cursor::DEFAULT_LIMIT, query::WriteParams},
};
use actix_web::{get, post, put, web};
use application::administration;
use chrono::{DateTime, Utc};
use domain::{OrganisationId, UserId, administration::Person};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(list_users)
        .service(get_user)
        .service(suspend_user)
        .service(reinstate_user)
        .service(appoint_user)
        .service(suspend_organisation)
        .service(reinstate_organisation);
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = User)]
struct UserView {
    #[schema(example = "0199f3a0-5b1c-7c3e-8a4d-2f6b9c0d1e2f")]
    id: Uuid,
    #[schema(example = "ana.kos@dispatch.example")]
    email: String,
    #[schema(example = "Ana Kos")]
    name: String,
    /// Runs the platform.
    #[schema(example = false)]
    administrator: bool,
    /// Audits the platform.
    #[schema(example = false)]
    auditor: bool,
    created_at: DateTime<Utc>,
    /// When the person last logged in or refreshed a session.
    last_active_at: Option<DateTime<Utc>>,
    /// Since when an administrator keeps the person out.
    suspended_at: Option<DateTime<Utc>>,
    /// Why.
    #[schema(example = "The account was used by somebody else.")]
    suspension_reason: Option<String>,
    /// Since when the account sleeps, because nobody used it.
    deactivated_at: Option<DateTime<Utc>>,
}

impl From<Person> for UserView {
    fn from(person: Person) -> Self {
        Self {
            id: person.id.0,
            email: person.email.as_str().to_owned(),
            name: person.name,
            administrator: person.administrator,
            auditor: person.auditor,
            created_at: person.created_at,
            last_active_at: person.last_active_at,
            suspended_at: person.suspended_at,
            suspension_reason: person.suspension_reason,
            deactivated_at: person.deactivated_at,
        }
    }
}

#[derive(Serialize, ToSchema)]
#[schema(as = UserPage)]
struct UserPageView {
    items: Vec<UserView>,
    /// The cursor of the next page, if there is one.
    #[schema(example = "q1Zb...")]
    next: Option<String>,
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct UserParams {
    /// Part of a name or an address, in any case.
    #[param(min_length = 2, max_length = 100)]
    q: Option<String>,
    /// `next` of the page before.
    #[param(max_length = 500)]
    after: Option<String>,
    /// How many to give; 50 if not said.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<i64>,
}

/// Search people
///
/// Takes an administrator. Each person shown finds in the read log who looked.
#[utoipa::path(tag = "administration", params(UserParams), security(("bearer" = [])),
    responses((status = 200, description = "A page", body = UserPageView), ReadProblems))]
#[get("/users")]
async fn list_users(who: As<Administrator>, query: Query<UserParams>) -> Answer {
    let cursors = &who.state().cursors;
    let UserParams { q, after, limit } = query.0;
    let (list, limit) = (format!("users?q={}", q.as_deref().unwrap_or_default()), limit.unwrap_or(DEFAULT_LIMIT));
    let after = after.map(|after| cursors.open::<Uuid>(&list, &after)).transpose()?;
    let people = who.read_logged(move |conn, caller| {
        Ok(administration::list_people(conn, caller, q.as_deref(), after.map(UserId), limit + 1)?)
    });
    let page = Paged::cut(people.await?, limit);
    let next = page.last(|last| cursors.seal(&list, &last.id.0)).transpose()?;
    let items = page.items.into_iter().map(Into::into).collect();
    Ok(Reply::ok(&UserPageView { items, next: next.clone() })?.next(who.request(), next.as_ref()))
}

/// See a person
///
/// Takes an administrator. The person finds in the read log who looked.
#[utoipa::path(tag = "administration", params(("user" = Uuid, Path, description = "The person")),
    security(("bearer" = [])), responses((status = 200, description = "The person", body = UserView), ReadProblems))]
#[get("/users/{user}")]
async fn get_user(who: As<Administrator>, id: web::Path<Uuid>) -> Answer {
    who.read_logged(move |conn, caller| reply(administration::find_person(conn, caller, UserId(*id))?)).await
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct SuspendUser {
    /// Why; the person is told.
    #[schema(example = "The account was used by somebody else.", min_length = 1, max_length = 1000)]
    reason: String,
}

/// Suspend a person
///
/// Takes an administrator. The person is logged out everywhere at once and cannot log in; what they did stays on record.
#[utoipa::path(tag = "administration", params(WriteParams, ("user" = Uuid, Path, description = "The person")),
    request_body = SuspendUser, security(("bearer" = [])),
    responses((status = 200, description = "Suspended", body = UserView), WriteProblems))]
#[post("/users/{user}/suspend")]
async fn suspend_user(who: As<Administrator>, id: web::Path<Uuid>, body: Body<SuspendUser>) -> Answer {
    who.write(move |conn, caller| reply(administration::suspend_person(conn, caller, UserId(*id), &body.0.reason)?))
        .await
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ReinstateUser {
    /// Why; the person is told.
    #[schema(example = "The password was changed.", min_length = 1, max_length = 1000)]
    reason: String,
}

/// Lift the suspension of a person
///
/// Takes an administrator.
#[utoipa::path(tag = "administration", params(WriteParams, ("user" = Uuid, Path, description = "The person")),
    request_body = ReinstateUser, security(("bearer" = [])),
    responses((status = 200, description = "Reinstated", body = UserView), WriteProblems))]
#[post("/users/{user}/reinstate")]
async fn reinstate_user(who: As<Administrator>, id: web::Path<Uuid>, body: Body<ReinstateUser>) -> Answer {
    who.write(move |conn, caller| reply(administration::reinstate_person(conn, caller, UserId(*id), &body.0.reason)?))
        .await
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct AppointUser {
    /// Runs the platform.
    #[schema(example = false)]
    administrator: bool,
    /// Audits the platform; not together with `administrator`.
    #[schema(example = true)]
    auditor: bool,
}

/// Decide who runs and who audits the platform
///
/// Takes an administrator and a step-up; not for one's own account. The platform always keeps an administrator.
#[utoipa::path(tag = "administration", params(WriteParams, ("user" = Uuid, Path, description = "The person")),
    request_body = AppointUser, security(("bearer" = [])),
    responses((status = 200, description = "Decided", body = UserView), WriteProblems))]
#[put("/users/{user}/platform-roles")]
async fn appoint_user(who: As<Recent<Administrator>>, id: web::Path<Uuid>, body: Body<AppointUser>) -> Answer {
    who.write(move |conn, caller| {
        let AppointUser { administrator, auditor } = body.0;
        reply(administration::appoint(conn, caller, UserId(*id), administrator, auditor)?)
    })
    .await
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct SuspendOrganisation {
    /// Why; public.
    #[schema(example = "The register says that the company was dissolved.", min_length = 1, max_length = 1000)]
    reason: String,
}

/// Suspend an organisation
///
/// Takes an administrator. From now on its members can read, and do nothing in its name. Its owners are told.
#[utoipa::path(tag = "administration", params(WriteParams,
        ("organisation" = Uuid, Path, description = "The organisation")),
    request_body = SuspendOrganisation, security(("bearer" = [])),
    responses((status = 204, description = "Suspended"), WriteProblems))]
#[post("/organisations/{organisation}/suspend")]
async fn suspend_organisation(who: As<Administrator>, id: web::Path<Uuid>, body: Body<SuspendOrganisation>) -> Answer {
    who.write(move |conn, caller| {
        administration::suspend_organisation(conn, caller, OrganisationId(*id), &body.0.reason)?;
        Ok(Reply::no_content())
    })
    .await
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ReinstateOrganisation {
    /// Why; public.
    #[schema(example = "The register was wrong.", min_length = 1, max_length = 1000)]
    reason: String,
}

/// Lift the suspension of an organisation
///
/// Takes an administrator. Its owners are told.
#[utoipa::path(tag = "administration", params(WriteParams,
        ("organisation" = Uuid, Path, description = "The organisation")),
    request_body = ReinstateOrganisation, security(("bearer" = [])),
    responses((status = 204, description = "Reinstated"), WriteProblems))]
#[post("/organisations/{organisation}/reinstate")]
async fn reinstate_organisation(
    who: As<Administrator>,
    id: web::Path<Uuid>,
    body: Body<ReinstateOrganisation>,
) -> Answer {
    who.write(move |conn, caller| {
        administration::reinstate_organisation(conn, caller, OrganisationId(*id), &body.0.reason)?;
        Ok(Reply::no_content())
    })
    .await
}

fn reply(person: Person) -> Answer {
    Reply::ok(&UserView::from(person))
}
