//! What can be wrong. No error holds a secret, or repeats what somebody else wrote.

use crate::frame::MAX_CONTENT;
use std::fmt;

/// A part of an envelope.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// The list of the other parts.
    Manifest,
    /// The content.
    Content,
    /// The share of the holder with this index.
    Share(u8),
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Manifest => f.write_str("the manifest"),
            Self::Content => f.write_str("the content"),
            Self::Share(index) => write!(f, "share {index}"),
        }
    }
}

/// Why somebody is no committee.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CommitteeError {
    /// Not JSON of the right form.
    #[error("the committee is not in the form provoco-committee-v1")]
    Malformed,
    /// Too few or too many holders.
    #[error("a committee has from 2 to 32 holders, not {0}")]
    Holders(usize),
    /// One person alone could open, or all together could not.
    #[error("of {holders} holders, from 2 to {holders} must be needed to open, not {threshold}")]
    Threshold {
        /// How many would be needed.
        threshold: u8,
        /// How many there are.
        holders: usize,
    },
    /// Not the public key of somebody.
    #[error("recipient {0} is not a public key of age such as age1...")]
    Recipient(usize),
    /// A key that keeps no secret.
    #[error("recipient {0} is a key with which everybody could read what is encrypted for it")]
    Weak(usize),
    /// The same key twice.
    #[error("recipients {0} and {1} are the same key")]
    Twice(usize, usize),
}

/// Why something is not sealed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    /// There is nothing in it.
    #[error("there is nothing to seal")]
    Empty,
    /// Larger than the largest size that hides it.
    #[error("a content has at most {MAX_CONTENT} bytes, not {0}")]
    TooLarge(usize),
    /// Encrypted already: nobody who opens the envelope could read it.
    #[error("the content is encrypted already; seal what is to be read")]
    Encrypted,
    /// Versions begin with 1.
    #[error("the first version of a bid is 1")]
    Version,
    /// The library that encrypts gave up.
    #[error("encrypting failed")]
    Failed,
}

/// What is wrong with something encrypted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LayerError {
    /// Not from `age`.
    #[error("not a file of age")]
    NotAge,
    /// Text, where the bytes themselves are needed.
    #[error("written as text (armoured); the binary form is needed")]
    Armoured,
    /// Encrypted with a passphrase.
    #[error("encrypted with a passphrase instead of a key")]
    Passphrase,
    /// Encrypted for more than one, or with more in its header than needed.
    #[error("encrypted for several keys, or with something else in its header, instead of for exactly one")]
    Several,
    /// Encrypted for another sort of key.
    #[error("encrypted for another sort of key than X25519")]
    OtherKey,
    /// Begins like a file of `age`, but is none.
    #[error("its header is damaged")]
    Header,
    /// Not filled up to one of the sizes.
    #[error("not filled up with zeros to one of the eight sizes before it was encrypted")]
    Size,
}

/// Why an envelope is not what it should be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ShapeError {
    /// Not JSON of the right form.
    #[error("the manifest is not in the form provoco-envelope-v1")]
    Malformed,
    /// Another format, perhaps a later one.
    #[error("the manifest is in another form than provoco-envelope-v1")]
    Format,
    /// The right content, written in another way.
    #[error("the manifest is not written exactly as the format says")]
    NotCanonical,
    /// For something else.
    #[error("the envelope is for another {0}")]
    Label(&'static str),
    /// Another number of holders needed.
    #[error("the envelope needs {found} holders to open it, the committee says {expected}")]
    Threshold {
        /// What the committee says.
        expected: u8,
        /// What the envelope says.
        found: u8,
    },
    /// Another number of shares.
    #[error("the envelope has {found} shares for {expected} holders")]
    Shares {
        /// How many holders there are.
        expected: usize,
        /// How many shares there are.
        found: usize,
    },
    /// For somebody who is not in the committee, or in another place there.
    #[error("share {0} is not for holder {0} of the committee")]
    Recipient(u8),
    /// A size that no sound part has.
    #[error("{part} has {found} bytes, which is not one of the allowed sizes")]
    Size {
        /// Of which part.
        part: Part,
        /// How many bytes it has, or is said to have.
        found: u64,
    },
    /// Not the part that the manifest lists.
    #[error("{0} is not what the manifest lists: it is damaged or replaced")]
    Hash(Part),
    /// Not encrypted as it should be.
    #[error("{part} is {error}")]
    Layer {
        /// Which part.
        part: Part,
        /// How it is encrypted.
        error: LayerError,
    },
}

/// What is wrong with one share.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ShareError {
    /// Damaged, or for another key.
    #[error("the file of the share does not open with this key: it is for somebody else, or damaged")]
    NotOpened,
    /// Opened or posted, but not a share.
    #[error("this is not a share in the form provoco-share-v1")]
    Malformed,
    /// Zero is where the key itself lies.
    #[error("no share has the index 0")]
    Zero,
    /// Nobody has this index.
    #[error("there is no share {index}: the envelope has {shares}")]
    Index {
        /// The index.
        index: u8,
        /// How many shares there are.
        shares: usize,
    },
    /// Of another challenge.
    #[error("share {0} is of another challenge")]
    Foreign(u8),
    /// Of another envelope of the challenge.
    #[error("share {0} is of another envelope of this challenge")]
    Replayed(u8),
    /// Not the share that was sealed.
    #[error("share {0} is not the one that was sealed: it is damaged or replaced")]
    Wrong(u8),
}

/// Why shares do not give the key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CombineError {
    /// One of them cannot be used at all.
    #[error(transparent)]
    Share(#[from] ShareError),
    /// The same one twice.
    #[error("share {0} is there twice")]
    Twice(u8),
    /// Too few.
    #[error("{needed} sound shares are needed, {} more than there are{}", usize::from(*needed).saturating_sub(*sound), named(wrong))]
    TooFew {
        /// How many are needed.
        needed: u8,
        /// How many there are, without those that are wrong.
        sound: usize,
        /// Those that are not what was sealed.
        wrong: Vec<u8>,
    },
    /// All are what was sealed, and yet they do not give the key.
    #[error(
        "these {sound} shares are as they were sealed, but do not give the key: at least one was sealed wrongly, and \
         only more shares can tell which"
    )]
    SealedWrongly {
        /// How many shares there are.
        sound: usize,
    },
}

fn named(wrong: &[u8]) -> String {
    match wrong {
        [] => String::new(),
        [index] => format!("; share {index} is not the one that was sealed"),
        several => format!("; shares {} are not those that were sealed", listed(several)),
    }
}

fn listed(indexes: &[u8]) -> String {
    indexes.iter().map(u8::to_string).collect::<Vec<_>>().join(", ")
}

/// Why an envelope does not open.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    /// Another key.
    #[error("this is not the key of the envelope")]
    Key,
    /// Not the content that the manifest lists.
    #[error("the content is not what the manifest lists: it is damaged or replaced")]
    Hash,
    /// Does not decrypt.
    #[error("the content does not open with the key of the envelope: it was sealed wrongly")]
    Sealed,
    /// What is inside is not framed as it should be.
    #[error("what is inside the envelope is not in the form provoco-content-v1")]
    Malformed,
    /// What is inside is for something else than is written on the envelope.
    #[error("what is inside the envelope is for another {0} than is written on it")]
    Label(&'static str),
}
