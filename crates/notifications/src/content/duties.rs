//! What an organisation owes: before it is due, when it is, and afterwards.

use super::Content;
use crate::duty::{DutyKind, DutyMoment};

pub(super) fn reminder(duty: DutyKind, moment: DutyMoment, challenge: &str, due_at: &str, link: &str) -> Content {
    let (task, action) = match duty {
        DutyKind::ReviewChallenge => (format!("The review of the challenge “{challenge}”"), "Review the challenge"),
        DutyKind::AnswerQuestion => (format!("The answer to a question on “{challenge}”"), "See the questions"),
        DutyKind::DecideExtension => {
            (format!("The decision on more time for bidders on “{challenge}”"), "See the proposal")
        }
    };
    let (state, next) = match moment {
        DutyMoment::Before => (format!("is due before {due_at}"), "Somebody waits for it."),
        DutyMoment::Due => (
            format!("was due before {due_at} and is late now"),
            "Somebody waits for it. The owners of your organisation were told as well.",
        ),
        DutyMoment::After => (
            format!("was due before {due_at} and is still to be done"),
            "Somebody waits for it. There are no more reminders.",
        ),
        DutyMoment::Escalated => (
            format!("was due before {due_at} and is late now"),
            "Those in your organisation whose task it is were told as well. What was late counts in its public figures.",
        ),
    };
    let subject = match moment {
        DutyMoment::Before => "Due soon",
        DutyMoment::Due | DutyMoment::After | DutyMoment::Escalated => "Overdue",
    };
    Content {
        subject: format!("{subject}: {challenge}"),
        happened: format!("{task} {state}."),
        quote: Vec::new(),
        next: next.into(),
        action,
        link: link.into(),
        why: match moment {
            DutyMoment::Escalated => "you are an owner of this organisation.",
            _ => "you belong to those in this organisation whose task this is.",
        },
    }
}
