//! Uploads: files that arrive piece by piece, by the tus protocol (version 1.0.0, <https://tus.io/protocols/resumable-upload>).
//!
//! They are announced by a JSON document instead of tus' own creation extension, so that everything about a file can be
//! checked, field by field, before its first byte. From then on any tus client can send it.

use crate::{
    Answer, Error,
    access::{As, SignedIn},
    foundation::{
        Body, PieceProblems, ReadProblems, Reply, WriteProblems,
        piece::{Piece, receive},
        query::{WriteParams, of_write},
        reply::Outcome,
        wire,
    },
};
use actix_web::{delete, get, patch, post, rt, web};
use application::uploads;
use chrono::{DateTime, Utc};
use domain::{
    OrganisationId, UploadId,
    file::{Announced, Finding, FindingKind, Rejection, Scan, ScanStatus, Upload, UploadStatus},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config.service(begin_upload).service(get_upload).service(send_piece).service(abandon_upload);
}

/// A file that will be sent.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct AnnounceFile {
    /// The organisation whose quota it counts against; you must belong to it.
    #[schema(example = "0199f3a0-5b1c-7c3e-8a4d-2f6b9c0d1e2f")]
    organisation: Uuid,
    /// Its name: no path, no invisible characters, the usual ending of its type.
    #[schema(example = "call-statistics-2025.xlsx", min_length = 1, max_length = 120)]
    name: String,
    /// Its size in bytes.
    #[schema(example = 48_231, minimum = 1, maximum = 1_099_511_627_776_i64)]
    size: i64,
    /// Its media type.
    #[schema(schema_with = wire::file_type, example = "application/pdf")]
    media_type: String,
    /// SHA-256 of its content. If it is given, nothing else is taken.
    #[schema(
        example = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
        nullable = false,
        pattern = "^[0-9a-f]{64}$"
    )]
    sha256: Option<String>,
}

/// Something that a file tells besides what one sees of it.
#[derive(Serialize, ToSchema)]
#[schema(as = Finding)]
pub(crate) struct FindingView {
    #[schema(schema_with = wire::finding_kind, example = "comments")]
    kind: FindingKind,
    /// How often it is there.
    #[schema(example = 3)]
    count: u32,
}

impl From<Finding> for FindingView {
    fn from(Finding { kind, count }: Finding) -> Self {
        Self { kind, count }
    }
}

/// What a virus scanner says of the content of a file.
#[derive(Serialize, ToSchema)]
#[schema(as = Scan)]
pub(crate) struct ScanView {
    /// `not_scanned`: this installation has no scanner, or the file has just come. `failed`: the scanner could not say; it is
    /// asked again, unless the file is too large for it. Only `infected` stands in the way of anything.
    #[schema(schema_with = wire::scan_status, example = "clean")]
    status: ScanStatus,
    /// What was found, in the scanner's words.
    #[schema(example = "Win.Test.EICAR_HDB-1")]
    signature: Option<String>,
    /// When the scanner was last asked.
    at: Option<DateTime<Utc>>,
}

impl From<Scan> for ScanView {
    fn from(Scan { status, signature, at }: Scan) -> Self {
        Self { status, signature, at }
    }
}

/// A file on its way.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Upload)]
struct UploadView {
    #[schema(example = "0199f3a0-5b1c-7c3e-8a4d-2f6b9c0d1e2f")]
    id: Uuid,
    #[schema(example = "0199f3a0-5b1c-7c3e-8a4d-2f6b9c0d1e2f")]
    organisation: Uuid,
    #[schema(example = "call-statistics-2025.xlsx")]
    name: String,
    /// In bytes.
    #[schema(example = 48_231)]
    size: i64,
    #[schema(example = "application/pdf")]
    media_type: String,
    /// How many bytes are kept for certain: where the next piece goes on.
    #[schema(example = 16_384)]
    offset: i64,
    /// `receiving`, then `checking` when it is whole, then `complete`: it can be used; or `rejected`.
    #[schema(schema_with = wire::upload_status, example = "receiving")]
    status: UploadStatus,
    /// Why it was rejected.
    #[schema(schema_with = wire::rejection, example = "wrong_type")]
    rejection: Option<Rejection>,
    /// SHA-256 of its content: what was promised, or what was found.
    #[schema(example = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")]
    sha256: Option<String>,
    /// What it tells besides what one sees of it; known when it is complete.
    findings: Vec<FindingView>,
    /// What a virus scanner says of it, after it is complete.
    scan: ScanView,
    created_at: DateTime<Utc>,
    /// When it is forgotten, unless it is used. Each piece puts it off, and so does the check.
    expires_at: DateTime<Utc>,
}

impl From<Upload> for UploadView {
    fn from(upload: Upload) -> Self {
        let Announced { organisation, name, size, media_type, sha256 } = upload.announced;
        Self {
            id: upload.id.0,
            organisation: organisation.0,
            name,
            size,
            media_type,
            offset: upload.received,
            status: upload.status,
            rejection: upload.rejection,
            sha256: upload.sha256.or(sha256),
            findings: upload.findings.into_iter().map(Into::into).collect(),
            scan: upload.scan.into(),
            created_at: upload.created_at,
            expires_at: upload.expires_at,
        }
    }
}

