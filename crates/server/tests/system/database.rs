//! Looking into a database from outside.

use diesel::{Connection, PgConnection, QueryableByName, RunQueryDsl, SqliteConnection, sql_query, sql_types::BigInt};

#[derive(QueryableByName)]
struct Number {
    #[diesel(sql_type = BigInt)]
    n: i64,
}

/// How many rows there are, for what follows `SELECT count(*)`.
pub fn count(url: &str, of: &str) -> i64 {
    let query = sql_query(format!("SELECT count(*) AS n {of}"));
    let number: Number = match url.strip_prefix("sqlite:") {
        Some(file) => query.get_result(&mut SqliteConnection::establish(file).unwrap()).unwrap(),
        None => query.get_result(&mut PgConnection::establish(url).unwrap()).unwrap(),
    };
    number.n
}

/// Changes rows behind the program's back.
pub fn execute(url: &str, sql: &str) {
    let changed = match url.strip_prefix("sqlite:") {
        Some(file) => sql_query(sql).execute(&mut SqliteConnection::establish(file).unwrap()),
        None => sql_query(sql).execute(&mut PgConnection::establish(url).unwrap()),
    };
    assert!(changed.unwrap() > 0, "{sql} changes nothing");
}
