//! What of a challenge can be found, as words.

use super::{CpvPrefix, stem, tokens};
use crate::{account::Language, challenge::Content, cpv::CpvEntry};
use sha2::{Digest, Sha256};
use std::collections::BTreeSet;

/// Grows when words are taken apart or compared in another way, or other texts are looked at: what was indexed by an earlier
/// version is then indexed again.
pub const INDEX_VERSION: i32 = 1;

/// Of a title, of tags or of a summary, with their translations, so many words decide the rank.
const MOST_HEAD_WORDS: usize = 400;

/// So many different words of a challenge can be found.
const MOST_TERMS: usize = 10_000;

/// What kind of topic a challenge is filed under.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum TopicKind {
    /// A tag.
    Tag,
    /// A CPV code, or anything that it belongs to.
    Cpv,
}

impl TopicKind {
    /// Its name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Tag => "tag",
            Self::Cpv => "cpv",
        }
    }
}

/// A challenge as it is found. Made of what everybody may read and of nothing else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SearchText {
    /// What decides the rank: the words of the title; of tags and CPV codes; of the summary. A line each.
    pub head: String,
    /// Every word, once, with its stem where that differs (`_en_flood`), in order.
    pub terms: Vec<String>,
    /// What it is filed under, once each, in order.
    pub topics: Vec<(TopicKind, String)>,
}

impl SearchText {
    /// What is found of a content, in each of its languages. `labels` are the entries of its CPV codes. Confidential details
    /// are never looked at.
    pub fn of(content: &Content, labels: &[CpvEntry]) -> Self {
        let translated =
            content.translations.0.keys().map(|language| (*language, content.clone().in_language(*language)));
        let texts: Vec<_> = std::iter::once((content.language, content.clone())).chain(translated).collect();
        let mut head = [const { Line::new() }; 3];
        let mut terms = BTreeSet::new();
        for (language, content) in &texts {
            head[0].add(&content.title, *language);
            head[2].add(&content.summary, *language);
            Self::body(content).into_iter().for_each(|text| add(&mut terms, text, *language));
        }
        content.tags.iter().for_each(|tag| head[1].add(tag, content.language));
        labels.iter().for_each(|label| head[1].add(&label.name, Language::En));
        head.iter().for_each(|line| terms.extend(line.terms.iter().cloned()));
        let terms: Vec<_> = terms.into_iter().take(MOST_TERMS).collect();
        Self { head: head.map(|line| line.terms.join(" ")).join("\n"), terms, topics: topics(content) }
    }

    /// The texts in which words are found, in the order in which a reader meets them.
    pub(super) fn passages(content: &Content) -> Vec<&str> {
        let mut texts = vec![content.summary.as_str()];
        texts.extend(Self::body(content));
        texts.retain(|text| !text.is_empty());
        texts
    }

    fn body(content: &Content) -> Vec<&str> {
        let problem = &content.problem;
        let mut texts: Vec<&str> =
            vec![&problem.pain, &problem.affected, &problem.evidence, &problem.current_cost, &problem.tried];
        for outcome in &content.outcomes {
            texts.extend([outcome.metric.as_str(), &outcome.unit, &outcome.baseline, &outcome.target]);
        }
        texts
    }

    /// The digest of all of it, in hexadecimal: what has the same need not be indexed again.
    pub fn digest(&self) -> String {
        let mut digest = Sha256::new();
        digest.update(self.head.as_bytes());
        for term in &self.terms {
            digest.update([0]);
            digest.update(term.as_bytes());
        }
        for (kind, value) in &self.topics {
            digest.update([1]);
            digest.update(kind.as_str().as_bytes());
            digest.update(value.as_bytes());
        }
        digest.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

/// A part of the head: words in their order, each with its stem.
struct Line {
    terms: Vec<String>,
}

impl Line {
    const fn new() -> Self {
        Self { terms: Vec::new() }
    }

    fn add(&mut self, text: &str, language: Language) {
        for token in tokens(text) {
            if self.terms.len() >= MOST_HEAD_WORDS {
                return;
            }
            let stem = stem_term(&token.word, language);
            self.terms.push(token.word);
            self.terms.extend(stem);
        }
    }
}

fn add(terms: &mut BTreeSet<String>, text: &str, language: Language) {
    for token in tokens(text) {
        terms.extend(stem_term(&token.word, language));
        terms.insert(token.word);
    }
}

/// The stem of a word of this language as a term, if it is another than the word.
pub(super) fn stem_term(word: &str, language: Language) -> Option<String> {
    let stem = stem(word, language);
    (stem != word).then(|| format!("_{}_{stem}", language.as_str()))
}

fn topics(content: &Content) -> Vec<(TopicKind, String)> {
    let tags = content.tags.iter().map(|tag| (TopicKind::Tag, tag.clone()));
    let codes = content.cpv_codes.iter().flat_map(CpvPrefix::of).map(|prefix| (TopicKind::Cpv, prefix.into()));
    let topics: BTreeSet<_> = tags.chain(codes).collect();
    topics.into_iter().collect()
}
