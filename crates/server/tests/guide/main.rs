//! The documentation is true: the guide works exactly as it is printed, no configuration key is left out, no link is
//! dead.

// What the tests share is outside of any test function.
#![allow(clippy::unwrap_used, clippy::panic)]

mod documents;
mod guide;
mod program;
mod walk;

use std::path::{Path, PathBuf};

/// The root of the repository.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}

/// A file of the repository.
fn read(path: &str) -> String {
    std::fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}
