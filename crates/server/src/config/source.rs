//! The places settings are read from. What cannot be understood becomes a problem; the rest is still read.

pub(super) mod environment;
pub(super) mod file;

use std::collections::BTreeMap;

use serde_json::Value;

use super::keys::nearest;
use super::problem::{Origin, Problem};

/// A value somebody gave.
pub(super) struct Setting {
    pub value: Value,
    pub origin: Origin,
}

/// Given values by dotted key, and what was wrong with others.
#[derive(Default)]
pub(super) struct Settings {
    pub given: BTreeMap<String, Setting>,
    pub problems: Vec<Problem>,
}

impl Settings {
    /// A later source replaces what an earlier one gave.
    pub fn set(&mut self, key: &str, value: impl Into<Value>, origin: Origin) {
        self.given.insert(key.to_owned(), Setting { value: value.into(), origin });
    }

    pub fn problem(&mut self, origin: Origin, message: impl Into<String>) {
        self.problems.push(Problem { origin, message: message.into() });
    }

    /// `spelling` writes a dotted key the way this source does.
    fn unknown(&mut self, origin: Origin, name: &str, spelling: fn(&str) -> String) {
        let suggestion = nearest(name).map(|known| format!(", did you mean `{}`?", spelling(known)));
        self.problem(origin, format!("unknown key `{}`{}", spelling(name), suggestion.unwrap_or_default()));
    }

    fn section(&mut self, origin: Origin, name: &str) {
        self.problem(origin, format!("`{name}` is a section and takes keys, not a value"));
    }
}
