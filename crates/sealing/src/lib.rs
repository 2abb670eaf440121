//! Sealed envelopes, format v1: a content that nobody reads until enough of several people together want it.
//!
//! [`seal`] encrypts a content with a fresh key, splits that key among the holders of a [`Committee`], and gives an
//! [`Envelope`] to be handed in and the key itself, which whoever seals keeps. [`check_shape`] tells, without any secret,
//! whether an envelope is what it should be. Each holder opens their own share with [`open_share`]; [`combine`] makes the
//! key of enough shares, and [`open`] opens the content with it. `docs/sealing.md` describes every byte.
//!
//! Nothing here reads files, clocks or databases. Chance is a parameter, but for what `age` takes from the operating
//! system by itself. Secrets are wiped from memory when they are dropped, and neither `Debug` nor an error shows one.

mod combine;
mod committee;
mod digest;
mod document;
mod error;
mod frame;
mod hex;
mod key;
mod label;
mod layer;
mod manifest;
mod open;
mod passphrase;
mod polynomial;
mod randomness;
mod recovery;
mod seal;
mod shape;
mod share;

pub use combine::{Combined, combine};
pub use committee::{Committee, MAX_HOLDERS};
pub use digest::{envelope_digest, key_commitment, share_commitment};
pub use document::{
    DOCUMENT_HEAD, DocumentError, DocumentReader, DocumentSecret, DocumentWriter, MAX_DOCUMENT, check_document,
    document_size,
};
pub use error::{CombineError, CommitteeError, LayerError, OpenError, Part, SealError, ShapeError, ShareError};
pub use frame::{BUCKETS, MAX_CONTENT};
pub use hex::{Hash, Nonce};
pub use key::SecretKey;
pub use label::{Id, Kind, Label};
pub use layer::layer_size;
pub use manifest::{ContentEntry, MAX_MANIFEST, Manifest, ShareEntry};
pub use open::{Opened, open};
pub use passphrase::{MAX_KEY_FILE, PassphraseError, SERVER_COST, is_protected, protect, protect_at, unprotect};
pub use randomness::{NoRandomness, os_randomness};
pub use recovery::{for_recovery, open_recovery};
pub use seal::{Envelope, Sealed, seal};
pub use shape::check_shape;
pub use share::{MAX_POSTED_SHARE, Share, open_share, share_file_size};
