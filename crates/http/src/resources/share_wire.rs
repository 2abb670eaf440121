//! Envelopes as paths name them, and opened shares as holders bring them.

use crate::Error;
use domain::{Refusal, opening::EnvelopeKind};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// Which envelope of a bid.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = EnvelopeKind)]
pub(crate) enum EnvelopeKindName {
    /// The unpriced solution in the first of two stages.
    Solution,
    /// What is judged without knowing the price.
    Quality,
    /// The price.
    Price,
}

impl From<EnvelopeKindName> for EnvelopeKind {
    fn from(name: EnvelopeKindName) -> Self {
        match name {
            EnvelopeKindName::Solution => Self::Solution,
            EnvelopeKindName::Quality => Self::Quality,
            EnvelopeKindName::Price => Self::Price,
        }
    }
}

/// An opened share, as `provoco open-share` writes it.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Share)]
pub(crate) struct ShareWire {
    #[schema(example = "provoco-share-v1", max_length = 40)]
    format: String,
    /// The challenge.
    #[schema(example = "0199f3a0-5b1c-7c3e-8a4d-2f6b9c0d1e2f")]
    challenge: Uuid,
    /// The nonce of the envelope, from its manifest.
    #[schema(example = "00112233445566778899aabbccddeeff", max_length = 32)]
    nonce: String,
    /// The holder's place in the committee.
    #[schema(example = 1, minimum = 0, maximum = 255)]
    index: u8,
    /// 32 bytes in hexadecimal.
    #[schema(example = "9f2c1e6b7a8d4f3e9f2c1e6b7a8d4f3e9f2c1e6b7a8d4f3e9f2c1e6b7a8d4f3e", max_length = 64)]
    share: String,
}

impl ShareWire {
    /// The share, or what is wrong with it at `pointer`.
    pub(crate) fn read(&self, pointer: &str) -> Result<sealing::Share, Error> {
        let json = serde_json::to_vec(self).map_err(|error| Error::Internal(error.to_string()))?;
        let wrong = |error: sealing::ShareError| Refusal::invalid(pointer, "malformed", error.to_string());
        sealing::Share::from_json(&json).map_err(wrong).map_err(|refusal| application::Error::from(refusal).into())
    }
}
