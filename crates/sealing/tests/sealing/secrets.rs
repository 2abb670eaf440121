//! Nothing that is handed in holds what is secret, in whatever form.

use crate::{Scene, label};
use base64::{Engine, prelude::BASE64_STANDARD_NO_PAD};
use flate2::{
    Compression,
    write::{DeflateEncoder, GzEncoder, ZlibEncoder},
};
use sealing::{Kind, envelope_digest};
use std::io::Write;

const PRICE: &str = "EUR 1.234.567,89";

/// A secret in each form in which it could be left lying about.
fn forms(secret: &[u8]) -> Vec<Vec<u8>> {
    let hex: String = secret.iter().map(|byte| format!("{byte:02x}")).collect();
    let wide = |order: fn(u16) -> [u8; 2]| secret.iter().flat_map(|byte| order((*byte).into())).collect::<Vec<u8>>();
    let mut forms = vec![secret.to_vec(), hex.clone().into(), hex.to_uppercase().into()];
    forms.extend([wide(u16::to_le_bytes), wide(u16::to_be_bytes)]);
    forms.extend((0..3).map(|shift| base64(secret, shift)));
    forms.push(secret.iter().rev().copied().collect());
    for level in [1, 6, 9] {
        forms.extend(compressed(secret, level));
    }
    forms
}

/// What is sure to be there of a secret in Base64, if it begins so many bytes into a group of three.
fn base64(secret: &[u8], shift: usize) -> Vec<u8> {
    let text = BASE64_STANDARD_NO_PAD.encode([&vec![0; shift], secret].concat());
    let whole = (shift + secret.len()) / 3 * 4;
    text.as_bytes()[if shift > 0 { 4 } else { 0 }..whole].to_vec()
}

/// Deflated, without what comes before and after it.
fn compressed(secret: &[u8], level: u32) -> Vec<Vec<u8>> {
    let level = Compression::new(level);
    let mut raw = DeflateEncoder::new(Vec::new(), level);
    raw.write_all(secret).unwrap();
    let mut gzip = GzEncoder::new(Vec::new(), level);
    gzip.write_all(secret).unwrap();
    let mut zlib = ZlibEncoder::new(Vec::new(), level);
    zlib.write_all(secret).unwrap();
    vec![raw.finish().unwrap(), gzip.finish().unwrap()[10..].to_vec(), zlib.finish().unwrap()[2..].to_vec()]
}

fn holds(part: &[u8], form: &[u8]) -> bool {
    part.windows(form.len()).any(|bytes| bytes == form)
}

/// Which forms of these secrets are in these parts.
fn found(secrets: &[Vec<u8>], parts: &[&[u8]]) -> usize {
    let all = secrets.iter().flat_map(|secret| forms(secret));
    all.filter(|form| parts.iter().any(|part| holds(part, form))).count()
}

fn parts(scene: &Scene) -> Vec<&[u8]> {
    let envelope = scene.envelope();
    let shares = envelope.shares.iter().map(Vec::as_slice);
    shares.chain([&envelope.manifest[..], &envelope.content]).collect()
}

#[test]
fn nothing_of_content_keys_and_shares_is_in_any_part_in_any_form() {
    let content = format!("Total price: {PRICE}, {}", "the same again, ".repeat(40));
    let scene = Scene::with(3, 5, &label("c-1", "b-1", Kind::Price), content.as_bytes());
    let mut secrets: Vec<Vec<u8>> = vec![PRICE.into(), content.clone().into(), "the same again, ".into()];
    // Even a hash of a price tells it: there are not many prices.
    secrets.push(envelope_digest(content.as_bytes()).as_bytes().to_vec());
    for key in scene.holders.iter().chain([&scene.sealed.key]) {
        secrets.extend([key.expose().to_vec(), key.to_text().as_bytes().to_vec()]);
        secrets.push(envelope_digest(key.expose()).as_bytes().to_vec());
    }
    secrets.extend(scene.shares(&[1, 2, 3, 4, 5]).iter().map(|share| share.expose().to_vec()));
    secrets.push(scene.sealed.key.recipient().to_string().into_bytes());
    assert_eq!(found(&secrets, &parts(&scene)), 0);
}

#[test]
fn the_search_finds_a_secret_in_each_form() {
    let secret = b"EUR 1.234.567,89 and not one cent more".to_vec();
    for form in forms(&secret) {
        let part = [&[0xa5; 37][..], &form, b"more"].concat();
        assert!(found(std::slice::from_ref(&secret), &[&part]) > 0, "{form:?}");
    }
    for shift in 0..3 {
        let text = BASE64_STANDARD_NO_PAD.encode([&vec![9; 6 + shift], &secret[..], b"x"].concat());
        assert!(found(std::slice::from_ref(&secret), &[text.as_bytes()]) > 0, "{shift}");
    }
    assert_eq!(found(&[secret], &[b"EUR 1.234.567,88 and not one cent more"]), 0);
}

/// Whoever has everything that is stored, and tries all prices that come into question, does not learn which one it is.
#[test]
fn no_stored_hash_is_that_of_a_price() {
    let scene = Scene::with(2, 3, &label("c-1", "b-1", Kind::Price), b"54321");
    let manifest = scene.manifest();
    let stored: Vec<_> = manifest.shares.iter().flat_map(|it| [it.commitment, it.sha256, it.recipient]).collect();
    let stored = [stored, vec![manifest.key_commitment, manifest.content.sha256]].concat();
    let is_stored = |text: String| stored.contains(&envelope_digest(text.as_bytes()));
    assert!((0..100_000).all(|price| !is_stored(price.to_string()) && !is_stored(format!("c-1{price}"))));
}
