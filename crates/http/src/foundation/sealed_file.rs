//! Documents of bids on their way from the connection to the disk, encrypted in between. Nothing of them is written in clear, and
//! no more of them is in memory than a piece.

use crate::{
    Error,
    access::{As, Bidder},
};
use actix_web::{FromRequest, HttpMessage, HttpRequest, dev::Payload, http::header, web};
use application::bid_documents as documents;
use domain::{
    ChallengeId, Refusal,
    bid::BidDocument,
    file::{MediaType, StoredFile},
};
use futures_util::StreamExt;
use sealing::{DOCUMENT_HEAD, DocumentSecret, DocumentWriter, MAX_DOCUMENT, check_document, document_size};
use std::future::{Ready, ready};
use storage::{Hash, Writer};
use tokio::time::timeout;

/// How much of a file shows its type.
const HEAD: usize = 8 << 10;

/// What the head of a request says of the document that follows.
#[derive(Clone, Copy)]
pub(crate) struct Announced {
    /// Of which kind it is; none if it is encrypted already.
    kind: Option<MediaType>,
    /// How many bytes it has, if that is said beforehand.
    length: Option<usize>,
}

impl FromRequest for Announced {
    type Error = Error;
    type Future = Ready<Result<Self, Error>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let name = request.content_type();
        // A body of JSON is a document of this API everywhere else. A file of JSON is text, too.
        let kind = MediaType::parse(name).filter(|kind| kind.as_str() != "application/json");
        if kind.is_none() && !name.eq_ignore_ascii_case("application/octet-stream") {
            return ready(Err(Error::FileTypeNotTaken));
        }
        let length = request.headers().get(header::CONTENT_LENGTH);
        ready(Ok(Self { kind, length: length.and_then(|length| length.to_str().ok()?.parse().ok()) }))
    }
}

impl Announced {
    /// The most bytes that may follow.
    fn most(self) -> usize {
        if self.kind.is_some() { MAX_DOCUMENT } else { document_size(MAX_DOCUMENT).unwrap_or(usize::MAX) }
    }

    /// How many bytes it will take at most; refuses what is too large before it is sent.
    fn room(self) -> Result<i64, Error> {
        let length = self.length.unwrap_or(self.most());
        let size = if self.kind.is_some() { document_size(length) } else { Some(length) };
        let size = size.filter(|_| length <= self.most()).ok_or(Error::BodyTooLarge(self.most()))?;
        i64::try_from(size).map_err(|_| Error::BodyTooLarge(self.most()))
    }
}

/// A document that is kept, and what opens it, if it was encrypted here.
pub(crate) struct Kept {
    pub(crate) document: BidDocument,
    pub(crate) secret: Option<DocumentSecret>,
}

/// Takes a document. If anything goes wrong, or only a trial is wanted, nothing of it stays.
pub(crate) async fn receive(
    who: As<Bidder>,
    challenge: ChallengeId,
    announced: Announced,
    content: web::Payload,
    dry_run: bool,
) -> Result<Kept, Error> {
    let (room, limits) = (announced.room()?, who.state().settings.uploads);
    let begun = who.step(move |conn, caller| Ok(documents::begin(conn, caller, challenge, room, limits)?)).await?;
    let arrived = arrive(&who, &begun, announced, content).await;
    let kept = match arrived {
        Ok((file, secret)) if dry_run => {
            let mut document = begun.clone();
            document.keep(&file);
            Ok(Kept { document, secret })
        }
        Ok((file, secret)) => keep(&who, &begun, file).await.map(|document| Kept { document, secret }),
        Err(error) => Err(error),
    };
    if dry_run || kept.is_err() {
        let id = begun.id;
        let forgotten: Result<(), Error> = who.state().db.write(move |conn| Ok(documents::abandon(conn, id)?)).await;
        // What stays after all is found by those who forget what never arrived.
        drop(forgotten);
        drop(who.state().storage().incoming.remove(id.0).await);
    }
    kept
}

