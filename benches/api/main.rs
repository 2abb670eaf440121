//! How many requests the server answers in a second and how fast, beside the same query straight on the database.
//! `README.md` says how to run it and how to read what it prints.

mod bare;
mod data;
mod load;
mod operation;
mod over_http;
mod report;
mod search;
mod server_process;
mod submit;

use bare::Queries;
use chrono::TimeDelta;
use clap::{Parser, ValueEnum};
use data::Market;
use http::State;
use load::Measured;
use operation::Operation;
use over_http::{Connection, Requests};
use persistence::{Db, Options, outbox};
use report::{Report, Row};
use server_process::Setup;
use std::{
    error::Error,
    fs,
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::Arc,
    thread,
    time::Duration,
};
use testing::Cluster;

/// A value or why there is none.
type Outcome<T = ()> = Result<T, Box<dyn Error + Send + Sync>>;

/// Queries that one database thread does in a row, where handing over the work shall not count.
const IN_A_ROW: u16 = 100;

/// Requests per second and latencies over HTTP, beside the same query straight on the database.
#[derive(Parser)]
struct Arguments {
    /// How long each figure is measured, in seconds, after one second of warming up.
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u64).range(1..=600))]
    seconds: u64,
    /// HTTP connections, and as many at a time straight on the database.
    #[arg(long, default_value_t = 32, value_parser = clap::value_parser!(u16).range(1..=1024))]
    connections: u16,
    /// Challenges that take bids; 1,000 companies can bid for each once.
    #[arg(long, default_value_t = 1_000, value_parser = clap::value_parser!(u16).range(100..=50_000))]
    challenges: u16,
    /// Only this database.
    #[arg(long)]
    database: Option<Database>,
    /// Write the figures to this file too, as JSON.
    #[arg(long)]
    json: Option<PathBuf>,
    /// Measure how challenges are found instead: among so many, one run for each number.
    #[arg(long, value_delimiter = ',', num_args = 0.., default_missing_values = ["1000", "100000"])]
    search: Vec<u32>,
    /// Measure only durable submissions: with so many connections, one run for each number, and beside readers.
    #[arg(long, value_delimiter = ',', num_args = 0.., default_missing_values = ["1", "8", "64"])]
    submit: Vec<u16>,
    /// Be the server.
    #[arg(long, hide = true)]
    serve: bool,
    /// What `cargo bench` says.
    #[arg(long, hide = true)]
    bench: bool,
}

/// A database to measure on.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Database {
    /// A file.
    Sqlite,
    /// A throwaway server of this run's own.
    Postgres,
}

fn main() -> Outcome {
    let arguments = Arguments::parse();
    if arguments.serve {
        return server_process::serve();
    }
    if !arguments.bench {
        println!("This takes minutes and proves nothing: not for `cargo test`. Run `cargo bench -p provoco-benches`.");
        return Ok(());
    }
    if !arguments.search.is_empty() {
        return search(&arguments);
    }
    if !arguments.submit.is_empty() {
        return submissions(&arguments);
    }
    let mut report = Report::default();
    for database in [Database::Sqlite, Database::Postgres] {
        if arguments.database.is_none_or(|only| only == database) {
            measure(database, &arguments, &mut report)?;
        }
    }
    print!("{}", report.markdown());
    if let Some(file) = arguments.json {
        fs::write(file, format!("{:#}\n", report.json()))?;
    }
    Ok(())
}

/// Connections that wait for each other measure the waiting: two are enough to find out how long a search takes.
const SEARCHING: u16 = 2;

fn search(arguments: &Arguments) -> Outcome {
    let length = Duration::from_secs(arguments.seconds);
    let plan = search::Plan { length, connections: SEARCHING, sizes: &arguments.search };
    for database in [Database::Sqlite, Database::Postgres] {
        if arguments.database.is_none_or(|only| only == database) {
            search::run(database, &plan)?;
        }
    }
    Ok(())
}

fn submissions(arguments: &Arguments) -> Outcome {
    let (length, challenges) = (Duration::from_secs(arguments.seconds), arguments.challenges.into());
    let plan = submit::Plan { length, challenges, connections: &arguments.submit };
    for database in [Database::Sqlite, Database::Postgres] {
        if arguments.database.is_none_or(|only| only == database) {
            submit::run(database, &plan)?;
        }
    }
    Ok(())
}

