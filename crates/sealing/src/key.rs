//! Secret keys: of holders, and of envelopes.

use age::x25519::{Identity, Recipient};
use bech32::{Bech32, Hrp, primitives::decode::CheckedHrpstring};
use rand_core::CryptoRng;
use std::fmt;
use zeroize::Zeroizing;

/// How `age` marks the text of a secret key.
const MARK: Hrp = Hrp::parse_unchecked("age-secret-key-");

/// A secret key of `age`: 32 bytes, of which X25519 uses all but five bits (RFC 7748, section 5).
pub struct SecretKey {
    bytes: Zeroizing<[u8; 32]>,
    identity: Identity,
}

impl SecretKey {
    /// A new key. There always is one: `age` takes any 32 bytes.
    pub fn generate(randomness: &mut impl CryptoRng) -> Option<Self> {
        let mut bytes = Zeroizing::new([0; 32]);
        randomness.fill_bytes(&mut *bytes);
        Self::from_bytes(&bytes)
    }

    /// The key of these bytes. There always is one: `age` takes any 32 bytes.
    pub fn from_bytes(bytes: &[u8; 32]) -> Option<Self> {
        let identity = text_of(bytes)?.parse().ok()?;
        Some(Self { bytes: Zeroizing::new(*bytes), identity })
    }

    /// The key that a text like `AGE-SECRET-KEY-1...` writes. Lines that are empty or begin with `#` may be around it, as
    /// in the files of `age-keygen`; a second key may not.
    pub fn parse(text: &str) -> Option<Self> {
        let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
        let (key, more) = (lines.next()?, lines.next());
        let checked = CheckedHrpstring::new::<Bech32>(key).ok()?;
        let ours = checked.hrp() == MARK && more.is_none();
        let bytes = Zeroizing::new(ours.then(|| checked.byte_iter().collect::<Vec<u8>>())?);
        Self::from_bytes(bytes.as_slice().try_into().ok()?)
    }

    /// The key as `age` writes it.
    pub fn to_text(&self) -> Zeroizing<String> {
        // That it can be written was found out when it was made.
        text_of(&self.bytes).unwrap_or_default()
    }

    /// What is public of the key.
    pub fn recipient(&self) -> Recipient {
        self.identity.to_public()
    }

    /// The bytes of the key.
    pub fn expose(&self) -> &[u8; 32] {
        &self.bytes
    }

    pub(crate) fn identity(&self) -> &Identity {
        &self.identity
    }
}

fn text_of(bytes: &[u8; 32]) -> Option<Zeroizing<String>> {
    bech32::encode_upper::<Bech32>(MARK, bytes).ok().map(Zeroizing::new)
}

impl fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretKey(...)")
    }
}
