//! The ways a mail leaves: to a mail server, into a directory, or into memory.

use std::fs::DirBuilder;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use lettre::Transport as _;
use lettre::transport::smtp::SmtpTransport;
use lettre::transport::smtp::authentication;
use lettre::transport::smtp::client::{Tls, TlsParameters};

use crate::envelope::Envelope;

/// How long one step of a conversation with the mail server may take. Shorter than the 5 minutes of RFC 5321, 4.5.3.2:
/// a worker that waits sends nothing else, and the outbox tries again anyway.
const TIMEOUT: Duration = Duration::from_secs(10);

/// Replies about the sender's own access (RFC 4954, 6; RFC 3207, 4), which an operator puts right while mails wait.
const ACCESS_REFUSED: [u16; 4] = [530, 534, 535, 538];

/// Where mails go, as configured.
#[derive(Clone, Debug)]
pub enum Transport {
    /// To a mail server.
    Smtp(SmtpSettings),
    /// Into this directory, which is created when the first mail is written.
    Directory(PathBuf),
    /// Nowhere: kept in memory for tests.
    Memory,
}

/// How to reach a mail server.
#[derive(Clone, Debug)]
pub struct SmtpSettings {
    /// Host name, also the name its certificate must bear.
    pub host: String,
    /// TCP port; by custom 25 without encryption, 587 with STARTTLS, 465 with TLS.
    pub port: u16,
    /// How the connection is protected.
    pub security: Security,
    /// How to sign in; `None` for a server that takes mail without.
    pub credentials: Option<Credentials>,
}

/// How a connection to a mail server is protected. There is no opportunistic mode: somebody in the middle can always
/// make it fall back to none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Security {
    /// Not at all: for a relay or mail catcher on the same machine or network.
    None,
    /// Starts in clear and must switch to TLS before anything else (RFC 3207).
    StartTls,
    /// TLS from the first byte (RFC 8314).
    Tls,
}

/// User name and password for a mail server.
#[derive(Clone)]
pub struct Credentials {
    /// User name.
    pub user: String,
    /// Password; never printed.
    pub password: String,
}

impl std::fmt::Debug for Credentials {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Credentials").field("user", &self.user).finish_non_exhaustive()
    }
}

/// Why a [`Transport`] cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum MailerError {
    /// Credentials are set for a connection without protection.
    #[error("a mail server's password is only sent over `starttls` or `tls`")]
    PasswordInClear,
    /// The host is not a name a certificate can bear, or the system's certificates cannot be read.
    #[error("TLS cannot be set up for the mail server: {0}")]
    Tls(#[source] lettre::transport::smtp::Error),
}

/// Why a mail was not sent, in words for an operator.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SendError {
    /// May work later: no connection, a reply 4xx, a reply about our own access, a full disk.
    #[error("mail not sent, worth another try: {0}")]
    Transient(String),
    /// Will never work as it is: a reply 5xx, an address that is none.
    #[error("mail refused: {0}")]
    Permanent(String),
}

impl SendError {
    /// Whether to try again.
    pub fn is_transient(&self) -> bool {
        matches!(self, Self::Transient(_))
    }
}

/// A mail as [`Memory`] keeps it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sent {
    /// What was given to [`Mailer::send`].
    pub envelope: Envelope,
    /// The bytes a mail server would have got; ASCII.
    pub raw: String,
}

/// Mails kept in memory; clones share them.
#[derive(Clone, Debug, Default)]
pub struct Memory(Arc<Mutex<Vec<Sent>>>);

impl Memory {
    /// Every mail so far, oldest first, one entry for each call of [`Mailer::send`].
    pub fn sent(&self) -> Vec<Sent> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn keep(&self, sent: Sent) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(sent);
    }
}

/// Sends mails. Blocks, so it belongs on a worker's thread; clones may be used on several at once.
#[derive(Clone, Debug)]
pub enum Mailer {
    /// Opens one connection for each mail.
    Smtp(SmtpTransport),
    /// Writes `<uuid of the message id>.eml`, readable by the owner only. The same message id overwrites its file.
    Directory(PathBuf),
    /// Keeps mails in memory.
    Memory(Memory),
}

impl Mailer {
    /// Makes ready to send; connects to nothing yet.
    ///
    /// # Errors
    /// [`MailerError`] when the settings of a mail server cannot be used.
    pub fn new(transport: Transport) -> Result<Self, MailerError> {
        Ok(match transport {
            Transport::Smtp(settings) => Self::Smtp(smtp(settings)?),
            Transport::Directory(directory) => Self::Directory(directory),
            Transport::Memory => Self::Memory(Memory::default()),
        })
    }

    /// Hands the mail over. After a failure it may have arrived all the same (the reply can get lost): the next attempt
    /// has the same message id, by which the receiver knows it.
    ///
    /// # Errors
    /// [`SendError`], which says whether another attempt makes sense.
    pub fn send(&self, envelope: &Envelope) -> Result<(), SendError> {
        let mime = envelope.to_mime()?;
        match self {
            Self::Smtp(server) => server.send(&mime).map(drop).map_err(|error| smtp_error(&error)),
            Self::Directory(directory) => {
                let name = format!("{}.eml", envelope.message_id.uuid());
                write(directory, &name, &mime.formatted()).map_err(|error| directory_error(directory, &error))
            }
            Self::Memory(memory) => {
                let raw = String::from_utf8_lossy(&mime.formatted()).into_owned();
                memory.keep(Sent { envelope: envelope.clone(), raw });
                Ok(())
            }
        }
    }
}

fn smtp(settings: SmtpSettings) -> Result<SmtpTransport, MailerError> {
    let tls = || TlsParameters::new(settings.host.clone()).map_err(MailerError::Tls);
    let tls = match settings.security {
        Security::None if settings.credentials.is_some() => return Err(MailerError::PasswordInClear),
        Security::None => Tls::None,
        Security::StartTls => Tls::Required(tls()?),
        Security::Tls => Tls::Wrapper(tls()?),
    };
    let builder = SmtpTransport::builder_dangerous(settings.host).port(settings.port).tls(tls).timeout(Some(TIMEOUT));
    Ok(match settings.credentials {
        Some(Credentials { user, password }) => builder.credentials(authentication::Credentials::new(user, password)),
        None => builder,
    }
    .build())
}

fn smtp_error(error: &lettre::transport::smtp::Error) -> SendError {
    let is_about_us = error.status().is_some_and(|code| ACCESS_REFUSED.contains(&code.into()));
    if error.is_permanent() && !is_about_us {
        SendError::Permanent(error.to_string())
    } else {
        SendError::Transient(error.to_string())
    }
}

fn directory_error(directory: &Path, error: &io::Error) -> SendError {
    SendError::Transient(format!("{}: {error}", directory.display()))
}

/// Writes a file that is there whole or not at all, even after a crash.
fn write(directory: &Path, name: &str, bytes: &[u8]) -> io::Result<()> {
    create_private(directory)?;
    // Created for its owner only (tempfile's default on Unix).
    let mut file = tempfile::Builder::new().prefix(".").suffix(".tmp").tempfile_in(directory)?;
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    file.persist(directory.join(name))?;
    Ok(())
}

fn create_private(directory: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(directory)
}
