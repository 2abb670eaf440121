//! Messages to people: what they say ([`Message`]), how they look ([`render`]) and how they leave ([`Mailer`]).
//!
//! A mail says what happened, where to look, what happens next and why its reader gets it. It never holds a price, a
//! score, a rival's name or a link that signs somebody in: a mailbox is read by assistants, relays and search indexes.
//!
//! Nothing here reads the clock or makes an identifier. The caller gives both, so that a second attempt after a failure
//! is, byte for byte, the mail of the first attempt.

mod content;
mod duty;
mod envelope;
mod facts;
mod mailer;
mod message;
mod news;
mod render;
mod text;

pub use duty::{DutyKind, DutyMoment};
pub use envelope::{Envelope, Mailbox, MessageId};
pub use facts::{NewChallenge, SecurityChange};
pub use mailer::{Credentials, Mailer, MailerError, Memory, Security, SendError, Sent, SmtpSettings, Transport};
pub use message::{
    ApiKeyCreated, ApiKeyExpires, ApiKeyRotated, Message, PartnerAsked, PartnerDeclined, TeamConsentAsked,
};
pub use news::News;
pub use render::{Mail, Product, RenderError, render};
