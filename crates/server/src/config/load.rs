//! Putting the sources together.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::keys::{is_secret, nested};
use super::problem::{Origin, Problem, Problems};
use super::source::{Setting, Settings, environment, file};
use super::{Config, MASK, MailTransport, defaults};

/// Environment variables by name, as `std::env::vars_os().collect()` gives them.
pub type Environment = BTreeMap<OsString, OsString>;

const FILE_NAME: &str = "provoco.toml";
const FILE_VARIABLE: &str = "PROVOCO_CONFIG";
const DATA_VARIABLE: &str = "PROVOCO__DATA";

/// What the command line sets; wins over everything else.
#[derive(Clone, Debug, Default)]
pub struct Overrides {
    /// Configuration file. Else the variable `PROVOCO_CONFIG` names it, else it is `<data>/provoco.toml`, if that
    /// exists.
    pub config: Option<PathBuf>,
    /// Key `data`.
    pub data: Option<String>,
    /// Key `database.url`.
    pub database: Option<String>,
    /// Key `listen`.
    pub listen: Option<String>,
}

/// A valid configuration with the origin of each value.
#[derive(Debug)]
pub struct Loaded {
    /// The configuration.
    pub config: Config,
    /// The configuration file, when there was one.
    pub file: Option<PathBuf>,
    origins: BTreeMap<String, Origin>,
}

impl Loaded {
    /// Where the value of a dotted key such as `mail.smtp.host` came from.
    pub fn origin(&self, key: &str) -> &Origin {
        self.origins.get(key).unwrap_or(&Origin::Default)
    }
}

impl Config {
    /// Reads all sources, and reports all that is wrong in them at once.
    pub fn load(overrides: &Overrides, environment: &Environment) -> Result<Loaded, Problems> {
        let mut settings = Settings::default();
        let file = read_file(&mut settings, overrides, environment);
        environment::read(&mut settings, environment);
        read_flags(&mut settings, overrides);
        // A key that was misspelt or in a broken file must not be reported as missing too.
        let complete = settings.problems.is_empty();
        refuse_invalid(&mut settings);
        let config = derive(&mut settings).and_then(|()| config(&settings.given));
        let config = config.map_err(|error| not_possible(&error))?;
        if complete {
            refuse_contradictions(&mut settings, &config);
        }
        if !settings.problems.is_empty() {
            settings.problems.sort_by(|a, b| a.origin.cmp(&b.origin));
            return Err(Problems(settings.problems));
        }
        let origins = settings.given.into_iter().map(|(key, setting)| (key, setting.origin)).collect();
        Ok(Loaded { config, file, origins })
    }
}

/// Each value has been accepted by itself, so that all together are.
fn not_possible(error: &serde_json::Error) -> Problems {
    Problems(vec![Problem { origin: Origin::Default, message: error.to_string() }])
}

fn read_file(settings: &mut Settings, overrides: &Overrides, environment: &Environment) -> Option<PathBuf> {
    let named = overrides.config.clone().or_else(|| environment.get(OsStr::new(FILE_VARIABLE)).map(PathBuf::from));
    let required = named.is_some();
    let path = named.unwrap_or_else(|| data_before_file(overrides, environment).join(FILE_NAME));
    match fs::read_to_string(&path) {
        Ok(text) => file::read(settings, &path, &text),
        Err(error) if error.kind() == ErrorKind::NotFound && !required => return None,
        Err(error) => {
            let origin = Origin::File { path: path.clone(), line: None };
            settings.problem(origin, format!("cannot be read: {error}"));
        }
    }
    Some(path)
}

/// The data directory as far as it is known before the file in it is read.
fn data_before_file(overrides: &Overrides, environment: &Environment) -> PathBuf {
    let flag = overrides.data.as_ref().map(PathBuf::from);
    let variable = || environment.get(OsStr::new(DATA_VARIABLE)).map(PathBuf::from);
    flag.or_else(variable).unwrap_or_else(|| defaults::DATA.into())
}

fn read_flags(settings: &mut Settings, overrides: &Overrides) {
    let flags = [
        ("data", "--data", &overrides.data),
        ("database.url", "--database", &overrides.database),
        ("listen", "--listen", &overrides.listen),
    ];
    for (key, flag, value) in flags {
        if let Some(value) = value {
            settings.set(key, value.as_str(), Origin::Flag(flag));
        }
    }
}

