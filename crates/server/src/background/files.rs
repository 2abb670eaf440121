//! What is looked at in files, and forgotten of them.

use super::{LOOK, PURGE, news, pause, report};
use application::{
    bid_documents,
    scans::{self, Scanner},
    uploads,
};
use chrono::{DateTime, Utc};
use persistence::Db;
use storage::Storage;
use tokio::time::sleep;

/// Looks at files that arrived whole, just after they did. What cannot be looked at yet is tried again.
pub async fn check_uploads(db: Db, storage: Storage) {
    let mut commits = db.commits();
    loop {
        if let Err(error) = uploads::checks::run(&db, &storage).await {
            pause("checking uploads", &error).await;
        }
        news(&mut commits).await;
    }
}

/// Looks at the documents of bids just after they were opened. What cannot be read yet is tried again.
pub async fn examine_documents(db: Db, storage: Storage) {
    loop {
        if let Err(error) = bid_documents::checks::run(&db, &storage).await {
            pause("examining documents of bids", &error).await;
        }
        sleep(LOOK).await;
    }
}

/// Has the files that were taken scanned for viruses, just after they were; whatever a scanner did not answer is asked again
/// after a while.
pub async fn scan_files(db: Db, storage: Storage, scanner: Scanner) {
    let mut commits = db.commits();
    loop {
        match db.read(scans::any_due).await {
            Ok(false) => news(&mut commits).await,
            Ok(true) => match scans::next(&db, &storage, &scanner).await {
                Ok(Some(status)) => {
                    metrics::counter!("provoco_file_scans_total", "result" => status.as_str()).increment(1);
                }
                Ok(None) => {}
                Err(error) => pause("scanning a file", &error).await,
            },
            Err(error) => pause("looking for files to scan", &error).await,
        }
    }
}

/// Nothing waits for a scanner that there is not.
pub async fn stand_down_scanner(db: Db) {
    while let Err(error) = db.write(scans::stand_down).await {
        pause("noting that there is no scanner", &error).await;
    }
}

/// Forgets uploads that nobody uses and files that nobody needs, with what they left on the disk.
pub async fn purge_uploads(db: Db, storage: Storage) {
    let mut looked: Option<DateTime<Utc>> = None;
    loop {
        let now = db.clock().now();
        if looked.is_none_or(|looked| now - looked >= PURGE) {
            looked = Some(now);
            report("forgetting uploads", uploads::purge::run(&db, &storage).await);
        }
        sleep(LOOK).await;
    }
}
