//! What can be told of an envelope without any secret, when it arrives.

use crate::{
    committee::Committee,
    error::{Part, ShapeError},
    frame::BUCKETS,
    hex::Hash,
    label::Label,
    layer,
    manifest::Manifest,
    seal::Envelope,
    share::share_file_size,
};

/// Checks that an envelope is for this, sealed for this committee, whole, and encrypted in one layer, and gives its manifest.
///
/// What it cannot tell: whether the content is encrypted with the key that the shares give, and whether each share is
/// encrypted for its holder. That shows when the envelope is opened.
pub fn check_shape(envelope: &Envelope, committee: &Committee, label: &Label) -> Result<Manifest, ShapeError> {
    let manifest = Manifest::parse(&envelope.manifest)?;
    if let Some(difference) = manifest.label().difference(label) {
        return Err(ShapeError::Label(difference));
    }
    check_committee(&manifest, committee)?;
    check_content(&manifest, &envelope.content)?;
    check_shares(&manifest, &envelope.shares)?;
    Ok(manifest)
}

fn check_committee(manifest: &Manifest, committee: &Committee) -> Result<(), ShapeError> {
    let (expected, found) = (committee.threshold(), manifest.threshold);
    if expected != found {
        return Err(ShapeError::Threshold { expected, found });
    }
    let (expected, found) = (committee.recipients().len(), manifest.shares.len());
    if expected != found {
        return Err(ShapeError::Shares { expected, found });
    }
    let mut pairs = committee.holders().zip(&manifest.shares);
    match pairs.find(|((_, recipient), entry)| Committee::fingerprint(recipient) != entry.recipient) {
        Some(((index, _), _)) => Err(ShapeError::Recipient(index)),
        None => Ok(()),
    }
}

fn check_content(manifest: &Manifest, content: &[u8]) -> Result<(), ShapeError> {
    let (size, hash) = (manifest.content.size, manifest.content.sha256);
    let allowed = BUCKETS.iter().any(|bucket| layer::layer_size(*bucket) as u64 == size);
    check_part(Part::Content, content, allowed, size, hash)
}

fn check_shares(manifest: &Manifest, shares: &[Vec<u8>]) -> Result<(), ShapeError> {
    let (expected, found) = (manifest.shares.len(), shares.len());
    if expected != found {
        return Err(ShapeError::Shares { expected, found });
    }
    let size = share_file_size(&manifest.challenge) as u64;
    manifest.shares.iter().zip(shares).try_for_each(|(entry, file)| {
        check_part(Part::Share(entry.index), file, entry.size == size, entry.size, entry.sha256)
    })
}

/// The size first: what has another one is not even hashed.
fn check_part(part: Part, file: &[u8], allowed: bool, size: u64, hash: Hash) -> Result<(), ShapeError> {
    if !allowed {
        return Err(ShapeError::Size { part, found: size });
    }
    if file.len() as u64 != size || layer::hash(file) != hash {
        return Err(ShapeError::Hash(part));
    }
    layer::check(file).map_err(|error| ShapeError::Layer { part, error })
}
