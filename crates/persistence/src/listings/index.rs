//! Keeping the listings as the challenges are, in the transaction of each change.

use super::{
    row::{Row, TopicRow},
    words,
};
use crate::{
    Conn, Result, challenges,
    connection::AnyConnection,
    cpv,
    schema::{challenge_listings, challenge_topics, challenges as challenge_rows, organisations},
    search_words,
    sql_types::{At, Key},
};
use chrono::{DateTime, Utc};
use diesel::{dsl::exists, prelude::*};
use domain::{
    Challenge, ChallengeId, Organisation,
    cpv::{CpvCode, CpvEntry},
    discovery::{INDEX_VERSION, SearchText},
};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// What the database knows of a challenge already.
#[derive(Queryable, Selectable)]
#[diesel(table_name = challenge_listings)]
struct Known {
    challenge_id: Key,
    position: i64,
    digest: String,
    index_version: i32,
}

/// Lists a challenge as it is now, if it is public. Call it before the change of the challenge itself is stored: which words
/// are gone is seen by what it said before.
pub(crate) fn index(conn: &mut Conn, challenge: &Challenge) -> Result<()> {
    index_all(conn, std::slice::from_ref(challenge))
}

/// Lists those of these challenges that are public.
pub fn index_all(conn: &mut Conn, all: &[Challenge]) -> Result<()> {
    let public: Vec<_> = all.iter().filter(|challenge| challenge.is_public()).collect();
    if public.is_empty() {
        return Ok(());
    }
    let batch = Batch::load(conn, &public)?;
    let mut changes = Changes::default();
    for challenge in public {
        batch.put(conn, challenge, &mut changes)?;
    }
    insert(conn, &changes.rows, &changes.topics)?;
    search_words::count(conn, changes.words, changes.new)
}

/// What must be known to list some challenges.
struct Batch {
    known: HashMap<Key, Known>,
    countries: HashMap<Key, String>,
    labels: HashMap<CpvCode, CpvEntry>,
}

/// What is written at once for all of them.
#[derive(Default)]
struct Changes {
    rows: Vec<Row>,
    topics: Vec<TopicRow>,
    taken: BTreeSet<i64>,
    words: BTreeMap<String, i64>,
    new: i64,
}

impl Changes {
    fn count(&mut self, words: BTreeMap<String, i64>) {
        for (word, change) in words {
            *self.words.entry(word).or_default() += change;
        }
    }
}

impl Batch {
    fn load(conn: &mut Conn, public: &[&Challenge]) -> Result<Self> {
        let ids: Vec<_> = public.iter().map(|challenge| Key::of(challenge.id)).collect();
        let agencies: Vec<_> = public.iter().map(|challenge| Key::of(challenge.agency)).collect();
        let codes: BTreeSet<_> = public.iter().flat_map(|challenge| &challenge.content.cpv_codes).cloned().collect();
        let known: Vec<Known> = challenge_listings::table
            .filter(challenge_listings::challenge_id.eq_any(ids))
            .select(Known::as_select())
            .load(&mut conn.db)?;
        let countries: Vec<(Key, String)> = organisations::table
            .filter(organisations::id.eq_any(agencies))
            .select((organisations::id, organisations::country))
            .load(&mut conn.db)?;
        let labels =
            if codes.is_empty() { Vec::new() } else { cpv::find_all(conn, &codes.into_iter().collect::<Vec<_>>())? };
        Ok(Self {
            known: known.into_iter().map(|known| (known.challenge_id, known)).collect(),
            countries: countries.into_iter().collect(),
            labels: labels.into_iter().map(|entry| (entry.code.clone(), entry)).collect(),
        })
    }

    fn put(&self, conn: &mut Conn, challenge: &Challenge, changes: &mut Changes) -> Result<()> {
        let text = self.text(challenge);
        let digest = text.digest();
        let country = self.countries.get(&Key::of(challenge.agency)).map(String::as_str).unwrap_or_default();
        let Some(known) = self.known.get(&Key::of(challenge.id)) else {
            let position = free_position(conn, challenge, &mut changes.taken)?;
            words::put(conn, position, &text.terms, false)?;
            changes.topics.extend(TopicRow::of(position, &text));
            changes.count(search_words::difference(&[], &text.terms));
            changes.new += 1;
            changes.rows.push(Row::new(position, challenge, country, &text, digest));
            return Ok(());
        };
        let same_rules = known.index_version == INDEX_VERSION;
        if !same_rules || known.digest != digest {
            words::put(conn, known.position, &text.terms, true)?;
            let topics = challenge_topics::table.filter(challenge_topics::position.eq(known.position));
            diesel::delete(topics).execute(&mut conn.db)?;
            changes.topics.extend(TopicRow::of(known.position, &text));
            let before = if same_rules { self.text(&challenges::find(conn, challenge.id)?).terms } else { Vec::new() };
            changes.count(search_words::difference(&before, &text.terms));
            changes.new += i64::from(!same_rules);
        }
        let row = Row::new(known.position, challenge, country, &text, digest);
        let listing = challenge_listings::table.find(known.position);
        diesel::update(listing).set(row).execute(&mut conn.db)?;
        Ok(())
    }

