//! Receipts: who accepts them, each letter that changes, other keys, the page on paper.

use chrono::{TimeDelta, TimeZone, Utc};
use proptest::prelude::*;
use receipts::{
    Action, FORMAT, Invalid, Key, KeyRing, Kind, Payload, PublicKey, Receipt, SANDBOX_FORMAT, SealedEnvelope, pdf,
};
use uuid::Uuid;

fn payload(key: &Key) -> Payload {
    Payload {
        format: FORMAT.to_owned(),
        kind: Kind::Receipt,
        id: Uuid::from_u128(1),
        action: Action::Submit,
        challenge: Uuid::from_u128(2),
        challenge_reference: "2026-0007".to_owned(),
        company: Uuid::from_u128(3),
        company_name: "Čista Reka, Ελληνικά & Кирилица".to_owned(),
        bid: Some(Uuid::from_u128(4)),
        revision: Some(1),
        received_at: Utc.timestamp_micros(1_790_000_000_000_120).unwrap(),
        real_time: None,
        envelopes: vec![envelope("quality"), envelope("price")],
        reason: None,
        problems: Vec::new(),
        event: Uuid::from_u128(5),
        key: key.id().to_owned(),
    }
}

fn envelope(kind: &str) -> SealedEnvelope {
    SealedEnvelope { kind: kind.to_owned(), sha256: "00".repeat(32) }
}

fn receipt(key: &Key) -> Receipt {
    Receipt::sign(&payload(key), key)
}

fn ring(keys: &[&Key]) -> KeyRing {
    KeyRing::new(keys.iter().map(|key| key.public().clone()).collect())
}

#[test]
fn a_receipt_is_good_as_long_as_its_key_is_known() {
    let (old, new) = (Key::new(&[1; 32]), Key::new(&[2; 32]));
    let receipt = receipt(&old);
    for keys in [ring(&[&old]), ring(&[&new, &old])] {
        assert_eq!(receipt.verify(|id| keys.find(id)).unwrap(), payload(&old));
    }
    let other = ring(&[&new]);
    assert_eq!(receipt.verify(|id| other.find(id)), Err(Invalid::UnknownKey(old.id().to_owned())));
}

#[test]
fn what_is_signed_is_the_text_and_does_not_change_from_version_to_version() {
    let key = Key::new(&[1; 32]);
    assert_eq!(key.id(), "34750f98bd59fcfc946da45aaabe933b");
    assert_eq!(
        receipt(&key).payload,
        "{\"format\":\"provoco-receipt-v1\",\"kind\":\"receipt\",\"id\":\"00000000-0000-0000-0000-000000000001\",\
         \"action\":\"submit\",\"challenge\":\"00000000-0000-0000-0000-000000000002\",\
         \"challengeReference\":\"2026-0007\",\"company\":\"00000000-0000-0000-0000-000000000003\",\
         \"companyName\":\"Čista Reka, Ελληνικά & Кирилица\",\"bid\":\"00000000-0000-0000-0000-000000000004\",\
         \"revision\":1,\"receivedAt\":\"2026-09-21T14:13:20.000120Z\",\"envelopes\":[\
         {\"kind\":\"quality\",\"sha256\":\"0000000000000000000000000000000000000000000000000000000000000000\"},\
         {\"kind\":\"price\",\"sha256\":\"0000000000000000000000000000000000000000000000000000000000000000\"}],\"event\":\"00000000-0000-0000-0000-000000000005\",\
         \"key\":\"34750f98bd59fcfc946da45aaabe933b\"}"
    );
}

#[test]
fn a_receipt_of_a_sandbox_is_of_another_form_and_says_so_everywhere() {
    let key = Key::new(&[1; 32]);
    let real = payload(&key);
    let toy = Payload {
        format: SANDBOX_FORMAT.to_owned(),
        received_at: real.received_at + TimeDelta::days(20),
        real_time: Some(real.received_at),
        ..payload(&key)
    };
    let receipt = Receipt::sign(&toy, &key);
    assert_eq!(receipt.verify(|_| Some(key.public())).unwrap(), toy);
    let times = "\"receivedAt\":\"2026-10-11T14:13:20.000120Z\",\"realTime\":\"2026-09-21T14:13:20.000120Z\"";
    assert!(receipt.payload.starts_with("{\"format\":\"provoco-sandbox-receipt-v1\","), "{}", receipt.payload);
    assert!(receipt.payload.contains(times), "{}", receipt.payload);
    assert!(toy.sentence().starts_with("Only a test, in a sandbox") && !real.sentence().contains("sandbox"));
    let facts = toy.facts();
    assert!(facts.contains(&("Sandbox", "yes: only a test".to_owned())));
    assert!(facts.contains(&("Real time", "2026-09-21 14:13:20.000120 UTC".to_owned())));
    assert!(real.facts().iter().all(|(name, _)| *name != "Sandbox" && *name != "Real time"));
}

