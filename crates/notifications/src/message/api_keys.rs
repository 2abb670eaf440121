//! Mails about API keys.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// To whoever made an API key, and to the owners of its organisation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApiKeyCreated {
    /// Name of the organisation.
    pub organisation: String,
    /// Name of whoever made it.
    pub creator: String,
    /// What it is for.
    pub name: String,
    /// How it begins; never the key itself.
    pub prefix: String,
    /// What it may be used for.
    pub scopes: Vec<String>,
    /// From when on it does not work any more.
    pub expires_at: DateTime<Utc>,
    /// The organisation.
    pub link: String,
}

/// To whoever made an API key, and to the owners of its organisation: it has a new secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApiKeyRotated {
    /// Name of the organisation.
    pub organisation: String,
    /// Name of whoever made it.
    pub creator: String,
    /// What it is for.
    pub name: String,
    /// How it begins; never the key itself.
    pub prefix: String,
    /// Until when the old secret works.
    pub previous_until: DateTime<Utc>,
    /// From when on the new one does not work any more.
    pub expires_at: DateTime<Utc>,
    /// The organisation.
    pub link: String,
}

/// To whoever made an API key: it will soon work no longer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApiKeyExpires {
    /// Name of the organisation.
    pub organisation: String,
    /// What it is for.
    pub name: String,
    /// How it begins; never the key itself.
    pub prefix: String,
    /// From when on it does not work any more.
    pub expires_at: DateTime<Utc>,
    /// The organisation.
    pub link: String,
}
