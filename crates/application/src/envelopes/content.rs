//! What is in an envelope: JSON in one of three forms, which `docs/sealing.md` describes. Whoever seals without the server
//! writes it by hand, so reading is strict.

use domain::{
    Currency, Money,
    bid::{
        Answer, Declaration, OfferedRights, Particulars, PriceOffer, QualityOffer, Reference, Step, Subcontractor,
        TeamMember,
    },
};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::Value;

const SOLUTION: &str = "provoco-solution-v1";
const QUALITY: &str = "provoco-quality-v1";
const PRICE: &str = "provoco-price-v1";

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct QualityContent {
    format: String,
    solution: String,
    milestones: Vec<StepContent>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    answers: Vec<Answer>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    eligibility: Vec<Declaration>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    team: Vec<TeamMember>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    references: Vec<Reference>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    subcontractors: Vec<Subcontractor>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    intellectual_property: Option<OfferedRights>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    validity_days: Option<i32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    plan: Option<String>,
}

/// As in a quality envelope, but that the plan may be missing.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SolutionContent {
    format: String,
    solution: String,
    #[serde(default)]
    milestones: Vec<StepContent>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct StepContent {
    title: String,
    due_week: i32,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct PriceContent {
    format: String,
    currency: String,
    /// A decimal with exactly the digits of the currency.
    total: String,
    /// The same for each milestone, in the order of the quality envelope.
    milestones: Vec<String>,
}

/// The content of the envelope of an unpriced solution.
pub(super) fn of_solution(solution: &QualityOffer) -> Vec<u8> {
    let (text, milestones) = (solution.solution.clone(), written(&solution.steps));
    json(&SolutionContent { format: SOLUTION.to_owned(), solution: text, milestones })
}

/// The content of a quality envelope.
pub(super) fn of_quality(offer: &QualityOffer) -> Vec<u8> {
    let Particulars { answers, eligibility, team, references, subcontractors, .. } = offer.particulars.clone();
    let Particulars { intellectual_property, validity_days, plan, .. } = offer.particulars.clone();
    json(&QualityContent {
        format: QUALITY.to_owned(),
        solution: offer.solution.clone(),
        milestones: written(&offer.steps),
        answers,
        eligibility,
        team,
        references,
        subcontractors,
        intellectual_property,
        validity_days,
        plan,
    })
}

fn written(steps: &[Step]) -> Vec<StepContent> {
    steps.iter().map(|step| StepContent { title: step.title.clone(), due_week: step.due_week }).collect()
}

/// The content of a price envelope.
pub(super) fn of_price(offer: &PriceOffer) -> Vec<u8> {
    json(&PriceContent {
        format: PRICE.to_owned(),
        currency: offer.total.currency().code().to_owned(),
        total: offer.total.amount(),
        milestones: offer.amounts.iter().map(|amount| amount.amount()).collect(),
    })
}

/// Texts and numbers in plain structures: nothing in them can fail.
fn json(content: &impl Serialize) -> Vec<u8> {
    serde_json::to_vec(content).unwrap_or_default()
}

/// The unpriced offer that a content writes. Whoever seals alone may write the character U+0000, which PostgreSQL cannot
/// store: it is no text, as in every request.
pub(super) fn read_quality(content: &[u8]) -> Option<QualityOffer> {
    let content: QualityContent = read(content)?;
    let QualityContent { answers, eligibility, team, references, subcontractors, .. } = content;
    let QualityContent { intellectual_property, validity_days, plan, .. } = content;
    let particulars = Particulars {
        answers,
        eligibility,
        team,
        references,
        subcontractors,
        intellectual_property,
        validity_days,
        plan,
    };
    let (solution, steps) = (content.solution, steps(content.milestones));
    (content.format == QUALITY).then_some(QualityOffer { solution, steps, particulars })
}

/// The unpriced solution that a content writes.
pub(super) fn read_solution(content: &[u8]) -> Option<QualityOffer> {
    let SolutionContent { format, solution, milestones } = read(content)?;
    let particulars = Particulars::default();
    (format == SOLUTION).then_some(QualityOffer { solution, steps: steps(milestones), particulars })
}

fn read<C: DeserializeOwned>(content: &[u8]) -> Option<C> {
    let nul = holds_nul(&serde_json::from_slice(content).ok()?);
    if nul { None } else { serde_json::from_slice(content).ok() }
}

fn steps(milestones: Vec<StepContent>) -> Vec<Step> {
    milestones.into_iter().map(|step| Step { title: step.title, due_week: step.due_week }).collect()
}

fn holds_nul(value: &Value) -> bool {
    match value {
        Value::String(text) => text.contains('\0'),
        Value::Array(items) => items.iter().any(holds_nul),
        Value::Object(fields) => fields.values().any(holds_nul),
        _ => false,
    }
}

/// The price that a content writes.
pub(super) fn read_price(content: &[u8]) -> Option<PriceOffer> {
    let content: PriceContent = serde_json::from_slice(content).ok()?;
    let currency = Currency::from_code(&content.currency)?;
    let money = |amount: &String| Money::parse(amount, currency).ok();
    let amounts = content.milestones.iter().map(money).collect::<Option<_>>()?;
    let total = money(&content.total)?;
    (content.format == PRICE).then_some(PriceOffer { total, amounts })
}
