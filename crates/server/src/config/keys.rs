//! The names of all keys, taken from the serialised default configuration so that they are written once.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde_json::{Map, Value};
use strsim::jaro_winkler;

use super::Config;

/// Keys whose values are not shown, and may be read from a file named by an environment variable.
pub(super) const SECRETS: [&str; 4] = ["auth.encryption_key", "auth.signing_key", "database.url", "mail.smtp.password"];

/// Values by dotted key (`mail.smtp.host`).
pub(super) type Values = BTreeMap<String, Value>;

/// Every key with its default, which tells the kind of value to expect.
pub(super) static DEFAULTS: LazyLock<Values> = LazyLock::new(|| flat(&Config::default()));

pub(super) fn is_secret(key: &str) -> bool {
    SECRETS.contains(&key)
}

pub(super) fn is_section(name: &str) -> bool {
    sections().any(|section| section == name)
}

fn sections() -> impl Iterator<Item = &'static str> {
    DEFAULTS.keys().flat_map(|key| key.match_indices('.').map(|(end, _)| &key[..end]))
}

/// The configuration as values by dotted key.
pub(super) fn flat(config: &Config) -> Values {
    let mut values = Values::new();
    // Only a path that is not Unicode cannot be serialised, and no source can give one.
    flatten(String::new(), serde_json::to_value(config).unwrap_or_default(), &mut values);
    values
}

fn flatten(name: String, value: Value, values: &mut Values) {
    let Value::Object(fields) = value else {
        values.insert(name, value);
        return;
    };
    for (field, value) in fields {
        flatten(join(&name, &field), value, values);
    }
}

/// The dotted name of something in a section; the root has no name.
pub(super) fn join(section: &str, name: &str) -> String {
    if section.is_empty() { name.to_owned() } else { format!("{section}.{name}") }
}

/// The reverse of [`flat`]: nested objects.
pub(super) fn nested<'a>(values: impl IntoIterator<Item = (&'a String, &'a Value)>) -> Value {
    let mut root = Map::new();
    for (key, value) in values {
        insert(&mut root, key, value);
    }
    Value::Object(root)
}

fn insert(object: &mut Map<String, Value>, key: &str, value: &Value) {
    let Some((section, rest)) = key.split_once('.') else {
        object.insert(key.to_owned(), value.clone());
        return;
    };
    if let Value::Object(inner) = object.entry(section).or_insert_with(|| Value::Object(Map::new())) {
        insert(inner, rest, value);
    }
}

/// The known key or section that a misspelt or misplaced one probably means.
pub(super) fn nearest(name: &str) -> Option<&'static str> {
    let closeness = |known: &str| (jaro_winkler(last(known), last(name)), jaro_winkler(known, name));
    DEFAULTS
        .keys()
        .map(String::as_str)
        .chain(sections())
        .map(|known| (closeness(known), known))
        .filter(|((last, _), _)| *last > 0.8)
        .max_by(|(a, _), (b, _)| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1)))
        .map(|(_, known)| known)
}

fn last(name: &str) -> &str {
    name.rsplit('.').next().unwrap_or(name)
}
