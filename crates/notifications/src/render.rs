//! From a [`Message`] to a [`Mail`] somebody can read.

use askama::Template;
use chrono_tz::Tz;

use crate::content::Content;
use crate::envelope::Mailbox;
use crate::message::Message;
use crate::text::{single_line, title};

/// What a mail says about the installation it comes from.
#[derive(Clone, Debug)]
pub struct Product {
    /// Public address of the installation, such as `https://provoco.example`; a slash at its end does not matter.
    pub base_url: String,
}

/// The beginning of the subject of what a sandbox sends.
const SANDBOX: &str = "[Sandbox]";

impl Mail {
    /// As a mail about something that only tries things out: its subject says so.
    #[must_use]
    pub fn of_sandbox(self) -> Self {
        Self { subject: format!("{SANDBOX} {}", self.subject), ..self }
    }
}

/// A rendered mail. The subject is one line; the two bodies say the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mail {
    /// One line without control characters, in any script.
    pub subject: String,
    /// Plain text.
    pub text: String,
    /// A complete HTML document that loads nothing.
    pub html: String,
}

/// A template could not be filled in; says nothing about the message, so trying again is right.
#[derive(Debug, thiserror::Error)]
#[error("a mail could not be rendered: {0}")]
pub struct RenderError(#[from] askama::Error);

/// Everything the two layouts show.
struct View {
    content: Content,
    name: String,
    url: String,
    base_url: String,
}

#[derive(Template)]
#[template(path = "mail.txt")]
struct Text<'a> {
    view: &'a View,
}

#[derive(Template)]
#[template(path = "mail.html")]
struct Html<'a> {
    view: &'a View,
}

/// Renders `message` for the person it goes to, who reads times in `zone`.
///
/// # Errors
/// [`RenderError`] when a template cannot be filled in.
pub fn render(message: &Message, to: &Mailbox, product: &Product, zone: Tz) -> Result<Mail, RenderError> {
    let content = Content::of(message, zone);
    let base_url = product.base_url.trim_end_matches('/').to_owned();
    let view = View { name: title(&to.name), url: absolute(&base_url, &content.link), base_url, content };
    Ok(Mail {
        subject: single_line(&view.content.subject),
        text: Text { view: &view }.render()?,
        html: Html { view: &view }.render()?,
    })
}

/// The address of a page. There is always a slash between the two: `https://provoco.example` followed by
/// `@elsewhere.example` would be somebody else's site.
fn absolute(base_url: &str, path: &str) -> String {
    format!("{base_url}/{}", single_line(path).trim_start_matches('/'))
}
