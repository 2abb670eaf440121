//! What administrators decide about people and organisations.

use super::Content;
use crate::text::lines;

/// Reason given to people about their own account.
const WHY_ACCOUNT: &str = "you have an account at Provoco.";
/// Reason given to the owners of an organisation.
pub(super) const WHY_OWNER: &str = "you are an owner of this organisation.";

pub(super) fn account_suspended(reason: &str, link: &str) -> Content {
    Content {
        subject: "Your account is suspended".into(),
        happened: "An administrator suspended your account, for this reason:".into(),
        quote: lines(reason),
        next:
            "You are logged out everywhere and cannot log in. What you did stays on record. If you think that this is \
               wrong, answer to the administrators of this installation."
                .into(),
        action: "Go to Provoco",
        link: link.into(),
        why: WHY_ACCOUNT,
    }
}

pub(super) fn account_reinstated(reason: &str, link: &str) -> Content {
    Content {
        subject: "Your account works again".into(),
        happened: "An administrator lifted the suspension of your account, for this reason:".into(),
        quote: lines(reason),
        next: "You can log in again; your roles are those that you have now in your organisations.".into(),
        action: "Go to Provoco",
        link: link.into(),
        why: WHY_ACCOUNT,
    }
}

pub(super) fn organisation_suspended(organisation: &str, reason: &str, link: &str) -> Content {
    Content {
        subject: format!("Suspended: {organisation}"),
        happened: format!("An administrator suspended {organisation}, for this reason:"),
        quote: lines(reason),
        next:
            "Its members can still read what they could, but nobody can act for it. If you think that this is wrong, \
               answer to the administrators of this installation."
                .into(),
        action: "See the organisation",
        link: link.into(),
        why: WHY_OWNER,
    }
}

pub(super) fn organisation_reinstated(organisation: &str, reason: &str, link: &str) -> Content {
    Content {
        subject: format!("Not suspended any more: {organisation}"),
        happened: format!("An administrator lifted the suspension of {organisation}, for this reason:"),
        quote: lines(reason),
        next: "Its members can act for it again.".into(),
        action: "See the organisation",
        link: link.into(),
        why: WHY_OWNER,
    }
}
