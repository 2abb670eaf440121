//! Loading code lists with the real program.

use std::fs;

use tempfile::TempDir;
use testing::{Backend, TestDatabase};

use crate::process::{Outcome, provoco};

const LIST: &str = r#"<CPV_CODE>
  <CPV CODE="72000000-5"><TEXT LANG="EN">Computing of all kinds</TEXT></CPV>
  <CPV CODE="72200000-7"><TEXT LANG="DE">Anderes</TEXT><TEXT LANG="EN">Software programming</TEXT></CPV>
  <CPV CODE="73000000-2"><TEXT LANG="EN">Research and development services and related consultancy services</TEXT></CPV>
</CPV_CODE>"#;

fn import(directory: &TempDir, url: &str, list: &str) -> Outcome {
    fs::write(directory.path().join("list"), list).unwrap();
    provoco(directory.path(), &["codes", "import", "cpv", "list"], &[("DATABASE_URL", url)])
}

testing::on_both! {
    fn a_list_is_loaded_once_and_again_without_harm(backend: Backend) {
        let (directory, database) = (TempDir::new().unwrap(), TestDatabase::new(backend));
        for counts in ["1 added, 1 changed, 1 unchanged", "0 added, 0 changed, 3 unchanged"] {
            let outcome = import(&directory, &database.url, LIST);
            assert_eq!((outcome.code, outcome.stdout), (Some(0), format!("CPV codes: {counts}\n")), "{}", outcome.stderr);
        }
        let without_digits = "code,name\n72200000,Software programming\n72210000,Packages\n";
        let outcome = import(&directory, &database.url, without_digits);
        assert_eq!(outcome.stdout, "CPV codes: 1 added, 0 changed, 1 unchanged\n");
    }

    fn a_list_with_a_bad_line_changes_nothing(backend: Backend) {
        let (directory, database) = (TempDir::new().unwrap(), TestDatabase::new(backend));
        let outcome = import(&directory, &database.url, "72200000,Software\n7221,Packages\n");
        assert_eq!(outcome.code, Some(1));
        let expected =
            "provoco: list: line 2: `7221`: eight digits, with or without a hyphen and the check digit\n";
        assert_eq!((outcome.stderr.as_str(), outcome.stdout.as_str()), (expected, ""));
        let again = import(&directory, &database.url, "72200000,Software\n");
        assert_eq!(again.stdout, "CPV codes: 1 added, 0 changed, 0 unchanged\n", "the good line was not kept");
    }
}

#[test]
fn a_file_that_is_not_there_is_named() {
    let directory = TempDir::new().unwrap();
    let outcome = provoco(directory.path(), &["codes", "import", "cpv", "nowhere.xml"], &[]);
    assert_eq!(outcome.code, Some(1));
    assert!(outcome.stderr.starts_with("provoco: cannot read nowhere.xml: "), "{}", outcome.stderr);
}
