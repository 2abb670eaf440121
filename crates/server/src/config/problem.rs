//! What is wrong with a configuration, and where it came from.

use std::fmt;
use std::path::PathBuf;

/// Where a value came from.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Origin {
    /// Nobody gave it; also for values that follow from other keys.
    Default,
    /// The configuration file.
    File {
        /// The file.
        path: PathBuf,
        /// Line in it, counted from 1; absent when the file as a whole is meant.
        line: Option<usize>,
    },
    /// An environment variable.
    Variable(String),
    /// A file named by an environment variable whose name ends in `_FILE`.
    SecretFile {
        /// The variable.
        variable: String,
        /// The file it names.
        path: PathBuf,
    },
    /// A command line flag.
    Flag(&'static str),
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::File { path, line: Some(line) } => write!(f, "{}:{line}", path.display()),
            Self::File { path, line: None } => write!(f, "{}", path.display()),
            Self::Variable(name) => write!(f, "environment variable {name}"),
            Self::SecretFile { variable, path } => write!(f, "environment variable {variable} ({})", path.display()),
            Self::Flag(name) => write!(f, "flag {name}"),
        }
    }
}

/// One thing that is wrong. Never contains a secret.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Problem {
    /// Where the faulty value came from.
    pub origin: Origin,
    /// What is wrong, and what would be right.
    pub message: String,
}

/// Everything that is wrong with a configuration, at least one problem, ordered by origin.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Problems(pub Vec<Problem>);

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the configuration is not valid:")?;
        self.0.iter().try_for_each(|problem| write!(f, "\n  {}: {}", problem.origin, problem.message))
    }
}

impl std::error::Error for Problems {}
