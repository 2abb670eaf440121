//! Bids that are being written.

use super::{
    bid_attempts::tried,
    bid_draft_view::{DraftPageView, DraftView, ReplacedBid, SavePageView},
    bids::ReceivedView,
    offer_wire::OfferWire,
    sealed_bids::{prepared, seal_in_clear},
};
use crate::{
    Answer, Error,
    access::{As, Bidder},
    foundation::{
        Body, EditProblems, MergePatch, PageParams, Paged, Precondition, Query, ReadProblems, Reply, WriteProblems,
        query::WriteParams, wire,
    },
};
use actix_web::{delete, get, patch, post, web};
use application::{
    bid_drafts::{self as drafts, Opened, Source, Submission},
    bids::HandedIn,
};
use domain::{Actor, BidDraftId, BidId, ChallengeId, Checks, ConsortiumId, OrganisationId};
use persistence::Conn;
use sealing::SecretKey;
use serde::Deserialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(begin_bid_draft)
        .service(list_bid_drafts)
        .service(get_bid_draft)
        .service(save_bid_draft)
        .service(discard_bid_draft)
        .service(submit_bid_draft)
        .service(list_bid_draft_saves);
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct BeginBidDraft {
    /// The company that will bid; the caller has the role `bidder` in it.
    #[schema(example = "0199f3a0-5b1c-7c3e-8a4d-2f6b9c0d1e2f")]
    company: Uuid,
    /// What is offered so far: an `Offer` from which anything may be missing.
    #[serde(default)]
    #[schema(schema_with = wire::part_of_offer)]
    offer: Map<String, Value>,
    /// An earlier bid of the company that says the same, or much of it. `offer` is laid over it.
    from: Option<EarlierBid>,
}

/// An earlier bid of the same company, on the same challenge or another one, withdrawn or not.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct EarlierBid {
    /// Which.
    #[schema(example = "0199f3a0-5b1c-7c3e-8a4d-2f6b9c0d1e2f")]
    bid: Uuid,
    /// The recovery key of its quality envelope, if that was not opened. It is not kept, and the envelope stays sealed.
    #[schema(example = "AGE-SECRET-KEY-1QQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQS3HLK0", max_length = 200)]
    quality_key: Option<String>,
    /// The one of its price envelope; without, the price is left out.
    #[schema(example = "AGE-SECRET-KEY-1QQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQS3HLK0", max_length = 200)]
    price_key: Option<String>,
}

impl EarlierBid {
    fn read(self) -> domain::Result<Source> {
        let mut checks = Checks::new();
        let mut key = |text: Option<String>, pointer: &str| {
            let text = text?;
            let key = SecretKey::parse(&text);
            checks.require(key.is_some(), pointer, "malformed", "must be a secret key of age");
            key
        };
        let quality_key = key(self.quality_key, "/from/qualityKey");
        let price_key = key(self.price_key, "/from/priceKey");
        checks.done()?;
        Ok(Source { bid: BidId(self.bid), quality_key, price_key })
    }
}

/// Begin a draft of a bid
///
/// Takes the role `bidder` in the company, while bids are taken. All bidders of the company write it together, and nobody
/// else sees it or knows of it. There is one for each company and challenge: another one is refused with the id of the one that
/// there is. It can begin with what an earlier bid of the company says; `leftOut` names what could not be taken over. An
/// `Idempotency-Key` is not heeded.
#[utoipa::path(tag = "bids", params(WriteParams, ("challenge" = Uuid, Path, description = "The challenge")),
    request_body = BeginBidDraft, security(("bearer" = []), ("api_key" = ["bids:write"])),
    responses((status = 201, description = "Begun", body = DraftView), WriteProblems))]
#[post("/challenges/{challenge}/bid-drafts")]
async fn begin_bid_draft(who: As<Bidder>, challenge: web::Path<Uuid>, body: Body<BeginBidDraft>) -> Answer {
    let BeginBidDraft { company, offer, from } = body.0;
    let (challenge, company, offer) = (ChallengeId(*challenge), OrganisationId(company), Value::Object(offer));
    let source = from.map(EarlierBid::read).transpose().map_err(application::Error::from)?;
    let vault = who.state().vault.clone();
    who.write_secret(move |conn, caller| {
        OfferWire::require_part(&offer)?;
        let (mut whole, mut left_out) = (Value::Object(Map::new()), Vec::new());
        if let Some(source) = source {
            let reused = drafts::reuse(conn, &caller.actor, challenge, company, &source)?;
            let said = OfferWire::part_of(&reused).map_err(|error| Error::Internal(error.to_string()))?;
            (whole, left_out) = (Value::Object(said), reused.left_out);
        }
        json_patch::merge(&mut whole, &offer);
        let opened = drafts::begin(conn, caller, &vault, challenge, company, whole)?;
        let location = format!("/api/v1/bid-drafts/{}", opened.draft.id);
        let version = opened.draft.version;
        Ok(Reply::created(location, &DraftView::begun(opened, left_out))?.version(version))
    })
    .await
}

