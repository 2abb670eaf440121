//! Bids.

use super::{
    bid_attempts::{content_of, submitted, tried},
    bid_consortium::{BidConsortiumView, SharedParticipantView},
    bid_profile::BidProfileView,
    offer_wire::{MilestoneView, OfferWire, SolutionWire},
    particulars_wire::ParticularsView,
    sealed_bids::{Arriving, EnvelopeView, EnvelopeWire, SealedWire, hand_in},
};
use crate::{
    Answer, State,
    access::{As, Bidder, Officer, SignedIn},
    foundation::{
        Body, EditProblems, FieldProblem, PageParams, Paged, Precondition, Query, ReadProblems, Reply, WriteProblems,
        query::WriteParams,
        wire::{self, MoneyView, ReceiptWire},
    },
};
use actix_web::{HttpRequest, get, post, put, web};
use application::{
    bids::{self, HandedIn, Visible},
    envelopes::Terms,
};
use chrono::{DateTime, Utc};
use domain::{
    BidId, BidStatus, ChallengeId, ConsortiumId, OrganisationId,
    bid::{Access, BidStage, DisqualificationCode},
};
use persistence::Conn;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(submit_bid)
        .service(replace_bid)
        .service(withdraw_bid)
        .service(confirm_bid)
        .service(admit_bid)
        .service(disqualify_bid)
        .service(get_bid)
        .service(list_challenge_bids)
        .service(list_own_bids);
}

#[derive(Serialize, ToSchema)]
#[schema(as = Bidder)]
pub(super) struct BidderView {
    #[schema(example = "0199f3a0-5b1c-7c3e-8a4d-2f6b9c0d1e2f")]
    pub(super) id: Uuid,
    #[schema(example = "Calm Signal")]
    pub(super) name: String,
}

/// A bid, as far as the reader may see it.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Bid)]
pub(super) struct BidView {
    #[schema(example = "0199f3a0-5b1c-7c3e-8a4d-2f6b9c0d1e2f")]
    id: Uuid,
    #[schema(example = "0199f3a0-5b1c-7c3e-8a4d-2f6b9c0d1e2f")]
    challenge: Uuid,
    company: BidderView,
    /// `offer`, or `solution` for the unpriced answer to a two-stage challenge.
    #[schema(value_type = String, example = "offer")]
    stage: BidStage,
    #[schema(schema_with = wire::bid_status, example = "submitted")]
    status: BidStatus,
    /// The solution; sealed until the opening, and hidden from evaluators until they declared conflicts.
    #[schema(example = "We listen for words of distress and rising water, and move those calls to the front.")]
    solution: Option<String>,
    /// The price; sealed until the judgement of quality is frozen, and hidden from evaluators until the award.
    price: Option<MoneyView>,
    /// The plan; shown together with the solution, its amounts together with the price.
    milestones: Option<Vec<MilestoneView>>,
    #[serde(flatten)]
    particulars: ParticularsView,
    /// 1 for the first submission, one more with each replacement.
    #[schema(example = 1)]
    revision: i32,
    /// When this revision was received, by the database's clock.
    submitted_at: DateTime<Utc>,
    withdrawn_at: Option<DateTime<Utc>>,
    #[schema(example = "incomplete")]
    disqualification_code: Option<String>,
    #[schema(example = "The plan lacks the second milestone.")]
    disqualification_reason: Option<String>,
    /// Why a solution is on the shortlist, or is not.
    #[schema(example = "It answers all four outcomes, and the data plan convinces.")]
    shortlist_reason: Option<String>,
    /// Grows with each change; the ETag.
    #[schema(example = 1)]
    version: i32,
    /// Whether it takes all changes of the challenge into account. If not, its company confirms or replaces it before the
    /// deadline; otherwise it counts, marked as unconfirmed.
    #[schema(example = true)]
    confirmed: bool,
    /// The company as it was when this revision was handed in; hidden together with the price.
    profile: Option<BidProfileView>,
    /// The sealed envelopes of this revision.
    envelopes: Vec<EnvelopeView>,
    /// What is formally wrong with what the envelopes held, as far as they are open; with pointers into the offer. For whoever
    /// sees all of the bid.
    problems: Vec<FieldProblem>,
    /// Those who bid together with the company; none if it bids alone.
    consortium: Option<BidConsortiumView>,
    /// In which other bids of the challenge those behind this one take part, for the agency's officers and auditors after
    /// the opening. A fact to look into; it excludes nobody.
    shared_participants: Vec<SharedParticipantView>,
}

