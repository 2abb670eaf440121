//! What companies hear of their solutions in the catalogue.

use super::Content;
use crate::text::lines;

pub(super) fn invited(
    (challenge, reference): (&str, &str),
    agency: &str,
    solution: &str,
    words: &str,
    deadline: &str,
    link: &str,
) -> Content {
    Content {
        subject: format!("Invitation: {challenge} ({reference})"),
        happened: format!(
            "{agency} saw your organisation's solution “{solution}” and invites you to look at the challenge “{challenge}” \
             ({reference}):"
        ),
        quote: lines(words),
        next: format!(
            "Bids can be handed in until {deadline}. The challenge is open to everybody, and the invitation is no \
             advantage. Accept it to be told what happens to the challenge, or decline and say why; nobody but the agency \
             learns of either. If your organisation hands in no offer in the end, it can say why on the page of the challenge, until \
             two weeks after the deadline: the agency learns how often each reason was given, and not by whom."
        ),
        action: "See the challenge",
        link: link.into(),
        why: "your organisation has a solution in the catalogue.",
    }
}
