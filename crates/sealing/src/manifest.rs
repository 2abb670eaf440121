//! The manifest: what is written on an envelope, and what its other parts are.

use crate::{
    committee::MAX_HOLDERS,
    error::{ShapeError, ShareError},
    hex::{Hash, Nonce},
    label::{Id, Kind, Label},
    share::Share,
};
use serde::{Deserialize, Serialize};

const FORMAT: &str = "provoco-envelope-v1";

/// The most bytes of a manifest.
pub const MAX_MANIFEST: usize = 16 << 10;

/// What is written on an envelope. As JSON it has these fields in this order, and not one blank.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    format: String,
    /// Of which challenge.
    pub challenge: Id,
    /// Whose bid.
    pub bidder: Id,
    /// Which version of it.
    pub version: u32,
    /// Quality or price.
    pub kind: Kind,
    /// What tells this envelope from every other.
    pub nonce: Nonce,
    /// How many holders it takes to open.
    pub threshold: u8,
    /// What the key is recognised by ([`crate::key_commitment`]).
    pub key_commitment: Hash,
    /// The encrypted content.
    pub content: ContentEntry,
    /// The encrypted shares, in the order of the committee.
    pub shares: Vec<ShareEntry>,
}

/// The encrypted content in a manifest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ContentEntry {
    /// Its size in bytes.
    pub size: u64,
    /// Its hash.
    pub sha256: Hash,
}

/// One encrypted share in a manifest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ShareEntry {
    /// Which holder's, from 1.
    pub index: u8,
    /// The fingerprint of the holder's public key ([`crate::Committee::fingerprint`]).
    pub recipient: Hash,
    /// What an opened share is recognised by ([`crate::share_commitment`]).
    pub commitment: Hash,
    /// Its size in bytes, encrypted.
    pub size: u64,
    /// Its hash, encrypted.
    pub sha256: Hash,
}

/// Only this, to tell another format from a mistake.
#[derive(Deserialize)]
struct AnyFormat {
    format: String,
}

impl Manifest {
    pub(crate) fn new(label: &Label, nonce: Nonce, threshold: u8, key: Hash, content: ContentEntry) -> Self {
        let Label { challenge, bidder, version, kind } = label.clone();
        let (format, shares) = (FORMAT.into(), Vec::new());
        Self { format, challenge, bidder, version, kind, nonce, threshold, key_commitment: key, content, shares }
    }

    /// Reads a manifest, and checks it as far as that goes without a committee and without the other parts.
    pub fn parse(json: &[u8]) -> Result<Self, ShapeError> {
        if json.len() > MAX_MANIFEST {
            return Err(ShapeError::Malformed);
        }
        let manifest: Self = serde_json::from_slice(json).map_err(|_| match serde_json::from_slice(json) {
            Ok(AnyFormat { format }) if format != FORMAT => ShapeError::Format,
            _ => ShapeError::Malformed,
        })?;
        manifest.check()?;
        if manifest.to_json() == json { Ok(manifest) } else { Err(ShapeError::NotCanonical) }
    }

    fn check(&self) -> Result<(), ShapeError> {
        let shares = self.shares.len();
        let enough = (2..=MAX_HOLDERS).contains(&shares) && (2..=shares).contains(&usize::from(self.threshold));
        let in_order = (1..).zip(&self.shares).all(|(index, share)| share.index == index);
        match self.format == FORMAT {
            true if enough && in_order && self.version > 0 => Ok(()),
            true => Err(ShapeError::Malformed),
            false => Err(ShapeError::Format),
        }
    }

    /// The manifest as it is handed in.
    pub fn to_json(&self) -> Vec<u8> {
        // Texts and numbers always can be written.
        serde_json::to_vec(self).unwrap_or_default()
    }

    /// What the envelope is for.
    pub fn label(&self) -> Label {
        let Self { challenge, bidder, version, kind, .. } = self.clone();
        Label { challenge, bidder, version, kind }
    }

    /// Whether a share is one of this envelope, and the one that was sealed. Told at once, when it is posted.
    pub fn check_share(&self, share: &Share) -> Result<(), ShareError> {
        let index = share.index;
        let entry = index.checked_sub(1).ok_or(ShareError::Zero)?;
        if share.challenge != self.challenge {
            return Err(ShareError::Foreign(index));
        }
        if share.nonce != self.nonce {
            return Err(ShareError::Replayed(index));
        }
        let missing = ShareError::Index { index, shares: self.shares.len() };
        match self.shares.get(usize::from(entry)).ok_or(missing)?.commitment == share.commitment() {
            true => Ok(()),
            false => Err(ShareError::Wrong(index)),
        }
    }
}
