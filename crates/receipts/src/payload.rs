//! What a receipt says.

use chrono::{DateTime, SecondsFormat, Utc};
use serde::{Deserialize, Serialize, Serializer};
use uuid::Uuid;

/// The form of the text, named in it.
pub const FORMAT: &str = "provoco-receipt-v1";

/// The form of the text about a bid in a sandbox. It is another one, so that a program that checks receipts takes none of them
/// for one of a real bid, even if it has never heard of sandboxes.
pub const SANDBOX_FORMAT: &str = "provoco-sandbox-receipt-v1";

/// What a receipt says. Its JSON, with the fields in this order, is what is signed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Payload {
    /// [`FORMAT`], or [`SANDBOX_FORMAT`].
    pub format: String,
    /// What came of it.
    pub kind: Kind,
    /// The id of the receipt.
    pub id: Uuid,
    /// What the company did, or tried to do.
    pub action: Action,
    /// The challenge.
    pub challenge: Uuid,
    /// Its public reference.
    pub challenge_reference: String,
    /// The company.
    pub company: Uuid,
    /// Its legal name at that time.
    pub company_name: String,
    /// The bid; none if a first submission was refused.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub bid: Option<Uuid>,
    /// Its revision that is meant, from 1.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub revision: Option<i32>,
    /// The time of receipt by the database's clock, to the microsecond; in a sandbox, by the clock of the challenge.
    #[serde(serialize_with = "to_the_microsecond")]
    pub received_at: DateTime<Utc>,
    /// In a sandbox, the same instant by the database's clock.
    #[serde(serialize_with = "to_the_microsecond_if_any", skip_serializing_if = "Option::is_none", default)]
    pub real_time: Option<DateTime<Utc>>,
    /// The sealed envelopes that it is about; none if it was refused.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub envelopes: Vec<SealedEnvelope>,
    /// Why it was refused: the code of the problem.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub reason: Option<String>,
    /// The codes of what is wrong with the content, if that is why.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub problems: Vec<String>,
    /// The event that tells it.
    pub event: Uuid,
    /// The key that signs.
    pub key: String,
}

/// A sealed envelope, named by the hash of its manifest, which tells nothing of what is in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SealedEnvelope {
    /// `quality` or `price`; `solution` in the first of two stages.
    pub kind: String,
    /// SHA-256 of the manifest, in hexadecimal.
    pub sha256: String,
}

/// What came of an attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// It was received, and counts.
    Receipt,
    /// It was refused.
    Refusal,
}

/// What companies do with bids until the deadline.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// Hand in a bid.
    Submit,
    /// Put another revision in its place.
    Replace,
    /// Stand by it although the challenge has changed.
    Confirm,
    /// Take it back.
    Withdraw,
}

pub(crate) fn to_the_microsecond<S: Serializer>(at: &DateTime<Utc>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&at.to_rfc3339_opts(SecondsFormat::Micros, true))
}

#[allow(clippy::ref_option, reason = "serde asks for it so")]
fn to_the_microsecond_if_any<S: Serializer>(at: &Option<DateTime<Utc>>, serializer: S) -> Result<S::Ok, S::Error> {
    match at {
        Some(at) => to_the_microsecond(at, serializer),
        None => serializer.serialize_none(),
    }
}

fn in_utc(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%d %H:%M:%S%.6f UTC").to_string()
}

impl Payload {
    /// The text that is signed.
    pub(crate) fn text(&self) -> String {
        // Texts and numbers in plain structures: nothing in them can fail.
        serde_json::to_string(self).unwrap_or_default()
    }

    /// Whether it is about a test in a sandbox: there is no real challenge, and no real bid.
    pub fn is_of_sandbox(&self) -> bool {
        self.format == SANDBOX_FORMAT
    }

    /// What happened, in a sentence or two.
    pub fn sentence(&self) -> String {
        self.sentences().join(" ")
    }

    /// The same, one by one.
    pub(crate) fn sentences(&self) -> Vec<&'static str> {
        let test = self.is_of_sandbox().then_some("Only a test, in a sandbox: it says nothing about a real bid.");
        test.into_iter().chain([self.happened()]).collect()
    }

    fn happened(&self) -> &'static str {
        match (self.kind, self.action) {
            (Kind::Receipt, Action::Submit) => "The bid was received.",
            (Kind::Receipt, Action::Replace) => "A new revision of the bid was received in place of the old one.",
            (Kind::Receipt, Action::Confirm) => "The company stands by its bid.",
            (Kind::Receipt, Action::Withdraw) => "The bid was taken back.",
            (Kind::Refusal, Action::Submit) => "A bid was refused.",
            (Kind::Refusal, Action::Replace) => "A new revision of the bid was refused.",
            (Kind::Refusal, Action::Confirm) => "The confirmation of the bid was refused.",
            (Kind::Refusal, Action::Withdraw) => "Taking the bid back was refused.",
        }
    }

    fn envelope(&self, kind: &str) -> Option<String> {
        self.envelopes.iter().find(|envelope| envelope.kind == kind).map(|envelope| envelope.sha256.clone())
    }

    /// What it says, as names and values for people.
    pub fn facts(&self) -> Vec<(&'static str, String)> {
        let problems = (!self.problems.is_empty()).then(|| self.problems.join(", "));
        let sandbox = self.is_of_sandbox().then(|| "yes: only a test".to_owned());
        let all = [
            ("Sandbox", sandbox),
            ("Time of receipt", Some(in_utc(self.received_at))),
            ("Real time", self.real_time.map(in_utc)),
            ("Challenge", Some(self.challenge_reference.clone())),
            ("Challenge id", Some(self.challenge.to_string())),
            ("Company", Some(self.company_name.clone())),
            ("Company id", Some(self.company.to_string())),
            ("Bid id", self.bid.map(|bid| bid.to_string())),
            ("Revision", self.revision.map(|revision| revision.to_string())),
            ("Refused because", self.reason.clone()),
            ("Problems", problems),
            ("Solution envelope", self.envelope("solution")),
            ("Quality envelope", self.envelope("quality")),
            ("Price envelope", self.envelope("price")),
            ("Event id", Some(self.event.to_string())),
            ("Receipt id", Some(self.id.to_string())),
            ("Key", Some(self.key.clone())),
        ];
        all.into_iter().filter_map(|(name, value)| Some((name, value?))).collect()
    }
}
