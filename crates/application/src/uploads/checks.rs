//! What is looked at in a file that arrived whole, and how it gets its place.
//!
//! Each step can be repeated, and a stop between two of them loses nothing: the row of the file is there before its content
//! is, the content before the upload is complete.

use crate::{Error, Result, inspection, record_unattended};
use domain::{
    UploadId,
    file::{Finding, MediaType, Rejection, Upload, UploadStatus},
};
use persistence::{Conn, Db, files, scans, uploads};
use std::{
    fs::File,
    io::{BufReader, Read},
    path::Path,
};
use storage::{Hash, Storage};

/// Who these events come from.
const CHECKER: &str = "upload-checker";

/// The most that one look finds; the next look finds the rest.
const BATCH: i64 = 20;

/// How much of a file shows its type.
const HEAD: u64 = 8 << 10;

/// Looks at every upload that waits for it. What cannot be looked at here, because it is on another machine's disk or in
/// somebody's hands, waits on.
pub async fn run(db: &Db, storage: &Storage) -> Result<()> {
    let mut after = None;
    loop {
        let waiting = db.read(move |conn| Ok::<_, Error>(uploads::checking(conn, after, BATCH)?)).await?;
        let Some(last) = waiting.last().copied() else { return Ok(()) };
        for id in waiting {
            if let Err(error) = check(db, storage, id).await {
                tracing::warn!(upload = %id, %error, "an upload could not be checked; it waits");
            }
        }
        after = Some(last);
    }
}

async fn check(db: &Db, storage: &Storage, id: UploadId) -> Result<()> {
    let upload = db.read(move |conn| Ok::<_, Error>(uploads::find(conn, id)?)).await?;
    let path = storage.incoming.path(id.0);
    // Until this function returns, nobody else looks at it.
    let _claim = match storage.incoming.claim(id.0).await {
        Ok(claim) => Some(claim),
        // Its content has its place already, and only the last step is missing.
        Err(storage::Error::Missing) if upload.sha256.is_some() => None,
        Err(error) => return Err(error.into()),
    };
    let (hash, findings) = match known(&upload) {
        Some(hash) => (hash, upload.findings),
        None => match examine(&upload, &path).await? {
            Ok(seen) => seen,
            Err(reason) => return reject(db, storage, id, reason).await,
        },
    };
    let sha256 = hash.to_string();
    if db.write(move |conn| accept(conn, id, &sha256, findings)).await? {
        storage.store.put(hash, &path).await?;
        db.write(move |conn| complete(conn, id)).await?;
    }
    Ok(())
}

fn known(upload: &Upload) -> Option<Hash> {
    upload.sha256.as_deref().and_then(Hash::parse)
}

/// Reads the file and says what is wrong with it.
async fn examine(upload: &Upload, path: &Path) -> Result<Result<(Hash, Vec<Finding>), Rejection>> {
    let hash = Hash::of_file(path).await?;
    if upload.announced.sha256.as_ref().is_some_and(|promised| *promised != hash.to_string()) {
        return Ok(Err(Rejection::WrongHash));
    }
    let Some(kind) = MediaType::parse(&upload.announced.media_type) else { return Ok(Err(Rejection::WrongType)) };
    let path = path.to_owned();
    let seen = tokio::task::spawn_blocking(move || look_into(kind, &path)).await;
    let seen = seen.map_err(|error| storage::Error::Unavailable(error.to_string()))??;
    Ok(seen.map(|findings| (hash, findings)))
}

fn look_into(kind: MediaType, path: &Path) -> Result<Result<Vec<Finding>, Rejection>> {
    let mut head = Vec::new();
    let mut file = File::open(path).map_err(storage::Error::from)?;
    file.by_ref().take(HEAD).read_to_end(&mut head).map_err(storage::Error::from)?;
    Ok(if kind.begins_as(&head) { inspection::inspect(kind, BufReader::new(file)) } else { Err(Rejection::WrongType) })
}

async fn reject(db: &Db, storage: &Storage, id: UploadId, reason: Rejection) -> Result<()> {
    let rejected = db.write(move |conn| {
        let Some(mut upload) = waiting(conn, id)? else { return Ok::<_, Error>(()) };
        let now = conn.now()?;
        let event = upload.reject(reason, now)?;
        uploads::update(conn, &upload)?;
        record_unattended(conn, CHECKER, now, event)
    });
    rejected.await?;
    Ok(storage.incoming.remove(id.0).await?)
}

/// The content may be kept. Says no if it cannot be now, or need not be.
fn accept(conn: &mut Conn, id: UploadId, sha256: &str, findings: Vec<Finding>) -> Result<bool> {
    let Some(mut upload) = waiting(conn, id)? else { return Ok(false) };
    let file = upload.accept(sha256, findings)?;
    let now = conn.now()?;
    if !files::keep(conn, &file, now)? {
        return Ok(false);
    }
    uploads::update(conn, &upload)?;
    Ok(true)
}

/// The content is kept.
fn complete(conn: &mut Conn, id: UploadId) -> Result<()> {
    let Some(mut upload) = waiting(conn, id)? else { return Ok(()) };
    let now = conn.now()?;
    let event = upload.complete(now)?;
    uploads::update(conn, &upload)?;
    if let Some(sha256) = &upload.sha256 {
        scans::expect(conn, sha256, now)?;
    }
    record_unattended(conn, CHECKER, now, event)
}

/// The upload, unless somebody abandoned it or was faster.
fn waiting(conn: &mut Conn, id: UploadId) -> Result<Option<Upload>> {
    match uploads::lock(conn, id) {
        Ok(upload) => Ok(Some(upload).filter(|upload| upload.status == UploadStatus::Checking)),
        Err(persistence::Error::NotFound) => Ok(None),
        Err(error) => Err(error.into()),
    }
}
