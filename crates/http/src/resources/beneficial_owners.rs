//! Who is behind an organisation.

use crate::{
    Answer,
    access::{As, Owner, Recent, SignedIn},
    foundation::{Body, EditProblems, Precondition, ReadProblems, Reply, query::WriteParams, wire},
};
use actix_web::{get, put, web};
use application::organisation_profiles as profiles;
use domain::{
    OrganisationId,
    organisation::{BeneficialOwner, BeneficialOwnerDraft, Control},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config.service(list_beneficial_owners).service(name_beneficial_owners);
}

/// A natural person who owns or controls the organisation in the end (Directive (EU) 2015/849, art. 3(6)).
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = BeneficialOwner)]
struct BeneficialOwnerWire {
    #[schema(example = "Mira Novak", min_length = 1, max_length = 200)]
    name: String,
    /// Where the person lives: ISO 3166-1 alpha-2.
    #[schema(example = "SI", pattern = "^[A-Z]{2}$")]
    country: String,
    /// Percent, a decimal; needed for `ownership` and `voting_rights`, and only there.
    #[schema(example = "62.5", pattern = r"^[0-9]{1,3}(\.[0-9]{1,4})?$")]
    share: Option<String>,
    #[schema(schema_with = wire::control, example = "ownership")]
    control: Control,
}

impl From<BeneficialOwner> for BeneficialOwnerWire {
    fn from(BeneficialOwner { name, country, share, control }: BeneficialOwner) -> Self {
        Self { name, country, share: share.map(|share| share.to_string()), control }
    }
}

impl From<BeneficialOwnerWire> for BeneficialOwnerDraft {
    fn from(BeneficialOwnerWire { name, country, share, control }: BeneficialOwnerWire) -> Self {
        Self { name, country, share, control }
    }
}

/// All beneficial owners.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = BeneficialOwners)]
struct BeneficialOwnersWire {
    #[schema(max_items = 50)]
    items: Vec<BeneficialOwnerWire>,
}

fn reply((owners, version): (Vec<BeneficialOwner>, i32)) -> Answer {
    let items = owners.into_iter().map(Into::into).collect();
    Ok(Reply::ok(&BeneficialOwnersWire { items })?.version(version))
}

/// List the beneficial owners of an organisation
///
/// For its members, for administrators and for auditors of the platform; never public. The read log says who asked.
#[utoipa::path(tag = "organisations", params(("organisation" = Uuid, Path, description = "Its id")),
    security(("bearer" = [])),
    responses((status = 200, description = "The beneficial owners", body = BeneficialOwnersWire), ReadProblems))]
#[get("/organisations/{organisation}/beneficial-owners")]
async fn list_beneficial_owners(who: As<SignedIn>, id: web::Path<Uuid>) -> Answer {
    who.read_logged(move |conn, caller| reply(profiles::beneficial_owners(conn, caller, OrganisationId(*id))?)).await
}

/// Name the beneficial owners of an organisation
///
/// Takes the role `owner` and a step-up. The list becomes what is sent.
#[utoipa::path(tag = "organisations", params(WriteParams,
        ("organisation" = Uuid, Path, description = "Its id"),
        ("If-Match" = String, Header, description = "The ETag that was read, here or of the organisation")),
    request_body = BeneficialOwnersWire, security(("bearer" = [])),
    responses((status = 200, description = "Named", body = BeneficialOwnersWire), EditProblems))]
#[put("/organisations/{organisation}/beneficial-owners")]
async fn name_beneficial_owners(
    who: As<Recent<Owner>>,
    id: web::Path<Uuid>,
    seen: Precondition,
    body: Body<BeneficialOwnersWire>,
) -> Answer {
    who.write(move |conn, caller| {
        let drafts = body.0.items.into_iter().map(Into::into).collect();
        reply(profiles::name_beneficial_owners(conn, caller, OrganisationId(*id), Some(seen.0), drafts)?)
    })
    .await
}
