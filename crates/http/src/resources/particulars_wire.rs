//! What an offer says beside solution, plan and price, as it is sent and shown.

use crate::foundation::wire;
use domain::{
    CriterionId, ResponseSectionId,
    bid::{Answer, Declaration, OfferedRights, Particulars, Reference, Subcontractor, TeamMember},
    challenge::Ownership,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// The answer to one response section of the challenge: a text, or yes or no.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Answer)]
pub(crate) struct AnswerWire {
    /// The id of the response section.
    #[schema(example = "0199f3a0-5b1c-7c3e-8a4d-2f6b9c0d1e2f")]
    section: Uuid,
    /// The answer in words, at most as many as the section allows.
    #[serde(default)]
    #[schema(example = "Slovene, Italian and Hungarian; measured on 800 calls each.", max_length = 60_000)]
    text: Option<String>,
    /// The answer to a question for yes or no.
    #[serde(default)]
    #[schema(example = true)]
    yes: Option<bool>,
    /// What there is to say about a yes or no.
    #[serde(default)]
    #[schema(example = "In Ljubljana and Vienna.", max_length = 2000)]
    comment: Option<String>,
}

/// What the company declares about one eligibility criterion of the challenge.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = EligibilityDeclaration)]
pub(crate) struct DeclarationWire {
    /// The id of the criterion.
    #[schema(example = "0199f3a0-5b1c-7c3e-8a4d-2f6b9c0d1e2f")]
    criterion: Uuid,
    /// Whether the company meets it; with a ground for exclusion, whether it does not apply.
    #[schema(example = true)]
    met: bool,
    /// How that can be seen; at most 300 words.
    #[serde(default)]
    #[schema(example = "We have worked for the fire brigade of Celje since 2023.", max_length = 5000)]
    statement: Option<String>,
}

/// Somebody who would do the work.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = TeamMember)]
pub(crate) struct TeamMemberWire {
    #[schema(example = "Maja Oblak", min_length = 1, max_length = 100)]
    name: String,
    /// The part in the pilot.
    #[schema(example = "Leads the pilot", min_length = 1, max_length = 200)]
    role: String,
    /// What they did before.
    #[serde(default)]
    #[schema(example = "Eight years of speech recognition for call centres.", max_length = 2000)]
    experience: Option<String>,
    /// How many days they would work.
    #[serde(default)]
    #[schema(example = 30, minimum = 1, maximum = 1000)]
    days: Option<i32>,
    /// That they agreed to be named. Nobody is named without.
    #[schema(example = true)]
    consented: bool,
}

/// What the company has done before.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = BidReference)]
pub(crate) struct ReferenceWire {
    #[schema(example = "Sorting calls at the taxi centre", min_length = 1, max_length = 200)]
    title: String,
    /// For whom.
    #[schema(example = "Taxi Celje", min_length = 1, max_length = 200)]
    client: String,
    #[schema(example = 2025, minimum = 1990, maximum = 9998)]
    year: i32,
    /// What was done, and what came of it.
    #[schema(example = "Callers in a hurry wait half as long.", min_length = 1, max_length = 2000)]
    description: String,
    /// Where one can read of it.
    #[serde(default)]
    #[schema(example = "https://calm-signal.example/taxi", max_length = 200)]
    web_page: Option<String>,
    /// Whom one can ask.
    #[serde(default)]
    #[schema(example = "The dispatcher's desk, +386 3 555 01 10", max_length = 200)]
    contact: Option<String>,
}

/// Who else would do a part.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Subcontractor)]
pub(crate) struct SubcontractorWire {
    #[schema(example = "Drava Hosting", min_length = 1, max_length = 200)]
    name: String,
    /// Which part.
    #[schema(example = "Runs the servers.", min_length = 1, max_length = 1000)]
    part: String,
}

/// To whom the results would belong.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = OfferedRights)]
pub(crate) struct OfferedRightsWire {
    #[schema(schema_with = wire::ownership, example = "company")]
    ownership: Ownership,
    /// The licence in words, or its SPDX name.
    #[serde(default)]
    #[schema(example = "The agency may use the results for ten years.", max_length = 2000)]
    licence: Option<String>,
}

/// What an offer says beside solution, plan and price; all of it empty for who may not see it.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = BidParticulars)]
pub(crate) struct ParticularsView {
    /// The answers to the response sections.
    answers: Option<Vec<AnswerWire>>,
    /// What the company declares about the eligibility criteria.
    eligibility: Option<Vec<DeclarationWire>>,
    /// Who would do the work.
    team: Option<Vec<TeamMemberWire>>,
    /// What the company has done before.
    references: Option<Vec<ReferenceWire>>,
    /// Who else would do a part.
    subcontractors: Option<Vec<SubcontractorWire>>,
    /// To whom the results would belong.
    intellectual_property: Option<OfferedRightsWire>,
    /// For how many days after the deadline the offer binds. If it does not say: 90, or what the challenge asks for if that
    /// is more.
    #[schema(example = 120)]
    validity_days: Option<i32>,
    /// How the company would go about it.
    #[schema(example = "First we listen along for a week.")]
    plan: Option<String>,
}

impl From<Option<Particulars>> for ParticularsView {
    fn from(shown: Option<Particulars>) -> Self {
        let is_shown = shown.is_some();
        let shown = shown.unwrap_or_default();
        Self {
            answers: is_shown.then(|| wire::all(shown.answers)),
            eligibility: is_shown.then(|| wire::all(shown.eligibility)),
            team: is_shown.then(|| wire::all(shown.team)),
            references: is_shown.then(|| wire::all(shown.references)),
            subcontractors: is_shown.then(|| wire::all(shown.subcontractors)),
            intellectual_property: shown.intellectual_property.map(Into::into),
            validity_days: shown.validity_days,
            plan: shown.plan,
        }
    }
}

impl From<AnswerWire> for Answer {
    fn from(AnswerWire { section, text, yes, comment }: AnswerWire) -> Self {
        Self { section: ResponseSectionId(section), text, yes, comment }
    }
}

impl From<Answer> for AnswerWire {
    fn from(Answer { section, text, yes, comment }: Answer) -> Self {
        Self { section: section.0, text, yes, comment }
    }
}

impl From<DeclarationWire> for Declaration {
    fn from(DeclarationWire { criterion, met, statement }: DeclarationWire) -> Self {
        Self { criterion: CriterionId(criterion), met, statement }
    }
}

impl From<Declaration> for DeclarationWire {
    fn from(Declaration { criterion, met, statement }: Declaration) -> Self {
        Self { criterion: criterion.0, met, statement }
    }
}

wire::same! {
    TeamMemberWire, TeamMember { name, role, experience, days, consented };
    ReferenceWire, Reference { title, client, year, description, web_page, contact };
    SubcontractorWire, Subcontractor { name, part };
    OfferedRightsWire, OfferedRights { ownership, licence };
}
