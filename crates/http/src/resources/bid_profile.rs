//! The company behind a bid, as it was when the bid was handed in.

use super::organisation_profiles::{AddressWire, SizeClassName};
use crate::foundation::wire;
use chrono::{DateTime, NaiveDate, Utc};
use domain::organisation::{DocumentFacts, DocumentKind, ProfileSnapshot};
use serde::Serialize;
use utoipa::ToSchema;

/// The company as it was when this revision was handed in.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = BidProfile)]
pub(crate) struct BidProfileView {
    #[schema(example = "Calm Signal")]
    legal_name: String,
    #[schema(example = "SI")]
    country: String,
    #[schema(example = "Calm")]
    trading_name: Option<String>,
    #[schema(example = "5860571000")]
    register_number: Option<String>,
    #[schema(example = "SI50223054")]
    vat_number: Option<String>,
    address: Option<AddressWire>,
    size_class: Option<SizeClassName>,
    #[schema(example = json!(["speech recognition"]))]
    capabilities: Vec<String>,
    #[schema(example = json!(["72000000"]))]
    cpv_codes: Vec<String>,
    /// Since when it was verified; null if it was not.
    verified_at: Option<DateTime<Utc>>,
    /// Its documents, without their files.
    documents: Vec<DocumentFactsView>,
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = BidDocument)]
struct DocumentFactsView {
    #[schema(schema_with = wire::document_kind, example = "insurance")]
    kind: DocumentKind,
    #[schema(example = "2027-01-14")]
    expires_on: Option<NaiveDate>,
    /// SHA-256 of the file, in hexadecimal.
    #[schema(example = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08")]
    sha256: String,
}

impl From<ProfileSnapshot> for BidProfileView {
    fn from(snapshot: ProfileSnapshot) -> Self {
        let facts = |DocumentFacts { kind, expires_on, sha256 }| DocumentFactsView { kind, expires_on, sha256 };
        Self {
            legal_name: snapshot.legal_name,
            country: snapshot.country,
            trading_name: snapshot.trading_name,
            register_number: snapshot.register_number,
            vat_number: snapshot.vat_number.map(|number| number.as_str().to_owned()),
            address: snapshot.address.map(Into::into),
            size_class: snapshot.size_class.map(SizeClassName),
            capabilities: snapshot.capabilities,
            cpv_codes: snapshot.cpv_codes.iter().map(ToString::to_string).collect(),
            verified_at: snapshot.verified_at,
            documents: snapshot.documents.into_iter().map(facts).collect(),
        }
    }
}
