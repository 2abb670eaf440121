//! Signed receipts: what a company tried to do with a bid, when that was received, and what came of it.
//!
//! A [`Receipt`] is a text and a signature (Ed25519, RFC 8032) over exactly its bytes. The text is JSON that says which
//! key signed it, so whoever has the public keys of an installation needs nothing else to check one: no account, no
//! server. A [`Certificate`] says in the same way when the service could not be used. No I/O, no clock, no randomness; `docs/guide/receipts.md` describes the form byte by byte.

mod certificate;
mod key;
mod payload;
mod pdf;
mod signed;

pub use certificate::{CERTIFICATE_FORMAT, Certificate, CertificateNote, Statement};
pub use key::{Key, KeyRing, PublicKey};
pub use payload::{Action, FORMAT, Kind, Payload, SANDBOX_FORMAT, SealedEnvelope};
pub use pdf::{PdfError, certificate_pdf, pdf};
pub use signed::{Invalid, Receipt};

/// Bytes in lower-case hexadecimal.
fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
