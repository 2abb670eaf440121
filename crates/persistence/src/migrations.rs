//! Bringing the schema up to date.

use crate::{Clock, Conn, Error, Result, connection::AnyConnection};
use diesel::{PgConnection, connection::SimpleConnection};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

const POSTGRES: EmbeddedMigrations = embed_migrations!("../../migrations/postgres");
const SQLITE: EmbeddedMigrations = embed_migrations!("../../migrations/sqlite");

/// The advisory lock that makes processes migrate one after the other: "provoco" in ASCII.
const LOCK: i64 = 0x0070_726f_766f_636f;

/// Brings the database's schema up to date and says which migrations ran. Several processes may do it at once.
pub fn migrate(url: &str) -> Result<Vec<String>> {
    let mut conn = Conn::open(url, Clock::default())?;
    match &mut conn.db {
        AnyConnection::Postgres(pg) => migrate_postgres(pg),
        // SQLite's write lock, taken before looking what there is to do, keeps a second process waiting.
        AnyConnection::Sqlite(sqlite) => sqlite.immediate_transaction(|sqlite| run(sqlite, SQLITE)),
    }
}

fn migrate_postgres(pg: &mut PgConnection) -> Result<Vec<String>> {
    pg.batch_execute(&format!("SET statement_timeout = 0; SET lock_timeout = 0; SELECT pg_advisory_lock({LOCK})"))?;
    let ran = run(pg, POSTGRES);
    pg.batch_execute(&format!("SELECT pg_advisory_unlock({LOCK})"))?;
    ran
}

fn run<DB: diesel::backend::Backend>(
    conn: &mut impl MigrationHarness<DB>,
    migrations: EmbeddedMigrations,
) -> Result<Vec<String>>
where
    EmbeddedMigrations: diesel::migration::MigrationSource<DB>,
{
    let ran = conn.run_pending_migrations(migrations).map_err(|error| Error::Migration(error.to_string()))?;
    Ok(ran.iter().map(ToString::to_string).collect())
}
