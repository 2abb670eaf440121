//! What organisations that bid together hear of each other.

use super::Content;

pub(super) fn asked((challenge, reference): (&str, &str), lead: &str, deadline: &str, link: &str) -> Content {
    Content {
        subject: format!("Bid together? {challenge} ({reference})"),
        happened: format!(
            "{lead} would like to hand in an offer together with your organisation for the challenge “{challenge}” \
             ({reference}), and asks you to confirm. If you have confirmed before, something has changed since."
        ),
        quote: Vec::new(),
        next: format!(
            "Look at who takes part and what your organisation would do, and confirm or decline until {deadline}. Until \
             then you can take a confirmation back. Nobody but those who were asked learns of it before the offers are \
             opened."
        ),
        action: "See the consortium",
        link: link.into(),
        why: "you bid for your organisation, or own it.",
    }
}

pub(super) fn declined((challenge, reference): (&str, &str), partner: &str, in_bid: bool, link: &str) -> Content {
    let next = if in_bid {
        "The offer that you handed in names this partner. It stays and counts, and those who open it will see that the \
         partner took its confirmation back, unless you replace or withdraw the offer before the deadline."
    } else {
        "An offer can name the consortium once all partners have confirmed. Take this partner out, or change its part to \
         ask again."
    };
    Content {
        subject: format!("{partner} does not take part: {challenge} ({reference})"),
        happened: format!(
            "{partner} declined to take part in your consortium for the challenge “{challenge}” ({reference}), or took \
             its confirmation back."
        ),
        quote: Vec::new(),
        next: next.to_owned(),
        action: "See the consortium",
        link: link.into(),
        why: "you bid for your organisation.",
    }
}
