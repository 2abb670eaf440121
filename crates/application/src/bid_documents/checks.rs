//! What is looked at after the opening: whether each document is what the offer says. Those to which the offer does not refer go.

use super::{Opened, content, forget_one};
use crate::{Error, Result};
use domain::{
    BidDocumentId,
    bid::{BidDocument, DocumentDamage},
};
use persistence::{Conn, Db, bid_documents as documents, bids, scans};
use storage::Storage;

/// The most that one look finds; the next look finds the rest.
const BATCH: i64 = 20;

/// What a bid says of a document.
enum Reference {
    /// It refers to it.
    To(Box<Opened>),
    /// Nobody can tell: there is a bid, and its envelope held nothing that could be read.
    Unknown,
    /// There is no bid, or it does not refer to it.
    Nowhere,
}

/// Looks at every document of an opened bid that nobody has looked at. What cannot be read now waits.
pub async fn run(db: &Db, storage: &Storage) -> Result<()> {
    let mut after = None;
    loop {
        let waiting = db.read(move |conn| Ok::<_, Error>(documents::unexamined(conn, after, BATCH)?)).await?;
        let Some(last) = waiting.last().map(|document| document.id) else { return Ok(()) };
        for document in waiting {
            let id = document.id;
            if let Err(error) = look_at(db, storage, document).await {
                tracing::warn!(document = %id, %error, "a document of a bid could not be examined; it waits");
            }
        }
        after = Some(last);
    }
}

async fn look_at(db: &Db, storage: &Storage, document: BidDocument) -> Result<()> {
    let id = document.id;
    let found = db.read(move |conn| reference(conn, document)).await?;
    match found {
        Reference::To(opened) => {
            let damage = content::examine(storage, &opened).await?;
            db.write(move |conn| note(conn, id, damage)).await
        }
        Reference::Unknown => db.write(move |conn| mark(conn, id, None).map(drop)).await,
        Reference::Nowhere => db.write(move |conn| drop_unused(conn, id)).await,
    }
}

fn reference(conn: &mut Conn, stored: BidDocument) -> Result<Reference> {
    let Some(bid) = bids::live(conn, stored.challenge, stored.company)? else { return Ok(Reference::Nowhere) };
    let bid = bids::find(conn, bid)?;
    Ok(match bid.offered_document(stored.id) {
        Ok(offered) => Reference::To(Box::new(Opened { offered: offered.clone(), stored })),
        Err(_) if bid.quality.is_none() => Reference::Unknown,
        Err(_) => Reference::Nowhere,
    })
}

/// Notes what was found. From here on a virus scanner, if there is one, may look at it: before, nobody could.
fn note(conn: &mut Conn, id: BidDocumentId, damage: Option<DocumentDamage>) -> Result<()> {
    let marked = mark(conn, id, damage)?;
    match marked.and_then(|document| document.sha256) {
        Some(sha256) if damage.is_none_or(|damage| damage == DocumentDamage::WrongType) => {
            let now = conn.now()?;
            Ok(scans::expect(conn, &sha256, now)?)
        }
        _ => Ok(()),
    }
}

/// Notes that a document was looked at; none if it is gone.
fn mark(conn: &mut Conn, id: BidDocumentId, damage: Option<DocumentDamage>) -> Result<Option<BidDocument>> {
    let Some(mut document) = documents::lock(conn, id)? else { return Ok(None) };
    let now = conn.now()?;
    document.examine(damage, now);
    documents::update(conn, &document)?;
    Ok(Some(document))
}

fn drop_unused(conn: &mut Conn, id: BidDocumentId) -> Result<()> {
    match documents::lock(conn, id)? {
        Some(document) => forget_one(conn, &document),
        None => Ok(()),
    }
}
