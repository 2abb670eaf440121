//! Milestones: delivered, accepted or rejected, invoiced, paid.

use crate::{
    Answer,
    access::{Anyone, As, Bidder, Finance, PilotManager, Recent},
    foundation::{Body, ReadProblems, Reply, WriteProblems, query::WriteParams, wire, wire::MoneyView},
};
use actix_web::{get, post, web};
use application::contracts;
use chrono::{DateTime, Utc};
use domain::{Milestone, MilestoneId, MilestoneStatus};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(get_milestone)
        .service(deliver_milestone)
        .service(accept_milestone)
        .service(reject_milestone)
        .service(invoice_milestone)
        .service(pay_milestone);
}

/// One step of a pilot.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Milestone)]
pub(crate) struct MilestoneView {
    #[schema(example = "0199f3a0-5b1c-7c3e-8a4d-2f6b9c0d1e2f")]
    id: Uuid,
    #[schema(example = "0199f3a0-5b1c-7c3e-8a4d-2f6b9c0d1e2f")]
    contract: Uuid,
    /// 1 for the first.
    #[schema(example = 1)]
    number: i32,
    #[schema(example = "Model trained on recorded calls")]
    title: String,
    amount: MoneyView,
    due_at: DateTime<Utc>,
    #[schema(schema_with = wire::milestone_status, example = "delivered")]
    status: MilestoneStatus,
    #[schema(example = "Report and model card are in the shared folder.")]
    delivery_note: Option<String>,
    delivered_at: Option<DateTime<Utc>>,
    decided_at: Option<DateTime<Utc>>,
    #[schema(example = "The evaluation leaves out night calls.")]
    rejection_reason: Option<String>,
    /// For the two sides only.
    #[schema(example = "2026-0042")]
    invoice_number: Option<String>,
    invoiced_at: Option<DateTime<Utc>>,
    /// For the two sides only.
    #[schema(example = "SI56 2026-0042")]
    payment_reference: Option<String>,
    paid_at: Option<DateTime<Utc>>,
    /// Grows with each change; the ETag.
    #[schema(example = 1)]
    version: i32,
}

impl MilestoneView {
    /// What a `party` to the contract, or everybody else, gets.
    pub(crate) fn of(milestone: Milestone, party: bool) -> Self {
        Self {
            id: milestone.id.0,
            contract: milestone.contract.0,
            number: milestone.number,
            title: milestone.title,
            amount: milestone.amount.into(),
            due_at: milestone.due_at,
            status: milestone.status,
            delivery_note: milestone.delivery_note.filter(|_| party),
            delivered_at: milestone.delivered_at,
            decided_at: milestone.decided_at,
            rejection_reason: milestone.rejection_reason.filter(|_| party),
            invoice_number: milestone.invoice_number.filter(|_| party),
            invoiced_at: milestone.invoiced_at,
            payment_reference: milestone.payment_reference.filter(|_| party),
            paid_at: milestone.paid_at,
            version: milestone.version,
        }
    }
}

/// See a milestone
///
/// Public; notes, reasons and references are for the two sides only.
#[utoipa::path(tag = "contracts", params(("milestone" = Uuid, Path, description = "The milestone")),
    security((), ("bearer" = []), ("api_key" = ["contracts:read"])),
    responses((status = 200, description = "The milestone", body = MilestoneView), ReadProblems))]
#[get("/milestones/{milestone}")]
async fn get_milestone(who: Anyone, id: web::Path<Uuid>) -> Answer {
    who.read(move |conn, viewer| {
        let (milestone, party) = contracts::find_milestone(conn, viewer, MilestoneId(*id))?;
        reply(milestone, party)
    })
    .await
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct DeliverMilestone {
    /// What was delivered, and where it is.
    #[schema(example = "Report and model card are in the shared folder.", min_length = 1, max_length = 5000)]
    note: String,
}

/// Deliver a milestone
///
/// Takes the role `bidder` in the company.
#[utoipa::path(tag = "contracts", params(WriteParams, ("milestone" = Uuid, Path, description = "The milestone")),
    request_body = DeliverMilestone, security(("bearer" = []), ("api_key" = ["contracts:write"])),
    responses((status = 200, description = "Delivered", body = MilestoneView), WriteProblems))]