#[test]
fn a_key_that_says_it_is_another_is_not_taken() {
    let (own, other) = (Key::new(&[1; 32]), Key::new(&[2; 32]));
    let pretended = PublicKey { id: own.id().to_owned(), ..other.public().clone() };
    let forged = Receipt::sign(&payload(&own), &other);
    assert_eq!(forged.verify(|_| Some(&pretended)), Err(Invalid::DamagedKey(own.id().to_owned())));
    assert_eq!(forged.verify(|_| Some(own.public())), Err(Invalid::WrongSignature));
    // A key of another name than the receipt says, whatever it signed.
    assert_eq!(forged.verify(|_| Some(other.public())), Err(Invalid::DamagedKey(own.id().to_owned())));
}

#[test]
fn what_is_no_receipt_is_told_apart_from_a_wrong_one() {
    let key = Key::new(&[1; 32]);
    let good = receipt(&key);
    let other_format = Receipt { payload: good.payload.replace("-v1", "-v2"), ..good.clone() };
    for payload in ["", "{}", "[]", &other_format.payload] {
        let broken = Receipt { payload: payload.to_owned(), ..good.clone() };
        assert_eq!(broken.verify(|_| Some(key.public())), Err(Invalid::NotAReceipt));
    }
    for signature in ["", "AAAA", "!", &good.signature[1..]] {
        let broken = Receipt { signature: signature.to_owned(), ..good.clone() };
        assert_eq!(broken.verify(|_| Some(key.public())), Err(Invalid::WrongSignature));
    }
}

#[test]
fn keys_are_read_in_each_of_their_forms() {
    let (a, b) = (Key::new(&[1; 32]), Key::new(&[2; 32]));
    let one = serde_json::to_string(a.public()).unwrap();
    let list = format!("{{\"items\":[{one},{}]}}", serde_json::to_string(b.public()).unwrap());
    assert_eq!(KeyRing::parse(&list), Some(ring(&[&a, &b])));
    assert_eq!(KeyRing::parse(&one), Some(ring(&[&a])));
    assert_eq!(KeyRing::parse(&format!("{}\n", a.public().public_key)), Some(ring(&[&a])));
    let misnamed = one.replace(a.id(), b.id());
    for wrong in ["", "{}", "{\"items\":[]}", "AAAA", &misnamed] {
        assert_eq!(KeyRing::parse(wrong), None, "{wrong}");
    }
}

#[test]
fn the_page_is_a_pdf_and_the_same_each_time() {
    let key = Key::new(&[1; 32]);
    let page = pdf(&receipt(&key)).unwrap();
    assert!(page.starts_with(b"%PDF-") && page.len() < 200_000, "{}", page.len());
    assert_eq!(page, pdf(&receipt(&key)).unwrap());
    let named = |words: u32| {
        // Of different words, so that it stays long in a file that is compressed.
        let name = (0..words).map(|n| format!("Društvo {} ", n.wrapping_mul(2_654_435_761))).collect();
        pdf(&Receipt::sign(&Payload { company_name: name, ..payload(&key) }, &key)).unwrap()
    };
    // More than a page holds: the rest is on the next one.
    assert!(named(400).len() > named(2).len() + 1000);
    assert!(pdf(&Receipt { payload: "{}".to_owned(), ..receipt(&key) }).is_err());
}

proptest! {
    #[test]
    fn a_receipt_in_which_a_letter_changed_is_not_accepted(at in 0_usize..600, letter in "[ -~]") {
        let key = Key::new(&[1; 32]);
        let good = receipt(&key);
        let mut letters: Vec<char> = good.payload.chars().collect();
        let at = at % letters.len();
        letters[at] = letter.chars().next().unwrap();
        let changed = Receipt { payload: letters.into_iter().collect(), ..good.clone() };
        prop_assert_eq!(changed.verify(|_| Some(key.public())).is_ok(), changed == good);
    }

    #[test]
    fn a_signature_in_which_a_letter_changed_is_not_accepted(at in 0_usize..86, letter in "[A-Za-z0-9+/]") {
        let key = Key::new(&[1; 32]);
        let good = receipt(&key);
        let mut letters: Vec<char> = good.signature.chars().collect();
        letters[at] = letter.chars().next().unwrap();
        let changed = Receipt { signature: letters.into_iter().collect(), ..good.clone() };
        prop_assert_eq!(changed.verify(|_| Some(key.public())).is_ok(), changed == good);
    }

    #[test]
    fn whatever_is_written_into_a_receipt_it_is_judged_without_harm(payload in ".*", signature in ".*") {
        let key = Key::new(&[1; 32]);
        let receipt = Receipt { payload, signature };
        prop_assert!(receipt.verify(|_| Some(key.public())).is_err());
        prop_assert!(KeyRing::parse(&receipt.payload).is_none());
    }
}
