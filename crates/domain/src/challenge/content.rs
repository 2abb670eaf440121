//! What a challenge says, and when that is enough.

use crate::{
    Checks, CriterionId, Money, Procedure, Result,
    evaluation::{ConsensusMethod, PriceFormula, Score, TieRule, Weight},
};
use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use rust_decimal::Decimal;

/// The sections of a challenge. A draft may leave any but the title empty; see [`Content::check_complete`].
#[derive(Debug, Clone, PartialEq)]
pub struct Content {
    /// At most 200 characters.
    pub title: String,
    /// What it is about, for lists; at most 1,000 characters.
    pub summary: String,
    /// What hurts. Never a solution.
    pub problem: ProblemStatement,
    /// How success is measured; at most 20.
    pub outcomes: Vec<Outcome>,
    /// Decides the minimum periods.
    pub procedure: Procedure,
    /// The most that one pilot may cost.
    pub budget_ceiling: Option<Money>,
    /// How many pilots can be awarded, 1 to 20.
    pub pilots: i32,
    /// How long a pilot lasts, in weeks, 1 to 104.
    pub pilot_weeks: i32,
    /// Bids are taken while the database clock is before this instant.
    pub submission_deadline: Option<DateTime<Utc>>,
    /// The zone in which dates are counted and shown.
    pub zone: Tz,
    /// Award criteria other than the price; at most 20.
    pub criteria: Vec<AwardCriterion>,
    /// How a price becomes points.
    pub price_formula: PriceFormula,
    /// The weight of the price, in percent; none with [`PriceFormula::Fixed`].
    pub price_weight: Option<Weight>,
    /// How individual scores become one.
    pub consensus: ConsensusMethod,
    /// What decides between equal totals.
    pub tie_rule: TieRule<CriterionId>,
}

/// The problem, told without a solution (eForms BT-24); each part at most 5,000 characters.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct ProblemStatement {
    /// What hurts.
    pub pain: String,
    /// For whom.
    pub affected: String,
    /// How one knows.
    pub evidence: String,
    /// What it costs today.
    pub current_cost: String,
    /// What was tried.
    pub tried: String,
}

/// One measure of success.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Outcome {
    /// What is measured; at most 200 characters.
    pub metric: String,
    /// In which unit; at most 50 characters.
    pub unit: String,
    /// The value today; at most 100 characters.
    pub baseline: String,
    /// The value that would be a success; at most 100 characters.
    pub target: String,
}

/// An award criterion (eForms BT-540, BT-5421, BT-5423).
#[derive(Debug, Clone, PartialEq)]
pub struct AwardCriterion {
    /// Its id; kept as long as the criterion lives.
    pub id: CriterionId,
    /// At most 200 characters.
    pub name: String,
    /// What evaluators look at; at most 2,000 characters.
    pub description: String,
    /// Its part of the total, in percent.
    pub weight: Weight,
    /// The best score.
    pub maximum: Score,
    /// A bid below this is not ranked.
    pub minimum: Option<Score>,
}

impl Content {
    /// An empty draft.
    pub fn new(title: &str, zone: Tz) -> Self {
        Self {
            title: title.to_owned(),
            summary: String::new(),
            problem: ProblemStatement::default(),
            outcomes: Vec::new(),
            procedure: Procedure::SmallPilot,
            budget_ceiling: None,
            pilots: 1,
            pilot_weeks: 12,
            submission_deadline: None,
            zone,
            criteria: Vec::new(),
            price_formula: PriceFormula::Absolute,
            price_weight: None,
            consensus: ConsensusMethod::Mean,
            tie_rule: TieRule::Shared,
        }
    }

