//! The part of the command line that is about sealed envelopes. What these commands do is in [`crate::sealed`].

use std::path::PathBuf;

use clap::{Args, Subcommand, builder::PossibleValuesParser};
use sealing::Kind;

pub(super) const EXIT_CODES: &str = "\
Exit codes:
  0  success
  1  something failed while running
  2  wrong usage, or a file is there already
  3  a committee, key, envelope or share is not right; the message says which and why
  4  more shares are needed";

pub(super) const KEY_EXAMPLES: &str = "\
Examples:
  provoco key new --out ada.key
  provoco key new --out ada.key --passphrase
  age-keygen -o ada.key
      Makes the same sort of key";

pub(super) const SEAL_EXAMPLES: &str = "\
DIR must not exist. It gets a directory `envelope`, which is handed in, and a file `recovery-key.txt`, which opens the
envelope without any holder: keep it, and show it to nobody.

A committee is a file such as
  {\"format\":\"provoco-committee-v1\",\"threshold\":2,\"recipients\":[\"age1...\",\"age1...\",\"age1...\"]}

Examples:
  provoco seal --committee committee.json --challenge 0197f3a2-7c1e --bidder 0197f3a2-90b4 --version 1 \\
      --kind price --in price.pdf --out sealed-price";

pub(super) const OPEN_SHARE_EXAMPLES: &str = "\
A share goes to whoever opens the envelope, and only after the deadline.
A key with a passphrase asks for it, or reads it from standard input if that is no terminal.

Examples:
  provoco open-share --identity ada.key --share share-001.age --out share-001.json";

pub(super) const OPEN_ENVELOPE_EXAMPLES: &str = "\
Examples:
  provoco open-envelope --envelope sealed-price/envelope --share share-001.json --share share-003.json --out price.pdf
  provoco open-envelope --envelope sealed-price/envelope --key sealed-price/recovery-key.txt --out price.pdf";

/// Commands about keys.
#[derive(Debug, Subcommand)]
pub enum Key {
    /// Make a key for opening envelopes, and print the public half, which begins with age1
    #[command(after_help = format!("{KEY_EXAMPLES}\n\n{EXIT_CODES}"))]
    New(NewKey),
}

/// Flags of `key new`.
#[derive(Args, Debug)]
pub struct NewKey {
    /// File for the key, which must not exist; only its owner can read it
    #[arg(long, value_name = "FILE", default_value = "provoco.key")]
    pub out: PathBuf,
    /// Protect the key with a passphrase, which is asked for, or read from standard input if that is no terminal
    #[arg(long)]
    pub passphrase: bool,
}

/// Flags of `seal`.
#[derive(Args, Debug)]
pub struct Seal {
    /// The holders, and how many of them open together
    #[arg(long, value_name = "FILE")]
    pub committee: PathBuf,
    /// The id of the challenge
    #[arg(long, value_name = "ID")]
    pub challenge: String,
    /// The id of the bidder
    #[arg(long, value_name = "ID")]
    pub bidder: String,
    /// Which version of the bid, from 1
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub version: u32,
    /// Which envelope of a bid
    #[arg(long, value_name = "KIND", value_parser = PossibleValuesParser::new(Kind::ALL.map(Kind::as_str)))]
    pub kind: String,
    /// What is sealed: one file of at most 64 MiB, less 512 bytes
    #[arg(long = "in", value_name = "FILE")]
    pub content: PathBuf,
    /// Directory for the envelope and its key
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
}

/// Flags of `open-share`.
#[derive(Args, Debug)]
pub struct OpenShare {
    /// The holder's key, of `provoco key new` or age-keygen
    #[arg(long, value_name = "FILE")]
    pub identity: PathBuf,
    /// The encrypted share
    #[arg(long, value_name = "FILE")]
    pub share: PathBuf,
    /// File for the opened share, which must not exist [default: standard output]
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
}

/// Flags of `open-envelope`.
#[derive(Args, Debug)]
pub struct OpenEnvelope {
    /// Directory with manifest.json and content.age
    #[arg(long, value_name = "DIR")]
    pub envelope: PathBuf,
    /// An opened share, once for each
    #[arg(long = "share", value_name = "FILE", required_unless_present = "key")]
    pub shares: Vec<PathBuf>,
    /// The key that the bidder kept, instead of shares
    #[arg(long, value_name = "FILE", conflicts_with = "shares")]
    pub key: Option<PathBuf>,
    /// File for the content, which must not exist
    #[arg(long, value_name = "FILE")]
    pub out: PathBuf,
}
