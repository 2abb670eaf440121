//! The envelopes of bids.

/// Which envelope of a bid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EnvelopeKind {
    /// An unpriced solution: the only envelope of a bid in the first stage of a two-stage challenge.
    Solution,
    /// What is judged without knowing the price; opened first.
    Quality,
    /// The price; opened once the judgement of quality is frozen.
    Price,
}

impl EnvelopeKind {
    /// All, in the order of their opening.
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

/// Who sealed an envelope.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SealedBy {
    /// The server, which held the content in memory for one request.
    Server,
    /// The company itself: the content never reached the server.
    Company,
}

impl SealedBy {
    /// The name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Server => "server",
            Self::Company => "company",
        }
    }

    /// The one of that name.
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Server, Self::Company].into_iter().find(|by| by.as_str() == name)
    }
}

/// Why an envelope that enough holders wanted to open gave nothing. It is always whoever sealed it who is to blame: shares
/// that do not match what was sealed are refused one by one before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EnvelopeFailure {
    /// The shares match what was sealed, and do not give the key.
    KeyNotInShares,
    /// The key does not open the content, or what comes out is not framed as an envelope.
    NotDecryptable,
    /// What is written inside is not what is written on it: it was sealed for another bid.
    OtherLabel,
    /// The content is not an offer in the form that is asked for.
    Unreadable,
    /// None of the committee could open it, and its bidder did not give the key in time.
    Lost,
}

impl EnvelopeFailure {
    /// Every reason.
    pub const ALL: [Self; 5] =
        [Self::KeyNotInShares, Self::NotDecryptable, Self::OtherLabel, Self::Unreadable, Self::Lost];

    /// The code.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::KeyNotInShares => "key_not_in_shares",
            Self::NotDecryptable => "not_decryptable",
            Self::OtherLabel => "other_label",
            Self::Unreadable => "unreadable",
            Self::Lost => "lost",
        }
    }

    /// The reason of that code.
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|failure| failure.as_str() == code)
    }
}