#[post("/milestones/{milestone}/deliver")]
async fn deliver_milestone(who: As<Bidder>, id: web::Path<Uuid>, body: Body<DeliverMilestone>) -> Answer {
    who.write(move |conn, caller| reply(contracts::deliver(conn, caller, MilestoneId(*id), &body.0.note)?, true)).await
}

/// Accept a delivery
///
/// Takes the role `pilot_manager` in the agency.
#[utoipa::path(tag = "contracts", params(WriteParams, ("milestone" = Uuid, Path, description = "The milestone")),
    security(("bearer" = []), ("api_key" = ["contracts:write"])),
    responses((status = 200, description = "Accepted", body = MilestoneView), WriteProblems))]
#[post("/milestones/{milestone}/accept")]
async fn accept_milestone(who: As<PilotManager>, id: web::Path<Uuid>) -> Answer {
    who.write(move |conn, caller| reply(contracts::accept(conn, caller, MilestoneId(*id))?, true)).await
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct RejectMilestone {
    /// What is missing.
    #[schema(example = "The evaluation leaves out night calls.", min_length = 1, max_length = 5000)]
    reason: String,
}

/// Reject a delivery
///
/// Takes the role `pilot_manager` in the agency. The company may deliver again.
#[utoipa::path(tag = "contracts", params(WriteParams, ("milestone" = Uuid, Path, description = "The milestone")),
    request_body = RejectMilestone, security(("bearer" = []), ("api_key" = ["contracts:write"])),
    responses((status = 200, description = "Rejected", body = MilestoneView), WriteProblems))]
#[post("/milestones/{milestone}/reject")]
async fn reject_milestone(who: As<PilotManager>, id: web::Path<Uuid>, body: Body<RejectMilestone>) -> Answer {
    who.write(move |conn, caller| reply(contracts::reject(conn, caller, MilestoneId(*id), &body.0.reason)?, true)).await
}

#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct InvoiceMilestone {
    /// The company's own number of the invoice.
    #[schema(example = "2026-0042", min_length = 1, max_length = 50)]
    invoice_number: String,
}

/// Invoice an accepted milestone
///
/// Takes the role `bidder` in the company.
#[utoipa::path(tag = "contracts", params(WriteParams, ("milestone" = Uuid, Path, description = "The milestone")),
    request_body = InvoiceMilestone, security(("bearer" = []), ("api_key" = ["contracts:write"])),
    responses((status = 200, description = "Invoiced", body = MilestoneView), WriteProblems))]
#[post("/milestones/{milestone}/invoice")]
async fn invoice_milestone(who: As<Bidder>, id: web::Path<Uuid>, body: Body<InvoiceMilestone>) -> Answer {
    who.write(move |conn, caller| {
        reply(contracts::invoice(conn, caller, MilestoneId(*id), &body.0.invoice_number)?, true)
    })
    .await
}

#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct PayMilestone {
    /// The bank's reference of the payment.
    #[schema(example = "SI56 2026-0042", min_length = 1, max_length = 140)]
    payment_reference: String,
}

/// Confirm the payment of a milestone
///
/// Takes the role `finance` in the agency, and a step-up.
#[utoipa::path(tag = "contracts", params(WriteParams, ("milestone" = Uuid, Path, description = "The milestone")),
    request_body = PayMilestone, security(("bearer" = [])),
    responses((status = 200, description = "Paid", body = MilestoneView), WriteProblems))]
#[post("/milestones/{milestone}/pay")]
async fn pay_milestone(who: As<Recent<Finance>>, id: web::Path<Uuid>, body: Body<PayMilestone>) -> Answer {
    who.write(move |conn, caller| {
        reply(contracts::pay(conn, caller, MilestoneId(*id), &body.0.payment_reference)?, true)
    })
    .await
}

fn reply(milestone: Milestone, party: bool) -> Answer {
    let version = milestone.version;
    Ok(Reply::ok(&MilestoneView::of(milestone, party))?.version(version))
}
