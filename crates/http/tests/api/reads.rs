//! Every operation that reads, on every record known: what somebody can find out at all.

use crate::{
    app::{Person, get},
    marketplace::Marketplace,
};
use serde_json::{Map, Value, json};
use std::collections::HashMap;

/// An id that no record has.
pub const UNKNOWN: &str = "0199f3a0-5b1c-7c3e-8a4d-2f6b9c0d1e2f";

/// Records to look at, by the name of their path parameter; one name may come more than once.
pub type Known<'a> = &'a [(&'static str, &'a str)];

/// The path of every operation that reads, filled in with every record known.
pub fn paths(known: Known<'_>) -> Vec<String> {
    let document = serde_json::to_value(http::openapi()).unwrap();
    let reads = document["paths"].as_object().unwrap().iter().filter(|(_, item)| item.get("get").is_some());
    let paths: Vec<_> = reads.flat_map(|(path, _)| fill(path, known)).collect();
    assert!(paths.len() > 15 && paths.iter().all(|path| !path.contains('{')), "{paths:?}");
    paths
}

fn fill(path: &str, known: Known<'_>) -> Vec<String> {
    let Some((name, _)) = path.split_once('{').and_then(|(_, rest)| rest.split_once('}')) else {
        return vec![path.to_owned()];
    };
    let ids = known.iter().filter(|(kind, _)| *kind == name).map(|(_, id)| *id).chain([UNKNOWN]);
    ids.flat_map(|id| fill(&path.replace(&format!("{{{name}}}"), id), known)).collect()
}

/// What an operation that reads answered.
#[derive(Debug, PartialEq, Eq)]
pub struct Answer {
    pub path: String,
    pub status: u16,
    pub etag: String,
    pub text: String,
}

/// All answers that somebody, or somebody without an account, gets.
pub async fn answers(m: &Marketplace, who: Option<&Person>, known: Known<'_>) -> Vec<Answer> {
    m.app.sequence().await;
    let mut answers = Vec::new();
    // A share of a test envelope is chance, and for holders only.
    for path in paths(known).into_iter().filter(|path| !path.contains("/rehearsal/share")) {
        let request =
            who.map_or_else(|| get(&path), |person| person.get(&path)).insert_header(("x-request-id", "same"));
        let answer = m.call(request).await;
        let etag = answer.header("etag").to_owned();
        answers.push(Answer { path, status: answer.status.as_u16(), etag, text: answer.text });
    }
    answers
}

/// As JSON and Atom write it, as calendars do (`DTSTAMP:20261130T130119Z`), or as people do (`13:01`).
fn is_moment(word: &str) -> bool {
    let compact = word.rsplit(':').next().unwrap_or_default();
    chrono::DateTime::parse_from_rfc3339(word).is_ok()
        || chrono::NaiveDateTime::parse_from_str(compact, "%Y%m%dT%H%M%SZ").is_ok()
        || chrono::NaiveTime::parse_from_str(word, "%H:%M").is_ok()
}

/// The id or the reference in a word, of which it may be a part: `UID:<id>-submission_deadline`.
fn name_in(word: &str) -> Option<&str> {
    let reference = word.find("PRV-").and_then(|at| word.get(at..at + "PRV-2026-7K3M9QXA".len()));
    let mut windows = (0..word.len()).filter_map(|at| word.get(at..at + 36));
    reference.or_else(|| windows.find(|part| part.parse::<uuid::Uuid>().is_ok()))
}

/// Answers in which every id, moment and reference is replaced by the order of its first appearance, so that those of
/// two worlds can be compared.
#[derive(Default)]
pub struct Anonymous(HashMap<String, usize>);

impl Anonymous {
    pub fn text(&mut self, text: &str) -> String {
        let words = text.split_inclusive(|c: char| !(c.is_ascii_alphanumeric() || "-:.+".contains(c)));
        words.map(|word| self.word(word)).collect()
    }

    fn word(&mut self, word: &str) -> String {
        let bare = word.trim_end_matches(|c: char| !c.is_ascii_alphanumeric());
        if is_moment(bare) {
            return word.replace(bare, "MOMENT");
        }
        let Some(name) = name_in(bare) else { return word.to_owned() };
        let next = self.0.len();
        word.replace(name, &format!("#{}", self.0.entry(name.to_owned()).or_insert(next)))
    }

    pub fn value(&mut self, value: &Value) -> Value {
        match value {
            Value::String(text) => json!(self.text(text)),
            Value::Array(items) => items.iter().map(|item| self.value(item)).collect(),
            Value::Object(fields) => {
                let fields = fields.iter().map(|(name, value)| (name.clone(), self.value(value)));
                Value::Object(fields.collect::<Map<_, _>>())
            }
            other => other.clone(),
        }
    }
}
