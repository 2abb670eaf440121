//! The dates of a challenge that belong in a calendar.

use super::Challenge;
use crate::Timeline;
use chrono::{DateTime, NaiveDate, Utc};

/// What happens on such a date.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyDateKind {
    /// Questions are taken before.
    QuestionsUntil,
    /// Every question is answered by then.
    AnswersBy,
    /// Unpriced solutions are taken before.
    SolutionDeadline,
    /// Bids are taken before.
    SubmissionDeadline,
    /// When the award is expected.
    ExpectedAward,
    /// No contract is signed before.
    StandstillEnd,
    /// When the pilots are to start.
    PilotStart,
}

impl KeyDateKind {
    /// The name of the kind.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::QuestionsUntil => "questions_until",
            Self::AnswersBy => "answers_by",
            Self::SolutionDeadline => "solution_deadline",
            Self::SubmissionDeadline => "submission_deadline",
            Self::ExpectedAward => "expected_award",
            Self::StandstillEnd => "standstill_end",
            Self::PilotStart => "pilot_start",
        }
    }
}

/// An instant, or a day as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    /// An instant.
    At(DateTime<Utc>),
    /// A day.
    On(NaiveDate),
}

/// A date of a challenge that belongs in a calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeyDate {
    /// What happens.
    pub kind: KeyDateKind,
    /// When.
    pub when: When,
}

impl Challenge {
    /// The dates that the agency set; those that it did not set, as they follow from the timeline, if that is known.
    pub fn key_dates(&self, timeline: Option<&Timeline>) -> Vec<KeyDate> {
        use KeyDateKind as K;
        let planned = &self.content.planned_dates;
        let questions = timeline.and_then(|timeline| timeline.questions_until.as_ref()).map(|date| date.ends_at);
        let answers = timeline.and_then(|timeline| timeline.answers_by.as_ref()).map(|date| date.ends_at);
        let standstill = timeline.and_then(|timeline| timeline.standstill.as_ref()).map(|date| date.ends_at);
        let solutions = self.content.shortlisting.and_then(|shortlisting| shortlisting.solution_deadline);
        let dates = [
            (K::QuestionsUntil, planned.questions_until.or(questions).map(When::At)),
            (K::AnswersBy, planned.answers_by.or(answers).map(When::At)),
            (K::SolutionDeadline, solutions.map(When::At)),
            (K::SubmissionDeadline, self.content.submission_deadline.map(When::At)),
            (K::ExpectedAward, planned.expected_award.map(When::On)),
            (K::StandstillEnd, standstill.map(When::At)),
            (K::PilotStart, planned.pilot_start.map(When::On)),
        ];
        dates.into_iter().filter_map(|(kind, when)| Some(KeyDate { kind, when: when? })).collect()
    }
}
