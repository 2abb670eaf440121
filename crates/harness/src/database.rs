//! Looking into a database from outside.

use chrono::{DateTime, Utc};
use diesel::{
    Connection, PgConnection, QueryableByName, RunQueryDsl, SqliteConnection,
    connection::SimpleConnection,
    sql_query,
    sql_types::{BigInt, Text},
};

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

/// An event as it is kept.
#[derive(Clone, Debug)]
pub struct Event {
    /// Its id.
    pub id: String,
    /// Its kind, such as `bid.submitted`.
    pub kind: String,
    /// When it happened, by the database's clock.
    pub occurred_at: DateTime<Utc>,
}

#[derive(QueryableByName)]
struct EventRow {
    #[diesel(sql_type = Text)]
    id: String,
    #[diesel(sql_type = Text)]
    kind: String,
    #[diesel(sql_type = Text)]
    occurred_at: String,
}

/// The events whose kind begins like this, the oldest first.
pub fn events(url: &str, kind: &str) -> Vec<Event> {
    let query = |at: &str| {
        sql_query(format!(
            "SELECT CAST(id AS TEXT) AS id, kind, {at} AS occurred_at FROM events WHERE kind LIKE '{kind}%' ORDER BY events.occurred_at, events.id"
        ))
    };
    let rows: Vec<EventRow> = match url.strip_prefix("sqlite:") {
        Some(file) => query("occurred_at").load(&mut SqliteConnection::establish(file).unwrap()).unwrap(),
        None => {
            let text = "to_char(occurred_at AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')";
            query(text).load(&mut PgConnection::establish(url).unwrap()).unwrap()
        }
    };
    let event = |row: EventRow| Event { id: row.id, kind: row.kind, occurred_at: row.occurred_at.parse().unwrap() };
    rows.into_iter().map(event).collect()
}

/// Changes rows behind the program's back.
pub fn execute(url: &str, sql: &str) {
    let changed = match url.strip_prefix("sqlite:") {
        Some(file) => sql_query(sql).execute(&mut SqliteConnection::establish(file).unwrap()),
        None => sql_query(sql).execute(&mut PgConnection::establish(url).unwrap()),
    };
    assert!(changed.unwrap() > 0, "{sql} changes nothing");
}

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = Text)]
    row: String,
}

/// Has PostgreSQL write down what it has in memory only, and gives all rows as text, whatever it has compressed.
pub fn write_down(postgres: &str) -> String {
    let mut conn = PgConnection::establish(postgres).unwrap();
    conn.batch_execute("CHECKPOINT").unwrap();
    let tables = sql_query("SELECT tablename::text AS row FROM pg_tables WHERE schemaname = 'public'");
    let tables: Vec<Row> = tables.load(&mut conn).unwrap();
    let mut all = String::new();
    for table in tables {
        let rows = sql_query(format!("SELECT t::text AS row FROM \"{}\" t", table.row));
        for row in rows.load::<Row>(&mut conn).unwrap() {
            all += &format!("{}: {}\n", table.row, row.row);
        }
    }
    all
}
