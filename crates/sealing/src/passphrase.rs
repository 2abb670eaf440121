//! Key files that a passphrase protects, in the form of `age -p`.

use age::{Decryptor, Encryptor, scrypt, secrecy::SecretString};
use std::{
    io::{Read, Write},
    iter,
};
use zeroize::Zeroizing;

/// The most bytes of a key file.
pub const MAX_KEY_FILE: usize = 4 << 10;

/// What a passphrase costs: 2^18 rounds of scrypt with 256 MiB of memory, as in `age`.
const COST: u8 = 18;
/// What a passphrase costs on a server that many use: 2^15 rounds with 32 MiB of memory, as long as RFC 7914 and OWASP ask
/// for at least.
pub const SERVER_COST: u8 = 15;
/// What is put up with at most: 1 GiB.
const MOST_COST: u8 = 20;

const START: &[u8] = b"age-encryption.org/v1\n-> scrypt ";

/// Why a key file does not open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PassphraseError {
    /// The usual mistake.
    #[error("the passphrase is wrong, or the key file is damaged")]
    Wrong,
    /// Encrypting gave up.
    #[error("encrypting the key failed")]
    Failed,
}

/// Whether a key file needs a passphrase.
pub fn is_protected(file: &[u8]) -> bool {
    file.starts_with(START)
}

/// Encrypts the text of a key with a passphrase.
pub fn protect(text: &str, passphrase: &str) -> Result<Vec<u8>, PassphraseError> {
    protect_at(COST, text, passphrase)
}

/// As [`protect`], at another cost: 2 to this power rounds of scrypt.
pub fn protect_at(cost: u8, text: &str, passphrase: &str) -> Result<Vec<u8>, PassphraseError> {
    let mut recipient = scrypt::Recipient::new(SecretString::from(passphrase));
    recipient.set_work_factor(cost);
    let recipients = iter::once(&recipient as &dyn age::Recipient);
    let encryptor = Encryptor::with_recipients(recipients).map_err(|_| PassphraseError::Failed)?;
    let mut writer = encryptor.wrap_output(Vec::new()).map_err(|_| PassphraseError::Failed)?;
    writer.write_all(text.as_bytes()).map_err(|_| PassphraseError::Failed)?;
    writer.finish().map_err(|_| PassphraseError::Failed)
}

/// Decrypts a key file with its passphrase.
pub fn unprotect(file: &[u8], passphrase: &str) -> Result<Zeroizing<String>, PassphraseError> {
    decrypt(file, passphrase).ok_or(PassphraseError::Wrong)
}

fn decrypt(file: &[u8], passphrase: &str) -> Option<Zeroizing<String>> {
    let mut identity = scrypt::Identity::new(SecretString::from(passphrase));
    identity.set_max_work_factor(MOST_COST);
    let decryptor = Some(file).filter(|it| it.len() <= MAX_KEY_FILE).and_then(|it| Decryptor::new_buffered(it).ok())?;
    let mut reader = decryptor.decrypt(iter::once(&identity as &dyn age::Identity)).ok()?;
    let mut text = Zeroizing::new(String::with_capacity(MAX_KEY_FILE));
    reader.read_to_string(&mut text).ok()?;
    Some(text)
}
