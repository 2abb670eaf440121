//! The public feed omits nothing (G12): crawlers see every event once, whatever writers and restarts do meanwhile.

use std::{
    sync::{
        Mutex,
        atomic::{AtomicBool, Ordering},
    },
    thread::{self, sleep},
    time::Duration,
};

use serde_json::json;
use testing::{Backend, on_both};

use crate::{
    client::Client,
    database::count,
    eventually,
    people::People,
    process::{Installation, Server},
};

/// All that the feed must hold.
pub const PUBLIC: &str = "FROM events WHERE public_payload IS NOT NULL";

/// Position and id of an event.
type Seen = (i64, String);

/// One request's worth of events after a position; nothing if there is no good answer.
fn page(client: &Client, after: i64) -> Vec<Seen> {
    let path = format!("/api/v1/events?after={after}&limit=7");
    let answer = client.send("GET", &path, &[], None).ok().filter(|answer| answer.status == 200);
    let items = answer.and_then(|answer| answer.body["items"].as_array().cloned()).unwrap_or_default();
    items.iter().map(|it| (it["position"].as_i64().unwrap(), it["id"].as_str().unwrap().to_owned())).collect()
}

/// Follows the feed from a position until it is at its end.
fn follow(client: &Client, seen: &mut Vec<Seen>) {
    loop {
        let page = page(client, seen.last().map_or(0, |last| last.0));
        if page.is_empty() {
            return;
        }
        seen.extend(page);
    }
}

/// The feed from the beginning to its end.
pub fn whole_feed(client: &Client) -> Vec<Seen> {
    let mut seen = Vec::new();
    follow(client, &mut seen);
    seen
}

/// Registers organisations until told to stop; gives how many were acknowledged.
fn write(owner: &Client, name: &str, stop: &AtomicBool) -> usize {
    let mut acknowledged = 0;
    for n in 0.. {
        if stop.load(Ordering::Relaxed) {
            break;
        }
        let body = json!({ "kind": "company", "legalName": format!("{name} {n}"), "country": "SI" });
        match owner.send("POST", "/api/v1/organisations", &[], Some(&body)) {
            Ok(answer) if answer.status == 201 => acknowledged += 1,
            _ => sleep(Duration::from_millis(50)),
        }
    }
    acknowledged
}

fn crawl(client: &Client, stop: &AtomicBool) -> Vec<Seen> {
    let mut seen = Vec::new();
    while !stop.load(Ordering::Relaxed) {
        follow(client, &mut seen);
        sleep(Duration::from_millis(5));
    }
    follow(client, &mut seen);
    seen
}

on_both! {
    fn crawlers_see_every_event_once_and_in_order(backend: Backend) {
        let installation = Installation::new(backend);
        let people = People::of(&installation);
        let server = installation.serve();
        let client = Client::new(&server);
        // Before anybody writes: while the server's writer is busy all the time, another process waits in vain for its turn.
        let owners: Vec<_> = (0..16).map(|n| client.with_token(&people.person(&format!("Owner {n}")).token)).collect();
        let (writing, crawling) = (AtomicBool::new(false), AtomicBool::new(false));
        let server = Mutex::new(Some(server));
        thread::scope(|scope| {
            let writers: Vec<_> = owners.iter().enumerate().map(|(n, owner)| {
                let stop = &writing;
                scope.spawn(move || write(owner, &format!("Company {n}"), stop))
            }).collect();
            let crawlers: Vec<_> = (0..4).map(|_| {
                let (client, stop) = (client.anew(), &crawling);
                scope.spawn(move || crawl(&client, stop))
            }).collect();

            sleep(Duration::from_secs(1));
            restart(&installation, &server);
            sleep(Duration::from_secs(1));
            writing.store(true, Ordering::Relaxed);
            let acknowledged: usize = writers.into_iter().map(|writer| writer.join().unwrap()).sum();
            eventually("positions", || (count(&installation.url, "FROM events WHERE position IS NULL") == 0).then_some(()));
            crawling.store(true, Ordering::Relaxed);

            let stored = usize::try_from(count(&installation.url, PUBLIC)).unwrap();
            assert!(stored >= acknowledged && acknowledged > 32, "{stored} events, {acknowledged} acknowledged");
            let all = whole_feed(&client);
            assert_eq!(all.len(), stored);
            let positions: Vec<i64> = all.iter().map(|event| event.0).collect();
            assert_eq!(positions, (1..=i64::try_from(stored).unwrap()).collect::<Vec<_>>());
            for crawler in crawlers {
                let seen = crawler.join().unwrap();
                assert!(seen == all, "a crawler saw {} of {stored} events, or others", seen.len());
            }
        });
        server.lock().unwrap().take().unwrap().stop();
    }
}

/// Stops the server in the middle of everything and starts it again on its port.
fn restart(installation: &Installation, server: &Mutex<Option<Server>>) {
    let mut server = server.lock().unwrap();
    let running = server.take().unwrap();
    let port = running.port;
    running.kill();
    *server = Some(installation.begin(port, &[]).ready().unwrap());
}
