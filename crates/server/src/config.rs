//! Configuration: every key the program knows, its default, its unit and its range.
//!
//! A value comes from the last of these that gives one: the default, the TOML file, the environment
//! (`PROVOCO__SECTION__KEY`, and for secrets `PROVOCO__SECTION__KEY_FILE`), a command line flag.

mod check;
mod defaults;
mod kept_key;
mod keys;
mod load;
mod problem;
mod secret;
mod show;
mod source;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;

use application::scans::{Address, Patience, Scanner};
use chrono::TimeDelta;
use domain::{LifecyclePolicy, ObligationPolicy, OutagePolicy, challenge::ChangePolicy, file::UploadLimits};
use ipnet::IpNet;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

pub use kept_key::{KeyError, create_private_directory};
pub use keys::names;
pub use load::{Environment, Loaded, Overrides};
pub use problem::{Origin, Problem, Problems};
pub use secret::{DatabaseUrl, MASK, Secret};

/// The whole configuration, complete and checked when it comes from [`Config::load`].
///
/// Serialising or debug-printing it never shows a secret.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Directory for what the program keeps on this machine: embedded database, signing key, mail files.
    /// Created when absent. Default `./provoco-data`.
    pub data: PathBuf,
    /// Address and port of the portal and API. Port 0 takes a free one. Default `127.0.0.1:8080`.
    #[serde(deserialize_with = "check::socket_address")]
    pub listen: SocketAddr,
    /// Address under which people reach the portal, used in mails and feeds: `http` or `https`, host, optional port,
    /// no path. Default `http://<listen>`.
    #[serde(deserialize_with = "check::base_url")]
    pub base_url: String,
    /// Where records are kept.
    pub database: Database,
    /// The web server.
    pub http: Http,
    /// Sessions, tokens and passwords.
    pub auth: Auth,
    /// How long accounts and memberships last.
    pub accounts: Accounts,
    /// How long those who owe something have.
    pub obligations: Obligations,
    /// What agencies keep to when they change published challenges.
    pub changes: Changes,
    /// When the service counts as unavailable, and how much time bidders get after that.
    pub outages: Outages,
    /// Files that people send.
    pub storage: Storage,
    /// Outgoing mail.
    pub mail: Mail,
    /// What the program says about itself.
    pub log: Log,
}

/// Section `[database]`.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Database {
    /// `sqlite:<file>`, `postgres://…` or `postgresql://…`. Default `sqlite:<data>/provoco.sqlite`.
    /// The variable `DATABASE_URL` is read too; `PROVOCO__DATABASE__URL` wins over it.
    pub url: DatabaseUrl,
    /// Database threads, each with one connection (for SQLite: readers beside the one writer). 1 to 64, default 8.
    #[serde(deserialize_with = "check::within::<_, _, 1, 64>")]
    pub connections: usize,
    /// Requests that may wait for a database thread before new ones are turned away. 1 to 65536, default 1024.
    #[serde(deserialize_with = "check::within::<_, _, 1, 65_536>")]
    pub queue: usize,
}

/// Section `[http]`.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Http {
    /// Threads that serve requests. 1 to 256, default one for each core.
    #[serde(deserialize_with = "check::within::<_, _, 1, 256>")]
    pub workers: usize,
    /// Largest request body, in bytes. 1024 to 67108864 (64 MiB), default 1048576 (1 MiB).
    #[serde(deserialize_with = "check::within::<_, _, 1_024, 67_108_864>")]
    pub body_limit_bytes: usize,
    /// Time a request may take before it is answered with an error, in seconds. 1 to 300, default 10.
    #[serde(deserialize_with = "check::within::<_, _, 1, 300>")]
    pub request_timeout_seconds: u64,
    /// Time running requests get to finish when the program stops, in seconds. 1 to 300, default 20.
    #[serde(deserialize_with = "check::within::<_, _, 1, 300>")]
    pub shutdown_seconds: u64,
    /// Networks of proxies whose `X-Forwarded-For` is believed, separated by commas, such as `10.0.0.0/8, ::1`.
    /// Default none.
    #[serde(with = "check::networks")]
    pub trusted_proxies: Vec<IpNet>,
    /// Address and port of the Prometheus metrics, or `off`. Default `127.0.0.1:9464`.
    #[serde(with = "check::socket_address_or_off")]
    pub metrics_listen: Option<SocketAddr>,
}

