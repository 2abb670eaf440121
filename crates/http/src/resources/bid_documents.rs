//! Documents of bids.

use crate::{
    Answer, Error,
    access::{As, Bidder, SignedIn},
    foundation::{
        ReadProblems, Reply, WriteProblems,
        download::{Download, attachment, is_head},
        query::{WriteParams, of_write},
        reply::Outcome,
        sealed_file::{Announced, Kept, receive},
    },
};
use actix_web::{HttpResponse, body::SizedStream, delete, get, post, rt, web};
use application::bid_documents::{self as documents, Opened};
use chrono::{DateTime, Utc};
use domain::{
    BidDocumentId, BidId, ChallengeId, Refusal,
    bid::{BidDocument, OfferedDocument},
    file::MediaType,
};
use futures_util::stream;
use sealing::DocumentSecret;
use serde::Serialize;
use storage::Content;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(add_bid_document)
        .service(list_bid_documents)
        .service(get_bid_document)
        .service(remove_bid_document)
        .service(download_bid_document);
}

/// A document of a bid as it is kept: encrypted.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = BidDocument)]
struct DocumentView {
    #[schema(example = "0199f3a0-5b1c-7c3e-8a4d-2f6b9c0d1e2f")]
    id: Uuid,
    #[schema(example = "0199f3a0-5b1c-7c3e-8a4d-2f6b9c0d1e2f")]
    challenge: Uuid,
    #[schema(example = "0199f3a0-5b1c-7c3e-8a4d-2f6b9c0d1e2f")]
    company: Uuid,
    /// In bytes, filled up and encrypted: one of eight sizes.
    #[schema(example = 65_752)]
    size: i64,
    /// SHA-256 of these bytes.
    #[schema(example = "9f2c1e6b7a8d4f3e9f2c1e6b7a8d4f3e9f2c1e6b7a8d4f3e9f2c1e6b7a8d4f3e")]
    sha256: Option<String>,
    /// When all of it was there.
    received_at: Option<DateTime<Utc>>,
}

impl From<BidDocument> for DocumentView {
    fn from(document: BidDocument) -> Self {
        let BidDocument { id, challenge, company, size, sha256, received_at, .. } = document;
        Self { id: id.0, challenge: challenge.0, company: company.0, size, sha256, received_at }
    }
}

/// A document of a bid, and what opens it.
#[derive(Serialize, ToSchema)]
#[schema(as = AddedBidDocument)]
struct AddedView {
    #[serde(flatten)]
    document: DocumentView,
    /// For `documents` of the offer, with a `name`. Shown this once, and kept nowhere: without it nobody can ever read the
    /// document. Nothing if the company encrypted it by itself.
    offered: Option<SecretView>,
}

/// What opens a document, and tells whether it is the right one.
#[derive(Serialize, ToSchema)]
#[schema(as = BidDocumentSecret)]
struct SecretView {
    #[schema(example = "0199f3a0-5b1c-7c3e-8a4d-2f6b9c0d1e2f")]
    document: Uuid,
    /// The key that opens it.
    #[schema(example = "AGE-SECRET-KEY-1GFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPQ4EGAEX")]
    key: String,
    /// In bytes, as it was sent.
    #[schema(example = 48_231)]
    size: i64,
    /// SHA-256 of these bytes.
    #[schema(example = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")]
    sha256: String,
}

impl From<Kept> for AddedView {
    fn from(Kept { document, secret }: Kept) -> Self {
        let id = document.id.0;
        let offered = secret.map(|DocumentSecret { key, size, sha256 }| SecretView {
            document: id,
            key: key.to_text().to_string(),
            size: i64::try_from(size).unwrap_or_default(),
            sha256: sha256.to_string(),
        });
        Self { document: document.into(), offered }
    }
}

#[derive(Serialize, ToSchema)]
#[schema(as = BidDocumentList)]
struct DocumentListView {
    items: Vec<DocumentView>,
}

/// Hand in a document for a bid
///
/// Takes the role `bidder` in a company, while bids are taken; whoever bids for several companies names one in
/// `Provoco-Organisation`. The body is the file, of a type that files may have, at most 50 MiB. It is encrypted while it arrives, for
/// a fresh key that the answer holds and that is kept nowhere: put what `offered` says, with a name, into `documents` of the offer.
/// So nobody reads the document before the opening. Sent as `application/octet-stream`, it is one that the company encrypted by
/// itself. A company keeps at most 30 documents for a challenge, and an offer refers to at most 10. An `Idempotency-Key` is not heeded.
#[utoipa::path(tag = "bids", params(WriteParams, ("challenge" = Uuid, Path, description = "The challenge")),
    request_body(content((Vec<u8> = "application/pdf"), (Vec<u8> = "image/png"), (Vec<u8> = "image/jpeg"),
        (Vec<u8> = "image/webp"), (Vec<u8> = "video/mp4"),
        (Vec<u8> = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
        (Vec<u8> = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        (Vec<u8> = "application/vnd.openxmlformats-officedocument.presentationml.presentation"),
        (Vec<u8> = "application/vnd.oasis.opendocument.text"), (Vec<u8> = "application/vnd.oasis.opendocument.spreadsheet"),
        (Vec<u8> = "application/vnd.oasis.opendocument.presentation"), (Vec<u8> = "application/zip"),
        (Vec<u8> = "text/plain"), (Vec<u8> = "text/csv"),
        (Vec<u8> = "application/octet-stream"))),
    security(("bearer" = []), ("api_key" = ["bids:write"])),
    responses((status = 201, description = "Received", body = AddedView), WriteProblems))]