/// A bid, and the receipt for what was done with it.
#[derive(Serialize, ToSchema)]
#[schema(as = BidWithReceipt)]
pub(super) struct ReceivedView {
    #[serde(flatten)]
    pub(super) bid: BidView,
    pub(super) receipt: ReceiptWire,
}

impl From<Visible> for BidView {
    fn from(visible: Visible) -> Self {
        let Visible { own, bid, company_name, access, confirmed, envelopes, problems, partners, shared } = visible;
        let (content, money) = (access != Access::NameOnly, access == Access::Full);
        let quality = bid.quality.filter(|_| content);
        let price = bid.price.filter(|_| money);
        let milestones = quality.as_ref().map(|quality| MilestoneView::all(quality, price.as_ref()));
        // Then nobody else sees it.
        let shut = matches!(bid.status, BidStatus::Submitted | BidStatus::Withdrawn);
        Self {
            id: bid.id.0,
            challenge: bid.challenge.0,
            company: BidderView { id: bid.company.0, name: company_name },
            stage: bid.stage,
            status: bid.status,
            solution: quality.as_ref().map(|quality| quality.solution.clone()),
            particulars: quality.map(|quality| quality.particulars).into(),
            price: price.map(|price| price.total.into()),
            milestones,
            revision: bid.revision,
            submitted_at: bid.submitted_at,
            withdrawn_at: bid.withdrawn_at,
            disqualification_code: bid.disqualification_code,
            disqualification_reason: bid.disqualification_reason.filter(|_| content),
            shortlist_reason: bid.shortlist_reason,
            version: bid.version,
            confirmed,
            profile: bid.profile.filter(|_| money).map(Into::into),
            problems: problems.into_iter().filter(|_| money).map(Into::into).collect(),
            envelopes: envelopes.into_iter().map(|envelope| EnvelopeView::of(envelope, shut)).collect(),
            consortium: BidConsortiumView::of(partners, access, own),
            shared_participants: shared.into_iter().map(Into::into).collect(),
        }
    }
}

#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct SubmitBid {
    /// The company that bids; the caller has the role `bidder` in it.
    #[schema(example = "0199f3a0-5b1c-7c3e-8a4d-2f6b9c0d1e2f")]
    company: Uuid,
    /// The offer in clear; the server seals it, and keeps nothing but the envelopes.
    offer: Option<OfferWire>,
    /// Or the envelopes, sealed by the company itself.
    sealed: Option<SealedWire>,
    /// For an offer in clear: a public key of age (`age1...`) for which the keys of both envelopes are encrypted, so that
    /// whoever has its secret half can open them without the committee.
    #[schema(example = "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p", max_length = 100)]
    recovery_recipient: Option<String>,
    /// The consortium that bids, led by the company and confirmed by each partner; left out if the company bids alone.
    #[schema(example = "0199f3a0-5b1c-7c3e-8a4d-2f6b9c0d1e2f")]
    consortium: Option<Uuid>,
}

/// As in submitting: the offer in clear, or sealed.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ReplaceBid {
    /// The offer in clear; the server seals it, and keeps nothing but the envelopes.
    offer: Option<OfferWire>,
    /// Or the envelopes, sealed by the company itself for the revision after the current one.
    sealed: Option<SealedWire>,
    /// For an unpriced solution: another one in clear.
    solution: Option<SolutionWire>,
    /// Or its envelope, sealed by the company itself for the revision after the current one.
    sealed_solution: Option<EnvelopeWire>,
    /// For what is handed in in clear: a public key of age for the keys of its envelopes.
    #[schema(example = "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p", max_length = 100)]
    recovery_recipient: Option<String>,
    /// The consortium that bids from now on; left out if the company bids alone.
    #[schema(example = "0199f3a0-5b1c-7c3e-8a4d-2f6b9c0d1e2f")]
    consortium: Option<Uuid>,
}

/// Submit a bid
///
/// Takes the role `bidder` in the company, before the deadline, and an `Idempotency-Key`. What decides is the database's
/// clock. Until the opening nobody but the company knows that the bid exists. The answer holds a signed receipt; a refusal
/// that is on the record holds one, too.
#[utoipa::path(tag = "bids", params(WriteParams, ("challenge" = Uuid, Path, description = "The challenge"),
        ("Idempotency-Key" = String, Header, description = "Names this submission; repeat it with the same key")),
    request_body = SubmitBid, security(("bearer" = []), ("api_key" = ["bids:write"])),
    responses((status = 201, description = "Received", body = ReceivedView), WriteProblems))]
