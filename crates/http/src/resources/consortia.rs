//! Bidding together: a lead asks partners, and they confirm.

use super::{bid_consortium::PartnerNameView, challenge_view::SummaryView};
use crate::{
    Answer,
    access::{As, Bidder, SignedIn},
    foundation::{
        Body, EditProblems, PageParams, Paged, Precondition, Query, ReadProblems, Reply, WriteProblems,
        query::WriteParams, wire,
    },
};
use actix_web::{delete, get, post, put, web};
use application::consortia::{self, Visible};
use chrono::{DateTime, Utc};
use domain::{
    BidStatus, ChallengeId, ConsortiumId, OrganisationId,
    consortium::{Partner, PartnerStatus},
};
use persistence::bid_partners::NamingBid;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(form_consortium)
        .service(get_consortium)
        .service(list_consortia)
        .service(ask_partner)
        .service(change_part)
        .service(remove_partner)
        .service(confirm_part)
        .service(decline_part);
}

/// Organisations that bid together, as far as the reader may see them.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Consortium)]
struct ConsortiumView {
    #[schema(example = "0199f3a0-5b1c-7c3e-8a4d-2f6b9c0d1e2f")]
    id: Uuid,
    challenge: SummaryView,
    /// The company that hands in the bid, and answers for it.
    lead: PartnerNameView,
    /// The others, in the order in which they were asked.
    partners: Vec<PartnerView>,
    /// Grows whenever the lead changes who takes part, or what somebody would do. A partner confirms one of its values.
    #[schema(example = 3)]
    composition: i32,
    /// The newest bid that names it, without its content: for the lead, and for the partners that it names.
    bid: Option<NamingBidView>,
    created_at: DateTime<Utc>,
    /// Grows with each change; the ETag.
    #[schema(example = 5)]
    version: i32,
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Partner)]
struct PartnerView {
    organisation: PartnerNameView,
    /// What it would do.
    #[schema(example = "Records the calls at its two sites, and tests with call takers.")]
    part: String,
    /// What it says; for the lead, and for the partner itself.
    #[schema(schema_with = wire::partner_status, example = "confirmed")]
    status: Option<PartnerStatus>,
    /// When it was asked last; for the same two.
    asked_at: Option<DateTime<Utc>>,
    /// When it answered last; for the same two.
    answered_at: Option<DateTime<Utc>>,
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = NamingBid)]
struct NamingBidView {
    #[schema(example = "0199f3a0-5b1c-7c3e-8a4d-2f6b9c0d1e2f")]
    id: Uuid,
    #[schema(schema_with = wire::bid_status, example = "submitted")]
    status: BidStatus,
    /// 1 for the first submission, one more with each replacement.
    #[schema(example = 1)]
    revision: i32,
    /// When this revision was received.
    submitted_at: DateTime<Utc>,
    /// The signed receipt for what was last done with it; the company has it.
    #[schema(example = "0199f3a0-5b1c-7c3e-8a4d-2f6b9c0d1e2f")]
    receipt: Option<Uuid>,
}

impl From<Visible> for ConsortiumView {
    fn from(visible: Visible) -> Self {
        let Visible { consortium, challenge, names, led, own, bid, receipt } = visible;
        let named = |id: OrganisationId| {
            let name = names.iter().find(|(known, _)| *known == id).map(|(_, name)| name.clone());
            PartnerNameView::from((id, name.unwrap_or_default()))
        };
        let partner = |partner: Partner| {
            let told = led || own.contains(&partner.organisation);
            PartnerView {
                organisation: named(partner.organisation),
                part: partner.part,
                status: Some(partner.status).filter(|_| told),
                asked_at: Some(partner.asked_at).filter(|_| told),
                answered_at: partner.answered_at.filter(|_| told),
            }
        };
        let bid = bid.map(|NamingBid { bid, status, revision, submitted_at, .. }| NamingBidView {
            id: bid.0,
            status,
            revision,
            submitted_at,
            receipt: receipt.map(|receipt| receipt.0),
        });
        Self {
            id: consortium.id.0,
            challenge: challenge.into(),
            lead: named(consortium.lead),
            partners: consortium.partners.into_iter().map(partner).collect(),
            composition: consortium.composition,
            bid,
            created_at: consortium.created_at,
            version: consortium.version,
        }
    }
}

