//! What an author sends: the sections of a challenge.

use super::challenge_parts::{
    ConditionsWire, ConfidentialityWire, ContactPointWire, CriterionWire, EligibilityWire, IntellectualPropertyWire,
    OutcomeWire, PlannedDatesWire, ProblemWire, ShortlistingWire, SponsorWire, StageWire,
};
use super::response_section_wire::ResponseSectionWire;
use crate::foundation::{
    schema,
    wire::{self, MoneyView, all, decimal, given},
};
use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use domain::{
    Checks, CriterionId, Procedure, Result,
    account::Language,
    challenge::{AwardCriterion, Content},
    evaluation::{ConsensusMethod, PriceFormula, TieRule},
};
use persistence::Conn;
use serde::Deserialize;
use std::collections::BTreeMap;
use utoipa::{
    ToSchema,
    openapi::schema::{AdditionalProperties, Object, ObjectBuilder, Type},
};

/// The sections of a challenge. Fields that are left out keep their value; `null` empties those that may be empty.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct ChallengeContent {
    /// The problem in one line.
    #[schema(
        nullable = false,
        example = "Telling urgent 112 calls apart during a flood",
        min_length = 1,
        max_length = 200
    )]
    title: Option<String>,
    /// What it is about, for lists.
    #[schema(
        nullable = false,
        example = "When a river bursts its banks, 4,000 calls reach us in an hour.",
        max_length = 1000
    )]
    summary: Option<String>,
    /// The problem, told without a solution.
    #[schema(nullable = false)]
    problem: Option<ProblemWire>,
    /// How success is measured.
    #[schema(nullable = false, max_items = 20)]
    outcomes: Option<Vec<OutcomeWire>>,
    /// What a solution has to live with, and what it can use.
    #[schema(nullable = false)]
    conditions: Option<ConditionsWire>,
    /// Decides the minimum periods.
    #[schema(nullable = false, schema_with = wire::procedure, example = "small_pilot")]
    procedure: Option<Procedure>,
    /// What one pilot may cost at most.
    #[serde(default, deserialize_with = "given")]
    budget_ceiling: Option<Option<MoneyView>>,
    /// How many pilots can be awarded.
    #[schema(nullable = false, example = 1, minimum = 1, maximum = 20)]
    pilots: Option<i32>,
    /// How long a pilot lasts, in weeks.
    #[schema(nullable = false, example = 12, minimum = 1, maximum = 104)]
    pilot_weeks: Option<i32>,
    /// The way from an idea to everyday use.
    #[schema(nullable = false, max_items = 5)]
    stages: Option<Vec<StageWire>>,
    /// Bids are taken before this instant.
    #[serde(default, deserialize_with = "given")]
    #[schema(example = "2026-12-15T11:00:00Z")]
    submission_deadline: Option<Option<DateTime<Utc>>>,
    /// Unpriced solutions first, then offers of those on the shortlist; `null` for offers at once.
    #[serde(default, deserialize_with = "given")]
    shortlisting: Option<Option<ShortlistingWire>>,
    /// The dates beside the deadline.
    #[schema(nullable = false)]
    planned_dates: Option<PlannedDatesWire>,
    /// The IANA time zone in which dates are counted.
    #[schema(nullable = false, example = "Europe/Ljubljana", max_length = 64)]
    pub(crate) zone: Option<String>,
    /// What a company must be or have to be admitted.
    #[schema(nullable = false, max_items = 20)]
    eligibility: Option<Vec<EligibilityWire>>,
    /// What a bid has to answer beside its solution.
    #[schema(nullable = false, max_items = 40)]
    response_sections: Option<Vec<ResponseSectionWire>>,
    /// For how many days after the deadline a bid has to bind its company at least.
    #[serde(default, deserialize_with = "given")]
    #[schema(example = 120, minimum = 30, maximum = 365)]
    bid_validity_days: Option<Option<i32>>,
    /// The award criteria other than the price.
    #[schema(nullable = false, max_items = 20)]
    criteria: Option<Vec<CriterionWire>>,
    /// How a price becomes points.
    #[schema(nullable = false, schema_with = wire::price_formula, example = "absolute")]
    price_formula: Option<PriceFormula>,
    /// The weight of the price in percent; none with a fixed price.
    #[serde(default, deserialize_with = "given")]
    #[schema(example = "30", pattern = r"^[0-9]{1,3}(\.[0-9]{1,2})?$")]
    price_weight: Option<Option<String>>,
    /// How the scores of the evaluators become one.
    #[schema(nullable = false, schema_with = wire::consensus, example = "mean")]
    consensus: Option<ConsensusMethod>,
    /// What decides between equal totals: `shared`, `lower_price`, `earlier_submission`, or `higher_on:` and the name
    /// of a criterion.
    #[schema(nullable = false, example = "lower_price", max_length = 220)]
    tie_rule: Option<String>,
    /// Who owns what the pilot makes.
    #[serde(default, deserialize_with = "given")]
    intellectual_property: Option<Option<IntellectualPropertyWire>>,
    /// What is told only to those who promise to keep it.
    #[serde(default, deserialize_with = "given")]
    confidentiality: Option<Option<ConfidentialityWire>>,
    /// Who stands for it.
    #[serde(default, deserialize_with = "given")]
    sponsor: Option<Option<SponsorWire>>,
    /// Whom to turn to.
    #[schema(nullable = false, max_items = 5)]
    contacts: Option<Vec<ContactPointWire>>,
    /// What is bought (CPV codes, with or without check digits), the most important first.
    #[schema(nullable = false, max_items = 20, schema_with = cpv_codes)]
    cpv_codes: Option<Vec<String>>,
    /// Words to find it by: lower case letters, digits and hyphens.
    #[schema(nullable = false, max_items = 20, schema_with = tags)]
    tags: Option<Vec<String>>,
    /// The language in which it is written.
    #[schema(nullable = false, schema_with = wire::language)]
    language: Option<Language>,
    /// Texts in other languages: by language, and there by the JSON Pointer of the text, in which criteria and
    /// response sections are named by their ids. An empty text takes a translation away; what is left out stays. Pages show a translation only while
    /// the text that it translates is the same.
    #[schema(nullable = false, schema_with = translations)]
    translations: Option<BTreeMap<Language, BTreeMap<String, String>>>,
}

