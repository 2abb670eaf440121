//! Every mail, as people and mail servers see it.

use chrono_tz::Tz;
use notifications::{DutyKind, DutyMoment, Mailbox, Message, News, Product, SecurityChange, render};

use crate::sample::{
    challenge_news, changes_requested, duty_reminder, envelope, every_message, header, raw, reader, security_notice,
};

/// The tag under which the outbox stores a message.
fn kind(message: &Message) -> String {
    serde_json::to_value(message).unwrap()["kind"].as_str().unwrap().to_owned()
}

#[test]
fn every_mail_reads_as_reviewed() {
    for message in every_message() {
        let envelope = envelope(&message, reader());
        let header = header(&raw(&envelope)).replace("\r\n", "\n");
        let rendered = format!("{header}\n\n=== text\n{}\n=== html\n{}", envelope.mail.text, envelope.mail.html);
        insta::assert_snapshot!(kind(&message), rendered);
    }
}

#[test]
fn every_security_notice_says_what_changed_and_when() {
    use SecurityChange as S;
    let texts = [
        (S::PasswordReset, "was replaced by a link from this mailbox"),
        (S::PasswordChanged, "All other sessions ended"),
        (S::OneTimeCodesEnabled, "takes a one-time code beside your password"),
        (S::OneTimeCodesDisabled, "takes your password only"),
        (
            S::IdentityLinked { provider: "City\nof Ljubljana".into() },
            "City of Ljubljana vouched for your e-mail address",
        ),
        (S::RecoveryCodesReplaced, "the old ones do not work any more"),
        (S::RecoveryCodeUsed { left: 9 }, "9 are left"),
        (S::NewDevice { device: "x\nBcc: y".into(), network: "198.51.100.0/24".into() }, "“x Bcc: y”, 198.51.100.0/24"),
    ];
    for (change, words) in texts {
        // The text is wrapped nowhere but between its parts.
        let text = envelope(&security_notice(change), reader()).mail.text;
        assert!(text.contains(words) && text.contains("23 November 2026, 14:05 UTC"), "{text}");
        assert!(text.contains("https://provoco.example/forgot-password"), "{text}");
    }
}

#[test]
fn all_news_of_a_challenge_say_what_happened_and_what_comes_next() {
    let reason = || "Two sites\nare served.".to_owned();
    let deadline = "2026-11-23T14:05:00Z".parse().unwrap();
    let until = "until 23 November 2026, 14:05 UTC.";
    let sections = vec!["people".to_owned()];
    let news = [
        (News::Addendum { title: "Map\nof sites".into() }, "Addendum:", "addendum to the challenge", "Map of sites."),
        (
            News::Changed { reason: reason(), sections, confirm: false, deadline },
            "Changed:",
            "It concerns: people.",
            until,
        ),
        (
            News::AnswerCorrected { question: "What?".into(), reason: reason() },
            "Answer corrected:",
            "to the question “What?”",
            "stays readable",
        ),
        (
            News::ConfirmBid { deadline },
            "Confirm your offer:",
            "after your organisation had made its offer",
            "until then it is marked as unconfirmed. Bids can be handed in until 23 November 2026, 14:05 UTC.",
        ),
        (News::DocumentAdded { title: "Map\nof sites".into() }, "Document:", "new document of", "Map of sites."),
        (News::Suspended { reason: reason() }, "Suspended:", "suspended the challenge", "No offers are taken for now"),
        (News::Resumed { reason: reason(), deadline }, "Going on:", "resumed the challenge", until),
        (News::Cancelled { reason: reason() }, "Cancelled:", "cancelled the challenge", "none will be opened"),
        (News::ClosedWithoutAward { reason: reason() }, "No award:", "without an award", "may try again"),
    ];
    for (news, subject, happened, next) in news {
        let quotes = !matches!(news, News::Addendum { .. } | News::DocumentAdded { .. } | News::ConfirmBid { .. });
        let confirms = matches!(news, News::ConfirmBid { .. });
        let mail = envelope(&challenge_news(news), reader()).mail;
        assert!(mail.subject.starts_with(subject), "{}", mail.subject);
        assert!(mail.text.contains(happened) && mail.text.contains(next), "{}", mail.text);
        assert_eq!(mail.text.contains("> Two sites\n> are served."), quotes, "{}", mail.text);
        assert_eq!(mail.text.to_lowercase().contains("confirm or replace"), confirms, "{}", mail.text);
    }
}