/// List the drafts of one's own companies
///
/// Of those in which one has the role `bidder`; the newest first.
#[utoipa::path(tag = "bids", params(PageParams), security(("bearer" = []), ("api_key" = ["bids:read"])),
    responses((status = 200, description = "A page", body = DraftPageView), ReadProblems))]
#[get("/bid-drafts")]
async fn list_bid_drafts(who: As<Bidder>, query: Query<PageParams>) -> Answer {
    let cursors = &who.state().cursors;
    let (after, limit) = query.0.read::<Uuid>(cursors, "bid-drafts")?;
    let found = who.read(move |conn, actor| Ok(drafts::list(conn, actor, after.map(BidDraftId), limit + 1)?));
    let page = Paged::cut(found.await?, limit);
    let next = page.last(|last| cursors.seal("bid-drafts", &last.draft.id.0)).transpose()?;
    let view = DraftPageView { items: page.items.into_iter().map(Into::into).collect(), next };
    Ok(Reply::ok(&view)?.next(who.request(), view.next.as_ref()))
}

/// See a draft of a bid
///
/// For the bidders of its company. `problems` says what would stand in the way if it were handed in now.
#[utoipa::path(tag = "bids", params(("draft" = Uuid, Path, description = "Its id")),
    security(("bearer" = []), ("api_key" = ["bids:read"])),
    responses((status = 200, description = "The draft", body = DraftView), ReadProblems))]
#[get("/bid-drafts/{draft}")]
async fn get_bid_draft(who: As<Bidder>, id: web::Path<Uuid>) -> Answer {
    let vault = who.state().vault.clone();
    who.read(move |conn, actor| reply(drafts::find(conn, actor, &vault, BidDraftId(*id))?)).await
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct SaveBidDraft {
    /// The fields that change, as a JSON Merge Patch (RFC 7396): what is left out stays, `null` takes a field out, and a list
    /// is replaced as a whole.
    #[schema(schema_with = wire::part_of_offer)]
    offer: Map<String, Value>,
}

/// Save a draft of a bid
///
/// A JSON Merge Patch (RFC 7396), for the bidders of the company. It may be half finished: `problems` says what is still
/// wrong. What no offer has is refused. If a colleague has saved it since, the answer is 412 and says who and when: read it
/// again. An `Idempotency-Key` is not heeded.
#[utoipa::path(tag = "bids", params(WriteParams, ("draft" = Uuid, Path, description = "Its id"),
        ("If-Match" = String, Header, description = "The ETag that was read")),
    request_body(content((SaveBidDraft = "application/json"), (SaveBidDraft = "application/merge-patch+json"))),
    security(("bearer" = []), ("api_key" = ["bids:write"])),
    responses((status = 200, description = "Saved", body = DraftView), EditProblems))]
#[patch("/bid-drafts/{draft}")]
async fn save_bid_draft(
    who: As<Bidder>,
    id: web::Path<Uuid>,
    seen: Precondition,
    body: MergePatch<SaveBidDraft>,
) -> Answer {
    let (id, patch) = (BidDraftId(*id), Value::Object(body.0.offer));
    let vault = who.state().vault.clone();
    who.write_secret(move |conn, caller| {
        let change = |mut offer: Value| {
            json_patch::merge(&mut offer, &patch);
            OfferWire::require_part(&offer)?;
            Ok(offer)
        };
        reply(drafts::save(conn, caller, &vault, id, seen.0, change)?)
    })
    .await
}

/// Discard a draft of a bid
///
/// For the bidders of its company. Nothing of it is kept.
#[utoipa::path(tag = "bids", params(WriteParams, ("draft" = Uuid, Path, description = "Its id"),
        ("If-Match" = String, Header, description = "The ETag that was read")),
    security(("bearer" = []), ("api_key" = ["bids:write"])),
    responses((status = 204, description = "Discarded"), EditProblems))]
#[delete("/bid-drafts/{draft}")]
async fn discard_bid_draft(who: As<Bidder>, id: web::Path<Uuid>, seen: Precondition) -> Answer {
    who.write(move |conn, caller| {
        drafts::discard(conn, caller, BidDraftId(*id), seen.0)?;
        Ok(Reply::no_content())
    })
    .await
}

