//! What mails say, and how they leave.

// clippy.toml allows it in #[test] functions, but not in the helpers they share.
#![allow(clippy::unwrap_used)]

mod directory;
mod hostile;
mod sample;
mod smtp;
mod smtp_server;
mod wording;
