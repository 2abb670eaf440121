//! `key`, `seal`, `open-share` and `open-envelope`: sealed envelopes, without a server. `docs/sealing.md` says what is in
//! the files.

mod files;
mod passphrase;

use std::fmt::{self, Write};
use std::path::{Path, PathBuf};

use sealing::{
    CombineError, Committee, Envelope, Hash, Id, Kind, Label, MAX_CONTENT, MAX_KEY_FILE, MAX_MANIFEST,
    MAX_POSTED_SHARE, Manifest, Opened, SecretKey, Share, ShareError, check_shape, combine, envelope_digest,
    layer_size, os_randomness,
};
use zeroize::Zeroizing;

use crate::cli::{NewKey, OpenEnvelope, OpenShare, Seal};
use crate::commands::{Failure, failed, print};
pub(crate) use files::read;
use files::{new_directory, write};

const MANIFEST: &str = "manifest.json";
const CONTENT: &str = "content.age";
/// More than a committee of 32 takes.
const MAX_COMMITTEE: usize = 8 << 10;
/// More than a content in its largest size takes.
const MAX_SEALED_CONTENT: usize = layer_size(MAX_CONTENT + 4096);
/// More than an encrypted share takes.
const MAX_SEALED_SHARE: usize = 1 << 10;

/// `key new`: makes a key, keeps it in a file, and prints what is public of it.
pub fn new_key(asked: &NewKey) -> Result<(), Failure> {
    files::must_be_new(&asked.out)?;
    let passphrase = asked.passphrase.then(passphrase::choose).transpose()?;
    let key =
        SecretKey::generate(&mut os_randomness().map_err(failed)?).ok_or_else(|| failed("making a key failed"))?;
    let recipient = key.recipient();
    let text = secret_text(format_args!("# public key: {recipient}\n{}\n", *key.to_text()));
    match passphrase {
        None => write(&asked.out, text.as_bytes())?,
        Some(it) => write(&asked.out, &sealing::protect(&text, &it).map_err(failed)?)?,
    }
    print(&format!("{recipient}\n"))
}

/// `seal`: seals a file, writes the envelope and its key, and opens what it has written before it says that it is done.
pub fn seal(asked: &Seal) -> Result<(), Failure> {
    let label = label(asked)?;
    let committee = Committee::from_json(&read(&asked.committee, MAX_COMMITTEE)?);
    let committee = committee.map_err(|error| refused(&asked.committee, &error))?;
    let content = Zeroizing::new(read(&asked.content, MAX_CONTENT)?);
    let sealed = sealing::seal(&committee, &label, &content, &mut os_randomness().map_err(failed)?);
    let sealed = sealed.map_err(|error| refused(&asked.content, &error))?;
    new_directory(&asked.out)?;
    let (envelope, key) = (asked.out.join("envelope"), asked.out.join("recovery-key.txt"));
    write_envelope(&envelope, &sealed.envelope)?;
    write(&key, recovery_text(&label, &sealed.key).as_bytes())?;
    let digest = verify(&envelope, &key, &committee, &label, &content)?;
    let (threshold, holders) = (committee.threshold(), committee.recipients().len());
    print(&format!(
        "Sealed    {} for {holders} holders, of whom {threshold} open it together\n\
         Hand in   {}\n\
         Keep      {}, which opens it alone; show it to nobody\n\
         SHA-256   {digest} names the envelope in a receipt\n",
        asked.content.display(),
        envelope.display(),
        key.display(),
    ))
}

fn label(asked: &Seal) -> Result<Label, Failure> {
    let wrong = |flag: &str| Failure::Usage(format!("--{flag}: an id is 1 to 64 of the letters, digits and - . _"));
    let challenge = Id::parse(&asked.challenge).ok_or_else(|| wrong("challenge"))?;
    let bidder = Id::parse(&asked.bidder).ok_or_else(|| wrong("bidder"))?;
    let kind = Kind::parse(&asked.kind).ok_or_else(|| Failure::Usage("--kind: solution, quality or price".into()))?;
    Ok(Label { challenge, bidder, version: asked.version, kind })
}

fn share_name(index: usize) -> String {
    format!("share-{index:03}.age")
}

fn write_envelope(directory: &Path, envelope: &Envelope) -> Result<(), Failure> {
    new_directory(directory)?;
    write(&directory.join(MANIFEST), &envelope.manifest)?;
    write(&directory.join(CONTENT), &envelope.content)?;
    let mut shares = (1..).zip(&envelope.shares);
    shares.try_for_each(|(index, share)| write(&directory.join(share_name(index)), share))
}

fn recovery_text(label: &Label, key: &SecretKey) -> Zeroizing<String> {
    let Label { challenge, bidder, version, kind } = label;
    let kind = kind.as_str();
    secret_text(format_args!(
        "# Opens the {kind} envelope of bidder {bidder}, version {version}, in challenge {challenge}.\n\
         # Keep it, and show it to nobody unless you are asked for it after the deadline.\n{}\n",
        *key.to_text()
    ))
}

