//! Envelopes that must open for ever: `provoco` was made by this library when the format was made, `others` by `seal.py`.
//! Neither may ever be made anew.

use crate::id;
use sealing::{
    Committee, Envelope, Kind, Label, SecretKey, Share, ShareError, check_shape, combine, envelope_digest, open,
    open_share,
};
use std::{
    fs,
    path::{Path, PathBuf},
};

/// The parts of an envelope, from where `provoco seal` writes them.
pub fn read_envelope(directory: &Path, holders: usize) -> Envelope {
    let part = |name: &str| fs::read(directory.join(name)).unwrap();
    let shares = (1..=holders).map(|index| part(&format!("share-{index:03}.age"))).collect();
    Envelope { manifest: part("manifest.json"), content: part("content.age"), shares }
}

fn vector(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors/v1").join(name)
}

fn text(path: &str) -> String {
    fs::read_to_string(vector(path)).unwrap()
}

fn holder(index: usize) -> SecretKey {
    SecretKey::parse(&text(&format!("holder-{index:03}.key"))).unwrap()
}

fn opens(name: &str, digest: &str) {
    let envelope = read_envelope(&vector(name).join("envelope"), 5);
    assert_eq!(envelope_digest(&envelope.manifest).to_string(), digest, "a vector is never changed");
    let committee = Committee::from_json(text("committee.json").as_bytes()).unwrap();
    let (challenge, bidder) = (id("019a7f3e-0000-7000-8000-000000000001"), id("019a7f3e-0000-7000-8000-000000000002"));
    let label = Label { challenge, bidder, version: 3, kind: Kind::Price };
    let manifest = check_shape(&envelope, &committee, &label).unwrap();
    let share = |index: usize| open_share(&holder(index), &envelope.shares[index - 1]).unwrap();
    let key = combine(&manifest, &[share(5), share(1), share(3)]).unwrap().key;
    let kept = SecretKey::parse(&text(&format!("{name}/recovery-key.txt"))).unwrap();
    assert_eq!(key.expose(), kept.expose());
    let opened = open(&manifest, &envelope.content, &key).unwrap();
    assert_eq!(opened.content.as_slice(), text("content.txt").as_bytes());
    assert_eq!(open_share(&holder(2), &envelope.shares[0]).unwrap_err(), ShareError::NotOpened);
}

#[test]
fn the_first_envelope_of_this_library_opens() {
    opens("provoco", "754a05b26467bca392b6db9be2361a28d2d56356e257fd8d67c0766da288f948");
}

#[test]
fn the_first_envelope_of_others_opens() {
    opens("others", "857184bbb9076c0ea97612f47323ad962eb147457a926d562a5866155ada657f");
}

#[test]
fn a_share_that_was_posted_then_is_still_read() {
    let envelope = read_envelope(&vector("provoco").join("envelope"), 5);
    let posted = Share::from_json(text("provoco/share-004.json").as_bytes()).unwrap();
    assert_eq!(posted.expose(), open_share(&holder(4), &envelope.shares[3]).unwrap().expose());
    assert_eq!(format!("{}\n", *posted.to_json()), text("provoco/share-004.json"));
}
