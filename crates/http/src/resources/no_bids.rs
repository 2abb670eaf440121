//! Why companies do not bid: they say it, and the agency learns how often each reason was given.

use super::challenge_view::SummaryView;
use crate::{
    Answer,
    access::{As, Bidder, SignedIn},
    foundation::{
        Body, EditProblems, PageParams, Paged, Precondition, Query, ReadProblems, Reply, WriteProblems,
        query::WriteParams, wire,
    },
};
use actix_web::{delete, get, post, put, web};
use application::no_bids::{self, Statistics, WithChallenge};
use chrono::{DateTime, Utc};
use domain::{
    ChallengeId, NoBidId, OrganisationId,
    no_bid::{NoBidReason, SMALLEST_COUNT, Said},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(give_no_bid)
        .service(get_no_bid)
        .service(list_no_bids)
        .service(change_no_bid)
        .service(withdraw_no_bid)
        .service(get_no_bid_statistics)
        .service(list_no_bid_comments);
}

/// That a company does not bid, and why.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = NoBid)]
struct NoBidView {
    #[schema(example = "0199f3a0-5b1c-7c3e-8a4d-2f6b9c0d1e2f")]
    id: Uuid,
    challenge: SummaryView,
    /// Who does not bid.
    #[schema(example = "0199f3a0-5b1c-7c3e-8a4d-2f6b9c0d1e2f")]
    company: Uuid,
    #[schema(schema_with = wire::no_bid_reason, example = "too_short_deadline")]
    reason: NoBidReason,
    /// More about it.
    #[schema(example = "Three weeks in August are not enough to find partners.")]
    comment: Option<String>,
    /// Whether the agency may read the comment, without the company's name.
    #[schema(example = true)]
    shared: bool,
    created_at: DateTime<Utc>,
    changed_at: DateTime<Utc>,
    /// Grows with each change; the ETag.
    #[schema(example = 1)]
    version: i32,
}

impl From<WithChallenge> for NoBidView {
    fn from((no_bid, challenge): WithChallenge) -> Self {
        let Said { reason, comment, shared } = no_bid.said;
        Self {
            id: no_bid.id.0,
            challenge: challenge.into(),
            company: no_bid.company.0,
            reason,
            comment,
            shared,
            created_at: no_bid.created_at,
            changed_at: no_bid.changed_at,
            version: no_bid.version,
        }
    }
}

fn reply(found: WithChallenge) -> Answer {
    let version = found.0.version;
    Ok(Reply::ok(&NoBidView::from(found))?.version(version))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct GiveNoBid {
    /// The company that does not bid; the caller has the role `bidder` in it.
    #[schema(example = "0199f3a0-5b1c-7c3e-8a4d-2f6b9c0d1e2f")]
    company: Uuid,
    /// The main reason.
    #[schema(schema_with = wire::no_bid_reason, example = "too_short_deadline")]
    reason: NoBidReason,
    /// More about it; required with `other`.
    #[serde(default)]
    #[schema(example = "Three weeks in August are not enough to find partners.", max_length = 2000)]
    comment: Option<String>,
    /// Whether the agency may read the comment, without the company's name; false if not said.
    #[serde(default)]
    #[schema(example = true)]
    shared: bool,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ChangeNoBid {
    /// The main reason.
    #[schema(schema_with = wire::no_bid_reason, example = "too_short_deadline")]
    reason: NoBidReason,
    /// More about it; required with `other`.
    #[serde(default)]
    #[schema(example = "Three weeks in August are not enough to find partners.", max_length = 2000)]
    comment: Option<String>,
    /// Whether the agency may read the comment, without the company's name; false if not said.
    #[serde(default)]
    #[schema(example = false)]
    shared: bool,
}

/// Say why a company does not bid
///
/// Once for each company and challenge, until 14 days after the deadline or an earlier end; not for a company that has a
/// bid in the box. Nobody outside the company learns of it. The agency learns later how often each reason was given, and
/// reads the comments that may be shared, without names. Handing in a bid ends it. Takes the role `bidder` in the company.
#[utoipa::path(tag = "bids", params(WriteParams, ("challenge" = Uuid, Path, description = "The challenge")),
    request_body = GiveNoBid, security(("bearer" = []), ("api_key" = ["bids:write"])),
    responses((status = 201, description = "Kept", body = NoBidView), WriteProblems))]