/// Section `[auth]`.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Auth {
    /// Issuer named in tokens (claim `iss`), an `http` or `https` URL. Default `base_url`.
    #[serde(deserialize_with = "check::web_url")]
    pub issuer: String,
    /// Life of an access token, in minutes. 1 to 60, default 10.
    #[serde(deserialize_with = "check::within::<_, _, 1, 60>")]
    pub access_token_minutes: u32,
    /// Life of a refresh token, in days. 1 to 90, default 30.
    #[serde(deserialize_with = "check::within::<_, _, 1, 90>")]
    pub refresh_token_days: u32,
    /// Secret. Key that signs tokens: at least 32 bytes, in hexadecimal. Without it a key is made once and kept in
    /// `<data>/signing.key`; processes that share a database but not a data directory must share this key.
    #[serde(deserialize_with = "check::hexadecimal_key")]
    pub signing_key: Option<Secret>,
    /// Secret. Key that encrypts what the program must be able to read again, such as bank account numbers: at least
    /// 32 bytes, in hexadecimal. Without it a key is made once and kept in `<data>/encryption.key`. Whoever loses it
    /// loses those values.
    #[serde(deserialize_with = "check::hexadecimal_key")]
    pub encryption_key: Option<Secret>,
    /// Secret. Key that signs receipts: at least 32 bytes, in hexadecimal. Without it a key is made once and kept in
    /// `<data>/receipt.key`; processes that share a database but not a data directory should share this key. Whatever
    /// was signed with an earlier key stays good: the database keeps its public half.
    #[serde(deserialize_with = "check::hexadecimal_key")]
    pub receipt_key: Option<Secret>,
    /// Threads that hash passwords; each takes tens of MiB while it works. 1 to 64, default 1.
    #[serde(deserialize_with = "check::within::<_, _, 1, 64>")]
    pub hash_threads: usize,
    /// Sign-ins that may wait for such a thread before new ones are turned away. 1 to 1024, default 32.
    #[serde(deserialize_with = "check::within::<_, _, 1, 1_024>")]
    pub hash_queue: usize,
    /// Providers through which people may sign in, by name: 1 to 32 lower-case letters, digits and single underscores.
    pub oidc: BTreeMap<String, OidcProvider>,
}

/// Section `[auth.oidc.<name>]`: an OpenID provider.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct OidcProvider {
    /// Its issuer identifier, exactly as in its tokens: an `https` URL, or `http` on this machine.
    #[serde(deserialize_with = "check::issuer")]
    pub issuer: String,
    /// What it knows this installation by.
    #[serde(deserialize_with = "check::short_text")]
    pub client_id: String,
    /// Secret. Proves to it that this installation is that client.
    pub client_secret: Option<Secret>,
    /// Its name for people.
    #[serde(deserialize_with = "check::short_text")]
    pub label: String,
    /// The organisation that runs it, by its id; told in the events of its sign-ins. Default none.
    pub organisation: Option<Uuid>,
    /// The mail domains it may speak for. Who signs in with a verified address in one of them gets into the account with
    /// that address, or gets a new one.
    #[serde(deserialize_with = "check::mail_domains")]
    pub domains: Vec<String>,
}

/// Section `[accounts]`.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Accounts {
    /// Days without a log-in after which an account is deactivated, 60 to 3650, or 0 for never. Default 365.
    #[serde(deserialize_with = "check::none_or_within::<_, 60, 3_650>")]
    pub inactivity_days: u32,
    /// Days for which an owner of an agency vouches for a member, 60 to 3650, or 0 for ever. Default 365.
    #[serde(deserialize_with = "check::none_or_within::<_, 60, 3_650>")]
    pub recertification_days: u32,
}

