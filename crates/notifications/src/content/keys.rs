//! Keys with which programs act in the place of people.

use super::Content;
use crate::text::single_line;

/// Reason given to whoever made a key, and to owners.
const WHY: &str = "you made this key, or you are an owner of this organisation.";

pub(super) fn created(
    (organisation, creator): (&str, &str),
    (name, prefix): (&str, &str),
    scopes: &[String],
    expires_at: &str,
    link: &str,
) -> Content {
    let scopes = scopes.iter().map(|scope| single_line(scope)).collect::<Vec<_>>().join(", ");
    Content {
        subject: format!("New API key of {organisation}"),
        happened: format!(
            "{creator} made the API key “{name}” ({prefix}…) for {organisation}. Until {expires_at} a program that has \
             it can act in the place of {creator}, within these scopes: {scopes}."
        ),
        quote: Vec::new(),
        next: "If nobody should have done this, revoke the key now: any owner can.".into(),
        action: "See the organisation",
        link: link.into(),
        why: WHY,
    }
}

pub(super) fn rotated(
    (organisation, creator): (&str, &str),
    (name, prefix): (&str, &str),
    (previous_until, expires_at): (&str, &str),
    link: &str,
) -> Content {
    Content {
        subject: format!("API key of {organisation} renewed"),
        happened: format!(
            "{creator} gave the API key “{name}” ({prefix}…) of {organisation} a new secret, which works until \
             {expires_at}. The old one works until {previous_until}."
        ),
        quote: Vec::new(),
        next: "If nobody should have done this, revoke the key now: any owner can.".into(),
        action: "See the organisation",
        link: link.into(),
        why: WHY,
    }
}

pub(super) fn expires(organisation: &str, (name, prefix): (&str, &str), expires_at: &str, link: &str) -> Content {
    Content {
        subject: format!("An API key of {organisation} will expire"),
        happened: format!(
            "Your API key “{name}” ({prefix}…) for {organisation} does not work any more after {expires_at}."
        ),
        quote: Vec::new(),
        next:
            "If a program still uses it, rotate the key and give the program the new secret; the old one can work on \
               for up to a week."
                .into(),
        action: "See the organisation",
        link: link.into(),
        why: "you made this key.",
    }
}
