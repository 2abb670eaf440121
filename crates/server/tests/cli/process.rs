//! The real program: exit codes, output and help.

use std::fs;
use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

pub struct Outcome {
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

/// Runs the program with nothing in its environment but these variables.
pub fn provoco(directory: &Path, arguments: &[&str], variables: &[(&str, &str)]) -> Outcome {
    let mut command = Command::new(env!("CARGO_BIN_EXE_provoco"));
    let command = command.current_dir(directory).env_clear().envs(variables.iter().copied()).args(arguments);
    let output = command.output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    Outcome { code: output.status.code(), stdout: text(output.stdout), stderr: text(output.stderr) }
}

#[test]
fn check_of_a_valid_configuration_succeeds() {
    let directory = TempDir::new().unwrap();
    let outcome = provoco(directory.path(), &["config", "check"], &[]);
    assert_eq!(outcome.code, Some(0));
    assert_eq!(outcome.stdout, "The configuration is valid (no configuration file).\n");
    assert_eq!(outcome.stderr, "");
    assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 0, "checking leaves nothing behind");
}

#[test]
fn check_names_the_file_it_read() {
    let directory = TempDir::new().unwrap();
    fs::write(directory.path().join("my.toml"), "").unwrap();
    let outcome = provoco(directory.path(), &["--config", "my.toml", "config", "check"], &[]);
    assert_eq!(outcome.stdout, "The configuration is valid (configuration file my.toml).\n");
}

#[test]
fn check_of_a_wrong_configuration_exits_with_2() {
    let directory = TempDir::new().unwrap();
    fs::create_dir(directory.path().join("provoco-data")).unwrap();
    fs::write(directory.path().join("provoco-data/provoco.toml"), "lisen = 1\n").unwrap();
    let outcome = provoco(directory.path(), &["config", "check"], &[("PROVOCO__HTTP__WORKERS", "0")]);
    assert_eq!(outcome.code, Some(2));
    assert_eq!(outcome.stdout, "");
    insta::assert_snapshot!(outcome.stderr);
}

#[test]
fn flags_work_before_and_after_the_command() {
    let directory = TempDir::new().unwrap();
    let flag = ["--database", "mysql:x"];
    let command = ["config", "check"];
    for arguments in [[flag, command].concat(), [command, flag].concat()] {
        let outcome = provoco(directory.path(), &arguments, &[]);
        assert_eq!(outcome.code, Some(2));
        assert!(outcome.stderr.contains("flag --database: `database.url` = ********"), "{}", outcome.stderr);
    }
}

#[test]
fn show_prints_a_valid_configuration_file() {
    let directory = TempDir::new().unwrap();
    let variables = [("PROVOCO__HTTP__WORKERS", "2"), ("PROVOCO__LOG__LEVEL", "warn")];
    let shown = provoco(directory.path(), &["config", "show"], &variables);
    assert_eq!(shown.code, Some(0));
    fs::write(directory.path().join("shown.toml"), &shown.stdout).unwrap();
    let again = provoco(directory.path(), &["config", "show", "--config", "shown.toml"], &[]);
    assert_eq!(again.stdout, shown.stdout);
}

#[test]
fn show_tells_origins() {
    let directory = TempDir::new().unwrap();
    fs::write(directory.path().join("my.toml"), "[log]\nlevel = \"warn\"").unwrap();
    let variables = [
        ("PROVOCO__HTTP__WORKERS", "2"),
        ("PROVOCO__MAIL__SMTP__USER", "provoco"),
        ("PROVOCO__MAIL__SMTP__PASSWORD", "hunter2"),
    ];
    let arguments = ["config", "show", "--origin", "--config", "my.toml", "--database", "postgres://u:hunter2@db/x"];
    let outcome = provoco(directory.path(), &arguments, &variables);
    assert_eq!(outcome.code, Some(0), "{}", outcome.stderr);
    insta::assert_snapshot!(outcome.stdout);
}

#[test]
fn wrong_usage_exits_with_2() {
    let directory = TempDir::new().unwrap();
    for arguments in [&[][..], &["sereve"], &["serve", "--port", "1"], &["admin"]] {
        assert_eq!(provoco(directory.path(), arguments, &[]).code, Some(2), "{arguments:?}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn output_that_cannot_be_written_exits_with_1() {
    let directory = TempDir::new().unwrap();
    let full = fs::File::options().write(true).open("/dev/full").unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_provoco"));
    let status = command.current_dir(directory.path()).env_clear().args(["config", "show"]).stdout(full).status();
    assert_eq!(status.unwrap().code(), Some(1));
}

#[test]
fn help() {
    let directory = TempDir::new().unwrap();
    for (name, arguments) in [
        ("help", &["--help"][..]),
        ("help_serve", &["serve", "--help"]),
        ("help_migrate", &["migrate", "--help"]),
        ("help_openapi", &["openapi", "--help"]),
        ("help_admin", &["admin", "--help"]),
        ("help_admin_create", &["admin", "create", "--help"]),
        ("help_codes", &["codes", "--help"]),
        ("help_codes_import", &["codes", "import", "--help"]),
        ("help_codes_import_cpv", &["codes", "import", "cpv", "--help"]),
        ("help_explain", &["explain", "--help"]),
        ("help_explain_period", &["explain", "period", "--help"]),
        ("help_key", &["key", "--help"]),
        ("help_key_new", &["key", "new", "--help"]),
        ("help_seal", &["seal", "--help"]),
        ("help_open_share", &["open-share", "--help"]),
        ("help_open_envelope", &["open-envelope", "--help"]),
        ("help_verify_receipt", &["verify", "receipt", "--help"]),
        ("help_verify_certificate", &["verify", "certificate", "--help"]),
        ("help_demo", &["demo", "--help"]),
        ("help_config", &["config", "--help"]),
        ("help_config_show", &["config", "show", "--help"]),
        ("help_config_check", &["config", "check", "--help"]),
    ] {
        let outcome = provoco(directory.path(), arguments, &[]);
        assert_eq!(outcome.code, Some(0), "{name}");
        insta::assert_snapshot!(name, outcome.stdout);
    }
}