#[post("/challenges/{challenge}/no-bids")]
async fn give_no_bid(who: As<Bidder>, challenge: web::Path<Uuid>, body: Body<GiveNoBid>) -> Answer {
    who.write(move |conn, caller| {
        let GiveNoBid { company, reason, comment, shared } = body.0;
        let (said, company) = (Said { reason, comment, shared }, OrganisationId(company));
        let given = no_bids::give(conn, caller, ChallengeId(*challenge), company, said)?;
        let (location, version) = (format!("/api/v1/no-bids/{}", given.0.id), given.0.version);
        Ok(Reply::created(location, &NoBidView::from(given))?.version(version))
    })
    .await
}

/// See why a company does not bid
///
/// For its members only.
#[utoipa::path(tag = "bids", params(("no_bid" = Uuid, Path, description = "Its id")),
    security(("bearer" = []), ("api_key" = ["bids:read"])),
    responses((status = 200, description = "What the company said", body = NoBidView), ReadProblems))]
#[get("/no-bids/{no_bid}")]
async fn get_no_bid(who: As<SignedIn>, id: web::Path<Uuid>) -> Answer {
    who.read(move |conn, actor| reply(no_bids::find(conn, actor, NoBidId(*id))?)).await
}

#[derive(Serialize, ToSchema)]
#[schema(as = NoBidPage)]
struct NoBidPageView {
    items: Vec<NoBidView>,
    /// `after` of the next page, if there is one.
    #[schema(example = "q83vEjRWeJCrze8SNFZ4kA")]
    next: Option<String>,
}

/// List where a company said why it does not bid
///
/// The newest first; for its members only.
#[utoipa::path(tag = "bids", params(PageParams, ("organisation" = Uuid, Path, description = "The company")),
    security(("bearer" = []), ("api_key" = ["bids:read"])),
    responses((status = 200, description = "A page", body = NoBidPageView), ReadProblems))]
#[get("/organisations/{organisation}/no-bids")]
async fn list_no_bids(who: As<SignedIn>, organisation: web::Path<Uuid>, query: Query<PageParams>) -> Answer {
    let (cursors, list) = (&who.state().cursors, format!("organisations/{organisation}/no-bids"));
    let (after, limit) = query.0.read::<Uuid>(cursors, &list)?;
    let (company, after) = (OrganisationId(*organisation), after.map(NoBidId));
    let found = who.read(move |conn, actor| Ok(no_bids::list(conn, actor, company, after, limit + 1)?)).await?;
    let page = Paged::cut(found, limit);
    let next = page.last(|last| cursors.seal(&list, &last.0.id.0)).transpose()?;
    let view = NoBidPageView { items: wire::all(page.items), next };
    Ok(Reply::ok(&view)?.next(who.request(), view.next.as_ref()))
}

/// Say something else
///
/// As long as it can be said. Takes the role `bidder` in the company.
#[utoipa::path(tag = "bids", params(WriteParams, ("no_bid" = Uuid, Path, description = "Its id"),
        ("If-Match" = String, Header, description = "The ETag that was read")),
    request_body = ChangeNoBid, security(("bearer" = []), ("api_key" = ["bids:write"])),
    responses((status = 200, description = "Changed", body = NoBidView), EditProblems))]
#[put("/no-bids/{no_bid}")]
async fn change_no_bid(who: As<Bidder>, id: web::Path<Uuid>, seen: Precondition, body: Body<ChangeNoBid>) -> Answer {
    who.write(move |conn, caller| {
        let ChangeNoBid { reason, comment, shared } = body.0;
        let said = Said { reason, comment, shared };
        reply(no_bids::change(conn, caller, NoBidId(*id), Some(seen.0), said)?)
    })
    .await
}

/// Take back why a company does not bid
///
/// As long as it can be said. It is deleted, and can be said again. Takes the role `bidder` in the company.
#[utoipa::path(tag = "bids", params(WriteParams, ("no_bid" = Uuid, Path, description = "Its id")),
    security(("bearer" = []), ("api_key" = ["bids:write"])),
    responses((status = 204, description = "Taken back"), WriteProblems))]
