//! What must not be in the sources.

use crate::{assert_none, files, read};

/// The most lines of a file; the tables of Diesel are made by a program.
const LINES: usize = 500;

/// Time, chance and the world outside reach a rule as arguments.
const NOT_IN_DOMAIN: [&str; 11] = [
    "Utc::now",
    "Local::now",
    "SystemTime",
    "Instant::now",
    "now_v7",
    "new_v4",
    "rand::",
    "std::env",
    "std::fs",
    "std::net",
    "std::thread",
];

/// Use cases about people, organisations, machines and what is real for certain: it is the same time for all of them.
#[rustfmt::skip]
const REAL_TIME: [&str; 39] = [
    "accounts", "administration", "administrators", "api_keys", "attempts", "bank_accounts", "challenge_templates", "cpv",
    "delegations", "delivery", "demo", "discovery", "documents", "email_changes", "invitations", "lib", "lifecycle", "log_ins",
    "matching", "members", "oidc", "opening_keys", "organisation_profiles", "organisations", "outages", "password_resets",
    "personal_calendars", "personal_data", "profiles", "proofs", "saved_searches", "scans", "second_factors", "sessions",
    "solution_invitations", "solutions", "terms", "uploads", "verification",
];

/// Use cases that are about challenges too, and how often they ask for the real time: for a draft that is just being made,
/// what is kept of files, links, calendars, figures of punctuality, the ledger of outages, and for what clocks are set against.
const MIXED_TIME: [(&str, usize); 12] = [
    ("bid_documents.rs", 3),
    ("bid_receipts.rs", 1),
    ("challenge_clocks.rs", 2),
    ("challenges.rs", 1),
    ("checks.rs", 2),
    ("clock.rs", 1),
    ("extensions.rs", 1),
    ("obligations.rs", 2),
    ("periods.rs", 2),
    ("previews.rs", 1),
    ("sandboxes.rs", 1),
    ("scheduler.rs", 1),
];

/// How statements begin in a string.
const SQL: [&str; 6] = ["\"SELECT ", "\"INSERT INTO ", "\"UPDATE ", "\"DELETE FROM ", "\"CREATE ", "sql_query("];

/// Each line, but for comments, of these files that holds one of these words.
fn lines_with(files: impl IntoIterator<Item = String>, words: &[impl AsRef<str>]) -> Vec<String> {
    let mut found = Vec::new();
    for file in files {
        for (number, line) in read(&file).lines().enumerate() {
            let is_code = !line.trim_start().starts_with("//");
            if is_code && words.iter().any(|word| line.contains(word.as_ref())) {
                found.push(format!("{file}:{}: {}", number + 1, line.trim()));
            }
        }
    }
    found
}

#[test]
fn sql_is_in_persistence_only() {
    let elsewhere = |file: &String| {
        let source = file.split('/').nth(2) == Some("src");
        source && !["persistence", "testing", "harness"].iter().any(|it| file.starts_with(&format!("crates/{it}/")))
    };
    let words = [&["diesel::"], &SQL[..]].concat();
    assert_none(&lines_with(files("crates", ".rs").into_iter().filter(elsewhere), &words));
    assert!(!lines_with(files("crates/persistence/src", ".rs"), &words).is_empty(), "there it is");
}

#[test]
fn rules_ask_nobody_for_the_time_or_for_luck() {
    assert_none(&lines_with(files("crates/domain/src", ".rs"), &NOT_IN_DOMAIN));
}

#[test]
fn what_belongs_to_challenges_asks_them_for_the_time() {
    let words = ["conn.now()", "machine_now()"];
    let files = files("crates/application/src", ".rs").into_iter().filter(|file| {
        let name = file.trim_start_matches("crates/application/src/").trim_end_matches(".rs");
        !REAL_TIME.contains(&name.split('/').next().unwrap_or_default())
    });
    for file in files {
        let name = file.rsplit('/').next().unwrap_or_default();
        let allowed = MIXED_TIME.iter().find(|(mixed, _)| name == *mixed).map_or(0, |(_, times)| *times);
        let found = lines_with([file.clone()], &words);
        assert_eq!(found.len(), allowed, "ask `clock::of`, or say here why not:\n{}", found.join("\n"));
    }
}

#[test]
fn files_are_short_enough_to_be_read() {
    let counted = files("", ".rs").into_iter().map(|file| (read(&file).lines().count(), file));
    let long = counted.filter(|(lines, file)| *lines > LINES && !file.ends_with("/schema.rs"));
    assert_none(&long.map(|(lines, file)| format!("{file}: {lines} lines")).collect::<Vec<_>>());
}

#[test]
fn nothing_is_left_for_later_and_no_test_is_skipped() {
    // Put together, so that this file does not hold them.
    let words =
        [["to", "do!("], ["unimple", "mented!("], ["#[ig", "nore"], ["#[allow(dead", "_code"]].map(|it| it.concat());
    assert_none(&lines_with(files("", ".rs"), &words));
}
