//! Mails to test with.

use chrono::{DateTime, TimeZone, Utc};
use notifications::{
    ApiKeyCreated, ApiKeyExpires, ApiKeyRotated, DutyKind, DutyMoment, Envelope, Mailbox, Mailer, Memory, Message,
    MessageId, NewChallenge, News, PartnerAsked, PartnerDeclined, Product, SecurityChange, TeamConsentAsked, render,
};
use uuid::{Uuid, uuid};

const TITLE: &str = "112 call triage";
const REFERENCE: &str = "2026-0007";

/// Identifier of every sample mail.
pub const MAIL_ID: Uuid = uuid!("0199f0a1-5d2c-7b60-8e11-2f6c7c1f0a01");
const THREAD_ID: Uuid = uuid!("0199e000-0000-7000-8000-000000000007");

/// 23 November 2026, 14:05:09 UTC.
pub fn moment() -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 11, 23, 14, 5, 9).unwrap()
}

/// A person with a name that needs encoding in a header.
pub fn reader() -> Mailbox {
    Mailbox { name: "Zoë Rossi".into(), address: "zoe@company.example".into() }
}

/// The mail about `message` as the outbox would send it.
pub fn envelope(message: &Message, to: Mailbox) -> Envelope {
    let product = Product { base_url: "https://provoco.example/".into() };
    Envelope {
        message_id: MessageId::new(MAIL_ID, "provoco.example"),
        from: Mailbox { name: "Provoco".into(), address: "no-reply@provoco.example".into() },
        mail: render(message, &to, &product, chrono_tz::UTC).unwrap(),
        to,
        references: Some(MessageId::new(THREAD_ID, "provoco.example")),
        date: moment(),
    }
}

/// The bytes of a mail, as a mail server would get them.
pub fn raw(envelope: &Envelope) -> String {
    let memory = Memory::default();
    Mailer::Memory(memory.clone()).send(envelope).unwrap();
    memory.sent().remove(0).raw
}

/// The header of a mail, up to the first empty line.
pub fn header(raw: &str) -> &str {
    raw.split_once("\r\n\r\n").unwrap().0
}

/// A message with a longer text by somebody else.
pub fn changes_requested(challenge_title: &str, comment: &str) -> Message {
    Message::ChangesRequested {
        challenge_title: challenge_title.into(),
        comment: comment.into(),
        link: "/challenges/2026-0007/edit".into(),
    }
}

/// One message of each kind.
pub fn every_message() -> Vec<Message> {
    [
        about_accounts_and_drafts(),
        about_standing(),
        about_membership(),
        about_security(),
        about_keys(),
        about_shortlists(),
        about_decisions(),
        about_news(),
        about_questions(),
        about_milestones(),
        vec![duty_reminder(DutyKind::ReviewChallenge, DutyMoment::Before)],
        about_consortia(),
        vec![solution_invited("Please look at it.\nWe have two sites.")],
    ]
    .concat()
}

fn about_shortlists() -> Vec<Message> {
    let (challenge_title, challenge_reference) = (TITLE.to_owned(), REFERENCE.to_owned());
    let link = || "/challenges/2026-0007".to_owned();
    let names = || (challenge_title.clone(), challenge_reference.clone());
    let reason = || "It answers all four outcomes.\nThe data plan convinces.".to_owned();
    let with = |make: &dyn Fn(String, String) -> Message| {
        let (title, reference) = names();
        make(title, reference)
    };
    vec![
        with(&|challenge_title, challenge_reference| Message::SolutionReceived {
            challenge_title,
            challenge_reference,
            version: 2,
            received_at: moment(),
            link: "/receipts/0199f0a1".into(),
        }),
        with(&|challenge_title, challenge_reference| Message::SolutionsClosed {
            challenge_title,
            challenge_reference,
            link: link(),
        }),
        with(&|challenge_title, challenge_reference| Message::Shortlisted {
            challenge_title,
            challenge_reference,
            reason: reason(),
            deadline: moment(),
            link: link(),
        }),
        with(&|challenge_title, challenge_reference| Message::NotShortlisted {
            challenge_title,
            challenge_reference,
            reason: reason(),
            link: link(),
        }),
    ]
}

fn about_standing() -> Vec<Message> {
    let (reason, organisation) = (|| "The register says so.".to_owned(), || "Calm Signal d.o.o.".to_owned());
    let link = || "/organisations/0199f0a1".to_owned();
    vec![
        Message::AccountSuspended { reason: reason(), link: "/".into() },
        Message::AccountReinstated { reason: reason(), link: "/".into() },
        Message::OrganisationSuspended { organisation: organisation(), reason: reason(), link: link() },
        Message::OrganisationReinstated { organisation: organisation(), reason: reason(), link: link() },
        Message::DocumentExpires {
            organisation: organisation(),
            title: "Professional liability".into(),
            expires_on: moment().date_naive(),
            link: link(),
        },
    ]
}

