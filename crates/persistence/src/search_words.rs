//! The words that can be found: in how many challenges each is, which begin alike, which look alike.

use crate::{
    Conn, Result,
    connection::AnyConnection,
    schema::{search_trigrams, search_words},
};
use diesel::{dsl::count_star, prelude::*, upsert::excluded};
use domain::discovery::{INDEX_VERSION, trigrams};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// The row that counts the challenges.
const ALL: &str = "";

/// How many rows or words one statement takes.
const AT_ONCE: usize = 1_000;

/// Adds to the number of challenges that hold each word. `challenges` are added to the number of all.
///
/// Rows are written in the order of the words, so that two transactions never wait for each other.
pub(crate) fn count(conn: &mut Conn, mut words: BTreeMap<String, i64>, challenges: i64) -> Result<()> {
    words.insert(ALL.to_owned(), challenges);
    words.retain(|_, documents| *documents != 0);
    let known: Vec<String> = words.keys().cloned().collect();
    let known = documents(conn, &known)?;
    let rows: Vec<_> = words.iter().map(|(word, documents)| Row::new(word, *documents)).collect();
    for rows in rows.chunks(AT_ONCE) {
        add(conn, rows)?;
    }
    // Stems are not what anybody types.
    let new = words.keys().filter(|word| !known.contains_key(*word) && !word.starts_with('_'));
    let rows: Vec<_> = new.flat_map(|word| TrigramRow::of(word)).collect();
    for rows in rows.chunks(AT_ONCE) {
        add_trigrams(conn, rows)?;
    }
    Ok(())
}

fn add(conn: &mut Conn, rows: &[Row<'_>]) -> Result<()> {
    let sum = search_words::documents + excluded(search_words::documents);
    let key = (search_words::index_version, search_words::word);
    match &mut conn.db {
        AnyConnection::Postgres(pg) => {
            let insert = diesel::insert_into(search_words::table).values(rows);
            insert.on_conflict(key).do_update().set(search_words::documents.eq(sum)).execute(pg)?;
        }
        AnyConnection::Sqlite(sqlite) => {
            for row in rows {
                let insert = diesel::insert_into(search_words::table).values(row);
                insert.on_conflict(key).do_update().set(search_words::documents.eq(sum)).execute(sqlite)?;
            }
        }
    }
    Ok(())
}

fn add_trigrams(conn: &mut Conn, rows: &[TrigramRow<'_>]) -> Result<()> {
    match &mut conn.db {
        AnyConnection::Postgres(pg) => {
            diesel::insert_into(search_trigrams::table).values(rows).on_conflict_do_nothing().execute(pg)?;
        }
        AnyConnection::Sqlite(sqlite) => {
            for row in rows {
                diesel::insert_into(search_trigrams::table).values(row).on_conflict_do_nothing().execute(sqlite)?;
            }
        }
    }
    Ok(())
}

/// How many challenges can be found.
pub fn challenges(conn: &mut Conn) -> Result<i64> {
    let row = search_words::table.find((INDEX_VERSION, ALL)).select(search_words::documents);
    Ok(row.first(&mut conn.db).optional()?.unwrap_or_default())
}

/// In how many challenges each of these words or stems is; one that was never in any is missing.
pub fn documents(conn: &mut Conn, words: &[String]) -> Result<HashMap<String, i64>> {
    let mut found = HashMap::new();
    for words in words.chunks(AT_ONCE) {
        let rows: Vec<(String, i64)> = search_words::table
            .filter(search_words::index_version.eq(INDEX_VERSION))
            .filter(search_words::word.eq_any(words))
            .select((search_words::word, search_words::documents))
            .load(&mut conn.db)?;
        found.extend(rows);
    }
    Ok(found)
}

/// The words that begin with these letters and are in a challenge, the most common first, with how many hold them.
pub fn beginning_with(conn: &mut Conn, beginning: &str, limit: i64) -> Result<Vec<(String, i64)>> {
    let rows = search_words::table
        .filter(search_words::index_version.eq(INDEX_VERSION))
        .filter(search_words::word.ge(beginning))
        .filter(search_words::word.lt(format!("{beginning}{}", char::MAX)))
        .filter(search_words::documents.gt(0))
        .order((search_words::documents.desc(), search_words::word))
        .limit(limit)
        .select((search_words::word, search_words::documents));
    Ok(rows.load(&mut conn.db)?)
}

/// The words that look most like this one, with how many challenges hold them, in no order.
pub fn alike(conn: &mut Conn, word: &str, limit: i64) -> Result<Vec<(String, i64)>> {
    let trigrams = trigrams(word);
    if trigrams.is_empty() {
        return Ok(Vec::new());
    }
    let words: Vec<(String, i64)> = search_trigrams::table
        .filter(search_trigrams::index_version.eq(INDEX_VERSION))
        .filter(search_trigrams::trigram.eq_any(trigrams))
        .group_by(search_trigrams::word)
        .select((search_trigrams::word, count_star()))
        .order((count_star().desc(), search_trigrams::word))
        .limit(limit)
        .load(&mut conn.db)?;
    let words: Vec<_> = words.into_iter().map(|(word, _)| word).collect();
    Ok(documents(conn, &words)?.into_iter().filter(|(_, documents)| *documents > 0).collect())
}

/// Forgets what earlier versions of the program counted.
pub fn purge(conn: &mut Conn) -> Result<()> {
    let other = search_words::index_version.ne(INDEX_VERSION);
    diesel::delete(search_words::table.filter(other)).execute(&mut conn.db)?;
    let other = search_trigrams::index_version.ne(INDEX_VERSION);
    diesel::delete(search_trigrams::table.filter(other)).execute(&mut conn.db)?;
    Ok(())
}

/// The words that changed: one more for each that is there now, one less for each that is no longer.
pub(crate) fn difference(before: &[String], after: &[String]) -> BTreeMap<String, i64> {
    let (before, after): (BTreeSet<_>, BTreeSet<_>) = (before.iter().collect(), after.iter().collect());
    let gone = before.difference(&after).map(|word| ((*word).clone(), -1));
    after.difference(&before).map(|word| ((*word).clone(), 1)).chain(gone).collect()
}

#[derive(Insertable)]
#[diesel(table_name = search_words)]
struct Row<'a> {
    index_version: i32,
    word: &'a str,
    documents: i64,
}

impl<'a> Row<'a> {
    fn new(word: &'a str, documents: i64) -> Self {
        Self { index_version: INDEX_VERSION, word, documents }
    }
}

#[derive(Insertable)]
#[diesel(table_name = search_trigrams)]
struct TrigramRow<'a> {
    index_version: i32,
    trigram: String,
    word: &'a str,
}

impl<'a> TrigramRow<'a> {
    fn of(word: &'a str) -> Vec<Self> {
        let row = |trigram| Self { index_version: INDEX_VERSION, trigram, word };
        trigrams(word).into_iter().map(row).collect()
    }
}