#[post("/challenges/{challenge}/bids")]
async fn submit_bid(who: As<Bidder>, challenge: web::Path<Uuid>, body: Body<SubmitBid>) -> Answer {
    let SubmitBid { company, offer, sealed, recovery_recipient, consortium } = body.0;
    let (challenge, company) = (ChallengeId(*challenge), OrganisationId(company));
    let terms = move |conn: &mut Conn| Terms::of_submission(conn, challenge, company);
    let recovery = recovery_recipient;
    let arriving = Arriving { wanted: "/offer", offer, sealed, recovery, ..Arriving::default() };
    let handed_in = hand_in(&who, terms, arriving).await?;
    let handed_in = HandedIn { consortium: consortium.map(ConsortiumId), ..handed_in };
    submitted(who, challenge, company, handed_in).await
}

/// Replace a bid
///
/// Takes the role `bidder` in the company, before the deadline. The old revision counts until the new one is stored. An unpriced
/// solution is replaced by one, until the deadline for solutions.
#[utoipa::path(tag = "bids", params(WriteParams, ("bid" = Uuid, Path, description = "The bid"),
        ("If-Match" = String, Header, description = "The ETag that was read")),
    request_body = ReplaceBid, security(("bearer" = []), ("api_key" = ["bids:write"])),
    responses((status = 200, description = "Replaced", body = ReceivedView), EditProblems))]
#[put("/bids/{bid}")]
async fn replace_bid(who: As<Bidder>, id: web::Path<Uuid>, seen: Precondition, body: Body<ReplaceBid>) -> Answer {
    let ReplaceBid { offer, sealed, solution, sealed_solution, recovery_recipient: recovery, consortium } = body.0;
    let id = BidId(*id);
    let arriving = Arriving { wanted: "/offer", offer, sealed, solution, sealed_solution, recovery };
    let handed_in = hand_in(&who, move |conn| Terms::of_replacement(conn, id), arriving).await?;
    let handed_in = HandedIn { consortium: consortium.map(ConsortiumId), ..handed_in };
    let at = content_of(&handed_in);
    who.attempt(move |conn, attempt| tried(bids::replace(conn, attempt, id, Some(seen.0), handed_in)?, at)).await
}

/// Withdraw a bid
///
/// Takes the role `bidder` in the company, before the deadline or while the challenge is suspended. The company may submit
/// another bid afterwards.
#[utoipa::path(tag = "bids", params(WriteParams, ("bid" = Uuid, Path, description = "The bid")),

    security(("bearer" = []), ("api_key" = ["bids:write"])), responses((status = 200, description = "Withdrawn", body = ReceivedView), WriteProblems))]
#[post("/bids/{bid}/withdraw")]
async fn withdraw_bid(who: As<Bidder>, id: web::Path<Uuid>) -> Answer {
    who.attempt(move |conn, attempt| tried(bids::withdraw(conn, attempt, BidId(*id))?, "/offer")).await
}

/// Confirm a bid
///
/// After a material change of the challenge, before the deadline: the company stands by its bid. Takes the role `bidder` in
/// the company. A bid that does not fit the challenge any more is replaced instead.
#[utoipa::path(tag = "bids", params(WriteParams, ("bid" = Uuid, Path, description = "Its id")),
    security(("bearer" = []), ("api_key" = ["bids:write"])),
    responses((status = 200, description = "Confirmed", body = ReceivedView), WriteProblems))]
#[post("/bids/{bid}/confirm")]
async fn confirm_bid(who: As<Bidder>, id: web::Path<Uuid>) -> Answer {
    who.attempt(move |conn, attempt| tried(bids::confirm(conn, attempt, BidId(*id))?, "/offer")).await
}

/// Admit a bid
///
/// Takes the role `officer` in the agency: the formal check after the opening.
#[utoipa::path(tag = "bids", params(WriteParams, ("bid" = Uuid, Path, description = "The bid")),

    security(("bearer" = []), ("api_key" = ["bids:write"])), responses((status = 200, description = "Admitted", body = BidView), WriteProblems))]
