//! Looking for a text in every form in which a program may have left it.

use std::io::Read;

use base64::{Engine, prelude::BASE64_STANDARD};
use memchr::memmem;

/// The most that a compressed piece is followed.
const MOST: u64 = 1 << 20;

/// A text, and how it looks in other forms.
pub struct Secret {
    text: String,
    forms: Vec<(&'static str, Vec<u8>)>,
}

impl Secret {
    pub fn new(text: &str) -> Self {
        let raw = text.as_bytes().to_vec();
        let hex: String = raw.iter().map(|byte| format!("{byte:02x}")).collect();
        let utf16 = |order: fn(u16) -> [u8; 2]| text.encode_utf16().flat_map(order).collect();
        let mut forms = vec![
            ("as it is", raw.clone()),
            ("backwards", raw.iter().rev().copied().collect()),
            ("in upper case", text.to_uppercase().into_bytes()),
            ("in lower case", text.to_lowercase().into_bytes()),
            ("in hexadecimal", hex.clone().into_bytes()),
            ("in upper-case hexadecimal", hex.to_uppercase().into_bytes()),
            ("in UTF-16, little end first", utf16(u16::to_le_bytes)),
            ("in UTF-16, big end first", utf16(u16::to_be_bytes)),
        ];
        forms.extend((0..3).map(|offset| ("in Base64", base64_at(&raw, offset))));
        // Also what is the same in several forms, such as digits without a letter.
        let mut seen = Vec::new();
        forms.retain(|(_, form)| {
            !seen.contains(form) && {
                seen.push(form.clone());
                true
            }
        });
        Self { text: text.to_owned(), forms }
    }

    /// In how many forms it is looked for, compressed ones not counted.
    pub fn forms(&self) -> usize {
        self.forms.len()
    }
}

/// What of a text is the same in Base64 wherever it begins, if so many bytes lie before it in its group of three.
fn base64_at(raw: &[u8], offset: usize) -> Vec<u8> {
    let padded = [&vec![0; offset][..], raw].concat();
    let encoded = BASE64_STANDARD.encode(&padded[..padded.len() / 3 * 3]);
    let skipped = [0, 2, 3][offset];
    encoded.as_bytes()[skipped..].to_vec()
}

/// What is found in a content, and in whatever is compressed in it.
pub fn found_in(place: &str, content: &[u8], secrets: &[Secret]) -> Vec<String> {
    let mut found = plain(place, content, secrets);
    for at in 0..content.len().saturating_sub(2) {
        if let Some(inflated) = inflate(&content[at..]) {
            found.extend(plain(&format!("compressed at {at} in {place}"), &inflated, secrets));
        }
    }
    found
}

fn plain(place: &str, content: &[u8], secrets: &[Secret]) -> Vec<String> {
    let forms = secrets.iter().flat_map(|secret| secret.forms.iter().map(move |form| (secret, form)));
    let there = forms.filter(|(_, (_, form))| memmem::find(content, form).is_some());
    there.map(|(secret, (form, _))| format!("{} {form} in {place}", secret.text)).collect()
}

/// What a stream of gzip or zlib that begins here holds.
fn inflate(content: &[u8]) -> Option<Vec<u8>> {
    let mut inflated = Vec::new();
    let read = match content {
        [0x1f, 0x8b, 8, ..] => flate2::read::GzDecoder::new(content).take(MOST).read_to_end(&mut inflated),
        [0x78, 0x01 | 0x5e | 0x9c | 0xda, ..] => {
            flate2::read::ZlibDecoder::new(content).take(MOST).read_to_end(&mut inflated)
        }
        _ => return None,
    };
    // What broke off is looked at as far as it came.
    drop(read);
    (!inflated.is_empty()).then_some(inflated)
}

mod tests {
    use std::io::Write;

    use flate2::{Compression, write::ZlibEncoder};

    use super::*;

    /// Each form, wherever it begins, is found; and nothing is where nothing is.
    #[test]
    fn whoever_hides_a_secret_in_a_usual_form_is_found_out() {
        let secret = [Secret::new("Xylocarp47Quokka")];
        let text = "Xylocarp47Quokka";
        let mut zlib = ZlibEncoder::new(Vec::new(), Compression::best());
        zlib.write_all(b"around Xylocarp47Quokka around").unwrap();
        let mut hidden: Vec<Vec<u8>> = vec![zlib.finish().unwrap(), text.to_lowercase().into_bytes()];
        hidden.extend((0..6).map(|n| BASE64_STANDARD.encode(format!("{}{text}!", "x".repeat(n))).into_bytes()));
        hidden.push(text.encode_utf16().flat_map(u16::to_be_bytes).collect());
        hidden.push(text.bytes().flat_map(|byte| format!("{byte:02X}").into_bytes()).collect());
        for bytes in hidden {
            let content = [b"before".as_slice(), &bytes, b"after"].concat();
            assert!(!found_in("here", &content, &secret).is_empty(), "{content:?}");
        }
        assert_eq!(found_in("here", b"Xylocarp47Quokk", &secret), Vec::<String>::new());
    }
}
