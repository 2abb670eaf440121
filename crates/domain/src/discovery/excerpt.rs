//! Showing where the words stand that were looked for.

use super::{Search, SearchText, Token, tokens};
use crate::{account::Language, challenge::Content};

/// How many words a passage shows.
const WORDS: usize = 32;

/// Of these, how many before the first that was looked for.
const BEFORE: usize = 8;

/// What is shown of a challenge that was found, as HTML: the text is escaped, and `<mark>` is the only element in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Passage {
    /// The language of both.
    pub language: Language,
    /// The title.
    pub title: String,
    /// Where most of the words stand; none if they stand in the title, a tag or a CPV code only.
    pub excerpt: Option<String>,
}

/// What to show of a content: in the language in which most of the words are found, the one it was written in before others.
pub fn excerpt(content: &Content, search: &Search) -> Passage {
    let translated = content.translations.0.keys().map(|language| (*language, content.clone().in_language(*language)));
    let texts = std::iter::once((content.language, content.clone())).chain(translated);
    let mut best: Option<(usize, Passage)> = None;
    for (language, content) in texts {
        let (found, passage) = in_language(&content, language, search);
        if best.as_ref().is_none_or(|(most, _)| found > *most) {
            best = Some((found, passage));
        }
    }
    best.map(|(_, passage)| passage).unwrap_or_else(|| in_language(content, content.language, search).1)
}

fn in_language(content: &Content, language: Language, search: &Search) -> (usize, Passage) {
    let in_title = wanted(&content.title, language, search).len();
    let passages = SearchText::passages(content).into_iter().map(|text| (wanted(text, language, search).len(), text));
    // Of equals the first.
    let best = passages.rev().filter(|(found, _)| *found > 0).max_by_key(|(found, _)| *found);
    let found = in_title + best.map_or(0, |(found, _)| found);
    let passage = Passage {
        language,
        title: highlight(&content.title, language, search),
        excerpt: best.map(|(_, text)| cut(text, language, search)),
    };
    (found, passage)
}

/// The words of a text that are looked for.
fn wanted(text: &str, language: Language, search: &Search) -> Vec<Token> {
    tokens(text).filter(|token| search.wants(&token.word, language)).collect()
}

/// A text as HTML, with marks around the words that are looked for.
pub fn highlight(text: &str, language: Language, search: &Search) -> String {
    let mut html = String::with_capacity(text.len() + 64);
    let mut at = 0;
    for token in wanted(text, language, search) {
        escape(&text[at..token.range.start], &mut html);
        html.push_str("<mark>");
        escape(&text[token.range.clone()], &mut html);
        html.push_str("</mark>");
        at = token.range.end;
    }
    escape(&text[at..], &mut html);
    html
}

/// Some words around the first that is looked for.
fn cut(text: &str, language: Language, search: &Search) -> String {
    let words: Vec<_> = tokens(text).collect();
    let first = words.iter().position(|token| search.wants(&token.word, language)).unwrap_or_default();
    // A text that fits is shown whole.
    let from = if words.len() > WORDS { first.saturating_sub(BEFORE) } else { 0 };
    let to = (from + WORDS).min(words.len());
    let start = if from == 0 { 0 } else { words[from].range.start };
    let end = if to == words.len() { text.len() } else { words[to - 1].range.end };
    let shown = highlight(text[start..end].trim(), language, search);
    let (before, after) = (if from == 0 { "" } else { "… " }, if to == words.len() { "" } else { " …" });
    format!("{before}{shown}{after}")
}

fn escape(text: &str, html: &mut String) {
    for letter in text.chars() {
        match letter {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '"' => html.push_str("&quot;"),
            '\'' => html.push_str("&#39;"),
            other => html.push(other),
        }
    }
}
