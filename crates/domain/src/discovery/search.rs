//! What somebody looks for: words, what counts as one of them, and how well a challenge answers.

use super::{search_text::stem_term, stem, stop_words::is_stop_word, tokens};
use crate::account::Language;
use std::cmp::Reverse;

/// Of more words the rest is ignored.
pub const MOST_WORDS: usize = 10;

/// From so many letters on a word stands for all that begin with it; the last one, which may not be finished, from two on.
const SHORTEST_BEGINNING: usize = 3;

/// What a word found in the title, among tags and CPV codes, or in the summary counts for.
const WEIGHTS: [u32; 3] = [8, 6, 4];

/// What a word found only further down counts for.
const ELSEWHERE: u32 = 2;

/// When all words stand in the title.
const ALL_IN_TITLE: u32 = 16;

/// The word itself.
const EXACT: u32 = 4;

/// A word with the same stem.
const SAME_STEM: u32 = 3;

/// A word that begins with it.
const BEGINS: u32 = 2;

/// A word that is looked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// The word, folded.
    pub word: String,
    /// Terms of the index that count as it: its stems in all languages.
    pub stems: Vec<String>,
    /// Whether words that begin with it count, too.
    pub beginning: bool,
}

/// What is looked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Search {
    /// The words; at least one.
    pub words: Vec<Wanted>,
}

impl Search {
    /// The words of a text, each once; none if there are none. Words that say nothing are left out, unless there are no others.
    /// Nothing in the text has any other meaning: there are no operators.
    pub fn parse(text: &str) -> Option<Self> {
        let mut words: Vec<String> = Vec::new();
        for token in tokens(text) {
            if !words.contains(&token.word) {
                words.push(token.word);
            }
        }
        let meaningful: Vec<_> = words.iter().filter(|word| !is_stop_word(word)).cloned().collect();
        let mut words = if meaningful.is_empty() { words } else { meaningful };
        words.truncate(MOST_WORDS);
        Self::of(words)
    }

    /// A search for these folded words.
    pub fn of(words: Vec<String>) -> Option<Self> {
        let last = words.len().checked_sub(1)?;
        let wanted = words.into_iter().enumerate().map(|(nth, word)| Wanted::new(word, nth == last));
        Some(Self { words: wanted.collect() })
    }

    /// The words, as one would type them.
    pub fn text(&self) -> String {
        self.words.iter().map(|wanted| wanted.word.as_str()).collect::<Vec<_>>().join(" ")
    }

    /// How well a challenge that holds the words answers, by the `head` of its [`SearchText`](super::SearchText). Depends on
    /// nothing else, so that pages do not change while others write. With `all` every word counts, wherever it was found;
    /// otherwise only those in the head.
    pub fn score(&self, head: &str, all: bool) -> u32 {
        let mut best = [[0_u32; WEIGHTS.len()]; MOST_WORDS];
        for (line, terms) in head.lines().take(WEIGHTS.len()).enumerate() {
            for term in terms.split(' ') {
                for (wanted, best) in self.words.iter().zip(&mut best) {
                    best[line] = best[line].max(wanted.quality(term));
                }
            }
        }
        let best = &best[..self.words.len().min(MOST_WORDS)];
        let elsewhere = if all { ELSEWHERE } else { 0 };
        let of_word = |lines: &[u32; WEIGHTS.len()]| {
            let weighted = lines.iter().zip(WEIGHTS).map(|(quality, weight)| quality * weight);
            weighted.max().unwrap_or_default().max(elsewhere)
        };
        let in_title = best.iter().all(|lines| lines[0] > 0);
        best.iter().map(of_word).sum::<u32>() + if in_title { ALL_IN_TITLE } else { 0 }
    }

    /// Whether a word of a text in this language is looked for.
    pub(super) fn wants(&self, word: &str, language: Language) -> bool {
        if self.words.iter().any(|wanted| wanted.quality(word) > 0) {
            return true;
        }
        // A stem begins as its word does, and taking one takes time.
        let alike = |wanted: &&Wanted| wanted.word.chars().next() == word.chars().next();
        let mut alike = self.words.iter().filter(alike).peekable();
        let stem = alike.peek().and_then(|_| stem_term(word, language));
        stem.is_some_and(|stem| alike.any(|wanted| wanted.quality(&stem) > 0))
    }
}

impl Wanted {
    fn new(word: String, last: bool) -> Self {
        let letters = word.chars().count();
        let beginning = letters >= SHORTEST_BEGINNING || last && letters == SHORTEST_BEGINNING - 1;
        let mut stems = Vec::new();
        for language in Language::ALL {
            let stem = stem(&word, language);
            stems.push(format!("_{}_{stem}", language.as_str()));
            // A word that is its own stem has no other term.
            stems.push(stem);
        }
        stems.sort();
        stems.dedup();
        stems.retain(|stem| *stem != word);
        Self { word, stems, beginning }
    }

    fn quality(&self, term: &str) -> u32 {
        // Most terms are none of it, and no ending changes how a word begins.
        let letters = if term.starts_with('_') { term.get(LANGUAGE..).unwrap_or_default() } else { term };
        if letters.bytes().next() != self.word.bytes().next() {
            0
        } else if term == self.word {
            EXACT
        } else if self.stems.iter().any(|stem| stem == term) {
            SAME_STEM
        } else if self.beginning && term.starts_with(&self.word) {
            BEGINS
        } else {
            0
        }
    }
}

/// How many bytes of a stem's term say its language: `_en_`.
const LANGUAGE: usize = 4;

/// How many letters may be wrong, missing, too many or swapped in a word.
fn tolerance(word: &str) -> usize {
    match word.chars().count() {
        0..4 => 0,
        4..8 => 1,
        _ => 2,
    }
}

/// The letters of a word by threes, with its beginning and its end: words that share many are alike. None for a word in which
/// no letter may be wrong.
pub fn trigrams(word: &str) -> Vec<String> {
    if tolerance(word) == 0 {
        return Vec::new();
    }
    let letters: Vec<char> = "^^".chars().chain(word.chars()).chain(['$']).collect();
    let mut trigrams: Vec<String> = letters.windows(3).map(|three| three.iter().collect()).collect();
    trigrams.sort();
    trigrams.dedup();
    trigrams
}

/// Of words with how many challenges hold them, the one that was probably meant by `word`: with the fewest wrong letters, then
/// the latest ones, then the most common.
pub fn closest(word: &str, candidates: &[(String, i64)]) -> Option<String> {
    let near = candidates.iter().filter(|(candidate, _)| candidate != word).map(|(candidate, documents)| {
        let same = candidate.chars().zip(word.chars()).take_while(|(one, other)| one == other).count();
        ((strsim::osa_distance(word, candidate), Reverse(same), Reverse(*documents), candidate.as_str()), candidate)
    });
    let near = near.filter(|(key, _)| key.0 <= tolerance(word));
    near.min_by(|(one, _), (other, _)| one.cmp(other)).map(|(_, candidate)| candidate.clone())
}
