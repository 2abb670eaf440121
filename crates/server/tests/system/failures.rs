//! What cannot work is said in a sentence, at once.

use std::{
    net::TcpListener,
    time::{Duration, Instant},
};

use testing::{Backend, cluster};

use crate::process::{Installation, free_port};

/// Fails unless `serve` ends with 1, soon, and says this in one line.
#[track_caller]
fn assert_refuses(installation: &Installation, flags: &[&str], says: &[&str]) {
    let begun = Instant::now();
    let (code, _, error) = installation.run(&[&["serve"], flags].concat());
    assert_eq!(code, Some(1), "{error}");
    assert!(begun.elapsed() < Duration::from_secs(10), "{:?}", begun.elapsed());
    let line = error.lines().find(|line| line.starts_with("provoco: ")).unwrap_or_else(|| panic!("{error}"));
    for words in says {
        assert!(line.contains(words), "{words:?} is not in {line}");
    }
    assert!(!error.contains("panicked"), "{error}");
}

#[test]
fn a_busy_port() {
    let busy = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let _listener = TcpListener::bind(busy).unwrap();
    let installation = Installation::new(Backend::Sqlite);
    let says = format!("cannot listen on {busy}: ");
    assert_refuses(&installation, &["--listen", &busy.to_string()], &[&says, "in use"]);
    let installation = installation.with("HTTP__METRICS_LISTEN", busy.to_string());
    let free = format!("127.0.0.1:{}", free_port());
    assert_refuses(&installation, &["--listen", &free], &[&format!("cannot listen for metrics on {busy}: "), "in use"]);
}

#[test]
fn a_database_server_that_is_not_there() {
    let url = format!("postgres://provoco:hunter2@127.0.0.1:{}/provoco", free_port());
    let installation = Installation::at(Some(url));
    assert_refuses(&installation, &[], &["the database is not available", "Connection refused"]);
    let (_, out, error) = installation.run(&["serve"]);
    assert!(!format!("{out}{error}").contains("hunter2"), "{error}");
}

#[test]
fn a_database_that_does_not_exist() {
    let installation = Installation::at(Some(cluster().url("nowhere")));
    assert_refuses(&installation, &[], &["the database is not available", "\"nowhere\" does not exist"]);
}

#[test]
fn an_sqlite_file_that_cannot_be_opened() {
    let installation = Installation::at(Some("sqlite:/nowhere/provoco.sqlite".to_owned()));
    assert_refuses(&installation, &[], &["the database is not available", "unable to open"]);
}

#[test]
fn a_file_that_is_no_database() {
    let installation = Installation::at(None);
    let file = installation.data.path().join("notes.txt");
    std::fs::write(&file, "Not a database, but long enough to be taken for one. ".repeat(40)).unwrap();
    let installation = Installation::at(Some(format!("sqlite:{}", file.display())));
    assert_refuses(&installation, &[], &["not a database"]);
}
