//! Rows of challenges, and what they mean.

use super::{
    Summary,
    document::{Columns, Sections},
};
use crate::{
    Error, Result,
    schema::challenges,
    sql_types::{At, Json, Key, at, instant},
};
use diesel::prelude::*;
use domain::{Challenge, ChallengeStatus, Currency, Money, Procedure, challenge::FirstStage, evaluation::Score};

#[derive(Queryable, Selectable)]
#[diesel(table_name = challenges)]
pub(super) struct SummaryRow {
    id: Key,
    reference: String,
    agency_id: Key,
    status: String,
    title: String,
    summary: String,
    procedure: String,
    currency: Option<String>,
    budget_ceiling_minor: Option<i64>,
    submission_deadline: Option<At>,
    solution_deadline: Option<At>,
    created_at: At,
    published_at: Option<At>,
    sandbox: bool,
}

impl SummaryRow {
    pub(super) fn summary(self, agency_name: String) -> Result<Summary> {
        Ok(Summary {
            id: self.id.id(),
            reference: self.reference,
            agency: self.agency_id.id(),
            agency_name,
            status: status(&self.status)?,
            title: self.title,
            summary: self.summary,
            procedure: procedure(&self.procedure)?,
            budget_ceiling: optional_money(self.budget_ceiling_minor, self.currency.as_deref())?,
            submission_deadline: instant(self.submission_deadline),
            solution_deadline: instant(self.solution_deadline),
            created_at: self.created_at.0,
            published_at: instant(self.published_at),
            sandbox: self.sandbox,
        })
    }
}

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = challenges, treat_none_as_null = true)]
pub(super) struct Row {
    id: Key,
    reference: String,
    agency_id: Key,
    status: String,
    title: String,
    summary: String,
    procedure: String,
    currency: Option<String>,
    budget_ceiling_minor: Option<i64>,
    submission_deadline: Option<At>,
    content: Json,
    author_id: Key,
    last_editor_id: Key,
    approved_by_id: Option<Key>,
    review_comment: Option<String>,
    created_at: At,
    published_at: Option<At>,
    closed_at: Option<At>,
    opened_at: Option<At>,
    awarded_at: Option<At>,
    standstill_until: Option<At>,
    ended_at: Option<At>,
    end_reason_code: Option<String>,
    end_reason: Option<String>,
    version: i32,
    relaunch_of_id: Option<Key>,
    material_changes: i32,
    prices_opened_at: Option<At>,
    solution_deadline: Option<At>,
    solutions_closed_at: Option<At>,
    solutions_opened_at: Option<At>,
    shortlisted_at: Option<At>,
    sandbox: bool,
}

impl From<&Challenge> for Row {
    fn from(challenge: &Challenge) -> Self {
        let content = &challenge.content;
        Self {
            id: Key::of(challenge.id),
            reference: challenge.reference.clone(),
            agency_id: Key::of(challenge.agency),
            status: challenge.status.as_str().to_owned(),
            title: content.title.clone(),
            summary: content.summary.clone(),
            procedure: content.procedure.as_str().to_owned(),
            currency: content.budget_ceiling.map(|money| money.currency().code().to_owned()),
            budget_ceiling_minor: content.budget_ceiling.map(Money::minor),
            submission_deadline: at(content.submission_deadline),
            content: Json::of(&Sections::from(content)),
            author_id: Key::of(challenge.author),
            last_editor_id: Key::of(challenge.last_editor),
            approved_by_id: challenge.approved_by.map(Key::of),
            review_comment: challenge.review_comment.clone(),
            created_at: At(challenge.created_at),
            published_at: at(challenge.published_at),
            closed_at: at(challenge.closed_at),
            opened_at: at(challenge.opened_at),
            awarded_at: at(challenge.awarded_at),
            standstill_until: at(challenge.standstill_until),
            ended_at: at(challenge.ended_at),
            end_reason_code: challenge.end_reason_code.clone(),
            end_reason: challenge.end_reason.clone(),
            version: challenge.version,
            relaunch_of_id: challenge.relaunch_of.map(Key::of),
            material_changes: challenge.material_changes,
            prices_opened_at: at(challenge.prices_opened_at),
            solution_deadline: at(content.shortlisting.and_then(|shortlisting| shortlisting.solution_deadline)),
            solutions_closed_at: at(challenge.first_stage.closed_at),
            solutions_opened_at: at(challenge.first_stage.opened_at),
            shortlisted_at: at(challenge.first_stage.shortlisted_at),
            sandbox: challenge.sandbox,
        }
    }
}

impl TryFrom<Row> for Challenge {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self> {
        let columns = Columns {
            title: row.title,
            summary: row.summary,
            procedure: procedure(&row.procedure)?,
            budget_ceiling: optional_money(row.budget_ceiling_minor, row.currency.as_deref())?,
            submission_deadline: instant(row.submission_deadline),
        };
        let content = row.content.read::<Sections>()?.content(columns)?;
        Ok(Self {
            id: row.id.id(),
            reference: row.reference,
            agency: row.agency_id.id(),
            status: status(&row.status)?,
            content,
            author: row.author_id.id(),
            last_editor: row.last_editor_id.id(),
            approved_by: row.approved_by_id.map(Key::id),
            review_comment: row.review_comment,
            created_at: row.created_at.0,
            published_at: instant(row.published_at),
            closed_at: instant(row.closed_at),
            opened_at: instant(row.opened_at),
            awarded_at: instant(row.awarded_at),
            standstill_until: instant(row.standstill_until),
            ended_at: instant(row.ended_at),
            end_reason_code: row.end_reason_code,
            end_reason: row.end_reason,
            version: row.version,
            relaunch_of: row.relaunch_of_id.map(Key::id),
            material_changes: row.material_changes,
            prices_opened_at: instant(row.prices_opened_at),
            first_stage: FirstStage {
                closed_at: instant(row.solutions_closed_at),
                opened_at: instant(row.solutions_opened_at),
                shortlisted_at: instant(row.shortlisted_at),
            },
            sandbox: row.sandbox,
        })
    }
}

/// Money in two columns.
pub(crate) fn money(minor: i64, currency: &str) -> Result<Money> {
    let currency = Currency::from_code(currency).ok_or_else(|| Error::corrupt("currency", currency))?;
    Money::new(minor, currency).map_err(|error| Error::corrupt("money", error))
}

fn optional_money(minor: Option<i64>, currency: Option<&str>) -> Result<Option<Money>> {
    minor.zip(currency).map(|(minor, currency)| money(minor, currency)).transpose()
}

fn status(name: &str) -> Result<ChallengeStatus> {
    ChallengeStatus::parse(name).ok_or_else(|| Error::corrupt("challenge status", name))
}

fn procedure(name: &str) -> Result<Procedure> {
    Procedure::parse(name).ok_or_else(|| Error::corrupt("procedure", name))
}

/// A score in hundredths.
pub(crate) fn score(hundredths: i64) -> Result<Score> {
    Score::from_hundredths(hundredths).map_err(|_| Error::corrupt("score", hundredths))
}
