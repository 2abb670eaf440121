//! What the demo shows, as it stands in the files of `content/`, which are part of the program.

use crate::{Error, Result};
use domain::{
    ChallengeStatus, Currency, Procedure, Role,
    bid::DisqualificationCode,
    challenge::{CancelReason, Outcome, ProblemStatement},
    contract::OutcomeDecision,
    evaluation::{Score, Weight},
    organisation::SizeClass,
};
use serde::{Deserialize, de::DeserializeOwned};
use std::collections::BTreeMap;

/// Everything the demo shows. `*_days_ago` counts whole days back from the day of loading.
pub(super) struct Content {
    pub(super) organisations: Organisations,
    pub(super) challenges: Vec<Challenge>,
    pub(super) bids: Vec<Bid>,
    pub(super) pilots: Vec<Pilot>,
}

/// `organisations.toml`
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Organisations {
    pub(super) administrator: Administrator,
    #[serde(rename = "agency")]
    pub(super) agencies: Vec<Organisation>,
    #[serde(rename = "company")]
    pub(super) companies: Vec<Organisation>,
}

/// Who runs the platform.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Administrator {
    pub(super) name: String,
    pub(super) email: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Organisation {
    pub(super) key: String,
    pub(super) legal_name: String,
    pub(super) country: String,
    pub(super) people: Vec<Person>,
    pub(super) profile: Profile,
}

