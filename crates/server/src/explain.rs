//! `explain`: what the program computes, and why.

use chrono::SecondsFormat;
use domain::{
    Calendar, CalendarCode, ComputedDate, Period, PeriodRule,
    days::{self, Direction},
};

use crate::cli::ExplainPeriod;
use crate::commands::{Failure, failed, print};

/// `explain period`: prints when a period ends, computed with the calendars that come with the program.
pub fn period(asked: &ExplainPeriod) -> Result<(), Failure> {
    let unknown = |flag: &str, value: &str| Failure::Usage(format!("--{flag}: there is no `{value}`"));
    let code = asked.calendar.to_ascii_uppercase();
    let code = CalendarCode::parse(&code).ok_or_else(|| unknown("calendar", &asked.calendar))?;
    let rule = PeriodRule::parse(&asked.kind).ok_or_else(|| unknown("kind", &asked.kind))?;
    let direction = Direction::parse(&asked.direction).ok_or_else(|| unknown("direction", &asked.direction))?;
    let moment = days::start(&asked.from, code.zone(), "--from")
        .map_err(|problem| Failure::Usage(format!("--from: `{}` {}", asked.from, problem.detail)))?;
    let period = Period { days: asked.days, rule };
    let date = period.end(direction, moment, code.zone(), &Calendar::shipped(code));
    match asked.json {
        true => print(&format!("{}\n", http::computed_date_json(date).map_err(failed)?)),
        false => print(&text(code, &date)),
    }
}

fn text(code: CalendarCode, date: &ComputedDate) -> String {
    let local = date.ends_at.with_timezone(&date.zone).to_rfc3339_opts(SecondsFormat::Secs, false);
    let utc = date.ends_at.to_rfc3339_opts(SecondsFormat::Secs, true);
    let name = code.name();
    let mut text = format!(
        "Ends with   {}\nBefore      {local} ({utc})\nCalendar    {}, {name}, version {}\nRule        {}\n",
        days::written(date.last_day),
        date.calendar,
        date.calendar_version,
        date.legal_basis(),
    );
    for (i, skipped) in date.skipped.iter().enumerate() {
        let label = if i == 0 { "Skipped" } else { "" };
        text += &format!("{label:<12}{} {}\n", skipped.day, skipped.name);
    }
    text + &format!("\n{}\n", date.explanation())
}
