//! What the commands do, and how they end.

use std::env;
use std::error::Error;
use std::io::{self, Write};
use std::process::ExitCode;

use crate::config::{Config, Loaded, Overrides, Problems};

/// Why a command did not succeed.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The configuration is wrong. Exit code 2, like wrong usage.
    #[error(transparent)]
    Configuration(#[from] Problems),
    /// Something failed while running. Exit code 1.
    #[error(transparent)]
    Runtime(Box<dyn Error + Send + Sync>),
}

impl Failure {
    /// The exit code of the process, as documented in `provoco --help`.
    pub fn exit_code(&self) -> ExitCode {
        match self {
            Self::Configuration(_) => ExitCode::from(2),
            Self::Runtime(_) => ExitCode::FAILURE,
        }
    }
}

/// The configuration of this process.
pub fn load(overrides: &Overrides) -> Result<Loaded, Problems> {
    Config::load(overrides, &env::vars_os().collect())
}

/// `config show`: prints the configuration that holds, with secrets masked, and the origin of each value if asked.
pub fn config_show(overrides: &Overrides, with_origin: bool) -> Result<(), Failure> {
    print(&load(overrides)?.show(with_origin))
}

/// `config check`: succeeds if the configuration is valid.
pub fn config_check(overrides: &Overrides) -> Result<(), Failure> {
    let file = load(overrides)?.file;
    let file = file.map_or("no configuration file".into(), |path| format!("configuration file {}", path.display()));
    print(&format!("The configuration is valid ({file}).\n"))
}

fn print(text: &str) -> Result<(), Failure> {
    io::stdout().write_all(text.as_bytes()).map_err(|error| Failure::Runtime(error.into()))
}
