//! The parts that the sections of a challenge are made of.

use crate::{
    CriterionId, Money,
    evaluation::{Score, Weight},
};
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

/// The problem, told without a solution (eForms BT-24); each part at most 5,000 characters of Markdown.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProblemStatement {
    /// What hurts.
    pub pain: String,
    /// For whom.
    pub affected: String,
    /// How one knows.
    pub evidence: String,
    /// What it costs today.
    pub current_cost: String,
    /// What was tried.
    pub tried: String,
}

/// One measure of success.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outcome {
    /// What is measured; at most 200 characters.
    pub metric: String,
    /// In which unit; at most 50 characters.
    pub unit: String,
    /// The value today; at most 100 characters.
    pub baseline: String,
    /// The value that would be a success; at most 100 characters.
    pub target: String,
}

/// What a solution has to live with, and what it can use; each part at most 5,000 characters of Markdown.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Conditions {
    /// What must not change: law, systems, hours, safety.
    pub constraints: String,
    /// Which data the agency can share, and how.
    pub data: String,
    /// Where a pilot can be tried.
    pub sites: String,
    /// With whom.
    pub users: String,
}

/// How far a solution has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StageKind {
    /// Looking whether it can work.
    Explore,
    /// Trying it with real users.
    Pilot,
    /// Bringing it to everybody.
    Scale,
}

/// A step on the way from an idea to everyday use (eForms: stages of an innovation partnership).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stage {
    /// Which step.
    pub kind: StageKind,
    /// What it may cost at most, for one participant.
    pub budget: Option<Money>,
    /// What must be shown to go on; at most 2,000 characters.
    pub gate: String,
    /// How many may pass, 1 to 100; unlimited if not said.
    pub passing: Option<i32>,
}

/// The dates beside the deadline, as the agency plans them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlannedDates {
    /// Questions are taken before this instant; eForms BT-13.
    pub questions_until: Option<DateTime<Utc>>,
    /// Every question is answered by then.
    pub answers_by: Option<DateTime<Utc>>,
    /// When the award is expected.
    pub expected_award: Option<NaiveDate>,
    /// When the pilots are to start.
    pub pilot_start: Option<NaiveDate>,
}

/// Kinds of eligibility criteria: the three of Directive 2014/24/EU, article 58, and the grounds of article 57.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EligibilityKind {
    /// A reason to be left out (article 57).
    Exclusion,
    /// Suitability to pursue the professional activity.
    Suitability,
    /// Economic and financial standing.
    EconomicStanding,
    /// Technical and professional ability.
    TechnicalAbility,
}

/// What a company must be or have to be admitted (OCDS selectionCriteria).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EligibilityCriterion {
    /// Its id; kept as long as the criterion lives.
    pub id: CriterionId,
    /// Its kind.
    pub kind: EligibilityKind,
    /// At most 200 characters.
    pub name: String,
    /// What is asked, and how it is shown; at most 2,000 characters.
    pub description: String,
}

/// An award criterion (eForms BT-540, BT-5421, BT-5423).
#[derive(Debug, Clone, PartialEq)]
pub struct AwardCriterion {
    /// Its id; kept as long as the criterion lives.
    pub id: CriterionId,
    /// At most 200 characters.
    pub name: String,
    /// What evaluators look at; at most 2,000 characters.
    pub description: String,
    /// Its part of the total, in percent.
    pub weight: Weight,
    /// The best score.
    pub maximum: Score,
    /// A bid below this is not ranked.
    pub minimum: Option<Score>,
    /// What some scores mean; at most 11, from the lowest to the highest.
    pub anchors: Vec<Anchor>,
}

/// What a score means.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Anchor {
    /// The score, at most the criterion's maximum.
    pub score: Score,
    /// What deserves it; 1 to 500 characters.
    pub meaning: String,
}

/// To whom the results belong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ownership {
    /// To the company; the agency may use them.
    Company,
    /// To the agency.
    Agency,
    /// To both.
    Shared,
    /// To everybody: under an open licence.
    OpenLicence,
    /// As the bid says, in one of the ways above.
    BiddersChoice,
}

impl Ownership {
    /// Every way.
    pub const ALL: [Self; 5] = [Self::Company, Self::Agency, Self::Shared, Self::OpenLicence, Self::BiddersChoice];

    /// The name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Company => "company",
            Self::Agency => "agency",
            Self::Shared => "shared",
            Self::OpenLicence => "open_licence",
            Self::BiddersChoice => "bidders_choice",
        }
    }
}

/// Who owns what the pilot makes, and who may use it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IntellectualProperty {
    /// To whom the results belong.
    pub ownership: Ownership,
    /// The licence in words, or its SPDX name; at most 2,000 characters.
    pub licence: String,
}

/// What is told only to those who promise to keep it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Confidentiality {
    /// What a company promises; public; 1 to 20,000 characters of Markdown.
    pub agreement: String,
    /// What it then may read; at most 20,000 characters of Markdown.
    pub details: String,
}

/// The politician or manager who stands for the challenge.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sponsor {
    /// At most 100 characters.
    pub name: String,
    /// The office held; at most 200 characters.
    pub position: String,
}

/// Whom to turn to; public.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContactPoint {
    /// An office rather than a person; at most 100 characters.
    pub name: String,
    /// Where to write to.
    pub email: String,
    /// Where to call; at most 40 characters.
    pub phone: Option<String>,
}
