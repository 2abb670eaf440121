//! Boxes are shut when their time has come, by the scheduler alone.

use std::{
    sync::mpsc::{Sender, channel},
    thread::{self, sleep},
    time::Duration,
};

use chrono::TimeDelta;
use domain::ChallengeId;
use persistence::Error;
use serde_json::json;
use testing::{Backend, on_both};

use crate::{
    client::Client,
    database::count,
    eventually,
    marketplace::{Company, Marketplace, OPEN, offer},
    people::People,
    process::Installation,
};

/// Until an hour after the deadline.
const PAST_THE_DEADLINE: TimeDelta = TimeDelta::seconds(OPEN.num_seconds() + 3_600);

fn closings(installation: &Installation) -> i64 {
    count(&installation.url, "FROM events WHERE kind = 'challenge.closed'")
}

fn closings_by_the_scheduler(installation: &Installation) -> i64 {
    let by_itself = "FROM events WHERE kind = 'challenge.closed' AND request_id = 'scheduler' AND actor_id IS NULL";
    count(&installation.url, by_itself)
}

fn status(client: &Client, challenge: &str) -> String {
    client.get(&format!("/api/v1/challenges/{challenge}")).expect(200).string("status")
}

fn wait_for_closing(client: &Client, challenge: &str) {
    eventually("the closing", || (status(client, challenge) == "closed").then_some(()));
}

fn assert_refused_as_late(company: &Company, client: &Client, challenge: &str) {
    let body = json!({ "company": company.id, "offer": offer("38500.00") });
    let bidder = client.with_token(&company.token);
    let path = format!("/api/v1/challenges/{challenge}/bids");
    let answer = bidder.send("POST", &path, &[("idempotency-key", "late")], Some(&body)).unwrap().expect(409);
    assert_eq!(answer.body["code"], "deadline_passed", "{}", answer.text);
}

on_both! {
    fn a_deadline_that_passed_while_the_server_was_down_is_acted_on_after_the_start(backend: Backend) {
        let installation = Installation::new(backend);
        let people = People::of(&installation);
        people.allow_moving_the_clock();
        let server = installation.serve();
        let client = Client::new(&server);
        let marketplace = Marketplace::new(&client, &people);
        let company = marketplace.company(&client, &people, "Calm Signal");
        let challenge = marketplace.publish();
        server.stop();

        people.db().write_blocking(|conn| application::demo::advance_clock(conn, PAST_THE_DEADLINE)).unwrap();
        assert_eq!(closings(&installation), 0);
        let server = installation.serve();
        let client = Client::new(&server);
        assert_refused_as_late(&company, &client, &challenge);
        wait_for_closing(&client, &challenge);
        assert_refused_as_late(&company, &client, &challenge);
        assert_eq!((closings(&installation), closings_by_the_scheduler(&installation)), (1, 1));
        server.stop();
    }

    fn visitors_close_nothing(backend: Backend) {
        let installation = Installation::new(backend);
        let people = People::of(&installation);
        people.allow_moving_the_clock();
        let server = installation.serve();
        let client = Client::new(&server);
        let marketplace = Marketplace::new(&client, &people);
        let challenge = marketplace.publish();
        let left = marketplace.deadline - people.db().clock().now() - TimeDelta::seconds(2);
        let body = json!({ "seconds": left.num_seconds() });
        marketplace.administrator.post("/api/v1/demo/advance-clock", &body).expect(200);

        let box_of_it = hold_box(&people, &challenge);
        sleep(Duration::from_secs(3));
        for _ in 0..20 {
            assert_eq!(status(&client, &challenge), "published");
        }
        assert_eq!(closings(&installation), 0);
        drop(box_of_it);
        wait_for_closing(&client, &challenge);
        assert_eq!((closings(&installation), closings_by_the_scheduler(&installation)), (1, 1));
        server.stop();
    }
}

/// Takes the lock of a challenge's box, on SQLite with everything else, until the answer is dropped: the scheduler waits.
fn hold_box(people: &People, challenge: &str) -> Sender<()> {
    let (hold, held) = channel();
    let (release, released) = channel();
    let (db, id) = (people.db().clone(), ChallengeId(challenge.parse().unwrap()));
    thread::spawn(move || {
        db.write_blocking(move |conn| {
            persistence::challenges::lock_box(conn, id)?;
            hold.send(()).unwrap();
            // Fails when the other end is dropped, which is the sign to go on.
            released.recv().unwrap_or(());
            Ok::<_, Error>(())
        })
    });
    held.recv().unwrap();
    release
}
