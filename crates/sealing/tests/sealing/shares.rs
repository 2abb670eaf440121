//! Shares that are damaged, exchanged, repeated, of others, or were never right.

use crate::{Scene, id, label, new_key};
use sealing::{
    CombineError, Combined, Kind, Manifest, Nonce, Share, ShareError, combine, key_commitment, open_share,
    share_commitment,
};

fn combined(scene: &Scene, shares: &[Share]) -> Result<Combined, CombineError> {
    combine(&scene.manifest(), shares)
}

/// A share with other bytes.
fn forged(scene: &Scene, index: u8) -> Share {
    let mut value = *scene.share(index).expose();
    let noise = sealing::envelope_digest(&[index]);
    value.iter_mut().zip(noise.as_bytes()).for_each(|(byte, noise)| *byte ^= noise);
    Share::new(scene.label.challenge.clone(), scene.manifest().nonce, index, &value)
}

#[test]
fn a_share_opens_for_its_holder_only() {
    let scene = Scene::new(2, 3);
    let file = &scene.envelope().shares[0];
    assert_eq!(open_share(&scene.holders[0], file).unwrap().index, 1);
    assert_eq!(open_share(&scene.holders[1], file).unwrap_err(), ShareError::NotOpened);
    assert_eq!(open_share(&new_key(), file).unwrap_err(), ShareError::NotOpened);
    // Neither the content nor a share opens with what it is not for.
    assert_eq!(open_share(&scene.sealed.key, &scene.envelope().content).unwrap_err(), ShareError::NotOpened);
}

