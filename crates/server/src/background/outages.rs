//! Signs of life, and what follows from a time without any.

use super::{LOOK, pause, report};
use actix_web::rt::{self, signal::unix::SignalKind};
use application::{Error, extensions, outages};
use domain::{OutageCause, OutageId, OutagePolicy};
use persistence::Db;
use std::{sync::Arc, time::Duration};
use tokio::{
    sync::Notify,
    time::{sleep, timeout},
};

/// Gives a sign of life every so often, the last one when the program is told to stop: from then on it takes no more
/// requests. What was between two of them, whoever gave them, becomes an entry of the outage ledger if it was too long.
pub async fn give_signs_of_life(db: Db, policy: OutagePolicy, every: Duration) {
    let stopping = told_to_stop();
    let (mut alive, mut failed, mut last) = (false, false, false);
    loop {
        // Who has been alive all the time and could not say so had no database; else there was nobody to say it.
        let cause = if alive && failed { OutageCause::UnreachableDatabase } else { OutageCause::Stopped };
        match db.write(move |conn| outages::beat(conn, &policy, cause)).await {
            Ok(outage) => {
                (alive, failed) = (true, false);
                if let Some(outage) = outage {
                    tracing::warn!(%outage, cause = cause.as_str(), "the service could not be used for a while");
                    metrics::counter!("provoco_outages_total", "cause" => cause.as_str()).increment(1);
                }
            }
            Err(error) => {
                failed = true;
                pause("giving a sign of life", &error).await;
            }
        }
        if last {
            return;
        }
        let wait = if failed { Duration::ZERO } else { every };
        last = timeout(wait, stopping.notified()).await.is_ok();
    }
}

/// Proposes to move the deadlines that an outage touched.
pub async fn propose_extensions(db: Db, policy: OutagePolicy) {
    loop {
        match db.read(extensions::unexamined).await {
            Ok(found) => {
                for id in found {
                    report("proposing extensions after an outage", examine(&db, policy, id).await);
                }
            }
            Err(error) => pause("looking for outages", &error).await,
        }
        sleep(LOOK).await;
    }
}

async fn examine(db: &Db, policy: OutagePolicy, id: OutageId) -> Result<(), Error> {
    let mut after = None;
    loop {
        after = db.write(move |conn| extensions::examine(conn, &policy, id, after)).await?;
        if after.is_none() {
            return Ok(());
        }
    }
}

/// Says so when one of the signals comes that end the program in good order.
fn told_to_stop() -> Arc<Notify> {
    let stopping = Arc::new(Notify::new());
    for kind in [SignalKind::terminate(), SignalKind::interrupt()] {
        let Ok(mut signal) = rt::signal::unix::signal(kind) else { continue };
        let stopping = stopping.clone();
        rt::spawn(async move {
            signal.recv().await;
            stopping.notify_one();
        });
    }
    stopping
}
