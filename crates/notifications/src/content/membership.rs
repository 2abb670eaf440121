//! Coming into an organisation, standing in for a colleague, and what ends by itself.

use super::Content;
use crate::text::{lines, single_line, title};

/// Reason given to the owners of an organisation.
const WHY_OWNER: &str = "you are an owner of this organisation.";
/// Reason given to people about their own account.
const WHY_ACCOUNT: &str = "you have an account at Provoco.";

pub(super) fn invitation(
    organisation: &str,
    invited_by: &str,
    roles: &[String],
    words: &str,
    expires_at: &str,
    link: &str,
) -> Content {
    let roles = if roles.is_empty() { "without a role".into() } else { format!("as {}", list(roles)) };
    Content {
        subject: format!("Invitation to {organisation}"),
        happened: format!("{invited_by} invites you to join {organisation} at Provoco, {roles}."),
        quote: lines(words),
        next: format!(
            "Accept or decline until {}. You need no account: you can make one on the way. The link is for you alone; \
             do not pass it on.",
            expires_at
        ),
        action: "Answer the invitation",
        link: link.into(),
        why: "an owner of this organisation gave this address.",
    }
}

pub(super) fn role_delegated(
    organisation: &str,
    role: &str,
    (from, to): (&str, &str),
    (starts_at, ends_at): (&str, &str),
    reason: &str,
    link: &str,
) -> Content {
    let role = single_line(role).replace('_', " ");
    Content {
        subject: format!("{to} stands in for {from}"),
        happened: format!(
            "{to} acts as {role} of {organisation} in the place of {from}, from {} until {}:",
            starts_at, ends_at
        ),
        quote: lines(reason),
        next:
            "It ends by itself. Either of the two, or an owner, can end it sooner. What is done meanwhile is recorded \
               with both names."
                .into(),
        action: "See the organisation",
        link: link.into(),
        why: "you stand in for a colleague, or you are an owner of this organisation.",
    }
}

pub(super) fn certification_due(organisation: &str, names: &[String], until: &str, link: &str) -> Content {
    Content {
        subject: format!("Do these people still belong to {organisation}?"),
        happened: format!("These members of {organisation} lose their access on {}, or soon after:", until),
        quote: names.iter().map(|name| title(name)).collect(),
        next:
            "Vouch for those who still belong to the organisation, and remove the others. Whoever lost access can be \
               let in again by an owner."
                .into(),
        action: "See the members",
        link: link.into(),
        why: WHY_OWNER,
    }
}

pub(super) fn owner_uncertified(organisation: &str, name: &str, until: &str, link: &str) -> Content {
    Content {
        subject: format!("Nobody vouches for the owner of {organisation}"),
        happened: format!(
            "{name} is the last owner of {organisation}. The certification ended on {}, and nobody has renewed it.",
            until
        ),
        quote: Vec::new(),
        next:
            "The owner keeps the access, since the organisation would be without one. Call the organisation, and ask \
               whether the person still works there. This mail comes again every week."
                .into(),
        action: "See the organisation",
        link: link.into(),
        why: "you administer this installation.",
    }
}

pub(super) fn inactivity_warning(deactivated_at: &str, link: &str) -> Content {
    Content {
        subject: "Your account will be deactivated".into(),
        happened: format!(
            "You have not logged in for a long time. Your account will be deactivated on {}.",
            deactivated_at
        ),
        quote: Vec::new(),
        next: "Log in once, and everything stays as it is.".into(),
        action: "Log in",
        link: link.into(),
        why: WHY_ACCOUNT,
    }
}

pub(super) fn account_deactivated(link: &str) -> Content {
    Content {
        subject: "Your account was deactivated".into(),
        happened:
            "You have not logged in for a long time, so your account was deactivated. What you did stays on record."
                .into(),
        quote: Vec::new(),
        next: "To come back, set a new password.".into(),
        action: "Set a new password",
        link: link.into(),
        why: WHY_ACCOUNT,
    }
}

/// Names of roles as people read them: `author, pilot manager`.
fn list(roles: &[String]) -> String {
    roles.iter().map(|role| single_line(role).replace('_', " ")).collect::<Vec<_>>().join(", ")
}
