//! What a draft must keep to, and what it still lacks.

use super::{AwardCriterion, Content, Section};
use crate::{Checks, FieldError, PeriodRules, Refusal, Result, account::Email, evaluation::PriceFormula};
use chrono::{DateTime, Utc};
use rust_decimal::Decimal;

/// Something in a section that is missing, wrong or doubtful.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Where it is.
    pub section: Section,
    /// Whether it must be mended before the review.
    pub severity: Severity,
    /// The field and what is the matter.
    pub problem: FieldError,
}

/// How bad a [`Finding`] is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// The challenge cannot be approved with it.
    Error,
    /// Better answers come without it.
    Warning,
}

impl Content {
    /// What even a draft must keep to: nothing longer or larger than it may be. All else it may lack or get wrong for a
    /// while, and the [checklist](Self::checklist) tells.
    pub fn check_draft(&self) -> Result<()> {
        let mut checks = Checks::new();
        checks.text(&self.title, 200, "/title");
        at_most(&mut checks, &self.summary, 1000, "/summary");
        for (name, text) in self.problem.parts() {
            at_most(&mut checks, text, 5000, format!("/problem/{name}"));
        }
        count(&mut checks, self.outcomes.len(), 20, "/outcomes");
        for (i, outcome) in self.outcomes.iter().enumerate() {
            at_most(&mut checks, &outcome.metric, 200, format!("/outcomes/{i}/metric"));
            at_most(&mut checks, &outcome.unit, 50, format!("/outcomes/{i}/unit"));
            at_most(&mut checks, &outcome.baseline, 100, format!("/outcomes/{i}/baseline"));
            at_most(&mut checks, &outcome.target, 100, format!("/outcomes/{i}/target"));
        }
        let conditions = &self.conditions;
        at_most(&mut checks, &conditions.constraints, 5000, "/conditions/constraints");
        at_most(&mut checks, &conditions.data, 5000, "/conditions/data");
        at_most(&mut checks, &conditions.sites, 5000, "/conditions/sites");
        at_most(&mut checks, &conditions.users, 5000, "/conditions/users");
        checks.require((1..=20).contains(&self.pilots), "/pilots", "out_of_range", "from 1 to 20");
        checks.require((1..=104).contains(&self.pilot_weeks), "/pilotWeeks", "out_of_range", "from 1 to 104");
        count(&mut checks, self.stages.len(), 5, "/stages");
        for (i, stage) in self.stages.iter().enumerate() {
            at_most(&mut checks, &stage.gate, 2000, format!("/stages/{i}/gate"));
            let passing = stage.passing.is_none_or(|passing| (1..=100).contains(&passing));
            checks.require(passing, format!("/stages/{i}/passing"), "out_of_range", "from 1 to 100");
        }
        self.check_draft_shortlisting(&mut checks);
        self.check_draft_criteria(&mut checks);
        self.check_draft_response(&mut checks);
        self.check_draft_people(&mut checks);
        checks.done()
    }

    fn check_draft_criteria(&self, checks: &mut Checks) {
        count(checks, self.eligibility.len(), 20, "/eligibility");
        for (i, criterion) in self.eligibility.iter().enumerate() {
            at_most(checks, &criterion.name, 200, format!("/eligibility/{i}/name"));
            at_most(checks, &criterion.description, 2000, format!("/eligibility/{i}/description"));
        }
        count(checks, self.criteria.len(), 20, "/criteria");
        for (i, criterion) in self.criteria.iter().enumerate() {
            at_most(checks, &criterion.name, 200, format!("/criteria/{i}/name"));
            at_most(checks, &criterion.description, 2000, format!("/criteria/{i}/description"));
            count(checks, criterion.anchors.len(), 11, format!("/criteria/{i}/anchors"));
            for (j, anchor) in criterion.anchors.iter().enumerate() {
                at_most(checks, &anchor.meaning, 500, format!("/criteria/{i}/anchors/{j}/meaning"));
            }
        }
        let award = self.criteria.iter().enumerate().map(|(i, c)| ("criteria", i, c.id));
        let ids: Vec<_> =
            award.chain(self.eligibility.iter().enumerate().map(|(i, c)| ("eligibility", i, c.id))).collect();
        for (n, (list, i, id)) in ids.iter().enumerate() {
            let unique = ids[..n].iter().all(|(_, _, other)| other != id);
            checks.require(unique, format!("/{list}/{i}/id"), "duplicate", "another criterion has this id");
        }
    }

