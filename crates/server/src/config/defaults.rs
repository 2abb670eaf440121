//! Values that hold when nothing is configured, and those that follow from other keys.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::num::NonZero;
use std::path::{Path, PathBuf};
use std::thread;

use domain::{ObligationPolicy, OutagePolicy, challenge::ChangePolicy, file::UploadLimits};

use super::{
    Accounts, Auth, Changes, Config, Database, DatabaseUrl, Http, Log, LogFormat, Mail, MailTransport, Obligations,
    Outages, S3, Smtp, SmtpSecurity, Storage,
};

pub(super) const DATA: &str = "./provoco-data";

pub(super) fn base_url(listen: SocketAddr) -> String {
    format!("http://{listen}")
}

pub(super) fn database_url(data: &Path) -> String {
    format!("sqlite:{}", data.join("provoco.sqlite").display())
}

pub(super) fn storage_directory(data: &Path) -> PathBuf {
    data.join("files")
}

pub(super) fn mail_directory(data: &Path) -> PathBuf {
    data.join("mail")
}

/// The ports registered for SMTP submission (RFC 6409, RFC 8314) and relay (RFC 5321).
pub(super) const fn smtp_port(security: SmtpSecurity) -> u16 {
    match security {
        SmtpSecurity::None => 25,
        SmtpSecurity::Starttls => 587,
        SmtpSecurity::Tls => 465,
    }
}

fn listen() -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], 8080))
}

impl Default for Config {
    fn default() -> Self {
        Self {
            data: DATA.into(),
            listen: listen(),
            base_url: base_url(listen()),
            database: Database::default(),
            http: Http::default(),
            auth: Auth::default(),
            accounts: Accounts::default(),
            obligations: Obligations::default(),
            changes: Changes::default(),
            outages: Outages::default(),
            storage: Storage::default(),
            mail: Mail::default(),
            log: Log::default(),
        }
    }
}

impl Default for Database {
    fn default() -> Self {
        Self { url: DatabaseUrl::from(database_url(Path::new(DATA))), connections: 8, queue: 1_024 }
    }
}

impl Default for Http {
    fn default() -> Self {
        Self {
            workers: thread::available_parallelism().map_or(1, NonZero::get),
            body_limit_bytes: 1_048_576,
            request_timeout_seconds: 10,
            shutdown_seconds: 20,
            trusted_proxies: Vec::new(),
            metrics_listen: Some(SocketAddr::from(([127, 0, 0, 1], 9464))),
        }
    }
}

impl Default for Auth {
    fn default() -> Self {
        Self {
            issuer: base_url(listen()),
            access_token_minutes: 10,
            refresh_token_days: 30,
            signing_key: None,
            encryption_key: None,
            receipt_key: None,
            hash_threads: 1,
            hash_queue: 32,
            oidc: BTreeMap::new(),
        }
    }
}

impl Default for Accounts {
    fn default() -> Self {
        Self { inactivity_days: 365, recertification_days: 365 }
    }
}

impl Default for Obligations {
    fn default() -> Self {
        let ObligationPolicy { review, answer } = ObligationPolicy::default();
        Self { review_days: review, answer_days: answer }
    }
}

impl Default for Changes {
    fn default() -> Self {
        Self { extension_days: ChangePolicy::default().extension_days }
    }
}

impl Default for Outages {
    fn default() -> Self {
        let OutagePolicy { tolerance, window, least, working_days } = OutagePolicy::default();
        let number = |number: i64| u32::try_from(number).unwrap_or_default();
        Self {
            beat_seconds: 10,
            tolerance_seconds: number(tolerance.num_seconds()),
            window_hours: number(window.num_hours()),
            extension_hours: number(least.num_hours()),
            extension_working_days: working_days,
        }
    }
}

impl Default for Storage {
    fn default() -> Self {
        let UploadLimits { file, organisation } = UploadLimits::default();
        let directory = storage_directory(Path::new(DATA));
        let (clamav, s3) = (None, S3::default());
        Self { directory, file_limit_bytes: file, organisation_limit_bytes: organisation, clamav, s3 }
    }
}

impl Default for S3 {
    fn default() -> Self {
        Self { endpoint: None, bucket: None, region: "us-east-1".into(), access_key_id: None, secret_access_key: None }
    }
}

impl Default for Mail {
    fn default() -> Self {
        Self {
            transport: MailTransport::default(),
            from: "Provoco <no-reply@localhost>".into(),
            directory: mail_directory(Path::new(DATA)),
            smtp: Smtp::default(),
        }
    }
}

impl Default for Smtp {
    fn default() -> Self {
        let security = SmtpSecurity::default();
        Self { host: None, port: smtp_port(security), security, user: None, password: None }
    }
}

impl Default for Log {
    fn default() -> Self {
        Self { format: LogFormat::default(), level: "info".into() }
    }
}
