//! A receipt with its signature.

use crate::{FORMAT, Key, Payload, PublicKey, SANDBOX_FORMAT};
use base64::{Engine, prelude::BASE64_STANDARD};
use ed25519_dalek::Signature;
use serde::{Deserialize, Serialize};

/// A receipt with its signature.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    /// What is signed: a [`Payload`] as JSON. Exactly the bytes of this text, in UTF-8, are what the signature is of.
    pub payload: String,
    /// The 64 bytes of the signature (Ed25519, RFC 8032), in base64.
    pub signature: String,
}

/// Why something is no valid receipt.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Invalid {
    /// Not the form of a receipt.
    #[error("this is not a receipt")]
    NotAReceipt,
    /// Not the form of a certificate of an outage.
    #[error("this is not a certificate of an outage")]
    NotACertificate,
    /// The key that it names is not among those that are known.
    #[error("the key {0} is not among the known keys")]
    UnknownKey(String),
    /// What is known under the name of the key is no such key.
    #[error("the public key {0} is damaged, or has another name")]
    DamagedKey(String),
    /// Something in it was changed, or it was signed with another key.
    #[error("the signature does not fit: the text was changed, or signed with another key")]
    WrongSignature,
}

impl Invalid {
    /// A stable name, for programs.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotAReceipt => "not_a_receipt",
            Self::NotACertificate => "not_a_certificate",
            Self::UnknownKey(_) => "unknown_key",
            Self::DamagedKey(_) => "damaged_key",
            Self::WrongSignature => "wrong_signature",
        }
    }
}

impl Receipt {
    /// Signs what a receipt says. `payload.key` is the key's name already.
    pub fn sign(payload: &Payload, key: &Key) -> Self {
        let payload = payload.text();
        let signature = key.sign(&payload);
        Self { payload, signature }
    }

    /// What it says, whether or not that is true.
    ///
    /// # Errors
    /// [`Invalid::NotAReceipt`].
    pub fn read(&self) -> Result<Payload, Invalid> {
        let payload: Payload = serde_json::from_str(&self.payload).map_err(|_| Invalid::NotAReceipt)?;
        if [FORMAT, SANDBOX_FORMAT].contains(&payload.format.as_str()) {
            Ok(payload)
        } else {
            Err(Invalid::NotAReceipt)
        }
    }

    /// What it says, if the key of the name in it signed exactly that. `known` finds public keys by name.
    ///
    /// # Errors
    /// [`Invalid`].
    pub fn verify<'a>(&self, known: impl FnOnce(&str) -> Option<&'a PublicKey>) -> Result<Payload, Invalid> {
        let payload = self.read()?;
        check(&self.payload, &self.signature, &payload.key, known)?;
        Ok(payload)
    }
}

/// Refuses unless the key of this name signed exactly this text.
pub(crate) fn check<'a>(
    text: &str,
    signature: &str,
    name: &str,
    known: impl FnOnce(&str) -> Option<&'a PublicKey>,
) -> Result<(), Invalid> {
    let key = known(name).ok_or_else(|| Invalid::UnknownKey(name.to_owned()))?;
    let key = key.verifying().filter(|_| key.id == name);
    let key = key.ok_or_else(|| Invalid::DamagedKey(name.to_owned()))?;
    let signature = BASE64_STANDARD.decode(signature).map_err(|_| Invalid::WrongSignature)?;
    let signature = Signature::from_slice(&signature).map_err(|_| Invalid::WrongSignature)?;
    // The strict form: each text has one signature that is right, and no key is right for every text.
    key.verify_strict(text.as_bytes(), &signature).map_err(|_| Invalid::WrongSignature)
}
