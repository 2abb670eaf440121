//! What reads something from outside never panics, and reads no more than it must.

use crate::{Scene, new_key};
use proptest::{collection::vec, prelude::*, sample::Index};
use sealing::{
    Committee, Envelope, MAX_POSTED_SHARE, Manifest, SecretKey, ShapeError, Share, ShareError, check_shape, combine,
    is_protected, open, open_share, unprotect,
};
use std::sync::OnceLock;

fn scene() -> &'static Scene {
    static SCENE: OnceLock<Scene> = OnceLock::new();
    SCENE.get_or_init(|| Scene::new(2, 3))
}

/// Changes to some bytes: what there is, overwritten, inserted or removed.
#[derive(Debug, Clone)]
enum Change {
    Set(Index, u8),
    Insert(Index, Vec<u8>),
    Remove(Index, usize),
    Repeat(Index, usize),
    Cut(Index),
}

fn change() -> impl Strategy<Value = Change> {
    prop_oneof![
        (any::<Index>(), any::<u8>()).prop_map(|(at, byte)| Change::Set(at, byte)),
        (any::<Index>(), prop_oneof![vec(any::<u8>(), 1..40), Just(b"\n".to_vec()), Just(b"[".repeat(300))])
            .prop_map(|(at, bytes)| Change::Insert(at, bytes)),
        (any::<Index>(), 1_usize..40).prop_map(|(at, count)| Change::Remove(at, count)),
        (any::<Index>(), 1_usize..200).prop_map(|(at, count)| Change::Repeat(at, count)),
        any::<Index>().prop_map(Change::Cut),
    ]
}

fn changed(original: &[u8], changes: &[Change]) -> Vec<u8> {
    let mut bytes = original.to_vec();
    for change in changes.iter().filter(|_| !original.is_empty()) {
        let end = bytes.len();
        let at = |index: &Index| if end == 0 { 0 } else { index.index(end) };
        match change {
            Change::Set(index, byte) if end > 0 => bytes[at(index)] = *byte,
            Change::Set(..) => {}
            Change::Insert(index, new) => drop(bytes.splice(at(index)..at(index), new.iter().copied())),
            Change::Remove(index, count) => drop(bytes.drain(at(index)..end.min(at(index) + count))),
            Change::Repeat(index, count) => {
                let piece = bytes[at(index)..end.min(at(index) + count)].to_vec();
                bytes.splice(at(index)..at(index), piece);
            }
            Change::Cut(index) => bytes.truncate(at(index)),
        }
    }
    bytes
}

/// Gives everything that reads these bytes, and follows them as far as they lead.
fn read(bytes: &[u8]) {
    let scene = scene();
    let _ = Committee::from_json(bytes);
    let _ = Share::from_json(bytes).map(|share| scene.manifest().check_share(&share));
    let _ = open_share(&scene.holders[0], bytes);
    let _ = SecretKey::parse(&String::from_utf8_lossy(bytes));
    let _ = is_protected(bytes);
    for envelope in [
        Envelope { manifest: bytes.to_vec(), ..scene.envelope().clone() },
        Envelope { content: bytes.to_vec(), ..scene.envelope().clone() },
        Envelope { shares: vec![bytes.to_vec(); 3], ..scene.envelope().clone() },
    ] {
        let passes = check_shape(&envelope, &scene.committee, &scene.label);
        assert!(passes.is_err() || envelope.manifest != scene.envelope().manifest || envelope == *scene.envelope());
    }
    if let Ok(manifest) = Manifest::parse(bytes) {
        assert_eq!(manifest.to_json(), bytes, "there is one way to write a manifest");
        let _ = combine(&manifest, &scene.shares(&[1, 2, 3]));
    }
    let mut manifest = scene.manifest();
    manifest.content.sha256 = sealing::envelope_digest(bytes);
    manifest.content.size = bytes.len() as u64;
    let _ = open(&manifest, bytes, &scene.sealed.key);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn bytes_of_any_kind_do_no_harm(bytes in vec(any::<u8>(), 0..2_000)) {
        read(&bytes);
    }

    #[test]
    fn texts_of_any_kind_do_no_harm(text in "\\PC{0,300}") {
        read(text.as_bytes());
    }

    #[test]
    fn what_is_almost_right_does_no_harm(changes in vec(change(), 1..6), which in 0_usize..6) {
        let scene = scene();
        let original = match which {
            0 => scene.envelope().manifest.clone(),
            1 => scene.envelope().content.clone(),
            2 => scene.envelope().shares[0].clone(),
            3 => scene.share(1).to_json().as_bytes().to_vec(),
            4 => scene.committee.to_json().into_bytes(),
            _ => scene.sealed.key.to_text().as_bytes().to_vec(),
        };
        read(&changed(&original, &changes));
    }
}

#[test]
fn what_is_too_large_is_not_even_looked_at() {
    let large = |start: &[u8]| [start, &b" ".repeat(64 << 20)].concat();
    let scene = scene();
    assert_eq!(Manifest::parse(&large(&scene.envelope().manifest)).unwrap_err(), ShapeError::Malformed);
    assert!(Committee::from_json(&large(scene.committee.to_json().as_bytes())).is_err());
    let share = scene.share(1).to_json();
    assert!(share.len() < MAX_POSTED_SHARE / 2);
    assert_eq!(Share::from_json(&large(share.as_bytes())).unwrap_err(), ShareError::Malformed);
    let file = large(&scene.envelope().shares[0]);
    assert_eq!(open_share(&scene.holders[0], &file).unwrap_err(), ShareError::NotOpened);
    assert!(unprotect(&large(b"age-encryption.org/v1\n-> scrypt "), "x").is_err());
}

/// A key file may ask for so much work that it would never end.
#[test]
fn a_key_file_that_asks_for_too_much_work_is_refused_at_once() {
    let file = sealing::protect(&new_key().to_text(), "correct horse").unwrap();
    let text = String::from_utf8_lossy(&file[..80]).into_owned();
    assert!(text.contains(" 18\n"), "{text}");
    let at = file.windows(4).position(|bytes| bytes == b" 18\n").unwrap();
    let mut greedy = file.clone();
    greedy[at + 1..at + 3].copy_from_slice(b"21");
    assert_eq!(unprotect(&greedy, "correct horse").unwrap_err(), sealing::PassphraseError::Wrong);
    assert_eq!(unprotect(&file, "wrong horse").unwrap_err(), sealing::PassphraseError::Wrong);
    let key = SecretKey::parse(&unprotect(&file, "correct horse").unwrap()).unwrap();
    assert!(is_protected(&file) && !is_protected(key.to_text().as_bytes()));
}
