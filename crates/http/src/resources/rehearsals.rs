//! Opening committees, and their rehearsals.

use super::share_wire::ShareWire;
use crate::{
    Answer, Error,
    access::{Anyone, As, Recent, SignedIn},
    foundation::{Body, ReadProblems, Reply, WriteProblems, blocking, query::WriteParams},
};
use actix_web::{get, post, web};
use application::{opening_keys, rehearsals};
use chrono::{DateTime, Utc};
use domain::{Challenge, ChallengeId, Committee, Refusal, opening::Holder};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config.service(start_rehearsal).service(get_opening_committee).service(get_rehearsal_share).service(rehearse);
}

/// Who holds the keys.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = OpeningCommittee)]
struct CommitteeView {
    /// How many holders it takes to open.
    #[schema(example = 2)]
    threshold: u8,
    holders: Vec<HolderView>,
    /// When the newest rehearsal was started.
    rehearsal_started_at: DateTime<Utc>,
    /// Whether every holder has opened its test envelope.
    #[schema(example = true)]
    rehearsed: bool,
    /// The same as `provoco seal --committee` reads it.
    #[schema(example = r#"{"format":"provoco-committee-v1","threshold":2,"recipients":["age1...","age1..."]}"#)]
    document: String,
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = OpeningHolder)]
struct HolderView {
    /// Their place in the committee, from 1.
    #[schema(example = 1)]
    index: u8,
    /// The public half of their key.
    #[schema(example = "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p")]
    recipient: String,
    /// SHA-256 of its text, as it is written on envelopes.
    #[schema(example = "9f2c1e6b7a8d4f3e9f2c1e6b7a8d4f3e9f2c1e6b7a8d4f3e9f2c1e6b7a8d4f3e")]
    fingerprint: String,
    /// Who it is; for members of the agency.
    #[schema(example = "0199f3a0-5b1c-7c3e-8a4d-2f6b9c0d1e2f")]
    user: Option<Uuid>,
    /// When they opened the test envelope of the newest rehearsal.
    rehearsed_at: Option<DateTime<Utc>>,
}

impl CommitteeView {
    fn of(committee: &Committee, named: bool) -> Result<Self, Error> {
        let recipients: Vec<_> = committee.holders.iter().map(|holder| &holder.recipient).collect();
        let document = sealing::Committee::new(committee.threshold, &recipients);
        let document = document.map_err(|error| Error::Internal(error.to_string()))?;
        let holder = |(holder, recipient): (&Holder, &_)| HolderView {
            index: holder.index,
            recipient: holder.recipient.clone(),
            fingerprint: sealing::Committee::fingerprint(recipient).to_string(),
            user: named.then_some(holder.user.0),
            rehearsed_at: holder.rehearsed_at,
        };
        Ok(Self {
            threshold: committee.threshold,
            holders: committee.holders.iter().zip(document.recipients()).map(holder).collect(),
            rehearsal_started_at: committee.rehearsal_started_at,
            rehearsed: committee.is_rehearsed(),
            document: document.to_json(),
        })
    }
}

#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct StartRehearsal {
    /// How many holders it takes to open; more than half of them if nothing else is said. At least two. After the
    /// publication it stays what it is.
    #[schema(example = 2, minimum = 2, maximum = 20)]
    threshold: Option<u8>,
}

/// Start a rehearsal of the opening
///
/// Takes the role `author` or `officer` in the agency. Before the publication it brings the opening committee together, with
/// the people named in the panel and the keys that they have now; afterwards people and keys stay. Everybody in the committee
/// gets a mail, and shows by opening a test envelope that their key works. A challenge is published only after that.
#[utoipa::path(tag = "opening", params(WriteParams, ("challenge" = Uuid, Path, description = "The challenge")),
    request_body = StartRehearsal, security(("bearer" = []), ("api_key" = ["opening:write"])),
    responses((status = 200, description = "Started", body = CommitteeView), WriteProblems))]
#[post("/challenges/{challenge}/rehearsal")]
async fn start_rehearsal(who: As<SignedIn>, id: web::Path<Uuid>, body: Body<StartRehearsal>) -> Answer {
    who.write(move |conn, caller| {
        let committee = rehearsals::start(conn, caller, ChallengeId(*id), body.0.threshold)?;
        Reply::ok(&CommitteeView::of(&committee, true)?)
    })
    .await
}

