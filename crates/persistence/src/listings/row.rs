//! Rows of listings.

use crate::{
    Error, Result,
    challenges::money,
    schema::{challenge_listings, challenge_topics},
    sql_types::{At, Key, at, instant},
};
use diesel::prelude::*;
use domain::{
    Challenge, ChallengeStatus, Money,
    discovery::{FacetRow, INDEX_VERSION, SearchText, TopicKind},
};

#[derive(Insertable, AsChangeset)]
#[diesel(table_name = challenge_listings, treat_none_as_null = true)]
pub(super) struct Row {
    pub(super) position: i64,
    challenge_id: Key,
    agency_id: Key,
    country: String,
    status: String,
    procedure: String,
    language: String,
    currency: Option<String>,
    budget_minor: Option<i64>,
    submission_deadline: Option<At>,
    topics: String,
    head: String,
    digest: String,
    index_version: i32,
}

impl Row {
    pub(super) fn new(position: i64, challenge: &Challenge, country: &str, text: &SearchText, digest: String) -> Self {
        let content = &challenge.content;
        Self {
            position,
            challenge_id: Key::of(challenge.id),
            agency_id: Key::of(challenge.agency),
            country: country.to_owned(),
            status: challenge.status.as_str().to_owned(),
            procedure: content.procedure.as_str().to_owned(),
            language: content.language.as_str().to_owned(),
            currency: content.budget_ceiling.map(|money| money.currency().code().to_owned()),
            budget_minor: content.budget_ceiling.map(Money::minor),
            submission_deadline: at(content.submission_deadline),
            topics: write_topics(&text.topics),
            head: text.head.clone(),
            digest,
            index_version: INDEX_VERSION,
        }
    }
}

#[derive(Insertable)]
#[diesel(table_name = challenge_topics)]
pub(super) struct TopicRow {
    kind: &'static str,
    value: String,
    position: i64,
}

impl TopicRow {
    pub(super) fn of(position: i64, text: &SearchText) -> Vec<Self> {
        let row = |(kind, value): &(TopicKind, String)| Self { kind: kind.as_str(), value: value.clone(), position };
        text.topics.iter().map(row).collect()
    }
}

/// What is counted.
#[derive(Queryable, Selectable)]
#[diesel(table_name = challenge_listings)]
pub(super) struct CountedRow {
    status: String,
    agency_id: Key,
    country: String,
    topics: String,
    currency: Option<String>,
    budget_minor: Option<i64>,
    submission_deadline: Option<At>,
}

impl TryFrom<CountedRow> for FacetRow {
    type Error = Error;

    fn try_from(row: CountedRow) -> Result<Self> {
        let status = ChallengeStatus::parse(&row.status);
        let budget = row.budget_minor.zip(row.currency.as_deref());
        Ok(Self {
            status: status.ok_or_else(|| Error::corrupt("challenge status", &row.status))?,
            agency: row.agency_id.id(),
            country: row.country,
            topics: read_topics(&row.topics),
            budget: budget.map(|(minor, currency)| money(minor, currency)).transpose()?,
            deadline: instant(row.submission_deadline),
        })
    }
}

/// `#flood 72 722`: neither tags nor codes have spaces, and codes no `#`.
fn write_topics(topics: &[(TopicKind, String)]) -> String {
    let written = topics.iter().map(|(kind, value)| match kind {
        TopicKind::Tag => format!("#{value}"),
        TopicKind::Cpv => value.clone(),
    });
    written.collect::<Vec<_>>().join(" ")
}

pub(super) fn read_topics(topics: &str) -> Vec<(TopicKind, String)> {
    let read = |topic: &str| match topic.strip_prefix('#') {
        Some(tag) => (TopicKind::Tag, tag.to_owned()),
        None => (TopicKind::Cpv, topic.to_owned()),
    };
    topics.split(' ').filter(|topic| !topic.is_empty()).map(read).collect()
}