#[delete("/no-bids/{no_bid}")]
async fn withdraw_no_bid(who: As<Bidder>, id: web::Path<Uuid>) -> Answer {
    who.write(move |conn, caller| {
        no_bids::withdraw(conn, caller, NoBidId(*id))?;
        Ok(Reply::no_content())
    })
    .await
}

/// What kept companies from bidding.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = NoBidStatistics)]
struct StatisticsView {
    /// Until when companies can say why they do not bid: 14 days after the deadline, or after an earlier end.
    until: Option<DateTime<Utc>>,
    /// Whether anything is shown: after that time, and when the bids were opened or the challenge has ended.
    #[schema(example = true)]
    shown: bool,
    /// Reasons that fewer companies gave are left out, and nothing tells whether there were any.
    #[schema(example = 3)]
    smallest_count: i64,
    /// The most frequent first.
    reasons: Vec<ReasonCountView>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = NoBidReasonCount)]
struct ReasonCountView {
    #[schema(schema_with = wire::no_bid_reason, example = "too_short_deadline")]
    reason: NoBidReason,
    /// How many companies gave it.
    #[schema(example = 4)]
    companies: i64,
}

impl From<Statistics> for StatisticsView {
    fn from(Statistics { until, shown, counts }: Statistics) -> Self {
        let reasons = counts.into_iter().map(|(reason, companies)| ReasonCountView { reason, companies }).collect();
        Self { until, shown, smallest_count: SMALLEST_COUNT, reasons }
    }
}

/// See what kept companies from bidding
///
/// How many companies gave which reason, without names: for the agency's people, once nobody can say more and the bids
/// were opened or the challenge has ended. Before, it tells nothing, not even whether anybody said something.
#[utoipa::path(tag = "bids", params(("challenge" = Uuid, Path, description = "The challenge")),
    security(("bearer" = []), ("api_key" = ["bids:read"])),
    responses((status = 200, description = "The reasons", body = StatisticsView), ReadProblems))]
#[get("/challenges/{challenge}/no-bid-statistics")]
async fn get_no_bid_statistics(who: As<SignedIn>, challenge: web::Path<Uuid>) -> Answer {
    who.read(move |conn, actor| {
        let statistics = no_bids::statistics(conn, actor, ChallengeId(*challenge))?;
        Reply::ok(&StatisticsView::from(statistics))
    })
    .await
}

#[derive(Serialize, ToSchema)]
#[schema(as = NoBidCommentPage)]
struct CommentPageView {
    /// In no order that means anything.
    #[schema(example = json!(["Three weeks in August are not enough to find partners."]))]
    items: Vec<String>,
    /// `after` of the next page, if there is one.
    #[schema(example = "q83vEjRWeJCrze8SNFZ4kA")]
    next: Option<String>,
}

/// List what companies say about why they did not bid
///
/// The comments that companies share, without their names and their reasons: for the agency's people, at the same time as the
/// statistics.
#[utoipa::path(tag = "bids", params(PageParams, ("challenge" = Uuid, Path, description = "The challenge")),
    security(("bearer" = []), ("api_key" = ["bids:read"])),
    responses((status = 200, description = "A page", body = CommentPageView), ReadProblems))]
#[get("/challenges/{challenge}/no-bid-comments")]
async fn list_no_bid_comments(who: As<SignedIn>, challenge: web::Path<Uuid>, query: Query<PageParams>) -> Answer {
    let (cursors, list) = (&who.state().cursors, format!("challenges/{challenge}/no-bid-comments"));
    let (after, limit) = query.0.read::<i64>(cursors, &list)?;
    let challenge = ChallengeId(*challenge);
    let found = who.read(move |conn, actor| Ok(no_bids::comments(conn, actor, challenge, after, limit + 1)?)).await?;
    let page = Paged::cut(found, limit);
    let next = page.last(|last| cursors.seal(&list, &last.0)).transpose()?;
    let view = CommentPageView { items: page.items.into_iter().map(|(_, comment)| comment).collect(), next };
    Ok(Reply::ok(&view)?.next(who.request(), view.next.as_ref()))
}
