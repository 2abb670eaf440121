//! Standing documents of organisations.

use super::uploads::ScanView;
use crate::{
    Answer, Error,
    access::{As, Owner, SignedIn},
    foundation::{
        Body, EditProblems, File, Precondition, ReadProblems, Reply, WriteProblems, query::WriteParams, wire,
    },
};
use actix_web::{
    HttpResponse, delete, get,
    http::header::{ContentDisposition, DispositionParam, DispositionType},
    post, put, web,
};
use application::documents::{self, Description};
use chrono::{DateTime, NaiveDate, Utc};
use domain::{
    DocumentId, OrganisationId,
    organisation::{DocumentKind, FileFacts, StandingDocument},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(list_documents)
        .service(add_document)
        .service(store_document_file)
        .service(get_document_file)
        .service(remove_document);
}

#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct AddDocument {
    /// What it shows.
    #[schema(schema_with = wire::document_kind, example = "insurance")]
    kind: DocumentKind,
    #[schema(example = "Professional liability, EUR 1 million", min_length = 1, max_length = 200)]
    title: String,
    /// The day it was issued; not ahead.
    #[schema(example = "2026-01-15")]
    issued_on: NaiveDate,
    /// The last day it is good, if there is one.
    #[schema(example = "2027-01-14")]
    expires_on: Option<NaiveDate>,
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = DocumentFile)]
struct FileView {
    #[schema(example = "application/pdf")]
    media_type: String,
    /// In bytes.
    #[schema(example = 48213)]
    size: i32,
    /// SHA-256 of the content, in hexadecimal.
    #[schema(example = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08")]
    sha256: String,
    /// What a virus scanner says of it.
    scan: ScanView,
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = StandingDocument)]
struct DocumentView {
    #[schema(example = "0199f3a0-5b1c-7c3e-8a4d-2f6b9c0d1e2f")]
    id: Uuid,
    #[schema(schema_with = wire::document_kind, example = "insurance")]
    kind: DocumentKind,
    #[schema(example = "Professional liability, EUR 1 million")]
    title: String,
    #[schema(example = "2026-01-15")]
    issued_on: NaiveDate,
    #[schema(example = "2027-01-14")]
    expires_on: Option<NaiveDate>,
    /// Whether the last day is over, in UTC.
    #[schema(example = false)]
    expired: bool,
    /// The file, once it was sent.
    file: Option<FileView>,
    added_at: DateTime<Utc>,
    /// Grows with each change; for `If-Match`.
    #[schema(example = 1)]
    version: i32,
}

impl DocumentView {
    fn new(document: StandingDocument, now: DateTime<Utc>) -> Self {
        let file =
            |FileFacts { media_type, size, sha256, scan }| FileView { media_type, size, sha256, scan: scan.into() };
        Self {
            id: document.id.0,
            kind: document.kind,
            expired: document.is_expired(now),
            title: document.title,
            issued_on: document.issued_on,
            expires_on: document.expires_on,
            file: document.file.map(file),
            added_at: document.added_at,
            version: document.version,
        }
    }
}

#[derive(Serialize, ToSchema)]
#[schema(as = StandingDocumentList)]
struct DocumentListView {
    items: Vec<DocumentView>,
}

/// List the standing documents of an organisation
///
/// For its members, for administrators and for auditors of the platform; at most 20, the oldest first.
#[utoipa::path(tag = "organisations", params(("organisation" = Uuid, Path, description = "Its id")),
    security(("bearer" = []), ("api_key" = ["organisations:read"])),
    responses((status = 200, description = "The documents", body = DocumentListView), ReadProblems))]
#[get("/organisations/{organisation}/documents")]
async fn list_documents(who: As<SignedIn>, id: web::Path<Uuid>) -> Answer {
    who.read(move |conn, actor| {
        let found = documents::list(conn, actor, OrganisationId(*id))?;
        let now = conn.machine_now();
        Reply::ok(&DocumentListView { items: found.into_iter().map(|d| DocumentView::new(d, now)).collect() })
    })
    .await
}

/// Add a standing document
///
/// Takes the role `owner`. The file follows in a second request. What a document says is not changed: a newer one is
/// added, and the old one removed. At most 20.
#[utoipa::path(tag = "organisations", params(WriteParams, ("organisation" = Uuid, Path, description = "Its id")),
    request_body = AddDocument, security(("bearer" = []), ("api_key" = ["organisations:write"])),
    responses((status = 201, description = "Added", body = DocumentView), WriteProblems))]
