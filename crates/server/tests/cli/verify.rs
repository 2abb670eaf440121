//! `provoco verify receipt` and `verify certificate`, with the real program and without a server.

use std::fs;

use receipts::{Action, CERTIFICATE_FORMAT, Certificate, FORMAT, Key, Kind, Payload, Receipt, Statement};
use tempfile::TempDir;

use crate::process::provoco;

fn receipt(key: &Key) -> Receipt {
    let id = "0199f3a0-5b1c-7c3e-8a4d-2f6b9c0d1e2f".parse().unwrap();
    let payload = Payload {
        format: FORMAT.to_owned(),
        kind: Kind::Receipt,
        id,
        action: Action::Submit,
        challenge: id,
        challenge_reference: "PRV-2026-7K3M9QXA".to_owned(),
        company: id,
        company_name: "Calm \u{1b}[31mSignal".to_owned(),
        bid: Some(id),
        revision: Some(1),
        received_at: "2026-11-30T09:59:59.999999Z".parse().unwrap(),
        real_time: None,
        envelopes: Vec::new(),
        reason: None,
        problems: Vec::new(),
        event: id,
        key: key.id().to_owned(),
    };
    Receipt::sign(&payload, key)
}

/// Runs the program in a directory with these files; gives the exit code and what it said.
fn verify(what: &str, files: &[(&str, String)], arguments: &[&str]) -> (Option<i32>, String) {
    let directory = TempDir::new().unwrap();
    for (name, content) in files {
        fs::write(directory.path().join(name), content).unwrap();
    }
    let arguments = [&["verify", what], arguments].concat();
    let outcome = provoco(directory.path(), &arguments, &[("DATABASE_URL", "postgres://nowhere/x")]);
    (outcome.code, outcome.stdout + &outcome.stderr)
}

fn json<T: serde::Serialize>(value: &T) -> String {
    serde_json::to_string(value).unwrap()
}

#[test]
fn the_exit_code_says_what_is_to_be_thought_of_a_receipt() {
    let (own, other) = (Key::new(&[1; 32]), Key::new(&[2; 32]));
    let good = receipt(&own);
    let changed = Receipt { payload: good.payload.replace("09:59:59", "09:58:59"), ..good.clone() };
    let list = format!("{{\"items\":[{},{}]}}", json(other.public()), json(own.public()));
    let files = [
        ("good.json", json(&good)),
        ("answer.json", format!("{{\"id\":\"x\",\"receipt\":{}}}", json(&good))),
        ("changed.json", json(&changed)),
        ("none.json", "{}".to_owned()),
        ("keys.json", list),
        ("key.txt", own.public().public_key.clone()),
        ("other.txt", other.public().public_key.clone()),
    ];
    let cases = [
        (0, &["good.json", "--keys", "keys.json"][..], "The receipt is valid. The bid was received."),
        (0, &["good.json", "--key", "key.txt"], "2026-11-30 09:59:59.999999 UTC"),
        (0, &["answer.json", "--key", "key.txt"], "The receipt is valid."),
        (1, &["missing.json", "--key", "key.txt"], "missing.json"),
        (2, &["good.json"], "--keys <FILE>"),
        (2, &["good.json", "--key", "key.txt", "--keys", "keys.json"], "cannot be used with"),
        (3, &["changed.json", "--keys", "keys.json"], "the signature does not fit"),
        (3, &["none.json", "--keys", "keys.json"], "this is not a receipt"),
        (3, &["good.json", "--keys", "none.json"], "holds no public key"),
        (4, &["good.json", "--key", "other.txt"], "is not among the known keys"),
    ];
    for (code, arguments, says) in cases {
        let (found, said) = verify("receipt", &files, arguments);
        assert_eq!(found, Some(code), "{arguments:?}: {said}");
        assert!(said.contains(says), "{arguments:?}: {said}");
        assert!(!said.contains('\u{1b}'), "a receipt does not steer the terminal");
    }
}

fn certificate(key: &Key) -> Certificate {
    let id = "0199f3a0-5b1c-7c3e-8a4d-2f6b9c0d1e2f".parse().unwrap();
    let statement = Statement {
        format: CERTIFICATE_FORMAT.to_owned(),
        outage: id,
        started_at: "2026-11-30T09:10:00Z".parse().unwrap(),
        ended_at: "2026-11-30T10:33:00Z".parse().unwrap(),
        cause: "reported".to_owned(),
        text: Some("The \u{1b}[31mline was cut.".to_owned()),
        recorded_at: "2026-11-30T11:00:00Z".parse().unwrap(),
        notes: Vec::new(),
        event: id,
        key: key.id().to_owned(),
    };
    Certificate::sign(&statement, key)
}

#[test]
fn the_exit_code_says_what_is_to_be_thought_of_a_certificate() {
    let (own, other) = (Key::new(&[1; 32]), Key::new(&[2; 32]));
    let good = certificate(&own);
    let changed = Certificate { payload: good.payload.replace("10:33", "10:43"), ..good.clone() };
    let files = [
        ("good.json", json(&good)),
        ("changed.json", json(&changed)),
        ("receipt.json", json(&receipt(&own))),
        ("keys.json", format!("{{\"items\":[{}]}}", json(own.public()))),
        ("other.txt", other.public().public_key.clone()),
    ];
    let cases = [
        (0, &["good.json", "--keys", "keys.json"][..], "The certificate is valid. It was reported that the service"),
        (0, &["good.json", "--keys", "keys.json"], "1 h 23 min"),
        (1, &["missing.json", "--keys", "keys.json"], "missing.json"),
        (2, &["good.json"], "--keys <FILE>"),
        (3, &["changed.json", "--keys", "keys.json"], "the signature does not fit"),
        (3, &["receipt.json", "--keys", "keys.json"], "this is not a certificate of an outage"),
        (4, &["good.json", "--key", "other.txt"], "is not among the known keys"),
    ];
    for (code, arguments, says) in cases {
        let (found, said) = verify("certificate", &files, arguments);
        assert_eq!(found, Some(code), "{arguments:?}: {said}");
        assert!(said.contains(says), "{arguments:?}: {said}");
        assert!(!said.contains('\u{1b}'), "a certificate does not steer the terminal");
    }
}
