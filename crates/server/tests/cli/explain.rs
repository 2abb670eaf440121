//! `provoco explain`, with the real program and without a database.

use std::fs;

use tempfile::TempDir;

use crate::process::{Outcome, provoco};

fn period(calendar: &str, from: &str, days: &str, kind: &str, more: &[&str]) -> Outcome {
    let directory = TempDir::new().unwrap();
    let flags = ["explain", "period", "--calendar", calendar, "--from", from, "--days", days, "--kind", kind];
    let outcome = provoco(directory.path(), &[&flags[..], more].concat(), &[("DATABASE_URL", "postgres://nowhere/x")]);
    assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 0, "it leaves nothing behind");
    outcome
}

#[test]
fn a_period_is_explained() {
    let outcome = period("SI", "2026-01-05T11:20", "10", "calendar", &[]);
    assert_eq!((outcome.code, outcome.stderr.as_str()), (Some(0), ""));
    insta::assert_snapshot!("calendar_days", outcome.stdout);
    insta::assert_snapshot!("working_days", period("be", "2026-12-15T23:30:00Z", "10", "working", &[]).stdout);
    insta::assert_snapshot!("maundy_thursday", period("EU", "2026-04-01", "1", "calendar", &[]).stdout);
    let before = period("SI", "2026-01-15T12:00", "5", "working", &["--direction", "before"]);
    insta::assert_snapshot!("before_a_deadline", before.stdout);
}

#[test]
fn a_period_is_explained_as_json() {
    let outcome = period("NL", "2026-04-24", "3", "calendar", &["--json"]);
    assert_eq!((outcome.code, outcome.stderr.as_str()), (Some(0), ""));
    insta::assert_snapshot!("json", outcome.stdout);
}

#[test]
fn what_makes_no_sense_exits_with_2_and_says_what_would() {
    for (calendar, from, days, kind, words) in [
        ("AT", "2026-01-05", "1", "working", "[possible values: EU, BE, DE, FR, NL, PT, SI]"),
        ("SI", "2026-01-05", "1", "bank", "[possible values: calendar, working]"),
        ("SI", "2026-01-05", "3661", "working", "3661 is not in 0..=3660"),
        ("SI", "2026-01-05", "-1", "working", "unexpected argument '-1'"),
        ("SI", "2026-01-05", "few", "working", "invalid digit"),
        ("SI", "tomorrow", "1", "working", "--from: `tomorrow` must be an instant"),
        ("SI", "1999-12-31", "1", "working", "--from: `1999-12-31` must be in the years from 2000 to 2100"),
        ("SI", "2026-03-29T02:30", "1", "working", "the next time that does is 2026-03-29T03:00:00+02:00"),
        ("SI", "2026-10-25T02:30", "1", "working", "comes twice in Europe/Ljubljana"),
    ] {
        let outcome = period(calendar, from, days, kind, &[]);
        assert_eq!((outcome.code, outcome.stdout.as_str()), (Some(2), ""), "{calendar} {from} {days} {kind}");
        assert!(outcome.stderr.contains(words), "{}", outcome.stderr);
    }
}
