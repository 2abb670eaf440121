//! Documents that organisations keep up to date.

use chrono::NaiveDate;

use super::Content;
use super::standing::WHY_OWNER;

pub(super) fn document_expires(organisation: &str, document: &str, expires_on: NaiveDate, link: &str) -> Content {
    let day = expires_on.format("%-d %B %Y");
    Content {
        subject: format!("Expires on {day}: {document}"),
        happened: format!("The document “{document}” of {organisation} is good until {day}."),
        quote: Vec::new(),
        next: "Add its successor to the profile and remove this one. From the next day on it is marked as expired."
            .into(),
        action: "See the organisation",
        link: link.into(),
        why: WHY_OWNER,
    }
}

pub(super) fn file_infected(name: &str, signature: &str, link: &str) -> Content {
    Content {
        subject: format!("Infected: {name}"),
        happened: format!("The virus scanner of this installation found “{signature}” in the file “{name}”."),
        quote: Vec::new(),
        next:
            "Nobody can download it any more, and a challenge with it is neither reviewed nor published. Look at the \
               machine it comes from, and replace it by a clean file."
                .into(),
        action: "See where it is",
        link: link.into(),
        why: "you added this file, or you own the organisation that keeps it.",
    }
}
