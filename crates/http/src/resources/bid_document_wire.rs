//! Documents of an offer, as they are sent and shown.

use super::uploads::ScanView;
use application::bids::Visible;
use chrono::{DateTime, Utc};
use domain::{
    BidDocumentId, ResponseSectionId,
    bid::{DocumentDamage, DocumentKey, OfferedDocument},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// A document that belongs to the offer: what the answer said when it was handed in, and its name.
#[derive(Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = OfferedDocument)]
pub(crate) struct OfferedDocumentWire {
    /// Its id.
    #[schema(example = "0199f3a0-5b1c-7c3e-8a4d-2f6b9c0d1e2f")]
    document: Uuid,
    /// The key that opens it. Whoever has it can read the document, so it belongs nowhere but here.
    #[schema(
        example = "AGE-SECRET-KEY-1GFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPQ4EGAEX",
        pattern = "^AGE-SECRET-KEY-1[02-9AC-HJ-NP-Z]{58}$"
    )]
    key: String,
    /// The name of the file; its ending says of which kind it is.
    #[schema(example = "plan.pdf", min_length = 1, max_length = 120)]
    name: String,
    /// In bytes, before it was filled up and encrypted.
    #[schema(example = 48_231, minimum = 1, maximum = 52_428_800)]
    size: i64,
    /// SHA-256 of these bytes.
    #[schema(example = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", pattern = "^[0-9a-f]{64}$")]
    sha256: String,
    /// The id of the response section that it belongs to, if it belongs to one.
    #[serde(default)]
    #[schema(example = "0199f3a0-5b1c-7c3e-8a4d-2f6b9c0d1e2f")]
    section: Option<Uuid>,
}

impl From<OfferedDocumentWire> for OfferedDocument {
    fn from(wire: OfferedDocumentWire) -> Self {
        let OfferedDocumentWire { document, key, name, size, sha256, section } = wire;
        let (document, key) = (BidDocumentId(document), DocumentKey::new(key));
        Self { document, key, name, size, sha256, section: section.map(ResponseSectionId) }
    }
}

/// A document of an opened offer. Its key is not shown: the server opens it for those who may read it.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = BidDocumentOffered)]
pub(crate) struct OfferedDocumentView {
    #[schema(example = "0199f3a0-5b1c-7c3e-8a4d-2f6b9c0d1e2f")]
    document: Uuid,
    #[schema(example = "plan.pdf")]
    name: String,
    /// In bytes.
    #[schema(example = 48_231)]
    size: i64,
    /// SHA-256 of its content.
    #[schema(example = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")]
    sha256: String,
    /// The response section that it belongs to.
    #[schema(example = "0199f3a0-5b1c-7c3e-8a4d-2f6b9c0d1e2f")]
    section: Option<Uuid>,
    /// When it was compared with what the offer says of it: a moment after the opening.
    examined_at: Option<DateTime<Utc>>,
    /// What was wrong with it: `document_lost`, `not_decryptable`, `other_content` or `wrong_type`.
    #[schema(example = "other_content")]
    damage: Option<&'static str>,
    /// What a virus scanner says of it, which can look at it from the opening on only.
    scan: ScanView,
    /// Where it can be downloaded.
    #[schema(
        example = "/api/v1/bids/0199f3a0-5b1c-7c3e-8a4d-2f6b9c0d1e2f/documents/0199f3a0-5b1c-7c3e-8a4d-2f6b9c0d1e2f"
    )]
    content: String,
}

impl OfferedDocumentView {
    /// Those of a bid whose content may be shown.
    pub(crate) fn all(visible: &Visible) -> Vec<Self> {
        let quality = visible.bid.quality.iter();
        quality.flat_map(|quality| &quality.particulars.documents).map(|offered| Self::of(visible, offered)).collect()
    }

    fn of(visible: &Visible, offered: &OfferedDocument) -> Self {
        let stored = visible.documents.iter().find(|stored| stored.id == offered.document);
        let scan = stored.and_then(|stored| visible.scans.get(stored.sha256.as_deref()?)).cloned();
        let OfferedDocument { document, name, size, sha256, section, .. } = offered.clone();
        Self {
            document: document.0,
            name,
            size,
            sha256,
            section: section.map(|section| section.0),
            examined_at: stored.and_then(|stored| stored.examined_at),
            damage: stored.and_then(|stored| stored.damage).map(DocumentDamage::as_str),
            scan: scan.unwrap_or_default().into(),
            content: format!("/api/v1/bids/{}/documents/{document}", visible.bid.id),
        }
    }
}
