//! What people hear who would be named in an offer.

use super::Content;

pub(super) fn asked(
    (challenge, reference): (&str, &str),
    company: &str,
    role: &str,
    deadline: &str,
    link: &str,
) -> Content {
    Content {
        subject: format!("May {company} name you in an offer? {challenge} ({reference})"),
        happened: format!(
            "{company} prepares an offer for the challenge “{challenge}” ({reference}), and would like to name you in its team, \
             as: {role}."
        ),
        quote: Vec::new(),
        next: format!(
            "Say whether you agree, until {deadline}. Until then you can change your mind with the same link; what you say later is \
             noted beside the offer. You need no account. Your name, this role and what you say are shown to the agency when \
             the offers are opened, and to nobody before. If the company hands in no offer, all of it is deleted. If you do \
             nothing, you have not agreed."
        ),
        action: "Answer",
        link: link.into(),
        why: "this company gave your address to ask you.",
    }
}
