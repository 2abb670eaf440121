//! How people come in, and what changed about it.

use super::Content;
use crate::facts::SecurityChange;
use crate::text::title;

/// Reason given to people about their own account.
const WHY_ACCOUNT: &str = "it is about your account at Provoco.";

fn content(subject: &str, happened: String, next: &str, action: &'static str, link: &str) -> Content {
    let (subject, next, link) = (subject.into(), next.into(), link.into());
    Content { subject, happened, quote: Vec::new(), next, action, link, why: WHY_ACCOUNT }
}

pub(super) fn account_exists(link: &str) -> Content {
    content(
        "You have an account already",
        "Somebody, most likely you, wants to use this address at Provoco, where it has an account already.".into(),
        "Log in with it. If you forgot the password, you can choose another one. If it was not you, do nothing: whoever \
         it was did not learn that there is an account.",
        "Choose another password",
        link,
    )
}

pub(super) fn reset_password(link: &str) -> Content {
    content(
        "Choose another password",
        "Another password was asked for, for your account at Provoco.".into(),
        "The link works once, within an hour. If you did not ask for it, do nothing: your password stays as it is.",
        "Choose another password",
        link,
    )
}

pub(super) fn confirm_email_change(link: &str) -> Content {
    content(
        "Confirm your new e-mail address",
        "This address shall become that of an account at Provoco.".into(),
        "Confirm that the address is yours; from then on you log in with it. The link works once, within 48 hours. If you \
         know nothing of it, do nothing: the account keeps its old address.",
        "Confirm this address",
        link,
    )
}

pub(super) fn email_changed(until: &str, link: &str) -> Content {
    content(
        "Your account has another e-mail address",
        "Your account at Provoco has another e-mail address from now on; mails do not come here any more.".into(),
        &format!(
            "If it was not you, take it back: this address holds again, everybody is logged out, and you choose another \
             password. That is possible until {until}."
        ),
        "Take it back",
        link,
    )
}

pub(super) fn notice(change: &SecurityChange, at: &str, link: &str) -> Content {
    let (subject, happened) = said(change);
    content(
        &subject,
        format!("{happened} It was on {at}."),
        "If it was you, there is nothing to do. If not, choose another password at once: that logs everybody out.",
        "It was not me",
        link,
    )
}

/// Subject and sentence.
fn said(change: &SecurityChange) -> (String, String) {
    use SecurityChange as S;
    let (subject, happened) = match change {
        S::PasswordReset => (
            "Your password was replaced",
            "The password of your account was replaced by a link from this mailbox. All sessions ended.",
        ),
        S::PasswordChanged => {
            ("Your password was changed", "The password of your account was changed. All other sessions ended.")
        }
        S::OneTimeCodesEnabled => (
            "One-time codes are on",
            "From now on, logging in takes a one-time code beside your password. Keep the recovery codes in a safe place.",
        ),
        S::OneTimeCodesDisabled => ("One-time codes are off", "From now on, logging in takes your password only."),
        S::RecoveryCodesReplaced => (
            "You have new recovery codes",
            "The recovery codes of your account were replaced; the old ones do not work any more.",
        ),
        S::RecoveryCodeUsed { left } => {
            return (
                "A recovery code was used".into(),
                format!("A recovery code was used in the place of a one-time code; {left} are left."),
            );
        }
        S::IdentityLinked { provider } => {
            let provider = title(provider);
            return (
                format!("You can now log in through {provider}"),
                format!("{provider} vouched for your e-mail address; your account there is linked to the one here."),
            );
        }
        S::NewDevice { device, network } => {
            let happened = "Somebody logged in to your account from a device and a network that were not seen before";
            return (
                "A log-in from a new device".into(),
                format!("{happened}: “{}”, {}.", title(device), title(network)),
            );
        }
    };
    (subject.into(), happened.into())
}
