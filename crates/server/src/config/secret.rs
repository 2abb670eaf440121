//! Values that must not appear in output, logs or error messages.

use std::fmt;

use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// What stands in the place of a secret wherever it is shown.
pub const MASK: &str = "********";

/// A text that is never shown: `Debug`, `Serialize` and errors give [`MASK`].
#[derive(Clone)]
pub struct Secret(String);

impl Secret {
    /// The text itself, for the one place that needs it.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl From<String> for Secret {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(MASK)
    }
}

impl Serialize for Secret {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(MASK)
    }
}

impl<'de> Deserialize<'de> for Secret {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        text(deserializer).map(Self)
    }
}

/// Where the database is: `sqlite:<file>`, `postgres://…` or `postgresql://…`.
///
/// `Display`, `Debug` and `Serialize` hide the passwords in it.
#[derive(Clone)]
pub struct DatabaseUrl(String);

impl DatabaseUrl {
    /// The URL with its password, for the database driver.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Whether it names a PostgreSQL server rather than an SQLite file.
    pub fn is_postgres(&self) -> bool {
        self.0.starts_with("postgres:") || self.0.starts_with("postgresql:")
    }
}

impl From<String> for DatabaseUrl {
    fn from(url: String) -> Self {
        Self(url)
    }
}

impl fmt::Display for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_postgres() { f.write_str(&masked(&self.0)) } else { f.write_str(&self.0) }
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for DatabaseUrl {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for DatabaseUrl {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let url = Self(text(deserializer)?);
        let file = url.0.strip_prefix("sqlite:").is_some_and(|file| !file.is_empty());
        let server = url.is_postgres() && url.0.contains("://");
        if file || server {
            return Ok(url);
        }
        Err(D::Error::custom("must be `sqlite:<file>`, `postgres://…` or `postgresql://…`"))
    }
}

// serde's own type error would quote the value.
fn text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    String::deserialize(deserializer).map_err(|_| D::Error::custom("must be a text"))
}

/// A server URL with its passwords replaced, before the host and among the parameters.
fn masked(url: &str) -> String {
    // Unescaped `@`, `/` and `?` in a password are mistakes people make: hide up to the last `@`, rather too much
    // than too little.
    let Some((scheme, rest)) = url.split_once("://") else { return MASK.into() };
    let (credentials, place) = rest.rsplit_once('@').map_or((None, rest), |(who, place)| (Some(who), place));
    let who =
        credentials.map(|who| who.split_once(':').map_or(format!("{who}@"), |(user, _)| format!("{user}:{MASK}@")));
    let parameters = place.split_inclusive(['?', '&']).map(masked_parameter).collect::<String>();
    format!("{scheme}://{}{parameters}", who.unwrap_or_default())
}

fn masked_parameter(part: &str) -> String {
    let end = part.trim_end_matches(['?', '&']).len();
    match part[..end].split_once('=') {
        Some((name, _)) if name.ends_with("password") => format!("{name}={MASK}{}", &part[end..]),
        _ => part.to_owned(),
    }
}
