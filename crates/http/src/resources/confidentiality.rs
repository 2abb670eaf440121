//! Promising to keep what is confidential, before reading it.

use crate::{
    Answer,
    access::{As, Bidder},
    foundation::{Body, Reply, WriteProblems, query::WriteParams},
};
use actix_web::{post, web};
use application::confidentiality;
use chrono::{DateTime, Utc};
use domain::{ChallengeId, OrganisationId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config.service(agree_to_confidentiality);
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct AgreeToConfidentiality {
    /// The company that promises.
    #[schema(example = "0199f3a0-5b1c-7c3e-8a4d-2f6b9c0d1e2f")]
    company: Uuid,
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ConfidentialityAgreement)]
struct AgreementView {
    /// The company that promises.
    #[schema(example = "0199f3a0-5b1c-7c3e-8a4d-2f6b9c0d1e2f")]
    company: Uuid,
    /// SHA-256 of the text that was agreed to.
    #[schema(example = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08")]
    agreement_hash: String,
    /// Who agreed for the company.
    #[schema(example = "0199f3a0-5b1c-7c3e-8a4d-2f6b9c0d1e2f")]
    signatory: Uuid,
    agreed_at: DateTime<Utc>,
}

/// Agree to keep what is confidential
///
/// Takes the role `bidder` in the company, whose members then read the confidential details of the challenge. Only the
/// company learns that it agreed: it would tell who may bid. If the text of the agreement changes, it is asked again.
#[utoipa::path(tag = "challenges", params(WriteParams, ("challenge" = Uuid, Path, description = "The challenge")),
    request_body = AgreeToConfidentiality, security(("bearer" = [])),
    responses((status = 200, description = "Agreed", body = AgreementView), WriteProblems))]
#[post("/challenges/{challenge}/confidentiality-agreements")]
async fn agree_to_confidentiality(who: As<Bidder>, id: web::Path<Uuid>, body: Body<AgreeToConfidentiality>) -> Answer {
    who.write(move |conn, caller| {
        let agreed = confidentiality::agree(conn, caller, ChallengeId(*id), OrganisationId(body.0.company))?;
        Reply::ok(&AgreementView {
            company: agreed.company.0,
            agreement_hash: agreed.agreement_hash,
            signatory: agreed.signatory.0,
            agreed_at: agreed.agreed_at,
        })
    })
    .await
}