/// What tus clients look at.
fn progress(reply: Reply, upload: &Upload) -> Reply {
    let expires = upload.expires_at.format("%a, %d %b %Y %H:%M:%S GMT").to_string();
    let reply = reply.header("upload-offset", upload.received.to_string());
    reply.header("upload-length", upload.announced.size.to_string()).header("upload-expires", expires)
}

/// Announce a file
///
/// Everything about it is checked before its first byte: name, size, type, and the quota of the organisation. Send the
/// content to the address in `Location` afterwards, in one piece or many. At most 20 uploads at a time for each person; one
/// that is not used is forgotten after 48 hours.
#[utoipa::path(tag = "files", params(WriteParams), request_body = AnnounceFile, security(("bearer" = [])),
    responses((status = 201, description = "Announced", body = UploadView), WriteProblems))]
#[post("/uploads")]
async fn begin_upload(who: As<SignedIn>, body: Body<AnnounceFile>) -> Answer {
    let limits = who.state().settings.uploads;
    who.write(move |conn, caller| {
        let AnnounceFile { organisation, name, size, media_type, sha256 } = body.0;
        let announced = Announced { organisation: OrganisationId(organisation), name, size, media_type, sha256 };
        let upload = uploads::begin(conn, caller, announced, limits)?;
        let location = format!("/api/v1/uploads/{}", upload.id);
        let reply = Reply::created(location, &UploadView::from(upload.clone()))?;
        Ok(progress(reply, &upload))
    })
    .await
}

/// See how far an upload is
///
/// For who sends it only. `HEAD` gives the same without the document: `Upload-Offset` says where the next piece goes on.
#[utoipa::path(tag = "files", params(("upload" = Uuid, Path, description = "Its id")), security(("bearer" = [])),
    responses((status = 200, description = "The upload", body = UploadView), ReadProblems))]
#[get("/uploads/{upload}")]
async fn get_upload(who: As<SignedIn>, id: web::Path<Uuid>) -> Answer {
    who.read(move |conn, actor| {
        let upload = uploads::find(conn, actor, UploadId(*id))?;
        Ok(progress(Reply::ok(&UploadView::from(upload.clone()))?, &upload))
    })
    .await
}

/// Send a piece of a file
///
/// `Upload-Offset` must be where the upload stopped; otherwise the answer is 409 with the right one. Whatever arrives is
/// kept, even when the connection breaks: ask where it stopped, and go on from there. One connection at a time. When the
/// last byte is there, the content is checked: wait until `status` is `complete`. An `Idempotency-Key` is not heeded, since
/// the offset makes sure that nothing is added twice.
#[utoipa::path(tag = "files", params(WriteParams, ("upload" = Uuid, Path, description = "Its id"),
        ("Upload-Offset" = i64, Header, description = "Where this piece begins"),
        ("Tus-Resumable" = Option<String>, Header, description = "The version of the protocol: 1.0.0")),
    request_body(content((Vec<u8> = "application/offset+octet-stream"))), security(("bearer" = [])),
    responses((status = 204, description = "Kept; Upload-Offset says how far the upload is"), PieceProblems))]
#[patch("/uploads/{upload}")]
async fn send_piece(who: As<SignedIn>, id: web::Path<Uuid>, piece: Piece, content: web::Payload) -> Answer {
    let (id, dry_run) = (UploadId(*id), of_write(who.request())?.dry_run);
    let upload = who.step(move |conn, caller| Ok(uploads::next_piece(conn, &caller.actor, id, piece.offset)?)).await?;
    piece.require_room(&upload)?;
    if dry_run {
        return Ok(progress(Reply::no_content(), &upload).of_dry_run());
    }
    // Not even who sent it can stop what has arrived from being kept.
    let receiving = rt::spawn(receive(who, id, piece, content));
    let upload = receiving.await.map_err(|error| Error::Internal(error.to_string()))??;
    Ok(progress(Reply::no_content(), &upload))
}

/// Abandon an upload
///
/// What was received is removed. For who sends it only.
#[utoipa::path(tag = "files", params(WriteParams, ("upload" = Uuid, Path, description = "Its id")),
    security(("bearer" = [])), responses((status = 204, description = "Forgotten"), WriteProblems))]
#[delete("/uploads/{upload}")]
async fn abandon_upload(who: As<SignedIn>, id: web::Path<Uuid>) -> Answer {
    let (id, dry_run) = (UploadId(*id), of_write(who.request())?.dry_run);
    let written = who.write(move |conn, caller| {
        uploads::abandon(conn, caller, id)?;
        Ok(Reply::no_content())
    });
    let reply = written.await?;
    if !dry_run {
        who.state().storage().incoming.remove(id.0).await.map_err(application::Error::from)?;
    }
    Ok(reply)
}