fn about_membership() -> Vec<Message> {
    let (organisation, link) = (|| "Northern Dispatch".to_owned(), || "/organisations/0199f0a1".to_owned());
    vec![
        Message::Invitation {
            organisation: organisation(),
            invited_by: "Olga Owner".into(),
            roles: vec!["author".into(), "pilot_manager".into()],
            words: "Welcome!\nWe start on Monday.".into(),
            expires_at: moment(),
            link: "/invitation?token=d0nt-gu3ss".into(),
        },
        Message::RoleDelegated {
            organisation: organisation(),
            role: "pilot_manager".into(),
            delegator: "Pia Manager".into(),
            delegate: "Ana Author".into(),
            starts_at: moment(),
            ends_at: moment(),
            reason: "Summer holiday".into(),
            link: link(),
        },
        Message::CertificationDue {
            organisation: organisation(),
            names: vec!["Ana Author".into(), "Otto Officer".into()],
            until: moment(),
            link: link(),
        },
        Message::OwnerUncertified {
            organisation: organisation(),
            name: "Olga Owner".into(),
            until: moment(),
            link: link(),
        },
        Message::InactivityWarning { deactivated_at: moment(), link: "/".into() },
        Message::AccountDeactivated { link: "/forgot-password".into() },
    ]
}

fn about_keys() -> Vec<Message> {
    let (organisation, link) = (|| "Northern Dispatch".to_owned(), || "/organisations/0199f0a1".to_owned());
    let (creator, name, prefix) =
        (|| "Olga Owner".to_owned(), || "Dispatch system".to_owned(), || "pvk_abcdefgh2345".into());
    vec![
        Message::ApiKeyCreated(ApiKeyCreated {
            organisation: organisation(),
            creator: creator(),
            name: name(),
            prefix: prefix(),
            scopes: vec!["bids:read".into(), "challenges:write".into()],
            expires_at: moment(),
            link: link(),
        }),
        Message::ApiKeyRotated(ApiKeyRotated {
            organisation: organisation(),
            creator: creator(),
            name: name(),
            prefix: prefix(),
            previous_until: moment(),
            expires_at: moment(),
            link: link(),
        }),
        Message::ApiKeyExpires(ApiKeyExpires {
            organisation: organisation(),
            name: name(),
            prefix: prefix(),
            expires_at: moment(),
            link: link(),
        }),
    ]
}

fn about_security() -> Vec<Message> {
    let link = |page: &str| format!("/{page}?token=d0nt-gu3ss");
    let device = "Mozilla/5.0 (X11; Linux x86_64)".to_owned();
    vec![
        Message::AccountExists { link: "/forgot-password".into() },
        Message::ResetPassword { link: link("reset-password") },
        Message::ConfirmEmailChange { link: link("confirm-email-change") },
        Message::EmailChanged { until: moment(), link: link("undo-email-change") },
        security_notice(SecurityChange::NewDevice { device, network: "198.51.100.0/24".into() }),
    ]
}

/// A notice of one kind.
pub fn security_notice(change: SecurityChange) -> Message {
    Message::SecurityNotice { change, at: moment(), link: "/forgot-password".into() }
}

/// A reminder of what is owed.
pub fn duty_reminder(duty: DutyKind, moment: DutyMoment) -> Message {
    let link = "/challenges/2026-0007".into();
    Message::DutyReminder { duty, moment, challenge_title: TITLE.into(), due_at: self::moment(), link }
}

fn about_accounts_and_drafts() -> Vec<Message> {
    vec![
        Message::ConfirmEmail { name: "Zoë Rossi".into(), link: "/confirm?token=d0nt-gu3ss".into() },
        Message::PublicationFailed {
            challenge_title: TITLE.into(),
            reason: "/submissionDeadline: must not be before 1 December.\n/summary: must not be empty".into(),
            link: "/challenges/2026-0007".into(),
        },
        Message::ReviewRequested { challenge_title: TITLE.into(), link: "/challenges/2026-0007".into() },
        changes_requested(TITLE, "Please name a sponsor.\n\nThe weights sum to 90.\n"),
    ]
}

