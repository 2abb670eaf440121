//! What the commands do, and how they end.

use std::env;
use std::error::Error;
use std::fs;
use std::io::{self, Write};
use std::path::Path;
use std::process::ExitCode;

use application::{administrators, cpv, demo};
use persistence::{Db, Options};

use crate::config::{Config, Loaded, Overrides, Problems};
use crate::serve;

/// Why a command did not succeed.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The configuration is wrong. Exit code 2, like wrong usage.
    #[error(transparent)]
    Configuration(#[from] Problems),
    /// An argument makes no sense. Exit code 2, too.
    #[error("{0}")]
    Usage(String),
    /// Something brought is not right: a committee, a key, an envelope, a share or a receipt. Exit code 3.
    #[error("{0}")]
    Refused(String),
    /// An envelope needs more shares than there are. Exit code 4.
    #[error("{0}")]
    MoreShares(String),
    /// The key that a receipt names is not among those given. Exit code 4, too.
    #[error("{0}")]
    UnknownKey(String),
    /// Something failed while running. Exit code 1.
    #[error(transparent)]
    Runtime(Box<dyn Error + Send + Sync>),
}

impl Failure {
    /// The exit code of the process, as documented in `provoco --help`, or in the help of the command.
    pub fn exit_code(&self) -> ExitCode {
        match self {
            Self::Configuration(_) | Self::Usage(_) => ExitCode::from(2),
            Self::Refused(_) => ExitCode::from(3),
            Self::MoreShares(_) | Self::UnknownKey(_) => ExitCode::from(4),
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

/// `migrate`: brings the schema up to date and says which migrations ran.
pub fn migrate(overrides: &Overrides) -> Result<(), Failure> {
    let ran = prepare_database(&load(overrides)?.config)?;
    print(&match ran.len() {
        0 => "The database is up to date.\n".to_owned(),
        _ => format!("Migrated: {}\n", ran.join(", ")),
    })
}

/// `openapi`: prints the OpenAPI document.
pub fn openapi() -> Result<(), Failure> {
    print(&http::openapi_json())
}

/// `admin create`: prints a link that makes an administrator. The address, if given, is filled into its form.
pub fn admin_create(overrides: &Overrides, email: Option<&str>) -> Result<(), Failure> {
    let config = load(overrides)?.config;
    prepare_database(&config)?;
    let db = open_database(&config)?;
    demo::restore_clock(&db).map_err(failed)?;
    let token = db.write_blocking(administrators::create_link).map_err(failed)?;
    let email =
        email.map(|email| format!("&email={}", email.replace('%', "%25").replace('+', "%2B").replace('&', "%26")));
    let base_url = config.base_url.trim_end_matches('/');
    let link = format!("{base_url}/setup?token={token}{}", email.unwrap_or_default());
    print(&format!("This link creates an administrator; it works once, for 24 hours:\n\n  {link}\n"))
}

/// `codes import cpv`: loads the list of a file, all of it or nothing, and says how much was new.
pub fn codes_import_cpv(overrides: &Overrides, file: &Path) -> Result<(), Failure> {
    let config = load(overrides)?.config;
    let bytes = fs::read(file).map_err(|error| failed(format!("cannot read {}: {error}", file.display())))?;
    let list = cpv::parse(&bytes).map_err(|error| failed(format!("{}: {error}", file.display())))?;
    prepare_database(&config)?;
    let imported = open_database(&config)?.write_blocking(move |conn| cpv::import(conn, &list)).map_err(failed)?;
    let cpv::Imported { added, changed, unchanged } = imported;
    print(&format!("CPV codes: {added} added, {changed} changed, {unchanged} unchanged\n"))
}

/// `demo`: fills an empty database with the demonstration marketplace and prints its logins.
pub fn demo(overrides: &Overrides) -> Result<(), Failure> {
    let config = load(overrides)?.config;
    prepare_database(&config)?;
    let welcome = serve::load_demo(&open_database(&config)?)?;
    print(&serve::welcome(welcome))
}

/// Makes the data directory if it is needed, and brings the schema up to date.
pub fn prepare_database(config: &Config) -> Result<Vec<String>, Failure> {
    if !config.database.url.is_postgres() {
        crate::config::create_private_directory(&config.data)
            .map_err(|error| failed(format!("cannot create {}: {error}", config.data.display())))?;
    }
    persistence::migrate(config.database.url.expose()).map_err(failed)
}

/// The database that is configured.
pub fn open_database(config: &Config) -> Result<Db, Failure> {
    let (connections, queue) = (config.database.connections, config.database.queue);
    let options = Options { connections, queue, ..Options::new(config.database.url.expose()) };
    Db::open(&options).map_err(failed)
}

/// Something failed while running.
pub(crate) fn failed(error: impl Into<Box<dyn Error + Send + Sync>>) -> Failure {
    Failure::Runtime(error.into())
}

/// Writes to standard output.
pub(crate) fn print(text: &str) -> Result<(), Failure> {
    io::stdout().write_all(text.as_bytes()).map_err(|error| Failure::Runtime(error.into()))
}
