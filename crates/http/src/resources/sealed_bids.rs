//! Bids on their way into envelopes, and the envelopes.

use super::{offer_wire::OfferWire, share_wire::EnvelopeKindName};
use crate::{
    Answer, Error,
    access::{As, Bidder},
    foundation::{ReadProblems, Reply, blocking},
};
use actix_web::{get, web};
use application::{
    bids::{self, HandedIn},
    envelopes::{self, SealedBid, Terms},
};
use base64::{Engine, prelude::BASE64_STANDARD};
use chrono::{DateTime, Utc};
use domain::{
    BidId, Checks, Refusal,
    bid::Offer,
    opening::{EnvelopeFailure, EnvelopeKind, SealedBy},
};
use persistence::{
    Conn,
    bid_envelopes::{Envelope, Parts},
};
use serde::{Deserialize, Serialize};
use utoipa::{
    ToSchema,
    openapi::{Array, Object, Type},
};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config.service(get_envelope);
}

/// Both envelopes of a bid, as `provoco seal` writes them.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = SealedBid)]
pub(crate) struct SealedWire {
    quality: EnvelopeWire,
    price: EnvelopeWire,
}

/// The parts of an envelope, in Base64.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Envelope)]
struct EnvelopeWire {
    /// `manifest.json`.
    #[schema(example = "eyJmb3JtYXQiOiJwcm92b2NvLWVudmVsb3BlLXYxIiwuLi4=", max_length = 24_000)]
    manifest: String,
    /// `content.age`.
    #[schema(example = "YWdlLWVuY3J5cHRpb24ub3JnL3YxCi0+IFgyNTUxOSA...", max_length = 1_000_000)]
    content: String,
    /// `share-001.age` and so on, in their order.
    #[schema(example = json!(["YWdlLWVuY3J5cHRpb24ub3JnL3YxCi0+IFgyNTUxOSA..."]), schema_with = share_files)]
    shares: Vec<String>,
}

fn share_files() -> Array {
    let file = Object::builder().schema_type(Type::String).max_length(Some(2_000));
    Array::builder().items(file).max_items(Some(32)).build()
}

impl EnvelopeWire {
    fn read(&self, checks: &mut Checks, at: &str) -> sealing::Envelope {
        let mut part = |text: &String, name: String| {
            let bytes = BASE64_STANDARD.decode(text).map_err(|_| "must be Base64".to_owned());
            checks.take(bytes, format!("{at}/{name}"), "wrong_format").unwrap_or_default()
        };
        let (manifest, content) = (part(&self.manifest, "manifest".into()), part(&self.content, "content".into()));
        let shares = self.shares.iter().enumerate().map(|(i, share)| part(share, format!("shares/{i}"))).collect();
        sealing::Envelope { manifest, content, shares }
    }
}

impl From<Parts> for EnvelopeWire {
    fn from(parts: Parts) -> Self {
        Self {
            manifest: BASE64_STANDARD.encode(parts.manifest),
            content: BASE64_STANDARD.encode(parts.content),
            shares: parts.share_files,
        }
    }
}

impl SealedWire {
    fn accept(&self, terms: &Terms) -> domain::Result<SealedBid> {
        let mut checks = Checks::new();
        let quality = self.quality.read(&mut checks, "/sealed/quality");
        let price = self.price.read(&mut checks, "/sealed/price");
        checks.done()?;
        envelopes::accept(terms, quality, price)
    }
}

/// An envelope of a bid, from outside.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = BidEnvelope)]
pub(crate) struct EnvelopeView {
    #[schema(value_type = EnvelopeKindName)]
    kind: EnvelopeKind,
    /// The hash of its manifest, as in the receipt and in the record of the opening.
    #[schema(example = "9f2c1e6b7a8d4f3e9f2c1e6b7a8d4f3e9f2c1e6b7a8d4f3e9f2c1e6b7a8d4f3e")]
    sha256: String,
    /// `server` if the server held the offer in memory while it sealed it; `company` if it never did.
    #[schema(value_type = String, example = "server")]
    sealed_by: SealedBy,
    /// When the committee opened it.
    opened_at: Option<DateTime<Utc>>,
    /// Why that gave nothing, if so: `key_not_in_shares`, `not_decryptable`, `other_label`, `unreadable` or `lost`.
    #[schema(value_type = Option<String>, example = "unreadable")]
    failure: Option<EnvelopeFailure>,
    /// Its key, encrypted for the company's `recoveryRecipient` (a file of age, in Base64); for the company.
    #[schema(example = "YWdlLWVuY3J5cHRpb24ub3JnL3YxCi0+IFgyNTUxOSA...")]
    recovery: Option<String>,
}

