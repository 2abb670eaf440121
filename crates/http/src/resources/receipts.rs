//! Signed receipts of a company, and checking one without an account.

use crate::{
    Answer, Error, State,
    access::{Anyone, As, SignedIn},
    foundation::{
        Body, PageParams, Paged, Query, ReadProblems, Reply, WriteProblems, query::WriteParams, wire::ReceiptWire,
    },
    pages,
};
use actix_web::{
    HttpRequest, HttpResponse, Responder, get,
    http::{
        StatusCode,
        header::{self, Accept, Header},
    },
    post, web,
};
use application::bid_receipts;
use askama::Template;
use chrono::{DateTime, Utc};
use domain::{BidId, ReceiptId, Refusal};
use persistence::bid_receipts::ReceiptKey;
use receipts::{Action, Kind, Payload, Receipt};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(list_receipts)
        .service(list_bid_receipts)
        .service(verify_receipt)
        .service(get_receipt)
        .service(list_receipt_keys);
}

/// A receipt, with what its text says.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ReceiptEntry)]
struct EntryView {
    #[schema(example = "0199f3a0-5b1c-7c3e-8a4d-2f6b9c0d1e2f")]
    id: Uuid,
    /// `receipt` for what counts, `refusal` for what was refused.
    #[schema(value_type = String, example = "receipt")]
    kind: Kind,
    /// `submit`, `replace`, `confirm` or `withdraw`.
    #[schema(value_type = String, example = "submit")]
    action: Action,
    #[schema(example = "0199f3a0-5b1c-7c3e-8a4d-2f6b9c0d1e2f")]
    challenge: Uuid,
    /// Whether it only tries things out in a sandbox.
    #[schema(example = false)]
    sandbox: bool,
    #[schema(example = "0199f3a0-5b1c-7c3e-8a4d-2f6b9c0d1e2f")]
    company: Uuid,
    /// None if a first submission was refused.
    #[schema(example = "0199f3a0-5b1c-7c3e-8a4d-2f6b9c0d1e2f")]
    bid: Option<Uuid>,
    /// The time of receipt, by the database's clock; in a sandbox, by the clock of the challenge.
    received_at: DateTime<Utc>,
    /// Why it was refused: the code of the problem.
    #[schema(example = "deadline_passed")]
    reason: Option<String>,
    receipt: ReceiptWire,
}

impl EntryView {
    fn of((id, receipt): (ReceiptId, Receipt)) -> Result<Self, Error> {
        let payload = receipt.read().map_err(|error| Error::Internal(error.to_string()))?;
        let sandbox = payload.is_of_sandbox();
        let Payload { kind, action, challenge, company, bid, received_at, reason, .. } = payload;
        Ok(Self {
            id: id.0,
            kind,
            action,
            challenge,
            sandbox,
            company,
            bid,
            received_at,
            reason,
            receipt: receipt.into(),
        })
    }
}

#[derive(Serialize, ToSchema)]
#[schema(as = ReceiptPage)]
struct ReceiptPageView {
    items: Vec<EntryView>,
    /// The cursor of the next page, if there is one.
    #[schema(example = "q1Zb...")]
    next: Option<String>,
}

/// List the receipts of one's own companies
///
/// The newest first: what was received, and what was refused on the record.
#[utoipa::path(tag = "bids", params(PageParams), security(("bearer" = []), ("api_key" = ["bids:read"])),
    responses((status = 200, description = "A page", body = ReceiptPageView), ReadProblems))]
#[get("/receipts")]
async fn list_receipts(who: As<SignedIn>, query: Query<PageParams>) -> Answer {
    let (after, limit) = query.0.read::<Uuid>(&who.state().cursors, "receipts")?;
    let found = who.read(move |conn, actor| Ok(bid_receipts::list_own(conn, actor, after.map(ReceiptId), limit + 1)?));
    page_reply(found.await?, limit, "receipts", who.state(), who.request())
}

/// List the receipts of a bid
///
/// For its company, the newest first: what was received, and what was refused on the record.
#[utoipa::path(tag = "bids", params(PageParams, ("bid" = Uuid, Path, description = "The bid")),
    security(("bearer" = []), ("api_key" = ["bids:read"])),
    responses((status = 200, description = "A page", body = ReceiptPageView), ReadProblems))]
