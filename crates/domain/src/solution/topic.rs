//! What solutions and challenges are about, in a form in which they meet.

use super::SolutionContent;
use crate::{challenge::Content, cpv::CpvCode};
use std::collections::BTreeSet;

/// Something that a solution or a challenge is about. Stored as text, which an index finds: `tag:flood`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Topic {
    /// A code of the vocabulary.
    Cpv(CpvCode),
    /// The division of such a code: its first two digits.
    Division(String),
    /// A tag.
    Tag(String),
    /// What a company can do.
    Capability(String),
    /// A word of a title.
    Word(String),
}

/// The most words of a title that it is found by, and the most words that are searched for.
const MOST_WORDS: (usize, usize) = (40, 5);

impl Topic {
    /// As it is stored.
    pub fn key(&self) -> String {
        match self {
            Self::Cpv(code) => format!("cpv:{code}"),
            Self::Division(digits) => format!("division:{digits}"),
            Self::Tag(tag) => format!("tag:{tag}"),
            Self::Capability(capability) => format!("capability:{capability}"),
            Self::Word(word) => format!("word:{word}"),
        }
    }

    /// As it was stored.
    pub fn parse(key: &str) -> Option<Self> {
        let (kind, term) = key.split_once(':')?;
        let term = || term.to_owned();
        match kind {
            "cpv" => CpvCode::parse(&term()).ok().map(Self::Cpv),
            "division" => Some(Self::Division(term())),
            "tag" => Some(Self::Tag(term())),
            "capability" => Some(Self::Capability(term())),
            "word" => Some(Self::Word(term())),
            _ => None,
        }
    }

    /// The division of a code.
    pub fn division(code: &CpvCode) -> Self {
        Self::Division(code.as_str().chars().take(2).collect())
    }
}

impl SolutionContent {
    /// Everything by which the catalogue finds it.
    pub fn topics(&self) -> BTreeSet<Topic> {
        let mut topics = found_by(&self.cpv_codes, &self.tags);
        topics.extend(self.capabilities.iter().cloned().map(Topic::Capability));
        topics.extend(words(&self.title).take(MOST_WORDS.0).map(Topic::Word));
        topics
    }
}

impl Content {
    /// Everything by which solutions find it.
    pub fn topics(&self) -> BTreeSet<Topic> {
        found_by(&self.cpv_codes, &self.tags)
    }
}

fn found_by(codes: &[CpvCode], tags: &[String]) -> BTreeSet<Topic> {
    let tags = tags.iter().cloned().map(Topic::Tag);
    codes.iter().flat_map(|code| [Topic::Cpv(code.clone()), Topic::division(code)]).chain(tags).collect()
}

/// The beginnings of words that somebody looks for in titles: at most five.
pub fn searched_words(text: &str) -> Vec<String> {
    words(text).take(MOST_WORDS.1).collect()
}

/// The words of a text, in lower case.
pub(super) fn words(text: &str) -> impl Iterator<Item = String> {
    // Greek has two small sigmas, one for the end of a word, which the beginning of a word may cut off.
    text.split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(|w| w.to_lowercase().replace('ς', "σ"))
}
