//! What happens to challenges, for everybody who is told.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// What happened to a challenge.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "what", rename_all = "snake_case")]
pub enum News {
    /// Text was added to it.
    Addendum {
        /// What the text is about.
        title: String,
    },
    /// It says something else now.
    Changed {
        /// Why.
        reason: String,
        /// The names of the sections that are different.
        sections: Vec<String>,
        /// Whether bids that are in the box have to be confirmed.
        confirm: bool,
        /// Until when bids are taken.
        deadline: DateTime<Utc>,
    },
    /// To bidders whose bid was made before it was changed: the deadline is near.
    ConfirmBid {
        /// Until when bids are taken.
        deadline: DateTime<Utc>,
    },
    /// A document was added to it, or a newer version of one.
    DocumentAdded {
        /// What the document is called.
        title: String,
    },
    /// Questions were answered.
    QuestionsAnswered {
        /// How many.
        count: usize,
        /// The first of them, as they were published, or how they begin.
        questions: Vec<String>,
    },
    /// The answer to a question was corrected.
    AnswerCorrected {
        /// The question, as it was published.
        question: String,
        /// Why.
        reason: String,
    },
    /// It was a market consultation, and there is a summary of what was learned.
    Concluded,
    /// No bids are taken for now.
    Suspended {
        /// Why.
        reason: String,
    },
    /// Bids are taken again.
    Resumed {
        /// Why.
        reason: String,
        /// Until when bids are taken.
        deadline: DateTime<Utc>,
    },
    /// It was cancelled.
    Cancelled {
        /// Why.
        reason: String,
    },
    /// It ended without a winner.
    ClosedWithoutAward {
        /// Why.
        reason: String,
    },
}
