//! How much is stored, for tests in which nothing must be.

use crate::app::{Response, TestApp};
use actix_web::test::TestRequest;
use diesel::{
    Connection, PgConnection, QueryableByName, RunQueryDsl, SqliteConnection, sql_query,
    sql_types::{BigInt, Text},
};
use std::collections::BTreeMap;

#[derive(diesel::MultiConnection)]
enum Either {
    Postgres(PgConnection),
    Sqlite(SqliteConnection),
}

#[derive(QueryableByName)]
struct Table {
    #[diesel(sql_type = Text)]
    name: String,
}

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    rows: i64,
}

/// The number of rows in each table.
pub fn rows(app: &TestApp) -> BTreeMap<String, i64> {
    let (mut conn, tables) = connect(&app.url);
    let tables: Vec<Table> = sql_query(tables).load(&mut conn).unwrap();
    let mut count = |table: &str| {
        let count: Vec<Count> = sql_query(format!("SELECT count(*) AS rows FROM {table}")).load(&mut conn).unwrap();
        count[0].rows
    };
    tables.into_iter().map(|table| (table.name.clone(), count(&table.name))).collect()
}

/// Everything that is stored, as text; but for the words of public challenges, which each database keeps in a form of its own.
pub fn dump(app: &TestApp) -> String {
    let (mut conn, tables) = connect(&app.url);
    let tables: Vec<Table> = sql_query(tables).load(&mut conn).unwrap();
    let own = |table: &&Table| !table.name.starts_with("__");
    tables.iter().filter(own).map(|table| rows_of(&mut conn, &table.name)).collect()
}

/// The rows of a table: on PostgreSQL each as a record, on SQLite its columns in brackets.
fn rows_of(conn: &mut Either, table: &str) -> String {
    let row = match conn {
        Either::Postgres(_) => "t::text".to_owned(),
        Either::Sqlite(_) => {
            let columns: Vec<Table> =
                sql_query(format!("SELECT name FROM pragma_table_info('{table}')")).load(conn).unwrap();
            // What is no text is shown as PostgreSQL shows it.
            let text =
                |column: &str| format!("iif(typeof(\"{column}\") = 'blob', lower(hex(\"{column}\")), \"{column}\")");
            let shown = columns.iter().map(|column| format!("coalesce({}, '') || ']'", text(&column.name)));
            shown.collect::<Vec<_>>().join(" || '[' || ")
        }
    };
    let rows: Vec<Table> = sql_query(format!("SELECT {row} AS name FROM \"{table}\" t")).load(conn).unwrap();
    rows.into_iter().map(|row| format!("{table}: {}\n", row.name)).collect()
}

/// Changes one row as no operation does.
pub fn change(app: &TestApp, statement: &str) {
    assert_eq!(alter(app, statement), 1);
}

/// Changes rows behind the program's back; gives their number.
pub fn alter(app: &TestApp, statement: &str) -> usize {
    sql_query(statement).execute(&mut connect(&app.url).0).unwrap()
}

/// What the database says to a statement that it refuses.
pub fn refusal(app: &TestApp, statement: &str) -> String {
    let mut conn = connect(&app.url).0;
    if let Either::Sqlite(sqlite) = &mut conn {
        // As the program does.
        sql_query("PRAGMA foreign_keys = ON").execute(sqlite).unwrap();
    }
    sql_query(statement).execute(&mut conn).unwrap_err().to_string()
}

fn connect(url: &str) -> (Either, &'static str) {
    if let Some(file) = url.strip_prefix("sqlite:") {
        let conn = SqliteConnection::establish(file).unwrap();
        // What SQLite keeps its word index in is no text.
        let tables = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%' \
                      AND name NOT LIKE '%challenge_words%'";
        (Either::Sqlite(conn), tables)
    } else {
        let conn = PgConnection::establish(url).unwrap();
        (Either::Postgres(conn), "SELECT tablename::text AS name FROM pg_tables WHERE schemaname = 'public'")
    }
}

/// A request that fails with this problem, and stores nothing, but that somebody tried: if that is on the record, one
/// event and one receipt.
pub async fn refused(app: &TestApp, request: TestRequest, status: u16, code: &str) -> Response {
    let stored = || rows(app).into_iter().filter(|(table, _)| table != "attempts").collect::<BTreeMap<_, _>>();
    let mut before = stored();
    let response = app.call(request).await.expect_problem(status, code);
    let mut after = stored();
    if response.body["receipt"].is_object() {
        for table in ["events", "bid_receipts"] {
            *before.entry(table.to_owned()).or_default() += 1;
        }
        for stored in [&mut before, &mut after] {
            stored.remove("receipt_keys");
        }
    }
    assert_eq!(after, before);
    response
}
