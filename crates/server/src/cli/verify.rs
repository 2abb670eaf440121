//! The part of the command line that checks what others say. What these commands do is in [`crate::verify`].

use std::path::PathBuf;

use clap::{ArgGroup, Args, Subcommand};

pub(super) const EXIT_CODES: &str = "\
Exit codes:
  0  valid: a key among those given signed exactly this
  1  something failed while running, such as reading a file
  2  wrong usage
  3  not valid: changed, signed with another key, no receipt at all, or a file with keys is not right
  4  undecided: the key that the receipt names is not among those given";

pub(super) const EXAMPLES: &str = "\
FILE is a receipt as GET /api/v1/receipts/ID gives it, or the whole answer that came with it. The keys of an installation
are at GET /api/v1/receipt-keys; a copy from the time of the receipt is worth more than one of today.

Examples:
  curl -o keys.json https://provoco.example/api/v1/receipt-keys
  provoco verify receipt receipt.json --keys keys.json
  provoco verify receipt receipt.json --key key.txt";

/// What can be checked.
#[derive(Debug, Subcommand)]
pub enum Verify {
    /// Check a signed receipt, and print what it says; needs no server
    #[command(after_help = format!("{EXAMPLES}\n\n{EXIT_CODES}"))]
    Receipt(VerifyReceipt),
}

/// Flags of `verify receipt`.
#[derive(Args, Debug)]
#[command(group = ArgGroup::new("known").required(true).args(["keys", "key"]))]
pub struct VerifyReceipt {
    /// The receipt (JSON)
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// The public keys of the installation, as it lists them
    #[arg(long, value_name = "FILE")]
    pub keys: Option<PathBuf>,
    /// One public key: an entry of that list, or its 32 bytes in base64
    #[arg(long, value_name = "FILE")]
    pub key: Option<PathBuf>,
}
