//! What the program says about itself: log lines on standard error.

use std::io::{self, IsTerminal};

use thiserror::Error;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::{LevelFilter, ParseError};
use tracing_subscriber::util::TryInitError;

use crate::config::{Log, LogFormat};

/// Why log directives were refused.
#[derive(Debug, Error)]
pub enum FilterError {
    /// Not directives at all.
    #[error("must be a level or `target=level`, separated by commas: {0}")]
    Syntax(#[from] ParseError),
    /// A word that is no level. The filter library takes it for a part of the program, and would log nothing else.
    #[error("`{0}` is not a level (error, warn, info, debug, trace, off); for a part of the program write `{0}=info`")]
    Level(String),
}

/// Why logging could not start.
#[derive(Debug, Error)]
pub enum TelemetryError {
    /// `log.level` is refused; [`crate::config::Config::load`] finds this first.
    #[error("log.level: {0}")]
    Filter(#[from] FilterError),
    /// Logging was started before.
    #[error("logging: {0}")]
    Started(#[from] TryInitError),
}

/// The filter for directives such as `info` or `warn,persistence=debug`.
pub fn filter(directives: &str) -> Result<EnvFilter, FilterError> {
    // The library misreads a target with a space before it.
    let directives = directives.split(',').map(str::trim).collect::<Vec<_>>();
    let words = directives.iter().filter(|directive| !directive.contains(['=', '[']));
    for word in words {
        if word.is_empty() || word.parse::<LevelFilter>().is_err() {
            return Err(FilterError::Level((*word).to_owned()));
        }
    }
    Ok(EnvFilter::builder().parse(directives.join(","))?)
}

/// Starts logging to standard error for the rest of the process. Colours only on a terminal.
pub fn start(log: &Log) -> Result<(), TelemetryError> {
    use tracing_subscriber::fmt;
    use tracing_subscriber::util::SubscriberInitExt;

    let builder = fmt().with_env_filter(filter(&log.level)?).with_writer(io::stderr);
    match log.format {
        LogFormat::Text => builder.with_ansi(io::stderr().is_terminal()).finish().try_init()?,
        LogFormat::Json => builder.json().flatten_event(true).finish().try_init()?,
    }
    Ok(())
}
