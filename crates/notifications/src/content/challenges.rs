//! What happens to challenges after they were published.

use super::Content;
use crate::{
    facts::NewChallenge,
    news::News,
    text::{lines, time, title},
};
use chrono_tz::Tz;

/// Reason given to everybody who is told.
const WHY_TOLD: &str = "you follow this challenge, asked about it, downloaded from it, or belong to an organisation that \
                        made an offer.";

pub(super) fn key_asked_for((challenge, reference): (&str, &str), reason: &str, due: &str, link: &str) -> Content {
    Content {
        subject: format!("The key of your offer is needed: {challenge} ({reference})"),
        happened: format!(
            "The opening committee of “{challenge}” ({reference}) cannot open your organisation's offer. The agency asks for the \
             key of its envelope, and says why:"
        ),
        quote: lines(reason),
        next: format!(
            "Whoever keeps your recovery key can hand it in until {due}. What is still shut then cannot be considered. Never \
             send a key by mail."
        ),
        action: "See the challenge",
        link: link.into(),
        why: "you belong to an organisation that made an offer for this challenge.",
    }
}

pub(super) fn rehearsal(challenge: &str, reference: &str, deadline: Option<&str>, link: &str) -> Content {
    let why_now = match deadline {
        Some(deadline) => {
            format!("Bids can be handed in until {deadline}. Whoever lost a key should be known before.")
        }
        None => "The challenge can be published once every member of the committee has done so.".to_owned(),
    };
    Content {
        subject: format!("Rehearsal of the opening: {challenge} ({reference})"),
        happened: format!(
            "You are a member of the opening committee of “{challenge}” ({reference}). Please open your share of a test \
             envelope, in which there is nothing, to show that your key works."
        ),
        quote: Vec::new(),
        next: why_now,
        action: "See the challenge",
        link: link.into(),
        why: "you are a member of the opening committee of this challenge.",
    }
}

pub(super) fn news(challenge: &str, reference: &str, news: &News, zone: Tz, link: &str) -> Content {
    let it = format!("the challenge “{challenge}” ({reference})");
    let until = |deadline| format!("Bids can be handed in until {}.", time(deadline, zone));
    let (what, happened, quote, next) = match news {
        News::Addendum { title: about } => (
            "Addendum",
            format!("There is an addendum to {it}: {}.", title(about)),
            "",
            "Nothing else has changed.".into(),
        ),
        News::Changed { reason, sections, confirm, deadline } => {
            let sections = sections.join(", ").replace('_', " ");
            let happened = format!("The agency changed {it}. It concerns: {sections}. This is the reason:");
            ("Changed", happened, reason.as_str(), changed(*confirm, until(*deadline)))
        }
        News::ConfirmBid { deadline } => (
            "Confirm your offer",
            format!("The agency changed {it} after your organisation had made its offer."),
            "",
            format!("Confirm or replace the offer: until then it is marked as unconfirmed. {}", until(*deadline)),
        ),
        News::DocumentAdded { title: document } => (
            "Document",
            format!("There is a new document of {it}: {}.", title(document)),
            "",
            "Nothing else has changed.".into(),
        ),
        News::QuestionsAnswered { count, questions } => return answered(challenge, &it, *count, questions, link),
        News::AnswerCorrected { question, reason } => {
            let asked = title(question);
            let happened =
                format!("The agency corrected its answer to the question “{asked}” about {it}, for this reason:");
            ("Answer corrected", happened, reason.as_str(), "What it said before stays readable.".into())
        }
        News::Concluded => (
            "Concluded",
            format!("The agency concluded {it}, a market consultation, and tells everybody what it learned."),
            "",
            "Responses whose companies allowed it can be read as well.".into(),
        ),
        News::Suspended { reason } => {
            let next = "No offers are taken for now; those that were made stay. You get a mail when it goes on.";
            ("Suspended", format!("The agency suspended {it}, for this reason:"), reason.as_str(), next.into())
        }
        News::Resumed { reason, deadline } => {
            ("Going on", format!("The agency resumed {it}, for this reason:"), reason.as_str(), until(*deadline))
        }
        News::Cancelled { reason } => {
            let next = "No offers are taken any more, and none will be opened from now on.";
            ("Cancelled", format!("The agency cancelled {it}, for this reason:"), reason.as_str(), next.into())
        }
        News::ClosedWithoutAward { reason } => {
            let next = "The agency may try again with another challenge.";
            (
                "No award",
                format!("The agency ended {it} without an award, for this reason:"),
                reason.as_str(),
                next.into(),
            )
        }
    };
    Content {
        subject: format!("{what}: {challenge}"),
        happened,
        quote: if quote.is_empty() { Vec::new() } else { lines(quote) },
        next,
        action: "See the challenge",
        link: link.into(),
        why: WHY_TOLD,
    }
}

fn answered(challenge: &str, it: &str, count: usize, questions: &[String], link: &str) -> Content {
    let happened = match count {
        1 => format!("The agency answered a question about {it}:"),
        _ => format!("The agency answered {count} questions about {it}:"),
    };
    let more = count.saturating_sub(questions.len());
    let more = (more > 0).then(|| format!("and {more} more"));
    Content {
        subject: format!("Answered: {challenge}"),
        happened,
        quote: questions.iter().map(|question| title(question)).chain(more).collect(),
        next: "Everybody reads the same answers.".into(),
        action: "See the answers",
        link: format!("{link}/questions"),
        why: WHY_TOLD,
    }
}

pub(super) fn publication_failed(challenge: &str, reason: &str, link: &str) -> Content {
    Content {
        subject: format!("Not published: {challenge}"),
        happened: format!(
            "The challenge “{challenge}” could not be published at the time that was set, for this reason:"
        ),
        quote: lines(reason),
        next: "It stays approved. Publish it yourself, set another time, or ask for changes.".into(),
        action: "See the challenge",
        link: link.into(),
        why: "you are an officer of the agency.",
    }
}

fn changed(confirm: bool, until: String) -> String {
    let bidders =
        "If your organisation has made an offer, confirm or replace it: until then it is marked as unconfirmed.";
    if confirm { format!("{until} {bidders}") } else { until }
}

pub(super) fn search_alert(name: &str, found: &[NewChallenge], more: usize, zone: Tz, link: &str) -> Content {
    let line = |new: &NewChallenge| {
        let until = new.deadline.map(|at| format!("; offers until {}", time(at, zone))).unwrap_or_default();
        format!("{} ({}{until})", title(&new.title), title(&new.agency))
    };
    let happened = match found.len() + more {
        1 => format!("A challenge was published that your search “{name}” finds:"),
        count => format!("{count} challenges were published that your search “{name}” finds:"),
    };
    let rest = if more > 0 { format!("There are {more} more. ") } else { String::new() };
    Content {
        subject: format!("New for you: {name}"),
        happened,
        quote: found.iter().map(line).collect(),
        next: format!("{rest}The page of the search is also the place where you change or stop these mails."),
        action: "See the search",
        link: link.into(),
        why: "you keep this search and asked to be told what is new in it.",
    }
}
