//! The least time that a procedure gives: its defaults, and versions with which administrators raise them.

use crate::{
    Actor, Calendar, Checks, ComputedDate, Event, Period, Procedure, Refusal, Result, Subject, UserId,
    challenge::{ChangePolicy, PlannedDates},
    days::Direction,
};
use chrono::{DateTime, SecondsFormat, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};
use serde_json::json;

/// The longest that an administrator can make any of the periods, in days.
pub const LONGEST: u32 = 365;

/// A small pilot that is open for less gets a warning: small companies need the time.
const ADVISABLE: Period = Period::calendar_days(28);

/// The least time for each step of a procedure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MinimumPeriods {
    /// From the publication to the submission deadline; with two stages, to the deadline for solutions, and once more from
    /// the invitation to bid to the submission deadline (Directive 2014/24/EU, article 28(1) and (2)).
    pub open: Period,
    /// From the last question to the submission deadline.
    pub questions: Period,
    /// From the last answer to the submission deadline (Directive 2014/24/EU, article 53(2): six days).
    pub answers: Period,
    /// From the award to the signature (Directive 89/665/EEC, article 2a: ten days).
    pub standstill: Period,
}

/// The lengths, in days; what kind of days each counts is up to the procedure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct MinimumDays {
    /// Of [`MinimumPeriods::open`].
    pub open: u32,
    /// Of [`MinimumPeriods::questions`].
    pub questions: u32,
    /// Of [`MinimumPeriods::answers`].
    pub answers: u32,
    /// Of [`MinimumPeriods::standstill`].
    pub standstill: u32,
}

/// A version of the minimum periods of a procedure; the newest is in force.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MinimumPeriodsVersion {
    /// Which procedure.
    pub procedure: Procedure,
    /// Counted from 1, which comes with the program.
    pub version: i32,
    /// The periods.
    pub periods: MinimumPeriods,
    /// Why it was made; 1 to 5,000 characters.
    pub reason: String,
    /// By whom, and when; `None` for the one that comes with the program.
    pub made: Option<(UserId, DateTime<Utc>)>,
}

/// By what the dates of one challenge are computed.
#[derive(Debug, Clone, PartialEq)]
pub struct PeriodRules {
    /// The calendar of the agency's country.
    pub calendar: Calendar,
    /// The periods of the challenge's procedure.
    pub minimum: MinimumPeriodsVersion,
    /// The zone of the challenge.
    pub zone: Tz,
}

/// The dates of a challenge that follow from others, each with its explanation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Timeline {
    /// The version of the minimum periods.
    pub minimum_version: i32,
    /// From when the submission deadline counts: the publication, or the moment of asking while there is none; with two
    /// stages, the invitation to bid.
    pub open_from: DateTime<Utc>,
    /// The earliest submission deadline.
    pub earliest_deadline: ComputedDate,
    /// The earliest deadline for unpriced solutions; none with one stage. The other deadline then counts from the invitation
    /// to bid, or, while nobody is invited, from the deadline for solutions on.
    #[serde(default)]
    pub earliest_solution_deadline: Option<ComputedDate>,
    /// Until when questions can be asked; none without a deadline.
    pub questions_until: Option<ComputedDate>,
    /// Until when questions have to be answered; none without a deadline.
    pub answers_by: Option<ComputedDate>,
    /// Until when no contract may be signed; none before the award.
    pub standstill: Option<ComputedDate>,
}

/// What is allowed, but not advisable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Warning {
    /// The field.
    pub pointer: &'static str,
    /// Stable name.
    pub code: &'static str,
    /// In words.
    pub detail: String,
}

impl Procedure {
    /// The minimum periods that come with the program, and below which nobody can go.
    pub fn default_minimum_periods(self) -> MinimumPeriods {
        match self {
            Self::SmallPilot => MinimumPeriods {
                open: Period::calendar_days(10),
                questions: Period::working_days(5),
                answers: Period::working_days(3),
                standstill: Period::working_days(2),
            },
            Self::OpenPilot | Self::DesignContest | Self::InnovationPartnership => MinimumPeriods {
                open: Period::calendar_days(30),
                questions: Period::calendar_days(10),
                answers: Period::calendar_days(6),
                standstill: Period::calendar_days(10),
            },
            // It has none, and nobody can give it any: see `PeriodRules::timeline`.
            Self::MarketConsultation => MinimumPeriods {
                open: Period::calendar_days(0),
                questions: Period::calendar_days(0),
                answers: Period::calendar_days(0),
                standstill: Period::calendar_days(0),
            },
        }
    }
}

impl MinimumPeriods {
    /// The lengths.
    pub fn days(&self) -> MinimumDays {
        let Self { open, questions, answers, standstill } = self;
        MinimumDays { open: open.days, questions: questions.days, answers: answers.days, standstill: standstill.days }
    }

    /// The same kinds of days, with other lengths.
    #[must_use]
    pub fn lasting(self, days: MinimumDays) -> Self {
        let with = |period: Period, days| Period { days, ..period };
        Self {
            open: with(self.open, days.open),
            questions: with(self.questions, days.questions),
            answers: with(self.answers, days.answers),
            standstill: with(self.standstill, days.standstill),
        }
    }
}

