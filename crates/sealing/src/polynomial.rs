//! Shamir's scheme over GF(256): splitting, combining, and finding the points that do not fit.
//!
//! The arithmetic is `blahaj`'s, in the field that libgfshare uses, too (polynomial 0x11d).

use blahaj::{Share, Sharks};
use rand_core::CryptoRng;
use zeroize::Zeroizing;

/// The value of the polynomials at one point.
pub(crate) type Value = Zeroizing<[u8; 32]>;

/// One point: where, which is never 0, and the value there.
pub(crate) type Point<'a> = (u8, &'a [u8; 32]);

/// The values at 1, 2 and so on of polynomials that take this many points to know, and have the secret at 0.
pub(crate) fn split(secret: &[u8; 32], threshold: u8, randomness: &mut impl CryptoRng) -> impl Iterator<Item = Value> {
    Sharks(threshold).dealer_rng(secret, randomness).map(|share| {
        let mut value = Zeroizing::new([0; 32]);
        let bytes = Zeroizing::new(Vec::from(&share));
        value.copy_from_slice(&bytes[1..]);
        value
    })
}

/// The value at one place of the polynomials through these points. To look elsewhere than at 0, the points are moved: over
/// GF(256), the polynomial that is moved by `at` has at 0 what the original has at `at`.
pub(crate) fn value_at(at: u8, points: &[Point<'_>]) -> Option<Value> {
    if let Some((_, known)) = points.iter().find(|(place, _)| *place == at) {
        return Some(Zeroizing::new(**known));
    }
    let moved: Option<Vec<Share>> = points.iter().map(|(place, value)| share(place ^ at, value)).collect();
    let found = Zeroizing::new(Sharks(1).recover(&moved?).ok()?);
    let mut value = Zeroizing::new([0; 32]);
    (found.len() == value.len()).then(|| value.copy_from_slice(&found))?;
    Some(value)
}

fn share(place: u8, value: &[u8; 32]) -> Option<Share> {
    let mut bytes = Zeroizing::new(vec![place]);
    bytes.extend_from_slice(value);
    Share::try_from(bytes.as_slice()).ok()
}

/// Choices of `size` among `of` things, as indexes: every one, or if there are more than `most`, that many of them, spread
/// out.
pub(crate) fn choices(of: usize, size: usize, most: u64) -> impl Iterator<Item = Vec<usize>> {
    // A prime larger than all that divides a binomial coefficient of at most 32 things, so that no choice comes twice.
    const STRIDE: u64 = 2_654_435_761;
    let all = binomial(of, size);
    let stride = if all <= most { 1 } else { STRIDE };
    (0..all.min(most)).map(move |turn| choice(of, size, turn * stride % all))
}

/// The choice with this number, when they are in the order of their indexes.
fn choice(of: usize, size: usize, mut number: u64) -> Vec<usize> {
    let (mut chosen, mut next) = (Vec::with_capacity(size), 0);
    while chosen.len() < size && next < of {
        let with_next = binomial(of - next - 1, size - chosen.len() - 1);
        if number < with_next {
            chosen.push(next);
        } else {
            number -= with_next;
        }
        next += 1;
    }
    chosen
}

/// In how many ways `size` of `of` things are chosen. At most 32 things: far below what fits.
fn binomial(of: usize, size: usize) -> u64 {
    if size > of {
        return 0;
    }
    (1..=size as u64).fold(1, |ways, i| ways * (of as u64 - size as u64 + i) / i)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_choice_comes_once() {
        for (of, size, all) in [(5, 3, 10), (5, 2, 10), (4, 4, 1), (7, 1, 7), (32, 2, 496)] {
            let found: BTreeSet<Vec<usize>> = choices(of, size, 1_000).collect();
            assert_eq!(found.len(), all, "{size} of {of}");
            let sound =
                |it: &Vec<usize>| it.len() == size && it.is_sorted_by(|a, b| a < b) && it.iter().all(|i| *i < of);
            assert!(found.iter().all(sound), "{found:?}");
        }
    }

    #[test]
    fn of_too_many_choices_some_are_tried_all_different_and_without_favourites() {
        let found: BTreeSet<Vec<usize>> = choices(32, 16, 10_000).collect();
        assert_eq!(found.len(), 10_000);
        for i in 0..32 {
            let with = found.iter().filter(|choice| choice.contains(&i)).count();
            assert!((4_500..5_500).contains(&with), "{i} is in {with}");
        }
    }

    #[test]
    fn a_value_elsewhere_is_what_was_dealt_there() {
        let mut randomness = crate::os_randomness().unwrap();
        let secret = [7; 32];
        let dealt: Vec<Value> = split(&secret, 3, &mut randomness).take(6).collect();
        let points: Vec<Point<'_>> = (1..).zip(dealt[..3].iter().map(|value| &**value)).collect();
        assert_eq!(*value_at(0, &points).unwrap(), secret);
        for (place, value) in (1..).zip(&dealt) {
            assert_eq!(value_at(place, &points).unwrap(), *value, "at {place}");
        }
    }
}
