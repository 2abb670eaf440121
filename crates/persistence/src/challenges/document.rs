//! The content of a challenge as a document: what is in no column of its own, and the whole.

use super::row::score;
use crate::{Error, Result};
use chrono::{DateTime, Utc};
use domain::{
    CriterionId, Money, Procedure,
    account::Language,
    challenge::{
        Anchor, AwardCriterion, Conditions, Confidentiality, ContactPoint, Content, EligibilityCriterion,
        IntellectualProperty, Outcome, PlannedDates, ProblemStatement, ResponseSection, Shortlisting, Sponsor, Stage,
        Translations,
    },
    cpv::CpvCode,
    evaluation::{ConsensusMethod, PriceFormula, Score, TieRule, Weight},
};
use serde::{Deserialize, Serialize};

/// The whole content: of an earlier revision, of a template.
#[derive(Serialize, Deserialize)]
pub(crate) struct Document {
    #[serde(flatten)]
    columns: Columns,
    #[serde(flatten)]
    sections: Sections,
}

/// What is filtered, sorted or listed by; a challenge has it in columns.
#[derive(Serialize, Deserialize)]
pub(super) struct Columns {
    pub(super) title: String,
    pub(super) summary: String,
    pub(super) procedure: Procedure,
    pub(super) budget_ceiling: Option<Money>,
    pub(super) submission_deadline: Option<DateTime<Utc>>,
}

/// What is not. Sections that earlier versions of the program did not know are empty.
#[derive(Serialize, Deserialize)]
pub(super) struct Sections {
    problem: ProblemStatement,
    outcomes: Vec<Outcome>,
    #[serde(default)]
    conditions: Conditions,
    pilots: i32,
    pilot_weeks: i32,
    #[serde(default)]
    stages: Vec<Stage>,
    #[serde(default)]
    shortlisting: Option<Shortlisting>,
    #[serde(default)]
    planned_dates: PlannedDates,
    zone: chrono_tz::Tz,
    #[serde(default)]
    eligibility: Vec<EligibilityCriterion>,
    #[serde(default)]
    response_sections: Vec<ResponseSection>,
    bid_validity_days: Option<i32>,
    criteria: Vec<CriterionDocument>,
    price_formula: PriceFormula,
    price_weight: Option<i32>,
    consensus: ConsensusMethod,
    tie_rule: TieRule<CriterionId>,
    intellectual_property: Option<IntellectualProperty>,
    confidentiality: Option<Confidentiality>,
    sponsor: Option<Sponsor>,
    #[serde(default)]
    contacts: Vec<ContactPoint>,
    #[serde(default)]
    cpv_codes: Vec<CpvCode>,
    #[serde(default)]
    tags: Vec<String>,
    #[serde(default = "english")]
    language: Language,
    #[serde(default)]
    translations: Translations,
}

fn english() -> Language {
    Language::En
}

/// Weight and scores in hundredths.
#[derive(Serialize, Deserialize)]
struct CriterionDocument {
    id: CriterionId,
    name: String,
    description: String,
    weight: i32,
    maximum: i64,
    minimum: Option<i64>,
    #[serde(default)]
    anchors: Vec<Anchor>,
}

impl From<&Content> for Document {
    fn from(content: &Content) -> Self {
        let columns = Columns {
            title: content.title.clone(),
            summary: content.summary.clone(),
            procedure: content.procedure,
            budget_ceiling: content.budget_ceiling,
            submission_deadline: content.submission_deadline,
        };
        Self { columns, sections: content.into() }
    }
}

impl TryFrom<Document> for Content {
    type Error = Error;

    fn try_from(document: Document) -> Result<Self> {
        document.sections.content(document.columns)
    }
}

impl From<&Content> for Sections {
    fn from(content: &Content) -> Self {
        Self {
            problem: content.problem.clone(),
            outcomes: content.outcomes.clone(),
            conditions: content.conditions.clone(),
            pilots: content.pilots,
            pilot_weeks: content.pilot_weeks,
            stages: content.stages.clone(),
            shortlisting: content.shortlisting,
            planned_dates: content.planned_dates.clone(),
            zone: content.zone,
            eligibility: content.eligibility.clone(),
            response_sections: content.response_sections.clone(),
            bid_validity_days: content.bid_validity_days,
            criteria: content.criteria.iter().map(Into::into).collect(),
            price_formula: content.price_formula,
            price_weight: content.price_weight.map(Weight::hundredths),
            consensus: content.consensus,
            tie_rule: content.tie_rule,
            intellectual_property: content.intellectual_property.clone(),
            confidentiality: content.confidentiality.clone(),
            sponsor: content.sponsor.clone(),
            contacts: content.contacts.clone(),
            cpv_codes: content.cpv_codes.clone(),
            tags: content.tags.clone(),
            language: content.language,
            translations: content.translations.clone(),
        }
    }
}

impl Sections {
    /// The content, of which these are the other parts.
    pub(super) fn content(self, columns: Columns) -> Result<Content> {
        Ok(Content {
            title: columns.title,
            summary: columns.summary,
            problem: self.problem,
            outcomes: self.outcomes,
            conditions: self.conditions,
            procedure: columns.procedure,
            budget_ceiling: columns.budget_ceiling,
            pilots: self.pilots,
            pilot_weeks: self.pilot_weeks,
            stages: self.stages,
            submission_deadline: columns.submission_deadline,
            shortlisting: self.shortlisting,
            planned_dates: self.planned_dates,
            zone: self.zone,
            eligibility: self.eligibility,
            response_sections: self.response_sections,
            bid_validity_days: self.bid_validity_days,
            criteria: self.criteria.into_iter().map(TryInto::try_into).collect::<Result<_>>()?,
            price_formula: self.price_formula,
            price_weight: self.price_weight.map(weight).transpose()?,
            consensus: self.consensus,
            tie_rule: self.tie_rule,
            intellectual_property: self.intellectual_property,
            confidentiality: self.confidentiality,
            sponsor: self.sponsor,
            contacts: self.contacts,
            cpv_codes: self.cpv_codes,
            tags: self.tags,
            language: self.language,
            translations: self.translations,
        })
    }
}

impl From<&AwardCriterion> for CriterionDocument {
    fn from(criterion: &AwardCriterion) -> Self {
        Self {
            id: criterion.id,
            name: criterion.name.clone(),
            description: criterion.description.clone(),
            weight: criterion.weight.hundredths(),
            maximum: criterion.maximum.hundredths(),
            minimum: criterion.minimum.map(Score::hundredths),
            anchors: criterion.anchors.clone(),
        }
    }
}

impl TryFrom<CriterionDocument> for AwardCriterion {
    type Error = Error;

    fn try_from(c: CriterionDocument) -> Result<Self> {
        Ok(Self {
            id: c.id,
            name: c.name,
            description: c.description,
            weight: weight(c.weight)?,
            maximum: score(c.maximum)?,
            minimum: c.minimum.map(score).transpose()?,
            anchors: c.anchors,
        })
    }
}

fn weight(hundredths: i32) -> Result<Weight> {
    Weight::from_hundredths(hundredths).map_err(|_| Error::corrupt("weight", hundredths))
}
