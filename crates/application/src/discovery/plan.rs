//! From words that somebody typed to terms of the index.

use super::MOST_HITS;
use crate::Result;
use domain::discovery::{Filters, Search, Wanted, closest};
use persistence::{
    Conn,
    listings::{self, Expression, Hit, Window},
    search_words,
};
use std::collections::HashMap;

/// Of the words that begin alike, the most common so many are looked for.
const MOST_BEGINNINGS: i64 = 30;

/// Of the words that look alike, so many are compared letter by letter.
const MOST_ALIKE: i64 = 50;

/// A word that is in so many times as many challenges is proposed.
const MORE_COMMON: i64 = 10;

/// How something is looked for.
pub(super) struct Plan {
    /// The words.
    pub(super) search: Search,
    /// The same as terms.
    pub(super) expression: Expression,
    /// Whether all words must be there, or any.
    pub(super) all: bool,
    /// Whether most challenges hold the terms, as far as one knows.
    pub(super) common: bool,
    /// The words, if they are others than those that were typed.
    pub(super) corrected: Option<String>,
    /// How many challenges hold each word, at most.
    documents: Vec<i64>,
}

/// The terms that count as each word, and how many challenges hold them.
struct Terms {
    groups: Vec<Vec<String>>,
    documents: Vec<i64>,
}

impl Plan {
    /// Understands the words, and finds the newest hits. If no challenge holds all of the words, those that hold any.
    pub(super) fn first(conn: &mut Conn, search: Search, filters: &Filters) -> Result<(Self, Vec<Hit>)> {
        let terms = Terms::load(conn, &search)?;
        let mut plan = match correct(conn, &search, &terms)? {
            Some(corrected) => {
                let terms = Terms::load(conn, &corrected)?;
                let words = corrected.text();
                Self { corrected: Some(words), ..Self::new(conn, corrected, terms, true)? }
            }
            None => Self::new(conn, search, terms, true)?,
        };
        let mut hits = plan.find(conn, filters)?;
        if hits.is_empty() && plan.search.words.len() > 1 {
            plan = plan.relaxed(conn)?;
            hits = plan.find(conn, filters)?;
        }
        Ok((plan, hits))
    }

    /// The same as for the first page.
    pub(super) fn again(conn: &mut Conn, search: Search, words: Option<&str>, any: bool) -> Result<Self> {
        let corrected = words.and_then(|words| Search::of(words.split(' ').map(ToOwned::to_owned).collect()));
        let search = corrected.unwrap_or(search);
        let terms = Terms::load(conn, &search)?;
        Ok(Self { corrected: words.map(ToOwned::to_owned), ..Self::new(conn, search, terms, !any)? })
    }

    fn new(conn: &mut Conn, search: Search, terms: Terms, all: bool) -> Result<Self> {
        let Terms { groups, documents } = terms;
        let total = search_words::challenges(conn)?;
        let held =
            if all { held_by_all(&documents, total) } else { documents.iter().max().copied().unwrap_or_default() };
        let common = is_common(held, total);
        let groups = if all { groups } else { vec![groups.concat()] };
        Ok(Self { search, expression: Expression(groups), all, common, corrected: None, documents })
    }

    fn relaxed(self, conn: &mut Conn) -> Result<Self> {
        let common =
            is_common(self.documents.iter().max().copied().unwrap_or_default(), search_words::challenges(conn)?);
        let expression = Expression(vec![self.expression.0.concat()]);
        Ok(Self { expression, all: false, common, ..self })
    }

    fn find(&self, conn: &mut Conn, filters: &Filters) -> Result<Vec<Hit>> {
        let window = Window { upto: None, limit: MOST_HITS + 1, common: self.common };
        Ok(listings::hits(conn, &self.expression, filters, window)?)
    }

    /// The same words, with each that hardly any challenge holds spelt as many do.
    pub(super) fn suggestion(&self, conn: &mut Conn) -> Result<Option<String>> {
        let mut words = Vec::new();
        let mut other = false;
        for (wanted, documents) in self.search.words.iter().zip(&self.documents) {
            let better = alike(conn, &wanted.word)?.into_iter();
            let better: Vec<_> = better.filter(|(_, more)| *more >= MORE_COMMON * documents.max(&1)).collect();
            let better = closest(&wanted.word, &better);
            other |= better.is_some();
            words.push(better.unwrap_or_else(|| wanted.word.clone()));
        }
        Ok(other.then(|| words.join(" ")))
    }
}

/// How many challenges hold all of the words, if they have nothing to do with each other.
fn held_by_all(documents: &[i64], total: i64) -> i64 {
    let total = total.max(1);
    documents.iter().fold(total, |held, documents| held.saturating_mul(*documents.min(&total)) / total)
}

/// PostgreSQL finds the newest of the hits in the order of the list, or finds all hits and then sorts them. The first takes about as
/// long as it takes to look at `1,000 * total / held` challenges, the second at `held`; each takes some 4 microseconds.
fn is_common(held: i64, total: i64) -> bool {
    held.saturating_mul(held) > total.saturating_mul(1_000)
}

/// The words with others in the place of those that are in no challenge; nothing if there is none that could be meant.
fn correct(conn: &mut Conn, search: &Search, terms: &Terms) -> Result<Option<Search>> {
    let mut words = Vec::new();
    let mut corrected = false;
    for (wanted, documents) in search.words.iter().zip(&terms.documents) {
        let meant = if *documents == 0 { closest(&wanted.word, &alike(conn, &wanted.word)?) } else { None };
        corrected |= meant.is_some();
        words.push(meant.unwrap_or_else(|| wanted.word.clone()));
    }
    Ok(if corrected { Search::of(words) } else { None })
}

fn alike(conn: &mut Conn, word: &str) -> Result<Vec<(String, i64)>> {
    Ok(search_words::alike(conn, word, MOST_ALIKE)?)
}

impl Terms {
    fn load(conn: &mut Conn, search: &Search) -> Result<Self> {
        let known = search.words.iter().flat_map(|wanted| wanted.stems.iter().chain([&wanted.word]));
        let known = search_words::documents(conn, &known.cloned().collect::<Vec<_>>())?;
        let (mut groups, mut documents) = (Vec::new(), Vec::new());
        for wanted in &search.words {
            let (group, held) = Self::of_word(conn, wanted, &known)?;
            groups.push(group);
            documents.push(held);
        }
        Ok(Self { groups, documents })
    }

    fn of_word(conn: &mut Conn, wanted: &Wanted, known: &HashMap<String, i64>) -> Result<(Vec<String>, i64)> {
        let mut terms: HashMap<String, i64> = HashMap::new();
        if wanted.beginning {
            terms.extend(search_words::beginning_with(conn, &wanted.word, MOST_BEGINNINGS)?);
        }
        for term in wanted.stems.iter().chain([&wanted.word]) {
            terms.extend(
                known.get(term).filter(|documents| **documents > 0).map(|documents| (term.clone(), *documents)),
            );
        }
        let held = terms.values().sum();
        let mut group: Vec<_> = terms.into_keys().collect();
        group.sort();
        if group.is_empty() {
            group.push(wanted.word.clone());
        }
        Ok((group, held))
    }
}
