//! Mails as files.

use std::fs::{self, File};
use std::io::Read;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use notifications::{Mailer, SendError, Transport};

use crate::sample::{MAIL_ID, changes_requested, envelope, raw, reader};

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

fn names(directory: &Path) -> Vec<String> {
    fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

#[test]
fn a_mail_becomes_one_private_file_named_by_its_id() {
    let root = tempfile::tempdir().unwrap();
    let directory = root.path().join("mail/out");
    let mailer = Mailer::new(Transport::Directory(directory.clone())).unwrap();
    assert!(!directory.exists(), "created with the first mail");

    let envelope = envelope(&changes_requested("Title", "comment"), reader());
    mailer.send(&envelope).unwrap();
    mailer.send(&envelope).unwrap();

    let name = format!("{MAIL_ID}.eml");
    assert_eq!(names(&directory), [name.as_str()]);
    let file = directory.join(name);
    assert_eq!(fs::read_to_string(&file).unwrap(), raw(&envelope));
    assert_eq!((mode(&directory), mode(&file)), (0o700, 0o600));
}

#[test]
fn a_mail_is_replaced_at_once_never_rewritten() {
    let directory = tempfile::tempdir().unwrap();
    let mailer = Mailer::Directory(directory.path().to_owned());
    let (first, second) = ["first", "second"].map(|title| envelope(&changes_requested(title, ""), reader())).into();
    let path = directory.path().join(format!("{MAIL_ID}.eml"));

    mailer.send(&first).unwrap();
    let mut opened_before = File::open(&path).unwrap();
    mailer.send(&second).unwrap();

    let mut read = String::new();
    opened_before.read_to_string(&mut read).unwrap();
    assert_eq!(read, raw(&first), "somebody who reads it meanwhile sees all of the old one");
    assert_eq!(fs::read_to_string(&path).unwrap(), raw(&second));
}

#[test]
fn a_directory_that_cannot_be_written_is_worth_another_try() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let mailer = Mailer::Directory(file.path().join("below-a-file"));
    let failed = mailer.send(&envelope(&changes_requested("Title", ""), reader()));
    assert!(matches!(failed, Err(SendError::Transient(_))), "{failed:?}");
}
