//! How fast challenges are found when there are few and when there are many, over HTTP and straight on the database.

mod market;
mod questions;

use crate::{
    Database, Outcome,
    load::{self, Measured},
    server_process::Setup,
    start,
};
use diesel::{Connection, PgConnection, connection::SimpleConnection};
use persistence::{Db, Options};
use questions::{Bare, Client, Question};
use std::time::{Duration, Instant};

/// What to measure.
pub struct Plan<'a> {
    /// How long each figure is measured.
    pub length: Duration,
    /// HTTP connections, and as many at a time straight on the database.
    pub connections: u16,
    /// How many challenges there are, one run for each number.
    pub sizes: &'a [u32],
}

/// What was measured of one question among so many challenges.
struct Row {
    question: &'static str,
    challenges: u32,
    http: Measured,
    bare: Option<Measured>,
}

/// Measures on one database and prints the figures.
pub fn run(database: Database, plan: &Plan<'_>) -> Outcome {
    let mut rows = Vec::new();
    for challenges in plan.sizes {
        measure(database, plan, *challenges, &mut rows)?;
    }
    print(database, &rows);
    Ok(())
}

fn measure(database: Database, plan: &Plan<'_>, challenges: u32, rows: &mut Vec<Row>) -> Outcome {
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
    for question in Question::ALL {
        let clients = (0..plan.connections).map(|_| Client::new(server.address, question)).collect();
        let http = load::run(clients, 1, plan.length)?;
        let bare = (0..plan.connections).map(|_| Bare::new(&db, question)).collect::<Option<Vec<_>>>();
        let bare = bare.map(|bare| load::run(bare, 1, plan.length)).transpose()?;
        rows.push(Row { question: question.name, challenges, http, bare });
    }
    Ok(())
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
