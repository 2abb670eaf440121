//! Organisations, as everybody sees them.

use super::organisation_profiles::{AddressWire, SizeClassName};
use crate::{
    Answer,
    access::{Administrator, Anyone, As, SignedIn},
    foundation::{Body, Paged, Query, ReadProblems, Reply, WriteProblems, cursor, query::WriteParams, wire},
};
use actix_web::{get, post, web};
use application::{
    organisation_profiles::{self as profiles, Profiled},
    organisations,
};
use chrono::{DateTime, Utc};
use domain::{OrganisationId, OrganisationKind, Refusal, organisation::Profile};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
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
    /// The agency that this agency is a part of; takes the role `owner` in it. At most five levels.
    #[schema(example = "0199f3a0-5b1c-7c3e-8a4d-2f6b9c0d1e2f")]
    parent: Option<Uuid>,
    /// To try things out: an agency or a company that is in no public list, needs no verification, and takes part in the
    /// challenges of sandboxes only. It stays a sandbox for ever, and its name says so. At most 10 for each owner.
    #[serde(default)]
    #[schema(example = false)]
    sandbox: bool,
}

/// The public side of an organisation.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Organisation)]
pub(crate) struct OrganisationView {
    #[schema(example = "0199f3a0-5b1c-7c3e-8a4d-2f6b9c0d1e2f")]
    pub(crate) id: Uuid,
    #[schema(schema_with = wire::organisation_kind, example = "agency")]
    kind: OrganisationKind,
    #[schema(example = "Northern Emergency Dispatch Centre")]
    legal_name: String,
    #[schema(example = "SI")]
    country: String,
    /// The agency that it is a part of. Roles are not inherited.
    #[schema(example = "0199f3a0-5b1c-7c3e-8a4d-2f6b9c0d1e2f")]
    parent: Option<Uuid>,
    /// The name it trades under.
    #[schema(example = "North 112")]
    trading_name: Option<String>,
    #[schema(example = "5860571000")]
    register_number: Option<String>,
    #[schema(example = "SI50223054")]
    vat_number: Option<String>,
    address: Option<AddressWire>,
    /// As it declares itself (Recommendation 2003/361/EC).
    size_class: Option<SizeClassName>,
    #[schema(example = json!(["speech recognition"]))]
    capabilities: Vec<String>,
    #[schema(example = json!(["72000000"]))]
    cpv_codes: Vec<String>,
    #[schema(example = "https://north.example")]
    website: Option<String>,
    /// When an administrator verified it; an unverified agency cannot publish, an unverified company cannot win.
    verified_at: Option<DateTime<Utc>>,
    /// Whether it only tries things out.
    #[schema(example = false)]
    sandbox: bool,
    created_at: DateTime<Utc>,
    /// Grows with each change, of the profile too; for `If-Match`.
    #[schema(example = 1)]
    pub(crate) version: i32,
}

impl From<Profiled> for OrganisationView {
    fn from(Profiled { organisation, profile, .. }: Profiled) -> Self {
        Self {
            id: organisation.id.0,
            kind: organisation.kind,
            legal_name: organisation.legal_name,
            country: organisation.country,
            parent: organisation.parent.map(|parent| parent.0),
            trading_name: profile.trading_name,
            register_number: profile.register_number,
            vat_number: profile.vat_number.map(|number| number.as_str().to_owned()),
            address: profile.address.map(Into::into),
            size_class: profile.size_class.map(SizeClassName),
            capabilities: profile.capabilities,
            cpv_codes: profile.cpv_codes.iter().map(ToString::to_string).collect(),
            website: profile.website,
            verified_at: organisation.verified_at,
            sandbox: organisation.sandbox,
            created_at: organisation.created_at,
            version: organisation.version,
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
        let RegisterOrganisation { kind, legal_name, country, parent, sandbox } = body.0;
        let organisation = match parent.map(OrganisationId) {
            Some(_) if sandbox => {
                return Err(Refusal::invalid("/parent", "not_allowed", "a sandbox is no part of an agency").into());
            }
            None if sandbox => organisations::register_sandbox(conn, caller, kind, &legal_name, &country)?,
            Some(parent) => organisations::register_part(conn, caller, kind, &legal_name, &country, parent)?,
            None => organisations::register(conn, caller, kind, &legal_name, &country)?,
        };
        let (version, location) = (organisation.version, format!("/api/v1/organisations/{}", organisation.id));
        let view = OrganisationView::from(Profiled { organisation, profile: Profile::default(), masked_iban: None });
        Ok(Reply::created(location, &view)?.version(version))
    })
    .await
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ListParams {
    /// Only the parts of this agency.
    parent: Option<Uuid>,
    /// The beginning of the legal name, in any case.
    #[param(min_length = 2, max_length = 100)]
    q: Option<String>,
    /// `next` of the page before.
    #[param(max_length = 500)]
    after: Option<String>,
    /// How many to give; 50 if not said.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<i64>,
}

/// List organisations
///
/// All of them but sandboxes, the parts of one, or those whose name begins with `q`, in the order in which they came.
#[utoipa::path(tag = "organisations", params(ListParams),
    security((), ("bearer" = []), ("api_key" = ["organisations:read"])),
    responses((status = 200, description = "A page", body = OrganisationPageView), ReadProblems))]
#[get("/organisations")]
async fn list_organisations(who: Anyone, query: Query<ListParams>) -> Answer {
    let ListParams { parent, q, after, limit } = query.0;
    let (cursors, limit) = (&who.state().cursors, limit.unwrap_or(cursor::DEFAULT_LIMIT));
    let list = format!("organisations?parent={parent:?}&q={q:?}");
    let after = after.map(|after| cursors.open::<Uuid>(&list, &after)).transpose()?;
    let page = who
        .read(move |conn, _| {
            let (parent, after) = (parent.map(OrganisationId), after.map(OrganisationId));
            Ok(Paged::cut(profiles::list(conn, parent, q.as_deref(), after, limit + 1)?, limit))
        })
        .await?;
    let next = page.last(|last| cursors.seal(&list, &last.organisation.id.0)).transpose()?;
    let items = page.items.into_iter().map(Into::into).collect();
    Ok(Reply::ok(&OrganisationPageView { items, next: next.clone() })?.next(who.request(), next.as_ref()))
}

/// See an organisation
///
/// Its public side. Sandboxes are for whoever belongs to one.
#[utoipa::path(tag = "organisations", params(("organisation" = Uuid, Path, description = "Its id")),
    security((), ("bearer" = []), ("api_key" = ["organisations:read"])),
    responses((status = 200, description = "The organisation", body = OrganisationView), ReadProblems))]
#[get("/organisations/{organisation}")]
async fn get_organisation(who: Anyone, id: web::Path<Uuid>) -> Answer {
    who.read(move |conn, viewer| reply(profiles::find(conn, viewer, OrganisationId(*id))?)).await
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
        let organisation = organisations::verify(conn, caller, OrganisationId(*id), &body.0.reason)?;
        reply(profiles::with_profile(conn, organisation)?)
    })
    .await
}

/// The public side with its version.
pub(crate) fn reply(found: Profiled) -> Answer {
    let view = OrganisationView::from(found);
    Ok(Reply::ok(&view)?.version(view.version))
}
