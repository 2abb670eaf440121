//! Sealing.

use crate::{
    committee::Committee,
    digest::key_commitment,
    error::SealError,
    frame::{Frame, MAX_CONTENT},
    hex::{Hex, Nonce},
    key::SecretKey,
    label::Label,
    layer,
    manifest::{ContentEntry, Manifest, ShareEntry},
    polynomial,
    share::Share,
};
use rand_core::CryptoRng;

/// The parts of an envelope, as they are handed in and kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Envelope {
    /// The manifest, as JSON.
    pub manifest: Vec<u8>,
    /// The encrypted content.
    pub content: Vec<u8>,
    /// The encrypted shares, in the order of the committee.
    pub shares: Vec<Vec<u8>>,
}

/// What sealing gives.
#[derive(Debug)]
pub struct Sealed {
    /// What is handed in.
    pub envelope: Envelope,
    /// What whoever sealed keeps: it opens the envelope without any holder.
    pub key: SecretKey,
}

/// Seals a content for a committee.
pub fn seal(
    committee: &Committee,
    label: &Label,
    content: &[u8],
    randomness: &mut impl CryptoRng,
) -> Result<Sealed, SealError> {
    check(label, content)?;
    let key = SecretKey::generate(randomness).ok_or(SealError::Failed)?;
    let mut nonce: Nonce = Hex([0; 16]);
    randomness.fill_bytes(&mut nonce.0);
    let frame = Frame::new(label, &nonce, content).ok_or(SealError::TooLarge(content.len()))?;
    let sealed = layer::encrypt(&key.recipient(), frame.size, |out| frame.write(out)).ok_or(SealError::Failed)?;
    let entry = ContentEntry { size: sealed.len() as u64, sha256: layer::hash(&sealed) };
    let commitment = key_commitment(&label.challenge, key.expose());
    let mut manifest = Manifest::new(label, nonce, committee.threshold(), commitment, entry);
    let shares = seal_shares(committee, &mut manifest, &key, randomness)?;
    Ok(Sealed { envelope: Envelope { manifest: manifest.to_json(), content: sealed, shares }, key })
}

/// What can be told before anything is done.
fn check(label: &Label, content: &[u8]) -> Result<(), SealError> {
    match content.len() {
        0 => Err(SealError::Empty),
        length if length > MAX_CONTENT => Err(SealError::TooLarge(length)),
        _ if layer::is_encrypted(content) => Err(SealError::Encrypted),
        _ if label.version == 0 => Err(SealError::Version),
        _ => Ok(()),
    }
}

/// Splits the key, encrypts each share for its holder, and lists them in the manifest.
fn seal_shares(
    committee: &Committee,
    manifest: &mut Manifest,
    key: &SecretKey,
    randomness: &mut impl CryptoRng,
) -> Result<Vec<Vec<u8>>, SealError> {
    let mut files = Vec::new();
    let values = polynomial::split(key.expose(), committee.threshold(), randomness);
    for ((index, recipient), value) in committee.holders().zip(values) {
        let share = Share::new(manifest.challenge.clone(), manifest.nonce, index, &value);
        let text = share.plaintext();
        let file = layer::encrypt(recipient, text.len(), |out| out.write_all(&text)).ok_or(SealError::Failed)?;
        let (size, sha256) = (file.len() as u64, layer::hash(&file));
        let (recipient, commitment) = (Committee::fingerprint(recipient), share.commitment());
        manifest.shares.push(ShareEntry { index, recipient, commitment, size, sha256 });
        files.push(file);
    }
    Ok(files)
}
