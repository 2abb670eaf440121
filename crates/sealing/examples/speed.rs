//! Prints how long sealing and opening take: `cargo run --release -p provoco-sealing --example speed`.

// A failure here is a mistake in the example.
#![allow(clippy::unwrap_used)]

use sealing::{
    Committee, Id, Kind, Label, SecretKey, Share, check_shape, combine, open, open_share, os_randomness, seal,
};
use std::time::{Duration, Instant};

/// The median of 21 times.
fn median(mut work: impl FnMut()) -> Duration {
    let mut times: Vec<Duration> = (0..21)
        .map(|_| {
            let start = Instant::now();
            work();
            start.elapsed()
        })
        .collect();
    times.sort_unstable();
    times[10]
}

fn main() {
    let mut randomness = os_randomness().unwrap();
    let holders: Vec<SecretKey> = (0..5).map(|_| SecretKey::generate(&mut randomness).unwrap()).collect();
    let recipients: Vec<String> = holders.iter().map(|key| key.recipient().to_string()).collect();
    let committee = Committee::new(3, &recipients).unwrap();
    let id = |text| Id::parse(text).unwrap();
    let label = Label { challenge: id("challenge"), bidder: id("bidder"), version: 1, kind: Kind::Quality };
    for (name, size) in [("1 KiB", 1 << 10), ("1 MiB", 1 << 20), ("10 MiB", 10 << 20), ("60 MiB", 60 << 20)] {
        let content = vec![1; size];
        let sealed = seal(&committee, &label, &content, &mut randomness).unwrap().envelope;
        let manifest = check_shape(&sealed, &committee, &label).unwrap();
        let pairs = holders.iter().zip(&sealed.shares).take(3);
        let shares: Vec<Share> = pairs.map(|(key, file)| open_share(key, file).unwrap()).collect();
        let sealing = median(|| drop(seal(&committee, &label, &content, &mut os_randomness().unwrap()).unwrap()));
        let checking = median(|| drop(check_shape(&sealed, &committee, &label).unwrap()));
        let opening = median(|| {
            let key = combine(&manifest, &shares).unwrap().key;
            drop(open(&manifest, &sealed.content, &key).unwrap());
        });
        println!("{name:>7}, 3 of 5: sealing {sealing:.1?}, checking {checking:.1?}, opening {opening:.1?}");
    }
}
