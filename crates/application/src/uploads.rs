//! Files on their way: announced, received, abandoned. [`checks`] looks at those that are whole, [`purge`] forgets those that
//! nobody uses.

pub mod checks;
pub mod purge;

use crate::{Caller, Result};
use domain::{
    Actor, UploadId,
    file::{self, Announced, Received, Upload, UploadLimits},
};
use persistence::{Conn, files, uploads};

/// A member of an organisation announces a file.
pub fn begin(conn: &mut Conn, caller: &Caller, announced: Announced, limits: UploadLimits) -> Result<Upload> {
    file::require_member(&caller.actor, announced.organisation)?;
    let usage = uploads::lock_usage(conn, caller.actor.user, announced.organisation)?;
    let now = conn.now()?;
    let (upload, event) = Upload::begin(conn.new_id(), &caller.actor, announced, limits, usage, now)?;
    uploads::insert(conn, &upload)?;
    caller.record(conn, now, event)?;
    Ok(upload)
}

/// An upload, for who sends it.
pub fn find(conn: &mut Conn, actor: &Actor, id: UploadId) -> Result<Upload> {
    let upload = uploads::find(conn, id)?;
    upload.require_visible(actor, conn.now()?)?;
    Ok(upload)
}

/// Whether a piece may follow at this offset.
pub fn next_piece(conn: &mut Conn, actor: &Actor, id: UploadId, offset: i64) -> Result<Upload> {
    let upload = find(conn, actor, id)?;
    upload.require_offset(offset)?;
    Ok(upload)
}

/// The first `upto` bytes are on the disk for certain. From here on they are acknowledged.
pub fn receive(conn: &mut Conn, caller: &Caller, id: UploadId, upto: i64) -> Result<Upload> {
    let mut upload = uploads::lock(conn, id)?;
    let now = conn.now()?;
    upload.require_visible(&caller.actor, now)?;
    if let Received::Whole(event) = upload.receive(upto, now)? {
        caller.record(conn, now, event)?;
    }
    uploads::update(conn, &upload)?;
    Ok(upload)
}

/// Who sends it, does no longer. What was received is to be removed afterwards.
pub fn abandon(conn: &mut Conn, caller: &Caller, id: UploadId) -> Result<()> {
    let upload = uploads::lock(conn, id)?;
    let now = conn.now()?;
    upload.require_visible(&caller.actor, now)?;
    let event = upload.abandon();
    forget(conn, &upload, now)?;
    caller.record(conn, now, event)
}

fn forget(conn: &mut Conn, upload: &Upload, now: chrono::DateTime<chrono::Utc>) -> Result<()> {
    uploads::delete(conn, upload.id)?;
    if let Some(sha256) = &upload.sha256 {
        files::release(conn, sha256, now)?;
    }
    Ok(())
}
