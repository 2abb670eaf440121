//! The parts of a challenge, as they are sent and shown.

use crate::foundation::wire::{self, MoneyView, decimal};
use chrono::{DateTime, NaiveDate, Utc};
use domain::{
    Checks, CriterionId,
    challenge::{
        Anchor, AwardCriterion, Conditions, Confidentiality, ContactPoint, EligibilityCriterion, EligibilityKind,
        IntellectualProperty, Outcome, Ownership, PlannedDates, ProblemStatement, Shortlisting, Sponsor, Stage,
        StageKind,
    },
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// The problem, told without a solution.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = ProblemStatement)]
pub(crate) struct ProblemWire {
    /// What hurts.
    #[schema(example = "Callers in mortal danger wait behind callers with a wet cellar.", max_length = 5000)]
    pub(crate) pain: String,
    /// For whom.
    #[schema(example = "1.2 million people in four river basins, and 46 call takers.", max_length = 5000)]
    pub(crate) affected: String,
    /// How one knows.
    #[schema(example = "On 4 August 2023 the median wait was 94 seconds, the longest 17 minutes.", max_length = 5000)]
    pub(crate) evidence: String,
    /// What it costs today.
    #[schema(example = "About EUR 310,000 a year in overtime and call-backs.", max_length = 5000)]
    pub(crate) current_cost: String,
    /// What was tried.
    #[schema(example = "A recorded menu; callers hung up and called again.", max_length = 5000)]
    pub(crate) tried: String,
}

/// A measure of success.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Outcome)]
pub(crate) struct OutcomeWire {
    #[schema(example = "Median wait of urgent calls", max_length = 200)]
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
    pub(crate) description: String,
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
    /// What some scores mean, from the lowest to the highest.
    #[serde(default)]
    #[schema(max_items = 11)]
    anchors: Vec<AnchorWire>,
}

/// What a score means.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Anchor)]
pub(crate) struct AnchorWire {
    #[schema(example = "5", pattern = r"^[0-9]{1,7}(\.[0-9]{1,2})?$")]
    score: String,
    /// What deserves it.
    #[schema(example = "Proven on recorded calls of a real flood.", max_length = 500)]
    meaning: String,
}

/// What a solution has to live with, and what it can use; Markdown.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Conditions)]
pub(crate) struct ConditionsWire {
    /// What must not change: law, systems, hours, safety.
    #[serde(default)]
    #[schema(example = "Calls are never dropped; a person decides.", max_length = 5000)]
    pub(crate) constraints: String,
    /// Which data the agency can share, and how.
    #[serde(default)]
    #[schema(example = "12,000 recorded calls, on a machine of ours.", max_length = 5000)]
    pub(crate) data: String,
    /// Where a pilot can be tried.
    #[serde(default)]
    #[schema(example = "The dispatch room in Maribor.", max_length = 5000)]
    pub(crate) sites: String,
    /// With whom.
    #[serde(default)]
    #[schema(example = "Eight call takers, two shifts.", max_length = 5000)]
    pub(crate) users: String,
}

/// A step on the way from an idea to everyday use.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Stage)]
pub(crate) struct StageWire {
    #[schema(schema_with = wire::stage_kind)]
    kind: StageKind,
    /// What it may cost at most, for one participant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    budget: Option<MoneyView>,
    /// What must be shown to go on.
    #[schema(example = "Nine of ten urgent calls are found on recordings.", max_length = 2000)]
    pub(crate) gate: String,
    /// How many may pass; unlimited if not said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = 3, minimum = 1, maximum = 100)]
    passing: Option<i32>,
}

/// The dates beside the deadline, as the agency plans them.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = PlannedDates)]
pub(crate) struct PlannedDatesWire {
    /// Questions are taken before this instant.
    #[serde(default)]
    questions_until: Option<DateTime<Utc>>,
    /// Every question is answered by then.
    #[serde(default)]
    answers_by: Option<DateTime<Utc>>,
    /// When the award is expected.
    #[serde(default)]
    #[schema(example = "2027-01-20")]
    expected_award: Option<NaiveDate>,
    /// When the pilots are to start.
    #[serde(default)]
    #[schema(example = "2027-02-15")]
    pilot_start: Option<NaiveDate>,
}

/// That unpriced solutions come first, and who is invited to bid.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = Shortlisting)]
pub(crate) struct ShortlistingWire {
    /// Solutions are taken before this instant.
    #[serde(default)]
    #[schema(example = "2026-12-01T11:00:00Z")]
    solution_deadline: Option<DateTime<Utc>>,
    /// How many companies are invited to bid at most.
    #[schema(example = 5, minimum = 3, maximum = 20)]
    most: i32,
}

/// What a company must be or have to be admitted.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = EligibilityCriterion)]
pub(crate) struct EligibilityWire {
    /// Left out for a new criterion.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "0199f3a0-5b1c-7c3e-8a4d-2f6b9c0d1e2f")]
    id: Option<Uuid>,
    #[schema(schema_with = wire::eligibility_kind)]
    kind: EligibilityKind,
    #[schema(example = "Has worked with emergency services", max_length = 200)]
    name: String,
    /// What is asked, and how it is shown.
    #[schema(example = "One reference of the last three years; a sentence is enough.", max_length = 2000)]
    pub(crate) description: String,
}

/// Who owns what the pilot makes, and who may use it.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = IntellectualProperty)]
pub(crate) struct IntellectualPropertyWire {
    /// To whom the results belong.
    #[schema(schema_with = wire::ownership)]
    ownership: Ownership,
    /// The licence in words, or its SPDX name.
    #[schema(example = "The agency may use the results for ten years.", max_length = 2000)]
    pub(crate) licence: String,
}

/// What is told only to those who promise to keep it.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Confidentiality)]
pub(crate) struct ConfidentialityWire {
    /// What a company promises; public.
    #[schema(example = "We show the call statistics to nobody.", max_length = 20000)]
    pub(crate) agreement: String,
    /// What it then may read; empty for everybody else.
    #[serde(default)]
    #[schema(example = "In the last flood 212 calls were lost.", max_length = 20000)]
    pub(crate) details: String,
}

/// Who stands for the challenge.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Sponsor)]
pub(crate) struct SponsorWire {
    #[schema(example = "Darinka Zupan", max_length = 100)]
    name: String,
    /// The office held.
    #[schema(example = "State Secretary for Civil Protection", max_length = 200)]
    position: String,
}

/// Whom to turn to.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ContactPoint)]
pub(crate) struct ContactPointWire {
    /// An office rather than a person.
    #[schema(example = "Innovation desk", max_length = 100)]
    name: String,
    #[schema(example = "innovation@dispatch.example", max_length = 254)]
    email: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "+386 1 555 01 12", max_length = 40)]
    phone: Option<String>,
}

