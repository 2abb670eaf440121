//! What a bid has to answer beside its solution, section by section, and for how long it binds.

use super::{
    Content,
    checklist::{at_most, count},
};
use crate::{Checks, ResponseSectionId};
use serde::{Deserialize, Serialize};
use std::ops::RangeInclusive;

/// The most sections of one challenge.
pub const MOST_RESPONSE_SECTIONS: usize = 40;

/// For how many days after the deadline a challenge can ask a bid to bind its company, and a bid can promise it.
pub const BID_VALIDITY_DAYS: RangeInclusive<i32> = 30..=365;

/// The most words of a text.
const MOST_WORDS: i32 = 5000;

/// How something is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AnswerKind {
    /// In words.
    Text,
    /// With yes or no, and a comment if need be.
    YesNo,
}

impl AnswerKind {
    /// Every kind.
    pub const ALL: [Self; 2] = [Self::Text, Self::YesNo];

    /// The name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::YesNo => "yes_no",
        }
    }
}

/// Something that a bid has to answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResponseSection {
    /// Its id; kept as long as the section lives. Answers name it.
    pub id: ResponseSectionId,
    /// What is asked; at most 200 characters.
    pub title: String,
    /// What a good answer tells; at most 2,000 characters of Markdown.
    pub guidance: String,
    /// How it is answered.
    pub kind: AnswerKind,
    /// Whether a bid without it is incomplete.
    pub required: bool,
    /// The most words of a text, 1 to 5,000.
    pub max_words: Option<i32>,
}

impl Content {
    /// Sizes only, as for all of a draft.
    pub(super) fn check_draft_response(&self, checks: &mut Checks) {
        let validity = self.bid_validity_days.is_none_or(|days| BID_VALIDITY_DAYS.contains(&days));
        checks.require(validity, "/bidValidityDays", "out_of_range", "from 30 to 365");
        count(checks, self.response_sections.len(), MOST_RESPONSE_SECTIONS, "/responseSections");
        for (i, section) in self.response_sections.iter().enumerate() {
            let at = format!("/responseSections/{i}");
            at_most(checks, &section.title, 200, format!("{at}/title"));
            at_most(checks, &section.guidance, 2000, format!("{at}/guidance"));
            let words = section.max_words.is_none_or(|words| (1..=MOST_WORDS).contains(&words));
            checks.require(words, format!("{at}/maxWords"), "out_of_range", "from 1 to 5000");
            let unique = self.response_sections[..i].iter().all(|other| other.id != section.id);
            checks.require(unique, format!("{at}/id"), "duplicate", "another section has this id");
        }
    }

    /// What stands in the way of a review.
    pub(super) fn check_response(&self, checks: &mut Checks) {
        for (i, section) in self.response_sections.iter().enumerate() {
            let at = format!("/responseSections/{i}");
            checks.text(&section.title, 200, format!("{at}/title"));
            let unique = self.response_sections[..i].iter().all(|other| other.title != section.title);
            checks.require(unique, format!("{at}/title"), "duplicate", "another section has this title");
            let (limited, at) = (section.max_words.is_some(), format!("{at}/maxWords"));
            match section.kind {
                AnswerKind::Text => checks.require(limited, at, "required", "say how many words it may have"),
                AnswerKind::YesNo => checks.require(!limited, at, "not_allowed", "yes or no has no words to count"),
            }
        }
    }

    /// The section with this id.
    pub fn response_section(&self, id: ResponseSectionId) -> Option<&ResponseSection> {
        self.response_sections.iter().find(|section| section.id == id)
    }
}
