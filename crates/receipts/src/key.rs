//! The keys that sign receipts, and their public halves.

use crate::hex;
use base64::{Engine, prelude::BASE64_STANDARD};
use ed25519_dalek::{Signer, SigningKey, VerifyingKey};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// How many bytes of the hash of a public key name it.
const ID_BYTES: usize = 16;

/// A key that signs receipts.
#[derive(Clone)]
pub struct Key {
    signing: SigningKey,
    public: PublicKey,
}

/// The public half of a key: with it anybody checks what the key signed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PublicKey {
    /// The name of the key: the first 16 bytes of the SHA-256 of the public key, in hexadecimal.
    pub id: String,
    /// The 32 bytes of the key (RFC 8032), in base64.
    pub public_key: String,
}

impl Key {
    /// The key with this secret.
    pub fn new(secret: &[u8; 32]) -> Self {
        let signing = SigningKey::from_bytes(secret);
        let public = PublicKey::of(&signing.verifying_key());
        Self { signing, public }
    }

    /// The name of the key.
    pub fn id(&self) -> &str {
        &self.public.id
    }

    /// The public half.
    pub fn public(&self) -> &PublicKey {
        &self.public
    }

    pub(crate) fn sign(&self, text: &str) -> String {
        BASE64_STANDARD.encode(self.signing.sign(text.as_bytes()).to_bytes())
    }
}

impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Key").field(&self.public.id).finish()
    }
}

impl PublicKey {
    fn of(key: &VerifyingKey) -> Self {
        let bytes = key.as_bytes();
        Self { id: hex(&Sha256::digest(bytes)[..ID_BYTES]), public_key: BASE64_STANDARD.encode(bytes) }
    }

    /// The key with these 32 bytes in base64, if they are one.
    pub fn parse(base64: &str) -> Option<Self> {
        let bytes = BASE64_STANDARD.decode(base64.trim()).ok()?;
        let key = VerifyingKey::from_bytes(bytes.as_slice().try_into().ok()?).ok()?;
        Some(Self::of(&key))
    }

    /// The key, if it is one and has the name that it should have.
    pub(crate) fn verifying(&self) -> Option<VerifyingKey> {
        let bytes = BASE64_STANDARD.decode(&self.public_key).ok()?;
        let key = VerifyingKey::from_bytes(bytes.as_slice().try_into().ok()?).ok()?;
        (Self::of(&key).id == self.id).then_some(key)
    }
}

/// Public keys, such as all that an installation has ever signed with.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct KeyRing(Vec<PublicKey>);

impl KeyRing {
    /// These keys.
    pub fn new(keys: Vec<PublicKey>) -> Self {
        Self(keys)
    }

    /// The keys of a file: the answer of `GET /api/v1/receipt-keys`, one entry of it, or the 32 bytes in base64.
    pub fn parse(text: &str) -> Option<Self> {
        #[derive(Deserialize)]
        struct List {
            items: Vec<PublicKey>,
        }
        let list = serde_json::from_str::<List>(text).map(|list| list.items);
        let one = || serde_json::from_str::<PublicKey>(text).map(|key| vec![key]);
        let bare = || PublicKey::parse(text).map(|key| vec![key]);
        let keys = list.or_else(|_| one()).ok().or_else(bare)?;
        let sound = !keys.is_empty() && keys.iter().all(|key| key.verifying().is_some());
        sound.then_some(Self(keys))
    }

    /// The key of this name.
    pub fn find(&self, id: &str) -> Option<&PublicKey> {
        self.0.iter().find(|key| key.id == id)
    }
}