/// Reads back all that was written, and opens it.
fn verify(directory: &Path, key: &Path, committee: &Committee, label: &Label, content: &[u8]) -> Result<Hash, Failure> {
    let shares = (1..=committee.recipients().len()).map(|it| read(&directory.join(share_name(it)), MAX_SEALED_SHARE));
    let (manifest, sealed) = (directory.join(MANIFEST), directory.join(CONTENT));
    let shares = shares.collect::<Result<_, _>>()?;
    let envelope =
        Envelope { manifest: read(&manifest, MAX_MANIFEST)?, content: read(&sealed, MAX_SEALED_CONTENT)?, shares };
    let manifest = check_shape(&envelope, committee, label).map_err(|error| refused(directory, &error))?;
    let opened = sealing::open(&manifest, &envelope.content, &read_key(key)?);
    let opened = opened.map_err(|error| refused(directory, &error))?;
    match *opened.content == content {
        true => Ok(envelope_digest(&envelope.manifest)),
        false => Err(failed(format!("{}: what was written is not what was sealed", directory.display()))),
    }
}

/// `open-share`: opens one's own share, on one's own machine, and gives what is to be handed over.
pub fn open_share(asked: &OpenShare) -> Result<(), Failure> {
    asked.out.as_deref().map(files::must_be_new).transpose()?;
    let file = read(&asked.share, MAX_SEALED_SHARE)?;
    let key = read_key(&asked.identity)?;
    let share = sealing::open_share(&key, &file).map_err(|error| refused(&asked.share, &error))?;
    let text = secret_text(format_args!("{}\n", *share.to_json()));
    match &asked.out {
        None => print(&text),
        Some(out) => {
            write(out, text.as_bytes())?;
            let Share { challenge, nonce, index, .. } = share;
            print(&format!("Share {index} of envelope {nonce} in challenge {challenge}: {}\n", out.display()))
        }
    }
}

/// `open-envelope`: opens an envelope with shares that holders have opened, or with the key that the bidder kept.
pub fn open_envelope(asked: &OpenEnvelope) -> Result<(), Failure> {
    files::must_be_new(&asked.out)?;
    let path = asked.envelope.join(MANIFEST);
    let manifest = Manifest::parse(&read(&path, MAX_MANIFEST)?).map_err(|error| refused(&path, &error))?;
    let (key, notes) = match &asked.key {
        Some(key) => (read_key(key)?, String::new()),
        None => key_of_shares(&manifest, &asked.shares)?,
    };
    let content = read(&asked.envelope.join(CONTENT), MAX_SEALED_CONTENT)?;
    let opened = sealing::open(&manifest, &content, &key).map_err(|error| refused(&asked.envelope, &error))?;
    write(&asked.out, &opened.content)?;
    print(&format!("{notes}{}", report(&opened, &asked.out)))
}

/// The key that shares give, and what is to be said about some of them.
fn key_of_shares(manifest: &Manifest, paths: &[PathBuf]) -> Result<(SecretKey, String), Failure> {
    let shares = paths.iter().map(|path| {
        let text = Zeroizing::new(read(path, MAX_POSTED_SHARE)?);
        Share::from_json(&text).map_err(|error| refused(path, &error))
    });
    let combined = combine(manifest, &shares.collect::<Result<Vec<_>, _>>()?).map_err(|error| match error {
        CombineError::TooFew { .. } => Failure::MoreShares(error.to_string()),
        CombineError::SealedWrongly { sound } if sound < manifest.shares.len() => {
            Failure::MoreShares(error.to_string())
        }
        _ => Failure::Refused(error.to_string()),
    })?;
    let wrong = combined.wrong.iter().map(|index| format!("Note: {}\n", ShareError::Wrong(*index)));
    let misfits = combined.sealed_wrongly.iter().map(|index| format!("Note: share {index} was sealed wrongly\n"));
    Ok((combined.key, wrong.chain(misfits).collect()))
}

fn report(opened: &Opened, out: &Path) -> String {
    let Label { challenge, bidder, version, kind } = &opened.label;
    let (kind, size, digest, out) = (kind.as_str(), opened.content.len(), opened.digest, out.display());
    format!(
        "Challenge  {challenge}\nBidder     {bidder}\nVersion    {version}\nKind       {kind}\n\
         Content    {out}, {size} bytes\nSHA-256    {digest}\n"
    )
}

/// A key, whose passphrase is asked for if it has one.
fn read_key(path: &Path) -> Result<SecretKey, Failure> {
    let file = Zeroizing::new(read(path, MAX_KEY_FILE)?);
    let text = match sealing::is_protected(&file) {
        true => sealing::unprotect(&file, &passphrase::ask()?).map_err(|error| refused(path, &error))?,
        false => Zeroizing::new(String::from_utf8_lossy(&file).into_owned()),
    };
    let wrong = || Failure::Refused(format!("{}: there is not exactly one secret key of age in it", path.display()));
    SecretKey::parse(&text).ok_or_else(wrong)
}

/// A text with a secret in it, in one place from the start: growing would leave copies behind.
fn secret_text(parts: fmt::Arguments<'_>) -> Zeroizing<String> {
    let mut text = Zeroizing::new(String::with_capacity(MAX_KEY_FILE));
    // Writing into a String never fails.
    let _ = text.write_fmt(parts);
    text
}

/// Something about a file is not right.
fn refused(path: &Path, error: &dyn std::error::Error) -> Failure {
    Failure::Refused(format!("{}: {error}", path.display()))
}
