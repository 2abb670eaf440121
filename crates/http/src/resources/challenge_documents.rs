//! Documents of challenges.

use super::uploads::{FindingView, ScanView};
use crate::{
    Answer, Error,
    access::{Anyone, As, SignedIn},
    foundation::{Body, ReadProblems, Reply, WriteProblems, download::Download, query::WriteParams, wire},
};
use actix_web::{HttpResponse, delete, get, post, web};
use application::challenge_documents::{self as documents, File};
use chrono::{DateTime, Utc};
use domain::{
    ChallengeDocumentId, ChallengeId, UploadId,
    challenge::{ChallengeDocument, ChallengeDocumentKind, DocumentDescription, DocumentVersion},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(list_challenge_documents)
        .service(add_challenge_document)
        .service(add_challenge_document_version)
        .service(acknowledge_document_findings)
        .service(remove_challenge_document)
        .service(download_challenge_document);
}

/// A document for a challenge.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct AddChallengeDocument {
    /// A complete upload of yours, announced for the agency. It is used up.
    #[schema(example = "0199f3a0-5b1c-7c3e-8a4d-2f6b9c0d1e2f")]
    upload: Uuid,
    /// One line.
    #[schema(example = "Call statistics 2025", min_length = 1, max_length = 200)]
    title: String,
    /// What it is for.
    #[schema(schema_with = wire::challenge_document_kind, example = "data")]
    kind: ChallengeDocumentKind,
    /// The language it is in (ISO 639-1).
    #[schema(example = "sl", nullable = false, pattern = "^[a-z]{2}$")]
    language: Option<String>,
    /// Whether you have looked at what the file tells besides what one sees of it, and everybody may know that. While the
    /// challenge is published, a file that tells something is not taken without.
    #[schema(example = true)]
    #[serde(default)]
    acknowledge_findings: bool,
}

/// A newer version of a document.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct AddDocumentVersion {
    /// A complete upload of yours, announced for the agency. It is used up.
    #[schema(example = "0199f3a0-5b1c-7c3e-8a4d-2f6b9c0d1e2f")]
    upload: Uuid,
    /// Whether you have looked at what the file tells besides what one sees of it, and everybody may know that. While the
    /// challenge is published, a file that tells something is not taken without.
    #[schema(example = true)]
    #[serde(default)]
    acknowledge_findings: bool,
}

/// A version of a document.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = DocumentVersion)]
struct VersionView {
    #[schema(example = 1)]
    number: i32,
    #[schema(example = "call-statistics-2025.xlsx")]
    name: String,
    /// In bytes.
    #[schema(example = 48_231)]
    size: i64,
    #[schema(example = "text/csv")]
    media_type: String,
    /// SHA-256 of its content.
    #[schema(example = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")]
    sha256: String,
    added_at: DateTime<Utc>,
    /// What it tells besides what one sees of it: comments, changes, hidden parts, names of people.
    findings: Vec<FindingView>,
    /// When somebody said that everybody may know that.
    findings_acknowledged_at: Option<DateTime<Utc>>,
    /// What a virus scanner says of it.
    scan: ScanView,
    /// Where it can be downloaded.
    #[schema(
        example = "/api/v1/challenges/0199f3a0-5b1c-7c3e-8a4d-2f6b9c0d1e2f/documents/0199f3a0-5b1c-7c3e-8a4d-2f6b9c0d1e2f/versions/1/content"
    )]
    content: String,
}

/// A document of a challenge.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ChallengeDocument)]
pub(crate) struct DocumentView {
    #[schema(example = "0199f3a0-5b1c-7c3e-8a4d-2f6b9c0d1e2f")]
    id: Uuid,
    #[schema(example = "Call statistics 2025")]
    title: String,
    #[schema(schema_with = wire::challenge_document_kind, example = "data")]
    kind: ChallengeDocumentKind,
    #[schema(example = "sl")]
    language: Option<String>,
    added_at: DateTime<Utc>,
    /// The oldest first; the last one holds.
    versions: Vec<VersionView>,
}

impl From<ChallengeDocument> for DocumentView {
    fn from(document: ChallengeDocument) -> Self {
        let place = format!("/api/v1/challenges/{}/documents/{}/versions", document.challenge, document.id);
        let version = |version: DocumentVersion| VersionView {
            content: format!("{place}/{}/content", version.number),
            number: version.number,
            name: version.name,
            size: version.size,
            media_type: version.media_type,
            sha256: version.sha256,
            added_at: version.added_at,
            findings: version.findings.into_iter().map(Into::into).collect(),
            findings_acknowledged_at: version.acknowledged.map(|(_, at)| at),
            scan: version.scan.into(),
        };
        let DocumentDescription { title, kind, language } = document.description;
        Self {
            id: document.id.0,
            title,
            kind,
            language,
            added_at: document.added_at,
            versions: document.versions.into_iter().map(version).collect(),
        }
    }
}

#[derive(Serialize, ToSchema)]
#[schema(as = ChallengeDocumentList)]
struct DocumentListView {
    items: Vec<DocumentView>,
}

/// List the documents of a challenge
///
/// All versions, at most 50 documents with 50 versions each, the oldest first; for those who may see the challenge.
#[utoipa::path(tag = "challenges", params(("challenge" = Uuid, Path, description = "The challenge")),
    responses((status = 200, description = "The documents", body = DocumentListView), ReadProblems))]
#[get("/challenges/{challenge}/documents")]
async fn list_challenge_documents(who: Anyone, id: web::Path<Uuid>) -> Answer {
    who.read(move |conn, viewer| {
        let found = documents::list(conn, viewer, ChallengeId(*id))?;
        Reply::ok(&DocumentListView { items: found.into_iter().map(Into::into).collect() })
    })
    .await
}

