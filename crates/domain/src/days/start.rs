//! The moment from which somebody wants a period to be counted, as they write it.

use super::end_of_day;
use crate::FieldError;
use chrono::{DateTime, Datelike, LocalResult, NaiveDate, NaiveDateTime, SecondsFormat, TimeZone, Utc};
use chrono_tz::{GapInfo, Tz};

/// The years whose holidays are known well enough to start a period in them.
const YEARS: std::ops::RangeInclusive<i32> = 2000..=2100;

/// The instant that `text` means: one with its offset (RFC 3339), or a local time or date in `zone`.
///
/// # Errors
/// `wrong_format`; `out_of_range` outside of 2000 to 2100; `does_not_exist` and `ambiguous` for a local time that the
/// clocks skip or show twice.
pub fn start(text: &str, zone: Tz, pointer: &str) -> Result<DateTime<Utc>, FieldError> {
    let problem = |code, detail: String| Err(FieldError::new(pointer, code, detail));
    let Some(written) = Written::parse(text) else {
        return problem(
            "wrong_format",
            "must be an instant such as 2026-01-05T11:20:00+01:00 (in a URL, write + as %2B), a local time such as \
             2026-01-05T11:20, or a date such as 2026-01-05"
                .to_owned(),
        );
    };
    if !YEARS.contains(&written.year()) {
        return problem("out_of_range", format!("must be in the years from {} to {}", YEARS.start(), YEARS.end()));
    }
    let local = match written {
        Written::Instant(at) => return Ok(at),
        Written::Date(day) => match day.pred_opt().and_then(|before| end_of_day(before, zone)) {
            Some(at) => return Ok(at),
            None => day.into(),
        },
        Written::Local(local) => local,
    };
    match zone.from_local_datetime(&local) {
        LocalResult::Single(at) => Ok(at.to_utc()),
        LocalResult::Ambiguous(first, second) => {
            problem("ambiguous", format!("comes twice in {zone}: give {} or {}", rfc3339(first), rfc3339(second)))
        }
        LocalResult::None => {
            let next = GapInfo::new(&local, &zone).and_then(|gap| gap.end);
            let next = next.map_or_else(String::new, |next| format!("; the next time that does is {}", rfc3339(next)));
            problem("does_not_exist", format!("does not exist in {zone}, where the clocks move past it{next}"))
        }
    }
}

enum Written {
    Instant(DateTime<Utc>),
    Local(NaiveDateTime),
    Date(NaiveDate),
}

impl Written {
    fn parse(text: &str) -> Option<Self> {
        let local = |format| NaiveDateTime::parse_from_str(text, format).ok();
        // The formats of chrono also take numbers without their leading zeros.
        let local = |format| local(format).filter(|_| matches!(text.len(), 16 | 19));
        let instant = DateTime::parse_from_rfc3339(text).map(|at| Self::Instant(at.to_utc())).ok();
        instant
            .or_else(|| local("%Y-%m-%dT%H:%M:%S").or_else(|| local("%Y-%m-%dT%H:%M")).map(Self::Local))
            .or_else(|| Some(text).filter(|text| text.len() == 10)?.parse().map(Self::Date).ok())
    }

    fn year(&self) -> i32 {
        match self {
            Self::Instant(at) => at.year(),
            Self::Local(at) => at.year(),
            Self::Date(day) => day.year(),
        }
    }
}

fn rfc3339(at: DateTime<Tz>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, false)
}
