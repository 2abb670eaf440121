//! What is owed, and why there is a mail about it.

use serde::{Deserialize, Serialize};

/// What an organisation owes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DutyKind {
    /// The review of a challenge.
    ReviewChallenge,
    /// The answer to a question.
    AnswerQuestion,
    /// Whether bidders get more time after an outage.
    DecideExtension,
}

/// Why there is a mail about what is owed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DutyMoment {
    /// It will soon be due.
    Before,
    /// It was due now.
    Due,
    /// It was due some time ago.
    After,
    /// It was due now, and the owners are to know.
    Escalated,
}
