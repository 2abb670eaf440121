//! What a challenge says, as it is shown: of the challenge itself, of an earlier revision, of a template.

use super::challenge_parts::{
    ConditionsWire, ConfidentialityWire, ContactPointWire, CriterionWire, EligibilityWire, IntellectualPropertyWire,
    OutcomeWire, PlannedDatesWire, ProblemWire, ShortlistingWire, SponsorWire, StageWire,
};
use super::response_section_wire::ResponseSectionWire;
use crate::foundation::{
    markdown,
    wire::{self, MoneyView},
};
use chrono::{DateTime, Utc};
use domain::{
    Procedure,
    account::Language,
    challenge::Content,
    evaluation::{ConsensusMethod, PriceFormula},
};
use serde::Serialize;
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// The sections of a challenge.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Content)]
pub(crate) struct ContentView {
    #[schema(example = "Telling urgent 112 calls apart during a flood")]
    title: String,
    #[schema(example = "When a river bursts its banks, 4,000 calls reach us in an hour.")]
    summary: String,
    problem: ProblemWire,
    outcomes: Vec<OutcomeWire>,
    conditions: ConditionsWire,
    #[schema(schema_with = wire::procedure, example = "small_pilot")]
    procedure: Procedure,
    budget_ceiling: Option<MoneyView>,
    #[schema(example = 1)]
    pilots: i32,
    #[schema(example = 12)]
    pilot_weeks: i32,
    stages: Vec<StageWire>,
    /// Bids are taken before this instant.
    submission_deadline: Option<DateTime<Utc>>,
    /// Unpriced solutions first, then offers of those on the shortlist; none if offers come at once.
    shortlisting: Option<ShortlistingWire>,
    planned_dates: PlannedDatesWire,
    #[schema(example = "Europe/Ljubljana")]
    zone: String,
    eligibility: Vec<EligibilityWire>,
    /// What a bid has to answer beside its solution.
    response_sections: Vec<ResponseSectionWire>,
    /// For how many days after the deadline a bid has to bind its company at least.
    #[schema(example = 120)]
    bid_validity_days: Option<i32>,
    criteria: Vec<CriterionWire>,
    #[schema(schema_with = wire::price_formula, example = "absolute")]
    price_formula: PriceFormula,
    #[schema(example = "30")]
    price_weight: Option<String>,
    #[schema(schema_with = wire::consensus, example = "mean")]
    consensus: ConsensusMethod,
    #[schema(example = "lower_price")]
    tie_rule: String,
    intellectual_property: Option<IntellectualPropertyWire>,
    confidentiality: Option<ConfidentialityWire>,
    sponsor: Option<SponsorWire>,
    contacts: Vec<ContactPointWire>,
    /// What is bought (CPV), the most important first.
    cpv_codes: Vec<String>,
    tags: Vec<String>,
    /// The language in which it is written.
    #[schema(schema_with = wire::language)]
    language: Language,
    /// Texts in other languages: by language, and there by the JSON Pointer of the text.
    translations: BTreeMap<String, BTreeMap<String, String>>,
}

impl ContentView {
    /// The whole content: what is confidential must be gone before.
    pub(crate) fn of(content: Content) -> Self {
        let texts = |(language, texts): (Language, BTreeMap<String, domain::challenge::Translation>)| {
            let texts = texts.into_iter().map(|(pointer, translation)| (pointer, translation.text)).collect();
            (language.as_str().to_owned(), texts)
        };
        Self {
            tie_rule: tie_rule(&content),
            title: content.title,
            summary: content.summary,
            problem: content.problem.into(),
            outcomes: content.outcomes.into_iter().map(Into::into).collect(),
            conditions: content.conditions.into(),
            procedure: content.procedure,
            budget_ceiling: content.budget_ceiling.map(Into::into),
            pilots: content.pilots,
            pilot_weeks: content.pilot_weeks,
            stages: content.stages.into_iter().map(Into::into).collect(),
            submission_deadline: content.submission_deadline,
            shortlisting: content.shortlisting.map(Into::into),
            planned_dates: content.planned_dates.into(),
            zone: content.zone.name().to_owned(),
            eligibility: content.eligibility.into_iter().map(Into::into).collect(),
            response_sections: content.response_sections.into_iter().map(Into::into).collect(),
            bid_validity_days: content.bid_validity_days,
            criteria: content.criteria.iter().map(Into::into).collect(),
            price_formula: content.price_formula,
            price_weight: content.price_weight.map(|weight| weight.to_string()),
            consensus: content.consensus,
            intellectual_property: content.intellectual_property.map(Into::into),
            confidentiality: content.confidentiality.map(Into::into),
            sponsor: content.sponsor.map(Into::into),
            contacts: content.contacts.into_iter().map(Into::into).collect(),
            cpv_codes: content.cpv_codes.iter().map(ToString::to_string).collect(),
            tags: content.tags,
            language: content.language,
            translations: content.translations.0.into_iter().map(texts).collect(),
        }
    }

    /// The same with the long texts as HTML that is safe to show, instead of Markdown.
    pub(crate) fn rendered(mut self) -> Self {
        let ProblemWire { pain, affected, evidence, current_cost, tried } = &mut self.problem;
        let ConditionsWire { constraints, data, sites, users } = &mut self.conditions;
        let mut texts = vec![pain, affected, evidence, current_cost, tried, constraints, data, sites, users];
        texts.extend(self.stages.iter_mut().map(|stage| &mut stage.gate));
        texts.extend(self.eligibility.iter_mut().map(|criterion| &mut criterion.description));
        texts.extend(self.response_sections.iter_mut().map(|section| &mut section.guidance));
        texts.extend(self.criteria.iter_mut().map(|criterion| &mut criterion.description));
        texts.extend(self.intellectual_property.iter_mut().map(|property| &mut property.licence));
        if let Some(confidentiality) = &mut self.confidentiality {
            texts.extend([&mut confidentiality.agreement, &mut confidentiality.details]);
        }
        for text in texts {
            *text = markdown::to_html(text);
        }
        self
    }
}

/// The tie rule in the form in which it is sent.
fn tie_rule(content: &Content) -> String {
    let of = content.tie_rule.criterion().and_then(|id| content.criteria.iter().find(|c| c.id == *id));
    let name = content.tie_rule.as_str();
    of.map_or_else(|| name.to_owned(), |criterion| format!("{name}:{}", criterion.name))
}
