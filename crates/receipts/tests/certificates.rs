//! Certificates of outages: what is signed, each letter that changes, what passes for one, the page on paper.

use chrono::{TimeZone, Utc};
use proptest::prelude::*;
use receipts::{
    Action, CERTIFICATE_FORMAT, Certificate, CertificateNote, FORMAT, Invalid, Key, KeyRing, Kind, Payload, Receipt,
    Statement, certificate_pdf,
};
use uuid::Uuid;

fn statement(key: &Key) -> Statement {
    let at = |micros: i64| Utc.timestamp_micros(1_790_000_000_000_000 + micros).unwrap();
    Statement {
        format: CERTIFICATE_FORMAT.to_owned(),
        outage: Uuid::from_u128(1),
        started_at: at(120),
        ended_at: at(4_959_000_000),
        cause: "reported".to_owned(),
        text: Some("Prekinjena\nlinija.".to_owned()),
        recorded_at: at(5_000_000_000),
        notes: vec![CertificateNote { noted_at: at(6_000_000_000), text: "It was the switch.".to_owned() }],
        event: Uuid::from_u128(2),
        key: key.id().to_owned(),
    }
}

fn ring(key: &Key) -> KeyRing {
    KeyRing::new(vec![key.public().clone()])
}

#[test]
fn what_is_signed_is_the_text_and_does_not_change_from_version_to_version() {
    let key = Key::new(&[1; 32]);
    let certificate = Certificate::sign(&statement(&key), &key);
    assert_eq!(
        certificate.payload,
        "{\"format\":\"provoco-outage-certificate-v1\",\"outage\":\"00000000-0000-0000-0000-000000000001\",\
         \"startedAt\":\"2026-09-21T14:13:20.000120Z\",\"endedAt\":\"2026-09-21T15:35:59.000000Z\",\
         \"cause\":\"reported\",\"text\":\"Prekinjena\\nlinija.\",\"recordedAt\":\"2026-09-21T15:36:40.000000Z\",\
         \"notes\":[{\"notedAt\":\"2026-09-21T15:53:20.000000Z\",\"text\":\"It was the switch.\"}],\
         \"event\":\"00000000-0000-0000-0000-000000000002\",\"key\":\"34750f98bd59fcfc946da45aaabe933b\"}"
    );
    assert_eq!(certificate, Certificate::sign(&statement(&key), &key), "the same each time");
    let keys = ring(&key);
    assert_eq!(certificate.verify(|id| keys.find(id)), Ok(statement(&key)));
}

#[test]
fn another_key_a_receipt_and_anything_else_are_no_certificate() {
    let (key, other) = (Key::new(&[1; 32]), Key::new(&[2; 32]));
    let (keys, others) = (ring(&key), ring(&other));
    let certificate = Certificate::sign(&statement(&key), &key);
    assert_eq!(certificate.verify(|id| others.find(id)), Err(Invalid::UnknownKey(key.id().to_owned())));
    let forged = Certificate::sign(&statement(&key), &other);
    assert_eq!(forged.verify(|id| keys.find(id)), Err(Invalid::WrongSignature));
    for payload in ["", "{}", &certificate.payload.replace("certificate-v1", "certificate-v2")] {
        let changed = Certificate { payload: payload.to_owned(), ..certificate.clone() };
        assert_eq!(changed.verify(|id| keys.find(id)), Err(Invalid::NotACertificate));
    }
    let id = Uuid::from_u128(3);
    let payload = Payload {
        format: FORMAT.to_owned(),
        kind: Kind::Receipt,
        id,
        action: Action::Submit,
        challenge: id,
        challenge_reference: "2026-0007".to_owned(),
        company: id,
        company_name: "Calm".to_owned(),
        bid: None,
        revision: None,
        received_at: Utc.timestamp_micros(0).unwrap(),
        real_time: None,
        envelopes: Vec::new(),
        reason: None,
        problems: Vec::new(),
        event: id,
        key: key.id().to_owned(),
    };
    let Receipt { payload, signature } = Receipt::sign(&payload, &key);
    let receipt = Certificate { payload, signature };
    assert_eq!(receipt.verify(|id| keys.find(id)), Err(Invalid::NotACertificate));
}

#[test]
fn people_read_when_it_was_and_how_long() {
    let key = Key::new(&[1; 32]);
    let statement = statement(&key);
    assert_eq!(statement.sentence(), "It was reported that the service could not be used.");
    let facts = statement.facts();
    let fact = |name| facts.iter().find(|(known, _)| *known == name).map(|(_, value)| &**value).unwrap();
    assert_eq!(fact("From"), "2026-09-21 14:13:20.000120 UTC");
    assert_eq!(fact("Lasted"), "1 h 22 min 38.999880 s");
    assert_eq!(fact("Note"), "2026-09-21 15:53:20.000000 UTC: It was the switch.");
}

#[test]
fn fifty_long_notes_find_room_on_paper() {
    let key = Key::new(&[1; 32]);
    let note = CertificateNote { noted_at: Utc.timestamp_micros(0).unwrap(), text: "Čšž ".repeat(500) };
    let long = Statement { notes: vec![note; 50], ..statement(&key) };
    for statement in [statement(&key), long] {
        let file = certificate_pdf(&Certificate::sign(&statement, &key)).unwrap();
        assert!(file.starts_with(b"%PDF-"));
    }
    let none = Certificate { payload: "{}".to_owned(), signature: String::new() };
    assert!(certificate_pdf(&none).is_err());
}

proptest! {
    /// Whatever letter is changed, added or taken out.
    #[test]
    fn a_changed_certificate_is_not_valid(at in any::<prop::sample::Index>(), with in any::<char>(), how in 0_u8..3) {
        let key = Key::new(&[1; 32]);
        let (certificate, keys) = (Certificate::sign(&statement(&key), &key), ring(&key));
        let mut letters: Vec<_> = certificate.payload.chars().collect();
        let at = at.index(letters.len());
        match how {
            0 => letters[at] = with,
            1 => letters.insert(at, with),
            _ => drop(letters.remove(at)),
        }
        let changed = Certificate { payload: letters.into_iter().collect(), ..certificate.clone() };
        prop_assume!(changed != certificate);
        prop_assert!(changed.verify(|id| keys.find(id)).is_err());
    }
}
