//! The key of an envelope, for its sealer's own use: encrypted for a key that the sealer has anyway.

use crate::{Committee, CommitteeError, SecretKey, layer};
use std::str;

/// Encrypts the key of an envelope for a public key (`age1...`) of whoever is to have it. What comes out is a file of age
/// that holds the text of the key, as the file for `provoco open-envelope --key` does.
///
/// # Errors
/// If the public key is none, or keeps no secrets.
pub fn for_recovery(key: &SecretKey, recipient: &str) -> Result<Vec<u8>, CommitteeError> {
    let recipient = Committee::recipient(recipient)?;
    let text = key.to_text();
    let write = |out: &mut dyn std::io::Write| out.write_all(text.as_bytes());
    layer::encrypt(&recipient, text.len(), write).ok_or(CommitteeError::Recipient(1))
}

/// The key of an envelope, with the secret half of the key that it was encrypted for.
pub fn open_recovery(own: &SecretKey, file: &[u8]) -> Option<SecretKey> {
    let text = layer::decrypt(own, file)?;
    SecretKey::parse(str::from_utf8(&text).ok()?)
}