impl Accounts {
    /// How long accounts and certifications last.
    pub fn policy(&self) -> LifecyclePolicy {
        let days = |days: u32| (days > 0).then(|| TimeDelta::days(days.into()));
        LifecyclePolicy { inactivity: days(self.inactivity_days), certification: days(self.recertification_days) }
    }
}

/// Section `[obligations]`.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Obligations {
    /// Working days for the review of a challenge, 1 to 60. Default 5.
    #[serde(deserialize_with = "check::within::<_, _, 1, 60>")]
    pub review_days: u32,
    /// Working days for the answer to a question, 1 to 60, unless the challenge promises answers by an earlier date.
    /// Default 3.
    #[serde(deserialize_with = "check::within::<_, _, 1, 60>")]
    pub answer_days: u32,
}

impl Obligations {
    /// How long those who owe something have.
    pub fn policy(&self) -> ObligationPolicy {
        ObligationPolicy { review: self.review_days, answer: self.answer_days }
    }
}

/// Section `[changes]`.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Changes {
    /// Calendar days by which a material change of a published challenge moves its deadline at least, 1 to 90. Default 7.
    #[serde(deserialize_with = "check::within::<_, _, 1, 90>")]
    pub extension_days: u32,
}

impl Changes {
    /// What agencies keep to.
    pub fn policy(&self) -> ChangePolicy {
        ChangePolicy { extension_days: self.extension_days }
    }
}

/// Section `[outages]`.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Outages {
    /// Seconds between two signs of life that each process writes into the database, 1 to 60. Default 10.
    #[serde(deserialize_with = "check::within::<_, _, 1, 60>")]
    pub beat_seconds: u64,
    /// Seconds without any sign of life that are not yet an outage, 2 to 3600; never less than three beats. Default 30.
    #[serde(deserialize_with = "check::within::<_, _, 2, 3_600>")]
    pub tolerance_seconds: u32,
    /// The last hours before a submission deadline in which an outage proposes an extension, 1 to 720. Default 24.
    #[serde(deserialize_with = "check::within::<_, _, 1, 720>")]
    pub window_hours: u32,
    /// Hours that an extension leaves from the decision on, at least, 1 to 720. Default 24.
    #[serde(deserialize_with = "check::within::<_, _, 1, 720>")]
    pub extension_hours: u32,
    /// Working days after the decision with whose end an extension ends at the earliest, 1 to 30, or 0 for none. Default 1.
    #[serde(deserialize_with = "check::none_or_within::<_, 1, 30>")]
    pub extension_working_days: u32,
}

impl Outages {
    /// What counts as an outage, and what is done about one.
    pub fn policy(&self) -> OutagePolicy {
        let beats = TimeDelta::seconds(3 * i64::try_from(self.beat_seconds).unwrap_or(60));
        OutagePolicy {
            tolerance: TimeDelta::seconds(self.tolerance_seconds.into()).max(beats),
            window: TimeDelta::hours(self.window_hours.into()),
            least: TimeDelta::hours(self.extension_hours.into()),
            working_days: self.extension_working_days,
        }
    }
}

/// Section `[storage]`.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Storage {
    /// Directory for files that people send. Created when absent. Default `<data>/files`.
    pub directory: PathBuf,
    /// Largest file, in bytes. 1048576 (1 MiB) to 1099511627776 (1 TiB), default 2147483648 (2 GiB).
    #[serde(deserialize_with = "check::within::<_, _, 1_048_576, 1_099_511_627_776>")]
    pub file_limit_bytes: i64,
    /// Most that the files of one organisation take together, in bytes. 1048576 (1 MiB) to 1125899906842624 (1 PiB), default
    /// 21474836480 (20 GiB).
    #[serde(deserialize_with = "check::within::<_, _, 1_048_576, 1_125_899_906_842_624>")]
    pub organisation_limit_bytes: i64,
    /// Where clamd, ClamAV's daemon, listens: an absolute path of its socket, or `tcp://host:port`. Without it files are not
    /// scanned for viruses. Default none.
    #[serde(deserialize_with = "check::clamd_address")]
    pub clamav: Option<String>,
    /// Where files are once they are whole, instead of `directory`.
    pub s3: S3,
}