/// See the opening committee
///
/// Its public keys, which bids are sealed for: for everybody once the challenge is public. Who the holders are is shown to
/// members of the agency.
#[utoipa::path(tag = "opening", params(("challenge" = Uuid, Path, description = "The challenge")),
    security((), ("bearer" = []), ("api_key" = ["opening:read"])),
    responses((status = 200, description = "The committee", body = CommitteeView), ReadProblems))]
#[get("/challenges/{challenge}/opening-committee")]
async fn get_opening_committee(who: Anyone, id: web::Path<Uuid>) -> Answer {
    who.read(move |conn, viewer| {
        let (challenge, committee): (Challenge, Committee) = rehearsals::find(conn, viewer, ChallengeId(*id))?;
        let named = viewer.is_some_and(|viewer| viewer.belongs_to(challenge.agency));
        Reply::ok(&CommitteeView::of(&committee, named)?)
    })
    .await
}

#[derive(Serialize, ToSchema)]
#[schema(as = RehearsalShare)]
struct RehearsalShareView {
    /// Your place in the committee.
    #[schema(example = 1)]
    index: u8,
    /// What is written on the test envelope, as JSON.
    #[schema(example = r#"{"format":"provoco-envelope-v1"}"#)]
    manifest: String,
    /// Your share of its key, encrypted for you (a file of age, in Base64): `provoco open-share` opens it.
    #[schema(example = "YWdlLWVuY3J5cHRpb24ub3JnL3YxCi0+IFgyNTUxOSA...")]
    file: String,
}

/// Get one's own share of the test envelope
///
/// For members of the opening committee.
#[utoipa::path(tag = "opening", params(("challenge" = Uuid, Path, description = "The challenge")),
    security(("bearer" = [])),
    responses((status = 200, description = "Your share", body = RehearsalShareView), ReadProblems))]
#[get("/challenges/{challenge}/rehearsal/share")]
async fn get_rehearsal_share(who: As<SignedIn>, id: web::Path<Uuid>) -> Answer {
    who.read(move |conn, actor| {
        let (holder, share) = rehearsals::own_share(conn, actor, ChallengeId(*id))?;
        Reply::ok(&RehearsalShareView { index: holder.index, manifest: share.manifest, file: share.file })
    })
    .await
}

/// One of the two.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Rehearse {
    /// Your share of the test envelope, as you opened it.
    share: Option<ShareWire>,
    /// The passphrase of your key, if it is kept here.
    #[schema(example = "correct horse battery staple", max_length = 200)]
    passphrase: Option<String>,
}

/// Rehearse the opening
///
/// For members of the opening committee: bring your share of the test envelope, opened on your own machine, or the passphrase
/// of your key if it is kept here. Takes a step-up.
#[utoipa::path(tag = "opening", params(WriteParams, ("challenge" = Uuid, Path, description = "The challenge")),
    request_body = Rehearse, security(("bearer" = [])),
    responses((status = 200, description = "Your key works", body = CommitteeView), WriteProblems))]
#[post("/challenges/{challenge}/rehearsal/share")]
async fn rehearse(who: As<Recent<SignedIn>>, id: web::Path<Uuid>, body: Body<Rehearse>) -> Answer {
    let id = ChallengeId(*id);
    let share = match (body.0.share, body.0.passphrase) {
        (Some(share), None) => share.read("/share")?,
        (None, Some(passphrase)) => open_own(&who, id, passphrase).await?,
        _ => {
            let refusal = Refusal::invalid("/share", "one_of", "give either your share or your passphrase");
            return Err(application::Error::from(refusal).into());
        }
    };
    who.write(move |conn, caller| {
        let committee = rehearsals::bring(conn, caller, id, &share)?;
        Reply::ok(&CommitteeView::of(&committee, true)?)
    })
    .await
}

/// Opens one's own share of the test envelope with the key that is kept here.
async fn open_own(who: &As<Recent<SignedIn>>, id: ChallengeId, passphrase: String) -> Result<sealing::Share, Error> {
    let found = who.look(move |conn, actor| {
        let (holder, share) = rehearsals::own_share(conn, actor, id)?;
        Ok((opening_keys::find(conn, holder.key)?, share))
    });
    let (key, share) = found.await?;
    blocking(move || {
        let key = opening_keys::unlock(&key, &passphrase)?;
        let opened = share.open(&key);
        opened.ok_or_else(|| Error::Internal("a share of a rehearsal does not open".to_owned()))
    })
    .await?
}
