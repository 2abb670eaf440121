//! Drafts of bids, as they are shown.

use super::{bid_attempts::in_offer, bids::BidderView, offer_wire::OfferWire};
use application::bid_drafts::Opened;
use chrono::{DateTime, Utc};
use domain::{FieldError, Refusal, bid::DraftSave};
use persistence::bid_drafts::Summary;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

/// A bid that is being written.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = BidDraft)]
pub(super) struct DraftView {
    #[schema(example = "0199f3a0-5b1c-7c3e-8a4d-2f6b9c0d1e2f")]
    id: Uuid,
    /// The challenge that it will answer.
    #[schema(example = "0199f3a0-5b1c-7c3e-8a4d-2f6b9c0d1e2f")]
    challenge: Uuid,
    company: BidderView,
    /// What is offered so far: an `Offer` from which anything may be missing.
    #[schema(value_type = Object, example = json!({"solution": "We listen for words of distress."}))]
    offer: Value,
    /// What would stand in the way if it were handed in now. As with a bid, first everything that is wrong with its form; once
    /// nothing is, everything that does not fit the challenge.
    problems: Vec<DraftProblemView>,
    /// What of the earlier bid that it was begun from could not be taken over, with pointers into the offer of that one; only
    /// in the answer to the request that began it.
    left_out: Vec<DraftProblemView>,
    /// The bid of the company that counts now, if there is one. To hand the draft in, send it back.
    replaces: Option<ReplacedBid>,
    created_at: DateTime<Utc>,
    /// When it was saved last.
    saved_at: DateTime<Utc>,
    saved_by: SaverView,
    /// Grows with each save; the ETag.
    #[schema(example = 7)]
    version: i32,
}

/// A bid that another one takes the place of.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ReplacedBid {
    #[schema(example = "0199f3a0-5b1c-7c3e-8a4d-2f6b9c0d1e2f")]
    pub(super) bid: Uuid,
    /// Its version, as it was read.
    #[schema(example = 2, minimum = 1, maximum = 2_147_483_647)]
    pub(super) version: i32,
}

/// What would stand in the way.
#[derive(Serialize, ToSchema)]
#[schema(as = BidDraftProblem)]
struct DraftProblemView {
    /// The part of the offer that it belongs to.
    #[schema(example = "price")]
    section: String,
    /// JSON Pointer (RFC 6901) to the field of the draft.
    #[schema(example = "/offer/price/amount")]
    pointer: String,
    /// Stable name of what is wrong, as in the answer to a submission.
    #[schema(example = "above_ceiling")]
    code: &'static str,
    /// The same in words.
    #[schema(example = "the ceiling is 45000.00 EUR")]
    detail: String,
}

/// Who saved.
#[derive(Serialize, ToSchema)]
#[schema(as = DraftSaver)]
struct SaverView {
    #[schema(example = "0199f3a0-5b1c-7c3e-8a4d-2f6b9c0d1e2f")]
    id: Uuid,
    #[schema(example = "Zoë Rossi")]
    name: String,
}

impl From<Opened> for DraftView {
    fn from(opened: Opened) -> Self {
        let problems = problems(&opened);
        let Opened { draft, offer, company_name, saved_by_name, bid, .. } = opened;
        Self {
            id: draft.id.0,
            challenge: draft.challenge.0,
            company: BidderView { id: draft.company.0, name: company_name },
            offer,
            problems: problems.into_iter().map(Into::into).collect(),
            left_out: Vec::new(),
            replaces: bid.map(|(bid, version)| ReplacedBid { bid: bid.0, version }),
            created_at: draft.created_at,
            saved_at: draft.saved_at,
            saved_by: SaverView { id: draft.saved_by.0, name: saved_by_name },
            version: draft.version,
        }
    }
}

impl DraftView {
    /// One that was begun just now, perhaps from an earlier bid.
    pub(super) fn begun(opened: Opened, left_out: Vec<FieldError>) -> Self {
        let left_out = left_out.into_iter().map(in_offer).map(Into::into).collect();
        Self { left_out, ..Self::from(opened) }
    }
}

/// By the rules of a submission, in their order.
fn problems(opened: &Opened) -> Vec<FieldError> {
    let read = OfferWire::parse(opened.offer.clone()).and_then(|offer| offer.read("/offer"));
    let checked = read.and_then(|offer| offer.check(&opened.challenge));
    match checked {
        Err(Refusal::Invalid(errors)) => errors.into_iter().map(in_offer).collect(),
        // Nothing else can be wrong with a content.
        _ => Vec::new(),
    }
}

impl From<FieldError> for DraftProblemView {
    fn from(FieldError { pointer, code, detail }: FieldError) -> Self {
        let section = pointer.split('/').nth(2).unwrap_or("offer").to_owned();
        Self { section, pointer, code, detail }
    }
}

/// A draft in a list.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = BidDraftSummary)]
pub(super) struct DraftSummaryView {
    #[schema(example = "0199f3a0-5b1c-7c3e-8a4d-2f6b9c0d1e2f")]
    id: Uuid,
    #[schema(example = "0199f3a0-5b1c-7c3e-8a4d-2f6b9c0d1e2f")]
    challenge: Uuid,
    #[schema(example = "PRV-2026-7K3M9QXA")]
    challenge_reference: String,
    #[schema(example = "Telling urgent 112 calls apart during a flood")]
    challenge_title: String,
    company: BidderView,
    created_at: DateTime<Utc>,
    /// When it was saved last.
    saved_at: DateTime<Utc>,
    saved_by: SaverView,
    #[schema(example = 7)]
    version: i32,
}

impl From<Summary> for DraftSummaryView {
    fn from(summary: Summary) -> Self {
        let Summary { draft, challenge_reference, challenge_title, company_name, saved_by_name } = summary;
        Self {
            id: draft.id.0,
            challenge: draft.challenge.0,
            challenge_reference,
            challenge_title,
            company: BidderView { id: draft.company.0, name: company_name },
            created_at: draft.created_at,
            saved_at: draft.saved_at,
            saved_by: SaverView { id: draft.saved_by.0, name: saved_by_name },
            version: draft.version,
        }
    }
}

#[derive(Serialize, ToSchema)]
#[schema(as = BidDraftPage)]
pub(super) struct DraftPageView {
    pub(super) items: Vec<DraftSummaryView>,
    /// The cursor of the next page, if there is one.
    #[schema(example = "q1Zb...")]
    pub(super) next: Option<String>,
}

/// An entry of the history of a draft.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = BidDraftSave)]
pub(super) struct SaveView {
    /// Counts from 1.
    #[schema(example = 3)]
    number: i32,
    saved_by: SaverView,
    /// When the first save of this entry was made.
    begun_at: DateTime<Utc>,
    /// When the last one was.
    saved_at: DateTime<Utc>,
    /// The version that the last one made.
    #[schema(example = 7)]
    version: i32,
}

impl From<(DraftSave, String)> for SaveView {
    fn from((save, name): (DraftSave, String)) -> Self {
        let DraftSave { number, by, begun_at, saved_at, version } = save;
        Self { number, saved_by: SaverView { id: by.0, name }, begun_at, saved_at, version }
    }
}

#[derive(Serialize, ToSchema)]
#[schema(as = BidDraftSavePage)]
pub(super) struct SavePageView {
    pub(super) items: Vec<SaveView>,
    /// The cursor of the next page, if there is one.
    #[schema(example = "q1Zb...")]
    pub(super) next: Option<String>,
}
