//! Bids on their way into envelopes, and the envelopes.

use super::{
    offer_wire::{OfferWire, SolutionWire},
    share_wire::EnvelopeKindName,
};
use crate::{
    Answer, Error,
    access::{As, Bidder},
    foundation::{ReadProblems, Reply, blocking},
};
use actix_web::{get, web};
use application::{
    bids::{self, Content, HandedIn},
    envelopes::{self, SealedBid, Terms},
};
use base64::{Engine, prelude::BASE64_STANDARD};
use chrono::{DateTime, Utc};
use domain::{
    BidId, Checks, Refusal,
    bid::{Offer, QualityOffer},
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
pub(crate) struct EnvelopeWire {
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

impl EnvelopeWire {
    fn accept_solution(&self, terms: &Terms) -> domain::Result<SealedBid> {
        let mut checks = Checks::new();
        let envelope = self.read(&mut checks, "/sealedSolution");
        checks.done()?;
        envelopes::accept_solution(terms, envelope)
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

/// What is handed in: exactly one of four.
#[derive(Default)]
pub(crate) struct Arriving {
    /// Where the problem is if it is none of them, or several.
    pub(crate) wanted: &'static str,
    pub(crate) offer: Option<OfferWire>,
    pub(crate) sealed: Option<SealedWire>,
    pub(crate) solution: Option<SolutionWire>,
    pub(crate) sealed_solution: Option<EnvelopeWire>,
    /// For what comes in clear: a key for which the keys of its envelopes are encrypted.
    pub(crate) recovery: Option<String>,
}

impl Arriving {
    /// Seals what comes in clear, takes what comes sealed.
    fn seal(self, terms: Option<Terms>) -> Result<HandedIn, Error> {
        let recovery = self.recovery.as_deref();
        match (self.offer, self.sealed, self.solution, self.sealed_solution) {
            (Some(offer), None, None, None) => seal_offer(offer.read("/offer"), terms.as_ref(), recovery),
            (None, None, Some(solution), None) => seal_solution(solution.into(), terms.as_ref(), recovery),
            (None, Some(wire), None, None) => {
                Ok(HandedIn::by_company(Content::SealedOffer, terms.map(|terms| wire.accept(&terms))))
            }
            (None, None, None, Some(wire)) => {
                Ok(HandedIn::by_company(Content::SealedSolution, terms.map(|terms| wire.accept_solution(&terms))))
            }
            _ => {
                let words = "hand in either an offer or sealed envelopes; in the first of two stages, a solution or its \
                             sealed envelope";
                let content = Err(Refusal::invalid(self.wanted, "one_of", words));
                Ok(HandedIn { content, consortium: None, sealed: None })
            }
        }
    }
}

fn seal_offer(offer: domain::Result<Offer>, terms: Option<&Terms>, recovery: Option<&str>) -> Result<HandedIn, Error> {
    let (offer, sealed) = in_clear(offer, terms, |terms, offer| envelopes::seal(terms, offer, recovery))?;
    Ok(HandedIn { content: offer.map(Content::Offer), consortium: None, sealed })
}

fn seal_solution(solution: QualityOffer, terms: Option<&Terms>, recovery: Option<&str>) -> Result<HandedIn, Error> {
    let seal = |terms: &Terms, solution: &_| envelopes::seal_solution(terms, solution, recovery);
    let (solution, sealed) = in_clear(Ok(solution), terms, seal)?;
    Ok(HandedIn { content: solution.map(Content::Solution), consortium: None, sealed })
}

/// What came in clear, and its envelopes if it is well-formed and there is somebody to seal for.
type InClear<T> = (domain::Result<T>, Option<domain::Result<SealedBid>>);

fn in_clear<T>(
    read: domain::Result<T>,
    terms: Option<&Terms>,
    seal: impl FnOnce(&Terms, &T) -> application::Result<SealedBid>,
) -> Result<InClear<T>, Error> {
    let sealed = match terms.zip(read.as_ref().ok()).map(|(terms, content)| seal(terms, content)) {
        Some(Ok(sealed)) => Some(Ok(sealed)),
        Some(Err(application::Error::Refused(refusal))) => Some(Err(refusal)),
        Some(Err(error)) => return Err(error.into()),
        None => None,
    };
    Ok((read, sealed))
}

/// Has an offer or a solution sealed, or takes what the company sealed, before the transaction begins that decides about it.
/// What is sealed for somebody who will be refused there is dropped.
pub(crate) async fn hand_in(
    who: &As<Bidder>,
    terms: impl FnOnce(&mut Conn) -> application::Result<Option<Terms>> + Send + 'static,
    arriving: Arriving,
) -> Result<HandedIn, Error> {
    let terms = prepared(who.look(move |conn, _| Ok(terms(conn)?)).await)?.flatten();
    blocking(move || arriving.seal(terms)).await?
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
    blocking(move || seal_offer(read(), terms.as_ref(), recovery.as_deref())).await?
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
