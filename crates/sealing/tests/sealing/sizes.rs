//! Sizes tell no more than which of eight a content fits into.

use crate::{Scene, label};
use proptest::prelude::*;
use sealing::{BUCKETS, Kind, MAX_CONTENT, SealError, layer_size, open, os_randomness, seal};

/// The size of everything before a content, for the label of these tests.
fn header(length: usize) -> usize {
    format!(
        "provoco-content-v1\nchallenge c-1\nbidder b-1\nversion 1\nkind price\nnonce {}\nlength {length}\n\n",
        "0".repeat(32)
    )
    .len()
}

fn sealed(content: &[u8]) -> Scene {
    Scene::with(2, 2, &label("c-1", "b-1", Kind::Price), content)
}

#[test]
fn the_last_byte_that_fits_and_the_first_that_does_not() {
    for (bucket, next) in BUCKETS.iter().zip(&BUCKETS[1..]).take(5) {
        let last = bucket - header(*bucket);
        for (length, expected) in [(last - 1, bucket), (last, bucket), (last + 1, next)] {
            let scene = sealed(&vec![7; length]);
            assert_eq!(scene.envelope().content.len(), layer_size(*expected), "{length}");
            let opened = open(&scene.manifest(), &scene.envelope().content, &scene.sealed.key).unwrap();
            assert_eq!(*opened.content, vec![7; length]);
        }
    }
}

#[test]
fn there_are_eight_sizes_and_the_largest_content_has_the_largest() {
    assert_eq!(BUCKETS.len(), 8);
    assert!(BUCKETS.is_sorted_by(|a, b| *b == 4 * a));
    let scene = sealed(&vec![0; MAX_CONTENT]);
    assert_eq!(scene.envelope().content.len(), layer_size(BUCKETS[7]));
    let too_large = seal(&scene.committee, &scene.label, &vec![0; MAX_CONTENT + 1], &mut os_randomness().unwrap());
    assert_eq!(too_large.unwrap_err(), SealError::TooLarge(MAX_CONTENT + 1));
}

#[test]
fn the_longest_header_leaves_room_for_the_largest_content() {
    let mut label = label(&"c".repeat(64), &"b".repeat(64), Kind::Quality);
    label.version = u32::MAX;
    let scene = Scene::with(2, 2, &label, &vec![1; (16 << 10) - 512]);
    assert_eq!(scene.envelope().content.len(), layer_size(16 << 10));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn contents_of_the_same_bucket_give_parts_of_the_same_sizes(a in 1_usize..3_900, b in 1_usize..3_900, byte: u8) {
        let sizes = |scene: &Scene| {
            let envelope = scene.envelope();
            let shares: Vec<usize> = envelope.shares.iter().map(Vec::len).collect();
            (envelope.manifest.len(), envelope.content.len(), shares)
        };
        prop_assert_eq!(sizes(&sealed(&vec![byte; a])), sizes(&sealed(&vec![0; b])));
    }
}
