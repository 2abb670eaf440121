//! The opening: holders fetch their shares of the envelopes, open them on their own machines, and bring them back.

use super::{
    opening_recoveries::RecoveryView,
    share_wire::{EnvelopeKindName, ShareWire},
};
use crate::{
    Answer,
    access::{Anyone, As, Officer, Recent, SignedIn},
    foundation::{
        Body, PageParams, Paged, Query, ReadProblems, Reply, WriteProblems, blocking,
        query::{WriteParams, of_write},
        reply::Outcome,
    },
};
use actix_web::{get, post, web};
use application::{
    opening_keys,
    openings::{self, Record, Session},
    rehearsals,
};
use chrono::{DateTime, Utc};
use domain::{
    Actor, ChallengeId, ChallengeStatus, EnvelopeId, Refusal, UserId,
    opening::{EnvelopeFailure, EnvelopeKind},
};
use persistence::{
    Conn,
    bid_envelopes::{Envelope, ShareFile},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config.service(list_share_files).service(bring_shares).service(get_opening).service(get_opening_record);
}

/// How many shares are fetched, opened and brought at once for a key that is kept here.
const AT_ONCE: usize = 100;

/// An opening that goes on.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = OpeningSession)]
struct SessionView {
    #[schema(value_type = EnvelopeKindName)]
    kind: EnvelopeKind,
    /// Who came so far.
    attended: Vec<Uuid>,
    /// How many holders it takes.
    #[schema(example = 2)]
    needed: usize,
    /// The state of the challenge.
    #[schema(value_type = String, example = "opened")]
    challenge_status: ChallengeStatus,
    /// When the session ended: when all its envelopes were opened.
    opened_at: Option<DateTime<Utc>>,
    /// That bidders are asked for the keys of their envelopes, if so.
    key_request: Option<RecoveryView>,
    /// Envelopes that are still shut although enough holders came, at most 20: not every holder brought a share of them, or
    /// whoever sealed them sealed them wrongly.
    shut: Vec<ShutView>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = ShutEnvelope)]
struct ShutView {
    #[schema(example = "0199f3a0-5b1c-7c3e-8a4d-2f6b9c0d1e2f")]
    envelope: Uuid,
    /// Of which bid.
    #[schema(example = "0199f3a0-5b1c-7c3e-8a4d-2f6b9c0d1e2f")]
    bid: Uuid,
}

impl From<Session> for SessionView {
    fn from(session: Session) -> Self {
        let opened_at = match session.opening.kind {
            EnvelopeKind::Solution => session.challenge.first_stage.opened_at,
            EnvelopeKind::Quality => session.challenge.opened_at,
            EnvelopeKind::Price => session.challenge.prices_opened_at,
        };
        Self {
            kind: session.opening.kind,
            attended: session.opening.attended().iter().map(|user| user.0).collect(),
            needed: session.opening.needed,
            challenge_status: session.challenge.status,
            opened_at,
            key_request: session.opening.recovery.map(Into::into),
            shut: session
                .shut
                .into_iter()
                .map(|(envelope, bid)| ShutView { envelope: envelope.0, bid: bid.0 })
                .collect(),
        }
    }
}

#[derive(Serialize, ToSchema)]
#[schema(as = ShareFile)]
struct ShareFileView {
    /// The envelope.
    #[schema(example = "0199f3a0-5b1c-7c3e-8a4d-2f6b9c0d1e2f")]
    envelope: Uuid,
    /// Of which bid.
    #[schema(example = "0199f3a0-5b1c-7c3e-8a4d-2f6b9c0d1e2f")]
    bid: Uuid,
    /// Your share of its key, encrypted for you (a file of age, in Base64): `provoco open-share` opens it.
    #[schema(example = "YWdlLWVuY3J5cHRpb24ub3JnL3YxCi0+IFgyNTUxOSA...")]
    file: String,
}

#[derive(Serialize, ToSchema)]
#[schema(as = ShareFilePage)]
struct ShareFilePageView {
    items: Vec<ShareFileView>,
    /// The cursor of the next page, if there is one.
    #[schema(example = "q1Zb...")]
    next: Option<String>,
}

/// What a path names.
fn opening_of(path: web::Path<(Uuid, EnvelopeKindName)>) -> (ChallengeId, EnvelopeKind) {
    let (challenge, kind) = path.into_inner();
    (ChallengeId(challenge), kind.into())
}

/// Get one's own shares of the envelopes
///
/// Takes the role `officer` in the agency and a seat in the opening committee: of the `solution` envelopes once the first of two
/// stages is over, of the `quality` envelopes once the challenge is closed, of the `price` envelopes once every evaluator has
/// submitted. That they were handed out is on the record. Takes a step-up.
#[utoipa::path(tag = "opening", params(PageParams, ("challenge" = Uuid, Path, description = "The challenge"),
        ("kind" = EnvelopeKindName, Path, description = "Which envelopes")),
    security(("bearer" = [])),
    responses((status = 200, description = "A page", body = ShareFilePageView), ReadProblems))]