#[get("/bids/{bid}/receipts")]
async fn list_bid_receipts(who: As<SignedIn>, id: web::Path<Uuid>, query: Query<PageParams>) -> Answer {
    let list = format!("bids/{id}/receipts");
    let (after, limit) = query.0.read::<Uuid>(&who.state().cursors, &list)?;
    let found = who.read(move |conn, actor| {
        Ok(bid_receipts::list_of_bid(conn, actor, BidId(*id), after.map(ReceiptId), limit + 1)?)
    });
    page_reply(found.await?, limit, &list, who.state(), who.request())
}

fn page_reply(
    found: Vec<(ReceiptId, Receipt)>,
    limit: i64,
    list: &str,
    state: &State,
    request: &HttpRequest,
) -> Answer {
    let page = Paged::cut(found, limit);
    let next = page.last(|(id, _)| state.cursors.seal(list, &id.0)).transpose()?;
    let items = page.items.into_iter().map(EntryView::of).collect::<Result<_, _>>()?;
    let view = ReceiptPageView { items, next };
    Ok(Reply::ok(&view)?.next(request, view.next.as_ref()))
}

/// The forms of a receipt or certificate.
#[derive(Clone, Copy)]
pub(super) enum Form {
    /// The file that is checked.
    Json,
    /// A page.
    Html,
    /// A page on paper.
    Pdf,
}

/// The id and the form that is asked for: by the ending of the path, else by `Accept`, else the file.
pub(super) fn asked(path: &str, request: &HttpRequest, what: &'static str) -> Result<(Uuid, Form), Error> {
    let (id, form) = match path.split_once('.') {
        Some((id, "json")) => (id, Form::Json),
        Some((id, "html")) => (id, Form::Html),
        Some((id, "pdf")) => (id, Form::Pdf),
        Some(_) => return Err(Error::NoRoute),
        None => (path, accepted(request)),
    };
    let id = id.parse().map_err(|_| Refusal::NotFound(what))?;
    Ok((id, form))
}

fn accepted(request: &HttpRequest) -> Form {
    let form = |essence: &str| match essence {
        "application/json" | "application/*" | "*/*" => Some(Form::Json),
        "text/html" | "text/*" => Some(Form::Html),
        "application/pdf" => Some(Form::Pdf),
        _ => None,
    };
    let accept = Accept::parse(request).ok();
    let ranked = accept.map(|accept| accept.ranked()).unwrap_or_default();
    ranked.iter().find_map(|mime| form(mime.essence_str())).unwrap_or(Form::Json)
}

#[derive(Template)]
#[template(path = "receipt.html")]
struct ReceiptPage {
    sentence: String,
    facts: Vec<(&'static str, String)>,
    payload: String,
    signature: String,
}

/// See a receipt
///
/// For its company. As a file (JSON), which is what anybody checks; as a page (HTML) or on paper (PDF), for reading. Say
/// which with `Accept`, or write `.json`, `.html` or `.pdf` behind the id.
#[utoipa::path(tag = "bids", params(("receipt" = String, Path, description = "Its id, and perhaps an ending",
        min_length = 36, max_length = 41)),
    security(("bearer" = []), ("api_key" = ["bids:read"])),
    responses((status = 200, description = "The receipt", content((ReceiptWire = "application/json"),
        (String = "text/html"), (Vec<u8> = "application/pdf"))), ReadProblems))]
#[get("/receipts/{receipt}")]
async fn get_receipt(who: As<SignedIn>, path: web::Path<String>) -> Result<HttpResponse, Error> {
    let (id, form) = asked(&path, who.request(), "receipt")?;
    let id = ReceiptId(id);
    let receipt = who.read(move |conn, actor| Ok(bid_receipts::find(conn, actor, id)?)).await?;
    let mut response = match form {
        Form::Json => Reply::ok(&ReceiptWire::from(receipt))?.respond_to(who.request()),
        Form::Html => html(receipt)?,
        Form::Pdf => pdf(id, &receipt)?,
    };
    response.headers_mut().insert(header::VARY, header::HeaderValue::from_static("accept"));
    Ok(response)
}