impl CriterionWire {
    pub(crate) fn read(
        self,
        checks: &mut Checks,
        at: &str,
        new_id: impl Fn() -> CriterionId,
    ) -> Option<AwardCriterion> {
        let weight = decimal(&self.weight, checks, format!("{at}/weight"));
        let maximum = decimal(&self.maximum, checks, format!("{at}/maximum"));
        let minimum = self.minimum.map(|text| decimal(&text, checks, format!("{at}/minimum")));
        let read = |(i, a): (usize, AnchorWire)| a.read(checks, &format!("{at}/anchors/{i}"));
        let anchors = self.anchors.into_iter().enumerate().filter_map(read).collect();
        Some(AwardCriterion {
            id: self.id.map_or_else(new_id, CriterionId),
            name: self.name,
            description: self.description,
            weight: weight?,
            maximum: maximum?,
            minimum: minimum.flatten(),
            anchors,
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
            anchors: criterion.anchors.iter().map(Into::into).collect(),
        }
    }
}

impl AnchorWire {
    fn read(self, checks: &mut Checks, at: &str) -> Option<Anchor> {
        Some(Anchor { score: decimal(&self.score, checks, format!("{at}/score"))?, meaning: self.meaning })
    }
}

impl From<&Anchor> for AnchorWire {
    fn from(anchor: &Anchor) -> Self {
        Self { score: anchor.score.to_string(), meaning: anchor.meaning.clone() }
    }
}

impl StageWire {
    pub(crate) fn read(self, checks: &mut Checks, at: &str) -> Stage {
        let budget = self.budget.and_then(|money| money.read(checks, &format!("{at}/budget")));
        Stage { kind: self.kind, budget, gate: self.gate, passing: self.passing }
    }
}

impl From<Stage> for StageWire {
    fn from(Stage { kind, budget, gate, passing }: Stage) -> Self {
        Self { kind, budget: budget.map(Into::into), gate, passing }
    }
}

impl PlannedDatesWire {
    pub(crate) fn read(self, checks: &mut Checks, at: &str) -> PlannedDates {
        let mut instant = |time: Option<DateTime<Utc>>, name| {
            time.and_then(|time| wire::instant(time, checks, &format!("{at}/{name}")))
        };
        PlannedDates {
            questions_until: instant(self.questions_until, "questionsUntil"),
            answers_by: instant(self.answers_by, "answersBy"),
            expected_award: self.expected_award,
            pilot_start: self.pilot_start,
        }
    }
}

impl From<PlannedDates> for PlannedDatesWire {
    fn from(planned: PlannedDates) -> Self {
        let PlannedDates { questions_until, answers_by, expected_award, pilot_start } = planned;
        Self { questions_until, answers_by, expected_award, pilot_start }
    }
}

impl ShortlistingWire {
    pub(crate) fn read(self, checks: &mut Checks, at: &str) -> Shortlisting {
        let instant = |time| wire::instant(time, checks, &format!("{at}/solutionDeadline"));
        Shortlisting { solution_deadline: self.solution_deadline.and_then(instant), most: self.most }
    }
}

impl From<Shortlisting> for ShortlistingWire {
    fn from(Shortlisting { solution_deadline, most }: Shortlisting) -> Self {
        Self { solution_deadline, most }
    }
}

impl EligibilityWire {
    pub(crate) fn read(self, new_id: impl Fn() -> CriterionId) -> EligibilityCriterion {
        let id = self.id.map_or_else(new_id, CriterionId);
        EligibilityCriterion { id, kind: self.kind, name: self.name, description: self.description }
    }
}

impl From<EligibilityCriterion> for EligibilityWire {
    fn from(EligibilityCriterion { id, kind, name, description }: EligibilityCriterion) -> Self {
        Self { id: Some(id.0), kind, name, description }
    }
}

wire::same! {
    ProblemWire, ProblemStatement { pain, affected, evidence, current_cost, tried };
    OutcomeWire, Outcome { metric, unit, baseline, target };
    ConditionsWire, Conditions { constraints, data, sites, users };
    IntellectualPropertyWire, IntellectualProperty { ownership, licence };
    ConfidentialityWire, Confidentiality { agreement, details };
    SponsorWire, Sponsor { name, position };
    ContactPointWire, ContactPoint { name, email, phone };
}