#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct SubmitBidDraft {
    /// A public key of age (`age1...`) for which the keys of both envelopes are encrypted, so that whoever has its secret half
    /// can open them without the committee.
    #[schema(example = "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p", max_length = 100)]
    recovery_recipient: Option<String>,
    /// The consortium that bids, led by the company and confirmed by each partner; left out if the company bids alone.
    #[schema(example = "0199f3a0-5b1c-7c3e-8a4d-2f6b9c0d1e2f")]
    consortium: Option<Uuid>,
    /// The bid that this one takes the place of, as `replaces` in the draft says; left out if it is the company's first. A bid
    /// that a colleague handed in or changed meanwhile is not replaced unseen.
    replaces: Option<ReplacedBid>,
}

/// Submit a draft of a bid
///
/// The server seals what the draft offers, and hands it in: as the first bid of the company, or in place of the one that
/// `replaces` names. Takes the role `bidder` in the company, before the deadline, an `Idempotency-Key` and `If-Match`: what
/// colleagues wrote since is not handed in unseen. Then the draft is gone; if the bid is refused, the draft stays. The answer holds a signed receipt; a
/// refusal that is on the record holds one, too.
#[utoipa::path(tag = "bids", params(WriteParams, ("draft" = Uuid, Path, description = "The draft"),
        ("If-Match" = String, Header, description = "The ETag that was read"),
        ("Idempotency-Key" = String, Header, description = "Names this submission; repeat it with the same key")),
    request_body = SubmitBidDraft, security(("bearer" = []), ("api_key" = ["bids:write"])),
    responses((status = 200, description = "Received", body = ReceivedView), EditProblems))]
#[post("/bid-drafts/{draft}/submit")]
async fn submit_bid_draft(
    who: As<Bidder>,
    id: web::Path<Uuid>,
    seen: Precondition,
    body: Body<SubmitBidDraft>,
) -> Answer {
    let SubmitBidDraft { recovery_recipient: recovery, consortium, replaces } = body.0;
    let (id, vault) = (BidDraftId(*id), who.state().vault.clone());
    let replaces = replaces.map(|it| (BidId(it.bid), it.version));
    let replaced = replaces.map(|(bid, _)| bid);
    let look = move |conn: &mut Conn, actor: &Actor| Ok(drafts::prepare(conn, actor, &vault, id, replaced)?);
    let found = prepared(who.look(look).await)?;
    let submission = Submission { seen: seen.0, replaces, sealed: found.as_ref().map(|found| found.version) };
    let (offer, terms) = found.map_or((Value::Null, None), |found| (found.offer, found.terms));
    let handed_in = seal_in_clear(move || OfferWire::parse(offer)?.read("/offer"), terms, recovery).await?;
    let handed_in = HandedIn { consortium: consortium.map(ConsortiumId), ..handed_in };
    who.attempt_once(move |conn, attempt| tried(drafts::submit(conn, attempt, id, &submission, handed_in)?, "/offer"))
        .await
}

/// List who saved a draft of a bid
///
/// Who and when, the newest first; saves of one person that follow each other within a quarter of an hour are one. Nothing is
/// kept of what was written before.
#[utoipa::path(tag = "bids", params(PageParams, ("draft" = Uuid, Path, description = "The draft")),
    security(("bearer" = []), ("api_key" = ["bids:read"])),
    responses((status = 200, description = "A page", body = SavePageView), ReadProblems))]
#[get("/bid-drafts/{draft}/saves")]
async fn list_bid_draft_saves(who: As<Bidder>, id: web::Path<Uuid>, query: Query<PageParams>) -> Answer {
    let (list, cursors) = (format!("bid-drafts/{id}/saves"), &who.state().cursors);
    let (before, limit) = query.0.read::<i32>(cursors, &list)?;
    let found = who.read(move |conn, actor| Ok(drafts::saves(conn, actor, BidDraftId(*id), before, limit + 1)?));
    let page = Paged::cut(found.await?, limit);
    let next = page.last(|(last, _)| cursors.seal(&list, &last.number)).transpose()?;
    let view = SavePageView { items: page.items.into_iter().map(Into::into).collect(), next };
    Ok(Reply::ok(&view)?.next(who.request(), view.next.as_ref()))
}

fn reply(opened: Opened) -> Answer {
    let version = opened.draft.version;
    Ok(Reply::ok(&DraftView::from(opened))?.version(version))
}
