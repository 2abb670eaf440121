//! `verify receipt` and `verify certificate`: check what was signed without a server. `docs/guide/receipts.md` and
//! `docs/guide/outages.md` say what is in it.

use std::fmt::Write;
use std::path::Path;

use receipts::{Certificate, Invalid, KeyRing, PublicKey, Receipt};
use serde::Deserialize;

use crate::cli::VerifyReceipt;
use crate::commands::{Failure, print};
use crate::sealed::read;

/// More than a receipt takes, together with the answer that it came with.
const MAX_RECEIPT: usize = 1 << 20;
/// More than a list of keys takes.
const MAX_KEYS: usize = 1 << 20;

/// A receipt, or an answer that holds one.
#[derive(Deserialize)]
#[serde(untagged)]
enum Brought {
    Alone(Receipt),
    Within { receipt: Receipt },
}

/// `verify receipt`: prints what the receipt says, if one of the keys signed exactly that.
pub fn receipt(asked: &VerifyReceipt) -> Result<(), Failure> {
    let keys = rings(asked)?;
    let receipt = match serde_json::from_slice(&read(&asked.file, MAX_RECEIPT)?) {
        Ok(Brought::Alone(receipt) | Brought::Within { receipt }) => receipt,
        Err(_) => return Err(refused(&asked.file, &Invalid::NotAReceipt.to_string())),
    };
    let said = receipt.verify(|id| find(&keys, id)).map_err(|invalid| judged(&asked.file, &invalid))?;
    print(&text("receipt", &said.sentence(), said.facts()))
}

/// `verify certificate`: prints what the certificate says, if one of the keys signed exactly that.
pub fn certificate(asked: &VerifyReceipt) -> Result<(), Failure> {
    let keys = rings(asked)?;
    let certificate: Certificate = serde_json::from_slice(&read(&asked.file, MAX_RECEIPT)?)
        .map_err(|_| refused(&asked.file, &Invalid::NotACertificate.to_string()))?;
    let said = certificate.verify(|id| find(&keys, id)).map_err(|invalid| judged(&asked.file, &invalid))?;
    print(&text("certificate", said.sentence(), said.facts()))
}

fn rings(asked: &VerifyReceipt) -> Result<Vec<KeyRing>, Failure> {
    [&asked.keys, &asked.key].into_iter().flatten().map(|file| ring(file)).collect()
}

fn find<'k>(keys: &'k [KeyRing], id: &str) -> Option<&'k PublicKey> {
    keys.iter().find_map(|keys| keys.find(id))
}

fn judged(file: &Path, invalid: &Invalid) -> Failure {
    match invalid {
        Invalid::UnknownKey(_) => Failure::UnknownKey(format!("{}: {invalid}", file.display())),
        _ => refused(file, &invalid.to_string()),
    }
}

fn ring(file: &Path) -> Result<KeyRing, Failure> {
    let text = read(file, MAX_KEYS)?;
    let keys = std::str::from_utf8(&text).ok().and_then(KeyRing::parse);
    keys.ok_or_else(|| refused(file, "holds no public key of receipts, or a damaged one"))
}

fn text(what: &str, sentence: &str, facts: Vec<(&str, String)>) -> String {
    let mut text = format!("The {what} is valid. {sentence}\n");
    for (name, value) in facts {
        // Writing to a text cannot fail.
        let _ = writeln!(text, "  {name:<24}{}", value.escape_debug());
    }
    text
}

fn refused(file: &Path, why: &str) -> Failure {
    Failure::Refused(format!("{}: {why}", file.display()))
}