fn reply(visible: Visible) -> Answer {
    let version = visible.consortium.version;
    Ok(Reply::ok(&ConsortiumView::from(visible))?.version(version))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct FormConsortium {
    /// The company that will hand in the bid; the caller has the role `bidder` in it.
    #[schema(example = "0199f3a0-5b1c-7c3e-8a4d-2f6b9c0d1e2f")]
    lead: Uuid,
}

/// Form a consortium
///
/// To bid together with other organisations: one for each challenge and lead, before the deadline. Nobody but the lead and
/// those it asks learns of it, before a bid that names it is opened. Takes the role `bidder` in the lead.
#[utoipa::path(tag = "bids", params(WriteParams, ("challenge" = Uuid, Path, description = "The challenge")),
    request_body = FormConsortium, security(("bearer" = []), ("api_key" = ["bids:write"])),
    responses((status = 201, description = "Formed", body = ConsortiumView), WriteProblems))]
#[post("/challenges/{challenge}/consortia")]
async fn form_consortium(who: As<Bidder>, challenge: web::Path<Uuid>, body: Body<FormConsortium>) -> Answer {
    who.write(move |conn, caller| {
        let formed = consortia::form(conn, caller, ChallengeId(*challenge), OrganisationId(body.0.lead))?;
        let (location, version) = (format!("/api/v1/consortia/{}", formed.consortium.id), formed.consortium.version);
        Ok(Reply::created(location, &ConsortiumView::from(formed))?.version(version))
    })
    .await
}

/// See a consortium
///
/// For members of the lead and of the partners; the lead sees what each partner said. Whether a bid names it is shown to
/// the lead and to the partners that the bid names, its content to the lead only, elsewhere.
#[utoipa::path(tag = "bids", params(("consortium" = Uuid, Path, description = "Its id")),
    security(("bearer" = []), ("api_key" = ["bids:read"])),
    responses((status = 200, description = "The consortium", body = ConsortiumView), ReadProblems))]
#[get("/consortia/{consortium}")]
async fn get_consortium(who: As<SignedIn>, id: web::Path<Uuid>) -> Answer {
    who.read(move |conn, actor| reply(consortia::find(conn, actor, ConsortiumId(*id))?)).await
}

#[derive(Serialize, ToSchema)]
#[schema(as = ConsortiumPage)]
struct ConsortiumPageView {
    items: Vec<ConsortiumView>,
    /// `after` of the next page, if there is one.
    #[schema(example = "q83vEjRWeJCrze8SNFZ4kA")]
    next: Option<String>,
}

/// List the consortia of an organisation
///
/// Those that it leads or is asked into, the newest first; for its members only.
#[utoipa::path(tag = "bids", params(PageParams, ("organisation" = Uuid, Path, description = "The organisation")),
    security(("bearer" = []), ("api_key" = ["bids:read"])),
    responses((status = 200, description = "A page", body = ConsortiumPageView), ReadProblems))]
#[get("/organisations/{organisation}/consortia")]
async fn list_consortia(who: As<SignedIn>, organisation: web::Path<Uuid>, query: Query<PageParams>) -> Answer {
    let (cursors, list) = (&who.state().cursors, format!("organisations/{organisation}/consortia"));
    let (after, limit) = query.0.read::<Uuid>(cursors, &list)?;
    let (organisation, after) = (OrganisationId(*organisation), after.map(ConsortiumId));
    let found = who.read(move |conn, actor| Ok(consortia::list(conn, actor, organisation, after, limit + 1)?)).await?;
    let page = Paged::cut(found, limit);
    let next = page.last(|last| cursors.seal(&list, &last.consortium.id.0)).transpose()?;
    let view = ConsortiumPageView { items: page.items.into_iter().map(Into::into).collect(), next };
    Ok(Reply::ok(&view)?.next(who.request(), view.next.as_ref()))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct AskPartner {
    /// Any organisation but the lead and the agency of the challenge.
    #[schema(example = "0199f3a0-5b1c-7c3e-8a4d-2f6b9c0d1e2f")]
    organisation: Uuid,
    /// What it would do; all partners see it.
    #[schema(
        example = "Records the calls at its two sites, and tests with call takers.",
        min_length = 1,
        max_length = 2000
    )]
    part: String,
}

/// Ask an organisation to be a partner
///
/// At most 15. Those who bid for it, or its owners, get a mail. Partners that had confirmed are asked again, because they
/// would bid together with others now. Takes the role `bidder` in the lead.
#[utoipa::path(tag = "bids", params(WriteParams, ("consortium" = Uuid, Path, description = "Its id")),
    request_body = AskPartner, security(("bearer" = []), ("api_key" = ["bids:write"])),
    responses((status = 200, description = "Asked", body = ConsortiumView), WriteProblems))]
