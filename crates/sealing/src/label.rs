//! What an envelope is for.

use serde::{Deserialize, Serialize};
use std::fmt;

/// The name of a challenge or a bidder: 1 to 64 of the letters, digits and `-`, `.`, `_` of ASCII. An id of Provoco is one.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Id(String);

impl Id {
    /// The most characters of an id.
    pub const LONGEST: usize = 64;

    /// The id that a text writes.
    pub fn parse(text: &str) -> Option<Self> {
        let fits = (1..=Self::LONGEST).contains(&text.len());
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-._".contains(&byte);
        (fits && text.bytes().all(allowed)).then(|| Self(text.to_owned()))
    }

    /// An id as long as they come.
    pub(crate) fn longest() -> Self {
        Self("x".repeat(Self::LONGEST))
    }

    /// The id as a text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Id {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text).ok_or("an id is 1 to 64 of the letters, digits and - . _")
    }
}

impl From<Id> for String {
    fn from(id: Id) -> Self {
        id.0
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Which envelope of a bid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// An unpriced solution: the only envelope of a bid in the first of two stages.
    Solution,
    /// What is judged without knowing the price.
    Quality,
    /// The price, opened once the judgement of quality is frozen.
    Price,
}

impl Kind {
    /// All kinds.
    pub const ALL: [Self; 3] = [Self::Solution, Self::Quality, Self::Price];

    /// The name of the kind.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Solution => "solution",
            Self::Quality => "quality",
            Self::Price => "price",
        }
    }

    /// The kind of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == name)
    }
}

/// What an envelope is for. It is written on the envelope and, sealed, inside it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label {
    /// The challenge.
    pub challenge: Id,
    /// Whose bid it is.
    pub bidder: Id,
    /// Which version of the bid, from 1.
    pub version: u32,
    /// Solution, quality or price.
    pub kind: Kind,
}

impl Label {
    /// The first thing in which two labels differ.
    pub(crate) fn difference(&self, other: &Self) -> Option<&'static str> {
        match () {
            () if self.challenge != other.challenge => Some("challenge"),
            () if self.bidder != other.bidder => Some("bidder"),
            () if self.version != other.version => Some("version"),
            () if self.kind != other.kind => Some("kind"),
            () => None,
        }
    }
}