/// Section `[storage.s3]`: a service that speaks S3. Takes a program that was built with the feature `s3`.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct S3 {
    /// Its address: `http` or `https`, host, optional port. Default Amazon's for the region.
    #[serde(deserialize_with = "check::optional_web_url")]
    pub endpoint: Option<String>,
    /// The bucket, which must be there. Default none: files are in `storage.directory`.
    pub bucket: Option<String>,
    /// The region that requests are signed for. Default `us-east-1`.
    #[serde(deserialize_with = "check::short_text")]
    pub region: String,
    /// Secret. Id of the access key. Needs `secret_access_key`. Default none: the rights of the machine, at Amazon.
    pub access_key_id: Option<Secret>,
    /// Secret. The access key. Needs `access_key_id`.
    pub secret_access_key: Option<Secret>,
}

impl Storage {
    /// How large files may be.
    pub fn limits(&self) -> UploadLimits {
        UploadLimits { file: self.file_limit_bytes, organisation: self.organisation_limit_bytes }
    }

    /// The virus scanner, if there is one.
    pub fn scanner(&self) -> Option<Scanner> {
        let address = self.clamav.as_deref().and_then(Address::parse)?;
        Some(Scanner::new(address, Patience::default()))
    }
}

/// Section `[mail]`.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Mail {
    /// `directory` writes each mail as a file, `smtp` sends it. Default `directory`.
    pub transport: MailTransport,
    /// Sender of all mail. Default `Provoco <no-reply@localhost>`.
    #[serde(deserialize_with = "check::mailbox")]
    pub from: String,
    /// Where transport `directory` writes. Default `<data>/mail`.
    pub directory: PathBuf,
    /// Where transport `smtp` sends.
    pub smtp: Smtp,
}

/// How mail leaves the program.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum MailTransport {
    /// As files, for trying things out.
    #[default]
    Directory,
    /// To a mail server.
    Smtp,
}

/// Section `[mail.smtp]`.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Smtp {
    /// Name or address of the mail server. Needed by transport `smtp`.
    pub host: Option<String>,
    /// Port of the mail server, 1 to 65535. Default by `security`: 587 for `starttls`, 465 for `tls`, 25 for `none`.
    #[serde(deserialize_with = "check::within::<_, _, 1, 65_535>")]
    pub port: u16,
    /// Encryption: `none`, `starttls` or `tls` (from the first byte). Default `starttls`.
    pub security: SmtpSecurity,
    /// User name at the mail server. Needs `password`. Default none: no sign-in.
    pub user: Option<String>,
    /// Secret. Password at the mail server. Needs `user`.
    pub password: Option<Secret>,
}

/// Encryption between the program and the mail server.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum SmtpSecurity {
    /// None at all.
    None,
    /// The connection must be upgraded by STARTTLS (RFC 3207) before anything is sent.
    #[default]
    Starttls,
    /// TLS from the first byte (RFC 8314).
    Tls,
}

/// Section `[log]`.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Log {
    /// `text` for people, `json` (one object on each line) for machines. Default `text`.
    pub format: LogFormat,
    /// What to log: a level (`error`, `warn`, `info`, `debug`, `trace`, `off`), or several for parts of the program
    /// such as `info,persistence=debug`. Default `info`.
    #[serde(deserialize_with = "check::log_level")]
    pub level: String,
}

/// Shape of a log line.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// For people.
    #[default]
    Text,
    /// One JSON object on each line.
    Json,
}
