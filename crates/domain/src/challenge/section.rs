//! The sections of a challenge, and which of them differ between two versions.

use super::Content;

/// A part of a challenge that is written, checked and changed on its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Section {
    /// Title, summary and the language they are written in.
    Overview,
    /// The problem statement.
    Problem,
    /// The measures of success.
    Outcomes,
    /// What a solution has to live with, and what it can use.
    Conditions,
    /// Procedure, ceiling, number and length of pilots.
    Budget,
    /// The way from an idea to everyday use.
    Stages,
    /// The deadline and the dates around it.
    Timeline,
    /// What a company must be or have.
    Eligibility,
    /// What a bid has to answer, and for how long it binds.
    Response,
    /// Criteria, weights, price formula, consensus and tie rule.
    Award,
    /// Who owns the results.
    IntellectualProperty,
    /// The confidentiality agreement and what it protects.
    Confidentiality,
    /// Sponsor and contacts.
    People,
    /// CPV codes and tags.
    Classification,
    /// The other languages.
    Translations,
}

impl Section {
    /// All of them, in the order in which they are read.
    pub const ALL: [Self; 15] = [
        Self::Overview,
        Self::Problem,
        Self::Outcomes,
        Self::Conditions,
        Self::Budget,
        Self::Stages,
        Self::Timeline,
        Self::Eligibility,
        Self::Response,
        Self::Award,
        Self::IntellectualProperty,
        Self::Confidentiality,
        Self::People,
        Self::Classification,
        Self::Translations,
    ];

    /// The name of the section.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Overview => "overview",
            Self::Problem => "problem",
            Self::Outcomes => "outcomes",
            Self::Conditions => "conditions",
            Self::Budget => "budget",
            Self::Stages => "stages",
            Self::Timeline => "timeline",
            Self::Eligibility => "eligibility",
            Self::Response => "response",
            Self::Award => "award",
            Self::IntellectualProperty => "intellectual_property",
            Self::Confidentiality => "confidentiality",
            Self::People => "people",
            Self::Classification => "classification",
            Self::Translations => "translations",
        }
    }

    /// The section to which a field of the API's document belongs: the one that a JSON Pointer leads into.
    pub fn of(pointer: &str) -> Self {
        match pointer.split('/').nth(1).unwrap_or_default() {
            "problem" => Self::Problem,
            "outcomes" => Self::Outcomes,
            "conditions" => Self::Conditions,
            "procedure" | "budgetCeiling" | "pilots" | "pilotWeeks" => Self::Budget,
            "stages" => Self::Stages,
            "submissionDeadline" | "shortlisting" | "plannedDates" | "zone" => Self::Timeline,
            "eligibility" => Self::Eligibility,
            "responseSections" | "bidValidityDays" => Self::Response,
            "criteria" | "priceFormula" | "priceWeight" | "consensus" | "tieRule" => Self::Award,
            "intellectualProperty" => Self::IntellectualProperty,
            "confidentiality" => Self::Confidentiality,
            "sponsor" | "contacts" => Self::People,
            "cpvCodes" | "tags" => Self::Classification,
            "translations" => Self::Translations,
            _ => Self::Overview,
        }
    }

    /// Whether a change of it after publication changes what bidders answer to (Directive 2014/24/EU, article 47 (3) b),
    /// so that they get more time and are asked to confirm.
    pub fn is_material(self) -> bool {
        match self {
            Self::Problem
            | Self::Outcomes
            | Self::Conditions
            | Self::Budget
            | Self::Stages
            | Self::Timeline
            | Self::Eligibility
            | Self::Response
            | Self::Award
            | Self::IntellectualProperty
            | Self::Confidentiality => true,
            Self::Overview | Self::People | Self::Classification | Self::Translations => false,
        }
    }

    fn same(self, one: &Content, other: &Content) -> bool {
        match self {
            Self::Overview => {
                (&one.title, &one.summary, one.language) == (&other.title, &other.summary, other.language)
            }
            Self::Problem => one.problem == other.problem,
            Self::Outcomes => one.outcomes == other.outcomes,
            Self::Conditions => one.conditions == other.conditions,
            Self::Budget => {
                (one.procedure, one.budget_ceiling, one.pilots, one.pilot_weeks)
                    == (other.procedure, other.budget_ceiling, other.pilots, other.pilot_weeks)
            }
            Self::Stages => one.stages == other.stages,
            Self::Timeline => {
                (one.submission_deadline, one.shortlisting, &one.planned_dates, one.zone)
                    == (other.submission_deadline, other.shortlisting, &other.planned_dates, other.zone)
            }
            Self::Eligibility => one.eligibility == other.eligibility,
            Self::Response => {
                (&one.response_sections, one.bid_validity_days) == (&other.response_sections, other.bid_validity_days)
            }
            Self::Award => {
                (&one.criteria, one.price_formula, one.price_weight, one.consensus, &one.tie_rule)
                    == (&other.criteria, other.price_formula, other.price_weight, other.consensus, &other.tie_rule)
            }
            Self::IntellectualProperty => one.intellectual_property == other.intellectual_property,
            Self::Confidentiality => one.confidentiality == other.confidentiality,
            Self::People => (&one.sponsor, &one.contacts) == (&other.sponsor, &other.contacts),
            Self::Classification => (&one.cpv_codes, &one.tags) == (&other.cpv_codes, &other.tags),
            Self::Translations => one.translations == other.translations,
        }
    }
}

impl Content {
    /// The sections in which two versions differ.
    pub fn changed_sections(&self, other: &Self) -> Vec<Section> {
        Section::ALL.into_iter().filter(|section| !section.same(self, other)).collect()
    }
}
