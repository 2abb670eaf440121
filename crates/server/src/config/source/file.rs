//! Settings from a TOML file.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;
use serde::de::IntoDeserializer;
use serde_json::Value;
use toml::Spanned;
use toml::de::{DeTable, DeValue, Error};

use super::super::keys::{default_of, is_section, join};
use super::{Origin, Settings};

/// Reads the text of the file at `path`.
pub(in crate::config) fn read(settings: &mut Settings, path: &Path, text: &str) {
    let file = File { path, text };
    let (root, errors) = DeTable::parse_recoverable(text);
    // Displaying an error itself would quote the line, which may hold a secret. Recovery within a line guesses: only
    // its first error counts.
    let message = |error: &Error| (file.origin(error.span().map_or(0, |span| span.start)), error.message().to_owned());
    for (origin, message) in errors.iter().rev().map(message).collect::<BTreeMap<_, _>>() {
        settings.problem(origin, message);
    }
    // What was recovered from a broken file would only raise misleading problems.
    if errors.is_empty() {
        file.table(settings, "", root.into_inner());
    }
}

struct File<'a> {
    path: &'a Path,
    text: &'a str,
}

impl File<'_> {
    fn origin(&self, offset: usize) -> Origin {
        let line = 1 + self.text.bytes().take(offset).filter(|byte| *byte == b'\n').count();
        Origin::File { path: self.path.to_owned(), line: Some(line) }
    }

    fn table(&self, settings: &mut Settings, section: &str, table: DeTable<'_>) {
        for (name, value) in table {
            let origin = self.origin(name.span().start);
            self.entry(settings, &join(section, name.get_ref()), value, origin);
        }
    }

    fn entry(&self, settings: &mut Settings, name: &str, value: Spanned<DeValue<'_>>, origin: Origin) {
        if default_of(name).is_some() {
            match Value::deserialize(value.into_deserializer()) {
                Ok(value) => settings.set(name, value, origin),
                Err(error) => settings.problem(origin, format!("`{name}`: {}", error.message())),
            }
        } else if !is_section(name) {
            settings.unknown(origin, name, str::to_owned);
        } else if let DeValue::Table(table) = value.into_inner() {
            self.table(settings, name, table);
        } else {
            settings.section(origin, name);
        }
    }
}