#[get("/challenges/{challenge}/openings/{kind}/shares")]
async fn list_share_files(
    who: As<Recent<Officer>>,
    path: web::Path<(Uuid, EnvelopeKindName)>,
    query: Query<PageParams>,
) -> Answer {
    let (id, kind) = opening_of(path);
    let list = format!("challenges/{}/openings/{}/shares", id, kind.as_str());
    let (after, limit) = query.0.read::<Uuid>(&who.state().cursors, &list)?;
    let limit = usize::try_from(limit).unwrap_or(0);
    let found = who.read_logged(move |conn, caller| {
        Ok(openings::share_files(conn, caller, id, kind, after.map(EnvelopeId), limit)?)
    });
    let (files, more) = found.await?;
    let last = files.last().filter(|_| more);
    let next = last.map(|last| who.state().cursors.seal(&list, &last.envelope.0)).transpose()?;
    let view = |file: ShareFile| ShareFileView { envelope: file.envelope.0, bid: file.bid.0, file: file.file };
    let view = ShareFilePageView { items: files.into_iter().map(view).collect(), next };
    Ok(Reply::ok(&view)?.next(who.request(), view.next.as_ref()))
}

/// One of the two.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct BringShares {
    /// Your shares, opened; none if there are no envelopes. They may be brought in several requests.
    #[schema(max_items = 200)]
    shares: Option<Vec<ShareWire>>,
    /// The passphrase of your key, if it is kept here.
    #[schema(example = "correct horse battery staple", max_length = 200)]
    passphrase: Option<String>,
}

/// Bring shares to an opening
///
/// Takes the role `officer` in the agency and a seat in the opening committee. Each share is compared with what was sealed; one
/// that is damaged, replaced, or of another envelope or holder is named, and then none is taken. When enough holders came,
/// every envelope with enough shares is opened; when none is left shut, everybody who may sees what was in them. Takes a
/// step-up.
#[utoipa::path(tag = "opening", params(WriteParams, ("challenge" = Uuid, Path, description = "The challenge"),
        ("kind" = EnvelopeKindName, Path, description = "Which envelopes")),
    request_body = BringShares, security(("bearer" = [])),
    responses((status = 200, description = "Taken; opened if enough came", body = SessionView), WriteProblems))]
#[post("/challenges/{challenge}/openings/{kind}/shares")]
async fn bring_shares(
    who: As<Recent<Officer>>,
    path: web::Path<(Uuid, EnvelopeKindName)>,
    body: Body<BringShares>,
) -> Answer {
    let (id, kind) = opening_of(path);
    let brought = match (body.0.shares, body.0.passphrase) {
        (Some(wires), None) => {
            let read = |(i, wire): (usize, &ShareWire)| wire.read(&format!("/shares/{i}"));
            let shares = wires.iter().enumerate().map(read).collect::<Result<Vec<_>, _>>()?;
            who.write(move |conn, caller| {
                Reply::ok(&SessionView::from(openings::bring(conn, caller, id, kind, &shares)?))
            })
            .await?
        }
        (None, Some(passphrase)) => bring_with_passphrase(&who, id, kind, passphrase).await?,
        _ => {
            let refusal = Refusal::invalid("/shares", "one_of", "give either your shares or your passphrase");
            return Err(application::Error::from(refusal).into());
        }
    };
    if of_write(who.request())?.dry_run {
        return Ok(brought);
    }
    openings::proceed(who.state().db(), id, kind).await?;
    who.look(move |conn, actor| Reply::ok(&SessionView::from(openings::find(conn, actor, id, kind)?))).await
}

/// Opens the caller's shares with the key that is kept here, and brings them, some at a time.
async fn bring_with_passphrase(
    who: &As<Recent<Officer>>,
    id: ChallengeId,
    kind: EnvelopeKind,
    passphrase: String,
) -> Answer {
    let key = who.look(move |conn, actor| {
        let (challenge, committee) = rehearsals::find(conn, Some(actor), id)?;
        let key = committee.holder(actor, &challenge).map_err(application::Error::from)?.key;
        Ok(opening_keys::find(conn, key)?)
    });
    let key = key.await?;
    let mut key = blocking(move || opening_keys::unlock(&key, &passphrase)).await??;
    if of_write(who.request())?.dry_run {
        // Shares are handed out for good, so this says no more than that the passphrase is right.
        let session =
            move |conn: &mut Conn, actor: &Actor| Reply::ok(&SessionView::from(openings::find(conn, actor, id, kind)?));
        return Ok(who.look(session).await?.of_dry_run());
    }
    let mut after = None;
    loop {
        let files = who.step(move |conn, caller| Ok(openings::share_files(conn, caller, id, kind, after, AT_ONCE)?));
        let (files, more) = files.await?;
        after = files.last().map(|file| file.envelope).or(after);
        let (back, shares) = blocking(move || {
            let shares = openings::open_share_files(&key, &files);
            (key, shares)
        })
        .await?;
        key = back;
        let reply = who.write_secret(move |conn, caller| {
            Reply::ok(&SessionView::from(openings::bring(conn, caller, id, kind, &shares)?))
        });
        let reply = reply.await?;
        if !more {
            return Ok(reply);
        }
    }
}