impl MinimumDays {
    /// None below its default; questions end no later than answers.
    fn check(self, least: Self, checks: &mut Checks) {
        for (field, days, least) in [
            ("/open", self.open, least.open),
            ("/questions", self.questions, least.questions),
            ("/answers", self.answers, least.answers),
            ("/standstill", self.standstill, least.standstill),
        ] {
            let possible = (least..=LONGEST).contains(&days);
            checks.require(possible, field, "out_of_range", format!("must be from {least} to {LONGEST} days"));
        }
        let in_order = self.questions >= self.answers;
        checks.require(in_order, "/questions", "too_short", "questions must not end later than their answers");
    }
}

impl MinimumPeriodsVersion {
    /// The version that comes with the program.
    pub fn shipped(procedure: Procedure) -> Self {
        let (periods, reason) = (procedure.default_minimum_periods(), "Comes with the program.".to_owned());
        Self { procedure, version: 1, periods, reason, made: None }
    }

    /// An administrator makes the next version. It holds for what is published or awarded from now on.
    pub fn replace(&self, actor: &Actor, days: MinimumDays, reason: &str, now: DateTime<Utc>) -> Result<(Self, Event)> {
        actor.require_administrator()?;
        let least = self.procedure.default_minimum_periods();
        let mut checks = Checks::new();
        days.check(least.days(), &mut checks);
        checks.text(reason, 5000, "/reason");
        checks.done()?;
        if days == self.periods.days() {
            return Err(Refusal::AlreadyDone);
        }
        let (procedure, version, made) = (self.procedure, self.version + 1, Some((actor.user, now)));
        let details = json!({ "procedure": procedure, "version": version, "days": days });
        let event = Event::public("minimum_periods.changed", Subject::Platform, None, details).because(reason);
        Ok((Self { procedure, version, periods: least.lasting(days), reason: reason.to_owned(), made }, event))
    }
}

impl PeriodRules {
    /// The dates of a challenge that is open from `open_from` until `deadline`, as far as there is one. A market
    /// consultation has no minimum periods: any deadline will do, and questions are taken until then.
    pub fn timeline(&self, open_from: DateTime<Utc>, deadline: Option<DateTime<Utc>>) -> Timeline {
        let MinimumPeriods { open, questions, answers, .. } = self.minimum.periods;
        let earliest_deadline = self.compute(open, Direction::After, open_from);
        let deadline = deadline.filter(|_| self.minimum.procedure.takes_bids());
        let ends_at = if self.minimum.procedure.takes_bids() { earliest_deadline.ends_at } else { open_from };
        Timeline {
            minimum_version: self.minimum.version,
            open_from,
            earliest_deadline: ComputedDate { ends_at, ..earliest_deadline },
            earliest_solution_deadline: None,
            questions_until: deadline.map(|deadline| self.compute(questions, Direction::Before, deadline)),
            answers_by: deadline.map(|deadline| self.compute(answers, Direction::Before, deadline)),
            standstill: None,
        }
    }

    /// Until when contracts of a challenge awarded at `awarded_at` must not be signed.
    pub fn standstill(&self, awarded_at: DateTime<Utc>) -> ComputedDate {
        self.compute(self.minimum.periods.standstill, Direction::After, awarded_at)
    }

    /// The earliest deadline after a material change of a challenge with this deadline.
    pub fn extension(&self, policy: ChangePolicy, deadline: DateTime<Utc>) -> ComputedDate {
        self.compute(Period::calendar_days(policy.extension_days), Direction::After, deadline)
    }

    /// What is not advisable about a deadline.
    pub fn warnings(&self, open_from: DateTime<Utc>, deadline: DateTime<Utc>) -> Vec<Warning> {
        let advisable = self.compute(ADVISABLE, Direction::After, open_from);
        if self.minimum.procedure != Procedure::SmallPilot || deadline >= advisable.ends_at {
            return Vec::new();
        }
        let detail = format!(
            "less than {} calendar days; small companies answer better with more time, until {} or later",
            ADVISABLE.days,
            rfc3339(advisable.ends_at),
        );
        vec![Warning { pointer: "/submissionDeadline", code: "short_period", detail }]
    }

    fn compute(&self, period: Period, direction: Direction, moment: DateTime<Utc>) -> ComputedDate {
        period.end(direction, moment, self.zone, &self.calendar)
    }
}

impl Timeline {
    /// Refuses a deadline that is too early to leave the minimum period, or any time for questions; and planned dates that
    /// leave less time before the deadline than the procedure asks for.
    pub fn check(&self, deadline: DateTime<Utc>, planned: &PlannedDates) -> Result<()> {
        let too_short = |detail| Err(Refusal::invalid("/submissionDeadline", "period_too_short", detail));
        let earliest = &self.earliest_deadline;
        if deadline < earliest.ends_at {
            return too_short(format!("must not be before {}: {}", rfc3339(earliest.ends_at), earliest.explanation()));
        }
        match &self.questions_until {
            Some(until) if until.ends_at <= self.open_from => {
                too_short(format!("leaves no time for questions: {}", until.explanation()))
            }
            _ => self.check_planned(planned),
        }
    }

    fn check_planned(&self, planned: &PlannedDates) -> Result<()> {
        let mut checks = Checks::new();
        for (planned, latest, pointer) in [
            (planned.questions_until, &self.questions_until, "/plannedDates/questionsUntil"),
            (planned.answers_by, &self.answers_by, "/plannedDates/answersBy"),
        ] {
            let (Some(planned), Some(latest)) = (planned, latest) else { continue };
            let detail = format!("must not be after {}: {}", rfc3339(latest.ends_at), latest.explanation());
            checks.require(planned <= latest.ends_at, pointer, "period_too_short", detail);
        }
        checks.done()
    }
}

fn rfc3339(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}
