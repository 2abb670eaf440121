//! Questions about challenges: to those who answer, and to those who asked.

use super::Content;
use crate::text::lines;

/// Reason given to those who answer.
const WHY_ANSWERS: &str = "you are an author or officer of the agency that published this challenge.";
/// Reason given to officers.
const WHY_OFFICER: &str = "you are an officer of the agency that published this challenge.";
/// Reason given to everybody who bids for the company that asked.
const WHY_ASKED: &str = "your organisation asked this question.";

pub(super) fn asked((challenge, reference): (&str, &str), question: &str, due_at: &str, link: &str) -> Content {
    Content {
        subject: format!("Question: {challenge} ({reference})"),
        happened: format!("Somebody asks about “{challenge}” ({reference}):"),
        quote: lines(question),
        next: format!(
            "The answer is due before {due_at}. Who asks is not told to anybody. Leave out of the published question \
             whatever gives it away."
        ),
        action: "See the questions",
        link: link.into(),
        why: WHY_ANSWERS,
    }
}

pub(super) fn declined(challenge: &str, question: &str, reason: &str, link: &str) -> Content {
    Content {
        subject: format!("Not answered: {challenge}"),
        happened: format!("The agency does not answer your organisation's question “{question}” about “{challenge}”:"),
        quote: lines(reason),
        next: "Nobody else is told of the question. Your organisation can ask another one while questions are taken."
            .into(),
        action: "See the questions",
        link: link.into(),
        why: WHY_ASKED,
    }
}

pub(super) fn answered_before(challenge: &str, question: &str, number: i32, link: &str) -> Content {
    Content {
        subject: format!("Answered: {challenge}"),
        happened: format!("Your organisation asked about “{challenge}”:"),
        quote: lines(question),
        next: format!("The answer to question {number}, which everybody can read, answers this one too."),
        action: "See the answers",
        link: link.into(),
        why: WHY_ASKED,
    }
}

pub(super) fn closing_held(challenge: &str, reference: &str, link: &str) -> Content {
    Content {
        subject: format!("Answers are late: {challenge} ({reference})"),
        happened: format!(
            "The deadline of “{challenge}” ({reference}) has passed, and questions about it are not answered. It is not \
             closed until they are."
        ),
        quote: Vec::new(),
        next: "Offers are not taken any more all the same. Answer, merge or decline the questions, or close the challenge \
               and say to everybody why they were not answered."
            .into(),
        action: "See the questions",
        link: link.into(),
        why: WHY_OFFICER,
    }
}

pub(super) fn consultation_closed(challenge: &str, reference: &str, closed_at: &str, link: &str) -> Content {
    Content {
        subject: format!("Closed for responses: {challenge} ({reference})"),
        happened: format!(
            "The market consultation “{challenge}” ({reference}) was closed on {closed_at}: its deadline has passed."
        ),
        quote: Vec::new(),
        next: "The responses can be read now. Conclude the consultation with a summary of what was learned.".into(),
        action: "Read the responses",
        link: link.into(),
        why: WHY_OFFICER,
    }
}
