//! Where one is logged in, and ending that.

use crate::{
    Answer,
    access::{As, BeforeTerms, SignedIn},
    foundation::{Body, ReadProblems, Reply, WriteProblems, query::WriteParams},
};
use actix_web::{delete, get, post, web};
use application::sessions::{self, LiveSession};
use chrono::{DateTime, Utc};
use domain::SessionId;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config.service(list_own_sessions).service(revoke_session).service(revoke_sessions);
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = OwnSession)]
struct OwnSessionView {
    #[schema(example = "0199f3a0-5b1c-7c3e-8a4d-2f6b9c0d1e2f")]
    id: Uuid,
    /// What the program that logged in says of itself; cut after 200 characters.
    #[schema(example = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0")]
    device: Option<String>,
    /// The network that the log-in came from.
    #[schema(example = "198.51.100.0/24")]
    network: Option<String>,
    created_at: DateTime<Utc>,
    /// To the minute.
    last_seen_at: Option<DateTime<Utc>>,
    expires_at: DateTime<Utc>,
    /// Whether this request belongs to it.
    #[schema(example = true)]
    current: bool,
}

#[derive(Serialize, ToSchema)]
#[schema(as = OwnSessionList)]
struct OwnSessionListView {
    /// At most 50: with one more the oldest ends.
    items: Vec<OwnSessionView>,
}

/// List one's own sessions
///
/// Those that can be used, the newest first.
#[utoipa::path(tag = "sessions", security(("bearer" = [])),
    responses((status = 200, description = "The sessions", body = OwnSessionListView), ReadProblems))]
#[get("/account/sessions")]
async fn list_own_sessions(who: As<SignedIn>) -> Answer {
    let current = who.session()?;
    let items = who.read(|conn, actor| Ok(sessions::list(conn, actor)?)).await?;
    let items = items.into_iter().map(|session| view(session, current)).collect();
    Reply::ok(&OwnSessionListView { items })
}

fn view(session: LiveSession, current: SessionId) -> OwnSessionView {
    OwnSessionView {
        id: session.id.0,
        device: session.client.device,
        network: session.client.network,
        created_at: session.created_at,
        last_seen_at: session.last_seen_at,
        expires_at: session.expires_at,
        current: session.id == current,
    }
}

/// End one of one's own sessions
#[utoipa::path(tag = "sessions", params(WriteParams, ("session" = Uuid, Path, description = "Its id")),
    security(("bearer" = [])), responses((status = 204, description = "Ended"), WriteProblems))]
#[delete("/account/sessions/{session}")]
async fn revoke_session(who: As<BeforeTerms<SignedIn>>, id: web::Path<Uuid>) -> Answer {
    who.write(move |conn, caller| {
        sessions::revoke(conn, caller, SessionId(*id))?;
        Ok(Reply::no_content())
    })
    .await
}

#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct RevokeSessions {
    /// Whether the session of this request goes on.
    #[schema(example = true)]
    keep_current: bool,
}

/// End all of one's own sessions
///
/// All others, or this one too. Devices are not known any more.
#[utoipa::path(tag = "sessions", params(WriteParams), request_body = RevokeSessions, security(("bearer" = [])),
    responses((status = 204, description = "Ended"), WriteProblems))]
#[post("/account/sessions/revoke")]
async fn revoke_sessions(who: As<BeforeTerms<SignedIn>>, body: Body<RevokeSessions>) -> Answer {
    let keep = body.0.keep_current.then_some(who.session()?);
    who.write(move |conn, caller| {
        sessions::revoke_others(conn, caller, keep)?;
        Ok(Reply::no_content())
    })
    .await
}
