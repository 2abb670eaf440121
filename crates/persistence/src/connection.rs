//! One connection, to whichever database the URL names.

use crate::{Clock, Error, Result};
use chrono::{DateTime, Utc};
use diesel::{
    PgConnection, SqliteConnection,
    connection::{AnsiTransactionManager, SimpleConnection, TransactionManager},
    prelude::*,
    result::ConnectionResult,
};
use std::{
    thread::sleep,
    time::{Duration, Instant},
};

/// How long a connection waits for SQLite's file, as `busy_timeout` says for all but the change to WAL.
const BUSY: Duration = Duration::from_secs(5);

/// Between two attempts at the change to WAL.
const PAUSE: Duration = Duration::from_millis(5);

/// Either database, behind one type of connection.
#[derive(diesel::MultiConnection)]
pub enum AnyConnection {
    /// PostgreSQL.
    Postgres(PgConnection),
    /// SQLite.
    Sqlite(SqliteConnection),
}

type Transactions = <AnyConnection as Connection>::TransactionManager;

/// A connection that a database thread lends to one use case at a time.
pub struct Conn {
    pub(crate) db: AnyConnection,
    clock: Clock,
    /// The real time at which the use case at hand first asked a sandbox for its time.
    in_sandbox: Option<DateTime<Utc>>,
}

diesel::define_sql_function! {
    /// PostgreSQL's time now, not at the start of the transaction.
    fn clock_timestamp() -> diesel::sql_types::Timestamptz;
}

impl Conn {
    /// Chooses the database by the URL's scheme. The derived `AnyConnection::establish` must not be used: when
    /// PostgreSQL is down it goes on to open an SQLite file named after the connection string.
    pub(crate) fn open(url: &str, clock: Clock) -> Result<Self> {
        let db = if is_postgres(url) { open_postgres(url) } else { open_sqlite(url) };
        let db = db.map_err(|error| Error::Unavailable(error.to_string()))?;
        Ok(Self { db, clock, in_sandbox: None })
    }

    /// The **database's** time, to the microsecond: PostgreSQL's clock, or this process's on SQLite, where the process
    /// is the database. Read it under the lock that it decides about.
    pub fn now(&mut self) -> Result<DateTime<Utc>> {
        match &mut self.db {
            AnyConnection::Postgres(pg) => {
                let now: DateTime<Utc> = diesel::select(clock_timestamp()).get_result(pg)?;
                Ok(self.clock.apply(now))
            }
            AnyConnection::Sqlite(_) => Ok(self.clock.now()),
        }
    }

    /// The use case at hand acts in a sandbox: what it records from now on is not public, its mails say so, and both keep the
    /// real time.
    pub(crate) fn enter_sandbox(&mut self, real: DateTime<Utc>) {
        self.in_sandbox.get_or_insert(real);
    }

    /// Another use case begins.
    pub(crate) fn leave_sandbox(&mut self) {
        self.in_sandbox = None;
    }

    /// The real time of the use case at hand, if it acts in a sandbox: the instant at which it first asked what time it is there.
    pub fn in_sandbox(&self) -> Option<DateTime<Utc>> {
        self.in_sandbox
    }

    /// This machine's time: for what needs no more than that, such as whether a session has expired.
    pub fn machine_now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    /// How far the clock was moved, in a demo or a test.
    pub fn clock_offset(&self) -> chrono::TimeDelta {
        self.clock.offset()
    }

    /// A fresh id. Ids grow with time.
    pub fn new_id<I: domain::Id>(&self) -> I {
        #[allow(clippy::disallowed_methods, reason = "this is the one place that makes ids")]
        I::from_uuid(uuid::Uuid::now_v7())
    }

    /// Fails unless the database answers.
    pub fn check(&mut self) -> Result<()> {
        Ok(self.db.batch_execute("SELECT 1")?)
    }

    /// Whether the connection still answers.
    pub(crate) fn answers(&mut self) -> bool {
        self.check().is_ok()
    }

