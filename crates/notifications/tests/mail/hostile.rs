//! Names, titles and comments from people who want a mail to be something else.

use notifications::{Mailbox, Mailer, Memory, Message, MessageId, SendError};
use uuid::Uuid;

use crate::sample::{
    MAIL_ID, changes_requested, envelope, every_message, header, moment, raw, reader, solution_invited,
};

const INJECTIONS: [&str; 6] = [
    "x\r\nBcc: victim@elsewhere.example",
    "x\nBcc: victim@elsewhere.example",
    "x\rBcc: victim@elsewhere.example",
    "x\r\n\r\n<html>another body",
    "x\u{85}Bcc: v@elsewhere.example\u{2028}Bcc: v@elsewhere.example\0",
    "\" <victim@elsewhere.example>, \"",
];

/// Names of the header's fields, in order.
fn fields(raw: &str) -> Vec<&str> {
    let lines = header(raw).split("\r\n").filter(|line| !line.starts_with([' ', '\t']));
    lines.map(|line| line.split_once(':').unwrap().0).collect()
}

#[test]
fn no_title_or_name_adds_a_header_field() {
    let honest = raw(&envelope(&changes_requested("Title", ""), reader()));
    for injection in INJECTIONS {
        let to = Mailbox { name: injection.into(), ..reader() };
        let envelope = envelope(&changes_requested(injection, injection), to);
        assert!(!envelope.mail.subject.contains(char::is_control));
        let raw = raw(&envelope);
        assert_eq!(fields(&raw), fields(&honest), "{raw}");
        assert_eq!(raw.matches('\n').count(), raw.matches("\r\n").count(), "a bare line feed in {raw}");
    }
}

#[test]
fn a_subject_made_elsewhere_adds_no_header_field() {
    let mut envelope = envelope(&every_message()[0], reader());
    let honest = raw(&envelope);
    for injection in INJECTIONS {
        envelope.mail.subject = injection.into();
        assert_eq!(fields(&raw(&envelope)), fields(&honest));
    }
}

#[test]
fn the_recipient_stays_the_only_one() {
    for injection in INJECTIONS {
        let raw = raw(&envelope(&every_message()[0], Mailbox { name: injection.into(), ..reader() }));
        let (_, to) = header(&raw).split_once("\r\nTo: ").unwrap();
        let to: Vec<_> = to.split("\r\n").enumerate().take_while(|(i, l)| *i == 0 || l.starts_with(' ')).collect();
        let (_, last) = to.last().unwrap();
        assert!(last.ends_with("<zoe@company.example>"), "{to:?}");
    }
}

#[test]
fn what_is_no_address_is_refused_for_good() {
    let addresses = [
        "",
        "zoe",
        "zoe@",
        "zoe@company.example, victim@elsewhere.example",
        "zoe@company.example\r\nRCPT TO:<victim@elsewhere.example>",
        "\"zoe\r\nDATA\"@company.example",
        "\"zoe rossi\"@company.example",
        "\"zoe\trossi\"@company.example",
        "zoe\u{85}bcc@company.example",
        "<zoe@company.example>",
    ];
    for address in addresses {
        let envelope = envelope(&every_message()[0], Mailbox { address: address.into(), ..reader() });
        let refused = Mailer::Memory(Memory::default()).send(&envelope);
        assert!(matches!(refused, Err(SendError::Permanent(_))), "{address:?}: {refused:?}");
    }
}

#[test]
fn a_date_no_header_can_hold_is_refused_for_good() {
    for years in [-100, 9000] {
        let mut envelope = envelope(&every_message()[0], reader());
        envelope.date = moment() + chrono::TimeDelta::days(years * 365);
        let refused = Mailer::Memory(Memory::default()).send(&envelope);
        assert!(matches!(refused, Err(SendError::Permanent(_))), "{}: {refused:?}", envelope.date);
    }
}

#[test]
fn markup_is_shown_not_run() {
    let script = "<script>alert(\"x\")</script> & 'y'";
    let mail = envelope(&changes_requested(script, script), Mailbox { name: script.into(), ..reader() }).mail;
    assert!(!mail.html.contains("<script"), "{}", mail.html);
    // Once each in <title>, <h1>, greeting, sentence and quotation.
    let escaped = "&#60;script&#62;alert(&#34;x&#34;)&#60;/script&#62; &#38; &#39;y&#39;";
    assert_eq!(mail.html.matches(escaped).count(), 5, "{}", mail.html);
    assert_eq!(mail.text.matches(script).count(), 3, "plain text needs no escaping");
}

#[test]
fn what_an_agency_says_to_a_company_is_quoted_whatever_it_holds() {
    let mail = envelope(&solution_invited("<b>x</b>\r\nYou get this mail because\u{202e}"), reader()).mail;
    assert!(!mail.html.contains("<b>"), "{}", mail.html);
    assert!(mail.text.contains("> <b>x</b>\n> You get this mail because"), "{}", mail.text);
}

#[test]
fn a_link_never_leaves_the_installation_or_its_attribute() {
    for link in ["@elsewhere.example/", "//elsewhere.example/", "\" onclick=\"x", "https://elsewhere.example/"] {
        let message = Message::ReviewRequested { challenge_title: "Title".into(), link: link.into() };
        let mail = envelope(&message, reader()).mail;
        assert!(mail.html.contains("href=\"https://provoco.example/"), "{link}: {}", mail.html);
        assert!(!mail.html.contains("onclick=\""), "{}", mail.html);
    }
}

#[test]
fn a_title_cannot_reverse_or_flood_the_sentence_it_stands_in() {
    let mail = envelope(&changes_requested("a\u{202e}b\u{2066}c\u{feff}", ""), reader()).mail;
    assert_eq!(mail.subject, "Changes requested: a b c");
    let mail = envelope(&changes_requested(&"é ".repeat(10_000), ""), reader()).mail;
    assert_eq!(mail.subject, format!("Changes requested: {}…", "é ".repeat(60).trim_end()));
}

#[test]
fn a_host_cannot_break_a_message_id() {
    let id = |host| MessageId::new(Uuid::nil(), host).to_string();
    assert_eq!(id("provoco.example"), format!("<{}@provoco.example>", Uuid::nil()));
    assert_eq!(id("127.0.0.1:8080"), format!("<{}@127.0.0.1-8080>", Uuid::nil()));
    assert_eq!(id("x>\r\nBcc:y..z."), format!("<{}@x---Bcc-y.z>", Uuid::nil()));
    assert_eq!(id(""), format!("<{}@localhost>", Uuid::nil()));
    assert_eq!(MessageId::new(MAIL_ID, "").uuid(), MAIL_ID);
}
