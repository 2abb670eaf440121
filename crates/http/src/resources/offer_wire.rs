//! What is offered, as it is sent.

use super::particulars_wire::{
    AnswerWire, DeclarationWire, OfferedRightsWire, ReferenceWire, SubcontractorWire, TeamMemberWire,
};
use crate::foundation::{
    schema,
    wire::{MoneyView, all},
};
use domain::{
    Checks, FieldError, Refusal,
    bid::{Offer, Particulars, PlannedMilestone, PriceOffer, QualityOffer, Reused, Step},
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use utoipa::ToSchema;

/// What is offered.
#[derive(Clone, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = Offer)]
pub(crate) struct OfferWire {
    /// How the problem would be solved.
    #[schema(
        example = "We listen for words of distress and rising water, and move those calls to the front.",
        min_length = 1,
        max_length = 20_000
    )]
    solution: String,
    /// In the challenge's currency, at most the budget ceiling.
    price: MoneyView,
    /// Their amounts sum to the price.
    #[schema(min_items = 1, max_items = 20)]
    milestones: Vec<MilestoneWire>,
    /// The answers to the response sections of the challenge: one for each that is required.
    #[serde(default)]
    #[schema(max_items = 40)]
    answers: Vec<AnswerWire>,
    /// What the company declares about each eligibility criterion of the challenge.
    #[serde(default)]
    #[schema(max_items = 20)]
    eligibility: Vec<DeclarationWire>,
    /// Who would do the work.
    #[serde(default)]
    #[schema(max_items = 30)]
    team: Vec<TeamMemberWire>,
    /// What the company has done before.
    #[serde(default)]
    #[schema(max_items = 20)]
    references: Vec<ReferenceWire>,
    /// Who else would do a part.
    #[serde(default)]
    #[schema(max_items = 20)]
    subcontractors: Vec<SubcontractorWire>,
    /// To whom the results would belong; required if the challenge leaves it to the bidder.
    #[serde(default)]
    intellectual_property: Option<OfferedRightsWire>,
    /// For how many days after the deadline the offer binds, at least what the challenge asks for. If it does not say: 90, or
    /// what the challenge asks for if that is more.
    #[serde(default)]
    #[schema(example = 120, minimum = 30, maximum = 365)]
    validity_days: Option<i32>,
    /// How the company would go about it; Markdown.
    #[serde(default)]
    #[schema(example = "First we listen along for a week.", max_length = 20_000)]
    plan: Option<String>,
}

/// One step of the plan.
#[derive(Clone, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = PlannedMilestone)]
struct MilestoneWire {
    #[schema(example = "Model trained on recorded calls", min_length = 1, max_length = 200)]
    title: String,
    amount: MoneyView,
    /// Weeks after both sides signed the contract.
    #[schema(example = 4, minimum = 1, maximum = 104)]
    due_week: i32,
}

/// An unpriced solution: the answer to a two-stage challenge from which the shortlist is made.
#[derive(Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = UnpricedSolution)]
pub(crate) struct SolutionWire {
    /// How the problem would be solved.
    #[schema(
        example = "We listen for words of distress and rising water, and move those calls to the front.",
        min_length = 1,
        max_length = 20_000
    )]
    text: String,
    /// What would be delivered when, if that is known already.
    #[serde(default)]
    #[schema(max_items = 20)]
    milestones: Vec<StepWire>,
}

/// One step of a plan without prices.
#[derive(Clone, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = UnpricedMilestone)]
struct StepWire {
    #[schema(example = "Model trained on recorded calls", min_length = 1, max_length = 200)]
    title: String,
    /// Weeks after both sides signed the contract.
    #[schema(example = 4, minimum = 1, maximum = 104)]
    due_week: i32,
}

impl From<SolutionWire> for QualityOffer {
    fn from(SolutionWire { text, milestones }: SolutionWire) -> Self {
        let step = |StepWire { title, due_week }| Step { title, due_week };
        let steps = milestones.into_iter().map(step).collect();
        Self { solution: text, steps, particulars: Particulars::default() }
    }
}

