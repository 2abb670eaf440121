//! What somebody asks of the list of public challenges, as one value: parsed from a query, stored with a saved search, run by
//! a feed.

use super::{CpvPrefix, Search};
use crate::{ChallengeStatus, Checks, Currency, FieldError, Money, OrganisationId, Procedure, account::Language};
use chrono::{DateTime, SecondsFormat, Utc};
use serde::{Deserialize, Serialize};
use url::form_urlencoded;

/// A text to look for has at most so many characters.
pub const LONGEST_TEXT: usize = 200;

/// Of statuses, agencies and the like at most so many can be chosen.
pub const MOST_CHOICES: usize = 20;

/// In which order challenges are listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sort {
    /// The best answer to the text first.
    Relevance,
    /// The newest publication first.
    Newest,
    /// The earliest deadline first.
    Deadline,
    /// The largest budget first, in one currency.
    Budget,
}

impl Sort {
    /// Every order.
    pub const ALL: [Self; 4] = [Self::Relevance, Self::Newest, Self::Deadline, Self::Budget];

    /// Its name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Relevance => "relevance",
            Self::Newest => "newest",
            Self::Deadline => "deadline",
            Self::Budget => "budget",
        }
    }
}

/// What is asked of the list of public challenges. Stored and sent as [`Parameters`], which stay the same in later versions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Parameters", into = "Parameters")]
pub struct ChallengeQuery {
    /// Words to look for.
    pub text: Option<String>,
    /// Which challenges come into question.
    pub filters: Filters,
    /// In which order.
    pub sort: Sort,
}

/// Which challenges come into question: those for which each filter holds that is not empty. Of several values of one filter any
/// may hold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filters {
    /// Where it is in its life.
    pub statuses: Vec<ChallengeStatus>,
    /// Whose it is.
    pub agencies: Vec<OrganisationId>,
    /// The agency's country (ISO 3166-1).
    pub countries: Vec<String>,
    /// What is bought.
    pub cpv: Vec<CpvPrefix>,
    /// Words that the agency filed it under.
    pub tags: Vec<String>,
    /// How it is procured.
    pub procedure: Option<Procedure>,
    /// In which language it is written.
    pub language: Option<Language>,
    /// In which currency its budget is.
    pub currency: Option<Currency>,
    /// The least that one pilot may cost at most; in `currency`.
    pub budget_min: Option<Money>,
    /// The most that one pilot may cost at most; in `currency`.
    pub budget_max: Option<Money>,
    /// Bids are taken until this instant or later.
    pub deadline_after: Option<DateTime<Utc>>,
    /// Bids are taken until before this instant.
    pub deadline_before: Option<DateTime<Utc>>,
}

/// The same as it is written: the names and forms of the parameters of `GET /api/v1/challenges`, and of a stored query.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct Parameters {
    /// Words to look for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub q: Option<String>,
    /// [`Filters::statuses`].
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub status: Vec<ChallengeStatus>,
    /// [`Filters::agencies`].
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub agency: Vec<OrganisationId>,
    /// [`Filters::countries`].
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub country: Vec<String>,
    /// [`Filters::cpv`].
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub cpv: Vec<String>,
    /// [`Filters::tags`].
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tag: Vec<String>,
    /// [`Filters::procedure`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub procedure: Option<Procedure>,
    /// [`Filters::language`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub language: Option<Language>,
    /// [`Filters::currency`], ISO 4217.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub currency: Option<String>,
    /// [`Filters::budget_min`], as a decimal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub budget_min: Option<String>,
    /// [`Filters::budget_max`], as a decimal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub budget_max: Option<String>,
    /// [`Filters::deadline_after`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deadline_after: Option<DateTime<Utc>>,
    /// [`Filters::deadline_before`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deadline_before: Option<DateTime<Utc>>,
    /// [`ChallengeQuery::sort`]; by relevance if a text is looked for, otherwise the newest first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sort: Option<Sort>,
}

impl Default for ChallengeQuery {
    fn default() -> Self {
        Self { text: None, filters: Filters::default(), sort: Sort::Newest }
    }
}

impl ChallengeQuery {
    /// What to look for; nothing if the text holds no word.
    pub fn search(&self) -> Option<Search> {
        Search::parse(self.text.as_deref()?)
    }

    /// The query as it stands behind the question mark of `GET /api/v1/challenges`; the same for equal queries.
    pub fn to_query_string(&self) -> String {
        let p = Parameters::from(self.clone());
        let mut pairs = form_urlencoded::Serializer::new(String::new());
        let mut add = |name: &str, value: Option<String>| {
            if let Some(value) = value.filter(|value| !value.is_empty()) {
                pairs.append_pair(name, &value);
            }
        };
        let instant = |at: DateTime<Utc>| at.to_rfc3339_opts(SecondsFormat::AutoSi, true);
        add("q", p.q);
        add("status", Some(join(p.status.iter().map(|status| status.as_str()))));
        add("agency", Some(join(p.agency.iter().map(ToString::to_string))));
        add("country", Some(join(p.country)));
        add("cpv", Some(join(p.cpv)));
        add("tag", Some(join(p.tag)));
        add("procedure", p.procedure.map(|procedure| procedure.as_str().to_owned()));
        add("language", p.language.map(|language| language.as_str().to_owned()));
        add("currency", p.currency);
        add("budgetMin", p.budget_min);
        add("budgetMax", p.budget_max);
        add("deadlineAfter", p.deadline_after.map(instant));
        add("deadlineBefore", p.deadline_before.map(instant));
        add("sort", p.sort.map(|sort| sort.as_str().to_owned()));
        pairs.finish()
    }
}