#[post("/challenges/{challenge}/bid-documents")]
async fn add_bid_document(
    who: As<Bidder>,
    challenge: web::Path<Uuid>,
    announced: Announced,
    content: web::Payload,
) -> Answer {
    let dry_run = of_write(who.request())?.dry_run;
    // Not even who sent it can stop what did not arrive from being forgotten.
    let receiving = rt::spawn(receive(who, ChallengeId(*challenge), announced, content, dry_run));
    let kept = receiving.await.map_err(|error| Error::Internal(error.to_string()))??;
    let location = format!("/api/v1/bid-documents/{}", kept.document.id);
    let reply = Reply::created(location, &AddedView::from(kept))?;
    Ok(if dry_run { reply.of_dry_run() } else { reply })
}

/// List the documents that one's own companies have handed in for a challenge
///
/// Of those in which one has the role `bidder`; at most 30 of each, the oldest first. Whether a bid refers to one, only its offer
/// tells.
#[utoipa::path(tag = "bids", params(("challenge" = Uuid, Path, description = "The challenge")),
    security(("bearer" = []), ("api_key" = ["bids:read"])),
    responses((status = 200, description = "The documents", body = DocumentListView), ReadProblems))]
#[get("/challenges/{challenge}/bid-documents")]
async fn list_bid_documents(who: As<Bidder>, challenge: web::Path<Uuid>) -> Answer {
    who.read(move |conn, actor| {
        let found = documents::list(conn, actor, ChallengeId(*challenge))?;
        Reply::ok(&DocumentListView { items: found.into_iter().map(Into::into).collect() })
    })
    .await
}

/// Download a document of a bid as it is kept
///
/// Encrypted, for the bidders of its company, who can open it with the key and `age`. `Range` (one part) is heeded.
#[utoipa::path(tag = "bids", params(("document" = Uuid, Path, description = "Its id")),
    security(("bearer" = []), ("api_key" = ["bids:read"])),
    responses((status = 200, description = "The file", content_type = "application/octet-stream", body = Vec<u8>),
        ReadProblems))]
#[get("/bid-documents/{document}")]
async fn get_bid_document(who: As<Bidder>, id: web::Path<Uuid>) -> Result<HttpResponse, Error> {
    let found = who.read(move |conn, actor| Ok(documents::find(conn, actor, BidDocumentId(*id))?)).await?;
    let (name, media_type) = (format!("{}.age", found.id), "application/octet-stream".to_owned());
    let sha256 = found.sha256.unwrap_or_default();
    Download { name, media_type, size: found.size, sha256 }.answer(who.request(), who.state().storage()).await
}

/// Take away a document
///
/// For the bidders of its company, while the company has no bid on the challenge: nobody can tell whether a bid refers to it.
#[utoipa::path(tag = "bids", params(WriteParams, ("document" = Uuid, Path, description = "Its id")),
    security(("bearer" = []), ("api_key" = ["bids:write"])),
    responses((status = 204, description = "Taken away"), WriteProblems))]
#[delete("/bid-documents/{document}")]
async fn remove_bid_document(who: As<Bidder>, id: web::Path<Uuid>) -> Answer {
    who.write(move |conn, caller| {
        documents::remove(conn, caller, BidDocumentId(*id))?;
        Ok(Reply::no_content())
    })
    .await
}

/// Download a document of an opened bid
///
/// For those who may see the content of the bid: its company, and after the opening the officers and auditors of the agency and
/// the panel. Opened with the key from the envelope; always as an attachment. Each download is in the read log. What is not what
/// the offer says is not given (`document_damaged`), nor what a virus scanner found something in (`file_infected`).
#[utoipa::path(tag = "bids", params(("bid" = Uuid, Path, description = "The bid"),
        ("document" = Uuid, Path, description = "The document")),
    security(("bearer" = []), ("api_key" = ["bids:read"])),
    responses((status = 200, description = "The file", content_type = "application/octet-stream", body = Vec<u8>),
        ReadProblems))]
#[get("/bids/{bid}/documents/{document}")]
async fn download_bid_document(who: As<SignedIn>, path: web::Path<(Uuid, Uuid)>) -> Result<HttpResponse, Error> {
    let (bid, document) = (BidId(path.0), BidDocumentId(path.1));
    let opened = who.read_logged(move |conn, caller| Ok(documents::open(conn, caller, bid, document)?)).await?;
    let storage = who.state().storage();
    let Opened { offered, .. } = &opened;
    if let Some(damage) = documents::examine(storage, &opened).await? {
        let words = format!("\"{}\": {}", offered.name, damage.in_words());
        return Err(Refusal::DocumentDamaged(words).into());
    }
    let content: Content = if is_head(who.request()) {
        Box::pin(stream::empty())
    } else {
        documents::plain_text(storage, &opened).await?
    };
    Ok(file(offered).body(SizedStream::new(offered.size.unsigned_abs(), content)))
}

fn file(offered: &OfferedDocument) -> actix_web::HttpResponseBuilder {
    let mut response = HttpResponse::Ok();
    let kind = offered.media_type().map_or("application/octet-stream", MediaType::as_str);
    response.content_type(kind).insert_header(attachment(&offered.name));
    response
}
