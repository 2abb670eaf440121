//! Shutting boxes at their deadline.

use super::{LOOK, PURGE, each, pause, report};
use application::{outages, sandboxes, scheduler, shortlists};
use domain::OutagePolicy;
use persistence::{Db, Scope};
use tokio::time::sleep;

/// Shuts the box of each challenge whose deadline has passed, those of a downtime included: but not before the downtime is in
/// the ledger of outages.
pub async fn close_challenges(db: Db, policy: OutagePolicy) {
    let mut purged = db.clock().now();
    loop {
        let due = db.read(move |conn| {
            let up_to_date = outages::is_up_to_date(conn, &policy)?;
            if up_to_date { scheduler::due(conn, Scope::Real) } else { Ok(Vec::new()) }
        });
        match due.await {
            Ok(due) => {
                for id in due {
                    let closed = db.write(move |conn| scheduler::close(conn, id)).await;
                    if closed.as_ref().is_ok_and(|closed| *closed) {
                        tracing::info!(challenge = %id, "closed at its deadline");
                        metrics::counter!("provoco_challenges_closed_total").increment(1);
                    }
                    report("closing a challenge", closed);
                }
            }
            Err(error) => pause("looking for deadlines", &error).await,
        }
        if matches!(db.read(move |conn| outages::is_up_to_date(conn, &policy)).await, Ok(true)) {
            each(&db, "ending the first stage of a challenge", shortlists::due, shortlists::close).await;
        }
        if db.clock().now() - purged > PURGE {
            purged = db.clock().now();
            report("forgetting old answers", db.write(scheduler::purge).await);
            report("forgetting in sandboxes", sandboxes::forget(&db).await);
        }
        sleep(LOOK).await;
    }
}