#[test]
fn answers_are_told_by_how_their_questions_begin() {
    let text = |count, questions: &[&str]| {
        let questions = questions.iter().map(|question| (*question).to_owned()).collect();
        envelope(&challenge_news(News::QuestionsAnswered { count, questions }), reader()).mail.text
    };
    let one = text(1, &["Who\npays?"]);
    assert!(one.contains("answered a question about") && one.contains("> Who pays?"), "{one}");
    assert!(one.contains("https://provoco.example/challenges/2026-0007/questions"), "{one}");
    let many = text(12, &["Who?", "When?"]);
    assert!(many.contains("answered 12 questions") && many.contains("> Who?\n> When?\n> and 10 more"), "{many}");
}

#[test]
fn a_concluded_consultation_has_a_summary_for_everybody() {
    let mail = envelope(&challenge_news(News::Concluded), reader()).mail;
    assert!(
        mail.subject.starts_with("Concluded:") && mail.text.contains("tells everybody what it learned"),
        "{}",
        mail.text
    );
}

#[test]
fn a_reminder_says_what_is_owed_how_late_it_is_and_who_else_knows() {
    use DutyMoment as M;
    for (moment, words) in [
        (M::Before, "is due before 23 November 2026, 14:05 UTC."),
        (M::Due, "The owners of your organisation were told as well."),
        (M::After, "is still to be done. Somebody waits for it. There are no more reminders."),
        (M::Escalated, "you are an owner of this organisation."),
    ] {
        for (duty, task) in [
            (DutyKind::ReviewChallenge, "The review of the challenge “112 call triage”"),
            (DutyKind::DecideExtension, "The decision on more time for bidders on “112 call triage”"),
            (DutyKind::AnswerQuestion, "The answer to a question on “112 call triage”"),
        ] {
            let text = envelope(&duty_reminder(duty, moment), reader()).mail.text.replace("\n\n", " ");
            assert!(text.contains(words) && text.contains(task), "{text}");
        }
    }
}

#[test]
fn times_are_told_as_the_readers_clock_shows_them() {
    let closed = every_message().into_iter().find(|message| kind(message) == "challenge_closed").unwrap();
    let product = Product { base_url: "https://provoco.example".into() };
    let text = |zone| render(&closed, &reader(), &product, zone).unwrap().text;
    assert!(text(Tz::UTC).contains("23 November 2026, 14:05 UTC"));
    assert!(text(Tz::Europe__Ljubljana).contains("23 November 2026, 15:05 CET"));
    assert!(text(Tz::Asia__Kolkata).contains("23 November 2026, 19:35 IST"));
}

#[test]
fn every_mail_has_one_link_and_it_leads_to_this_installation() {
    for message in every_message() {
        let mail = envelope(&message, reader()).mail;
        let links: Vec<_> = mail.html.split("href=\"").skip(1).collect();
        assert_eq!(links.len(), 1, "{}", kind(&message));
        assert!(links[0].starts_with("https://provoco.example/"), "{}", links[0]);
        assert!(!mail.html.contains("src="), "a mail loads nothing");
    }
}

#[test]
fn the_outbox_reads_back_what_it_stored() {
    for message in every_message() {
        let stored = serde_json::to_string(&message).unwrap();
        assert_eq!(serde_json::from_str::<Message>(&stored).unwrap(), message);
    }
}

#[test]
fn text_and_html_are_alternatives_in_this_order() {
    let raw = raw(&envelope(&every_message()[0], reader()));
    let places = ["multipart/alternative", "text/plain; charset=utf-8", "text/html; charset=utf-8"]
        .map(|part| raw.find(part).unwrap_or_else(|| panic!("no {part} in {raw}")));
    assert!(places.is_sorted(), "{places:?}");
    assert!(raw.is_ascii() && raw.lines().all(|line| line.len() <= 998));
}

#[test]
fn somebody_without_a_name_is_greeted_without_one() {
    let nobody = Mailbox { name: " ".into(), address: "office@company.example".into() };
    let envelope = envelope(&every_message()[0], nobody);
    assert!(envelope.mail.text.starts_with("Hello,\n"));
    assert!(envelope.mail.html.contains("<p>Hello,</p>"));
    assert!(header(&raw(&envelope)).contains("\r\nTo: office@company.example\r\n"));
}

#[test]
fn a_comment_keeps_its_lines() {
    let mail = envelope(&changes_requested("Title", "one\r\n\r\n  two  "), reader()).mail;
    assert!(mail.text.contains("\n\n> one\n> \n> two\n\n"), "{}", mail.text);
    assert!(mail.html.contains("<p>one<br>\n<br>\ntwo</p>"), "{}", mail.html);
}
