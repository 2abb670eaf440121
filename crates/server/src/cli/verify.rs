//! The part of the command line that checks what others say. What these commands do is in [`crate::verify`].

use std::path::PathBuf;

use clap::{ArgGroup, Args, Subcommand};

pub(super) const EXIT_CODES: &str = "\
Exit codes:
  0  valid: a key among those given signed exactly this
  1  something failed while running, such as reading a file
  2  wrong usage
  3  not valid: changed, signed with another key, nothing of the kind at all, or a file with keys is not right
  4  undecided: the key that it names is not among those given";

pub(super) const EXAMPLES: &str = "\
FILE is a receipt as GET /api/v1/receipts/ID gives it, or the whole answer that came with it. The keys of an installation
are at GET /api/v1/receipt-keys; a copy from the time of the receipt is worth more than one of today.

Examples:
  curl -o keys.json https://provoco.example/api/v1/receipt-keys
  provoco verify receipt receipt.json --keys keys.json
  provoco verify receipt receipt.json --key key.txt";

pub(super) const CERTIFICATE_EXAMPLES: &str = "\
FILE is a certificate as GET /api/v1/outage-certificates/ID gives it. It is signed with the keys of receipts: those of an
installation are at GET /api/v1/receipt-keys.

Examples:
  curl -o keys.json https://provoco.example/api/v1/receipt-keys
  curl -o certificate.json https://provoco.example/api/v1/outage-certificates/0199f3a0-5b1c-7c3e-8a4d-2f6b9c0d1e2f
  provoco verify certificate certificate.json --keys keys.json";

/// What can be checked.
#[derive(Debug, Subcommand)]
pub enum Verify {
    /// Check a signed receipt, and print what it says; needs no server
    #[command(after_help = format!("{EXAMPLES}\n\n{EXIT_CODES}"))]
    Receipt(VerifyReceipt),
    /// Check a signed certificate of an outage, and print what it says; needs no server
    #[command(after_help = format!("{CERTIFICATE_EXAMPLES}\n\n{EXIT_CODES}"))]
    Certificate(VerifyReceipt),
}

/// Flags of `verify receipt` and `verify certificate`.
#[derive(Args, Debug)]
#[command(group = ArgGroup::new("known").required(true).args(["keys", "key"]))]
pub struct VerifyReceipt {
    /// The receipt, or the certificate (JSON)
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// The public keys of the installation, as it lists them
    #[arg(long, value_name = "FILE")]
    pub keys: Option<PathBuf>,
    /// One public key: an entry of that list, or its 32 bytes in base64
    #[arg(long, value_name = "FILE")]
    pub key: Option<PathBuf>,
}