/// See how far an opening has come
///
/// For members of the agency.
#[utoipa::path(tag = "opening", params(("challenge" = Uuid, Path, description = "The challenge"),
        ("kind" = EnvelopeKindName, Path, description = "Which envelopes")),
    security(("bearer" = []), ("api_key" = ["opening:read"])),
    responses((status = 200, description = "How far it has come", body = SessionView), ReadProblems))]
#[get("/challenges/{challenge}/openings/{kind}")]
async fn get_opening(who: As<SignedIn>, path: web::Path<(Uuid, EnvelopeKindName)>) -> Answer {
    let (id, kind) = opening_of(path);
    who.read(move |conn, actor| Reply::ok(&SessionView::from(openings::find(conn, actor, id, kind)?))).await
}

/// What everybody may know of an opening.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = OpeningRecord)]
struct RecordView {
    /// When the unpriced solutions of a two-stage challenge were opened.
    solutions_opened_at: Option<DateTime<Utc>>,
    /// Which holders came to that.
    solutions_opened_by: Vec<u8>,
    /// When the quality envelopes were opened.
    opened_at: Option<DateTime<Utc>>,
    /// Which holders came to that, by their place in the committee.
    opened_by: Vec<u8>,
    /// When the price envelopes were opened.
    prices_opened_at: Option<DateTime<Utc>>,
    /// Which holders came to that.
    prices_opened_by: Vec<u8>,
    /// How many holders it takes.
    #[schema(example = 2)]
    threshold: u8,
    /// That bidders were asked for the keys of their envelopes, because too few holders could open.
    key_requests: Vec<RecoveryView>,
    /// The envelopes that were opened: a page of them. Those of unpriced solutions are told with the award.
    envelopes: Vec<OpenedEnvelopeView>,
    /// The cursor of the next page, if there is one.
    #[schema(example = "q1Zb...")]
    next: Option<String>,
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = OpenedEnvelope)]
struct OpenedEnvelopeView {
    #[schema(value_type = EnvelopeKindName)]
    kind: EnvelopeKind,
    /// The hash that its bidder's receipt names.
    #[schema(example = "9f2c1e6b7a8d4f3e9f2c1e6b7a8d4f3e9f2c1e6b7a8d4f3e9f2c1e6b7a8d4f3e")]
    sha256: String,
    opened_at: Option<DateTime<Utc>>,
    /// Why it gave nothing, if so: `key_not_in_shares`, `not_decryptable`, `other_label`, `unreadable` or `lost`.
    #[schema(value_type = Option<String>, example = "unreadable")]
    failure: Option<EnvelopeFailure>,
}

impl From<Envelope> for OpenedEnvelopeView {
    fn from(envelope: Envelope) -> Self {
        let Envelope { kind, sha256, opened_at, failure, .. } = envelope;
        Self { kind, sha256, opened_at, failure }
    }
}

/// See the record of an opening
///
/// For everybody, once there was one: which holders came and when, and the hash of every envelope that was opened. It is the
/// one that the receipt of its bidder names.
#[utoipa::path(tag = "opening", params(PageParams, ("challenge" = Uuid, Path, description = "The challenge")),
    security((), ("bearer" = []), ("api_key" = ["opening:read"])),
    responses((status = 200, description = "The record", body = RecordView), ReadProblems))]
#[get("/challenges/{challenge}/opening-record")]
async fn get_opening_record(who: Anyone, id: web::Path<Uuid>, query: Query<PageParams>) -> Answer {
    let list = format!("challenges/{id}/opening-record");
    let (after, limit) = query.0.read::<Uuid>(&who.state().cursors, &list)?;
    let found = who.read(move |conn, viewer| {
        Ok(openings::record(conn, viewer, ChallengeId(*id), after.map(EnvelopeId), limit + 1)?)
    });
    let Record { challenge, committee, attended: [solutions, quality, prices], recoveries, envelopes } = found.await?;
    let page = Paged::cut(envelopes, limit);
    let next = page.last(|last| who.state().cursors.seal(&list, &last.id.0)).transpose()?;
    let places = |came: Vec<UserId>| {
        let place = |user: &UserId| committee.holders.iter().find(|holder| holder.user == *user).map(|h| h.index);
        came.iter().filter_map(place).collect()
    };
    let view = RecordView {
        solutions_opened_at: challenge.first_stage.opened_at,
        solutions_opened_by: places(solutions),
        opened_at: challenge.opened_at,
        opened_by: places(quality),
        prices_opened_at: challenge.prices_opened_at,
        prices_opened_by: places(prices),
        threshold: committee.threshold,
        key_requests: recoveries.into_iter().map(Into::into).collect(),
        envelopes: page.items.into_iter().map(Into::into).collect(),
        next,
    };
    Ok(Reply::ok(&view)?.next(who.request(), view.next.as_ref()))
}
