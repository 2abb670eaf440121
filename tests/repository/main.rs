//! What must hold of the repository itself, whatever the code does.

// Reading files is outside of any test function.
#![allow(clippy::unwrap_used, clippy::panic)]

mod dependencies;
mod documents;
mod migrations;
mod scripts;
mod sources;

use std::{
    fs,
    path::{Path, PathBuf},
};

/// The folder of the repository.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// The content of a file of the repository.
fn read(path: impl AsRef<Path>) -> String {
    let path = root().join(path);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The names in a folder of the repository, sorted.
fn names(folder: &str) -> Vec<String> {
    let entries = fs::read_dir(root().join(folder)).unwrap_or_else(|error| panic!("{folder}: {error}"));
    let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

/// The files below a folder whose names end like this, as paths within the repository. Leaves out what is built or
/// hidden.
fn files(folder: &str, end: &str) -> Vec<String> {
    let join = |name: &String| if folder.is_empty() { name.clone() } else { format!("{folder}/{name}") };
    let shown =
        names(folder).into_iter().filter(|name| !name.starts_with('.') && name != "target" && name != "node_modules");
    let mut found = Vec::new();
    for path in shown.map(|name| join(&name)) {
        if root().join(&path).is_dir() {
            found.extend(files(&path, end));
        } else if path.ends_with(end) {
            found.push(path);
        }
    }
    found
}

/// Fails with a line for each violation.
#[track_caller]
fn assert_none(violations: &[String]) {
    assert!(violations.is_empty(), "\n{}", violations.join("\n"));
}
