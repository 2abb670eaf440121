//! Pieces of files, on their way from the connection to the disk.

use crate::{
    Error,
    access::{As, SignedIn},
};
use actix_web::{FromRequest, HttpMessage, HttpRequest, dev::Payload, http::header, web};
use application::uploads;
use domain::{UploadId, file::Upload};
use futures_util::StreamExt;
use std::future::{Ready, ready};
use storage::Writer;
use tokio::time::timeout;

/// How many bytes are acknowledged together: so many are lost at most when the program is killed.
const ACKNOWLEDGED: u64 = 16 << 20;

/// What the head of a request says of the piece that follows.
#[derive(Clone, Copy)]
pub(crate) struct Piece {
    /// Where it begins.
    pub(crate) offset: i64,
    /// How many bytes it has, if that is said beforehand.
    length: Option<i64>,
}

impl FromRequest for Piece {
    type Error = Error;
    type Future = Ready<Result<Self, Error>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(read(request))
    }
}

fn read(request: &HttpRequest) -> Result<Piece, Error> {
    let headers = request.headers();
    if headers.get("tus-resumable").is_some_and(|version| version != "1.0.0") {
        return Err(Error::WrongTusVersion);
    }
    if !request.content_type().eq_ignore_ascii_case("application/offset+octet-stream") {
        return Err(Error::NotAPiece);
    }
    let number = |name| headers.get(name)?.to_str().ok()?.parse::<i64>().ok().filter(|number| *number >= 0);
    let offset = number(header::HeaderName::from_static("upload-offset"));
    let offset = offset.ok_or(Error::MalformedHeader("Upload-Offset"))?;
    Ok(Piece { offset, length: number(header::CONTENT_LENGTH) })
}

impl Piece {
    /// Refuses more than was announced, before it is sent.
    pub(crate) fn require_room(self, upload: &Upload) -> Result<(), Error> {
        let left = upload.announced.size - self.offset;
        if self.length.is_none_or(|length| length <= left) { Ok(()) } else { Err(too_large(upload)) }
    }
}

fn too_large(upload: &Upload) -> Error {
    Error::BodyTooLarge(usize::try_from(upload.announced.size).unwrap_or(usize::MAX))
}

/// Writes what arrives to the disk, never holding more of it than a piece from the network. However it ends, what has
/// arrived is acknowledged.
pub(crate) async fn receive(
    who: As<SignedIn>,
    id: UploadId,
    piece: Piece,
    content: web::Payload,
) -> Result<Upload, Error> {
    let taken = who.state().storage().incoming.take(id.0).await.map_err(application::Error::from)?;
    // Asked again, now that nobody else writes: whoever did when this request came has moved the offset meanwhile.
    let upload = who.step(move |conn, caller| Ok(uploads::next_piece(conn, &caller.actor, id, piece.offset)?)).await?;
    let writer = taken.after(upload.received.unsigned_abs()).await;
    let mut writer = writer.map_err(application::Error::from)?;
    let ended = write(&who, &upload, &mut writer, content).await;
    let upload = acknowledge(&who, &upload, &mut writer).await?;
    ended.map(|()| upload)
}

async fn write(
    who: &As<SignedIn>,
    upload: &Upload,
    writer: &mut Writer,
    mut content: web::Payload,
) -> Result<(), Error> {
    let (patience, size) = (who.state().settings.limits.request, upload.announced.size.unsigned_abs());
    let mut acknowledged = writer.written();
    while let Some(piece) = timeout(patience, content.next()).await.map_err(|_| Error::TimedOut)? {
        let piece = piece.map_err(|_| Error::BodyIncomplete)?;
        if writer.written() + piece.len() as u64 > size {
            return Err(too_large(upload));
        }
        writer.write(&piece).await.map_err(application::Error::from)?;
        // The last byte is acknowledged by whoever called: with it the file is whole, and takes nothing any more.
        if writer.written() - acknowledged >= ACKNOWLEDGED && writer.written() < size {
            acknowledged = writer.written();
            acknowledge(who, upload, writer).await?;
        }
    }
    Ok(())
}

/// What was written is on the disk before it is acknowledged.
async fn acknowledge(who: &As<SignedIn>, upload: &Upload, writer: &mut Writer) -> Result<Upload, Error> {
    let (id, upto) = (upload.id, writer.sync().await.map_err(application::Error::from)?);
    let upto = i64::try_from(upto).unwrap_or(i64::MAX);
    who.step(move |conn, caller| Ok(uploads::receive(conn, caller, id, upto)?)).await
}
