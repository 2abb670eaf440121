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
