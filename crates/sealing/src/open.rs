//! Opening.

use crate::{
    digest::{key_commitment, sha256},
    error::OpenError,
    frame::{self, BUCKETS},
    hex::Hash,
    key::SecretKey,
    label::Label,
    layer,
    manifest::Manifest,
};
use std::fmt;
use zeroize::Zeroizing;

/// An opened envelope.
pub struct Opened {
    /// What it was for, as it says inside.
    pub label: Label,
    /// What was sealed.
    pub content: Zeroizing<Vec<u8>>,
    /// The SHA-256 of what was sealed. It belongs into the record of the opening, and never anywhere before.
    pub digest: Hash,
}

impl fmt::Debug for Opened {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Opened({:?}, {} bytes)", self.label, self.content.len())
    }
}

/// Opens a content with the key of its envelope: one made of shares, or the one that whoever sealed has kept.
pub fn open(manifest: &Manifest, content: &[u8], key: &SecretKey) -> Result<Opened, OpenError> {
    if key_commitment(&manifest.challenge, key.expose()) != manifest.key_commitment {
        return Err(OpenError::Key);
    }
    let whole = content.len() as u64 == manifest.content.size && layer::hash(content) == manifest.content.sha256;
    if !whole {
        return Err(OpenError::Hash);
    }
    let sound = BUCKETS.iter().any(|it| layer::layer_size(*it) == content.len()) && layer::check(content).is_ok();
    let frame = sound.then(|| layer::decrypt(key, content)).flatten().ok_or(OpenError::Sealed)?;
    unwrap(manifest, frame)
}

/// Takes the content out of its frame, in place.
fn unwrap(manifest: &Manifest, mut frame: Zeroizing<Vec<u8>>) -> Result<Opened, OpenError> {
    let frame::Framed { label, nonce, content } = frame::parse(&frame).ok_or(OpenError::Malformed)?;
    if let Some(difference) = label.difference(&manifest.label()) {
        return Err(OpenError::Label(difference));
    }
    if nonce != manifest.nonce {
        return Err(OpenError::Label("nonce"));
    }
    frame.truncate(content.end);
    frame.drain(..content.start);
    let digest = sha256(&[&frame]);
    Ok(Opened { label, content: frame, digest })
}