    fn check_draft_people(&self, checks: &mut Checks) {
        if let Some(property) = &self.intellectual_property {
            at_most(checks, &property.licence, 2000, "/intellectualProperty/licence");
        }
        if let Some(confidentiality) = &self.confidentiality {
            at_most(checks, &confidentiality.agreement, 20_000, "/confidentiality/agreement");
            at_most(checks, &confidentiality.details, 20_000, "/confidentiality/details");
        }
        if let Some(sponsor) = &self.sponsor {
            at_most(checks, &sponsor.name, 100, "/sponsor/name");
            at_most(checks, &sponsor.position, 200, "/sponsor/position");
        }
        count(checks, self.contacts.len(), 5, "/contacts");
        for (i, contact) in self.contacts.iter().enumerate() {
            at_most(checks, &contact.name, 100, format!("/contacts/{i}/name"));
            at_most(checks, &contact.email, 254, format!("/contacts/{i}/email"));
            at_most(checks, contact.phone.as_deref().unwrap_or_default(), 40, format!("/contacts/{i}/phone"));
        }
        count(checks, self.cpv_codes.len(), 20, "/cpvCodes");
        count(checks, self.tags.len(), 20, "/tags");
        for (i, tag) in self.tags.iter().enumerate() {
            let words = "1 to 40 lower case letters, digits and hyphens";
            checks.require(is_tag(tag), format!("/tags/{i}"), "wrong_format", words);
        }
    }

    /// What a challenge must say before somebody else is asked to approve it; lists every gap by field.
    pub fn check_complete(&self, now: DateTime<Utc>) -> Result<()> {
        self.check_draft()?;
        let errors: Vec<_> = self.errors(now);
        if errors.is_empty() { Ok(()) } else { Err(Refusal::Invalid(errors)) }
    }

    /// Everything that is missing, wrong or doubtful, in the order of the sections.
    pub fn checklist(&self, rules: &PeriodRules, now: DateTime<Utc>) -> Vec<Finding> {
        let found =
            |severity, problem: FieldError| Finding { section: Section::of(&problem.pointer), severity, problem };
        let errors = self.errors(now).into_iter().map(|problem| found(Severity::Error, problem));
        let (late, short) = self.period_problems(rules, now);
        let late = late.into_iter().map(|problem| found(Severity::Error, problem));
        let warnings = self.warnings().into_iter().chain(short).map(|problem| found(Severity::Warning, problem));
        let mut findings: Vec<_> = errors.chain(late).chain(warnings).collect();
        findings.sort_by_key(|finding| finding.section);
        findings
    }

    /// What the minimum periods forbid if the challenge is published now, and what they advise against.
    fn period_problems(&self, rules: &PeriodRules, now: DateTime<Utc>) -> (Vec<FieldError>, Vec<FieldError>) {
        let Some(deadline) = self.submission_deadline.filter(|deadline| *deadline > now) else {
            return Default::default();
        };
        let forbidden = match self.check_periods(&self.timeline(rules, now, None), deadline) {
            Err(Refusal::Invalid(errors)) => errors,
            _ => Vec::new(),
        };
        let advised = rules.warnings(now, deadline).into_iter();
        (forbidden, advised.map(|warning| FieldError::new(warning.pointer, warning.code, warning.detail)).collect())
    }

    fn errors(&self, now: DateTime<Utc>) -> Vec<FieldError> {
        let mut checks = Checks::new();
        checks.text(&self.summary, 1000, "/summary");
        for (name, text) in self.problem.parts() {
            checks.text(text, 5000, format!("/problem/{name}"));
        }
        checks.require(!self.outcomes.is_empty(), "/outcomes", "required", "name at least one measure of success");
        for (i, outcome) in self.outcomes.iter().enumerate() {
            checks.text(&outcome.metric, 200, format!("/outcomes/{i}/metric"));
        }
        self.check_stages(&mut checks);
        self.check_timeline(&mut checks, now);
        self.check_shortlisting(&mut checks);
        if self.procedure.takes_bids() {
            self.check_award(&mut checks);
        }
        self.check_people(&mut checks);
        checks.into_errors()
    }

