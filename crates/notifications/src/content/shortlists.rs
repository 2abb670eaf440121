//! The first stage of two-stage challenges: unpriced solutions, and who is invited to bid.

use super::Content;
use crate::text::lines;

/// Reason given to everybody in the company that handed in a solution.
const WHY_CANDIDATE: &str = "you belong to an organisation that handed in a solution for this challenge.";

pub(super) fn received((challenge, reference): (&str, &str), version: i32, received_at: &str, link: &str) -> Content {
    Content {
        subject: format!("Solution received: {challenge} ({reference})"),
        happened: format!(
            "Version {version} of your organisation's solution for “{challenge}” ({reference}) was received on {received_at}."
        ),
        quote: Vec::new(),
        next: "The receipt is signed: keep it, and anybody can check it without an account. Nobody but your organisation can \
               see the solution before the opening. Until the deadline for solutions your organisation can replace or \
               withdraw it."
            .into(),
        action: "See the receipt",
        link: link.into(),
        why: WHY_CANDIDATE,
    }
}

pub(super) fn closed((challenge, reference): (&str, &str), link: &str) -> Content {
    Content {
        subject: format!("Closed for solutions: {challenge} ({reference})"),
        happened: format!("The deadline for solutions of “{challenge}” ({reference}) has passed."),
        quote: Vec::new(),
        next: "Nobody can see the solutions until the opening committee opens them. Then decide who is invited to bid: those \
               invited need time until the deadline for offers."
            .into(),
        action: "Prepare the opening",
        link: link.into(),
        why: "you are an officer of the agency that published this challenge.",
    }
}

pub(super) fn invited((challenge, reference): (&str, &str), reason: &str, deadline: &str, link: &str) -> Content {
    Content {
        subject: format!("You are invited to bid: {challenge} ({reference})"),
        happened: format!(
            "The agency has read your organisation's solution for “{challenge}” ({reference}) and put it on the shortlist. These \
             are its reasons:"
        ),
        quote: lines(reason),
        next: format!("Your organisation can hand in an offer with its price until {deadline}."),
        action: "See the challenge",
        link: link.into(),
        why: WHY_CANDIDATE,
    }
}

pub(super) fn not_invited((challenge, reference): (&str, &str), reason: &str, link: &str) -> Content {
    Content {
        subject: format!("Your solution is not on the shortlist: {challenge} ({reference})"),
        happened: format!(
            "The agency has read your organisation's solution for “{challenge}” ({reference}) and does not invite your \
             organisation to bid. These are its reasons:"
        ),
        quote: lines(reason),
        next: "Your solution stays with the agency and is shown to nobody else. Your organisation can turn to the agency's \
               contacts with questions, or object."
            .into(),
        action: "See the challenge",
        link: link.into(),
        why: WHY_CANDIDATE,
    }
}
