//! A mail with everything a mail server needs.

use std::fmt;
use std::time::SystemTime;

use chrono::{DateTime, Utc};
use lettre::message::header::{HeaderName, HeaderValue};
use lettre::message::{Mailbox as Address, MultiPart, SinglePart};
use uuid::Uuid;

use crate::mailer::SendError;
use crate::render::Mail;
use crate::text::{single_line, title};

/// Years a `Date` header can hold, 1970 to 9999, in seconds since 1970.
const DATES: std::ops::Range<i64> = 0..253_402_300_800;

/// A person, or the installation, as a sender or receiver of mail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mailbox {
    /// Name shown; may be empty, is cleaned before use.
    pub name: String,
    /// Address, such as `someone@company.example`; checked when a mail is sent.
    pub address: String,
}

impl Mailbox {
    /// The mailbox as a header can hold it.
    fn checked(&self) -> Result<Address, SendError> {
        let refused = |_| SendError::Permanent(format!("not a mail address: {:?}", self.address));
        let address = self.address.parse().map_err(refused)?;
        Ok(Address::new(Some(title(&self.name)).filter(|name| !name.is_empty()), address))
    }
}

/// The `Message-ID` of a mail (RFC 5322, 3.6.4): the same for each attempt to send it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MessageId {
    uuid: Uuid,
    host: String,
}

impl MessageId {
    /// The identifier `<uuid@host>`. `host` is the installation's host name; characters that a host name cannot hold
    /// become hyphens, so an identifier never breaks a header.
    pub fn new(uuid: Uuid, host: &str) -> Self {
        let host = host.replace(|c: char| !c.is_ascii_alphanumeric() && c != '.', "-");
        let labels = host.split('.').filter(|label| !label.is_empty()).collect::<Vec<_>>();
        let host = if labels.is_empty() { "localhost".to_owned() } else { labels.join(".") };
        Self { uuid, host }
    }

    /// The part before the `@`; names the file in [`Mailer::Directory`](crate::Mailer::Directory).
    pub fn uuid(&self) -> Uuid {
        self.uuid
    }
}

impl fmt::Display for MessageId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<{}@{}>", self.uuid, self.host)
    }
}

/// A mail ready to go. Sending the same envelope twice sends the same bytes twice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Envelope {
    /// Identifier, kept over retries so that receivers can drop duplicates.
    pub message_id: MessageId,
    /// Who sends.
    pub from: Mailbox,
    /// Who gets it: one person, so that nobody sees another's address.
    pub to: Mailbox,
    /// Identifier shared by all mails about one thing (`References`, RFC 5322, 3.6.4), by which programs thread them.
    pub references: Option<MessageId>,
    /// When the mail was made, between the years 1970 and 9999.
    pub date: DateTime<Utc>,
    /// What it says.
    pub mail: Mail,
}

impl Envelope {
    /// The mail in the form of RFC 5322 and MIME.
    ///
    /// # Errors
    /// [`SendError::Permanent`] when an address is none or the date is out of range.
    pub(crate) fn to_mime(&self) -> Result<lettre::Message, SendError> {
        let mut builder = lettre::Message::builder()
            .message_id(Some(self.message_id.to_string()))
            .date(self.checked_date()?)
            .from(self.from.checked()?)
            .to(self.to.checked()?)
            .subject(single_line(&self.mail.subject))
            // RFC 3834: keeps out-of-office programs from answering.
            .raw_header(HeaderValue::new(HeaderName::new_from_ascii_str("Auto-Submitted"), "auto-generated".into()));
        if let Some(thread) = &self.references {
            builder = builder.references(thread.to_string());
        }
        builder.multipart(self.body()).map_err(|error| SendError::Permanent(error.to_string()))
    }

    /// Text first: programs show the last part they understand (RFC 2046, 5.1.4). The boundary follows from the
    /// identifier, for otherwise each attempt would have another one.
    fn body(&self) -> MultiPart {
        MultiPart::alternative()
            .boundary(format!("provoco-{}", self.message_id.uuid))
            .singlepart(SinglePart::plain(self.mail.text.clone()))
            .singlepart(SinglePart::html(self.mail.html.clone()))
    }

    fn checked_date(&self) -> Result<SystemTime, SendError> {
        if DATES.contains(&self.date.timestamp()) {
            Ok(self.date.into())
        } else {
            Err(SendError::Permanent(format!("no mail can have the date {}", self.date)))
        }
    }
}
