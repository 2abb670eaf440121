//! Secrets that the program must be able to read again, such as bank account numbers and one-time-code secrets:
//! encrypted before they reach the database, so that a copy of it alone tells nothing.

use crate::{Error, Result};
use base64::{Engine, prelude::BASE64_STANDARD_NO_PAD};
use chacha20poly1305::{
    KeyInit, XChaCha20Poly1305, XNonce,
    aead::{Aead, Payload},
};

/// The length of a nonce of XChaCha20: long enough to be random.
const NONCE_BYTES: usize = 24;

/// Encrypts and decrypts with one key (XChaCha20-Poly1305). Cheap to clone.
#[derive(Clone)]
pub struct Vault(XChaCha20Poly1305);

impl Vault {
    /// A vault with this key.
    pub fn new(key: [u8; 32]) -> Self {
        Self(XChaCha20Poly1305::new(&key.into()))
    }

    /// Encrypts a text for one place, named by `context` (such as `organisation/<id>/iban`): it cannot be read back
    /// for another, so nobody gains by copying it from row to row.
    ///
    /// # Errors
    /// If the machine has no randomness to give.
    pub fn seal(&self, context: &str, text: &str) -> Result<String> {
        let mut nonce = [0_u8; NONCE_BYTES];
        getrandom::fill(&mut nonce).map_err(|error| Error::Randomness(error.to_string()))?;
        let payload = Payload { msg: text.as_bytes(), aad: context.as_bytes() };
        let sealed = self.0.encrypt(&XNonce::from(nonce), payload).map_err(|_| Error::Vault)?;
        Ok(BASE64_STANDARD_NO_PAD.encode([&nonce[..], &sealed].concat()))
    }

    /// Reads back what was sealed for the same place.
    ///
    /// # Errors
    /// [`Error::Vault`] if it was sealed with another key or for another place, or was damaged.
    pub fn open(&self, context: &str, sealed: &str) -> Result<String> {
        let bytes = BASE64_STANDARD_NO_PAD.decode(sealed).map_err(|_| Error::Vault)?;
        let (nonce, sealed) = bytes.split_first_chunk::<NONCE_BYTES>().ok_or(Error::Vault)?;
        let payload = Payload { msg: sealed, aad: context.as_bytes() };
        let text = self.0.decrypt(&XNonce::from(*nonce), payload).map_err(|_| Error::Vault)?;
        String::from_utf8(text).map_err(|_| Error::Vault)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_sealed_is_read_back_in_its_place_only() {
        let vault = Vault::new([7; 32]);
        let sealed = vault.seal("organisation/1/iban", "SI56 1910 0000 0123 438").unwrap();
        assert!(!sealed.contains("1910"));
        assert_eq!(vault.open("organisation/1/iban", &sealed).unwrap(), "SI56 1910 0000 0123 438");
        assert!(matches!(vault.open("organisation/2/iban", &sealed), Err(Error::Vault)));
        assert!(matches!(Vault::new([8; 32]).open("organisation/1/iban", &sealed), Err(Error::Vault)));
        assert_ne!(vault.seal("a", "same").unwrap(), vault.seal("a", "same").unwrap());
    }

    #[test]
    fn damage_is_noticed() {
        let vault = Vault::new([7; 32]);
        let sealed = vault.seal("a", "text").unwrap();
        for broken in ["", "AAAA", &sealed[..sealed.len() - 2], &format!("B{}", &sealed[1..])] {
            let same = broken == sealed;
            assert!(same || matches!(vault.open("a", broken), Err(Error::Vault)), "{broken}");
        }
    }
}