#[test]
fn a_posted_share_is_read_as_it_was_written() {
    let scene = Scene::new(2, 3);
    let share = scene.share(2);
    let text = share.to_json();
    let read = Share::from_json(text.as_bytes()).unwrap();
    assert_eq!((&read.challenge, read.nonce, read.index), (&share.challenge, share.nonce, 2));
    assert_eq!(read.expose(), share.expose());
    assert_eq!(scene.manifest().check_share(&read), Ok(()));
    let with = |from: &str, to: &str| {
        assert!(text.contains(from), "{from}");
        Share::from_json(text.replacen(from, to, 1).as_bytes()).map(|share| share.index)
    };
    assert_eq!(with(r#""index":2"#, r#""index":0"#), Err(ShareError::Zero));
    for (from, to) in [
        (r#""index":2"#, r#""index":256"#),
        (r#""index":2"#, r#""index":2,"more":1"#),
        ("provoco-share-v1", "provoco-share-v2"),
        (r#""share":""#, r#""share":"0"#),
        (r#""share":""#, r#""share":"G"#),
    ] {
        assert_eq!(with(from, to), Err(ShareError::Malformed), "{to}");
    }
}

#[test]
fn index_zero_is_refused_wherever_it_comes_from() {
    let scene = Scene::new(2, 3);
    // What has the key itself in it.
    let key = Share::new(scene.label.challenge.clone(), scene.manifest().nonce, 0, scene.sealed.key.expose());
    assert_eq!(scene.manifest().check_share(&key), Err(ShareError::Zero));
    assert_eq!(combined(&scene, &[key, scene.share(1)]).unwrap_err(), CombineError::Share(ShareError::Zero));
}

#[test]
fn the_same_share_twice_is_no_second_share() {
    let scene = Scene::new(2, 3);
    assert_eq!(combined(&scene, &scene.shares(&[2, 2])).unwrap_err(), CombineError::Twice(2));
    assert_eq!(
        combined(&scene, &[scene.share(1), scene.share(3), forged(&scene, 3)]).unwrap_err(),
        CombineError::Twice(3)
    );
}

#[test]
fn a_share_of_another_challenge_is_told() {
    let scene = Scene::new(2, 3);
    let other = scene.another(&label("c-2", "b-1", Kind::Quality)).envelope;
    let shares = [scene.share(1), scene.share_of(&other, 2)];
    assert_eq!(combined(&scene, &shares).unwrap_err(), CombineError::Share(ShareError::Foreign(2)));
}

#[test]
fn a_share_of_another_envelope_is_told_whether_of_this_bid_or_another() {
    let scene = Scene::new(2, 3);
    for label in [scene.label.clone(), label("c-1", "b-2", Kind::Quality), label("c-1", "b-1", Kind::Price)] {
        let other = scene.another(&label).envelope;
        let shares = [scene.share(1), scene.share_of(&other, 3)];
        assert_eq!(combined(&scene, &shares).unwrap_err(), CombineError::Share(ShareError::Replayed(3)));
    }
}

#[test]
fn shares_that_change_places_are_told() {
    let scene = Scene::new(2, 3);
    let moved = Share::new(scene.label.challenge.clone(), scene.manifest().nonce, 3, scene.share(2).expose());
    assert_eq!(scene.manifest().check_share(&moved), Err(ShareError::Wrong(3)));
    let beyond = Share::new(scene.label.challenge.clone(), scene.manifest().nonce, 4, scene.share(2).expose());
    assert_eq!(scene.manifest().check_share(&beyond), Err(ShareError::Index { index: 4, shares: 3 }));
}

#[test]
fn a_damaged_share_is_named_and_does_not_stand_in_the_way_of_enough_others() {
    let scene = Scene::new(3, 5);
    for wrong in 1..=5 {
        let mut shares: Vec<Share> = scene.shares(&[1, 2, 3, 4, 5]);
        shares[usize::from(wrong) - 1] = forged(&scene, wrong);
        let found = combined(&scene, &shares).unwrap();
        assert_eq!((&found.wrong, &found.sealed_wrongly), (&vec![wrong], &vec![]));
        assert_eq!(found.key.expose(), scene.sealed.key.expose());
        shares.retain(|share| share.index == wrong || share.index % 5 < 2);
        let error = combined(&scene, &shares).unwrap_err();
        let sound = shares.len() - 1;
        assert_eq!(error, CombineError::TooFew { needed: 3, sound, wrong: vec![wrong] });
        assert!(error.to_string().contains(&format!("share {wrong} is not the one that was sealed")), "{error}");
    }
}

/// A manifest that commits to shares which lie on no common polynomial: a sealer did that, not a holder.
fn sealed_wrongly(scene: &Scene, indexes: &[u8]) -> (Manifest, Vec<Share>) {
    let mut manifest = scene.manifest();
    let mut shares: Vec<Share> = (1..=scene.holders.len() as u8).map(|index| scene.share(index)).collect();
    for index in indexes {
        let i = usize::from(*index) - 1;
        shares[i] = forged(scene, *index);
        manifest.shares[i].commitment =
            share_commitment(&manifest.challenge, &manifest.nonce, *index, shares[i].expose());
    }
    (manifest, shares)
}

#[test]
fn exactly_enough_shares_that_do_not_fit_tell_that_one_is_wrong_and_more_tell_which() {
    let scene = Scene::new(3, 5);
    for bad in 1..=5_u8 {
        let (manifest, mut shares) = sealed_wrongly(&scene, &[bad]);
        shares.rotate_left(usize::from(bad) - 1);
        assert_eq!(combine(&manifest, &shares[..3]).unwrap_err(), CombineError::SealedWrongly { sound: 3 });
        let found = combine(&manifest, &shares[..4]).unwrap();
        assert_eq!((found.sealed_wrongly, found.wrong), (vec![bad], vec![]));
        assert_eq!(found.key.expose(), scene.sealed.key.expose());
        assert!(combine(&manifest, &shares[1..4]).unwrap().sealed_wrongly.is_empty());
    }
}

#[test]
fn as_many_wrong_shares_as_can_be_are_all_named() {
    let scene = Scene::new(3, 5);
    let (manifest, shares) = sealed_wrongly(&scene, &[2, 4]);
    assert_eq!(combine(&manifest, &shares).unwrap().sealed_wrongly, [2, 4]);
    let (manifest, shares) = sealed_wrongly(&scene, &[1, 3, 5]);
    assert_eq!(combine(&manifest, &shares).unwrap_err(), CombineError::SealedWrongly { sound: 5 });
}

#[test]
fn of_thirty_two_shares_eight_wrong_ones_are_found_in_bounded_time() {
    let scene = Scene::new(16, 32);
    let bad = [1, 2, 3, 9, 17, 30, 31, 32];
    let (manifest, shares) = sealed_wrongly(&scene, &bad);
    assert_eq!(combine(&manifest, &shares).unwrap().sealed_wrongly, bad);
}

#[test]
fn a_key_that_was_never_committed_to_is_not_taken() {
    let scene = Scene::new(2, 3);
    let mut manifest = scene.manifest();
    manifest.key_commitment = key_commitment(&id("c-1"), new_key().expose());
    assert_eq!(combine(&manifest, &scene.shares(&[1, 2, 3])).unwrap_err(), CombineError::SealedWrongly { sound: 3 });
}

#[test]
fn what_is_printed_for_debugging_shows_no_secret() {
    let scene = Scene::new(2, 3);
    let combined = combined(&scene, &scene.shares(&[1, 2])).unwrap();
    let opened = sealing::open(&scene.manifest(), &scene.envelope().content, &combined.key).unwrap();
    let printed = format!("{:?} {:?} {opened:?} {:?}", scene.share(1), combined, scene.sealed.key);
    let bytes = |bytes: &[u8]| format!("{bytes:?}").trim_matches(['[', ']']).to_owned();
    for secret in [
        scene.sealed.key.to_text().to_string(),
        bytes(scene.sealed.key.expose()),
        bytes(scene.share(1).expose()),
        Share::new(id("c"), Nonce::parse(&"0".repeat(32)).unwrap(), 1, scene.share(1).expose()).to_json()[100..150]
            .to_owned(),
        "Lamps".to_owned(),
        bytes(b"Lamps"),
    ] {
        assert!(!printed.contains(&secret), "{printed}");
    }
}
