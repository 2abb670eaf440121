//! Taking texts apart into words, and making words comparable.

use super::slovenian;
use crate::account::Language;
use rust_stemmers::{Algorithm, Stemmer};
use std::ops::Range;
use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

/// Of longer words only so many characters are looked at.
const LONGEST_WORD: usize = 40;

/// Shorter words have no endings to take off.
const SHORTEST_STEMMED: usize = 4;

/// A word and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    /// Its bytes in the text.
    pub range: Range<usize>,
    /// The word as it is compared: [`fold`]ed.
    pub word: String,
}

/// The words of a text, in their order: letters and digits that follow each other.
pub fn tokens(text: &str) -> impl Iterator<Item = Token> + '_ {
    let mut rest = text.char_indices().peekable();
    std::iter::from_fn(move || {
        loop {
            let start = rest.find(|(_, c)| c.is_alphanumeric())?.0;
            let mut end = text.len();
            while let Some((at, c)) = rest.peek() {
                if !c.is_alphanumeric() && !is_combining_mark(*c) {
                    end = *at;
                    break;
                }
                rest.next();
            }
            let word = fold(&text[start..end]);
            if !word.is_empty() {
                return Some(Token { range: start..end, word });
            }
        }
    })
}

/// A word without capitals, accents and other marks, so that `Überflutung` and `uberflutung` are the same.
pub fn fold(word: &str) -> String {
    if word.bytes().all(|b| b.is_ascii_alphanumeric()) {
        return word[..word.len().min(LONGEST_WORD)].to_ascii_lowercase();
    }
    let mut folded = String::with_capacity(word.len());
    let letters =
        word.nfkd().flat_map(char::to_lowercase).nfkd().filter(|c| c.is_alphanumeric() && !is_combining_mark(*c));
    for letter in letters.take(LONGEST_WORD) {
        match letter {
            'ß' => folded.push_str("ss"),
            'æ' => folded.push_str("ae"),
            'œ' => folded.push_str("oe"),
            'þ' => folded.push_str("th"),
            'ø' => folded.push('o'),
            'đ' | 'ð' => folded.push('d'),
            'ł' => folded.push('l'),
            'ı' => folded.push('i'),
            other => folded.push(other),
        }
    }
    folded
}

/// A folded word without its ending, as words of this language have them. Numbers and short words stay as they are.
pub fn stem(word: &str, language: Language) -> String {
    if word.chars().count() < SHORTEST_STEMMED || word.bytes().any(|b| b.is_ascii_digit()) {
        return word.to_owned();
    }
    let algorithm = match language {
        Language::En => Algorithm::English,
        Language::Fr => Algorithm::French,
        Language::Nl => Algorithm::Dutch,
        Language::De => Algorithm::German,
        Language::Pt => Algorithm::Portuguese,
        Language::Sl => return slovenian::stem(word).to_owned(),
    };
    // An ending may be looked for after letters that folding has changed: what comes out is folded again.
    fold(&Stemmer::create(algorithm).stem(word))
}