fn join<S: AsRef<str>>(values: impl IntoIterator<Item = S>) -> String {
    values.into_iter().map(|value| value.as_ref().to_owned()).collect::<Vec<_>>().join(",")
}

impl Parameters {
    /// The query that is meant.
    ///
    /// # Errors
    /// Every parameter that is wrong, or that lacks another.
    pub fn check(self) -> Result<ChallengeQuery, Vec<FieldError>> {
        let mut checks = Checks::new();
        self.check_sizes(&mut checks);
        let text = self.q.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
        let unknown = "unknown currency (ISO 4217)";
        let currency = self.currency.map(|code| Currency::from_code(&code).ok_or(unknown));
        let currency = currency.and_then(|currency| checks.take(currency, "/currency", "unknown"));
        let (min, max) = (self.budget_min.is_some(), self.budget_max.is_some());
        let sorted = self.sort == Some(Sort::Budget);
        checks.require(
            currency.is_some() || !(min || max || sorted),
            "/currency",
            "required",
            "amounts have a currency",
        );
        let by_relevance = self.sort == Some(Sort::Relevance);
        checks.require(text.is_some() || !by_relevance, "/q", "required", "relevance is for a text to look for");
        let mut money = |amount: Option<String>, pointer: &str| {
            checks.take(Money::parse(&amount?, currency?), pointer, "wrong_format")
        };
        let (budget_min, budget_max) = (money(self.budget_min, "/budgetMin"), money(self.budget_max, "/budgetMax"));
        let cpv = self.cpv.iter().filter_map(|digits| checks.take(CpvPrefix::parse(digits), "/cpv", "wrong_format"));
        let filters = Filters {
            cpv: sorted_once(cpv.collect()),
            countries: sorted_once(self.country),
            tags: sorted_once(self.tag),
            agencies: sorted_once(self.agency),
            statuses: once(&self.status),
            procedure: self.procedure,
            language: self.language,
            currency,
            budget_min,
            budget_max,
            deadline_after: self.deadline_after,
            deadline_before: self.deadline_before,
        };
        let sort = self.sort.unwrap_or(if text.is_some() { Sort::Relevance } else { Sort::Newest });
        let errors = checks.into_errors();
        if errors.is_empty() { Ok(ChallengeQuery { text, filters, sort }) } else { Err(errors) }
    }

    fn check_sizes(&self, checks: &mut Checks) {
        let length = self.q.as_ref().map_or(0, |text| text.chars().count());
        checks.require(length <= LONGEST_TEXT, "/q", "too_long", format!("at most {LONGEST_TEXT} characters"));
        let chosen = [
            ("/status", self.status.len()),
            ("/agency", self.agency.len()),
            ("/country", self.country.len()),
            ("/cpv", self.cpv.len()),
            ("/tag", self.tag.len()),
        ];
        for (pointer, chosen) in chosen {
            checks.require(chosen <= MOST_CHOICES, pointer, "too_many", format!("at most {MOST_CHOICES}"));
        }
    }
}

fn sorted_once<T: Ord>(mut values: Vec<T>) -> Vec<T> {
    values.sort();
    values.dedup();
    values
}

fn once(values: &[ChallengeStatus]) -> Vec<ChallengeStatus> {
    ChallengeStatus::ALL.iter().copied().filter(|status| values.contains(status)).collect()
}

impl TryFrom<Parameters> for ChallengeQuery {
    type Error = String;

    fn try_from(parameters: Parameters) -> Result<Self, String> {
        let words =
            |errors: Vec<FieldError>| errors.into_iter().map(|error| format!("{}: {}", error.pointer, error.detail));
        parameters.check().map_err(|errors| words(errors).collect::<Vec<_>>().join("; "))
    }
}

impl From<ChallengeQuery> for Parameters {
    fn from(query: ChallengeQuery) -> Self {
        let ChallengeQuery { text, filters: f, sort } = query;
        let usual = if text.is_some() { Sort::Relevance } else { Sort::Newest };
        Self {
            q: text,
            status: f.statuses,
            agency: f.agencies,
            country: f.countries,
            cpv: f.cpv.into_iter().map(Into::into).collect(),
            tag: f.tags,
            procedure: f.procedure,
            language: f.language,
            currency: f.currency.map(|currency| currency.code().to_owned()),
            budget_min: f.budget_min.map(Money::amount),
            budget_max: f.budget_max.map(Money::amount),
            deadline_after: f.deadline_after,
            deadline_before: f.deadline_before,
            sort: (sort != usual).then_some(sort),
        }
    }
}
