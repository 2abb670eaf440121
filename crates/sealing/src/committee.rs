//! Who can open together.

use crate::{digest::sha256, error::CommitteeError, hex::Hash};
use age::x25519::Recipient;
use serde::{Deserialize, Serialize};
use std::fmt;
use x25519_dalek::x25519;

/// The most holders of a committee.
pub const MAX_HOLDERS: usize = 32;

/// The most bytes of a committee's JSON.
const MAX_JSON: usize = 8 << 10;

const FORMAT: &str = "provoco-committee-v1";

/// The holders of keys, in their order, and how many of them it takes to open. Index 1 is the first.
#[derive(Clone, PartialEq, Eq)]
pub struct Committee {
    threshold: u8,
    recipients: Vec<Recipient>,
}

/// How a committee is written.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    format: String,
    threshold: u8,
    recipients: Vec<String>,
}

impl Committee {
    /// The committee of these public keys (`age1...`), of whom this many are needed: at least two, and at most all.
    pub fn new(threshold: u8, recipients: &[impl AsRef<str>]) -> Result<Self, CommitteeError> {
        let holders = recipients.len();
        if !(2..=MAX_HOLDERS).contains(&holders) {
            return Err(CommitteeError::Holders(holders));
        }
        if threshold < 2 || usize::from(threshold) > holders {
            return Err(CommitteeError::Threshold { threshold, holders });
        }
        let mut parsed: Vec<Recipient> = Vec::with_capacity(holders);
        for (i, text) in recipients.iter().enumerate() {
            let recipient = parse(text.as_ref(), i + 1)?;
            if let Some(first) = parsed.iter().position(|other| *other == recipient) {
                return Err(CommitteeError::Twice(first + 1, i + 1));
            }
            parsed.push(recipient);
        }
        Ok(Self { threshold, recipients: parsed })
    }

    /// The committee that a JSON document describes.
    pub fn from_json(json: &[u8]) -> Result<Self, CommitteeError> {
        let written = Some(json).filter(|json| json.len() <= MAX_JSON);
        let written: Option<Written> = written.and_then(|json| serde_json::from_slice(json).ok());
        let written = written.filter(|it| it.format == FORMAT).ok_or(CommitteeError::Malformed)?;
        Self::new(written.threshold, &written.recipients)
    }

    /// The committee as JSON.
    pub fn to_json(&self) -> String {
        let recipients = self.recipients.iter().map(ToString::to_string).collect();
        let written = Written { format: FORMAT.into(), threshold: self.threshold, recipients };
        // Texts and a number always can be written.
        serde_json::to_string(&written).unwrap_or_default()
    }

    /// How many holders it takes to open.
    pub fn threshold(&self) -> u8 {
        self.threshold
    }

    /// The public keys of the holders.
    pub fn recipients(&self) -> &[Recipient] {
        &self.recipients
    }

    /// The holders with their indexes, from 1.
    pub(crate) fn holders(&self) -> impl Iterator<Item = (u8, &Recipient)> {
        (1..).zip(&self.recipients)
    }

    /// The public key that a text writes (`age1...`), if it keeps secrets.
    pub fn recipient(text: &str) -> Result<Recipient, CommitteeError> {
        parse(text, 1)
    }

    /// What names a public key on one line of a page: the SHA-256 of its text.
    pub fn fingerprint(recipient: &Recipient) -> Hash {
        sha256(&[recipient.to_string().as_bytes()])
    }
}

impl fmt::Debug for Committee {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Committee({} of {:?})", self.threshold, self.recipients)
    }
}

/// A public key, which must be written in lower case, and keep secrets.
fn parse(text: &str, position: usize) -> Result<Recipient, CommitteeError> {
    let recipient: Option<Recipient> = text.parse().ok().filter(|it: &Recipient| it.to_string() == text);
    let recipient = recipient.ok_or(CommitteeError::Recipient(position))?;
    match keeps_secrets(text) {
        true => Ok(recipient),
        false => Err(CommitteeError::Weak(position)),
    }
}

/// Whether what is agreed on with a public key depends on the secret at all; with a point of low order it does not (RFC 7748,
/// section 6.1), and `age` would panic.
fn keeps_secrets(text: &str) -> bool {
    let Ok((_, bytes)) = bech32::decode(text) else { return false };
    let Ok(point) = <[u8; 32]>::try_from(bytes) else { return false };
    x25519([1; 32], point) != [0; 32]
}
