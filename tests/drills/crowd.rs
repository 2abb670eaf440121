//! Everybody else: readers, and people who send files. They are there to be in the way; what they are told is counted.

use std::{
    sync::atomic::{AtomicBool, AtomicUsize, Ordering},
    thread::sleep,
    time::Duration,
};

use harness::{client::Client, marketplace::Company};
use serde_json::json;

/// How long each reader looks at a page.
const LOOK: Duration = Duration::from_millis(160);

/// What the crowd did.
#[derive(Default)]
pub struct Crowd {
    stop: AtomicBool,
    pub read: AtomicUsize,
    pub unread: AtomicUsize,
    pub uploaded: AtomicUsize,
}

/// Sends the crowd home when it is dropped, however the drill goes.
pub struct GoingHome<'a>(pub &'a Crowd);

impl Drop for GoingHome<'_> {
    fn drop(&mut self) {
        self.0.stop.store(true, Ordering::Relaxed);
    }
}

impl Crowd {
    /// Reads the list and the challenge in turn, until the end.
    pub fn read(&self, client: &Client, challenge: &str) {
        let paths =
            ["/api/v1/challenges?status=published&limit=20".to_owned(), format!("/api/v1/challenges/{challenge}")];
        for path in paths.iter().cycle() {
            if self.stop.load(Ordering::Relaxed) {
                return;
            }
            let good = client.send("GET", path, &[], None).is_ok_and(|answer| answer.status == 200);
            (if good { &self.read } else { &self.unread }).fetch_add(1, Ordering::Relaxed);
            sleep(LOOK);
        }
    }

    /// Sends so many files, each anew until it has arrived.
    pub fn upload(&self, company: &Company, client: &Client, files: usize) {
        for n in 0..files {
            while !self.stop.load(Ordering::Relaxed) {
                if upload(company, client, n).is_some() {
                    self.uploaded.fetch_add(1, Ordering::Relaxed);
                    break;
                }
                sleep(LOOK);
            }
        }
    }
}

/// Nothing if it did not arrive.
fn upload(company: &Company, client: &Client, n: usize) -> Option<()> {
    let content = format!("Calls of night {n}: 4,000.\n").repeat(4_000);
    let announced = json!({
        "organisation": company.id, "name": format!("night-{n}.txt"), "size": content.len(), "mediaType": "text/plain",
    });
    let answer = client.send("POST", "/api/v1/uploads", &[], Some(&announced)).ok()?;
    let place = (answer.status == 201).then(|| answer.header("location").to_owned())?;
    let headers =
        [("content-type", "application/offset+octet-stream"), ("upload-offset", "0"), ("tus-resumable", "1.0.0")];
    let answer = client.exchange("PATCH", &place, &headers, content).ok()?;
    (answer.status == 204).then_some(())
}