    fn check_stages(&self, checks: &mut Checks) {
        for (i, stage) in self.stages.iter().enumerate() {
            checks.text(&stage.gate, 2000, format!("/stages/{i}/gate"));
            let later = i == 0 || self.stages[i - 1].kind <= stage.kind;
            let order = "the stages go from explore over pilot to scale";
            checks.require(later, format!("/stages/{i}/kind"), "wrong_order", order);
        }
    }

    fn check_timeline(&self, checks: &mut Checks, now: DateTime<Utc>) {
        let deadline = self.submission_deadline;
        checks.require(deadline.is_some(), "/submissionDeadline", "required", "set a deadline");
        let future = deadline.is_none_or(|deadline| deadline > now);
        checks.require(future, "/submissionDeadline", "in_the_past", "must be in the future");
        let planned = &self.planned_dates;
        let steps = [
            (planned.questions_until, "/plannedDates/questionsUntil"),
            (planned.answers_by, "/plannedDates/answersBy"),
            (deadline, "/submissionDeadline"),
        ];
        let known: Vec<_> = steps.into_iter().filter_map(|(at, pointer)| Some((at?, pointer))).collect();
        for pair in known.windows(2) {
            let words = "questions end before answers are due, and these before the deadline";
            checks.require(pair[0].0 <= pair[1].0, pair[0].1, "wrong_order", words);
        }
        let day = deadline.map(|deadline| deadline.with_timezone(&self.zone).date_naive());
        let steps = [
            (day, "/submissionDeadline"),
            (planned.expected_award, "/plannedDates/expectedAward"),
            (planned.pilot_start, "/plannedDates/pilotStart"),
        ];
        let known: Vec<_> = steps.into_iter().filter_map(|(day, pointer)| Some((day?, pointer))).collect();
        for pair in known.windows(2) {
            let words = "the award follows the deadline, and the pilots follow the award";
            checks.require(pair[0].0 < pair[1].0, pair[1].1, "wrong_order", words);
        }
    }

    fn check_award(&self, checks: &mut Checks) {
        let budget = self.budget_ceiling.as_ref().is_some_and(|money| money.minor() > 0);
        checks.require(budget, "/budgetCeiling", "required", "say what a pilot may cost at most");
        for (i, criterion) in self.eligibility.iter().enumerate() {
            checks.text(&criterion.name, 200, format!("/eligibility/{i}/name"));
            checks.text(&criterion.description, 2000, format!("/eligibility/{i}/description"));
        }
        self.check_response(checks);
        checks.require(!self.criteria.is_empty(), "/criteria", "required", "name at least one award criterion");
        for (i, criterion) in self.criteria.iter().enumerate() {
            let unique = self.criteria[..i].iter().all(|other| other.name != criterion.name);
            checks.require(unique, format!("/criteria/{i}/name"), "duplicate", "another criterion has this name");
            criterion.check(checks, &format!("/criteria/{i}"));
        }
        if let Some(id) = self.tie_rule.criterion() {
            let known = self.criteria.iter().any(|criterion| criterion.id == *id);
            checks.require(known, "/tieRule", "unknown", "names a criterion that does not exist");
        }
        let fixed = self.price_formula == PriceFormula::Fixed;
        checks.require(
            fixed == self.price_weight.is_none(),
            "/priceWeight",
            if fixed { "not_allowed" } else { "required" },
            if fixed { "a fixed price has no weight" } else { "say how much the price counts" },
        );
        let sum = self.weight_sum();
        let words = format!("the weights, the price's included, sum to {sum} instead of 100");
        checks.require(sum == Decimal::ONE_HUNDRED, "/criteria", "weights_not_100", words);
    }

    fn check_people(&self, checks: &mut Checks) {
        if let Some(confidentiality) = &self.confidentiality {
            checks.text(&confidentiality.agreement, 20_000, "/confidentiality/agreement");
        }
        if let Some(sponsor) = &self.sponsor {
            checks.text(&sponsor.name, 100, "/sponsor/name");
            checks.text(&sponsor.position, 200, "/sponsor/position");
        }
        for (i, contact) in self.contacts.iter().enumerate() {
            checks.text(&contact.name, 100, format!("/contacts/{i}/name"));
            checks.take(Email::parse(&contact.email), format!("/contacts/{i}/email"), "wrong_format");
        }
        for (i, code) in self.cpv_codes.iter().enumerate() {
            let unique = !self.cpv_codes[..i].contains(code);
            checks.require(unique, format!("/cpvCodes/{i}"), "duplicate", "is there already");
        }
    }

