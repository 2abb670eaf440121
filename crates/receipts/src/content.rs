//! What was handed in, as one fixed text, and the hash of it.

use crate::hex;
use serde::Serialize;
use sha2::{Digest, Sha256};

/// What was handed in: the offer, and a nonce that keeps anybody from guessing it by its hash.
///
/// Its text is canonical JSON (RFC 8785): fields in the order of their names, no spaces. All values are texts and whole
/// numbers, so the order of the fields below is all there is to it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Content {
    /// The plan.
    pub milestones: Vec<Step>,
    /// 32 random bytes in hexadecimal.
    pub nonce: String,
    /// The price.
    pub price: Amount,
    /// The solution.
    pub solution: String,
}

/// One step of the plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Step {
    /// What it costs.
    pub amount: Amount,
    /// Weeks after both sides signed the contract.
    pub due_week: i32,
    /// What is delivered.
    pub title: String,
}

/// An amount of money.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Amount {
    /// A decimal with exactly the digits of the currency, such as `12500.00`.
    pub amount: String,
    /// Its code (ISO 4217).
    pub currency: String,
}

impl Content {
    /// The text whose bytes are hashed.
    pub fn canonical(&self) -> String {
        // Texts and numbers in plain structures: nothing in them can fail.
        serde_json::to_string(self).unwrap_or_default()
    }

    /// SHA-256 of the canonical text, in hexadecimal.
    pub fn sha256(&self) -> String {
        hex(&Sha256::digest(self.canonical()))
    }
}
