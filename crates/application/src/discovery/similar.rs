//! What came of challenges that were like this one.

use crate::Result;
use domain::{
    Actor, Challenge, ChallengeId, Contract, ContractStatus,
    discovery::{Filters, Likeness, PAST, SHARED_AT_LEAST, Similarity, TopicKind},
};
use persistence::{
    Conn, challenges, contracts,
    listings::{self, Expression, Hit, Window},
    search_words,
};
use std::{cmp::Reverse, collections::BTreeMap};

/// So many of the words of a challenge are looked up.
const MOST_WORDS: usize = 300;

/// Of these, the rarest so many lead to others.
const MOST_RARE: usize = 24;

/// So many challenges are compared for each way that leads to them.
const MOST_CANDIDATES: i64 = 200;

/// So many are shown.
const MOST_SHOWN: usize = 10;

/// From so many digits on a CPV code is specific.
const SPECIFIC: usize = 4;

/// A challenge of the past.
#[derive(Debug, Clone, PartialEq)]
pub struct Past {
    /// The challenge.
    pub challenge: Challenge,
    /// Its agency's name.
    pub agency_name: String,
    /// What it has in common with the one that was asked for.
    pub similarity: Similarity,
    /// How many pilots were agreed.
    pub pilots: usize,
    /// How many of them are over.
    pub completed: usize,
    /// How many learnings were published.
    pub learnings: usize,
}

/// Challenges that have taken their bids and are like this one, the most alike first; at most ten. For whoever may see the
/// challenge: its agency, as long as it is a draft.
pub fn similar(conn: &mut Conn, viewer: Option<&Actor>, id: ChallengeId) -> Result<Vec<Past>> {
    let challenge = challenges::find(conn, id)?;
    challenge.require_visible(viewer)?;
    let likeness = Likeness::of(&challenge.content);
    let rare = rare_words(conn, &likeness, challenge.is_public())?;
    let candidates = candidates(conn, &likeness, &rare)?;
    let alike = candidates.into_values().filter(|hit| hit.listed.challenge != id);
    let alike = alike.map(|hit| (likeness.compare(&hit.topics, &hit.head, &rare), hit.listed));
    let mut alike: Vec<_> = alike.filter(|(similarity, _)| similarity.score >= SHARED_AT_LEAST).collect();
    alike.sort_by_key(|(similarity, listed)| Reverse((similarity.score, listed.position)));
    alike.truncate(MOST_SHOWN);
    let ids: Vec<_> = alike.iter().map(|(_, listed)| listed.challenge).collect();
    let mut found = challenges::find_all(conn, &ids)?;
    let contracts = contracts::of_challenges(conn, &ids)?;
    let past = alike.into_iter().filter_map(|(similarity, listed)| {
        let at = found.iter().position(|(challenge, _)| challenge.id == listed.challenge)?;
        let (challenge, agency_name) = found.swap_remove(at);
        Some(Past::of(challenge, agency_name, similarity, &contracts))
    });
    Ok(past.collect())
}

impl Past {
    fn of(challenge: Challenge, agency_name: String, similarity: Similarity, contracts: &[Contract]) -> Self {
        let own = || contracts.iter().filter(|contract| contract.challenge == challenge.id && contract.is_signed());
        let completed = own().filter(|contract| contract.status == ContractStatus::Completed).count();
        let learnings = own().filter(|contract| contract.outcome.is_some()).count();
        Self { pilots: own().count(), completed, learnings, challenge, agency_name, similarity }
    }
}

/// The words that other challenges hold, but not many; the rarest first.
fn rare_words(conn: &mut Conn, likeness: &Likeness, listed: bool) -> Result<Vec<String>> {
    let words = &likeness.words[..likeness.words.len().min(MOST_WORDS)];
    let documents = search_words::documents(conn, words)?;
    let total = search_words::challenges(conn)?;
    // A listed challenge holds each of its words itself.
    let (least, most) = (if listed { 2 } else { 1 }, total / 10 + 10);
    let mut rare: Vec<_> = documents.into_iter().filter(|(_, documents)| (least..=most).contains(documents)).collect();
    rare.sort_by(|(one, few), (other, more)| few.cmp(more).then_with(|| one.cmp(other)));
    Ok(rare.into_iter().map(|(word, _)| word).take(MOST_RARE).collect())
}

/// The newest that share words, specific topics, or at least a division.
fn candidates(conn: &mut Conn, likeness: &Likeness, rare: &[String]) -> Result<BTreeMap<i64, Hit>> {
    let is_specific = |(kind, value): &(TopicKind, String)| *kind == TopicKind::Tag || value.len() >= SPECIFIC;
    let (specific, broad): (Vec<_>, Vec<_>) = likeness.topics.iter().cloned().partition(is_specific);
    let mut hits = listings::with_topics(conn, &specific, &PAST, MOST_CANDIDATES)?;
    hits.extend(listings::with_topics(conn, &broad, &PAST, MOST_CANDIDATES)?);
    if !rare.is_empty() {
        let past = Filters { statuses: PAST.to_vec(), ..Filters::default() };
        let window = Window { upto: None, limit: MOST_CANDIDATES, common: false };
        hits.extend(listings::hits(conn, &Expression(vec![rare.to_vec()]), &past, window)?);
    }
    Ok(hits.into_iter().map(|hit| (hit.listed.position, hit)).collect())
}
