//! Who can be a committee.

use crate::{committee_of, new_key};
use proptest::prelude::*;
use sealing::{Committee, CommitteeError, SecretKey};

fn recipients(count: usize) -> Vec<String> {
    (0..count).map(|_| new_key().recipient().to_string()).collect()
}

#[test]
fn one_person_alone_is_no_committee_and_nobody_is_left_out_of_the_count() {
    for (threshold, holders, error) in [
        (2, 1, CommitteeError::Holders(1)),
        (2, 0, CommitteeError::Holders(0)),
        (2, 33, CommitteeError::Holders(33)),
        (1, 3, CommitteeError::Threshold { threshold: 1, holders: 3 }),
        (0, 3, CommitteeError::Threshold { threshold: 0, holders: 3 }),
        (4, 3, CommitteeError::Threshold { threshold: 4, holders: 3 }),
    ] {
        assert_eq!(Committee::new(threshold, &recipients(holders)), Err(error));
    }
    for (threshold, holders) in [(2, 2), (2, 3), (3, 3), (3, 5), (32, 32), (2, 32)] {
        assert!(Committee::new(threshold, &recipients(holders)).is_ok(), "{threshold} of {holders}");
    }
}

#[test]
fn the_same_key_twice_is_refused_with_its_places() {
    let mut all = recipients(4);
    all[3] = all[1].clone();
    assert_eq!(Committee::new(2, &all), Err(CommitteeError::Twice(2, 4)));
}

#[test]
fn what_is_no_public_key_is_refused_with_its_place() {
    let secret = new_key().to_text().to_string();
    let upper = new_key().recipient().to_string().to_uppercase();
    for wrong in ["", "age1", "ssh-ed25519 AAAA", &secret, &upper] {
        let all = [recipients(1)[0].clone(), wrong.to_owned()];
        let error = Committee::new(2, &all).unwrap_err();
        assert_eq!(error, CommitteeError::Recipient(2));
        assert!(!error.to_string().contains(&secret), "{error}");
    }
}

/// Points of low order: with them everybody agrees on the same "secret" (RFC 7748, section 6.1).
#[test]
fn keys_that_keep_no_secret_are_refused() {
    let order_8 = [
        0xe0, 0xeb, 0x7a, 0x7c, 0x3b, 0x41, 0xb8, 0xae, 0x16, 0x56, 0xe3, 0xfa, 0xf1, 0x9f, 0xc4, 0x6a, 0xda, 0x09,
        0x8d, 0xeb, 0x9c, 0x32, 0xb1, 0xfd, 0x86, 0x62, 0x05, 0x16, 0x5f, 0x49, 0xb8, 0x00,
    ];
    let (zero, mut one) = ([0; 32], [0; 32]);
    one[0] = 1;
    for point in [zero, one, order_8] {
        let weak = bech32::encode_lower::<bech32::Bech32>(bech32::Hrp::parse("age").unwrap(), &point).unwrap();
        let all = [recipients(1)[0].clone(), weak];
        assert_eq!(Committee::new(2, &all), Err(CommitteeError::Weak(2)));
    }
}

#[test]
fn a_committee_is_read_as_it_was_written() {
    let committee = committee_of(2, &[new_key(), new_key(), new_key()]);
    assert_eq!(Committee::from_json(committee.to_json().as_bytes()), Ok(committee));
    for wrong in [
        "",
        "{}",
        "[]",
        r#"{"format":"provoco-committee-v2","threshold":2,"recipients":[]}"#,
        r#"{"format":"provoco-committee-v1","threshold":2,"recipients":[],"more":1}"#,
        r#"{"format":"provoco-committee-v1","threshold":256,"recipients":[]}"#,
    ] {
        assert_eq!(Committee::from_json(wrong.as_bytes()), Err(CommitteeError::Malformed), "{wrong}");
    }
}

#[test]
fn a_fingerprint_is_the_hash_of_the_text_of_a_key() {
    // printf %s age1t7rxyev2z3rw82stdlrrepyc39nvn86l5078zqkf5uasdy86jp6svpy7pa | sha256sum
    let text = "age1t7rxyev2z3rw82stdlrrepyc39nvn86l5078zqkf5uasdy86jp6svpy7pa";
    let committee = Committee::new(2, &[text.to_owned(), recipients(1)[0].clone()]).unwrap();
    let fingerprint = Committee::fingerprint(&committee.recipients()[0]).to_string();
    assert_eq!(fingerprint, "e669ae85e31856826947b65d66926681cd6c4d8a35e8addddbe6e733444a44ef");
}

#[test]
fn the_key_of_the_age_project_is_read_and_written_as_there() {
    let text = "AGE-SECRET-KEY-1GQ9778VQXMMJVE8SK7J6VT8UJ4HDQAJUVSFCWCM02D8GEWQ72PVQ2Y5J33";
    let key = SecretKey::parse(text).unwrap();
    assert_eq!(*key.to_text(), text);
    assert_eq!(key.recipient().to_string(), "age1t7rxyev2z3rw82stdlrrepyc39nvn86l5078zqkf5uasdy86jp6svpy7pa");
    let file = format!("# created: long ago\n# public key: age1...\n{text}\n\n");
    assert_eq!(*SecretKey::parse(&file).unwrap().to_text(), text);
    for wrong in ["", "# nothing", &text[1..], &text[..70], &format!("{text}\n{text}"), &format!("{text} x")] {
        assert!(SecretKey::parse(wrong).is_none(), "{wrong}");
    }
    assert!(!format!("{key:?}").contains("1GQ97"));
}

proptest! {
    #[test]
    fn every_key_is_read_as_it_was_written(bytes in any::<[u8; 32]>()) {
        let key = SecretKey::from_bytes(&bytes).unwrap();
        let read = SecretKey::parse(&key.to_text()).unwrap();
        prop_assert_eq!(read.expose(), &bytes);
    }
}