/// No VAT numbers: those with right check digits may be somebody's.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Profile {
    pub(super) trading_name: Option<String>,
    pub(super) register_number: String,
    pub(super) size_class: Option<SizeClass>,
    pub(super) street: String,
    pub(super) postal_code: String,
    pub(super) town: String,
    pub(super) capabilities: Vec<String>,
    pub(super) cpv_codes: Vec<String>,
    pub(super) website: String,
    pub(super) contact: Contact,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Contact {
    pub(super) name: String,
    pub(super) email: String,
    pub(super) phone: String,
    pub(super) purpose: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Person {
    pub(super) key: String,
    pub(super) name: String,
    pub(super) email: String,
    pub(super) roles: Vec<Role>,
}

/// `challenges.toml`
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Challenges {
    challenge: Vec<Challenge>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Challenge {
    pub(super) key: String,
    pub(super) agency: String,
    /// The state that a visitor finds it in.
    pub(super) state: ChallengeStatus,
    pub(super) author: String,
    /// The officer who approves, publishes, evaluates, awards and signs.
    pub(super) reviewer: String,
    /// The evaluators, the chair first.
    pub(super) panel: Vec<String>,
    pub(super) opening_committee: Vec<String>,
    pub(super) title: String,
    pub(super) summary: String,
    pub(super) procedure: Procedure,
    pub(super) currency: Currency,
    pub(super) budget_ceiling: String,
    pub(super) pilots: i32,
    pub(super) pilot_weeks: i32,
    pub(super) zone: String,
    pub(super) drafted_days_ago: i64,
    /// The publication; negative when it is still ahead.
    pub(super) opens_days_ago: i64,
    /// From the publication to the deadline.
    pub(super) open_days: i64,
    pub(super) opened_days_ago: Option<i64>,
    pub(super) evaluating_days_ago: Option<i64>,
    pub(super) awarded_days_ago: Option<i64>,
    pub(super) award_reason: Option<String>,
    pub(super) signed_days_ago: Option<i64>,
    pub(super) pilots_started_days_ago: Option<i64>,
    pub(super) completed_days_ago: Option<i64>,
    pub(super) cancelled_days_ago: Option<i64>,
    pub(super) cancel_reason: Option<Reason<CancelReason>>,
    pub(super) price_weight: Weight,
    /// What the reviewer wanted changed before approving.
    pub(super) review_comment: Option<String>,
    pub(super) problem: ProblemStatement,
    pub(super) outcomes: Vec<Outcome>,
    pub(super) criteria: Vec<Criterion>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Criterion {
    pub(super) name: String,
    pub(super) description: String,
    pub(super) weight: Weight,
    pub(super) maximum: Score,
    pub(super) minimum: Option<Score>,
}

/// A coded reason with its words.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Reason<Code> {
    pub(super) code: Code,
    pub(super) text: String,
}

/// `bids.toml`
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Bids {
    bid: Vec<Bid>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Bid {
    pub(super) challenge: String,
    pub(super) company: String,
    pub(super) by: String,
    /// In the challenge's currency.
    pub(super) price: String,
    pub(super) solution: String,
    pub(super) milestones: Vec<PlannedMilestone>,
    #[serde(default)]
    pub(super) winner: bool,
    pub(super) disqualified: Option<Reason<DisqualificationCode>>,
    /// By criterion, one score for each evaluator in the order of the panel.
    #[serde(default)]
    pub(super) scores: BTreeMap<String, Vec<Score>>,
    /// By criterion, what the chair writes beside the score.
    #[serde(default)]
    pub(super) comments: BTreeMap<String, String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PlannedMilestone {
    pub(super) title: String,
    pub(super) amount: String,
    pub(super) weeks: i32,
}

/// `pilots.toml`
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Pilots {
    pilot: Vec<Pilot>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Pilot {
    pub(super) challenge: String,
    pub(super) company: String,
    /// The pilot manager of the agency.
    pub(super) manager: String,
    /// In the order of the bid, with its titles.
    pub(super) milestones: Vec<Milestone>,
    pub(super) outcome: Option<PilotOutcome>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Milestone {
    pub(super) title: String,
    #[serde(default)]
    pub(super) deliveries: Vec<Delivery>,
    pub(super) invoiced_days_ago: Option<i64>,
    pub(super) paid_days_ago: Option<i64>,
}

/// A hand-over; waits for an answer if it was neither accepted nor rejected.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Delivery {
    pub(super) by: String,
    pub(super) days_ago: i64,
    pub(super) note: String,
    pub(super) accepted_days_ago: Option<i64>,
    pub(super) rejected: Option<Rejection>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Rejection {
    pub(super) days_ago: i64,
    pub(super) reason: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PilotOutcome {
    pub(super) decision: OutcomeDecision,
    pub(super) decided_days_ago: i64,
    pub(super) brilliant_failure: bool,
    pub(super) learning: String,
}

impl Content {
    /// Reads the files.
    pub(super) fn parse() -> Result<Self> {
        let organisations = read("organisations.toml", include_str!("content/organisations.toml"))?;
        let Challenges { challenge } = read("challenges.toml", include_str!("content/challenges.toml"))?;
        let Bids { bid } = read("bids.toml", include_str!("content/bids.toml"))?;
        let Pilots { pilot } = read("pilots.toml", include_str!("content/pilots.toml"))?;
        Ok(Self { organisations, challenges: challenge, bids: bid, pilots: pilot })
    }

    /// The bids on a challenge, in the order of their receipt.
    pub(super) fn bids_on<'c>(&'c self, challenge: &'c str) -> impl Iterator<Item = &'c Bid> {
        self.bids.iter().filter(move |bid| bid.challenge == challenge)
    }

    /// The bid that won the pilot.
    pub(super) fn bid_of(&self, pilot: &Pilot) -> Result<&Bid> {
        let mut bids = self.bids.iter();
        let found = bids.find(|bid| bid.challenge == pilot.challenge && bid.company == pilot.company);
        found.ok_or_else(|| wrong(format!("a pilot of {} on {} without a bid", pilot.company, pilot.challenge)))
    }

    /// The agency with this key.
    pub(super) fn agency(&self, key: &str) -> Result<&Organisation> {
        let found = self.organisations.agencies.iter().find(|agency| agency.key == key);
        found.ok_or_else(|| wrong(format!("there is no agency {key}")))
    }
}

impl Organisation {
    /// The first person with this role.
    pub(super) fn holder(&self, role: Role) -> Result<&Person> {
        let found = self.people.iter().find(|person| person.roles.contains(&role));
        found.ok_or_else(|| wrong(format!("{} has nobody with the role {}", self.key, role.as_str())))
    }
}

/// The content contradicts itself, or a rule.
pub(super) fn wrong(what: impl std::fmt::Display) -> Error {
    Error::DemoContent(what.to_string())
}

fn read<T: DeserializeOwned>(name: &str, text: &str) -> Result<T> {
    toml::from_str(text).map_err(|error| wrong(format!("{name}: {error}")))
}
