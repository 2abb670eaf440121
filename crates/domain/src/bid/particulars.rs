//! What an offer says beside solution, plan and price.

use super::OfferedDocument;
use crate::{CriterionId, ResponseSectionId, challenge::Ownership};
use serde::{Deserialize, Serialize};

/// For how many days after the deadline an offer binds its company, if neither it nor the challenge says anything.
pub const USUAL_VALIDITY_DAYS: i32 = 90;

/// What an offer says beside solution, plan and price. None of it tells of money; all of it is in the quality envelope, in
/// this form.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Particulars {
    /// One for each response section of the challenge that is required, and some of the others.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub answers: Vec<Answer>,
    /// One for each eligibility criterion of the challenge.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub eligibility: Vec<Declaration>,
    /// Who would do the work; at most 30.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub team: Vec<TeamMember>,
    /// What the company has done before; at most 20.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub references: Vec<Reference>,
    /// Who else would do a part; at most 20.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub subcontractors: Vec<Subcontractor>,
    /// To whom the results would belong. Required if the challenge leaves it to the bidder; otherwise as in the challenge.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub intellectual_property: Option<OfferedRights>,
    /// For how many days after the deadline the offer binds, 30 to 365. If it does not say: 90, or what the challenge asks
    /// for if that is more.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub validity_days: Option<i32>,
    /// How the company would go about it, beside the milestones; at most 20,000 characters of Markdown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub plan: Option<String>,
    /// Files that belong to it; at most 10.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub documents: Vec<OfferedDocument>,
}

/// The answer to one response section: a text, or yes or no.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Answer {
    /// What it answers.
    pub section: ResponseSectionId,
    /// The answer in words; at most as many as the section allows, and 60,000 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// Yes or no.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub yes: Option<bool>,
    /// What there is to say about a yes or no; at most 2,000 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
}

/// What the company declares about one eligibility criterion (Directive 2014/24/EU, article 59).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Declaration {
    /// About which.
    pub criterion: CriterionId,
    /// Whether the company meets it; with a ground for exclusion, whether it does not apply.
    pub met: bool,
    /// How that can be seen; at most 300 words and 5,000 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub statement: Option<String>,
}

/// Somebody who would do the work.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TeamMember {
    /// At most 100 characters.
    pub name: String,
    /// The part in the pilot; at most 200 characters.
    pub role: String,
    /// What they did before; at most 2,000 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub experience: Option<String>,
    /// How many days they would work, 1 to 1,000.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub days: Option<i32>,
    /// That they agreed to be named, as the company says. Nobody is named without; what they said themselves is a
    /// [`crate::TeamConsent`].
    pub consented: bool,
}

/// What the company has done before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Reference {
    /// At most 200 characters.
    pub title: String,
    /// For whom; at most 200 characters.
    pub client: String,
    /// From 1990 to the year of the deadline.
    pub year: i32,
    /// What was done, and what came of it; at most 2,000 characters.
    pub description: String,
    /// Where one can read of it, `http` or `https`; at most 200 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub web_page: Option<String>,
    /// Whom one can ask; at most 200 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contact: Option<String>,
}

/// Who else would do a part (Directive 2014/24/EU, article 71).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Subcontractor {
    /// At most 200 characters.
    pub name: String,
    /// Which part; at most 1,000 characters.
    pub part: String,
}

/// To whom the results would belong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OfferedRights {
    /// In one of the ways that a challenge can name.
    pub ownership: Ownership,
    /// The licence in words, or its SPDX name; at most 2,000 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub licence: Option<String>,
}
