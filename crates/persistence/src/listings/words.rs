//! Which challenge holds which word: FTS5's index on SQLite, `tsvector` with GIN on PostgreSQL. Both get words that are already
//! taken apart and folded, and do nothing with them but to find them again.

use crate::{
    Conn, Result,
    connection::AnyConnection,
    schema::{challenge_listings, challenge_topics},
};
use diesel::{
    prelude::*,
    sql_query,
    sql_types::{Array, BigInt, Text},
};

// The name and the column `rowid` are FTS5's choice. What `words` holds cannot be read back.
diesel::table! {
    #[sql_name = "__challenge_words"]
    challenge_words (rowid) {
        rowid -> BigInt,
        words -> Text,
    }
}

diesel::allow_tables_to_appear_in_same_query!(challenge_words, challenge_listings);
diesel::allow_tables_to_appear_in_same_query!(challenge_words, challenge_topics);

/// Which terms a challenge must hold: of each group at least one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expression(pub Vec<Vec<String>>);

impl Expression {
    /// As the database writes it. Terms are letters, digits and underscores, so that between quotation marks none of them means
    /// anything else.
    fn written(&self, quote: char, or: &str, and: &str) -> String {
        let group = |terms: &Vec<String>| {
            let terms: Vec<_> = terms.iter().map(|term| format!("{quote}{term}{quote}")).collect();
            format!("({})", terms.join(or))
        };
        self.0.iter().map(group).collect::<Vec<_>>().join(and)
    }
}

/// That a row of `__challenge_words` holds the terms: what stands before and after the bound text, and the text.
pub(super) fn holds(conn: &Conn, expression: &Expression) -> (&'static str, String, &'static str) {
    match &conn.db {
        AnyConnection::Postgres(_) => {
            ("__challenge_words.words @@ ", expression.written('\'', " | ", " & "), "::tsquery")
        }
        AnyConnection::Sqlite(_) => ("__challenge_words MATCH ", expression.written('"', " OR ", " AND "), ""),
    }
}

/// By which a list of hits is sorted. If the word is in few challenges, those are found first and then sorted; PostgreSQL would
/// otherwise sometimes look at every challenge in the order of the list. FTS5 finds them in this order.
pub(super) fn order(conn: &Conn, common: bool) -> &'static str {
    match &conn.db {
        AnyConnection::Postgres(_) if !common => "(__challenge_words.rowid + 0)",
        _ => "__challenge_words.rowid",
    }
}

/// Keeps these words, and no others, for a position.
pub(super) fn put(conn: &mut Conn, position: i64, terms: &[String], replace: bool) -> Result<()> {
    if replace {
        diesel::delete(challenge_words::table.find(position)).execute(&mut conn.db)?;
    }
    match &mut conn.db {
        AnyConnection::Postgres(pg) => {
            sql_query("INSERT INTO __challenge_words (rowid, words) VALUES ($1, array_to_tsvector($2))")
                .bind::<BigInt, _>(position)
                .bind::<Array<Text>, _>(terms)
                .execute(pg)?;
        }
        AnyConnection::Sqlite(sqlite) => {
            let row = (challenge_words::rowid.eq(position), challenge_words::words.eq(terms.join(" ")));
            diesel::insert_into(challenge_words::table).values(row).execute(sqlite)?;
        }
    }
    Ok(())
}
