//! The database goes away and comes back: callers are told soon and rightly, and nobody has to restart anything.

use std::{
    thread::sleep,
    time::{Duration, Instant},
};

use serde_json::json;
use testing::Cluster;

use crate::{
    client::{Client, Response},
    database::count,
    marketplace::register_company,
    people::People,
    process::Installation,
    serve::log_in,
};

/// How soon a caller is told: two seconds, and something for a crowded machine.
const SOON: Duration = Duration::from_millis(2_500);

/// How soon all is well again.
const RECOVERY: Duration = Duration::from_secs(5);

#[track_caller]
fn assert_unavailable(call: impl Fn() -> Response) {
    let begun = Instant::now();
    let answer = call().expect(503);
    assert!(begun.elapsed() < SOON, "{:?}", begun.elapsed());
    assert_eq!(answer.header("content-type"), "application/problem+json");
    assert!(answer.header("retry-after").parse::<u32>().is_ok(), "{:?}", answer.headers);
    let code = answer.string("code");
    // The first write over a connection that has just broken may have been at its commit.
    assert!(["database_unavailable", "overloaded", "outcome_unknown"].contains(&&*code), "{}", answer.text);
    assert!(!answer.text.contains("socket") && !answer.text.contains("5432"), "{}", answer.text);
}

#[test]
fn without_its_database_the_server_says_so_and_recovers_by_itself() {
    let cluster = Cluster::start_private();
    cluster.create_database("gone", None);
    let installation = Installation::at(Some(cluster.url("gone")));
    let server = installation.serve();
    let client = Client::new(&server);
    let people = People::of(&installation);
    let ada = people.person("Ada");
    let owner = client.with_token(&ada.token);
    register_company(&owner, "Before");
    let organisation = json!({ "kind": "company", "legalName": "Meanwhile", "country": "SI" });

    for round in 0..2 {
        cluster.stop_immediate();
        for _ in 0..2 {
            assert_unavailable(|| client.get("/readyz"));
            assert_unavailable(|| client.get("/api/v1/challenges"));
            assert_unavailable(|| owner.get("/api/v1/me"));
            assert_unavailable(|| log_in(&client, &ada.email));
            assert_unavailable(|| owner.post("/api/v1/organisations", &organisation));
            client.get("/livez").expect(200);
        }
        // Long enough for what runs beside the API to notice, too.
        sleep(Duration::from_secs(2));
        cluster.start_again();
        let begun = Instant::now();
        while client.get("/readyz").status != 200 {
            assert!(begun.elapsed() < RECOVERY);
            sleep(Duration::from_millis(50));
        }
        client.get("/api/v1/challenges").expect(200);
        log_in(&client, &ada.email).expect(201);
        register_company(&owner, &format!("After {round}"));
        while count(&installation.url, "FROM events WHERE position IS NULL") > 0 {
            assert!(begun.elapsed() < RECOVERY, "the sequencer does not recover");
            sleep(Duration::from_millis(50));
        }
    }
    assert_eq!(count(&installation.url, "FROM organisations WHERE legal_name = 'Meanwhile'"), 0);
    assert!(!server.process.err().contains("panicked"));
    server.stop();
}
