//! Which sessions and API keys were used lately: noted in memory with each request, written down together once a minute.

use crate::{Error, State};
use domain::{ApiKeyId, SessionId};
use std::{
    collections::{HashMap, HashSet},
    sync::{Mutex, PoisonError},
};

/// The sessions and keys that were used since they were last written down. What a crash loses is a minute.
#[derive(Default)]
pub(crate) struct Seen {
    sessions: Mutex<HashSet<SessionId>>,
    /// With the network of the last use.
    keys: Mutex<HashMap<ApiKeyId, String>>,
}

impl Seen {
    /// Notes that a session was used.
    pub(crate) fn note(&self, session: SessionId) {
        self.sessions.lock().unwrap_or_else(PoisonError::into_inner).insert(session);
    }

    /// Notes that an API key was used.
    pub(crate) fn note_key(&self, key: ApiKeyId, network: String) {
        self.keys.lock().unwrap_or_else(PoisonError::into_inner).insert(key, network);
    }
}

/// What was noted, which is then forgotten.
fn take<T: IntoIterator + Default>(noted: &Mutex<T>) -> Vec<T::Item> {
    std::mem::take(&mut *noted.lock().unwrap_or_else(PoisonError::into_inner)).into_iter().collect()
}

/// The most that one transaction writes down.
const BATCH: usize = 1000;

/// Writes down which sessions and keys were used since the last time.
///
/// # Errors
/// If the database does not take it; those look unused for a while.
pub async fn write_down_seen(state: &State) -> Result<(), Error> {
    for batch in take(&state.seen.sessions).chunks(BATCH) {
        let batch = batch.to_vec();
        let written = state.db.write(move |conn| {
            let now = conn.now()?;
            Ok::<_, Error>(application::sessions::seen(conn, &batch, now)?)
        });
        written.await?;
    }
    for batch in take(&state.seen.keys).chunks(BATCH) {
        let batch = batch.to_vec();
        let written = state.db.write(move |conn| {
            let now = conn.now()?;
            Ok::<_, Error>(application::api_keys::seen(conn, &batch, now)?)
        });
        written.await?;
    }
    Ok(())
}
