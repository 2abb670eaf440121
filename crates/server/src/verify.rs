//! `verify receipt`: checks a signed receipt without a server. `docs/guide/receipts.md` says what is in it.

use std::fmt::Write;
use std::path::Path;

use receipts::{Invalid, KeyRing, Payload, Receipt};
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
    let keys = [&asked.keys, &asked.key].into_iter().flatten().map(|file| ring(file)).collect::<Result<Vec<_>, _>>()?;
    let receipt = match serde_json::from_slice(&read(&asked.file, MAX_RECEIPT)?) {
        Ok(Brought::Alone(receipt) | Brought::Within { receipt }) => receipt,
        Err(_) => return Err(refused(&asked.file, &Invalid::NotAReceipt.to_string())),
    };
    let verified = receipt.verify(|id| keys.iter().find_map(|keys| keys.find(id)));
    match verified {
        Ok(payload) => print(&text(&payload)),
        Err(unknown @ Invalid::UnknownKey(_)) => {
            Err(Failure::UnknownKey(format!("{}: {unknown}", asked.file.display())))
        }
        Err(invalid) => Err(refused(&asked.file, &invalid.to_string())),
    }
}

fn ring(file: &Path) -> Result<KeyRing, Failure> {
    let text = read(file, MAX_KEYS)?;
    let keys = std::str::from_utf8(&text).ok().and_then(KeyRing::parse);
    keys.ok_or_else(|| refused(file, "holds no public key of receipts, or a damaged one"))
}

fn text(payload: &Payload) -> String {
    let mut text = format!("The receipt is valid. {}\n", payload.sentence());
    for (name, value) in payload.facts() {
        // Writing to a text cannot fail.
        let _ = writeln!(text, "  {name:<24}{}", value.escape_debug());
    }
    text
}

fn refused(file: &Path, why: &str) -> Failure {
    Failure::Refused(format!("{}: {why}", file.display()))
}