    fn warnings(&self) -> Vec<FieldError> {
        let mut checks = Checks::new();
        if self.procedure.takes_bids() {
            self.warn_of_award(&mut checks);
        }
        let constraints = !self.conditions.constraints.trim().is_empty();
        let words = "companies ask first what must not change";
        checks.require(constraints, "/conditions/constraints", "recommended", words);
        let words = "a challenge with somebody behind it is finished more often";
        checks.require(self.sponsor.is_some(), "/sponsor", "recommended", words);
        checks.require(!self.contacts.is_empty(), "/contacts", "recommended", "say whom to turn to");
        checks.require(!self.cpv_codes.is_empty(), "/cpvCodes", "recommended", "companies search by these codes");
        for (language, pointer) in self.untranslated() {
            let pointer = format!("/translations/{}/{}", language.as_str(), escaped(&pointer));
            checks.require(false, pointer, "outdated", "this text has no translation, or one of an earlier text");
        }
        checks.into_errors()
    }

    /// What is doubtful about how bids are taken and compared.
    fn warn_of_award(&self, checks: &mut Checks) {
        let reversal = "the points of one bid depend on the prices of others: a bid that comes or goes can turn the order \
                        of two others round";
        checks.require(!self.price_formula.depends_on_other_bids(), "/priceFormula", "rank_reversal", reversal);
        let anchors = "say what the scores mean, or each evaluator will mean something else";
        for (i, criterion) in self.criteria.iter().enumerate() {
            checks.require(!criterion.anchors.is_empty(), format!("/criteria/{i}/anchors"), "recommended", anchors);
        }
        let words = "tell when questions end, or they come until the last minute";
        checks.require(
            self.planned_dates.questions_until.is_some(),
            "/plannedDates/questionsUntil",
            "recommended",
            words,
        );
        let words = "without it, everybody's lawyers will ask";
        checks.require(self.intellectual_property.is_some(), "/intellectualProperty", "recommended", words);
    }

    fn weight_sum(&self) -> Decimal {
        let weights = self.criteria.iter().map(|c| c.weight).chain(self.price_weight);
        Decimal::new(weights.map(|w| i64::from(w.hundredths())).sum(), 2).normalize()
    }
}

impl AwardCriterion {
    fn check(&self, checks: &mut Checks, at: &str) {
        checks.text(&self.name, 200, format!("{at}/name"));
        let positive = self.maximum.hundredths() > 0;
        checks.require(positive, format!("{at}/maximum"), "out_of_range", "must be more than zero");
        let reachable = self.minimum.is_none_or(|minimum| minimum <= self.maximum);
        checks.require(reachable, format!("{at}/minimum"), "out_of_range", "must not exceed the maximum");
        for (i, anchor) in self.anchors.iter().enumerate() {
            checks.text(&anchor.meaning, 500, format!("{at}/anchors/{i}/meaning"));
            let reachable = anchor.score <= self.maximum;
            checks.require(reachable, format!("{at}/anchors/{i}/score"), "out_of_range", "must not exceed the maximum");
            let rising = i == 0 || self.anchors[i - 1].score < anchor.score;
            checks.require(rising, format!("{at}/anchors/{i}/score"), "wrong_order", "from the lowest to the highest");
        }
    }
}

pub(super) fn at_most(checks: &mut Checks, text: &str, max: usize, pointer: impl Into<String>) {
    checks.require(text.chars().count() <= max, pointer, "too_long", format!("at most {max} characters"));
}

pub(super) fn count(checks: &mut Checks, there: usize, max: usize, pointer: impl Into<String>) {
    checks.require(there <= max, pointer, "too_many", format!("at most {max}"));
}

/// Whether this is a tag: 1 to 40 lower case letters, digits and hyphens.
pub(crate) fn is_tag(tag: &str) -> bool {
    let sound = |c: char| c == '-' || c.is_alphanumeric() && !c.is_uppercase();
    (1..=40).contains(&tag.chars().count()) && tag.chars().all(sound)
}

/// As one token of a JSON Pointer (RFC 6901, section 3).
fn escaped(token: &str) -> String {
    token.replace('~', "~0").replace('/', "~1")
}