#[post("/bids/{bid}/admit")]
async fn admit_bid(who: As<Officer>, id: web::Path<Uuid>) -> Answer {
    who.write(move |conn, caller| reply(bids::admit(conn, caller, BidId(*id))?)).await
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct DisqualifyBid {
    #[schema(schema_with = wire::disqualification_code, example = "incomplete")]
    code: DisqualificationCode,
    /// Why, for the bidder.
    #[schema(example = "The plan lacks the second milestone.", min_length = 1, max_length = 5000)]
    reason: String,
}

/// Disqualify a bid
///
/// Takes the role `officer` in the agency: the formal check after the opening.
#[utoipa::path(tag = "bids", params(WriteParams, ("bid" = Uuid, Path, description = "The bid")),
    request_body = DisqualifyBid, security(("bearer" = []), ("api_key" = ["bids:write"])),
    responses((status = 200, description = "Disqualified", body = BidView), WriteProblems))]
#[post("/bids/{bid}/disqualify")]
async fn disqualify_bid(who: As<Officer>, id: web::Path<Uuid>, body: Body<DisqualifyBid>) -> Answer {
    who.write(move |conn, caller| reply(bids::disqualify(conn, caller, BidId(*id), body.0.code, &body.0.reason)?)).await
}

/// See a bid
///
/// For its company; once opened, for the agency's officers and the panel as far as each may see it. Each reading is kept
/// in the read log.
#[utoipa::path(tag = "bids", params(("bid" = Uuid, Path, description = "The bid")),
    security(("bearer" = []), ("api_key" = ["bids:read"])),
    responses((status = 200, description = "The bid", body = BidView), ReadProblems))]
#[get("/bids/{bid}")]
async fn get_bid(who: As<SignedIn>, id: web::Path<Uuid>) -> Answer {
    who.read_logged(move |conn, caller| reply(bids::read(conn, caller, BidId(*id))?)).await
}

fn reply(visible: Visible) -> Answer {
    let version = visible.bid.version;
    Ok(Reply::ok(&BidView::from(visible))?.version(version))
}

#[derive(Serialize, ToSchema)]
#[schema(as = BidPage)]
pub(super) struct BidPageView {
    items: Vec<BidView>,
    /// The cursor of the next page, if there is one.
    #[schema(example = "q1Zb...")]
    next: Option<String>,
}

/// List the opened bids of a challenge
///
/// For the agency's officers and the panel, in the order of their first submission. Empty until the opening, for
/// everybody.
#[utoipa::path(tag = "bids", params(PageParams, ("challenge" = Uuid, Path, description = "The challenge")),
    security(("bearer" = []), ("api_key" = ["bids:read"])),
    responses((status = 200, description = "A page", body = BidPageView), ReadProblems))]
#[get("/challenges/{challenge}/bids")]
async fn list_challenge_bids(who: As<SignedIn>, id: web::Path<Uuid>, query: Query<PageParams>) -> Answer {
    let list = format!("challenges/{id}/bids");
    let (after, limit) = query.0.read::<Uuid>(&who.state().cursors, &list)?;
    let bids = who.read_logged(move |conn, caller| {
        Ok(bids::list_of_challenge(conn, caller, ChallengeId(*id), after.map(BidId), limit + 1)?)
    });
    page_reply(bids.await?, limit, &list, who.state(), who.request())
}

/// List the bids of one's own companies
///
/// The newest first.
#[utoipa::path(tag = "bids", params(PageParams), security(("bearer" = []), ("api_key" = ["bids:read"])),
    responses((status = 200, description = "A page", body = BidPageView), ReadProblems))]
#[get("/bids")]
async fn list_own_bids(who: As<Bidder>, query: Query<PageParams>) -> Answer {
    let (after, limit) = query.0.read::<Uuid>(&who.state().cursors, "bids")?;
    let bids = who.read(move |conn, actor| Ok(bids::list_own(conn, actor, after.map(BidId), limit + 1)?));
    page_reply(bids.await?, limit, "bids", who.state(), who.request())
}

pub(super) fn page_reply(bids: Vec<Visible>, limit: i64, list: &str, state: &State, request: &HttpRequest) -> Answer {
    let page = Paged::cut(bids, limit);
    let next = page.last(|last| state.cursors.seal(list, &last.bid.id.0)).transpose()?;
    let view = BidPageView { items: page.items.into_iter().map(Into::into).collect(), next };
    Ok(Reply::ok(&view)?.next(request, view.next.as_ref()))
}