fn cpv_codes() -> utoipa::openapi::schema::Array {
    let code = ObjectBuilder::new().schema_type(Type::String).pattern(Some("^[0-9]{8}(-[0-9])?$"));
    utoipa::openapi::ArrayBuilder::new()
        .items(code.examples(["48900000"]))
        .max_items(Some(20))
        .description(Some("What is bought (CPV codes, with or without check digits), the most important first."))
        .build()
}

fn tags() -> utoipa::openapi::schema::Array {
    let tag = ObjectBuilder::new().schema_type(Type::String).min_length(Some(1)).max_length(Some(40));
    utoipa::openapi::ArrayBuilder::new()
        .items(tag.examples(["emergency"]))
        .max_items(Some(20))
        .description(Some("Words to find it by: lower case letters, digits and hyphens."))
        .build()
}

/// By language, and there by pointer.
fn translations() -> Object {
    let mut languages = ObjectBuilder::new()
        .description(Some(
            "Texts in other languages: by language, and there by the JSON Pointer of the text, in which criteria \
             and response sections are named by their ids. An empty text takes a translation away; what is left out stays.",
        ))
        .additional_properties(Some(AdditionalProperties::FreeForm(false)));
    for language in Language::ALL {
        let text = ObjectBuilder::new().schema_type(Type::String).max_length(Some(40_000));
        let texts = ObjectBuilder::new().additional_properties(Some(text.examples(["Dringende Anrufe erkennen"])));
        languages = languages.property(language.as_str(), texts);
    }
    languages.build()
}

/// The zone, or the agency's default: UTC.
pub(crate) fn zone(name: Option<&str>) -> Result<Tz> {
    let mut checks = Checks::new();
    let zone = name.map_or(Some(Tz::UTC), |name| read_zone(name, &mut checks));
    checks.done()?;
    Ok(zone.unwrap_or(Tz::UTC))
}

fn read_zone(name: &str, checks: &mut Checks) -> Option<Tz> {
    checks.take(name.parse::<Tz>().map_err(|_| "unknown time zone (IANA)"), "/zone", "unknown")
}

