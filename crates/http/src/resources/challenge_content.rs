//! What an author sends: the sections of a challenge.

use crate::foundation::wire::{self, MoneyView, decimal};
use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use domain::{
    Checks, CriterionId, Procedure, Result,
    challenge::{AwardCriterion, Content, Outcome, ProblemStatement},
    evaluation::{ConsensusMethod, PriceFormula, TieRule},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// The sections of a challenge. Fields that are left out keep their value.
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
    /// Decides the minimum periods.
    #[schema(nullable = false, schema_with = wire::procedure, example = "small_pilot")]
    procedure: Option<Procedure>,
    /// What one pilot may cost at most.
    #[schema(nullable = false)]
    budget_ceiling: Option<MoneyView>,
    /// How many pilots can be awarded.
    #[schema(nullable = false, example = 1, minimum = 1, maximum = 20)]
    pilots: Option<i32>,
    /// How long a pilot lasts, in weeks.
    #[schema(nullable = false, example = 12, minimum = 1, maximum = 104)]
    pilot_weeks: Option<i32>,
    /// Bids are taken before this instant.
    #[schema(nullable = false, example = "2026-12-15T11:00:00Z")]
    submission_deadline: Option<DateTime<Utc>>,
    /// The IANA time zone in which dates are counted.
    #[schema(nullable = false, example = "Europe/Ljubljana", max_length = 64)]
    pub(crate) zone: Option<String>,
    /// The award criteria other than the price.
    #[schema(nullable = false, max_items = 20)]
    criteria: Option<Vec<CriterionWire>>,
    /// How a price becomes points.
    #[schema(nullable = false, schema_with = wire::price_formula, example = "absolute")]
    price_formula: Option<PriceFormula>,
    /// The weight of the price in percent; none with a fixed price.
    #[schema(nullable = false, example = "30", pattern = r"^[0-9]{1,3}(\.[0-9]{1,2})?$")]
    price_weight: Option<String>,
    /// How the scores of the evaluators become one.
    #[schema(nullable = false, schema_with = wire::consensus, example = "mean")]
    consensus: Option<ConsensusMethod>,
    /// What decides between equal totals: `shared`, `lower_price`, `earlier_submission`, or `higher_on:` and the name
    /// of a criterion.
    #[schema(nullable = false, example = "lower_price", max_length = 220)]
    tie_rule: Option<String>,
}

/// The problem, told without a solution.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = ProblemStatement)]
pub(crate) struct ProblemWire {
    /// What hurts.
    #[schema(example = "Callers in mortal danger wait behind callers with a wet cellar.", max_length = 5000)]
    pain: String,
    /// For whom.
    #[schema(example = "1.2 million people in four river basins, and 46 call takers.", max_length = 5000)]
    affected: String,
    /// How one knows.
    #[schema(example = "On 4 August 2023 the median wait was 94 seconds, the longest 17 minutes.", max_length = 5000)]
    evidence: String,
    /// What it costs today.
    #[schema(example = "About EUR 310,000 a year in overtime and call-backs.", max_length = 5000)]
    current_cost: String,
    /// What was tried.
    #[schema(example = "A recorded menu; callers hung up and called again.", max_length = 5000)]
    tried: String,
}

/// A measure of success.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Outcome)]
pub(crate) struct OutcomeWire {
    #[schema(example = "Median wait of urgent calls", min_length = 1, max_length = 200)]
    metric: String,
    #[schema(example = "seconds", max_length = 50)]
    unit: String,
    /// The value today.
    #[schema(example = "94", max_length = 100)]
    baseline: String,
    /// The value that would be a success.
    #[schema(example = "20", max_length = 100)]
    target: String,
}

