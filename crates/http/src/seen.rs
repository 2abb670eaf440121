//! Which sessions were used lately: noted in memory with each request, written down together once a minute.

use crate::{Error, State};
use domain::SessionId;
use std::{
    collections::HashSet,
    sync::{Mutex, PoisonError},
};

/// The sessions that were used since they were last written down. What a crash loses is a minute.
#[derive(Default)]
pub(crate) struct Seen(Mutex<HashSet<SessionId>>);

impl Seen {
    /// Notes that a session was used.
    pub(crate) fn note(&self, session: SessionId) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(session);
    }

    fn take(&self) -> Vec<SessionId> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner)).into_iter().collect()
    }
}

/// The most sessions that one statement names.
const BATCH: usize = 1000;

/// Writes down which sessions were used since the last time.
///
/// # Errors
/// If the database does not take it; those sessions look unused for a while.
pub async fn write_down_seen(state: &State) -> Result<(), Error> {
    for batch in state.seen.take().chunks(BATCH) {
        let batch = batch.to_vec();
        state
            .db
            .write(move |conn| {
                let now = conn.now()?;
                Ok::<_, Error>(application::sessions::seen(conn, &batch, now)?)
            })
            .await?;
    }
    Ok(())
}