impl ChallengeContent {
    /// The content with these changes. New criteria and response sections get fresh ids.
    pub(crate) fn apply(self, content: Content, conn: &mut Conn) -> application::Result<Content> {
        let mut checks = Checks::new();
        let new_id = || conn.new_id();
        let mut money = |money: MoneyView| money.read(&mut checks, "/budgetCeiling");
        let budget_ceiling = self.budget_ceiling.map(|given| given.and_then(&mut money));
        let mut weight = |weight: String| decimal(&weight, &mut checks, "/priceWeight".to_owned());
        let price_weight = self.price_weight.map(|given| given.and_then(&mut weight));
        let mut instant = |at| wire::instant(at, &mut checks, "/submissionDeadline");
        let submission_deadline = self.submission_deadline.map(|given| given.and_then(&mut instant));
        let mut shortlisting = |wire: ShortlistingWire| wire.read(&mut checks, "/shortlisting");
        let shortlisting = self.shortlisting.map(|given| given.map(&mut shortlisting));
        let planned_dates = self.planned_dates.map(|planned| planned.read(&mut checks, "/plannedDates"));
        let zone = self.zone.and_then(|name| read_zone(&name, &mut checks));
        let stages = self.stages.map(|stages| {
            let read = |(i, stage): (usize, StageWire)| stage.read(&mut checks, &format!("/stages/{i}"));
            stages.into_iter().enumerate().map(read).collect()
        });
        let eligibility = self.eligibility.map(|list| list.into_iter().map(|c| c.read(new_id)).collect());
        let response_sections = self.response_sections;
        let response_sections =
            response_sections.map(|list| list.into_iter().map(|section| section.read(|| conn.new_id())).collect());
        let criteria = self.criteria.map(|criteria| {
            let read = |(i, c): (usize, CriterionWire)| c.read(&mut checks, &format!("/criteria/{i}"), new_id);
            criteria.into_iter().enumerate().filter_map(read).collect()
        });
        let criteria = criteria.unwrap_or(content.criteria);
        let tie_rule = self.tie_rule.and_then(|rule| read_tie_rule(&rule, &criteria, &mut checks));
        let cpv_codes = match self.cpv_codes {
            Some(written) => application::cpv::read_codes(conn, &written, &mut checks)?,
            None => content.cpv_codes,
        };
        let price_formula = self.price_formula.unwrap_or(content.price_formula);
        let kept_weight = content.price_weight.filter(|_| price_formula != PriceFormula::Fixed);
        let mut changed = Content {
            title: self.title.unwrap_or(content.title),
            summary: self.summary.unwrap_or(content.summary),
            problem: self.problem.map_or(content.problem, Into::into),
            outcomes: self.outcomes.map_or(content.outcomes, all),
            conditions: self.conditions.map_or(content.conditions, Into::into),
            procedure: self.procedure.unwrap_or(content.procedure),
            budget_ceiling: budget_ceiling.unwrap_or(content.budget_ceiling),
            pilots: self.pilots.unwrap_or(content.pilots),
            pilot_weeks: self.pilot_weeks.unwrap_or(content.pilot_weeks),
            stages: stages.unwrap_or(content.stages),
            submission_deadline: submission_deadline.unwrap_or(content.submission_deadline),
            shortlisting: shortlisting.unwrap_or(content.shortlisting),
            planned_dates: planned_dates.unwrap_or(content.planned_dates),
            zone: zone.unwrap_or(content.zone),
            eligibility: eligibility.unwrap_or(content.eligibility),
            response_sections: response_sections.unwrap_or(content.response_sections),
            bid_validity_days: self.bid_validity_days.unwrap_or(content.bid_validity_days),
            criteria,
            price_formula,
            price_weight: price_weight.unwrap_or(kept_weight),
            consensus: self.consensus.unwrap_or(content.consensus),
            tie_rule: tie_rule.unwrap_or(content.tie_rule),
            intellectual_property: optional(self.intellectual_property, content.intellectual_property),
            confidentiality: optional(self.confidentiality, content.confidentiality),
            sponsor: optional(self.sponsor, content.sponsor),
            contacts: self.contacts.map_or(content.contacts, all),
            cpv_codes,
            tags: self.tags.unwrap_or(content.tags),
            language: self.language.unwrap_or(content.language),
            translations: content.translations,
        };
        for (language, texts) in self.translations.unwrap_or_default() {
            for (pointer, text) in texts {
                let at = schema::child(&format!("/translations/{}", language.as_str()), &pointer);
                checks.take(changed.translate(language, &pointer, &text), at, "not_translatable");
            }
        }
        checks.done()?;
        Ok(changed)
    }
}

fn optional<Wire, Domain: From<Wire>>(given: Option<Option<Wire>>, kept: Option<Domain>) -> Option<Domain> {
    given.map_or(kept, |given| given.map(Into::into))
}

fn read_tie_rule(rule: &str, criteria: &[AwardCriterion], checks: &mut Checks) -> Option<TieRule<CriterionId>> {
    let (name, criterion) = rule.split_once(':').map_or((rule, None), |(name, of)| (name, Some(of)));
    let found = criterion.and_then(|of| criteria.iter().find(|c| c.name == of)).map(|c| c.id);
    checks.require(criterion.is_none() || found.is_some(), "/tieRule", "unknown", "names no criterion");
    checks.take(TieRule::from_parts(name, found), "/tieRule", "unknown")
}
