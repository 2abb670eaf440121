//! Finding challenges: what is looked for, how words are compared, and why one challenge is like another.
//!
//! Both databases only find which challenges hold which words. How words are taken apart, folded and stemmed, how hits are
//! ranked and shown, and what is meant by a misspelt word is decided here, so that both give the same answers.

mod cpv_prefix;
mod excerpt;
mod facets;
mod query;
mod search;
mod search_text;
mod similarity;
mod slovenian;
mod stop_words;
mod words;

pub use cpv_prefix::CpvPrefix;
pub use excerpt::{Passage, excerpt, highlight};
pub use facets::{BUDGET_BORDERS, DeadlineBucket, FacetRow, Facets, MOST_VALUES};
pub use query::{ChallengeQuery, Filters, LONGEST_TEXT, MOST_CHOICES, Parameters, Sort};
pub use search::{MOST_WORDS, Search, Wanted, closest, trigrams};
pub use search_text::{INDEX_VERSION, SearchText, TopicKind};
pub use similarity::{Likeness, PAST, SHARED_AT_LEAST, Similarity};
pub use words::{Token, fold, stem, tokens};
