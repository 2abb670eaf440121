//! What a virus scanner says of files.

use chrono::{DateTime, TimeDelta, Utc};
use domain::{
    Refusal,
    file::{FileScan, Scan, ScanStatus, Verdict},
};

fn now() -> DateTime<Utc> {
    "2026-11-30T12:00:00Z".parse().unwrap()
}

fn pending() -> FileScan {
    let scan = Scan { status: ScanStatus::Pending, ..Scan::default() };
    FileScan { sha256: "0".repeat(64), scan, attempts: 0, next_at: Some(now()) }
}

#[test]
fn a_scanner_that_fails_is_asked_again_after_pauses_that_double_up_to_six_hours() {
    let mut file = pending();
    for seconds in [30, 60, 120, 240, 480, 960, 1_920, 3_840, 7_680, 15_360, 21_600, 21_600] {
        assert_eq!(file.note(Verdict::Unavailable, now()), None);
        assert_eq!((file.scan.status, file.next_at), (ScanStatus::Failed, Some(now() + TimeDelta::seconds(seconds))));
    }
    file.attempts = i32::MAX;
    file.note(Verdict::Unavailable, now());
    assert_eq!(file.next_at, Some(now() + TimeDelta::hours(6)));
    file.note(Verdict::Clean, now());
    assert_eq!((file.attempts, file.next_at, file.scan.status), (0, None, ScanStatus::Clean));
}

#[test]
fn a_verdict_is_final_and_something_found_is_told_once() {
    for (verdict, status) in [(Verdict::Clean, ScanStatus::Clean), (Verdict::TooLarge, ScanStatus::Failed)] {
        let mut file = pending();
        assert_eq!(file.note(verdict, now()), None);
        assert_eq!((file.scan.status, file.next_at, file.scan.at), (status, None, Some(now())));
    }
    let mut file = pending();
    let found = Verdict::Infected("Test".to_owned());
    assert_eq!(file.note(found.clone(), now()), Some("Test".to_owned()));
    assert_eq!((file.scan.status, file.next_at), (ScanStatus::Infected, None));
    assert_eq!(file.note(found, now()), None, "nobody is told twice");
}

#[test]
fn only_what_is_infected_is_refused() {
    for status in ScanStatus::ALL {
        let scan = Scan { status, signature: Some("Test".to_owned()), at: None };
        let expected = match status {
            ScanStatus::Infected => Err(Refusal::FileInfected("plan.pdf (Test)".to_owned())),
            _ => Ok(()),
        };
        assert_eq!(scan.require_sound("plan.pdf"), expected, "{status:?}");
        assert_eq!(ScanStatus::parse(status.as_str()), Some(status));
    }
}
