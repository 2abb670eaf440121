//! Any three of five holders open, no two do, whoever brings something else than what was sealed is named, and a crash in
//! the middle loses nothing (G5).

use std::{
    thread::sleep,
    time::{Duration, Instant},
};

use harness::{
    client::Client,
    marketplace::{Holder, offer},
};
use serde_json::json;
use testing::Backend;

use crate::{
    alone,
    scene::{Place, Scene},
};

const HOLDERS: usize = 5;

#[test]
fn on_sqlite_any_three_of_five_open_and_no_two() {
    let _turn = alone();
    drill(&Place::new(Backend::Sqlite), "SQLite");
}

#[test]
fn on_postgresql_any_three_of_five_open_and_no_two() {
    let _turn = alone();
    drill(&Place::new(Backend::Postgres), "PostgreSQL");
}

/// All choices of three, one for each challenge.
fn triples() -> Vec<[usize; 3]> {
    let all = (0..HOLDERS).flat_map(|a| (a + 1..HOLDERS).flat_map(move |b| (b + 1..HOLDERS).map(move |c| [a, b, c])));
    all.collect()
}

fn drill(place: &Place, name: &str) {
    let installation = &place.installation;
    let mut server = installation.serve();
    let triples = triples();
    assert_eq!(triples.len(), 10);
    let mut scene = Scene::set_with(installation, &server, 2, triples.len(), Duration::ZERO, HOLDERS);
    for challenge in &scene.challenges {
        for (n, company) in scene.companies.iter().enumerate() {
            let body = json!({ "company": company.id, "offer": offer(&format!("{}.00", 30_000 + n)) });
            let path = format!("/api/v1/challenges/{}/bids", challenge.id);
            company.bidder.send("POST", &path, &[("idempotency-key", &challenge.id)], Some(&body)).unwrap().expect(201);
        }
    }
    scene.count_down(Duration::ZERO);
    let client = Client::new(&server);
    for challenge in &scene.challenges {
        wait_for(&client, &challenge.id, "closed");
    }
    let holders = scene.marketplace.holders();
    let mut named = 0;
    for (n, (challenge, [a, b, c])) in scene.challenges.iter().zip(triples).enumerate() {
        let id = &challenge.id;
        for pair in [a, b] {
            holders[pair].bring(id, &holders[pair].fetch(id)).expect(200);
            // Each pair of this triple that is there: nothing opens.
            assert_eq!(status(&client, id), "closed");
        }
        if n == 0 {
            let port = server.port;
            server.kill();
            server = installation.begin(port, &[]).ready().unwrap();
            assert_eq!(status(&client, id), "closed");
        }
        named += bring_something_else(&holders[c], id);
        assert_eq!(status(&client, id), "closed");
        holders[c].bring(id, &holders[c].fetch(id)).expect(200);
        wait_for(&client, id, "opened");
        for company in &scene.companies {
            let bids = company.bidder.get("/api/v1/bids").expect(200).body;
            let bid = bids["items"].as_array().unwrap().iter().find(|bid| bid["challenge"] == *id).unwrap();
            assert_eq!(
                (&bid["status"], &bid["solution"]),
                (&json!("opened"), &json!("We listen for words of distress."))
            );
        }
    }
    println!(
        "threshold, {name}: 10 of 10 triples of five opened 2 bids each, no pair did, {named} of {named} wrong shares \
              were named, one crash in the middle"
    );
    server.stop();
}

/// A holder brings a damaged share, and one of another holder's index: both are named, and nothing is taken. Gives how many.
fn bring_something_else(holder: &Holder, challenge: &str) -> usize {
    let sound = holder.fetch(challenge);
    let mut damaged = sound[1].clone();
    damaged["share"] = json!("0".repeat(64));
    let mut zero = sound[1].clone();
    zero["index"] = json!(0);
    for wrong in [damaged, zero] {
        let refused = holder.bring(challenge, &[sound[0].clone(), wrong]).expect(422).body;
        assert_eq!(refused["errors"][0]["pointer"], "/shares/1", "{refused}");
    }
    2
}

fn status(client: &Client, challenge: &str) -> String {
    client.get(&format!("/api/v1/challenges/{challenge}")).expect(200).string("status")
}

fn wait_for(client: &Client, challenge: &str, expected: &str) {
    let end = Instant::now() + Duration::from_secs(20);
    while status(client, challenge) != expected {
        assert!(Instant::now() < end, "{challenge} is not {expected} but {}", status(client, challenge));
        sleep(Duration::from_millis(100));
    }
}
