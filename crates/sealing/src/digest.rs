//! Hashes, and what is committed to by them.

use crate::{
    hex::{Hash, Hex, Nonce},
    label::Id,
};
use sha2::{Digest as _, Sha256};

/// The SHA-256 of these pieces, one after the other.
pub(crate) fn sha256(pieces: &[&[u8]]) -> Hash {
    let mut hash = Sha256::new();
    pieces.iter().for_each(|piece| hash.update(piece));
    Hex(hash.finalize().into())
}

/// The SHA-256 of what comes piece by piece.
pub(crate) struct Digest(Sha256);

impl Digest {
    pub(crate) fn new() -> Self {
        Self(Sha256::new())
    }

    pub(crate) fn update(&mut self, piece: &[u8]) {
        self.0.update(piece);
    }

    pub(crate) fn finish(self) -> Hash {
        Hex(self.0.finalize().into())
    }
}

/// What commits a sealer to the key of an envelope, and lets anybody recognise it: `SHA-256("key-commit" 00 challenge key)`.
pub fn key_commitment(challenge: &Id, key: &[u8; 32]) -> Hash {
    sha256(&[b"key-commit\0", challenge.as_str().as_bytes(), key])
}

/// What commits a sealer to one share, so that whoever hands over another one is named at once:
/// `SHA-256("share-commit" 00 challenge 00 nonce index share)`. As long as fewer holders than it takes have opened theirs,
/// a share is 32 bytes of pure chance, so this tells nothing of it.
pub fn share_commitment(challenge: &Id, nonce: &Nonce, index: u8, share: &[u8; 32]) -> Hash {
    sha256(&[b"share-commit\0", challenge.as_str().as_bytes(), b"\0", nonce.as_bytes(), &[index], share])
}

/// What names a whole envelope: the SHA-256 of its manifest, which holds the hashes of all other parts.
pub fn envelope_digest(manifest: &[u8]) -> Hash {
    sha256(&[manifest])
}
