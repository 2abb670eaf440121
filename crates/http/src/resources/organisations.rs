//! Agencies and companies.

use crate::{
    Answer,
    access::{Administrator, Anyone, As, SignedIn},
    foundation::{Body, PageParams, Paged, Query, ReadProblems, Reply, WriteProblems, query::WriteParams, wire},
};
use actix_web::{get, post, web};
use application::organisations;
use chrono::{DateTime, Utc};
use domain::{Organisation, OrganisationId, OrganisationKind};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(register_organisation)
        .service(list_organisations)
        .service(get_organisation)
        .service(verify_organisation);
}

#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct RegisterOrganisation {
    /// An agency publishes challenges, a company bids.
    #[schema(schema_with = wire::organisation_kind, example = "agency")]
    kind: OrganisationKind,
    /// As in the register.
    #[schema(example = "Northern Emergency Dispatch Centre", min_length = 1, max_length = 200)]
    legal_name: String,
    /// ISO 3166-1 alpha-2.
    #[schema(example = "SI", pattern = "^[A-Z]{2}$")]
    country: String,
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Organisation)]
struct OrganisationView {
    #[schema(example = "0199f3a0-5b1c-7c3e-8a4d-2f6b9c0d1e2f")]
    id: Uuid,
    #[schema(schema_with = wire::organisation_kind, example = "agency")]
    kind: OrganisationKind,
    #[schema(example = "Northern Emergency Dispatch Centre")]
    legal_name: String,
    #[schema(example = "SI")]
    country: String,
    /// When an administrator verified it; an unverified agency cannot publish, an unverified company cannot win.
    verified_at: Option<DateTime<Utc>>,
    created_at: DateTime<Utc>,
}

impl From<Organisation> for OrganisationView {
    fn from(organisation: Organisation) -> Self {
        Self {
            id: organisation.id.0,
            kind: organisation.kind,
            legal_name: organisation.legal_name,
            country: organisation.country,
            verified_at: organisation.verified_at,
            created_at: organisation.created_at,
        }
    }
}

#[derive(Serialize, ToSchema)]
#[schema(as = OrganisationPage)]
struct OrganisationPageView {
    items: Vec<OrganisationView>,
    /// The cursor of the next page, if there is one.
    #[schema(example = "q1Zb...")]
    next: Option<String>,
}

/// Register an organisation
///
/// The caller becomes its owner. It starts unverified.
#[utoipa::path(tag = "organisations", params(WriteParams), request_body = RegisterOrganisation,
    security(("bearer" = [])),
    responses((status = 201, description = "Registered", body = OrganisationView), WriteProblems))]
#[post("/organisations")]
async fn register_organisation(who: As<SignedIn>, body: Body<RegisterOrganisation>) -> Answer {
    who.write(move |conn, caller| {
        let RegisterOrganisation { kind, legal_name, country } = body.0;
        reply(organisations::register(conn, caller, kind, &legal_name, &country)?, true)
    })
    .await
}

/// List organisations
///
/// All of them, in the order in which they came.
#[utoipa::path(tag = "organisations", params(PageParams),
    responses((status = 200, description = "A page", body = OrganisationPageView), ReadProblems))]
#[get("/organisations")]
async fn list_organisations(who: Anyone, query: Query<PageParams>) -> Answer {
    let cursors = &who.state().cursors;
    let (after, limit) = query.0.read::<Uuid>(cursors, "organisations")?;
    let page = who
        .read(move |conn, _| {
            let rows = organisations::list(conn, after.map(OrganisationId), limit + 1)?;
            Ok(Paged::cut(rows, limit))
        })
        .await?;
    let next = page.last(|last| cursors.seal("organisations", &last.id.0)).transpose()?;
    let items = page.items.into_iter().map(Into::into).collect();
    Ok(Reply::ok(&OrganisationPageView { items, next: next.clone() })?.next(who.request(), next.as_ref()))
}

/// See an organisation
#[utoipa::path(tag = "organisations", params(("organisation" = Uuid, Path, description = "Its id")),
    responses((status = 200, description = "The organisation", body = OrganisationView), ReadProblems))]
#[get("/organisations/{organisation}")]
async fn get_organisation(who: Anyone, id: web::Path<Uuid>) -> Answer {
    who.read(move |conn, _| reply(organisations::find(conn, OrganisationId(*id))?, false)).await
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct VerifyOrganisation {
    /// How it was verified; public.
    #[schema(example = "Checked against the business register on 3 November 2026.", min_length = 1, max_length = 1000)]
    reason: String,
}

/// Verify an organisation
///
/// An administrator confirms that the organisation is who it says it is.
#[utoipa::path(tag = "organisations", params(WriteParams, ("organisation" = Uuid, Path, description = "Its id")),
    request_body = VerifyOrganisation, security(("bearer" = [])),
    responses((status = 200, description = "Verified", body = OrganisationView), WriteProblems))]
#[post("/organisations/{organisation}/verify")]
async fn verify_organisation(who: As<Administrator>, id: web::Path<Uuid>, body: Body<VerifyOrganisation>) -> Answer {
    who.write(move |conn, caller| {
        reply(organisations::verify(conn, caller, OrganisationId(*id), &body.0.reason)?, false)
    })
    .await
}

fn reply(organisation: Organisation, new: bool) -> Answer {
    let version = organisation.version;
    let view = OrganisationView::from(organisation);
    let reply =
        if new { Reply::created(format!("/api/v1/organisations/{}", view.id), &view) } else { Reply::ok(&view) };
    Ok(reply?.version(version))
}
