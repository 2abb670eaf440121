//! One byte that changes is noticed, wherever it is.

use crate::Scene;
use sealing::{
    Envelope, Manifest, OpenError, check_shape, combine, envelope_digest, open, open_share, share_commitment,
};

/// Each copy of a part in which one byte is different.
fn flipped(part: &[u8]) -> impl Iterator<Item = (usize, Vec<u8>)> {
    (0..part.len()).flat_map(move |at| {
        [0x01, 0x80].map(|bit| {
            let mut part = part.to_vec();
            part[at] ^= bit;
            (at, part)
        })
    })
}

/// Whether an envelope passes on arrival, and opens as if nothing were wrong.
fn opens(scene: &Scene, envelope: &Envelope) -> bool {
    let Ok(manifest) = check_shape(envelope, &scene.committee, &scene.label) else { return false };
    let pairs = scene.holders.iter().zip(&envelope.shares);
    let Ok(shares) = pairs.map(|(key, file)| open_share(key, file)).collect::<Result<Vec<_>, _>>() else {
        return false;
    };
    let Ok(combined) = combine(&manifest, &shares) else { return false };
    let sound = combined.wrong.is_empty() && combined.sealed_wrongly.is_empty();
    sound && open(&manifest, &envelope.content, &combined.key).is_ok()
}

#[test]
fn every_byte_of_a_manifest() {
    let scene = Scene::new(2, 3);
    assert!(opens(&scene, scene.envelope()));
    let digest = envelope_digest(&scene.envelope().manifest);
    for (at, manifest) in flipped(&scene.envelope().manifest) {
        assert_ne!(envelope_digest(&manifest), digest);
        let envelope = Envelope { manifest, ..scene.envelope().clone() };
        assert!(!opens(&scene, &envelope), "byte {at}");
    }
}

#[test]
fn every_byte_of_a_content_and_of_each_share() {
    let scene = Scene::new(2, 3);
    let refused = |envelope: &Envelope| check_shape(envelope, &scene.committee, &scene.label).is_err();
    for (at, content) in flipped(&scene.envelope().content) {
        assert!(refused(&Envelope { content, ..scene.envelope().clone() }), "byte {at} of the content");
    }
    for i in 0..3 {
        for (at, share) in flipped(&scene.envelope().shares[i]) {
            let mut envelope = scene.envelope().clone();
            envelope.shares[i] = share;
            assert!(refused(&envelope), "byte {at} of share {}", i + 1);
        }
    }
}

/// Not only the manifest protects them: whoever changes both is found out, too.
#[test]
fn every_byte_even_if_the_manifest_is_changed_with_it() {
    let scene = Scene::new(2, 3);
    for (at, content) in flipped(&scene.envelope().content).step_by(2) {
        let mut manifest = scene.manifest();
        manifest.content.sha256 = envelope_digest(&content);
        assert_eq!(open(&manifest, &content, &scene.sealed.key).unwrap_err(), OpenError::Sealed, "byte {at}");
    }
    for (at, share) in flipped(&scene.envelope().shares[0]) {
        assert!(open_share(&scene.holders[0], &share).is_err(), "byte {at}");
    }
}

/// A share that is handed over wrongly, in any of its bytes.
#[test]
fn every_byte_of_an_opened_share() {
    let scene = Scene::new(2, 3);
    let manifest: Manifest = scene.manifest();
    for (at, value) in flipped(scene.share(1).expose()) {
        let value: [u8; 32] = value.try_into().unwrap();
        let commitment = share_commitment(&manifest.challenge, &manifest.nonce, 1, &value);
        assert_ne!(commitment, manifest.shares[0].commitment, "byte {at}");
    }
}
