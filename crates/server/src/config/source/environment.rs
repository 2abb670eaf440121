//! Settings from environment variables.

use std::ffi::OsStr;
use std::fs;
use std::path::Path;

use serde_json::Value;

use super::super::keys::{default_of, is_secret, is_section};
use super::super::load::Environment;
use super::{Origin, Settings};

/// Two underscores, because Kubernetes invents variables such as `PROVOCO_PORT` for a service named `provoco`.
const PREFIX: &str = "PROVOCO__";
const FILE_SUFFIX: &str = "_file";
const DATABASE_URL: &str = "DATABASE_URL";

/// Reads all variables with our prefix, and `DATABASE_URL`.
pub(in crate::config) fn read(settings: &mut Settings, environment: &Environment) {
    let alias = environment
        .get(OsStr::new(DATABASE_URL))
        .map(|value| (DATABASE_URL, "database.url".to_owned(), value.as_os_str()));
    let ours = environment.iter().filter_map(|(name, value)| {
        let name = name.to_str()?;
        Some((name, key(name.strip_prefix(PREFIX)?), value.as_os_str()))
    });
    for (variable, key, value) in alias.into_iter().chain(ours) {
        entry(settings, variable, &key, value);
    }
    refuse_both_forms(settings, environment);
}

/// With both the value and the file of a secret, one of them is a leftover that nobody looks at.
fn refuse_both_forms(settings: &mut Settings, environment: &Environment) {
    for file in environment.keys().filter_map(|name| name.to_str()) {
        let secret = file.strip_prefix(PREFIX).map(key);
        let secret = secret.as_deref().and_then(|key| key.strip_suffix(FILE_SUFFIX)).filter(|key| is_secret(key));
        let value = secret.map(variable).filter(|value| environment.contains_key(OsStr::new(value)));
        if let Some(value) = value {
            settings.problem(Origin::Variable(file.to_owned()), format!("set either this or {value}, not both"));
        }
    }
}

fn key(name: &str) -> String {
    name.to_lowercase().replace("__", ".")
}

fn variable(key: &str) -> String {
    format!("{PREFIX}{}", key.to_uppercase().replace('.', "__"))
}

fn entry(settings: &mut Settings, name: &str, key: &str, value: &OsStr) {
    let origin = Origin::Variable(name.to_owned());
    if let Some(default) = default_of(key) {
        match value.to_str() {
            Some(text) => settings.set(key, shaped(text, default), origin),
            None => settings.problem(origin, format!("`{key}` must be Unicode text")),
        }
    } else if let Some(secret) = key.strip_suffix(FILE_SUFFIX).filter(|key| is_secret(key)) {
        secret_file(settings, name, secret, Path::new(value));
    } else if is_section(key) {
        settings.section(origin, key);
    } else {
        settings.unknown(origin, key, variable);
    }
}

/// The text as the kind of value the default is; a text that is not of that kind stays one and is refused later.
fn shaped(text: &str, default: &Value) -> Value {
    match default {
        Value::Number(_) => serde_json::from_str(text).unwrap_or_else(|_| text.into()),
        Value::Array(_) => text.split(',').map(str::trim).filter(|item| !item.is_empty()).collect(),
        _ => text.into(),
    }
}

fn secret_file(settings: &mut Settings, name: &str, key: &str, path: &Path) {
    let origin = Origin::SecretFile { variable: name.to_owned(), path: path.to_owned() };
    match fs::read_to_string(path) {
        Ok(text) => {
            let line = text.strip_suffix('\n').unwrap_or(&text);
            settings.set(key, line.strip_suffix('\r').unwrap_or(line), origin);
        }
        Err(error) => settings.problem(origin, format!("`{key}` cannot be read: {error}")),
    }
}