/// Add a document to a challenge
///
/// While it is a draft, or changes were requested, this takes the role `author`. While it is published, it takes the role
/// `officer`, and everybody sees the document at once.
#[utoipa::path(tag = "challenges", params(WriteParams, ("challenge" = Uuid, Path, description = "The challenge")),
    request_body = AddChallengeDocument, security(("bearer" = [])),
    responses((status = 201, description = "Added", body = DocumentView), WriteProblems))]
#[post("/challenges/{challenge}/documents")]
async fn add_challenge_document(who: As<SignedIn>, id: web::Path<Uuid>, body: Body<AddChallengeDocument>) -> Answer {
    who.write(move |conn, caller| {
        let AddChallengeDocument { upload, title, kind, language, acknowledge_findings } = body.0;
        let file = File { upload: UploadId(upload), acknowledge_findings };
        let description = DocumentDescription { title, kind, language };
        let document = documents::add(conn, caller, ChallengeId(*id), description, file)?;
        let location = format!("/api/v1/challenges/{id}/documents");
        Reply::created(location, &DocumentView::from(document))
    })
    .await
}

/// Add a newer version of a document
///
/// As for a new document. The older versions stay, and can be downloaded.
#[utoipa::path(tag = "challenges", params(WriteParams, ("challenge" = Uuid, Path, description = "The challenge"),
        ("document" = Uuid, Path, description = "The document")),
    request_body = AddDocumentVersion, security(("bearer" = [])),
    responses((status = 201, description = "Added", body = DocumentView), WriteProblems))]
#[post("/challenges/{challenge}/documents/{document}/versions")]
async fn add_challenge_document_version(
    who: As<SignedIn>,
    path: web::Path<(Uuid, Uuid)>,
    body: Body<AddDocumentVersion>,
) -> Answer {
    let place = (ChallengeId(path.0), ChallengeDocumentId(path.1));
    who.write(move |conn, caller| {
        let AddDocumentVersion { upload, acknowledge_findings } = body.0;
        let file = File { upload: UploadId(upload), acknowledge_findings };
        let document = documents::add_version(conn, caller, place, file)?;
        let location = format!("/api/v1/challenges/{}/documents", place.0);
        Reply::created(location, &DocumentView::from(document))
    })
    .await
}

/// Acknowledge what a version of a document tells
///
/// Besides what one sees of it: its `findings`. Takes the role `author` or `officer`, before the challenge is approved;
/// without, it is neither approved nor published.
#[utoipa::path(tag = "challenges", params(WriteParams, ("challenge" = Uuid, Path, description = "The challenge"),
        ("document" = Uuid, Path, description = "The document"),
        ("number" = i32, Path, description = "The version", minimum = 1, maximum = 1000)),
    security(("bearer" = [])), responses((status = 200, description = "Acknowledged", body = DocumentView), WriteProblems))]
#[post("/challenges/{challenge}/documents/{document}/versions/{number}/acknowledge-findings")]
async fn acknowledge_document_findings(who: As<SignedIn>, path: web::Path<(Uuid, Uuid, i32)>) -> Answer {
    let (place, number) = ((ChallengeId(path.0), ChallengeDocumentId(path.1)), path.2);
    who.write(move |conn, caller| Reply::ok(&DocumentView::from(documents::acknowledge(conn, caller, place, number)?)))
        .await
}

/// Remove a document from a draft
///
/// With all its versions. Takes the role `author`, while the challenge is a draft or changes were requested: what everybody
/// could see stays.
#[utoipa::path(tag = "challenges", params(WriteParams, ("challenge" = Uuid, Path, description = "The challenge"),
        ("document" = Uuid, Path, description = "The document")),
    security(("bearer" = [])), responses((status = 204, description = "Removed"), WriteProblems))]
#[delete("/challenges/{challenge}/documents/{document}")]
async fn remove_challenge_document(who: As<SignedIn>, path: web::Path<(Uuid, Uuid)>) -> Answer {
    let place = (ChallengeId(path.0), ChallengeDocumentId(path.1));
    who.write(move |conn, caller| {
        documents::remove(conn, caller, place)?;
        Ok(Reply::no_content())
    })
    .await
}

/// Download a version of a document
///
/// For those who may see the challenge; always as an attachment. What a virus scanner found something in is not given
/// (`file_infected`). The `ETag` is the SHA-256 of the content. `Range` (one part)
/// with `If-Range` gives the rest of a download that broke off.
#[utoipa::path(tag = "challenges", params(("challenge" = Uuid, Path, description = "The challenge"),
        ("document" = Uuid, Path, description = "The document"),
        ("number" = i32, Path, description = "The version", minimum = 1, maximum = 1000)),
    responses((status = 200, description = "The file", content_type = "application/octet-stream", body = Vec<u8>),
        ReadProblems))]
#[get("/challenges/{challenge}/documents/{document}/versions/{number}/content")]
async fn download_challenge_document(who: Anyone, path: web::Path<(Uuid, Uuid, i32)>) -> Result<HttpResponse, Error> {
    let (place, number) = ((ChallengeId(path.0), ChallengeDocumentId(path.1)), path.2);
    let (version, attracted) = who
        .read(move |conn, viewer| {
            let version = documents::version(conn, viewer, place, number)?;
            Ok((version, documents::attracts(conn, viewer, place.0)?))
        })
        .await?;
    if attracted {
        who.note(move |conn, reader| Ok(documents::downloaded(conn, reader, place.0)?)).await?;
    }
    let DocumentVersion { name, media_type, size, sha256, .. } = version;
    Download { name, media_type, size, sha256 }.answer(who.request(), who.state().storage()).await
}
