//! Which log directives are accepted.

use server::config::Log;
use server::telemetry::{FilterError, TelemetryError, filter, start};

#[test]
fn levels_and_targets_are_accepted() {
    for directives in ["info", "WARN", "off", "info,persistence=debug", "info,[request{id=1}]=trace"] {
        assert!(filter(directives).is_ok(), "{directives}");
    }
}

#[test]
fn spaces_between_directives_mean_nothing() {
    let spaced = filter(" info , persistence=debug ").unwrap();
    assert_eq!(spaced.to_string(), filter("info,persistence=debug").unwrap().to_string());
}

#[test]
fn a_misspelt_level_is_not_taken_for_a_target() {
    for (directives, word) in
        [("", ""), ("info,", ""), ("inof", "inof"), ("info,debg", "debg"), ("persistence=debug,loud", "loud")]
    {
        assert!(matches!(filter(directives), Err(FilterError::Level(found)) if found == word), "{directives}");
    }
}

#[test]
fn broken_directives_are_refused() {
    assert!(matches!(filter("persistence=loud"), Err(FilterError::Syntax(_))));
}

#[test]
fn logging_starts_once() {
    let log = Log::default();
    start(&log).unwrap();
    assert!(matches!(start(&log), Err(TelemetryError::Started(_))));
}
