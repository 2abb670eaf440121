//! The configuration as text, in the format of the configuration file.

use std::collections::BTreeMap;

use serde_json::Value;

use super::Loaded;
use super::keys::flat;

impl Loaded {
    /// The configuration as TOML with all secrets masked, and with the origin of each value as a comment if asked.
    pub fn show(&self, with_origin: bool) -> String {
        let mut sections = BTreeMap::<String, Vec<String>>::new();
        for (key, value) in flat(&self.config) {
            let (section, name) = key.rsplit_once('.').unwrap_or(("", &key));
            let comment = if with_origin { format!("  # {}", self.origin(&key)) } else { String::new() };
            sections.entry(section.to_owned()).or_default().push(line(name, &value) + &comment);
        }
        sections.iter().map(|(section, lines)| heading(section) + &lines.join("\n") + "\n").collect()
    }
}

fn heading(section: &str) -> String {
    if section.is_empty() { String::new() } else { format!("\n[{section}]\n") }
}

/// TOML has no null: a key without a value is a comment.
fn line(name: &str, value: &Value) -> String {
    match toml::Value::try_from(value) {
        Ok(value) => format!("{name} = {value}"),
        Err(_) => format!("# {name} is not set"),
    }
}
