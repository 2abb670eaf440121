//! Any holders who are enough, and nobody else; and whoever sealed.

use crate::{Scene, id, label, new_key};
use proptest::prelude::*;
use sealing::{CombineError, Kind, OpenError, SealError, SecretKey, check_shape, combine, open, os_randomness, seal};

/// All choices of indexes from 1 to `of`, by their bits.
fn choices(of: u8) -> impl Iterator<Item = Vec<u8>> {
    (0..1_u32 << of).map(move |bits| (1..=of).filter(|index| bits >> (index - 1) & 1 == 1).collect())
}

fn opens(scene: &Scene, indexes: &[u8]) -> bool {
    match combine(&scene.manifest(), &scene.shares(indexes)) {
        Ok(combined) => {
            let opened = open(&scene.manifest(), &scene.envelope().content, &combined.key).unwrap();
            assert_eq!(*opened.content, b"Lamps that go by themselves");
            assert_eq!((&opened.label, combined.wrong.len()), (&scene.label, 0));
            combined.sealed_wrongly.is_empty()
        }
        Err(error) => {
            let (needed, sound) = (scene.committee.threshold(), indexes.len());
            assert_eq!(error, CombineError::TooFew { needed, sound, wrong: vec![] });
            false
        }
    }
}

#[test]
fn every_three_of_five_open_and_no_two_do() {
    let scene = Scene::new(3, 5);
    let (mut threes, mut twos) = (0, 0);
    for indexes in choices(5) {
        assert_eq!(opens(&scene, &indexes), indexes.len() >= 3, "{indexes:?}");
        threes += u32::from(indexes.len() == 3);
        twos += u32::from(indexes.len() == 2);
    }
    assert_eq!((threes, twos), (10, 10));
}

/// Not only does the program refuse: what two shares have in them is no key.
#[test]
fn two_shares_of_three_combined_by_hand_give_no_key() {
    let scene = Scene::new(3, 5);
    let mut manifest = scene.manifest();
    manifest.threshold = 2;
    for indexes in choices(5).filter(|indexes| indexes.len() == 2) {
        let error = combine(&manifest, &scene.shares(&indexes)).unwrap_err();
        assert_eq!(error, CombineError::SealedWrongly { sound: 2 }, "{indexes:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    #[test]
    fn any_who_are_enough_open_in_any_order((holders, threshold) in (2_u8..=9).prop_flat_map(|n| (Just(n), 2..=n)), turn in 0_usize..9) {
        let scene = Scene::new(threshold, holders.into());
        let mut indexes: Vec<u8> = (1..=holders).collect();
        indexes.rotate_left(turn % usize::from(holders));
        prop_assert!(opens(&scene, &indexes[..threshold.into()]));
        prop_assert!(!opens(&scene, &indexes[1..threshold.into()]));
        indexes.reverse();
        prop_assert!(opens(&scene, &indexes));
    }

    #[test]
    fn what_comes_out_is_what_went_in(content in proptest::collection::vec(any::<u8>(), 1..9_000), version in 1_u32.., price: bool) {
        let kind = if price { Kind::Price } else { Kind::Quality };
        let mut label = label("019a-c", "019a-b", kind);
        label.version = version;
        let scene = Scene::with(2, 2, &label, &content);
        let manifest = check_shape(scene.envelope(), &scene.committee, &label).unwrap();
        let opened = open(&manifest, &scene.envelope().content, &scene.sealed.key).unwrap();
        prop_assert_eq!(&*opened.content, &content);
        prop_assert_eq!(opened.label, label);
    }
}

#[test]
fn thirty_two_holders_open_too() {
    let scene = Scene::new(16, 32);
    check_shape(scene.envelope(), &scene.committee, &scene.label).unwrap();
    assert!(opens(&scene, &(1..=16).collect::<Vec<_>>()));
    assert!(opens(&scene, &(1..=32).collect::<Vec<_>>()));
}

#[test]
fn whoever_sealed_opens_with_the_key_it_kept() {
    let scene = Scene::new(2, 3);
    let kept = SecretKey::parse(&scene.sealed.key.to_text()).unwrap();
    let opened = open(&scene.manifest(), &scene.envelope().content, &kept).unwrap();
    assert_eq!(*opened.content, b"Lamps that go by themselves");
    // printf %s 'Lamps that go by themselves' | sha256sum
    assert_eq!(opened.digest.to_string(), "26b631c4d25811ed2098460ec0c971891e0340a0159a94daf7645d9710041475");
}

#[test]
fn another_key_is_told_before_anything_is_tried() {
    let scene = Scene::new(2, 3);
    for key in [new_key(), scene.another(&scene.label).key] {
        assert_eq!(open(&scene.manifest(), &scene.envelope().content, &key).unwrap_err(), OpenError::Key);
    }
}

/// A bidder who hands in another's envelope under its own name.
#[test]
fn a_copied_envelope_is_told_by_what_is_inside() {
    let scene = Scene::new(2, 3);
    for (field, change) in [("challenge", 0), ("bidder", 1), ("version", 2), ("kind", 3), ("nonce", 4)] {
        let mut manifest = scene.manifest();
        match change {
            0 => {
                manifest.challenge = id("c-2");
                manifest.key_commitment = sealing::key_commitment(&id("c-2"), scene.sealed.key.expose());
            }
            1 => manifest.bidder = id("b-2"),
            2 => manifest.version = 2,
            3 => manifest.kind = Kind::Price,
            _ => manifest.nonce = sealing::Nonce::parse(&"0".repeat(32)).unwrap(),
        }
        let error = open(&manifest, &scene.envelope().content, &scene.sealed.key).unwrap_err();
        assert_eq!(error, OpenError::Label(field));
    }
}

#[test]
fn a_content_sealed_with_another_key_than_the_shares_give_is_told() {
    let scene = Scene::new(2, 3);
    let other = scene.another(&scene.label).envelope;
    let mut manifest = scene.manifest();
    manifest.content = sealing::Manifest::parse(&other.manifest).unwrap().content;
    let key = combine(&manifest, &scene.shares(&[1, 2])).unwrap().key;
    assert_eq!(open(&manifest, &other.content, &key).unwrap_err(), OpenError::Sealed);
    assert_eq!(open(&manifest, &scene.envelope().content, &key).unwrap_err(), OpenError::Hash);
}

#[test]
fn what_cannot_be_sealed_is_refused() {
    let scene = Scene::new(2, 2);
    let sealed = |content: &[u8], label| seal(&scene.committee, label, content, &mut os_randomness().unwrap());
    assert_eq!(sealed(b"", &scene.label).unwrap_err(), SealError::Empty);
    let mut zero = scene.label.clone();
    zero.version = 0;
    assert_eq!(sealed(b"x", &zero).unwrap_err(), SealError::Version);
    // Sealed twice, nobody could read it: it has happened, and cost a bidder its bid.
    for twice in
        [&scene.envelope().content[..], b"-----BEGIN AGE ENCRYPTED FILE-----\nx", b"-----BEGIN PGP MESSAGE-----"]
    {
        assert_eq!(sealed(twice, &scene.label).unwrap_err(), SealError::Encrypted);
    }
}
