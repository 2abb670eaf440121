//! From enough shares back to the key.

use crate::{
    digest::key_commitment,
    error::{CombineError, ShareError},
    key::SecretKey,
    manifest::Manifest,
    polynomial::{Point, choices, value_at},
    share::Share,
};

/// How many choices of shares are tried at most. It takes a second or so, and finds a key among 32 shares even if eight of
/// them were sealed wrongly.
const MOST_CHOICES: u64 = 10_000;

/// What shares give together.
#[derive(Debug)]
pub struct Combined {
    /// The key of the envelope.
    pub key: SecretKey,
    /// Who handed over something else than what was sealed for them.
    pub wrong: Vec<u8>,
    /// Whose shares were sealed wrongly: they are what the sealer committed to, but do not fit the others.
    pub sealed_wrongly: Vec<u8>,
}

/// Makes the key of at least as many sound shares as the envelope needs.
///
/// A share with the index 0, one that comes twice, or one of another envelope is refused. One that is not what was sealed
/// is named, and does not stand in the way as long as enough others are there. All others must lie on one polynomial, whose
/// key is the one that was committed to; those that do not are named if that can be told.
pub fn combine(manifest: &Manifest, shares: &[Share]) -> Result<Combined, CombineError> {
    let (mut sound, mut wrong): (Vec<&Share>, Vec<u8>) = (Vec::new(), Vec::new());
    for (i, share) in shares.iter().enumerate() {
        if shares[..i].iter().any(|other| other.index == share.index) {
            return Err(CombineError::Twice(share.index));
        }
        match manifest.check_share(share) {
            Ok(()) => sound.push(share),
            Err(ShareError::Wrong(index)) => wrong.push(index),
            Err(error) => return Err(error.into()),
        }
    }
    let needed = manifest.threshold;
    if sound.len() < usize::from(needed) {
        return Err(CombineError::TooFew { needed, sound: sound.len(), wrong });
    }
    let points: Vec<Point<'_>> = sound.iter().map(|share| (share.index, share.expose())).collect();
    let (key, chosen) = find(manifest, &points).ok_or(CombineError::SealedWrongly { sound: sound.len() })?;
    let misfits = points.iter().filter(|(at, value)| value_at(*at, &chosen).is_none_or(|it| *it != **value));
    Ok(Combined { key, wrong, sealed_wrongly: misfits.map(|(at, _)| *at).collect() })
}

/// The key that was committed to, and points that give it.
fn find<'a>(manifest: &Manifest, points: &[Point<'a>]) -> Option<(SecretKey, Vec<Point<'a>>)> {
    choices(points.len(), manifest.threshold.into(), MOST_CHOICES).find_map(|choice| {
        let chosen: Vec<Point<'a>> = choice.into_iter().map(|i| points[i]).collect();
        let secret = value_at(0, &chosen)?;
        let right = key_commitment(&manifest.challenge, &secret) == manifest.key_commitment;
        right.then(|| SecretKey::from_bytes(&secret)).flatten().map(|key| (key, chosen))
    })
}