fn html(receipt: Receipt) -> Result<HttpResponse, Error> {
    let said = receipt.read().map_err(|error| Error::Internal(error.to_string()))?;
    let Receipt { payload, signature, .. } = receipt;
    let page = ReceiptPage { sentence: said.sentence(), facts: said.facts(), payload, signature };
    pages::page(StatusCode::OK, &page)
}

fn pdf(id: ReceiptId, receipt: &Receipt) -> Result<HttpResponse, Error> {
    let file = receipts::pdf(receipt).map_err(|error| Error::Internal(error.to_string()))?;
    let name = format!("attachment; filename=\"receipt-{id}.pdf\"");
    Ok(HttpResponse::Ok().content_type("application/pdf").insert_header((header::CONTENT_DISPOSITION, name)).body(file))
}

/// What is to be thought of a receipt.
#[derive(Serialize, ToSchema)]
#[schema(as = ReceiptVerdict)]
struct VerdictView {
    /// Whether a key of this installation signed exactly this.
    #[schema(example = true)]
    valid: bool,
    /// If not, why: `not_a_receipt`, `unknown_key`, `damaged_key` or `wrong_signature`.
    #[schema(example = "wrong_signature")]
    reason: Option<&'static str>,
    /// The same in words.
    #[schema(example = "the signature does not fit: the text was changed, or signed with another key")]
    detail: Option<String>,
}

/// Check a receipt
///
/// For anybody, without an account. Judges the signature by the public keys of this installation and by nothing else, so
/// the answer tells nothing that is not in the receipt.
#[utoipa::path(tag = "receipts", params(WriteParams), request_body = ReceiptWire,
    responses((status = 200, description = "The verdict", body = VerdictView), WriteProblems))]
#[post("/receipts/verify")]
async fn verify_receipt(who: Anyone, body: Body<ReceiptWire>) -> Answer {
    let receipt = Receipt::from(body.0);
    who.write(move |conn, _| {
        let invalid = bid_receipts::verify(conn, &receipt)?.err();
        Reply::ok(&VerdictView {
            valid: invalid.is_none(),
            reason: invalid.as_ref().map(receipts::Invalid::code),
            detail: invalid.map(|invalid| invalid.to_string()),
        })
    })
    .await
}

/// A public key with which anybody checks receipts.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ReceiptKey)]
struct KeyView {
    /// Its name in receipts: the first 16 bytes of the SHA-256 of the key, in hexadecimal.
    #[schema(example = "34750f98bd59fcfc946da45aaabe933b")]
    id: String,
    /// Always `Ed25519` (RFC 8032).
    #[schema(example = "Ed25519")]
    algorithm: &'static str,
    /// The 32 bytes of the key, in base64.
    #[schema(example = "iojj3XQJ8ZX9UtstPLpdcspnCb8dlBIb83SIAbQPb1w=")]
    public_key: String,
    /// Since when receipts have been signed with it.
    introduced_at: DateTime<Utc>,
}

impl From<ReceiptKey> for KeyView {
    fn from(key: ReceiptKey) -> Self {
        let ReceiptKey { id, public_key, introduced_at } = key;
        Self { id, algorithm: "Ed25519", public_key, introduced_at }
    }
}

#[derive(Serialize, ToSchema)]
#[schema(as = ReceiptKeys)]
struct KeysView {
    /// The newest first. A receipt stays good when another key has come into use.
    items: Vec<KeyView>,
}

/// List the keys of receipts
///
/// The public keys that this installation signs receipts with, or has signed them with; for anybody. Keep a copy: with it
/// receipts can be checked without this server.
#[utoipa::path(tag = "receipts", responses((status = 200, description = "The keys", body = KeysView), ReadProblems))]
#[get("/receipt-keys")]
async fn list_receipt_keys(who: Anyone) -> Answer {
    let keys = who.read(|conn, _| Ok(bid_receipts::keys(conn)?)).await?;
    Reply::ok(&KeysView { items: keys.into_iter().map(Into::into).collect() })
}
