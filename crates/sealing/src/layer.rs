//! One layer of `age`: encrypted for exactly one X25519 key, with nothing else in the header.
//!
//! The crate `age` adds a stanza of random name and length to each header ("grease"), which other implementations do not.
//! Here it is left out: the size of a file then depends on nothing but the size of what is in it, and whoever checks an
//! envelope can tell that nobody else is a recipient.

use crate::{error::LayerError, hex::Hash, key::SecretKey};
use age::{Decryptor, EncryptError, Encryptor, secrecy::ExposeSecret, stream::StreamWriter, x25519};
use age_core::{
    format::{FileKey, Stanza},
    primitives::hkdf,
};
use base64::{Engine, prelude::BASE64_STANDARD_NO_PAD as BASE64};
use hmac::{Hmac, Mac};
use sha2::Sha256;
use std::{
    cell::RefCell,
    collections::HashSet,
    io::{self, Read, Write},
    iter, str,
};
use zeroize::Zeroizing;

const MAGIC: &str = "age-encryption.org/v1\n";
/// The header, and after it the nonce of the content.
pub(crate) const HEADER: usize = 168;
const NONCE: usize = 16;
/// The content is encrypted in pieces of this size, each with a tag.
const PIECE: usize = 64 << 10;
const TAG: usize = 16;
/// 32 bytes in Base64.
const ENCODED: usize = 43;

/// How large a content of this size is once it is encrypted.
pub const fn layer_size(content: usize) -> usize {
    let pieces = if content == 0 { 1 } else { content.div_ceil(PIECE) };
    HEADER + NONCE + content + pieces * TAG
}

/// A recipient that also writes the header as it should be.
struct Only<'a> {
    recipient: &'a x25519::Recipient,
    header: RefCell<Vec<u8>>,
}

impl age::Recipient for Only<'_> {
    fn wrap_file_key(&self, key: &FileKey) -> Result<(Vec<Stanza>, HashSet<String>), EncryptError> {
        let (stanzas, labels) = self.recipient.wrap_file_key(key)?;
        *self.header.borrow_mut() = header(key, &stanzas);
        Ok((stanzas, labels))
    }
}

/// The header of a file of `age` (C2SP, age, "Header") with these stanzas, whose bodies are shorter than a line.
fn header(key: &FileKey, stanzas: &[Stanza]) -> Vec<u8> {
    let mut text = MAGIC.to_owned();
    for stanza in stanzas {
        text += &format!("-> {} {}\n{}\n", stanza.tag, stanza.args.join(" "), BASE64.encode(&stanza.body));
    }
    text += "---";
    let mac_key = Zeroizing::new(hkdf(&[], b"header", key.expose_secret()));
    // HMAC takes keys of any length.
    let mac = Hmac::<Sha256>::new_from_slice(&*mac_key).map(|mac| mac.chain_update(&text).finalize().into_bytes());
    text += &format!(" {}\n", mac.map(|mac| BASE64.encode(mac)).unwrap_or_default());
    text.into_bytes()
}

/// Encrypts what is written, which has this size.
pub(crate) fn encrypt(
    recipient: &x25519::Recipient,
    size: usize,
    write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> Option<Vec<u8>> {
    // Room for the header that is replaced.
    let (mut writer, header) = begin(recipient, Vec::with_capacity(layer_size(size) + 1024))?;
    write(&mut writer).ok()?;
    let mut file = writer.finish().ok()?;
    file.splice(..header_end(&file)?, header);
    (file.len() == layer_size(size)).then_some(file)
}

/// Begins to encrypt into `out`, where the header is to be replaced by the one that this gives.
pub(crate) fn begin<W: Write>(recipient: &x25519::Recipient, out: W) -> Option<(StreamWriter<W>, Vec<u8>)> {
    let only = Only { recipient, header: RefCell::default() };
    let encryptor = Encryptor::with_recipients(iter::once(&only as &dyn age::Recipient)).ok()?;
    let writer = encryptor.wrap_output(out).ok()?;
    Some((writer, only.header.take()))
}

/// Where the header ends.
pub(crate) fn header_end(file: &[u8]) -> Option<usize> {
    const END: &[u8] = b"\n--- ";
    let end = file.windows(END.len()).position(|bytes| bytes == END)?;
    Some(end + END.len() + ENCODED + 1)
}

/// Decrypts a file that has been checked.
pub(crate) fn decrypt(key: &SecretKey, file: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let decryptor = Decryptor::new_buffered(file).ok()?;
    let mut reader = decryptor.decrypt(iter::once(key.identity() as &dyn age::Identity)).ok()?;
    // Large enough from the start: no copy is left behind by growing.
    let mut content = Zeroizing::new(Vec::with_capacity(file.len()));
    reader.read_to_end(&mut content).ok()?;
    Some(content)
}

/// Whether a file is encrypted for exactly one X25519 key. Only its header is looked at.
pub(crate) fn check(file: &[u8]) -> Result<(), LayerError> {
    let exact = file.get(..HEADER).and_then(|header| str::from_utf8(header).ok()).is_some_and(is_exact);
    if exact { Ok(()) } else { Err(diagnose(file)) }
}

/// The header, line by line: magic, the stanza's first line, its body, the MAC.
fn is_exact(header: &str) -> bool {
    let encoded = |text: &str| text.len() == ENCODED && BASE64.decode(text).is_ok();
    let Some(rest) = header.strip_prefix(MAGIC) else { return false };
    match rest.split('\n').collect::<Vec<_>>()[..] {
        [share, body, mac, ""] => {
            share.strip_prefix("-> X25519 ").is_some_and(encoded)
                && encoded(body)
                && mac.strip_prefix("--- ").is_some_and(encoded)
        }
        _ => false,
    }
}

/// What is wrong with a header that is not as it should be.
fn diagnose(file: &[u8]) -> LayerError {
    // Far more than a sound header has; a longer one is wrong anyway.
    let start = &file[..file.len().min(4 << 10)];
    if start.starts_with(b"-----BEGIN AGE ENCRYPTED FILE-----") {
        return LayerError::Armoured;
    }
    let Some(rest) = start.strip_prefix(MAGIC.as_bytes()) else { return LayerError::NotAge };
    let lines = rest.split(|byte| *byte == b'\n').take_while(|line| !line.starts_with(b"---"));
    let stanzas: Vec<&[u8]> = lines.filter(|line| line.starts_with(b"-> ")).collect();
    let is = |line: &[u8], tag: &[u8]| line.strip_prefix(b"-> ").is_some_and(|line| line.starts_with(tag));
    match stanzas[..] {
        [one] if is(one, b"X25519 ") => LayerError::Header,
        [] => LayerError::Header,
        [one] if is(one, b"scrypt ") => LayerError::Passphrase,
        [_] => LayerError::OtherKey,
        _ => LayerError::Several,
    }
}

/// Whether a content is encrypted already, by `age` or by OpenPGP as text.
pub(crate) fn is_encrypted(content: &[u8]) -> bool {
    let starts = [&b"age-encryption.org/"[..], b"-----BEGIN AGE ENCRYPTED FILE-----", b"-----BEGIN PGP MESSAGE-----"];
    starts.iter().any(|start| content.starts_with(start))
}

/// The SHA-256 of a file.
pub(crate) fn hash(file: &[u8]) -> Hash {
    crate::digest::sha256(&[file])
}
