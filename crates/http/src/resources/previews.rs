//! Links with which somebody reads a challenge before it is published.

use super::challenge_view::ChallengeView;
use crate::{
    Answer,
    access::{Anyone, As, SignedIn},
    foundation::{Body, PageParams, Paged, Query, ReadProblems, Reply, WriteProblems, query::WriteParams},
};
use actix_web::{delete, get, post, web};
use application::previews;
use chrono::{DateTime, Utc};
use domain::{ChallengeId, PreviewId, challenge::Preview};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config.service(share_preview).service(list_previews).service(revoke_preview).service(look_at_preview);
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct SharePreview {
    /// For whom the link is meant.
    #[schema(example = "Legal department", min_length = 1, max_length = 100)]
    recipient: String,
    /// For how many days it works.
    #[schema(example = 7, minimum = 1, maximum = 30)]
    days: i64,
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Preview)]
struct PreviewView {
    #[schema(example = "0199f3a0-5b1c-7c3e-8a4d-2f6b9c0d1e2f")]
    id: Uuid,
    /// For whom the link is meant.
    #[schema(example = "Legal department")]
    recipient: String,
    /// Who made it.
    #[schema(example = "0199f3a0-5b1c-7c3e-8a4d-2f6b9c0d1e2f")]
    author: Uuid,
    created_at: DateTime<Utc>,
    expires_at: DateTime<Utc>,
    /// When it was taken back.
    revoked_at: Option<DateTime<Utc>>,
}

impl From<Preview> for PreviewView {
    fn from(preview: Preview) -> Self {
        let Preview { id, recipient, author, created_at, expires_at, revoked_at, .. } = preview;
        Self { id: id.0, recipient, author: author.0, created_at, expires_at, revoked_at }
    }
}

#[derive(Serialize, ToSchema)]
struct SharedPreview {
    #[serde(flatten)]
    preview: PreviewView,
    /// Whoever has it reads the challenge; shown this once.
    #[schema(example = "3q2-7wAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    token: String,
}

#[derive(Serialize, ToSchema)]
#[schema(as = PreviewPage)]
struct PreviewPageView {
    items: Vec<PreviewView>,
    /// `after` of the next page, if there is one.
    #[schema(example = "q83vEjRWeJCrze8SNFZ4kA")]
    next: Option<String>,
}

/// Share a preview
///
/// Makes a link with which somebody without an account reads a challenge that is not published yet, as everybody will
/// see it. Takes the role `author` or `officer` in the agency. The token is shown once; an `Idempotency-Key` is not heeded.
#[utoipa::path(tag = "challenges", params(WriteParams, ("challenge" = Uuid, Path, description = "The challenge")),
    request_body = SharePreview, security(("bearer" = [])),
    responses((status = 201, description = "Shared", body = SharedPreview), WriteProblems))]
#[post("/challenges/{challenge}/previews")]
async fn share_preview(who: As<SignedIn>, id: web::Path<Uuid>, body: Body<SharePreview>) -> Answer {
    who.write_secret(move |conn, caller| {
        let SharePreview { recipient, days } = body.0;
        let (preview, token) = previews::share(conn, caller, ChallengeId(*id), &recipient, days)?;
        let location = format!("/api/v1/challenges/{id}/previews/{}", preview.id);
        Reply::created(location, &SharedPreview { preview: preview.into(), token: token.reveal().to_owned() })
    })
    .await
}

/// List previews
///
/// The newest first, those that do not work any more included; for authors and officers of the agency.
#[utoipa::path(tag = "challenges", params(PageParams, ("challenge" = Uuid, Path, description = "The challenge")),
    security(("bearer" = []), ("api_key" = ["challenges:read"])),
    responses((status = 200, description = "A page", body = PreviewPageView), ReadProblems))]
#[get("/challenges/{challenge}/previews")]
async fn list_previews(who: As<SignedIn>, id: web::Path<Uuid>, query: Query<PageParams>) -> Answer {
    let (cursors, list) = (&who.state().cursors, format!("challenges/{id}/previews"));
    let (after, limit) = query.0.read::<Uuid>(cursors, &list)?;
    let page = who
        .read(move |conn, actor| {
            let rows = previews::list(conn, actor, ChallengeId(*id), after.map(PreviewId), limit + 1)?;
            Ok(Paged::cut(rows, limit))
        })
        .await?;
    let next = page.last(|last| cursors.seal(&list, &last.id.0)).transpose()?;
    let items = page.items.into_iter().map(Into::into).collect();
    Ok(Reply::ok(&PreviewPageView { items, next: next.clone() })?.next(who.request(), next.as_ref()))
}

/// Revoke a preview
///
/// The link stops working at once. Takes the role `author` or `officer` in the agency.
#[utoipa::path(tag = "challenges", params(WriteParams,
        ("challenge" = Uuid, Path, description = "The challenge"), ("preview" = Uuid, Path, description = "The link")),
    security(("bearer" = []), ("api_key" = ["challenges:write"])), responses((status = 204, description = "Revoked"), WriteProblems))]
#[delete("/challenges/{challenge}/previews/{preview}")]
async fn revoke_preview(who: As<SignedIn>, path: web::Path<(Uuid, Uuid)>) -> Answer {
    who.write(move |conn, caller| {
        previews::revoke(conn, caller, ChallengeId(path.0), PreviewId(path.1))?;
        Ok(Reply::no_content())
    })
    .await
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct LookAtPreview {
    /// The token from the link.
    #[schema(example = "3q2-7wAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", min_length = 1, max_length = 100)]
    token: String,
}

/// Look at a preview
///
/// The challenge behind a link, as everybody will see it. The token is in the body, so that it is in nobody's log.
#[utoipa::path(tag = "challenges", params(WriteParams), request_body = LookAtPreview,
    responses((status = 200, description = "The challenge", body = ChallengeView), WriteProblems))]
#[post("/previews/look")]
async fn look_at_preview(who: Anyone, body: Body<LookAtPreview>) -> Answer {
    who.write(move |conn, _| Reply::ok(&ChallengeView::of(previews::look(conn, &body.0.token)?, false))).await
}
