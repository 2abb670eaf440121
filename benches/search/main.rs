//! How fast challenges are found when there are few and when there are many, over HTTP and straight on the database.
//! `../README.md` says how to run it and how to read what it prints.

#[path = "../api/load.rs"]
#[allow(dead_code, reason = "the other bench tells the rate, too")]
mod load;
mod market;
mod questions;
#[path = "../api/server_process.rs"]
#[allow(dead_code, reason = "the other bench looks at memory and tokens, too")]
mod server_process;

use clap::{Parser, ValueEnum};
use diesel::{Connection, PgConnection, connection::SimpleConnection};
use load::Measured;
use persistence::{Db, Options};
use questions::{Bare, Client, Question};
use server_process::Setup;
use std::{
    error::Error,
    path::Path,
    time::{Duration, Instant},
};
use testing::Cluster;

/// A value or why there is none.
type Outcome<T = ()> = Result<T, Box<dyn Error + Send + Sync>>;

/// How fast challenges are found among few and among many.
#[derive(Parser)]
struct Arguments {
    /// How long each figure is measured, in seconds, after one second of warming up.
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u64).range(1..=600))]
    seconds: u64,
    /// HTTP connections, and as many at a time straight on the database.
    #[arg(long, default_value_t = 2, value_parser = clap::value_parser!(u16).range(1..=1024))]
    connections: u16,
    /// How many challenges there are, one run for each number.
    #[arg(long, value_delimiter = ',', default_values_t = [1_000, 100_000])]
    challenges: Vec<u32>,
    /// Only this database.
    #[arg(long)]
    database: Option<Database>,
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

/// What was measured of one question among so many challenges.
struct Row {
    question: &'static str,
    challenges: u32,
    http: Measured,
    bare: Option<Measured>,
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
    for database in [Database::Sqlite, Database::Postgres] {
        if arguments.database.is_none_or(|only| only == database) {
            let mut rows = Vec::new();
            for challenges in &arguments.challenges {
                measure(database, &arguments, *challenges, &mut rows)?;
            }
            print(database, &rows);
        }
    }
    Ok(())
}

fn measure(database: Database, arguments: &Arguments, challenges: u32, rows: &mut Vec<Row>) -> Outcome {
    // Not in the system's folder for temporary files: if that is in memory a database of any size is fast.
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR"))?;
    let (_cluster, url) = start(database, folder.path());
    persistence::migrate(&url)?;
    let db = Db::open(&Options::new(&url))?;
    let begun = Instant::now();
    market::fill(&db, challenges)?;
    if database == Database::Postgres {
        // As autovacuum does after a while.
        PgConnection::establish(&url)?.batch_execute("VACUUM ANALYZE")?;
    }
    eprintln!("{}: {challenges} challenges after {} s", database.name(), begun.elapsed().as_secs());
    let server = Setup::new(folder.path(), &url)?.start()?;
    let length = Duration::from_secs(arguments.seconds);
    for question in Question::ALL {
        let clients = (0..arguments.connections).map(|_| Client::new(server.address, question)).collect();
        let http = load::run(clients, 1, length)?;
        let bare = (0..arguments.connections).map(|_| Bare::new(&db, question)).collect::<Option<Vec<_>>>();
        let bare = bare.map(|bare| load::run(bare, 1, length)).transpose()?;
        rows.push(Row { question: question.name, challenges, http, bare });
    }
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

/// `growth` is the p99 beside that among the fewest challenges, `ratio` the p50 beside that straight on the database.
fn print(database: Database, rows: &[Row]) {
    println!("\n| {} | challenges | HTTP p50 ms | p99 ms | growth | bare p50 ms | p99 ms | ratio |", database.name());
    println!("|---|--:|--:|--:|--:|--:|--:|--:|");
    for row in rows {
        let fewest = rows.iter().find(|other| other.question == row.question).map_or(1, |row| row.http.p99);
        let growth = thousandths(u64::from(row.http.p99) * 1_000 / u64::from(fewest.max(1)));
        let bare = row.bare.map_or("| | |".to_owned(), |bare| {
            let ratio = u64::from(row.http.p50) * 1_000 / u64::from(bare.p50.max(1));
            format!("| {} | {} | {}", millis(bare.p50), millis(bare.p99), thousandths(ratio))
        });
        let (p50, p99) = (millis(row.http.p50), millis(row.http.p99));
        println!("| {} | {} | {p50} | {p99} | {growth} {bare} |", row.question, row.challenges);
    }
}

fn millis(micros: u32) -> String {
    thousandths(micros.into())
}

fn thousandths(n: u64) -> String {
    format!("{}.{:03}", n / 1_000, n % 1_000)
}