#[post("/organisations/{organisation}/documents")]
async fn add_document(who: As<Owner>, id: web::Path<Uuid>, body: Body<AddDocument>) -> Answer {
    who.write(move |conn, caller| {
        let AddDocument { kind, title, issued_on, expires_on } = body.0;
        let said = Description { kind, title, issued_on, expires_on };
        let document = documents::add(conn, caller, OrganisationId(*id), said)?;
        let location = format!("/api/v1/organisations/{id}/documents/{}", document.id);
        let view = DocumentView::new(document, conn.machine_now());
        Ok(Reply::created(location, &view)?.version(view.version))
    })
    .await
}

/// Send the file of a standing document
///
/// Takes the role `owner`. A PDF, PNG or JPEG file of at most 5 MiB, as it is; `Content-Type` says which. It can be sent
/// once.
#[utoipa::path(tag = "organisations", params(WriteParams,
        ("organisation" = Uuid, Path, description = "The organisation"),
        ("document" = Uuid, Path, description = "The document"),
        ("If-Match" = String, Header, description = "The ETag that was read")),
    request_body(content((Vec<u8> = "application/pdf"), (Vec<u8> = "image/png"), (Vec<u8> = "image/jpeg"))),
    security(("bearer" = []), ("api_key" = ["organisations:write"])),
    responses((status = 200, description = "Stored", body = DocumentView), EditProblems))]
#[put("/organisations/{organisation}/documents/{document}/file")]
async fn store_document_file(who: As<Owner>, path: web::Path<(Uuid, Uuid)>, seen: Precondition, file: File) -> Answer {
    let place = place(&path);
    who.write(move |conn, caller| {
        let File { content, media_type } = file;
        let document = documents::attach(conn, caller, place, Some(seen.0), &content, &media_type)?;
        let view = DocumentView::new(document, conn.machine_now());
        Ok(Reply::ok(&view)?.version(view.version))
    })
    .await
}

/// Download the file of a standing document
///
/// For its members, for administrators and for auditors of the platform; always as an attachment. The read log says who
/// did. What a virus scanner found something in is not given (`file_infected`).
#[utoipa::path(tag = "organisations", params(
        ("organisation" = Uuid, Path, description = "The organisation"),
        ("document" = Uuid, Path, description = "The document")),
    security(("bearer" = []), ("api_key" = ["organisations:read"])),
    responses((status = 200, description = "The file", content_type = "application/octet-stream", body = Vec<u8>),
        ReadProblems))]
#[get("/organisations/{organisation}/documents/{document}/file")]
async fn get_document_file(who: As<SignedIn>, path: web::Path<(Uuid, Uuid)>) -> Result<HttpResponse, Error> {
    let place = place(&path);
    let (kind, file, content) =
        who.read_logged(move |conn, caller| Ok(documents::download(conn, caller, place)?)).await?;
    let ending = file.media_type.rsplit('/').next().unwrap_or_default();
    let name = format!("{}-{}.{ending}", kind.as_str(), place.1);
    let disposition = ContentDisposition {
        disposition: DispositionType::Attachment,
        parameters: vec![DispositionParam::Filename(name)],
    };
    Ok(HttpResponse::Ok().content_type(file.media_type).insert_header(disposition).body(content))
}

/// Remove a standing document
///
/// Takes the role `owner`. Its file goes with it; bids that were handed in keep its hash.
#[utoipa::path(tag = "organisations", params(WriteParams,
        ("organisation" = Uuid, Path, description = "The organisation"),
        ("document" = Uuid, Path, description = "The document"),
        ("If-Match" = String, Header, description = "The ETag that was read")),

    security(("bearer" = []), ("api_key" = ["organisations:write"])), responses((status = 204, description = "Removed"), EditProblems))]
#[delete("/organisations/{organisation}/documents/{document}")]
async fn remove_document(who: As<Owner>, path: web::Path<(Uuid, Uuid)>, seen: Precondition) -> Answer {
    let place = place(&path);
    who.write(move |conn, caller| {
        documents::remove(conn, caller, place, Some(seen.0))?;
        Ok(Reply::no_content())
    })
    .await
}

fn place(path: &(Uuid, Uuid)) -> (OrganisationId, DocumentId) {
    (OrganisationId(path.0), DocumentId(path.1))
}
