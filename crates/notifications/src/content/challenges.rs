//! What happens to challenges after they were published.

use super::Content;
use crate::{
    message::{NewChallenge, News},
    text::{lines, time, title},
};
use chrono_tz::Tz;

/// Reason given to everybody who is told.
const WHY_TOLD: &str = "you follow this challenge, asked about it, downloaded from it, or belong to an organisation that \
                        made an offer.";

pub(super) fn news(challenge: &str, reference: &str, news: &News, zone: Tz, link: &str) -> Content {
    let it = format!("the challenge “{challenge}” ({reference})");
    let until = |deadline| format!("Offers can be handed in until {}.", time(deadline, zone));
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
        News::QuestionAnswered { question } => {
            let happened = format!("The agency answered a question about {it}:");
            ("Answered", happened, question.as_str(), "Everybody reads the same answer.".into())
        }
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
