//! Times in which the service could not be used.

use super::Content;

/// To officers: since when, until when, and the deadline.
pub(super) fn proposed(
    (challenge, reference): (&str, &str),
    [started_at, ended_at, deadline]: [String; 3],
    link: &str,
) -> Content {
    Content {
        subject: format!("More time for bidders? {challenge}"),
        happened: format!(
            "This service could not be used from {started_at} until {ended_at}. That took time from bidders on the challenge \
             “{challenge}” ({reference}), whose deadline is {deadline}."
        ),
        quote: Vec::new(),
        next: "Give them more time with one step, or say why not; everybody reads the reason. If the deadline has passed, \
               offers are taken again, as long as nothing was opened. Nothing can be opened before you have decided."
            .into(),
        action: "See the proposal",
        link: link.into(),
        why: "you are an officer of the agency.",
    }
}
