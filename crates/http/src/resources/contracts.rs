//! Contracts of pilots. Public, except for invoice and payment references.

use super::{bid_consortium::PartnerNameView, milestones::MilestoneView};
use crate::{
    Answer,
    access::{Anyone, As, PilotManager, SignedIn},
    foundation::{Body, ReadProblems, Reply, WriteProblems, query::WriteParams, wire, wire::MoneyView},
};
use actix_web::{get, post, web};
use application::contracts::{self, Detail};
use chrono::{DateTime, Utc};
use domain::{
    ChallengeId, ContractId, ContractStatus,
    contract::{OutcomeDecision, PilotOutcome},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config.service(list_challenge_contracts).service(get_contract).service(sign_contract).service(complete_contract);
}

/// The outcome of a pilot.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = PilotOutcome)]
struct OutcomeWire {
    #[schema(schema_with = wire::outcome_decision, example = "scale_up")]
    decision: OutcomeDecision,
    /// What was learned, failures included.
    #[schema(
        example = "Urgent calls waited 22 seconds instead of 94; dialects remain hard.",
        min_length = 1,
        max_length = 20_000
    )]
    learning: String,
    /// A mark of honour for a failure that taught something.
    #[schema(example = false)]
    brilliant_failure: bool,
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Contract)]
struct ContractView {
    #[schema(example = "0199f3a0-5b1c-7c3e-8a4d-2f6b9c0d1e2f")]
    id: Uuid,
    #[schema(example = "0199f3a0-5b1c-7c3e-8a4d-2f6b9c0d1e2f")]
    challenge: Uuid,
    #[schema(example = "0199f3a0-5b1c-7c3e-8a4d-2f6b9c0d1e2f")]
    agency: Uuid,
    #[schema(example = "0199f3a0-5b1c-7c3e-8a4d-2f6b9c0d1e2f")]
    company: Uuid,
    /// Those who bid together with the company; it signs, and answers for all of them.
    partners: Vec<PartnerNameView>,
    value: MoneyView,
    #[schema(schema_with = wire::contract_status, example = "active")]
    status: ContractStatus,
    agency_signed_at: Option<DateTime<Utc>>,
    company_signed_at: Option<DateTime<Utc>>,
    milestones: Vec<MilestoneView>,
    outcome: Option<OutcomeWire>,
    completed_at: Option<DateTime<Utc>>,
    created_at: DateTime<Utc>,
    /// Grows with each change; the ETag.
    #[schema(example = 1)]
    version: i32,
}

impl From<Detail> for ContractView {
    fn from(detail: Detail) -> Self {
        let Detail { contract, milestones, partners, party } = detail;
        let outcome = contract.outcome.map(|o| OutcomeWire {
            decision: o.decision,
            learning: o.learning,
            brilliant_failure: o.brilliant_failure,
        });
        Self {
            id: contract.id.0,
            challenge: contract.challenge.0,
            agency: contract.agency.0,
            company: contract.company.0,
            partners: partners.into_iter().map(Into::into).collect(),
            value: contract.value.into(),
            status: contract.status,
            agency_signed_at: contract.agency_signature.map(|signature| signature.at),
            company_signed_at: contract.company_signature.map(|signature| signature.at),
            milestones: milestones.into_iter().map(|milestone| MilestoneView::of(milestone, party)).collect(),
            outcome,
            completed_at: contract.completed_at,
            created_at: contract.created_at,
            version: contract.version,
        }
    }
}

#[derive(Serialize, ToSchema)]
#[schema(as = ContractList)]
struct ContractListView {
    items: Vec<ContractView>,
}

/// List the contracts of a challenge
///
/// At most one per pilot; public.
#[utoipa::path(tag = "contracts", params(("challenge" = Uuid, Path, description = "The challenge")),
    security((), ("bearer" = []), ("api_key" = ["contracts:read"])),
    responses((status = 200, description = "The contracts", body = ContractListView), ReadProblems))]
#[get("/challenges/{challenge}/contracts")]
async fn list_challenge_contracts(who: Anyone, id: web::Path<Uuid>) -> Answer {
    who.read(move |conn, viewer| {
        let contracts = contracts::list_of_challenge(conn, viewer, ChallengeId(*id))?;
        Reply::ok(&ContractListView { items: contracts.into_iter().map(Into::into).collect() })
    })
    .await
}

/// See a contract
///
/// Public; invoice and payment references are for the two sides only.
#[utoipa::path(tag = "contracts", params(("contract" = Uuid, Path, description = "The contract")),
    security((), ("bearer" = []), ("api_key" = ["contracts:read"])),
    responses((status = 200, description = "The contract", body = ContractView), ReadProblems))]
#[get("/contracts/{contract}")]
async fn get_contract(who: Anyone, id: web::Path<Uuid>) -> Answer {
    who.read(move |conn, viewer| reply(contracts::find(conn, viewer, ContractId(*id))?)).await
}

/// Sign a contract
///
/// Takes the role `officer` in the agency or `bidder` in the company, after the standstill period.
#[utoipa::path(tag = "contracts", params(WriteParams, ("contract" = Uuid, Path, description = "The contract")),
    security(("bearer" = [])), responses((status = 200, description = "Signed", body = ContractView), WriteProblems))]
#[post("/contracts/{contract}/sign")]
async fn sign_contract(who: As<SignedIn>, id: web::Path<Uuid>) -> Answer {
    who.write(move |conn, caller| reply(contracts::sign(conn, caller, ContractId(*id))?)).await
}

/// Complete a contract
///
/// Takes the role `pilot_manager` in the agency. Every milestone must be paid; the learning is mandatory.
#[utoipa::path(tag = "contracts", params(WriteParams, ("contract" = Uuid, Path, description = "The contract")),
    request_body = OutcomeWire, security(("bearer" = []), ("api_key" = ["contracts:write"])),
    responses((status = 200, description = "Completed", body = ContractView), WriteProblems))]
#[post("/contracts/{contract}/complete")]
async fn complete_contract(who: As<PilotManager>, id: web::Path<Uuid>, body: Body<OutcomeWire>) -> Answer {
    who.write(move |conn, caller| {
        let OutcomeWire { decision, learning, brilliant_failure } = body.0;
        let outcome = PilotOutcome { decision, learning, brilliant_failure };
        reply(contracts::complete(conn, caller, ContractId(*id), outcome)?)
    })
    .await
}

fn reply(detail: Detail) -> Answer {
    let version = detail.contract.version;
    Ok(Reply::ok(&ContractView::from(detail))?.version(version))
}
