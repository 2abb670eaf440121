//! SIGTERM: what was begun is finished, what was acknowledged is kept.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
        mpsc::channel,
    },
    thread,
    time::{Duration, Instant},
};

use serde_json::json;
use testing::{Backend, on_both};

use crate::{
    PATIENCE, client::Client, database::count, eventually, marketplace::register_company, people::People,
    process::Installation, serve::log_in,
};

/// Much less than the time that running requests get (20 seconds), and much more than they need.
const SOON: Duration = Duration::from_secs(12);

on_both! {
    fn fifty_people_who_are_logging_in_get_their_sessions(backend: Backend) {
        let installation = Installation::new(backend).with("AUTH__HASH_QUEUE", "64");
        let people = People::of(&installation);
        let people: Vec<_> = (0..50).map(|n| people.person(&format!("Ada {n}"))).collect();
        let mut server = installation.serve();
        let client = Client::new(&server);
        let (sender, answers) = channel();
        for person in people {
            let (client, email, sender) = (client.anew(), person.email, sender.clone());
            thread::spawn(move || sender.send(log_in(&client, &email)).is_ok());
        }
        // One thread hashes; while the first answers come, nearly all the others wait.
        let first = answers.recv_timeout(PATIENCE).unwrap().expect(201);
        server.process.signal("TERM");
        let sessions: Vec<_> = std::iter::once(first).chain((1..50).map(|_| answers.recv_timeout(PATIENCE).unwrap().expect(201))).collect();
        assert_eq!(server.process.wait(SOON), Some(0), "{}", server.process.err());
        drop(server);

        let server = installation.serve();
        let client = Client::new(&server);
        for session in sessions {
            client.post("/api/v1/sessions/refresh", &json!({ "refreshToken": session.string("refreshToken") })).expect(201);
        }
        server.stop();
    }

    fn busy_connections_do_not_keep_the_server_from_stopping(backend: Backend) {
        let installation = Installation::new(backend);
        let people = People::of(&installation);
        let mut server = installation.serve();
        let client = Client::new(&server);
        let written = Arc::new(AtomicUsize::new(0));
        // Each goes on over one connection, until there is no answer any more.
        let writers: Vec<_> = (0..8).map(|n| {
            let owner = client.with_token(&people.person(&format!("Owner {n}")).token);
            let all = written.clone();
            thread::spawn(move || write_until_cut_off(&owner, n, &all))
        }).collect();
        eventually("writes", || (written.load(Ordering::Relaxed) > 40).then_some(()));
        server.process.signal("TERM");
        let begun = Instant::now();
        assert_eq!(server.process.wait(PATIENCE), Some(0), "{}", server.process.err());
        assert!(begun.elapsed() < SOON, "stopping took {:?}", begun.elapsed());

        for id in writers.into_iter().flat_map(|writer| writer.join().unwrap()) {
            assert_eq!(count(&installation.url, &format!("FROM organisations WHERE CAST(id AS TEXT) = '{id}'")), 1);
        }
    }
}

/// What was acknowledged.
fn write_until_cut_off(owner: &Client, n: usize, all: &AtomicUsize) -> Vec<String> {
    let mut acknowledged = Vec::new();
    for i in 0.. {
        let body = json!({ "kind": "company", "legalName": format!("Company {n} {i}"), "country": "SI" });
        match owner.send("POST", "/api/v1/organisations", &[], Some(&body)) {
            Ok(answer) => acknowledged.push(answer.expect(201).id()),
            Err(_) => break,
        }
        all.fetch_add(1, Ordering::Relaxed);
    }
    acknowledged
}

/// An interrupt from the keyboard is no reason to forget anything either.
#[test]
fn ctrl_c_ends_well() {
    let installation = Installation::new(Backend::Sqlite);
    let people = People::of(&installation);
    let mut server = installation.serve();
    let owner = Client::new(&server).with_token(&people.person("Ada").token);
    let id = register_company(&owner, "Calm Signal");
    server.process.signal("INT");
    assert_eq!(server.process.wait(SOON), Some(0), "{}", server.process.err());
    assert_eq!(count(&installation.url, &format!("FROM organisations WHERE id = '{id}'")), 1);
}
