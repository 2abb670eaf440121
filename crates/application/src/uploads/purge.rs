//! Forgetting what nobody uses: uploads whose time is over, what they left on the disk, files that nobody needs any more.

use super::forget;
use crate::{Error, Result, record_unattended};
use domain::UploadId;
use persistence::{Conn, Db, files, uploads};
use storage::{Hash, Storage};

/// Who these events come from.
const PURGE: &str = "upload-purge";

/// The most that one look finds; the next look finds the rest.
const BATCH: i64 = 100;

/// Forgets all of it.
pub async fn run(db: &Db, storage: &Storage) -> Result<()> {
    expired(db).await?;
    leftovers(db, storage).await?;
    released(db, storage).await
}

async fn expired(db: &Db) -> Result<()> {
    loop {
        let over = db.read(|conn| {
            let now = conn.now()?;
            Ok::<_, Error>(uploads::expired(conn, now, BATCH)?)
        });
        let over = over.await?;
        if over.is_empty() {
            return Ok(());
        }
        for id in over {
            db.write(move |conn| expire(conn, id)).await?;
        }
    }
}

fn expire(conn: &mut Conn, id: UploadId) -> Result<()> {
    let upload = match uploads::lock(conn, id) {
        Err(persistence::Error::NotFound) => return Ok(()),
        upload => upload?,
    };
    let now = conn.now()?;
    let Some(event) = upload.expire(now) else { return Ok(()) };
    forget(conn, &upload, now)?;
    record_unattended(conn, PURGE, now, event)
}

/// Removes what is on the disk and belongs to no upload that needs it. The row of an upload is there before its file.
async fn leftovers(db: &Db, storage: &Storage) -> Result<()> {
    for ids in storage.incoming.list().await?.chunks(500) {
        let all = ids.to_vec();
        let needed = db.read(move |conn| Ok::<_, Error>(uploads::unfinished(conn, &all)?)).await?;
        for id in ids.iter().filter(|id| !needed.contains(id)) {
            storage.incoming.remove(*id).await?;
        }
    }
    Ok(())
}

/// Removes the content of files that nobody needs, and then what tells of them.
async fn released(db: &Db, storage: &Storage) -> Result<()> {
    loop {
        let due = db.read(|conn| {
            let now = conn.now()?;
            Ok::<_, Error>(files::released(conn, now, BATCH)?)
        });
        let due = due.await?;
        if due.is_empty() {
            return Ok(());
        }
        for sha256 in due {
            remove(db, storage, sha256).await?;
        }
    }
}

async fn remove(db: &Db, storage: &Storage, sha256: String) -> Result<()> {
    let doomed = sha256.clone();
    let doom = db.write(move |conn| {
        let now = conn.now()?;
        Ok::<_, Error>(files::doom(conn, &doomed, now)?)
    });
    if doom.await? {
        if let Some(hash) = Hash::parse(&sha256) {
            storage.store.delete(hash).await?;
        }
        db.write(move |conn| Ok::<_, Error>(files::forget(conn, &sha256)?)).await?;
    }
    Ok(())
}
