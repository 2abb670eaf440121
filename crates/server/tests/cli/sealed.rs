//! `provoco key`, `seal`, `open-share` and `open-envelope`, with the real program and without a server.

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use tempfile::TempDir;

use crate::process::{Outcome, provoco};

const CONTENT: &str = "Lamps that go by themselves, for EUR 48.213,00";

fn run(directory: &Path, arguments: &[&str]) -> Outcome {
    provoco(directory, arguments, &[("DATABASE_URL", "postgres://nowhere/x")])
}

/// What the program prints when it succeeds.
fn done(directory: &Path, arguments: &[&str]) -> String {
    let outcome = run(directory, arguments);
    assert_eq!((outcome.code, outcome.stderr.as_str()), (Some(0), ""), "{arguments:?}");
    outcome.stdout
}

/// What the program says when it fails in this way.
fn fails(directory: &Path, code: i32, arguments: &[&str]) -> String {
    let outcome = run(directory, arguments);
    assert_eq!((outcome.code, outcome.stdout.as_str()), (Some(code), ""), "{arguments:?}: {}", outcome.stderr);
    outcome.stderr
}

/// Runs the program with this on its standard input.
fn with_input(directory: &Path, arguments: &[&str], input: &str) -> Outcome {
    let mut command = Command::new(env!("CARGO_BIN_EXE_provoco"));
    let command = command.current_dir(directory).env_clear().args(arguments);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    // It may end without reading; then there is nobody to write to.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    let output = child.wait_with_output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    Outcome { code: output.status.code(), stdout: text(output.stdout), stderr: text(output.stderr) }
}

/// A directory with three holders' keys, their committee of whom two are needed, and a file to seal.
fn scene() -> TempDir {
    let directory = TempDir::new().unwrap();
    let path = directory.path();
    let recipients: Vec<String> = ["ada", "ben", "cleo"]
        .iter()
        .map(|name| format!("{:?}", done(path, &["key", "new", "--out", &format!("{name}.key")]).trim()))
        .collect();
    let recipients = recipients.join(",");
    let committee = format!(r#"{{"format":"provoco-committee-v1","threshold":2,"recipients":[{recipients}]}}"#);
    fs::write(path.join("committee.json"), committee).unwrap();
    fs::write(path.join("price.txt"), CONTENT).unwrap();
    directory
}

const SEAL: [&str; 15] = [
    "seal",
    "--committee",
    "committee.json",
    "--challenge",
    "c-1",
    "--bidder",
    "b-1",
    "--version",
    "1",
    "--kind",
    "price",
    "--in",
    "price.txt",
    "--out",
    "sealed",
];

/// `seal` with another value for one flag.
fn seal_with<'a>(flag: &str, value: &'a str) -> Vec<&'a str> {
    let mut arguments = SEAL.to_vec();
    let at = arguments.iter().position(|it| *it == flag).unwrap();
    arguments[at + 1] = value;
    arguments
}

fn open_share(directory: &Path, name: &str, index: u8, out: &str) {
    let share = format!("sealed/envelope/share-{index:03}.age");
    let said = done(directory, &["open-share", "--identity", &format!("{name}.key"), "--share", &share, "--out", out]);
    assert!(said.starts_with(&format!("Share {index} of envelope ")), "{said}");
}

#[cfg(unix)]
fn mode(path: &Path) -> u32 {
    std::os::unix::fs::PermissionsExt::mode(&fs::metadata(path).unwrap().permissions()) & 0o777
}

