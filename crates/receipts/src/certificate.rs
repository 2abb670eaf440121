//! A signed certificate of an outage: when the service could not be used, as its ledger has it.

use crate::{Invalid, Key, PublicKey, payload::to_the_microsecond, signed::check};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// The form of the text, named in it.
pub const CERTIFICATE_FORMAT: &str = "provoco-outage-certificate-v1";

/// What a certificate says. Its JSON, with the fields in this order, is what is signed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Statement {
    /// [`CERTIFICATE_FORMAT`].
    pub format: String,
    /// The id of the entry in the ledger.
    pub outage: Uuid,
    /// Since when the service could not be used, by the database's clock, to the microsecond.
    #[serde(serialize_with = "to_the_microsecond")]
    pub started_at: DateTime<Utc>,
    /// Until when.
    #[serde(serialize_with = "to_the_microsecond")]
    pub ended_at: DateTime<Utc>,
    /// Why: `unreachable_database`, `stopped` or `reported`.
    pub cause: String,
    /// What was reported; none for what the service noticed itself.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub text: Option<String>,
    /// When it came into the ledger.
    #[serde(serialize_with = "to_the_microsecond")]
    pub recorded_at: DateTime<Utc>,
    /// What was said about it afterwards, until the certificate was given.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub notes: Vec<CertificateNote>,
    /// The event that tells it.
    pub event: Uuid,
    /// The key that signs.
    pub key: String,
}

/// What was said about an outage afterwards.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CertificateNote {
    /// When.
    #[serde(serialize_with = "to_the_microsecond")]
    pub noted_at: DateTime<Utc>,
    /// The text.
    pub text: String,
}

/// A certificate with its signature.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Certificate {
    /// What is signed: a [`Statement`] as JSON. Exactly the bytes of this text, in UTF-8, are what the signature is of.
    pub payload: String,
    /// The 64 bytes of the signature (Ed25519, RFC 8032), in base64.
    pub signature: String,
}

impl Certificate {
    /// Signs what a certificate says. `statement.key` is the key's name already.
    pub fn sign(statement: &Statement, key: &Key) -> Self {
        // Texts in plain structures: nothing in them can fail.
        let payload = serde_json::to_string(statement).unwrap_or_default();
        let signature = key.sign(&payload);
        Self { payload, signature }
    }

    /// What it says, whether or not that is true.
    ///
    /// # Errors
    /// [`Invalid::NotACertificate`].
    pub fn read(&self) -> Result<Statement, Invalid> {
        let statement: Statement = serde_json::from_str(&self.payload).map_err(|_| Invalid::NotACertificate)?;
        if statement.format == CERTIFICATE_FORMAT { Ok(statement) } else { Err(Invalid::NotACertificate) }
    }

    /// What it says, if the key of the name in it signed exactly that. `known` finds public keys by name.
    ///
    /// # Errors
    /// [`Invalid`].
    pub fn verify<'a>(&self, known: impl FnOnce(&str) -> Option<&'a PublicKey>) -> Result<Statement, Invalid> {
        let statement = self.read()?;
        check(&self.payload, &self.signature, &statement.key, known)?;
        Ok(statement)
    }
}

impl Statement {
    /// What it is about, in a sentence.
    pub fn sentence(&self) -> &'static str {
        match self.cause.as_str() {
            "reported" => "It was reported that the service could not be used.",
            _ => "The service could not be used.",
        }
    }

    /// What it says, as names and values for people.
    pub fn facts(&self) -> Vec<(&'static str, String)> {
        let exactly = |at: DateTime<Utc>| at.format("%Y-%m-%d %H:%M:%S%.6f UTC").to_string();
        let lasted = self.ended_at - self.started_at;
        let lasted = format!(
            "{} h {} min {}.{:06} s",
            lasted.num_hours(),
            lasted.num_minutes() % 60,
            lasted.num_seconds() % 60,
            lasted.subsec_nanos() / 1000
        );
        let notes = self.notes.iter().map(|note| ("Note", Some(format!("{}: {}", exactly(note.noted_at), note.text))));
        let facts = [
            ("From", Some(exactly(self.started_at))),
            ("Until", Some(exactly(self.ended_at))),
            ("Lasted", Some(lasted)),
            ("Cause", Some(self.cause.clone())),
            ("What was reported", self.text.clone()),
            ("In the ledger since", Some(exactly(self.recorded_at))),
        ];
        let ids = [
            ("Outage id", Some(self.outage.to_string())),
            ("Event id", Some(self.event.to_string())),
            ("Key", Some(self.key.clone())),
        ];
        let all = facts.into_iter().chain(notes).chain(ids);
        all.filter_map(|(name, value)| Some((name, value?))).collect()
    }
}
