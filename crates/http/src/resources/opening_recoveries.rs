//! When too few holders can open: bidders give the keys of their envelopes.

use super::share_wire::EnvelopeKindName;
use crate::{
    Answer,
    access::{As, Bidder, Officer, Recent},
    foundation::{
        Body, Reply, WriteProblems,
        query::{WriteParams, of_write},
    },
};
use actix_web::{post, web};
use application::{bids, opening_recoveries, openings};
use chrono::{DateTime, Utc};
use domain::{
    BidId, ChallengeId, Refusal,
    opening::{EnvelopeKind, Recovery},
};
use sealing::SecretKey;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config.service(ask_for_keys).service(give_key);
}

/// That bidders are asked for the keys of their envelopes.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = KeyRequest)]
pub(crate) struct RecoveryView {
    #[schema(value_type = EnvelopeKindName)]
    kind: EnvelopeKind,
    /// Why.
    #[schema(example = "Two of three members lost their keys in the flood.")]
    reason: String,
    asked_at: DateTime<Utc>,
    /// What is still shut then stays shut.
    due_at: DateTime<Utc>,
}

impl From<Recovery> for RecoveryView {
    fn from(recovery: Recovery) -> Self {
        let Recovery { kind, reason, called_at, due_at, .. } = recovery;
        Self { kind, reason, asked_at: called_at, due_at }
    }
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct AskForKeys {
    /// Why, for everybody.
    #[schema(example = "Two of three members lost their keys in the flood.", min_length = 1, max_length = 5000)]
    reason: String,
}

/// Ask bidders for the keys of their envelopes
///
/// Takes the role `officer` in the agency, once the envelopes may be opened and too few holders can. Everybody reads why. Bidders
/// whose envelopes are shut get a mail, and have until the end of the fifth working day; what is still shut then is given up.
/// Takes a step-up.
#[utoipa::path(tag = "opening", params(WriteParams, ("challenge" = Uuid, Path, description = "The challenge"),
        ("kind" = EnvelopeKindName, Path, description = "Which envelopes")),
    request_body = AskForKeys, security(("bearer" = [])),
    responses((status = 201, description = "Asked", body = RecoveryView), WriteProblems))]
#[post("/challenges/{challenge}/openings/{kind}/key-request")]
async fn ask_for_keys(
    who: As<Recent<Officer>>,
    path: web::Path<(Uuid, EnvelopeKindName)>,
    body: Body<AskForKeys>,
) -> Answer {
    let (challenge, kind) = path.into_inner();
    let (id, kind): (_, EnvelopeKind) = (ChallengeId(challenge), kind.into());
    who.write(move |conn, caller| {
        let recovery = opening_recoveries::call(conn, caller, id, kind, &body.0.reason)?;
        Reply::created(format!("/api/v1/challenges/{id}/openings/{}", kind.as_str()), &RecoveryView::from(recovery))
    })
    .await
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct GiveKey {
    /// The recovery key of the envelope.
    #[schema(
        example = "AGE-SECRET-KEY-1QQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQS3HLK0",
        min_length = 1,
        max_length = 200
    )]
    key: String,
}

/// Give the key of an envelope
///
/// Takes the role `bidder` in the company, while the agency asks for it. The envelope is opened with it at once, and shown
/// together with all others; the key is not kept. An `Idempotency-Key` is not heeded.
#[utoipa::path(tag = "bids", params(WriteParams, ("bid" = Uuid, Path, description = "The bid"),
        ("kind" = EnvelopeKindName, Path, description = "Which envelope")),
    request_body = GiveKey, security(("bearer" = []), ("api_key" = ["bids:write"])),
    responses((status = 204, description = "Opened"), WriteProblems))]
#[post("/bids/{bid}/envelopes/{kind}/key")]
async fn give_key(who: As<Bidder>, path: web::Path<(Uuid, EnvelopeKindName)>, body: Body<GiveKey>) -> Answer {
    let (bid, kind) = path.into_inner();
    let (id, kind) = (BidId(bid), kind.into());
    let key = SecretKey::parse(&body.0.key);
    let malformed = || Refusal::invalid("/key", "malformed", "must be a secret key of age");
    let key = key.ok_or_else(malformed).map_err(application::Error::from)?;
    let challenge = who.look(move |conn, actor| Ok(bids::find(conn, actor, id)?.bid.challenge)).await?;
    let given = who.write_secret(move |conn, caller| {
        opening_recoveries::give(conn, caller, id, kind, &key)?;
        Ok(Reply::no_content())
    });
    let given = given.await?;
    if !of_write(who.request())?.dry_run {
        openings::proceed(who.state().db(), challenge, kind).await?;
    }
    Ok(given)
}
