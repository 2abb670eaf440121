//! Why one challenge is like another.

use super::{CpvPrefix, SearchText, TopicKind, stop_words::is_stop_word, tokens};
use crate::{ChallengeStatus, challenge::Content};
use std::collections::BTreeSet;

/// Less than this and two challenges have nothing to do with each other.
pub const SHARED_AT_LEAST: u32 = 4;

/// Shorter words do not make two challenges alike.
const SHORTEST_WORD: usize = 4;

/// Of shared words at most so many count.
const MOST_SHARED: usize = 8;

/// What one looks for others by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Likeness {
    /// Its tags, and the CPV codes and all that they belong to.
    pub topics: Vec<(TopicKind, String)>,
    /// The words of its title and summary, then of its problem, that say something.
    pub words: Vec<String>,
}

/// What two challenges have in common.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Similarity {
    /// How much it is; grows with each thing in common.
    pub score: u32,
    /// The closest CPV code that both belong to, by its first digits.
    pub cpv: Option<CpvPrefix>,
    /// Tags of both.
    pub tags: Vec<String>,
    /// Words of both that are rare elsewhere, the rarest first.
    pub words: Vec<String>,
}

impl Likeness {
    /// By what a challenge is like others.
    pub fn of(content: &Content) -> Self {
        let problem = &content.problem;
        let texts = [&content.title, &content.summary, &problem.pain, &problem.affected, &problem.evidence];
        let mut words = Vec::new();
        let mut known = BTreeSet::new();
        for token in texts.into_iter().flat_map(|text| tokens(text)) {
            let says_something = token.word.chars().count() >= SHORTEST_WORD
                && !is_stop_word(&token.word)
                && !token.word.bytes().all(|b| b.is_ascii_digit());
            if says_something && known.insert(token.word.clone()) {
                words.push(token.word);
            }
        }
        Self { topics: SearchText::of(content, &[]).topics, words }
    }

    /// What is in common with a challenge that has these topics and this head. `rare` are words of this one, the rarest first.
    pub fn compare(&self, topics: &[(TopicKind, String)], head: &str, rare: &[String]) -> Similarity {
        let both = |kind| self.topics.iter().filter(move |topic| topic.0 == kind && topics.contains(topic));
        let cpv = both(TopicKind::Cpv).max_by_key(|(_, prefix)| prefix.len());
        let cpv = cpv.and_then(|(_, prefix)| CpvPrefix::parse(prefix).ok());
        let tags: Vec<_> = both(TopicKind::Tag).map(|(_, tag)| tag.clone()).collect();
        let there: BTreeSet<_> = head.split(['\n', ' ']).collect();
        let words = rare.iter().filter(|word| there.contains(word.as_str())).take(MOST_SHARED);
        let words: Vec<_> = words.cloned().collect();
        let closeness = cpv.as_ref().map_or(0, |prefix| [2, 4, 6, 8][prefix.as_str().len().clamp(2, 5) - 2]);
        let count = |list: &[String]| u32::try_from(list.len()).unwrap_or(u32::MAX);
        Similarity { score: closeness + 5 * count(&tags) + 2 * count(&words), cpv, tags, words }
    }
}

/// In which states a challenge has taken its bids: something came of it, or will.
pub const PAST: [ChallengeStatus; 8] = [
    ChallengeStatus::Closed,
    ChallengeStatus::Opened,
    ChallengeStatus::Evaluating,
    ChallengeStatus::Awarded,
    ChallengeStatus::Piloting,
    ChallengeStatus::Completed,
    ChallengeStatus::Cancelled,
    ChallengeStatus::ClosedWithoutAward,
];
