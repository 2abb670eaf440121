//! What the server tells of an envelope when it arrives, without any secret.

use crate::{Scene, id, label, new_key};
use sealing::{Envelope, Hash, Kind, LayerError, Manifest, Part, ShapeError, check_shape};
use std::io::Write;

fn refused(scene: &Scene, change: impl FnOnce(&mut Envelope)) -> ShapeError {
    let mut envelope = scene.envelope().clone();
    change(&mut envelope);
    assert_ne!(&envelope, scene.envelope(), "something was changed");
    check_shape(&envelope, &scene.committee, &scene.label).unwrap_err()
}

/// Refused with a manifest that is changed.
fn relisted(scene: &Scene, change: impl FnOnce(&mut Manifest)) -> ShapeError {
    refused(scene, |envelope| relist(envelope, change))
}

fn relist(envelope: &mut Envelope, change: impl FnOnce(&mut Manifest)) {
    let mut manifest = Manifest::parse(&envelope.manifest).unwrap();
    change(&mut manifest);
    envelope.manifest = manifest.to_json();
}

/// Another content, which the manifest lists as it is.
fn replace_content(envelope: &mut Envelope, content: Vec<u8>) {
    relist(envelope, |manifest| {
        manifest.content.size = content.len() as u64;
        manifest.content.sha256 = sealing::envelope_digest(&content);
    });
    envelope.content = content;
}

#[test]
fn a_sound_envelope_passes() {
    for (threshold, holders) in [(2, 2), (2, 3), (3, 5), (32, 32)] {
        let scene = Scene::new(threshold, holders);
        let manifest = check_shape(scene.envelope(), &scene.committee, &scene.label).unwrap();
        assert_eq!(manifest.to_json(), scene.envelope().manifest);
        assert_eq!(manifest.label(), scene.label);
    }
}

#[test]
fn an_envelope_for_something_else_is_told_by_what_differs() {
    let scene = Scene::new(2, 3);
    let of = |change: fn(&mut sealing::Label)| {
        let mut label = scene.label.clone();
        change(&mut label);
        check_shape(scene.envelope(), &scene.committee, &label).unwrap_err()
    };
    assert_eq!(of(|label| label.challenge = id("c-2")), ShapeError::Label("challenge"));
    assert_eq!(of(|label| label.bidder = id("b-2")), ShapeError::Label("bidder"));
    assert_eq!(of(|label| label.version = 2), ShapeError::Label("version"));
    assert_eq!(of(|label| label.kind = Kind::Price), ShapeError::Label("kind"));
}

#[test]
fn an_envelope_for_another_committee_is_told_by_what_differs() {
    let scene = Scene::new(2, 3);
    let of = |threshold, keys: &[&sealing::SecretKey]| {
        let recipients: Vec<String> = keys.iter().map(|key| key.recipient().to_string()).collect();
        let committee = sealing::Committee::new(threshold, &recipients).unwrap();
        check_shape(scene.envelope(), &committee, &scene.label).unwrap_err()
    };
    let [a, b, c] = &scene.holders[..] else { unreachable!() };
    let stranger = new_key();
    assert_eq!(of(3, &[a, b, c]), ShapeError::Threshold { expected: 3, found: 2 });
    assert_eq!(of(2, &[a, b]), ShapeError::Shares { expected: 2, found: 3 });
    assert_eq!(of(2, &[a, b, c, &stranger]), ShapeError::Shares { expected: 4, found: 3 });
    assert_eq!(of(2, &[a, b, &stranger]), ShapeError::Recipient(3));
    assert_eq!(of(2, &[b, a, c]), ShapeError::Recipient(1));
}

#[test]
fn parts_that_are_damaged_exchanged_or_missing_are_named() {
    let scene = Scene::new(2, 3);
    let other = scene.another(&scene.label).envelope;
    assert_eq!(refused(&scene, |it| it.content = other.content.clone()), ShapeError::Hash(Part::Content));
    assert_eq!(refused(&scene, |it| it.shares[1] = other.shares[1].clone()), ShapeError::Hash(Part::Share(2)));
    assert_eq!(refused(&scene, |it| it.shares.swap(0, 2)), ShapeError::Hash(Part::Share(1)));
    assert_eq!(refused(&scene, |it| it.manifest = other.manifest.clone()), ShapeError::Hash(Part::Content));
    assert_eq!(refused(&scene, |it| it.content.truncate(100)), ShapeError::Hash(Part::Content));
    assert_eq!(refused(&scene, |it| it.content.clear()), ShapeError::Hash(Part::Content));
    assert_eq!(refused(&scene, |it| it.shares[2].push(0)), ShapeError::Hash(Part::Share(3)));
    assert_eq!(refused(&scene, |it| drop(it.shares.pop())), ShapeError::Shares { expected: 3, found: 2 });
    assert_eq!(refused(&scene, |it| it.shares.push(vec![])), ShapeError::Shares { expected: 3, found: 4 });
}

#[test]
fn sizes_that_no_envelope_has_are_told() {
    let scene = Scene::new(2, 3);
    for size in [0, 1, 4_096, 4_295, 4_297, u64::MAX] {
        let found = relisted(&scene, |manifest| manifest.content.size = size);
        assert_eq!(found, ShapeError::Size { part: Part::Content, found: size });
        let found = relisted(&scene, |manifest| manifest.shares[1].size = size);
        assert_eq!(found, ShapeError::Size { part: Part::Share(2), found: size });
    }
    // A larger bucket than there is content for.
    let found = relisted(&scene, |manifest| manifest.content.size = sealing::layer_size(16 << 10) as u64);
    assert_eq!(found, ShapeError::Hash(Part::Content));
}

