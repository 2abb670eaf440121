//! Sealed envelopes, seen from outside.

// The scene that all tests set is outside of any test function.
#![allow(clippy::unwrap_used)]

mod committee;
mod document;
mod flips;
mod opening;
mod parsers;
mod programs;
mod secrets;
mod shape;
mod shares;
mod sizes;
mod vectors;

use sealing::{
    Committee, Envelope, Id, Kind, Label, Manifest, Sealed, SecretKey, Share, open_share, os_randomness, seal,
};

/// A committee with its keys, and an envelope sealed for it.
struct Scene {
    holders: Vec<SecretKey>,
    committee: Committee,
    label: Label,
    sealed: Sealed,
}

impl Scene {
    /// Some content, sealed for a committee.
    fn new(threshold: u8, holders: usize) -> Self {
        Self::with(threshold, holders, &label("c-1", "b-1", Kind::Quality), b"Lamps that go by themselves")
    }

    fn with(threshold: u8, holders: usize, label: &Label, content: &[u8]) -> Self {
        let holders: Vec<SecretKey> = (0..holders).map(|_| new_key()).collect();
        let committee = committee_of(threshold, &holders);
        let sealed = seal(&committee, label, content, &mut os_randomness().unwrap()).unwrap();
        Self { holders, committee, label: label.clone(), sealed }
    }

    /// Another content, sealed for the same committee.
    fn another(&self, label: &Label) -> Sealed {
        seal(&self.committee, label, b"Other lamps", &mut os_randomness().unwrap()).unwrap()
    }

    fn envelope(&self) -> &Envelope {
        &self.sealed.envelope
    }

    fn manifest(&self) -> Manifest {
        Manifest::parse(&self.envelope().manifest).unwrap()
    }

    /// The share of a holder, from 1.
    fn share(&self, index: u8) -> Share {
        self.share_of(self.envelope(), index)
    }

    fn share_of(&self, envelope: &Envelope, index: u8) -> Share {
        let i = usize::from(index) - 1;
        open_share(&self.holders[i], &envelope.shares[i]).unwrap()
    }

    fn shares(&self, indexes: &[u8]) -> Vec<Share> {
        indexes.iter().map(|index| self.share(*index)).collect()
    }
}

fn new_key() -> SecretKey {
    SecretKey::generate(&mut os_randomness().unwrap()).unwrap()
}

fn committee_of(threshold: u8, holders: &[SecretKey]) -> Committee {
    let recipients: Vec<String> = holders.iter().map(|key| key.recipient().to_string()).collect();
    Committee::new(threshold, &recipients).unwrap()
}

fn id(text: &str) -> Id {
    Id::parse(text).unwrap()
}

fn label(challenge: &str, bidder: &str, kind: Kind) -> Label {
    Label { challenge: id(challenge), bidder: id(bidder), version: 1, kind }
}