impl EnvelopeView {
    /// `own` if it is shown to its company alone.
    pub(crate) fn of(envelope: Envelope, own: bool) -> Self {
        let Envelope { kind, sha256, sealed_by, opened_at, failure, recovery, .. } = envelope;
        Self { kind, sha256, sealed_by, opened_at, failure, recovery: recovery.filter(|_| own) }
    }
}

/// Has an offer sealed, or takes what the company sealed, before the transaction begins that decides about it. What is
/// sealed for somebody who will be refused there is dropped.
pub(crate) async fn hand_in(
    who: &As<Bidder>,
    terms: impl FnOnce(&mut Conn) -> application::Result<Option<Terms>> + Send + 'static,
    offer: Option<OfferWire>,
    sealed: Option<SealedWire>,
    recovery: Option<String>,
) -> Result<HandedIn, Error> {
    let terms = prepared(who.look(move |conn, _| Ok(terms(conn)?)).await)?.flatten();
    match (offer, sealed) {
        (Some(offer), None) => seal_in_clear(move || offer.read("/offer"), terms, recovery).await,
        (None, Some(wire)) => {
            let accept =
                move || HandedIn { offer: Ok(None), consortium: None, sealed: terms.map(|terms| wire.accept(&terms)) };
            blocking(accept).await
        }
        _ => {
            let refusal = Refusal::invalid("/offer", "one_of", "hand in either an offer or sealed envelopes");
            Ok(HandedIn { offer: Err(refusal), consortium: None, sealed: None })
        }
    }
}

/// What was looked up for somebody; nothing if they may not have it, since they are refused in the transaction.
pub(super) fn prepared<T>(looked: Result<T, Error>) -> Result<Option<T>, Error> {
    match looked {
        Ok(found) => Ok(Some(found)),
        Err(Error::Application(application::Error::Refused(_))) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Has an offer in clear sealed, on a thread of its own.
pub(super) async fn seal_in_clear(
    read: impl FnOnce() -> domain::Result<Offer> + Send + 'static,
    terms: Option<Terms>,
    recovery: Option<String>,
) -> Result<HandedIn, Error> {
    blocking(move || {
        let offer = read();
        let seal = |terms| envelopes::seal(&terms, offer.as_ref().ok()?, recovery.as_deref()).map(Some).transpose();
        let sealed = match terms.and_then(seal) {
            Some(Ok(sealed)) => Some(Ok(sealed)),
            Some(Err(application::Error::Refused(refusal))) => Some(Err(refusal)),
            Some(Err(error)) => return Err(error.into()),
            None => None,
        };
        Ok(HandedIn { offer: offer.map(Some), consortium: None, sealed })
    })
    .await?
}

/// Get an envelope of one's own bid
///
/// For its company, at any time: the parts of the envelope as they are kept. With the recovery key `provoco open-envelope`
/// opens it.
#[utoipa::path(tag = "bids", params(("bid" = Uuid, Path, description = "The bid"),
        ("kind" = EnvelopeKindName, Path, description = "Which envelope")),
    security(("bearer" = []), ("api_key" = ["bids:read"])),
    responses((status = 200, description = "The envelope", body = EnvelopeWire), ReadProblems))]
#[get("/bids/{bid}/envelopes/{kind}")]
async fn get_envelope(who: As<Bidder>, path: web::Path<(Uuid, EnvelopeKindName)>) -> Answer {
    let (id, kind) = path.into_inner();
    let (id, kind) = (BidId(id), kind.into());
    who.read(move |conn, actor| Reply::ok(&EnvelopeWire::from(bids::own_envelope(conn, actor, id, kind)?))).await
}
