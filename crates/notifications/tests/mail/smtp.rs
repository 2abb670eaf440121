//! Mails over SMTP.

use std::net::TcpListener;

use notifications::{Credentials, Envelope, Mailer, MailerError, Security, SendError, SmtpSettings, Transport};

use crate::sample::{changes_requested, envelope, raw, reader};
use crate::smtp_server::{Replies, SmtpServer, data};

fn settings(port: u16, security: Security) -> SmtpSettings {
    SmtpSettings { host: "127.0.0.1".into(), port, security, credentials: None }
}

fn mailer(port: u16, security: Security) -> Mailer {
    Mailer::new(Transport::Smtp(settings(port, security))).unwrap()
}

fn mail() -> Envelope {
    envelope(&changes_requested("112 call triage", ".\n.."), reader())
}

/// What comes of sending to a server that replies so.
fn send_to(replies: Replies) -> Result<(), SendError> {
    mailer(SmtpServer::start(replies).port, Security::None).send(&mail())
}

#[test]
fn a_mail_arrives_as_it_is() {
    let server = SmtpServer::start(&[]);
    mailer(server.port, Security::None).send(&mail()).unwrap();
    let session = server.session();
    assert!(session.contains("MAIL FROM:<no-reply@provoco.example>\r\n"), "{session}");
    assert_eq!(session.matches("RCPT TO:").count(), 1);
    assert!(session.contains("RCPT TO:<zoe@company.example>\r\n"), "{session}");
    assert_eq!(data(&session).trim_end(), raw(&mail()).trim_end());
}

#[test]
fn a_busy_server_is_worth_another_try() {
    let replies: [Replies; 4] = [
        &[("", "421 too many connections")],
        &[("MAIL", "452 disk full")],
        &[("RCPT", "451 try later")],
        &[(".", "451 try later")],
    ];
    for replies in replies {
        let failed = send_to(replies).unwrap_err();
        assert!(failed.is_transient() && failed.to_string().contains(replies[0].1.split_at(4).1), "{failed:?}");
    }
}

#[test]
fn a_refusal_is_final() {
    for replies in [&[("RCPT", "550 no such mailbox")], &[(".", "554 looks like spam")]] as [Replies; 2] {
        let failed = send_to(replies).unwrap_err();
        assert!(!failed.is_transient() && failed.to_string().contains(replies[0].1.split_at(4).1), "{failed:?}");
    }
}

#[test]
fn a_refusal_of_our_own_access_is_worth_another_try() {
    let failed = send_to(&[("MAIL", "530 sign in first")]).unwrap_err();
    assert!(failed.is_transient(), "{failed:?}");
}

#[test]
fn no_server_is_worth_another_try() {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let failed = mailer(port, Security::None).send(&mail()).unwrap_err();
    assert!(failed.is_transient(), "{failed:?}");
}

#[test]
fn the_second_attempt_sends_the_same_bytes() {
    let (unlucky, lucky) = (SmtpServer::start(&[(".", "451 try later")]), SmtpServer::start(&[]));
    mailer(unlucky.port, Security::None).send(&mail()).unwrap_err();
    mailer(lucky.port, Security::None).send(&mail()).unwrap();
    let (first, second) = (unlucky.session(), lucky.session());
    assert_eq!(data(&first), data(&second));
    assert!(data(&first).contains("Message-ID: <0199f0a1-5d2c-7b60-8e11-2f6c7c1f0a01@provoco.example>\r\n"));
}

#[test]
fn nothing_is_said_in_clear_where_encryption_is_asked_for() {
    for security in [Security::StartTls, Security::Tls] {
        let server = SmtpServer::start(&[]);
        let failed = mailer(server.port, security).send(&mail()).unwrap_err();
        assert!(failed.is_transient(), "{failed:?}");
        assert!(!server.session().contains("MAIL"), "{security:?}");
    }
}

#[test]
fn a_password_is_neither_sent_in_clear_nor_printed() {
    let credentials = Credentials { user: "provoco".into(), password: "h4rd-to-guess".into() };
    let settings = SmtpSettings { credentials: Some(credentials), ..settings(25, Security::None) };
    let transport = Transport::Smtp(settings);
    assert!(!format!("{transport:?}").contains("h4rd"));
    assert!(matches!(Mailer::new(transport), Err(MailerError::PasswordInClear)));
}
