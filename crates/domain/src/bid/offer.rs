//! What is offered, and its two parts: what is judged without knowing the price, and the price.

use super::{BidStage, Particulars};
use crate::{Challenge, Checks, Money, Result};

/// What is offered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offer {
    /// How the company would solve the problem; 1 to 20,000 characters.
    pub solution: String,
    /// The price of the pilot, in the challenge's currency, at most the budget ceiling.
    pub price: Money,
    /// What is delivered when, 1 to 20 steps; their amounts sum to the price.
    pub milestones: Vec<PlannedMilestone>,
    /// What it says beside.
    pub particulars: Particulars,
}

/// One step of the plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlannedMilestone {
    /// What is delivered; at most 200 characters.
    pub title: String,
    /// What it costs.
    pub amount: Money,
    /// How many weeks after both sides signed the contract, 1 to 104.
    pub due_week: i32,
}

/// What is judged without knowing the price: the content of the quality envelope.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QualityOffer {
    /// How the company would solve the problem; 1 to 20,000 characters.
    pub solution: String,
    /// What is delivered when, 1 to 20 steps.
    pub steps: Vec<Step>,
    /// What it says beside.
    pub particulars: Particulars,
}

/// One step of the plan, without its price.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// What is delivered; at most 200 characters.
    pub title: String,
    /// How many weeks after both sides signed the contract, 1 to 104.
    pub due_week: i32,
}

/// The content of the price envelope.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PriceOffer {
    /// The price of the pilot, in the challenge's currency, at most the budget ceiling.
    pub total: Money,
    /// What each step of the plan costs, in its order; they sum to the price.
    pub amounts: Vec<Money>,
}

impl Offer {
    /// Checks the offer against the challenge: currency, ceiling, plan, and what it has to answer.
    pub fn check(&self, challenge: &Challenge) -> Result<()> {
        let (quality, price) = self.parts();
        let mut checks = Checks::new();
        quality.note(BidStage::Offer, &mut checks);
        quality.particulars.note(&challenge.content, &mut checks);
        price.note(challenge, quality.steps.len(), &mut checks);
        checks.done()
    }

    /// What goes into the two envelopes.
    pub fn parts(&self) -> (QualityOffer, PriceOffer) {
        let step = |m: &PlannedMilestone| Step { title: m.title.clone(), due_week: m.due_week };
        let steps = self.milestones.iter().map(step).collect();
        let amounts = self.milestones.iter().map(|m| m.amount).collect();
        let (solution, particulars) = (self.solution.clone(), self.particulars.clone());
        let quality = QualityOffer { solution, steps, particulars };
        (quality, PriceOffer { total: self.price, amounts })
    }

    /// The offer that both parts make.
    pub fn join(quality: &QualityOffer, price: &PriceOffer) -> Self {
        let planned = |(step, amount): (&Step, &Money)| PlannedMilestone {
            title: step.title.clone(),
            amount: *amount,
            due_week: step.due_week,
        };
        let milestones = quality.steps.iter().zip(&price.amounts).map(planned).collect();
        let (solution, particulars) = (quality.solution.clone(), quality.particulars.clone());
        Self { solution, price: price.total, milestones, particulars }
    }
}

impl QualityOffer {
    /// Checks texts and plan.
    pub fn check(&self) -> Result<()> {
        self.check_as(BidStage::Offer)
    }

    /// The same for a bid of this stage: an unpriced solution may come without a plan.
    pub fn check_as(&self, stage: BidStage) -> Result<()> {
        let mut checks = Checks::new();
        self.note(stage, &mut checks);
        checks.done()
    }

    pub(super) fn note(&self, stage: BidStage, checks: &mut Checks) {
        checks.text(&self.solution, 20_000, "/solution");
        let least = usize::from(stage == BidStage::Offer);
        let count = (least..=20).contains(&self.steps.len());
        checks.require(count, "/milestones", "out_of_range", format!("from {least} to 20 milestones"));
        for (i, step) in self.steps.iter().enumerate() {
            checks.text(&step.title, 200, format!("/milestones/{i}/title"));
            let weeks = (1..=104).contains(&step.due_week);
            checks.require(weeks, format!("/milestones/{i}/dueWeek"), "out_of_range", "from 1 to 104");
        }
    }
}

impl PriceOffer {
    /// Checks the price against the challenge, and against the number of steps in the plan.
    pub fn check(&self, challenge: &Challenge, steps: usize) -> Result<()> {
        let mut checks = Checks::new();
        self.note(challenge, steps, &mut checks);
        checks.done()
    }

    pub(super) fn note(&self, challenge: &Challenge, steps: usize, checks: &mut Checks) {
        checks.require(self.total.minor() > 0, "/price/amount", "out_of_range", "must be more than zero");
        if let Some(ceiling) = challenge.content.budget_ceiling {
            let same = self.total.currency() == ceiling.currency();
            let detail = format!("must be in {}", ceiling.currency().code());
            checks.require(same, "/price/currency", "wrong_currency", detail);
            let within = !same || self.total.minor() <= ceiling.minor();
            checks.require(within, "/price/amount", "above_ceiling", format!("the ceiling is {ceiling}"));
        }
        let each = "an amount for each milestone";
        checks.require(self.amounts.len() == steps, "/milestones", "amount_missing", each);
        for (i, amount) in self.amounts.iter().enumerate() {
            let same = amount.currency() == self.total.currency();
            let pointer = format!("/milestones/{i}/amount/currency");
            checks.require(same, pointer, "wrong_currency", "must be the currency of the price");
        }
        let sum = self.amounts.iter().try_fold(0_i64, |sum, amount| sum.checked_add(amount.minor()));
        let detail = "the amounts of the milestones must sum to the price";
        let sums_up = self.amounts.is_empty() || sum == Some(self.total.minor());
        checks.require(sums_up, "/milestones", "sum_not_price", detail);
    }
}