    /// What even a draft must satisfy: nothing longer or larger than it may be.
    pub fn check_draft(&self) -> Result<()> {
        let mut checks = Checks::new();
        checks.text(&self.title, 200, "/title");
        at_most(&mut checks, &self.summary, 1000, "/summary".to_owned());
        for (name, text) in self.problem.parts() {
            at_most(&mut checks, text, 5000, format!("/problem/{name}"));
        }
        checks.require(self.outcomes.len() <= 20, "/outcomes", "too_many", "at most 20 outcomes");
        for (i, outcome) in self.outcomes.iter().enumerate() {
            checks.text(&outcome.metric, 200, format!("/outcomes/{i}/metric"));
            at_most(&mut checks, &outcome.unit, 50, format!("/outcomes/{i}/unit"));
            at_most(&mut checks, &outcome.baseline, 100, format!("/outcomes/{i}/baseline"));
            at_most(&mut checks, &outcome.target, 100, format!("/outcomes/{i}/target"));
        }
        checks.require((1..=20).contains(&self.pilots), "/pilots", "out_of_range", "from 1 to 20");
        checks.require((1..=104).contains(&self.pilot_weeks), "/pilotWeeks", "out_of_range", "from 1 to 104");
        self.check_criteria(&mut checks);
        checks.done()
    }

    fn check_criteria(&self, checks: &mut Checks) {
        checks.require(self.criteria.len() <= 20, "/criteria", "too_many", "at most 20 criteria");
        for (i, criterion) in self.criteria.iter().enumerate() {
            checks.text(&criterion.name, 200, format!("/criteria/{i}/name"));
            at_most(checks, &criterion.description, 2000, format!("/criteria/{i}/description"));
            let unique = !self.criteria[..i].iter().any(|c| c.name == criterion.name || c.id == criterion.id);
            checks.require(unique, format!("/criteria/{i}/name"), "duplicate", "another criterion has this name");
            let positive = criterion.maximum.hundredths() > 0;
            checks.require(positive, format!("/criteria/{i}/maximum"), "out_of_range", "must be more than zero");
            let reachable = criterion.minimum.is_none_or(|minimum| minimum <= criterion.maximum);
            checks.require(reachable, format!("/criteria/{i}/minimum"), "out_of_range", "must not exceed the maximum");
        }
        if let TieRule::HigherOn(id) = &self.tie_rule {
            let known = self.criteria.iter().any(|c| c.id == *id);
            checks.require(known, "/tieRule", "unknown", "names a criterion that does not exist");
        }
    }

    /// What a challenge must say before somebody else is asked to approve it; lists every gap by section.
    pub fn check_complete(&self, now: DateTime<Utc>) -> Result<()> {
        self.check_draft()?;
        let mut checks = Checks::new();
        checks.text(&self.summary, 1000, "/summary");
        for (name, text) in self.problem.parts() {
            checks.text(text, 5000, format!("/problem/{name}"));
        }
        checks.require(!self.outcomes.is_empty(), "/outcomes", "required", "name at least one measure of success");
        let budget = self.budget_ceiling.as_ref().is_some_and(|money| money.minor() > 0);
        checks.require(budget, "/budgetCeiling", "required", "say what a pilot may cost at most");
        match self.submission_deadline {
            None => checks.require(false, "/submissionDeadline", "required", "set a deadline"),
            Some(deadline) => {
                checks.require(deadline > now, "/submissionDeadline", "in_the_past", "must be in the future");
            }
        }
        checks.require(!self.criteria.is_empty(), "/criteria", "required", "name at least one award criterion");
        let fixed = self.price_formula == PriceFormula::Fixed;
        checks.require(
            fixed == self.price_weight.is_none(),
            "/priceWeight",
            if fixed { "not_allowed" } else { "required" },
            if fixed { "a fixed price has no weight" } else { "say how much the price counts" },
        );
        checks.require(
            self.weight_sum() == Decimal::ONE_HUNDRED,
            "/criteria",
            "weights_not_100",
            format!("the weights, the price's included, sum to {} instead of 100", self.weight_sum()),
        );
        checks.done()
    }

    fn weight_sum(&self) -> Decimal {
        let weights = self.criteria.iter().map(|c| c.weight).chain(self.price_weight);
        Decimal::new(weights.map(|w| i64::from(w.hundredths())).sum(), 2).normalize()
    }
}

impl ProblemStatement {
    /// The parts with their names in the API.
    fn parts(&self) -> [(&'static str, &str); 5] {
        [
            ("pain", &self.pain),
            ("affected", &self.affected),
            ("evidence", &self.evidence),
            ("currentCost", &self.current_cost),
            ("tried", &self.tried),
        ]
    }
}

fn at_most(checks: &mut Checks, text: &str, max: usize, pointer: String) {
    checks.require(text.chars().count() <= max, pointer, "too_long", format!("at most {max} characters"));
}
