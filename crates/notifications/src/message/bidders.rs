//! Mails to those who bid together, or would be named in a bid.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// To a partner: a company asks the organisation to bid together, or asks again because something changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PartnerAsked {
    /// Title of the challenge.
    pub challenge_title: String,
    /// Public reference of the challenge.
    pub challenge_reference: String,
    /// Name of the company that asks.
    pub lead: String,
    /// Until when it can be answered.
    pub deadline: DateTime<Utc>,
    /// The consortium.
    pub link: String,
}

/// To the lead of a consortium: a partner does not take part, or not any more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PartnerDeclined {
    /// Title of the challenge.
    pub challenge_title: String,
    /// Public reference of the challenge.
    pub challenge_reference: String,
    /// Name of the partner.
    pub partner: String,
    /// Whether the bid that was handed in names it.
    pub in_bid: bool,
    /// The consortium.
    pub link: String,
}

/// To somebody who need not have an account: a company asks whether it may name them in its bid.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TeamConsentAsked {
    /// Title of the challenge.
    pub challenge_title: String,
    /// Public reference of the challenge.
    pub challenge_reference: String,
    /// Name of the company.
    pub company: String,
    /// The part that the person would have.
    pub role: String,
    /// Until when it can be answered.
    pub deadline: DateTime<Utc>,
    /// Page that takes the answer; holds the token, which goes on working.
    pub link: String,
}