#[test]
fn what_one_seals_two_of_three_open_and_so_does_the_bidder() {
    let scene = scene();
    let path = scene.path();
    let said = done(path, &SEAL);
    assert!(said.starts_with("Sealed    price.txt for 3 holders, of whom 2 open it together\n"), "{said}");
    open_share(path, "ada", 1, "1.json");
    open_share(path, "cleo", 3, "3.json");
    let envelope = ["open-envelope", "--envelope", "sealed/envelope"];
    let shares = ["--share", "3.json", "--share", "1.json", "--out", "opened.txt"];
    let said = done(path, &[&envelope[..], &shares].concat());
    assert_eq!(fs::read_to_string(path.join("opened.txt")).unwrap(), CONTENT);
    insta::assert_snapshot!("opened", said);
    let key = ["--key", "sealed/recovery-key.txt", "--out", "recovered.txt"];
    assert_eq!(done(path, &[&envelope[..], &key].concat()), said.replace("opened.txt", "recovered.txt"));
    assert_eq!(fs::read_to_string(path.join("recovered.txt")).unwrap(), CONTENT);
    #[cfg(unix)]
    for secret in ["ada.key", "sealed/recovery-key.txt", "1.json", "opened.txt"] {
        assert_eq!(mode(&path.join(secret)), 0o600, "{secret}");
    }
}

#[test]
fn nothing_that_is_handed_in_or_printed_holds_a_secret() {
    let scene = scene();
    let path = scene.path();
    let said = done(path, &SEAL);
    let key = fs::read_to_string(path.join("sealed/recovery-key.txt")).unwrap();
    let key = key.lines().last().unwrap();
    assert!(key.starts_with("AGE-SECRET-KEY-1") && !said.contains(key));
    let files: Vec<_> = fs::read_dir(path.join("sealed/envelope")).unwrap().map(|it| it.unwrap().path()).collect();
    assert_eq!(files.len(), 5);
    for file in files {
        let text = String::from_utf8_lossy(&fs::read(&file).unwrap()).into_owned();
        assert!(!text.contains("48.213") && !text.contains(key), "{}", file.display());
    }
}

#[test]
fn nothing_is_overwritten() {
    let scene = scene();
    let path = scene.path();
    let key = fs::read(path.join("ada.key")).unwrap();
    assert_eq!(
        fails(path, 2, &["key", "new", "--out", "ada.key"]),
        "provoco: ada.key exists; nothing is overwritten\n"
    );
    assert_eq!(fs::read(path.join("ada.key")).unwrap(), key);
    done(path, &SEAL);
    assert_eq!(fails(path, 2, &SEAL), "provoco: sealed exists; nothing is overwritten\n");
    let open =
        ["open-envelope", "--envelope", "sealed/envelope", "--key", "sealed/recovery-key.txt", "--out", "ada.key"];
    assert_eq!(fails(path, 2, &open), "provoco: ada.key exists; nothing is overwritten\n");
    assert_eq!(fs::read(path.join("ada.key")).unwrap(), key);
}

#[test]
fn one_share_of_two_is_not_enough_and_the_exit_code_says_so() {
    let scene = scene();
    let path = scene.path();
    done(path, &SEAL);
    open_share(path, "ben", 2, "2.json");
    let open = ["open-envelope", "--envelope", "sealed/envelope", "--share", "2.json", "--out", "opened.txt"];
    assert_eq!(fails(path, 4, &open), "provoco: 2 sound shares are needed, 1 more than there are\n");
    let twice = [&open[..], &["--share", "2.json"]].concat();
    assert_eq!(fails(path, 3, &twice), "provoco: share 2 is there twice\n");
    assert!(!path.join("opened.txt").exists());
}

