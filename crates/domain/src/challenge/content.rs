//! What a challenge says.

use super::{
    AwardCriterion, Conditions, Confidentiality, ContactPoint, EligibilityCriterion, IntellectualProperty, Outcome,
    PlannedDates, ProblemStatement, ResponseSection, Shortlisting, Sponsor, Stage, Translations,
};
use crate::{
    CriterionId, Money, Procedure,
    account::Language,
    cpv::CpvCode,
    evaluation::{ConsensusMethod, PriceFormula, TieRule, Weight},
};
use chrono::{DateTime, Utc};
use chrono_tz::Tz;

/// The sections of a challenge. A draft may leave any but the title empty; see [`Content::check_draft`] for what even a
/// draft must keep to, and [`Content::checklist`] for what is still missing.
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
    /// What a solution has to live with, and what it can use.
    pub conditions: Conditions,
    /// Decides the minimum periods.
    pub procedure: Procedure,
    /// The most that one pilot may cost.
    pub budget_ceiling: Option<Money>,
    /// How many pilots can be awarded, 1 to 20.
    pub pilots: i32,
    /// How long a pilot lasts, in weeks, 1 to 104.
    pub pilot_weeks: i32,
    /// The way from an idea to everyday use; at most 5.
    pub stages: Vec<Stage>,
    /// Bids are taken while the database clock is before this instant.
    pub submission_deadline: Option<DateTime<Utc>>,
    /// That unpriced solutions come first, and who is invited to bid; one stage only if not said.
    pub shortlisting: Option<Shortlisting>,
    /// The dates beside the deadline.
    pub planned_dates: PlannedDates,
    /// The zone in which dates are counted and shown.
    pub zone: Tz,
    /// What a company must be or have to be admitted; at most 20.
    pub eligibility: Vec<EligibilityCriterion>,
    /// What a bid has to answer beside its solution; at most 40.
    pub response_sections: Vec<ResponseSection>,
    /// For how many days after the deadline a bid has to bind its company at least, 30 to 365; if it matters.
    pub bid_validity_days: Option<i32>,
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
    /// Who owns what the pilot makes.
    pub intellectual_property: Option<IntellectualProperty>,
    /// What is told only to those who promise to keep it.
    pub confidentiality: Option<Confidentiality>,
    /// Who stands for it.
    pub sponsor: Option<Sponsor>,
    /// Whom to turn to; at most 5.
    pub contacts: Vec<ContactPoint>,
    /// What is bought, most important first; at most 20.
    pub cpv_codes: Vec<CpvCode>,
    /// Words to find it by: lower case letters, digits and hyphens, at most 40 characters each; at most 20.
    pub tags: Vec<String>,
    /// The language in which it is written.
    pub language: Language,
    /// The same in other languages.
    pub translations: Translations,
}

impl Content {
    /// An empty draft.
    pub fn new(title: &str, zone: Tz) -> Self {
        Self {
            title: title.to_owned(),
            summary: String::new(),
            problem: ProblemStatement::default(),
            outcomes: Vec::new(),
            conditions: Conditions::default(),
            procedure: Procedure::SmallPilot,
            budget_ceiling: None,
            pilots: 1,
            pilot_weeks: 12,
            stages: Vec::new(),
            submission_deadline: None,
            shortlisting: None,
            planned_dates: PlannedDates::default(),
            zone,
            eligibility: Vec::new(),
            response_sections: Vec::new(),
            bid_validity_days: None,
            criteria: Vec::new(),
            price_formula: PriceFormula::Absolute,
            price_weight: None,
            consensus: ConsensusMethod::Mean,
            tie_rule: TieRule::Shared,
            intellectual_property: None,
            confidentiality: None,
            sponsor: None,
            contacts: Vec::new(),
            cpv_codes: Vec::new(),
            tags: Vec::new(),
            language: Language::En,
            translations: Translations::default(),
        }
    }

    /// The same for a new challenge: without dates, which belong to the old one.
    pub fn undated(self) -> Self {
        let undated = |shortlisting| Shortlisting { solution_deadline: None, ..shortlisting };
        let shortlisting = self.shortlisting.map(undated);
        Self { submission_deadline: None, shortlisting, planned_dates: PlannedDates::default(), ..self }
    }

    /// The same without what is told only to those who promise to keep it.
    pub fn without_confidential_details(mut self) -> Self {
        if let Some(confidentiality) = &mut self.confidentiality {
            confidentiality.details.clear();
        }
        self.translations.forget(super::CONFIDENTIAL_DETAILS);
        self
    }
}

impl ProblemStatement {
    /// The parts with their names in the API.
    pub(super) fn parts(&self) -> [(&'static str, &str); 5] {
        [
            ("pain", &self.pain),
            ("affected", &self.affected),
            ("evidence", &self.evidence),
            ("currentCost", &self.current_cost),
            ("tried", &self.tried),
        ]
    }
}