fn about_decisions() -> Vec<Message> {
    let (title, reference) = (|| TITLE.to_owned(), || REFERENCE.to_owned());
    let link = || "/challenges/2026-0007".to_owned();
    vec![
        Message::BidReceived {
            challenge_title: title(),
            challenge_reference: reference(),
            version: 2,
            received_at: moment(),
            link: "/receipts/0199f0a1".into(),
        },
        Message::ChallengeClosed {
            challenge_title: title(),
            challenge_reference: reference(),
            closed_at: moment(),
            link: link(),
        },
        Message::SearchAlert {
            name: "Floods in Slovenia".into(),
            challenges: vec![NewChallenge {
                title: title(),
                agency: "Northern Emergency Dispatch Centre".into(),
                deadline: Some(moment()),
            }],
            more: 2,
            link: "/account/saved-searches/0199f0a1".into(),
        },
        Message::FileInfected {
            name: "call-statistics-2025.xlsx".into(),
            signature: "Win.Test.EICAR_HDB-1".into(),
            link: link(),
        },
        Message::Awarded {
            challenge_title: title(),
            challenge_reference: reference(),
            standstill_until: moment(),
            link: link(),
        },
        Message::NotAwarded {
            challenge_title: title(),
            challenge_reference: reference(),
            standstill_until: moment(),
            link: link(),
        },
    ]
}

/// News of a challenge.
pub fn challenge_news(news: News) -> Message {
    let (challenge_title, challenge_reference) = (TITLE.to_owned(), REFERENCE.to_owned());
    Message::ChallengeNews { challenge_title, challenge_reference, news, link: "/challenges/2026-0007".to_owned() }
}

fn about_news() -> Vec<Message> {
    vec![challenge_news(News::Changed {
        reason: "The ceiling was too low:\ntwo sites are served.".into(),
        sections: vec!["budget".into(), "intellectual_property".into()],
        confirm: true,
        deadline: moment(),
    })]
}

/// An invitation to a challenge.
pub fn solution_invited(words: &str) -> Message {
    Message::SolutionInvited {
        challenge_title: TITLE.into(),
        challenge_reference: REFERENCE.into(),
        agency: "Northern Dispatch".into(),
        solution_title: "Hearing distress".into(),
        words: words.into(),
        deadline: moment(),
        link: "/challenges/2026-0007".into(),
    }
}

fn about_consortia() -> Vec<Message> {
    let (title, reference) = (|| TITLE.to_owned(), || REFERENCE.to_owned());
    let link = || "/consortia/0199f3a0".to_owned();
    vec![
        Message::PartnerAsked(PartnerAsked {
            challenge_title: title(),
            challenge_reference: reference(),
            lead: "Calm Signal d.o.o.".into(),
            deadline: moment(),
            link: link(),
        }),
        Message::PartnerDeclined(PartnerDeclined {
            challenge_title: title(),
            challenge_reference: reference(),
            partner: "River Ear".into(),
            in_bid: true,
            link: link(),
        }),
        Message::TeamConsentAsked(TeamConsentAsked {
            challenge_title: title(),
            challenge_reference: reference(),
            company: "Calm Signal d.o.o.".into(),
            role: "Leads the tests with call takers".into(),
            deadline: moment(),
            link: "/team-consent?token=3q2-7wAAAAAA".into(),
        }),
    ]
}

fn about_questions() -> Vec<Message> {
    let (title, reference) = (|| TITLE.to_owned(), || REFERENCE.to_owned());
    let (question, link) = (|| "Who pays\nfor the line?".to_owned(), || "/challenges/2026-0007/questions".to_owned());
    vec![
        Message::QuestionAsked {
            challenge_title: title(),
            challenge_reference: reference(),
            question: question(),
            due_at: moment(),
            link: link(),
        },
        Message::QuestionDeclined {
            challenge_title: title(),
            question: question(),
            reason: "It is not about this challenge.".into(),
            link: link(),
        },
        Message::QuestionAnsweredBefore { challenge_title: title(), question: question(), number: 3, link: link() },
        Message::ExtensionProposed {
            challenge_title: title(),
            challenge_reference: reference(),
            started_at: "2026-11-23T10:40:12Z".parse().unwrap(),
            ended_at: "2026-11-23T12:02:51Z".parse().unwrap(),
            deadline: moment(),
            link: "/challenges/2026-0007/extension-proposals".into(),
        },
        Message::ClosingHeld { challenge_title: title(), challenge_reference: reference(), link: link() },
        Message::ConsultationClosed {
            challenge_title: title(),
            challenge_reference: reference(),
            closed_at: moment(),
            link: "/challenges/2026-0007".into(),
        },
    ]
}

fn about_milestones() -> Vec<Message> {
    let (title, milestone) = (|| TITLE.to_owned(), || "First 100 calls".to_owned());
    let link = || "/pilots/3#milestone-1".to_owned();
    vec![
        Message::MilestoneAccepted {
            challenge_title: title(),
            milestone_title: milestone(),
            accepted_at: moment(),
            link: link(),
        },
        Message::MilestoneDelivered { challenge_title: title(), milestone_title: milestone(), link: link() },
        Message::MilestoneRejected {
            challenge_title: title(),
            milestone_title: milestone(),
            reason: "Only 80 calls are in the report.".into(),
            link: link(),
        },
    ]
}
