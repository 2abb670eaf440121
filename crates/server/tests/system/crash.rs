//! No acknowledged bid is lost, none is there twice (G1, G3), whatever is killed while companies bid.

use std::{
    ops::AddAssign,
    sync::atomic::{AtomicBool, Ordering},
    thread::{self, sleep},
    time::{Duration, Instant},
};

use serde_json::Value;
use testing::{Backend, Cluster};

use crate::{
    PATIENCE,
    client::{Client, Response},
    database::count,
    marketplace::{Company, Marketplace, offer},
    people::People,
    process::{Installation, Server},
};

const COMPANIES: usize = 8;
const CHALLENGES: usize = 3;

/// What became of the requests of one company.
#[derive(Clone, Copy, Debug, Default)]
struct History {
    /// Acknowledged at the first attempt.
    ok: usize,
    /// Told that nothing was done.
    refused: usize,
    /// Without an answer, or with the answer that nobody knows.
    unknown: usize,
    /// Acknowledged when repeated with the same key.
    resolved: usize,
}

impl AddAssign for History {
    fn add_assign(&mut self, other: Self) {
        self.ok += other.ok;
        self.refused += other.refused;
        self.unknown += other.unknown;
        self.resolved += other.resolved;
    }
}

/// A bid, as its company was last told.
struct Bid {
    id: String,
    revision: i64,
    version: i64,
}

/// A company that bids and replaces its bids, in turn in each challenge, until told to stop.
struct Bidding<'a> {
    company: &'a Company,
    bids: Vec<Option<Bid>>,
    history: History,
    writes: usize,
}

impl Bidding<'_> {
    fn run(&mut self, challenges: &[String], stop: &AtomicBool) {
        while !stop.load(Ordering::Relaxed) || self.writes < CHALLENGES {
            let turn = self.writes % CHALLENGES;
            self.writes += 1;
            let price = format!("{}.{:02}", 10_000 + self.writes / 100, self.writes % 100);
            let answer = match &self.bids[turn] {
                None => self.submit(&challenges[turn], &price),
                Some(bid) => self.replace(&bid.id.clone(), bid.version, &price),
            };
            let number = |field: &str| answer.body[field].as_i64().unwrap();
            let before = self.bids[turn].as_ref().map_or(0, |bid| bid.revision);
            assert_eq!(number("revision"), before + 1, "each acknowledged request is one revision");
            let (revision, version) = (number("revision"), number("version"));
            self.bids[turn] = Some(Bid { id: answer.id(), revision, version });
        }
    }

    fn submit(&mut self, challenge: &str, price: &str) -> Response {
        let body = serde_json::json!({ "company": self.company.id, "offer": offer(price) });
        self.until_acknowledged("POST", &format!("/api/v1/challenges/{challenge}/bids"), None, &body)
    }

    fn replace(&mut self, bid: &str, version: i64, price: &str) -> Response {
        let etag = format!("\"{version}\"");
        self.until_acknowledged(
            "PUT",
            &format!("/api/v1/bids/{bid}"),
            Some(&etag),
            &serde_json::json!({ "offer": offer(price) }),
        )
    }

    /// Repeats a request with the same key, as the guide tells clients, until it is acknowledged.
    fn until_acknowledged(&mut self, method: &str, path: &str, etag: Option<&str>, body: &Value) -> Response {
        let key = format!("write-{}", self.writes);
        let headers: Vec<_> = [("idempotency-key", &*key)].into_iter().chain(etag.map(|it| ("if-match", it))).collect();
        let (mut doubtful, begun) = (false, Instant::now());
        while begun.elapsed() < PATIENCE {
            match self.company.bidder.send(method, path, &headers, Some(body)) {
                Ok(answer) if [200, 201].contains(&answer.status) => {
                    *(if doubtful { &mut self.history.resolved } else { &mut self.history.ok }) += 1;
                    return answer;
                }
                Ok(answer) if answer.status == 503 && answer.body["code"] != "outcome_unknown" => {
                    self.history.refused += 1;
                }
                Ok(answer) if answer.status != 503 => panic!("{}", answer.text),
                _ => {
                    self.history.unknown += usize::from(!doubtful);
                    doubtful = true;
                }
            }
            sleep(Duration::from_millis(50));
        }
        panic!("never acknowledged: {method} {path}")
    }
}

/// Lets companies bid while `disturb` does its worst, which leaves a server, and compares what they were told with what
/// is there.
fn rush(installation: &Installation, server: Server, disturb: impl FnOnce(Server) -> Server) {
    let (client, people) = (Client::new(&server), People::of(installation));
    let marketplace = Marketplace::new(&client, &people);
    let companies: Vec<_> =
        (0..COMPANIES).map(|n| marketplace.company(&client, &people, &format!("Company {n}"))).collect();
    let challenges: Vec<_> = (0..CHALLENGES).map(|_| marketplace.publish()).collect();
    let stop = AtomicBool::new(false);
    let (biddings, server) = thread::scope(|scope| {
        let begin = |company| {
            let bids = (0..CHALLENGES).map(|_| None).collect();
            let mut bidding = Bidding { company, bids, history: History::default(), writes: 0 };
            let (challenges, stop) = (&challenges, &stop);
            scope.spawn(move || {
                bidding.run(challenges, stop);
                bidding
            })
        };
        let running: Vec<_> = companies.iter().map(begin).collect();
        let server = disturb(server);
        stop.store(true, Ordering::Relaxed);
        (running.into_iter().map(|bidding| bidding.join().unwrap()).collect::<Vec<_>>(), server)
    });
    check(installation, &biddings);
    server.stop();
}

fn check(installation: &Installation, biddings: &[Bidding]) {
    let mut total = History::default();
    for bidding in biddings {
        total += bidding.history;
        for bid in bidding.bids.iter().flatten() {
            let found = bidding.company.bidder.get(&format!("/api/v1/bids/{}", bid.id)).expect(200).body;
            assert_eq!(found["revision"], bid.revision);
        }
    }
    println!("{total:?}");
    let rows = |of: &str| usize::try_from(count(&installation.url, of)).unwrap();
    assert_eq!(rows("FROM bids"), COMPANIES * CHALLENGES, "one bid for each company and challenge");
    assert_eq!(rows("FROM events WHERE kind = 'bid.submitted'"), COMPANIES * CHALLENGES);
    let written = total.ok + total.resolved;
    assert_eq!(rows("FROM events WHERE kind IN ('bid.submitted', 'bid.replaced')"), written, "each has its record");
    assert!(total.ok > COMPANIES * CHALLENGES && total.unknown + total.refused > 0, "{total:?}");
}

#[test]
fn a_server_killed_three_times_loses_no_acknowledged_bid() {
    let installation = Installation::new(Backend::Sqlite);
    let server = installation.serve();
    rush(&installation, server, |mut server| {
        for _ in 0..3 {
            sleep(Duration::from_secs(1));
            let port = server.port;
            server.kill();
            server = installation.begin(port, &[]).ready().unwrap();
        }
        sleep(Duration::from_secs(1));
        server
    });
}

#[test]
fn a_crash_of_postgresql_loses_no_acknowledged_bid() {
    let cluster = Cluster::start_private();
    cluster.create_database("crash", None);
    let installation = Installation::at(Some(cluster.url("crash")));
    let server = installation.serve();
    rush(&installation, server, |server| {
        sleep(Duration::from_secs(1));
        cluster.stop_immediate();
        sleep(Duration::from_millis(500));
        cluster.start_again();
        sleep(Duration::from_secs(2));
        server
    });
}