    fn text(&self, challenge: &Challenge) -> SearchText {
        let codes = challenge.content.cpv_codes.iter();
        let labels: Vec<_> = codes.filter_map(|code| self.labels.get(code)).cloned().collect();
        SearchText::of(&challenge.content, &labels)
    }
}

/// The microsecond of the publication, or the next one that no other challenge has. Of two that are published at the very same
/// microsecond on two connections one fails, and can be tried again.
fn free_position(conn: &mut Conn, challenge: &Challenge, taken: &mut BTreeSet<i64>) -> Result<i64> {
    let mut position = challenge.published_at.unwrap_or(challenge.created_at).timestamp_micros();
    loop {
        let there = challenge_listings::table.find(position).select(challenge_listings::position);
        if taken.insert(position) && there.first::<i64>(&mut conn.db).optional()?.is_none() {
            return Ok(position);
        }
        position += 1;
    }
}

/// How many rows one statement takes.
const AT_ONCE: usize = 1_000;

fn insert(conn: &mut Conn, rows: &[Row], topics: &[TopicRow]) -> Result<()> {
    match &mut conn.db {
        AnyConnection::Postgres(pg) => {
            for rows in rows.chunks(AT_ONCE) {
                diesel::insert_into(challenge_listings::table).values(rows).execute(pg)?;
            }
            for topics in topics.chunks(AT_ONCE) {
                diesel::insert_into(challenge_topics::table).values(topics).execute(pg)?;
            }
        }
        AnyConnection::Sqlite(sqlite) => {
            for row in rows {
                diesel::insert_into(challenge_listings::table).values(row).execute(sqlite)?;
            }
            for topic in topics {
                diesel::insert_into(challenge_topics::table).values(topic).execute(sqlite)?;
            }
        }
    }
    Ok(())
}

/// The country of an agency may have changed.
pub(crate) fn move_agency(conn: &mut Conn, agency: &Organisation) -> Result<()> {
    let elsewhere = challenge_listings::table
        .filter(challenge_listings::agency_id.eq(Key::of(agency.id)))
        .filter(challenge_listings::country.ne(&agency.country));
    diesel::update(elsewhere).set(challenge_listings::country.eq(&agency.country)).execute(&mut conn.db)?;
    Ok(())
}

/// A place among all public challenges in the order of their publication.
pub type Place = (DateTime<Utc>, ChallengeId);

/// Public challenges after a place that are not listed, or were by other rules than this version's: the earliest first.
pub fn outdated(conn: &mut Conn, after: Option<Place>, limit: i64) -> Result<Vec<Place>> {
    let current = challenge_listings::table
        .filter(challenge_listings::challenge_id.eq(challenge_rows::id))
        .filter(challenge_listings::index_version.eq(INDEX_VERSION));
    let mut query = challenge_rows::table
        .filter(challenge_rows::published_at.is_not_null())
        .filter(challenge_rows::sandbox.eq(false))
        .filter(diesel::dsl::not(exists(current)))
        .order((challenge_rows::published_at, challenge_rows::id))
        .limit(limit)
        .select((challenge_rows::published_at.assume_not_null(), challenge_rows::id))
        .into_boxed();
    if let Some((published_at, id)) = after {
        let later = challenge_rows::published_at.gt(At(published_at)).or(challenge_rows::id.gt(Key::of(id)).nullable());
        query = query.filter(challenge_rows::published_at.ge(At(published_at))).filter(later);
    }
    let places: Vec<(At, Key)> = query.load(&mut conn.db)?;
    Ok(places.into_iter().map(|(at, id)| (at.0, id.id())).collect())
}

/// Lists these challenges by the rules of this version, as they are stored.
pub fn index_stored(conn: &mut Conn, ids: &[ChallengeId]) -> Result<()> {
    let challenges = challenges::find_all(conn, ids)?;
    index_all(conn, &challenges.into_iter().map(|(challenge, _)| challenge).collect::<Vec<_>>())
}

/// Forgets what only earlier versions of the program counted, once nothing is outdated.
pub fn purge(conn: &mut Conn) -> Result<()> {
    search_words::purge(conn)
}