    /// Starts a write transaction. SQLite takes its write lock at once: a deferred transaction that reads before it
    /// writes fails with SQLITE_BUSY whatever the timeout.
    pub(crate) fn begin(&mut self) -> Result<()> {
        match &mut self.db {
            AnyConnection::Postgres(pg) => AnsiTransactionManager::begin_transaction_sql(pg, "BEGIN"),
            AnyConnection::Sqlite(sqlite) => AnsiTransactionManager::begin_transaction_sql(sqlite, "BEGIN IMMEDIATE"),
        }
        .map_err(Error::from)
    }

    /// Starts a savepoint inside the transaction.
    pub(crate) fn savepoint(&mut self) -> Result<()> {
        Transactions::begin_transaction(&mut self.db).map_err(Error::from)
    }

    /// Commits the transaction, or on SQLite keeps what happened since the savepoint.
    pub(crate) fn commit(&mut self) -> Result<()> {
        match &mut self.db {
            // PostgreSQL undoes a transaction in which a statement failed, and answers its `COMMIT` as if nothing were
            // wrong. It refuses any other statement there, and both go in one round trip.
            AnyConnection::Postgres(pg) => pg.batch_execute("SELECT 1; COMMIT"),
            AnyConnection::Sqlite(sqlite) => AnsiTransactionManager::commit_transaction(sqlite),
        }
        .map_err(Error::from)
    }

    /// Undoes the transaction, or what happened since the savepoint.
    pub(crate) fn rollback(&mut self) -> Result<()> {
        Transactions::rollback_transaction(&mut self.db).map_err(Error::from)
    }
}

/// Whether the URL names a PostgreSQL database; anything else is a file of SQLite.
pub(crate) fn is_postgres(url: &str) -> bool {
    url.starts_with("postgres:") || url.starts_with("postgresql:")
}

fn open_postgres(url: &str) -> ConnectionResult<AnyConnection> {
    let mut pg = PgConnection::establish(&with_timeouts(url))?;
    pg.batch_execute(
        "SET lc_messages = 'C'; SET timezone = 'UTC'; SET synchronous_commit = on; SET lock_timeout = '2s'; \
         SET statement_timeout = '5s'; SET idle_in_transaction_session_timeout = '10s'",
    )
    .map_err(ConnectionError::CouldntSetupConfiguration)?;
    Ok(AnyConnection::Postgres(pg))
}

/// A server that does not answer at all must be noticed within two seconds, and one that vanishes while a query runs
/// must not hold its thread for hours.
const TIMEOUTS: [(&str, &str); 6] = [
    ("connect_timeout", "2"),
    ("tcp_user_timeout", "2000"),
    ("keepalives_idle", "5"),
    ("keepalives_interval", "2"),
    ("keepalives_count", "3"),
    ("application_name", "provoco"),
];

fn with_timeouts(url: &str) -> String {
    let mut url = url.to_owned();
    for (name, value) in TIMEOUTS {
        if !url.contains(name) {
            url.push(if url.contains('?') { '&' } else { '?' });
            url.push_str(name);
            url.push('=');
            url.push_str(value);
        }
    }
    url
}

fn open_sqlite(url: &str) -> ConnectionResult<AnyConnection> {
    let mut sqlite = SqliteConnection::establish(url.strip_prefix("sqlite:").unwrap_or(url))?;
    // FULL: an acknowledged bid must survive a power cut.
    sqlite
        .batch_execute(
            "PRAGMA busy_timeout = 5000; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; \
             PRAGMA temp_store = MEMORY; PRAGMA cache_size = -4000",
        )
        .and_then(|()| use_wal(&mut sqlite))
        .map_err(ConnectionError::CouldntSetupConfiguration)?;
    Ok(AnyConnection::Sqlite(sqlite))
}

/// Only the first connection ever changes anything. It needs a new file for itself for a moment, for which SQLite, unlike
/// for other locks, does not wait.
fn use_wal(sqlite: &mut SqliteConnection) -> QueryResult<()> {
    let begun = Instant::now();
    loop {
        match sqlite.batch_execute("PRAGMA journal_mode = WAL") {
            Err(error) if error.to_string().contains("database is locked") && begun.elapsed() < BUSY => sleep(PAUSE),
            done => return done,
        }
    }
}
