//! The first stage of two-stage challenges: unpriced solutions, and who is invited to bid.

use super::{
    bid_attempts::submitted,
    bids::{BidPageView, ReceivedView, page_reply},
    challenge_view::ChallengeView,
    challenges::reply,
    offer_wire::SolutionWire,
    sealed_bids::{Arriving, EnvelopeWire, hand_in},
};
use crate::{
    Answer,
    access::{As, Bidder, Officer, Recent, SignedIn},
    foundation::{Body, PageParams, Query, ReadProblems, WriteProblems, query::WriteParams},
};
use actix_web::{get, post, web};
use application::{bids, envelopes::Terms, shortlists};
use domain::{
    BidId, ChallengeId, OrganisationId,
    challenge::{Decision, Shortlist},
};
use persistence::Conn;
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config.service(submit_solution).service(list_challenge_solutions).service(shortlist_solutions);
}

/// One of `solution` and `sealedSolution`.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct SubmitSolution {
    /// The company whose solution it is; the caller has the role `bidder` in it.
    #[schema(example = "0199f3a0-5b1c-7c3e-8a4d-2f6b9c0d1e2f")]
    company: Uuid,
    /// The solution in clear; the server seals it, and keeps nothing but the envelope.
    solution: Option<SolutionWire>,
    /// Or the envelope, sealed by the company itself as `solution`.
    sealed_solution: Option<EnvelopeWire>,
    /// For a solution in clear: a public key of age (`age1...`) for which the key of the envelope is encrypted.
    #[schema(example = "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p", max_length = 100)]
    recovery_recipient: Option<String>,
}

/// Hand in a solution
///
/// The first stage of a two-stage challenge: an unpriced answer, sealed for the opening committee. Takes the role `bidder` in the
/// company, before the deadline for solutions, and an `Idempotency-Key`. It is a bid of the stage `solution`: it is replaced,
/// confirmed and withdrawn like one. Until the opening nobody but the company knows that it exists.
#[utoipa::path(tag = "bids", params(WriteParams, ("challenge" = Uuid, Path, description = "The challenge"),
        ("Idempotency-Key" = String, Header, description = "Names this submission; repeat it with the same key")),
    request_body = SubmitSolution, security(("bearer" = []), ("api_key" = ["bids:write"])),
    responses((status = 201, description = "Received", body = ReceivedView), WriteProblems))]
#[post("/challenges/{challenge}/solutions")]
async fn submit_solution(who: As<Bidder>, challenge: web::Path<Uuid>, body: Body<SubmitSolution>) -> Answer {
    let SubmitSolution { company, solution, sealed_solution, recovery_recipient: recovery } = body.0;
    let (challenge, company) = (ChallengeId(*challenge), OrganisationId(company));
    let terms = move |conn: &mut Conn| Terms::of_submission(conn, challenge, company);
    let arriving = Arriving { wanted: "/sealedSolution", solution, sealed_solution, recovery, ..Arriving::default() };
    let handed_in = hand_in(&who, terms, arriving).await?;
    submitted(who, challenge, company, handed_in).await
}

/// List the opened solutions of a two-stage challenge
///
/// For the agency's officers and auditors, in the order of their first submission. Empty until the opening, for everybody.
#[utoipa::path(tag = "bids", params(PageParams, ("challenge" = Uuid, Path, description = "The challenge")),
    security(("bearer" = []), ("api_key" = ["bids:read"])),
    responses((status = 200, description = "A page", body = BidPageView), ReadProblems))]
#[get("/challenges/{challenge}/solutions")]
async fn list_challenge_solutions(who: As<SignedIn>, id: web::Path<Uuid>, query: Query<PageParams>) -> Answer {
    let list = format!("challenges/{id}/solutions");
    let (after, limit) = query.0.read::<Uuid>(&who.state().cursors, &list)?;
    let solutions = who.read_logged(move |conn, caller| {
        Ok(bids::solutions_of_challenge(conn, caller, ChallengeId(*id), after.map(BidId), limit + 1)?)
    });
    page_reply(solutions.await?, limit, &list, who.state(), who.request())
}

#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ShortlistSolutions {
    /// The companies with these solutions are invited to bid: at least three, if so many were admitted.
    #[schema(max_items = 20)]
    shortlisted: Vec<DecisionWire>,
    /// Those with these are not. Every admitted solution is in one of the two lists.
    #[schema(max_items = 1000)]
    not_shortlisted: Vec<DecisionWire>,
    /// That you have no conflict of interest with any of the candidates.
    #[schema(example = true)]
    no_conflict: bool,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ShortlistDecision)]
struct DecisionWire {
    /// The solution.
    #[schema(example = "0199f3a0-5b1c-7c3e-8a4d-2f6b9c0d1e2f")]
    bid: Uuid,
    /// Why, for its company alone.
    #[schema(
        example = "It answers all four outcomes, and the data plan convinces.",
        min_length = 1,
        max_length = 5000
    )]
    reason: String,
}

impl From<DecisionWire> for Decision {
    fn from(DecisionWire { bid, reason }: DecisionWire) -> Self {
        Self { bid: BidId(bid), reason }
    }
}

/// Decide the shortlist
///
/// Takes the role `officer` in the agency. One act, once and for all: every admitted solution is decided about, with a reason that
/// its company is told. Who else is on the shortlist, and how many are, is not told before the award. What remains until the
/// submission deadline must leave the minimum period; move the deadline first if it does not. Takes a step-up.
#[utoipa::path(tag = "evaluation", params(WriteParams, ("challenge" = Uuid, Path, description = "The challenge")),
    request_body = ShortlistSolutions, security(("bearer" = [])),
    responses((status = 200, description = "Decided", body = ChallengeView), WriteProblems))]
#[post("/challenges/{challenge}/shortlist")]
async fn shortlist_solutions(who: As<Recent<Officer>>, id: web::Path<Uuid>, body: Body<ShortlistSolutions>) -> Answer {
    let ShortlistSolutions { shortlisted, not_shortlisted, no_conflict } = body.0;
    let all = |decisions: Vec<DecisionWire>| decisions.into_iter().map(Into::into).collect();
    let shortlist = Shortlist { shortlisted: all(shortlisted), not_shortlisted: all(not_shortlisted), no_conflict };
    who.write(move |conn, caller| reply(shortlists::decide(conn, caller, ChallengeId(*id), &shortlist)?, true)).await
}