#[post("/consortia/{consortium}/partners")]
async fn ask_partner(who: As<Bidder>, id: web::Path<Uuid>, body: Body<AskPartner>) -> Answer {
    who.write(move |conn, caller| {
        let AskPartner { organisation, part } = body.0;
        reply(consortia::ask(conn, caller, ConsortiumId(*id), OrganisationId(organisation), &part)?)
    })
    .await
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ChangePart {
    /// What the partner would do.
    #[schema(example = "Tests with call takers at its two sites.", min_length = 1, max_length = 2000)]
    part: String,
}

/// The consortium and the partner that a path names.
fn partner_of(path: web::Path<(Uuid, Uuid)>) -> (ConsortiumId, OrganisationId) {
    let (consortium, organisation) = path.into_inner();
    (ConsortiumId(consortium), OrganisationId(organisation))
}

/// Change what a partner would do
///
/// It is asked again; the others' confirmations stay. Takes the role `bidder` in the lead.
#[utoipa::path(tag = "bids", params(WriteParams, ("consortium" = Uuid, Path, description = "The consortium"),
        ("organisation" = Uuid, Path, description = "The partner"),
        ("If-Match" = String, Header, description = "The ETag that was read")),
    request_body = ChangePart, security(("bearer" = []), ("api_key" = ["bids:write"])),
    responses((status = 200, description = "Changed, and asked again", body = ConsortiumView), EditProblems))]
#[put("/consortia/{consortium}/partners/{organisation}")]
async fn change_part(
    who: As<Bidder>,
    path: web::Path<(Uuid, Uuid)>,
    seen: Precondition,
    body: Body<ChangePart>,
) -> Answer {
    let (id, organisation) = partner_of(path);
    who.write(move |conn, caller| {
        reply(consortia::change_part(conn, caller, id, organisation, Some(seen.0), &body.0.part)?)
    })
    .await
}

/// Take a partner out
///
/// The others are asked again. A partner that a bid in the box names stays until that bid is withdrawn, or replaced by one
/// that does not name it, unless it declined. Takes the role `bidder` in the lead.
#[utoipa::path(tag = "bids", params(WriteParams, ("consortium" = Uuid, Path, description = "The consortium"),
        ("organisation" = Uuid, Path, description = "The partner"),
        ("If-Match" = String, Header, description = "The ETag that was read")),
    security(("bearer" = []), ("api_key" = ["bids:write"])),
    responses((status = 200, description = "Taken out", body = ConsortiumView), EditProblems))]
#[delete("/consortia/{consortium}/partners/{organisation}")]
async fn remove_partner(who: As<Bidder>, path: web::Path<(Uuid, Uuid)>, seen: Precondition) -> Answer {
    let (id, organisation) = partner_of(path);
    who.write(move |conn, caller| reply(consortia::remove(conn, caller, id, organisation, Some(seen.0))?)).await
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ConfirmPart {
    /// The `composition` that was read.
    #[schema(example = 3, minimum = 1, maximum = 1000)]
    composition: i32,
}

/// Confirm as a partner
///
/// The organisation bids together with the others, as the consortium was when it was read; if it has changed since, read
/// it again. Before the deadline. Takes the role `bidder` or `owner` in the partner.
#[utoipa::path(tag = "bids", params(WriteParams, ("consortium" = Uuid, Path, description = "The consortium"),
        ("organisation" = Uuid, Path, description = "The partner")),
    request_body = ConfirmPart, security(("bearer" = [])),
    responses((status = 200, description = "Confirmed", body = ConsortiumView), WriteProblems))]
#[post("/consortia/{consortium}/partners/{organisation}/confirm")]
async fn confirm_part(who: As<SignedIn>, path: web::Path<(Uuid, Uuid)>, body: Body<ConfirmPart>) -> Answer {
    let (id, organisation) = partner_of(path);
    who.write(move |conn, caller| reply(consortia::confirm(conn, caller, id, organisation, body.0.composition)?)).await
}

/// Decline as a partner
///
/// The organisation does not take part, or takes its confirmation back: before the deadline, or while the challenge is
/// suspended. The lead gets a mail. A bid that names it stays, and tells at the opening that the confirmation was taken
/// back, unless the lead replaces it. Takes the role `bidder` or `owner` in the partner.
#[utoipa::path(tag = "bids", params(WriteParams, ("consortium" = Uuid, Path, description = "The consortium"),
        ("organisation" = Uuid, Path, description = "The partner")),
    security(("bearer" = [])), responses((status = 200, description = "Declined", body = ConsortiumView), WriteProblems))]
#[post("/consortia/{consortium}/partners/{organisation}/decline")]
async fn decline_part(who: As<SignedIn>, path: web::Path<(Uuid, Uuid)>) -> Answer {
    let (id, organisation) = partner_of(path);
    who.write(move |conn, caller| reply(consortia::decline(conn, caller, id, organisation)?)).await
}
