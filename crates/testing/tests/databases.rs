//! A test's own database: migrated, empty, gone afterwards, the same test on both kinds.
#![allow(clippy::unwrap_used)]

use diesel::{Connection, PgConnection, RunQueryDsl, SqliteConnection, sql_query};
use testing::{Backend, TestDatabase, on_both};

/// Diesel's list of the migrations done.
const TOUCH_MIGRATIONS: &str = "UPDATE __diesel_schema_migrations SET run_on = run_on";

/// How many rows the statement changed, or what the database said instead.
fn execute(url: &str, sql: &str) -> Result<usize, String> {
    let done = match url.strip_prefix("sqlite:") {
        Some(file) => sql_query(sql).execute(&mut SqliteConnection::establish(file).map_err(|e| e.to_string())?),
        None => sql_query(sql).execute(&mut PgConnection::establish(url).map_err(|e| e.to_string())?),
    };
    done.map_err(|error| error.to_string())
}

on_both! {
    /// Writes to one are not seen in another.
    fn databases_are_migrated_and_separate(backend: Backend) {
        let (one, other) = (TestDatabase::new(backend), TestDatabase::new(backend));
        execute(&one.url, "CREATE TABLE only_here (id integer)").unwrap();
        execute(&other.url, "INSERT INTO only_here VALUES (1)").unwrap_err();
        assert!(execute(&other.url, TOUCH_MIGRATIONS).unwrap() > 0);
    }

    async fn a_database_is_gone_when_dropped(backend: Backend) -> Result<(), String> {
        let database = TestDatabase::new(backend);
        let url = database.url.clone();
        execute(&url, TOUCH_MIGRATIONS)?;
        drop(database);
        execute(&url, TOUCH_MIGRATIONS).unwrap_err();
        Ok(())
    }

    #[should_panic = "this must fail"]
    fn attributes_reach_both_tests(_backend: Backend) {
        panic!("this must fail");
    }
}