/// Writes it to the disk as it comes.
async fn arrive(
    who: &As<Bidder>,
    begun: &BidDocument,
    announced: Announced,
    content: web::Payload,
) -> Result<(StoredFile, Option<DocumentSecret>), Error> {
    let incoming = &who.state().storage().incoming;
    let taken = incoming.take(begun.id.0).await.map_err(application::Error::from)?;
    let mut file = taken.after(0).await.map_err(application::Error::from)?;
    let secret = match announced.kind {
        Some(kind) => Some(encrypt(who, kind, content, &mut file).await?),
        None => {
            copy(who, announced, content, &mut file).await?;
            None
        }
    };
    let size = file.sync().await.map_err(application::Error::from)?;
    let hash = Hash::of_file(&incoming.path(begun.id.0)).await.map_err(application::Error::from)?;
    let size = i64::try_from(size).map_err(|error| Error::Internal(error.to_string()))?;
    Ok((StoredFile { sha256: hash.to_string(), size }, secret))
}

async fn keep(who: &As<Bidder>, begun: &BidDocument, file: StoredFile) -> Result<BidDocument, Error> {
    let (id, hash) = (begun.id, Hash::parse(&file.sha256));
    let hash = hash.ok_or_else(|| Error::Internal("a file without a hash".to_owned()))?;
    who.step(move |conn, _| Ok(documents::keep(conn, id, &file)?)).await?;
    let storage = who.state().storage();
    storage.store.put(hash, &storage.incoming.path(id.0)).await.map_err(application::Error::from)?;
    who.step(move |conn, caller| Ok(documents::receive(conn, caller, id)?)).await
}

async fn encrypt(
    who: &As<Bidder>,
    kind: MediaType,
    mut content: web::Payload,
    file: &mut Writer,
) -> Result<DocumentSecret, Error> {
    let broken = |error: std::io::Error| Error::Internal(error.to_string());
    let mut randomness = sealing::os_randomness().map_err(|error| Error::Internal(error.to_string()))?;
    let writer = DocumentWriter::new(&mut randomness);
    let mut writer = writer.ok_or_else(|| Error::Internal("nothing can be encrypted".to_owned()))?;
    let mut head = Vec::new();
    while let Some(piece) = next(who, &mut content).await? {
        if writer.written() + piece.len() > MAX_DOCUMENT {
            return Err(Error::BodyTooLarge(MAX_DOCUMENT));
        }
        head.extend_from_slice(&piece[..piece.len().min(HEAD - head.len())]);
        store(file, writer.write(&piece).map_err(broken)?).await?;
    }
    // What is empty is of no kind.
    if !kind.begins_as(&head) || head.is_empty() {
        return Err(Refusal::invalid("", "wrong_type", "the content is not of the type that Content-Type says").into());
    }
    while let Some(more) = writer.fill_up().map_err(broken)? {
        store(file, more).await?;
    }
    let (end, secret) = writer.finish().map_err(broken)?;
    store(file, end).await?;
    Ok(secret)
}

/// What the company encrypted: only its outside is looked at.
async fn copy(
    who: &As<Bidder>,
    announced: Announced,
    mut content: web::Payload,
    file: &mut Writer,
) -> Result<(), Error> {
    let mut head = Vec::new();
    while let Some(piece) = next(who, &mut content).await? {
        if file.written() + piece.len() as u64 > announced.most() as u64 {
            return Err(Error::BodyTooLarge(announced.most()));
        }
        head.extend_from_slice(&piece[..piece.len().min(DOCUMENT_HEAD - head.len())]);
        file.write(&piece).await.map_err(application::Error::from)?;
    }
    let wrong = |error: sealing::LayerError| Refusal::invalid("", "not_encrypted", error.to_string());
    Ok(check_document(&head, file.written()).map_err(wrong)?)
}

async fn next(who: &As<Bidder>, content: &mut web::Payload) -> Result<Option<web::Bytes>, Error> {
    let patience = who.state().settings.limits.request;
    let piece = timeout(patience, content.next()).await.map_err(|_| Error::TimedOut)?;
    piece.transpose().map_err(|_| Error::BodyIncomplete)
}

async fn store(file: &mut Writer, piece: Vec<u8>) -> Result<(), Error> {
    Ok(file.write(&piece.into()).await.map_err(application::Error::from)?)
}