/// One step of the plan, as far as it may be seen.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = MilestoneOffered)]
pub(crate) struct MilestoneView {
    #[schema(example = "Model trained on recorded calls")]
    title: String,
    /// Hidden together with the price.
    amount: Option<MoneyView>,
    /// Weeks after both sides signed the contract.
    #[schema(example = 4)]
    due_week: i32,
}

impl MilestoneView {
    pub(crate) fn all(quality: &QualityOffer, price: Option<&PriceOffer>) -> Vec<Self> {
        let amount = |i: usize| price.and_then(|price| price.amounts.get(i)).map(|amount| (*amount).into());
        let steps = quality.steps.iter().enumerate();
        steps.map(|(i, step)| Self { title: step.title.clone(), amount: amount(i), due_week: step.due_week }).collect()
    }
}

/// What is wrong with the form of part of an offer, and not only missing or unfinished.
const NO_PART: [&str; 3] = ["unknown_field", "wrong_type", "invalid"];

impl OfferWire {
    /// An offer that was not sent as such, but kept; or what is wrong with its form, below `/offer`.
    pub(crate) fn parse(offer: Value) -> domain::Result<Self> {
        let problems = Self::problems(&offer);
        if !problems.is_empty() {
            return Err(Refusal::Invalid(problems));
        }
        serde_json::from_value(offer).map_err(|error| Refusal::invalid("/offer", "invalid", error.to_string()))
    }

    /// What is taken over from an earlier bid, as an offer from which something may be missing.
    pub(crate) fn part_of(reused: &Reused) -> serde_json::Result<Map<String, Value>> {
        let Reused { quality, price, .. } = reused;
        let mut offer = json!({ "solution": quality.solution });
        json_patch::merge(&mut offer, &serde_json::to_value(&quality.particulars)?);
        let mut offer = if let Value::Object(fields) = offer { fields } else { Map::new() };
        let mut milestones = serde_json::to_value(MilestoneView::all(quality, price.as_ref()))?;
        for milestone in milestones.as_array_mut().into_iter().flatten().filter_map(Value::as_object_mut) {
            milestone.retain(|_, value| !value.is_null());
        }
        offer.insert("milestones".to_owned(), milestones);
        if let Some(price) = price {
            offer.insert("price".to_owned(), serde_json::to_value(MoneyView::from(price.total))?);
        }
        Ok(offer)
    }

    /// Refuses what is not an offer from which something is missing, or which is not finished.
    pub(crate) fn require_part(offer: &Value) -> domain::Result<()> {
        let mut problems = Self::problems(offer);
        problems.retain(|problem| NO_PART.contains(&problem.code));
        if problems.is_empty() { Ok(()) } else { Err(Refusal::Invalid(problems)) }
    }

    fn problems(offer: &Value) -> Vec<FieldError> {
        let Some(validator) = schema::of_component(&Self::name()) else { return Vec::new() };
        let below = |problem: FieldError| FieldError { pointer: format!("/offer{}", problem.pointer), ..problem };
        schema::problems(&validator, offer).into_iter().map(below).collect()
    }

    /// The offer, or what is wrong with it below `at`.
    pub(crate) fn read(self, at: &str) -> domain::Result<Offer> {
        let mut checks = Checks::new();
        let price = self.price.read(&mut checks, &format!("{at}/price"));
        let milestones = self.milestones.into_iter().enumerate().filter_map(|(i, wire)| {
            let amount = wire.amount.read(&mut checks, &format!("{at}/milestones/{i}/amount"))?;
            Some(PlannedMilestone { title: wire.title, amount, due_week: wire.due_week })
        });
        let milestones = milestones.collect();
        checks.done()?;
        let price = price.ok_or_else(|| Refusal::invalid(format!("{at}/price"), "required", "is required"))?;
        let particulars = Particulars {
            answers: all(self.answers),
            eligibility: all(self.eligibility),
            team: all(self.team),
            references: all(self.references),
            subcontractors: all(self.subcontractors),
            intellectual_property: self.intellectual_property.map(Into::into),
            validity_days: self.validity_days,
            plan: self.plan,
        };
        Ok(Offer { solution: self.solution, price, milestones, particulars })
    }
}
