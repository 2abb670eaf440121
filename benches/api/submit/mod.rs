//! How many bids a second are received durably, beside a bare loop of the same inserts; and whether readers hold them up.

mod sealing;
mod steady;

use crate::{
    Database, Outcome,
    bare::Queries,
    data::{self, Market},
    forget_traces,
    load::{self, Measured},
    operation::Operation,
    over_http::{Connection, Requests},
    server_process::{Server, Setup},
    start,
};
use http::State;
use persistence::{Db, Options};
use sealing::Sealing;
use std::{sync::Arc, thread, time::Duration};
use steady::steadily;

/// What to measure.
pub struct Plan<'a> {
    /// How long each figure is measured.
    pub length: Duration,
    /// Challenges that take bids.
    pub challenges: usize,
    /// HTTP connections, and as many at a time straight on the database, one run for each number.
    pub connections: &'a [u16],
}

/// Connections that hand in, or read, at a steady pace: enough that none waits for another.
const STEADY: usize = 16;

/// What share of the submissions that could be made are made while readers are counted.
const SHARE: u64 = 10;

/// How many pages are read for each submission when it is quiet, and when it is not.
const READS: [u64; 2] = [1, 10];

/// A filled database, and who may call the server on it.
struct Bench {
    database: Database,
    db: Db,
    market: Arc<Market>,
    setup: Setup,
    state: State,
    length: Duration,
}

/// Measures on one database and prints the figures.
pub fn run(database: Database, plan: &Plan<'_>) -> Outcome {
    // Not in the system's folder for temporary files: if that is in memory a commit costs nothing.
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR"))?;
    let (_cluster, url) = start(database, folder.path());
    persistence::migrate(&url)?;
    let (db, challenges) = (Db::open(&Options::new(&url))?, plan.challenges);
    let market = Arc::new(db.write_blocking(move |conn| data::fill(conn, challenges))?);
    let setup = Setup::new(folder.path(), &url)?;
    let state = setup.state(&db)?;
    let bench = Bench { database, db, market, setup, state, length: plan.length };

    println!("\n| {} | connections | HTTP/s | p50 ms | p99 ms | bare/s | p50 ms | p99 ms | ratio |", database.name());
    println!("|---|--:|--:|--:|--:|--:|--:|--:|--:|");
    let mut most = 0;
    for connections in plan.connections {
        let (http, bare) = bench.durable(*connections)?;
        most = most.max(http.per_second);
        let ratio = thousandths(http.per_second * 1_000 / bare.per_second.max(1));
        println!("| bid submission | {connections} | {} | {} | {ratio} |", figures(http), figures(bare));
    }
    let sealing = load::run(vec![Sealing::new(&bench.db, &bench.market)?], 1, plan.length)?;
    println!("| sealing alone | 1 | | | | {} | |", figures(sealing));
    bench.beside_readers((most / SHARE).max(1))
}

impl Bench {
    /// Over HTTP, and straight on the database just before it: while a server runs, it would send the mails and number the
    /// events of what does not go through it.
    fn durable(&self, connections: u16) -> Outcome<(Measured, Measured)> {
        eprintln!("{}: {connections} connections ...", self.database.name());
        let bare = (0..connections).map(|_| Queries::new(&self.db, &self.market, Operation::Submit, 1)).collect();
        // As many threads as the server has for requests.
        let bare = load::run(bare, thread::available_parallelism()?.get(), self.length)?;
        forget_traces(&self.db)?;
        let server = self.setup.start()?;
        // One thread has time for all: it must leave the processor to the server.
        let http = load::run(self.clients(&server, Operation::Submit, connections.into())?, 1, self.length)?;
        drop(server);
        forget_traces(&self.db)?;
        Ok((http, bare))
    }

    /// How long submissions take at a steady pace, beside as many readers and beside ten times as many.
    fn beside_readers(&self, pace: u64) -> Outcome {
        let server = self.setup.start()?;
        let mut quiet = None;
        println!(
            "\n| {} | submissions/s | p50 ms | p99 ms | pages read/s | p99, times the quiet one |",
            self.database.name()
        );
        println!("|---|--:|--:|--:|--:|--:|");
        for times in READS {
            eprintln!("{}: {pace} submissions, {} pages a second ...", self.database.name(), pace * times);
            let submitting = self.clients(&server, Operation::Submit, STEADY)?;
            let reading = self.clients(&server, Operation::List, STEADY)?;
            let length = self.length;
            let reading = thread::spawn(move || steadily(reading, pace * times, length));
            let submitted = steadily(submitting, pace, length)?;
            let read = reading.join().map_err(|_| "the readers panicked")??;
            let growth = u64::from(submitted.p99) * 1_000 / u64::from(*quiet.get_or_insert(submitted.p99)).max(1);
            let growth = thousandths(growth);
            println!("| beside readers | {} | {} | {growth} |", figures(submitted), read.per_second);
        }
        Ok(())
    }

    fn clients(&self, server: &Server, operation: Operation, connections: usize) -> Outcome<Vec<Connection>> {
        let requests = Requests::new(operation, &self.market, &self.state)?;
        Ok((0..connections).map(|_| Connection::new(server.address, requests.clone())).collect())
    }
}

/// Rate, half and 99 of 100.
fn figures(measured: Measured) -> String {
    let [p50, p99] = [measured.p50, measured.p99].map(|micros| thousandths(micros.into()));
    format!("{} | {p50} | {p99}", measured.per_second)
}

fn thousandths(n: u64) -> String {
    format!("{}.{:03}", n / 1_000, n % 1_000)
}