/// Tries each value by itself: together, the first wrong one would hide the others.
fn refuse_invalid(settings: &mut Settings) {
    let Settings { given, problems } = settings;
    given.retain(|key, Setting { value, origin }| {
        let Err(error) = serde_json::from_value::<Config>(nested([(key, &*value)])) else { return true };
        let shown = if is_secret(key) { MASK.to_owned() } else { value.to_string() };
        problems.push(Problem { origin: origin.clone(), message: format!("`{key}` = {shown}: {error}") });
        false
    });
}

fn config(given: &BTreeMap<String, Setting>) -> Result<Config, serde_json::Error> {
    serde_json::from_value(nested(given.iter().map(|(key, setting)| (key, &setting.value))))
}

/// Sets the keys that nobody gave and whose defaults follow from other keys.
fn derive(settings: &mut Settings) -> Result<(), serde_json::Error> {
    let given = config(&settings.given)?;
    let mut follow = |key: &str, value: Value| {
        let default = || Setting { value, origin: Origin::Default };
        settings.given.entry(key.to_owned()).or_insert_with(default).value.clone()
    };
    let base_url = follow("base_url", defaults::base_url(given.listen).into());
    follow("auth.issuer", base_url);
    follow("database.url", defaults::database_url(&given.data).into());
    follow("storage.directory", text(&defaults::storage_directory(&given.data)));
    follow("mail.directory", text(&defaults::mail_directory(&given.data)));
    follow("mail.smtp.port", defaults::smtp_port(given.mail.smtp.security).into());
    Ok(())
}

fn text(path: &Path) -> Value {
    path.to_string_lossy().into()
}

/// What is wrong only in combination.
fn refuse_contradictions(settings: &mut Settings, config: &Config) {
    let (smtp, s3) = (&config.mail.smtp, &config.storage.s3);
    let (id, key) = (s3.access_key_id.is_some(), s3.secret_access_key.is_some());
    let contradictions = [
        (config.mail.transport == MailTransport::Smtp && smtp.host.is_none(), "mail.transport", "mail.smtp.host"),
        (smtp.user.is_some() && smtp.password.is_none(), "mail.smtp.user", "mail.smtp.password"),
        (smtp.password.is_some() && smtp.user.is_none(), "mail.smtp.password", "mail.smtp.user"),
        (id && !key, "storage.s3.access_key_id", "storage.s3.secret_access_key"),
        (key && !id, "storage.s3.secret_access_key", "storage.s3.access_key_id"),
        (s3.endpoint.is_some() && s3.bucket.is_none(), "storage.s3.endpoint", "storage.s3.bucket"),
        (id && s3.bucket.is_none(), "storage.s3.access_key_id", "storage.s3.bucket"),
    ];
    for (_, key, missing) in contradictions.into_iter().filter(|(wrong, ..)| *wrong) {
        let origin = settings.given.get(key).map_or(Origin::Default, |setting| setting.origin.clone());
        settings.problem(origin, format!("`{key}` needs `{missing}`, which is not set"));
    }
    if s3.bucket.is_some() && cfg!(not(feature = "s3")) {
        let key = "storage.s3.bucket";
        let origin = settings.given.get(key).map_or(Origin::Default, |setting| setting.origin.clone());
        settings.problem(origin, format!("`{key}` needs a program that was built with `--features s3`"));
    }
    refuse_incomplete_providers(settings, config);
}

/// Half a provider would let nobody in, or everybody.
fn refuse_incomplete_providers(settings: &mut Settings, config: &Config) {
    for (name, provider) in &config.auth.oidc {
        let section = format!("auth.oidc.{name}");
        let first = settings.given.iter().find(|(key, _)| key.starts_with(&format!("{section}.")));
        let origin = first.map_or(Origin::Default, |(_, setting)| setting.origin.clone());
        let missing = [
            ("issuer", provider.issuer.is_empty()),
            ("client_id", provider.client_id.is_empty()),
            ("client_secret", provider.client_secret.is_none()),
            ("label", provider.label.is_empty()),
            ("domains", provider.domains.is_empty()),
        ];
        for (key, _) in missing.into_iter().filter(|(_, missing)| *missing) {
            settings.problem(origin.clone(), format!("`{section}` needs `{section}.{key}`, which is not set"));
        }
    }
}