/// A file of `age` for these keys, or with a passphrase, of exactly the size of a sound content.
fn encrypted(recipients: &[&dyn age::Recipient], armoured: bool) -> Vec<u8> {
    let size = sealing::layer_size(4 << 10);
    let encryptor = age::Encryptor::with_recipients(recipients.iter().copied()).unwrap();
    let mut writer = encryptor.wrap_output(Vec::new()).unwrap();
    writer.write_all(&vec![0; 3 << 10]).unwrap();
    let mut file = writer.finish().unwrap();
    if armoured {
        file.splice(..0, *b"-----BEGIN AGE ENCRYPTED FILE-----\n");
    }
    file.resize(size, 0);
    file
}

#[test]
fn contents_that_are_not_encrypted_for_exactly_one_key_are_told() {
    let scene = Scene::new(2, 3);
    let (one, two) = (new_key().recipient(), new_key().recipient());
    let mut passphrase = age::scrypt::Recipient::new("secret".to_owned().into());
    passphrase.set_work_factor(2);
    let mut damaged = scene.envelope().content.clone();
    damaged[40] = b'!';
    let mut other_key = scene.envelope().content.clone();
    other_key.splice(25..31, *b"X25518");
    for (content, error) in [
        (encrypted(&[&one, &two], false), LayerError::Several),
        // What the crate itself writes: the key, and a stanza that means nothing.
        (encrypted(&[&one], false), LayerError::Several),
        (encrypted(&[&passphrase], false), LayerError::Passphrase),
        (encrypted(&[&one], true), LayerError::Armoured),
        (vec![b'x'; sealing::layer_size(4 << 10)], LayerError::NotAge),
        (damaged, LayerError::Header),
        (other_key, LayerError::OtherKey),
    ] {
        let found = refused(&scene, |envelope| replace_content(envelope, content));
        assert_eq!(found, ShapeError::Layer { part: Part::Content, error });
    }
}

#[test]
fn manifests_that_are_not_as_the_format_says_are_told() {
    let scene = Scene::new(2, 3);
    let text = String::from_utf8(scene.envelope().manifest.clone()).unwrap();
    let of = |from: &str, to: &str| {
        assert!(text.contains(from), "{from} in {text}");
        refused(&scene, |it| it.manifest = text.replacen(from, to, 1).into_bytes())
    };
    assert_eq!(of("provoco-envelope-v1", "provoco-envelope-v2"), ShapeError::Format);
    assert_eq!(of("{", "{ "), ShapeError::NotCanonical);
    assert_eq!(of(r#""version":1"#, r#""version":1e0"#), ShapeError::Malformed);
    assert_eq!(of(r#""version":1"#, r#""version":0"#), ShapeError::Malformed);
    assert_eq!(of(r#""version":1"#, r#""version":1,"more":1"#), ShapeError::Malformed);
    assert_eq!(of(r#""version":1"#, r#""version":1,"version":1"#), ShapeError::Malformed);
    assert_eq!(of(r#""threshold":2"#, r#""threshold":1"#), ShapeError::Malformed);
    assert_eq!(of(r#""threshold":2"#, r#""threshold":4"#), ShapeError::Malformed);
    assert_eq!(of(r#""index":2"#, r#""index":3"#), ShapeError::Malformed);
    assert_eq!(of(r#""challenge":"c-1""#, r#""challenge":"\u0063-1""#), ShapeError::NotCanonical);
    assert_eq!(of(r#""challenge":"c-1""#, r#""challenge":"../c""#), ShapeError::Malformed);
    assert_eq!(of("}", "}  "), ShapeError::NotCanonical);
    assert_eq!(refused(&scene, |it| it.manifest.clear()), ShapeError::Malformed);
    assert_eq!(refused(&scene, |it| it.manifest.resize(20_000, b' ')), ShapeError::Malformed);
}

#[test]
fn the_fields_of_a_manifest_are_in_their_order() {
    let scene = Scene::with(2, 2, &label("c-1", "b-1", Kind::Price), b"1");
    let text = String::from_utf8(scene.envelope().manifest.clone()).unwrap();
    let Manifest { nonce, key_commitment, content, shares, .. } = scene.manifest();
    let share = |i: usize| {
        let sealing::ShareEntry { index, recipient, commitment, size, sha256 } = &shares[i];
        assert_eq!(*size, 310 + 3);
        format!(
            r#"{{"index":{index},"recipient":"{recipient}","commitment":"{commitment}","size":{size},"sha256":"{sha256}"}}"#
        )
    };
    let expected = format!(
        r#"{{"format":"provoco-envelope-v1","challenge":"c-1","bidder":"b-1","version":1,"kind":"price","nonce":"{nonce}","threshold":2,"key_commitment":"{key_commitment}","content":{{"size":4296,"sha256":"{}"}},"shares":[{},{}]}}"#,
        content.sha256,
        share(0),
        share(1)
    );
    assert_eq!(text, expected);
    assert_eq!(Hash::parse(&key_commitment.to_string()), Some(key_commitment));
}
