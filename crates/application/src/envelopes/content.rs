//! What is in an envelope: JSON in one of two forms, which `docs/sealing.md` describes. Whoever seals without the server
//! writes it by hand, so reading is strict.

use domain::{
    Currency, Money,
    bid::{
        Answer, Declaration, OfferedDocument, OfferedRights, Particulars, PriceOffer, QualityOffer, Reference, Step,
        Subcontractor, TeamMember,
    },
};
use serde::{Deserialize, Serialize};
use serde_json::Value;

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
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    documents: Vec<OfferedDocument>,
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

/// The content of a quality envelope.
pub(super) fn of_quality(offer: &QualityOffer) -> Vec<u8> {
    let step = |step: &Step| StepContent { title: step.title.clone(), due_week: step.due_week };
    let Particulars { answers, eligibility, team, references, subcontractors, .. } = offer.particulars.clone();
    let Particulars { intellectual_property, validity_days, plan, documents, .. } = offer.particulars.clone();
    json(&QualityContent {
        format: QUALITY.to_owned(),
        solution: offer.solution.clone(),
        milestones: offer.steps.iter().map(step).collect(),
        answers,
        eligibility,
        team,
        references,
        subcontractors,
        intellectual_property,
        validity_days,
        plan,
        documents,
    })
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
    let storable = !holds_nul(&serde_json::from_slice(content).ok()?);
    let content: QualityContent = serde_json::from_slice(content).ok()?;
    let sound = storable && content.format == QUALITY;
    let step = |step: StepContent| Step { title: step.title, due_week: step.due_week };
    let QualityContent { answers, eligibility, team, references, subcontractors, .. } = content;
    let QualityContent { intellectual_property, validity_days, plan, documents, .. } = content;
    let particulars = Particulars {
        answers,
        eligibility,
        team,
        references,
        subcontractors,
        intellectual_property,
        validity_days,
        plan,
        documents,
    };
    let steps = content.milestones.into_iter().map(step).collect();
    sound.then_some(QualityOffer { solution: content.solution, steps, particulars })
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
