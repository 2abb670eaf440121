//! What is printed, and what is kept for machines.

use crate::{load::Measured, operation::Operation, server_process::Memory};
use serde_json::{Value, json};

/// One operation on one database.
pub struct Row {
    /// The database.
    pub database: &'static str,
    /// The operation.
    pub operation: Operation,
    /// Through the server.
    pub http: Measured,
    /// On a pool like the server's, as many at a time.
    pub bare: Measured,
    /// On one connection, one after the other.
    pub single: u64,
}

/// Everything that was measured.
#[derive(Default)]
pub struct Report {
    /// In the order in which it was measured.
    pub rows: Vec<Row>,
    /// The server's memory after the requests, for each database.
    pub memory: Vec<(&'static str, Memory)>,
}

impl Row {
    /// HTTP's rate in thousandths of the bare rate.
    fn permille(&self) -> u64 {
        self.http.per_second * 1_000 / self.bare.per_second.max(1)
    }

    fn markdown(&self) -> String {
        let ratio = thousandths(self.permille());
        let (http, bare) = (self.http, self.bare);
        format!(
            "| {} | {} | {} | {} | {} | {} | {} | {} | {ratio} | {} |\n",
            self.database,
            self.operation.name(),
            http.per_second,
            thousandths(http.p50.into()),
            thousandths(http.p99.into()),
            bare.per_second,
            thousandths(bare.p50.into()),
            thousandths(bare.p99.into()),
            self.single
        )
    }

    fn json(&self) -> Value {
        let measured = |m: Measured| json!({ "perSecond": m.per_second, "p50Micros": m.p50, "p99Micros": m.p99 });
        json!({
            "database": self.database,
            "operation": self.operation.name(),
            "http": measured(self.http),
            "bare": measured(self.bare),
            "oneConnectionPerSecond": self.single,
            "ratioPermille": self.permille(),
        })
    }
}

impl Report {
    /// For people.
    pub fn markdown(&self) -> String {
        let mut text =
            "\n| database | operation | HTTP req/s | p50 ms | p99 ms | bare req/s | p50 ms | p99 ms | ratio | \
                        one connection req/s |\n|---|---|--:|--:|--:|--:|--:|--:|--:|--:|\n"
                .to_owned();
        self.rows.iter().for_each(|row| text += &row.markdown());
        text.push('\n');
        for (database, memory) in &self.memory {
            let [resident, peak] = [memory.resident, memory.peak].map(|kib| kib / 1024);
            text += &format!("Server memory on {database} after the requests: {resident} MiB, at most {peak} MiB.\n");
        }
        text
    }

    /// For machines.
    pub fn json(&self) -> Value {
        let memory = self.memory.iter().map(|(database, memory)| {
            json!({ "database": database, "residentKib": memory.resident, "peakKib": memory.peak })
        });
        json!({
            "rows": self.rows.iter().map(Row::json).collect::<Vec<_>>(),
            "serverMemory": memory.collect::<Vec<_>>(),
        })
    }
}

/// Microseconds as milliseconds, thousandths as a fraction.
fn thousandths(n: u64) -> String {
    format!("{}.{:03}", n / 1_000, n % 1_000)
}