fn measure(database: Database, arguments: &Arguments, report: &mut Report) -> Outcome {
    // Not in the system's folder for temporary files: if that is in memory a commit costs nothing.
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR"))?;
    let (_cluster, url) = start(database, folder.path());
    persistence::migrate(&url)?;
    let (db, challenges) = (Db::open(&Options::new(&url))?, arguments.challenges.into());
    let market = Arc::new(db.write_blocking(move |conn| data::fill(conn, challenges))?);
    let bench = Bench { database, arguments, db, market };

    // While the server runs it would send the mails and number the events of what does not go through it.
    let bids = bench.bare(Operation::Submit)?;
    forget_traces(&bench.db)?;
    let setup = Setup::new(folder.path(), &url)?;
    let state = setup.state(&bench.db)?;
    let server = setup.start()?;
    for operation in [Operation::Detail, Operation::List] {
        let (bare, single) = bench.bare(operation)?;
        let http = bench.http(operation, server.address, &state)?;
        report.rows.push(Row { database: database.name(), operation, http, bare, single });
    }
    let http = bench.http(Operation::Submit, server.address, &state)?;
    report.rows.push(Row {
        database: database.name(),
        operation: Operation::Submit,
        http,
        bare: bids.0,
        single: bids.1,
    });
    report.memory.extend(server.memory().map(|memory| (database.name(), memory)));
    Ok(())
}

impl Database {
    fn name(self) -> &'static str {
        match self {
            Self::Sqlite => "SQLite",
            Self::Postgres => "PostgreSQL",
        }
    }
}

/// An empty database and its address.
fn start(database: Database, folder: &Path) -> (Option<Cluster>, String) {
    match database {
        Database::Sqlite => (None, format!("sqlite:{}", folder.join("provoco.sqlite").display())),
        Database::Postgres => {
            let cluster = Cluster::start_durable();
            cluster.create_database("provoco", None);
            let url = cluster.url("provoco");
            (Some(cluster), url)
        }
    }
}

/// Numbers the events and forgets the mails, which otherwise the server would do when it starts.
fn forget_traces(db: &Db) -> Outcome {
    while db.write_blocking(application::events::sequence)? {}
    let later = db.clock().now() + TimeDelta::days(1);
    Ok(db.write_blocking(move |conn| outbox::delete_older(conn, later))?)
}

/// One database, filled.
struct Bench<'a> {
    database: Database,
    arguments: &'a Arguments,
    db: Db,
    market: Arc<Market>,
}

impl Bench<'_> {
    /// On the pool, as many at a time as there are connections over HTTP; and how many a second on one connection.
    fn bare(&self, operation: Operation) -> Outcome<(Measured, u64)> {
        self.announce(operation, "straight on the database");
        let client = |at_once| Queries::new(&self.db, &self.market, operation, at_once);
        let clients = (0..self.arguments.connections).map(|_| client(1)).collect();
        // As many threads as the server has for requests.
        let pool = load::run(clients, thread::available_parallelism()?.get(), self.length())?;
        // Each submission must have a commit of its own.
        let at_once = if operation == Operation::Submit { 1 } else { IN_A_ROW };
        let single = load::run(vec![client(at_once)], 1, self.length())?;
        Ok((pool, single.per_second * u64::from(at_once)))
    }

    fn http(&self, operation: Operation, server: SocketAddr, state: &State) -> Outcome<Measured> {
        self.announce(operation, "over HTTP");
        let requests = Requests::new(operation, &self.market, state)?;
        let clients = (0..self.arguments.connections).map(|_| Connection::new(server, requests.clone())).collect();
        // One thread has time for all: it must leave the processor to the server.
        load::run(clients, 1, self.length())
    }

    fn length(&self) -> Duration {
        Duration::from_secs(self.arguments.seconds)
    }

    fn announce(&self, operation: Operation, way: &str) {
        eprintln!("{}: {} {way} ...", self.database.name(), operation.name());
    }
}
