//! What happens by itself because its time has come. Acts on recorded due times, so it catches up after downtime, and
//! doing it twice does no harm.

use crate::{Result, bid_documents, bid_drafts, clock, closing, record_unattended, team_consents};
use domain::{ChallengeId, ChallengeStatus, account::FAILURES_DECAY, api_key::REMEMBERED};
use persistence::{
    Conn, Scope, accounts, api_keys, attempts, challenges, devices, held_closings, idempotency, identities,
};

/// The most that one look finds; the next look finds the rest.
const BATCH: i64 = 100;

/// The challenges whose deadline has passed but whose box is not shut yet, without those that wait for answers.
pub fn due(conn: &mut Conn, scope: Scope) -> Result<Vec<ChallengeId>> {
    let now = clock::of_scope(conn, scope)?;
    Ok(held_closings::due(conn, scope, now, BATCH)?)
}

/// Shuts one box. Says no more than false if somebody else was faster, or answers are late.
pub fn close(conn: &mut Conn, id: ChallengeId) -> Result<bool> {
    challenges::lock_box(conn, id)?;
    let mut challenge = challenges::lock(conn, id)?;
    let now = clock::of(conn, &challenge)?;
    if challenge.status != ChallengeStatus::Published || now < challenge.deadline()? {
        return Ok(false);
    }
    if closing::is_held(conn, &challenge, now)? {
        return Ok(false);
    }
    let event = challenge.close(now)?;
    challenges::update(conn, &mut challenge)?;
    record_unattended(conn, "scheduler", now, event)?;
    closing::finish(conn, &challenge, now)?;
    Ok(true)
}

/// Forgets what need not be kept any longer, but for what is in sandboxes: see [`crate::sandboxes::forget`].
pub fn purge(conn: &mut Conn) -> Result<()> {
    let now = conn.now()?;
    idempotency::purge(conn, now)?;
    accounts::purge_links(conn, now)?;
    persistence::invitations::purge(conn, now)?;
    attempts::purge(conn, now - FAILURES_DECAY)?;
    devices::purge(conn, now)?;
    identities::purge(conn, now)?;
    api_keys::purge(conn, now - REMEMBERED)?;
    bid_documents::forget_stuck(conn)?;
    forget_bidding(conn, Scope::Real)
}

/// Forgets what is left of those who thought of bidding and did not.
pub(crate) fn forget_bidding(conn: &mut Conn, scope: Scope) -> Result<()> {
    bid_drafts::forget(conn, scope)?;
    bid_documents::forget(conn, scope)?;
    team_consents::forget(conn, scope)
}
