//! The service notes by itself when it could not be used, whatever stopped it.

use std::{thread::sleep, time::Duration};

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};
use testing::{Backend, Cluster, on_both};

use crate::{
    client::Client,
    database::count,
    eventually,
    marketplace::{Marketplace, OPEN, offer},
    people::People,
    process::{Installation, free_port},
};

/// Longer than what is tolerated in these tests.
const AWAY: Duration = Duration::from_secs(5);

/// With a sign of life every second, three of which may be missing.
fn impatient(installation: Installation) -> Installation {
    installation.with("OUTAGES__BEAT_SECONDS", "1").with("OUTAGES__TOLERANCE_SECONDS", "3")
}

fn ledger(client: &Client) -> Vec<Value> {
    client.get("/api/v1/outages").expect(200).body["items"].as_array().unwrap().clone()
}

/// The newest of so many entries, once they are there.
fn newest_of(client: &Client, entries: usize) -> Value {
    let found = eventually("an entry of the ledger", || Some(ledger(client)).filter(|found| found.len() >= entries));
    assert_eq!(found.len(), entries, "{found:?}");
    found[0].clone()
}

fn wait_for_a_sign_of_life(installation: &Installation) {
    let there = || count(&installation.url, "FROM settings WHERE name = 'heartbeat'") == 1;
    eventually("a sign of life", || there().then_some(()));
}

fn instant(value: &Value) -> DateTime<Utc> {
    value.as_str().unwrap().parse().unwrap()
}

on_both! {
    fn a_server_that_was_killed_or_stopped_says_when_it_was_away(backend: Backend) {
        let installation = impatient(Installation::new(backend));
        let clock = People::of(&installation).db().clock().clone();
        let server = installation.serve();
        wait_for_a_sign_of_life(&installation);
        let events = count(&installation.url, "FROM events");
        sleep(Duration::from_secs(3));
        assert_eq!(count(&installation.url, "FROM events"), events, "signs of life leave no events");

        let killed = clock.now();
        server.kill();
        sleep(AWAY);
        let server = installation.serve();
        let entry = newest_of(&Client::new(&server), 1);
        assert_eq!((&entry["cause"], &entry["text"]), (&json!("stopped"), &Value::Null));
        let (from, until) = (instant(&entry["startedAt"]), instant(&entry["endedAt"]));
        assert!(killed - TimeDelta::seconds(4) < from && from <= killed, "{from} {killed}");
        assert!(until >= killed + TimeDelta::seconds(5), "{until} {killed}");

        let stopped = clock.now();
        server.stop();
        sleep(AWAY);
        let server = installation.serve();
        let entry = newest_of(&Client::new(&server), 2);
        assert_eq!(entry["cause"], "stopped");
        // The last sign of life comes with the signal.
        assert!(instant(&entry["startedAt"]) >= stopped, "{entry} {stopped}");
        server.stop();
        assert_eq!(count(&installation.url, "FROM events WHERE kind = 'outage.recorded' AND actor_id IS NULL"), 2);
    }

    fn what_a_deadline_lost_while_the_server_was_killed_is_given_back_with_one_call(backend: Backend) {
        let installation = impatient(Installation::new(backend));
        let people = People::of(&installation);
        people.allow_moving_the_clock();
        let server = installation.serve();
        let client = Client::new(&server);
        let marketplace = Marketplace::new(&client, &people);
        let company = marketplace.company(&client, &people, "Calm Signal");
        let challenge = marketplace.publish();
        wait_for_a_sign_of_life(&installation);
        server.kill();

        // As if it had been killed an hour ago, and the deadline had passed half an hour ago.
        let half_an_hour_late = OPEN + TimeDelta::minutes(30);
        let away = people.db().write_blocking(move |conn| {
            let an_hour_ago = conn.now()? - TimeDelta::hours(1);
            persistence::outages::put_beat(conn, an_hour_ago)?;
            application::demo::advance_clock(conn, half_an_hour_late)
        });
        away.unwrap();
        let server = installation.serve();
        let client = Client::new(&server);
        let entry = newest_of(&client, 1);
        let officer = marketplace.officer.at_server(&server);
        let path = format!("/api/v1/challenges/{challenge}");
        eventually("the closing", || (client.get(&path).body["status"] == "closed").then_some(()));
        let recorded = "FROM events o, events c WHERE o.kind = 'outage.recorded' AND c.kind = 'challenge.closed' AND o.occurred_at < c.occurred_at";
        assert_eq!(count(&installation.url, recorded), 1, "first the ledger, then the closing");
        let proposal = eventually("a proposal", || {
            let found = officer.get(&format!("{path}/extension-proposals")).expect(200);
            found.body["items"].as_array().unwrap().first().cloned()
        });
        assert_eq!(proposal["outage"]["id"], entry["id"]);
        let accepting = format!("{path}/extension-proposals/{}/accept", proposal["id"].as_str().unwrap());
        officer.act(&accepting).expect(200);
        assert_eq!(client.get(&path).string("status"), "published");
        let body = json!({ "company": company.id, "offer": offer("38500.00") });
        let bidder = client.with_token(&company.token);
        let key = [("idempotency-key", "after-the-outage")];
        bidder.send("POST", &format!("{path}/bids"), &key, Some(&body)).unwrap().expect(201);
        server.stop();
    }
}

#[test]
fn a_database_that_was_gone_is_another_cause_than_a_server_that_was() {
    let cluster = Cluster::start_private();
    cluster.create_database("away", None);
    let installation = impatient(Installation::at(Some(cluster.url("away"))));
    let server = installation.serve();
    let client = Client::new(&server);
    wait_for_a_sign_of_life(&installation);
    cluster.stop_immediate();
    sleep(AWAY);
    cluster.start_again();
    eventually("the database", || (client.get("/readyz").status == 200).then_some(()));
    assert_eq!(newest_of(&client, 1)["cause"], "unreachable_database");
    server.stop();
}

#[test]
fn the_service_is_there_as_long_as_one_of_its_servers_is() {
    let installation = impatient(Installation::new(Backend::Postgres));
    let one = installation.serve();
    wait_for_a_sign_of_life(&installation);
    let other = installation.begin(free_port(), &[]).ready().unwrap();
    one.kill();
    sleep(AWAY);
    let client = Client::new(&other);
    assert!(ledger(&client).is_empty());
    other.stop();
}