/// An award criterion.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = AwardCriterion)]
pub(crate) struct CriterionWire {
    /// Left out for a new criterion.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "0199f3a0-5b1c-7c3e-8a4d-2f6b9c0d1e2f")]
    id: Option<Uuid>,
    #[schema(example = "Recognises urgency", min_length = 1, max_length = 200)]
    name: String,
    /// What evaluators look at.
    #[schema(example = "Does it find the urgent calls, and how do we know?", max_length = 2000)]
    description: String,
    /// In percent; all weights, the price's included, sum to 100.
    #[schema(example = "40", pattern = r"^[0-9]{1,3}(\.[0-9]{1,2})?$")]
    weight: String,
    /// The best score.
    #[schema(example = "5", pattern = r"^[0-9]{1,7}(\.[0-9]{1,2})?$")]
    maximum: String,
    /// A bid below this is not ranked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "2", pattern = r"^[0-9]{1,7}(\.[0-9]{1,2})?$")]
    minimum: Option<String>,
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
    /// The content with these changes. New criteria get fresh ids.
    pub(crate) fn apply(self, content: Content, new_id: impl Fn() -> CriterionId) -> Result<Content> {
        let mut checks = Checks::new();
        let budget_ceiling = self.budget_ceiling.and_then(|money| money.read(&mut checks, "/budgetCeiling"));
        let price_weight =
            self.price_weight.and_then(|weight| decimal(&weight, &mut checks, "/priceWeight".to_owned()));
        let submission_deadline =
            self.submission_deadline.and_then(|at| wire::instant(at, &mut checks, "/submissionDeadline"));
        let zone = self.zone.and_then(|name| read_zone(&name, &mut checks));
        let criteria = self.criteria.map(|criteria| {
            let read = |(i, c): (usize, CriterionWire)| c.read(&mut checks, &format!("/criteria/{i}"), &new_id);
            criteria.into_iter().enumerate().filter_map(read).collect()
        });
        let criteria = criteria.unwrap_or(content.criteria);
        let tie_rule = self.tie_rule.and_then(|rule| read_tie_rule(&rule, &criteria, &mut checks));
        checks.done()?;
        let price_formula = self.price_formula.unwrap_or(content.price_formula);
        let kept_weight = content.price_weight.filter(|_| price_formula != PriceFormula::Fixed);
        Ok(Content {
            title: self.title.unwrap_or(content.title),
            summary: self.summary.unwrap_or(content.summary),
            problem: self.problem.map_or(content.problem, Into::into),
            outcomes: self.outcomes.map_or(content.outcomes, |list| list.into_iter().map(Into::into).collect()),
            procedure: self.procedure.unwrap_or(content.procedure),
            budget_ceiling: budget_ceiling.or(content.budget_ceiling),
            pilots: self.pilots.unwrap_or(content.pilots),
            pilot_weeks: self.pilot_weeks.unwrap_or(content.pilot_weeks),
            submission_deadline: submission_deadline.or(content.submission_deadline),
            zone: zone.unwrap_or(content.zone),
            criteria,
            price_formula,
            price_weight: price_weight.or(kept_weight),
            consensus: self.consensus.unwrap_or(content.consensus),
            tie_rule: tie_rule.unwrap_or(content.tie_rule),
        })
    }
}

impl CriterionWire {
    fn read(self, checks: &mut Checks, at: &str, new_id: impl Fn() -> CriterionId) -> Option<AwardCriterion> {
        let weight = decimal(&self.weight, checks, format!("{at}/weight"));
        let maximum = decimal(&self.maximum, checks, format!("{at}/maximum"));
        let minimum = self.minimum.map(|text| decimal(&text, checks, format!("{at}/minimum")));
        Some(AwardCriterion {
            id: self.id.map_or_else(new_id, CriterionId),
            name: self.name,
            description: self.description,
            weight: weight?,
            maximum: maximum?,
            minimum: minimum.flatten(),
        })
    }
}

impl From<&AwardCriterion> for CriterionWire {
    fn from(criterion: &AwardCriterion) -> Self {
        Self {
            id: Some(criterion.id.0),
            name: criterion.name.clone(),
            description: criterion.description.clone(),
            weight: criterion.weight.to_string(),
            maximum: criterion.maximum.to_string(),
            minimum: criterion.minimum.map(|minimum| minimum.to_string()),
        }
    }
}

fn read_tie_rule(rule: &str, criteria: &[AwardCriterion], checks: &mut Checks) -> Option<TieRule<CriterionId>> {
    let (name, criterion) = rule.split_once(':').map_or((rule, None), |(name, of)| (name, Some(of)));
    let found = criterion.and_then(|of| criteria.iter().find(|c| c.name == of)).map(|c| c.id);
    checks.require(criterion.is_none() || found.is_some(), "/tieRule", "unknown", "names no criterion");
    checks.take(TieRule::from_parts(name, found), "/tieRule", "unknown")
}

/// The tie rule in the form in which it is sent.
pub(crate) fn write_tie_rule(content: &Content) -> String {
    let of = content.tie_rule.criterion().and_then(|id| content.criteria.iter().find(|c| c.id == *id));
    let name = content.tie_rule.as_str();
    of.map_or_else(|| name.to_owned(), |criterion| format!("{name}:{}", criterion.name))
}

impl From<ProblemWire> for ProblemStatement {
    fn from(wire: ProblemWire) -> Self {
        let ProblemWire { pain, affected, evidence, current_cost, tried } = wire;
        Self { pain, affected, evidence, current_cost, tried }
    }
}

impl From<ProblemStatement> for ProblemWire {
    fn from(problem: ProblemStatement) -> Self {
        let ProblemStatement { pain, affected, evidence, current_cost, tried } = problem;
        Self { pain, affected, evidence, current_cost, tried }
    }
}

impl From<OutcomeWire> for Outcome {
    fn from(wire: OutcomeWire) -> Self {
        let OutcomeWire { metric, unit, baseline, target } = wire;
        Self { metric, unit, baseline, target }
    }
}

impl From<Outcome> for OutcomeWire {
    fn from(outcome: Outcome) -> Self {
        let Outcome { metric, unit, baseline, target } = outcome;
        Self { metric, unit, baseline, target }
    }
}
