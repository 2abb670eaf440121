//! The names of all keys, taken from the serialised default configuration so that they are written once.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde_json::{Map, Value};
use strsim::jaro_winkler;

use super::{Config, OidcProvider};

/// Keys whose values are not shown, and may be read from a file named by an environment variable.
const SECRETS: [&str; 8] = [
    "auth.encryption_key",
    "auth.oidc.<name>.client_secret",
    "auth.receipt_key",
    "auth.signing_key",
    "database.url",
    "mail.smtp.password",
    "storage.s3.access_key_id",
    "storage.s3.secret_access_key",
];

/// The sections below this one are named by the operator.
const PROVIDERS: &str = "auth.oidc.";

/// What stands for such a name in the names of keys.
const NAME: &str = "<name>";

/// Values by dotted key (`mail.smtp.host`).
pub(super) type Values = BTreeMap<String, Value>;

/// Every key with its default, which tells the kind of value to expect.
static DEFAULTS: LazyLock<Values> = LazyLock::new(|| {
    let mut values = flat(&Config::default());
    let provider = serde_json::to_value(OidcProvider::default()).unwrap_or_default();
    flatten(format!("{PROVIDERS}{NAME}"), provider, &mut values);
    values
});

/// The names of all keys; `<name>` stands for what the operator names.
pub fn names() -> impl Iterator<Item = &'static str> {
    DEFAULTS.keys().map(String::as_str)
}

/// The default of a key, if there is such a key.
pub(super) fn default_of(key: &str) -> Option<&'static Value> {
    DEFAULTS.get(&general(key))
}

pub(super) fn is_secret(key: &str) -> bool {
    SECRETS.contains(&&*general(key))
}

pub(super) fn is_section(name: &str) -> bool {
    sections().any(|section| section == general(name))
}

/// The key with [`NAME`] in the place of what the operator named.
fn general(key: &str) -> String {
    let Some(rest) = key.strip_prefix(PROVIDERS) else { return key.to_owned() };
    let (name, rest) = rest.find('.').map_or((rest, ""), |end| rest.split_at(end));
    if is_name(name) { format!("{PROVIDERS}{NAME}{rest}") } else { key.to_owned() }
}

/// Names that can be written in every source: two underscores stand for a dot in variables.
fn is_name(name: &str) -> bool {
    let plain = name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
    plain && (1..=32).contains(&name.len()) && !name.contains("__") && !name.starts_with('_') && !name.ends_with('_')
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