#[test]
fn what_is_wrong_is_named() {
    let scene = scene();
    let path = scene.path();
    done(path, &SEAL);
    done(path, &seal_with("--out", "another"));
    let share = ["open-share", "--share", "sealed/envelope/share-001.age", "--identity"];
    let said = fails(path, 3, &[&share[..], &["ben.key"]].concat());
    assert!(said.contains("share-001.age: the file of the share does not open with this key"), "{said}");
    let said = fails(path, 3, &[&share[..], &["price.txt"]].concat());
    assert!(said.contains("price.txt: there is not exactly one secret key of age in it"), "{said}");
    open_share(path, "ada", 1, "1.json");
    let replayed = done(path, &["open-share", "--identity", "ben.key", "--share", "another/envelope/share-002.age"]);
    fs::write(path.join("2.json"), replayed).unwrap();
    let open = ["open-envelope", "--envelope", "sealed/envelope", "--share", "1.json", "--out", "o", "--share"];
    let said = fails(path, 3, &[&open[..], &["2.json"]].concat());
    assert_eq!(said, "provoco: share 2 is of another envelope of this challenge\n");
    let said = fails(path, 3, &[&open[..], &["price.txt"]].concat());
    assert_eq!(said, "provoco: price.txt: this is not a share in the form provoco-share-v1\n");
    fs::write(path.join("sealed/envelope/content.age"), "x").unwrap();
    let key = ["open-envelope", "--envelope", "sealed/envelope", "--key", "sealed/recovery-key.txt", "--out", "o"];
    let said = fails(path, 3, &key);
    assert!(said.contains("the content is not what the manifest lists: it is damaged or replaced"), "{said}");
}

#[test]
fn what_cannot_be_sealed_exits_with_its_code_and_leaves_nothing() {
    let scene = scene();
    let path = scene.path();
    fs::write(path.join("empty"), "").unwrap();
    fs::write(path.join("one.json"), r#"{"format":"provoco-committee-v1","threshold":1,"recipients":[]}"#).unwrap();
    for (flag, value, code, words) in [
        ("--challenge", "../c", 2, "--challenge: an id is 1 to 64 of the letters, digits and - . _"),
        ("--bidder", "", 2, "--bidder: an id is 1 to 64"),
        ("--version", "0", 2, "0 is not in 1..=4294967295"),
        ("--kind", "prize", 2, "[possible values: solution, quality, price]"),
        ("--in", "empty", 3, "empty: there is nothing to seal"),
        ("--in", "nowhere", 1, "cannot read nowhere"),
        ("--committee", "one.json", 3, "one.json: a committee has from 2 to 32 holders, not 0"),
        ("--committee", "price.txt", 3, "price.txt: the committee is not in the form provoco-committee-v1"),
    ] {
        let said = fails(path, code, &seal_with(flag, value));
        assert!(said.contains(words), "{flag} {value}: {said}");
        assert!(!path.join("sealed").exists(), "{flag} {value}");
    }
}

#[test]
fn a_key_with_a_passphrase_opens_with_it_and_with_nothing_else() {
    let scene = scene();
    let path = scene.path();
    let made = with_input(path, &["key", "new", "--out", "dan.key", "--passphrase"], "correct horse\n");
    assert_eq!((made.code, made.stderr.as_str()), (Some(0), ""));
    let file = String::from_utf8_lossy(&fs::read(path.join("dan.key")).unwrap()).into_owned();
    assert!(file.starts_with("age-encryption.org/v1\n-> scrypt ") && !file.contains("AGE-SECRET-KEY"));
    let committee = fs::read_to_string(path.join("committee.json")).unwrap();
    let (start, _) = committee.rsplit_once(',').unwrap();
    fs::write(path.join("committee.json"), format!("{start},{:?}]}}", made.stdout.trim())).unwrap();
    done(path, &SEAL);
    let open = ["open-share", "--identity", "dan.key", "--share", "sealed/envelope/share-003.age"];
    let opened = with_input(path, &open, "correct horse\n");
    assert!(opened.code == Some(0) && opened.stdout.contains(r#""index":3,"#), "{}", opened.stderr);
    let refused = with_input(path, &open, "wrong horse\n");
    assert_eq!(refused.code, Some(3));
    assert_eq!(refused.stderr, "provoco: dan.key: the passphrase is wrong, or the key file is damaged\n");
    let empty = with_input(path, &["key", "new", "--out", "eve.key", "--passphrase"], "\n");
    assert_eq!((empty.code, path.join("eve.key").exists()), (Some(2), false));
}
