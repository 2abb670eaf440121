//! People: what makes an acceptable e-mail address, name and password, and how they come in.

mod erasure;
mod lockout;
mod password;
mod profile;
mod second_factor;

pub use erasure::{ERASED_NAME, Ties, erase};
pub use lockout::{Attempts, CountedFor, FAILURES_DECAY, KNOWN_DEVICE_LIFETIME, KNOWN_DEVICES, LONGEST_BLOCK};
pub use password::{NO_PASSWORD, check_password};
pub use profile::{Language, Profile, ProfileChange};
pub use second_factor::{
    Code, RECOVERY_CODE_BYTES, RECOVERY_CODES, SECRET_BYTES, SecondFactor, TotpSecret, plain_recovery_code,
    recovery_code,
};

use crate::{Checks, Event, Refusal, Result, Subject, UserId};
use chrono::{DateTime, TimeDelta, Utc};

/// How long a link in a mail works.
pub const CONFIRMATION_LIFETIME: TimeDelta = TimeDelta::hours(48);

/// How long a link for another password works.
pub const PASSWORD_RESET_LIFETIME: TimeDelta = TimeDelta::hours(1);

/// For how long another e-mail address can be taken back by the owner of the old one.
pub const UNDO_LIFETIME: TimeDelta = TimeDelta::days(7);

/// The most sessions that one person has at a time; with one more the oldest ends.
pub const LIVE_SESSIONS: usize = 50;

/// How long the link for the first administrator works.
pub const ADMINISTRATOR_LINK_LIFETIME: TimeDelta = TimeDelta::hours(24);

/// An e-mail address, in lower case, so that one mailbox is one account. At most 254 characters (RFC 5321, 4.5.3.1).
#[derive(Debug, Clone, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
pub struct Email(String);

impl Email {
    /// Accepts what a mail server could plausibly deliver to; the confirmation mail decides.
    pub fn parse(address: &str) -> Result<Self> {
        let address = address.trim().to_lowercase();
        let sound = address.split_once('@').is_some_and(|(local, host)| {
            (1..=64).contains(&local.len())
                && local.chars().all(|c| c.is_ascii_alphanumeric() || "!#$%&'*+/=?^_`{|}~.-".contains(c))
                && !local.starts_with('.')
                && !local.ends_with('.')
                && !local.contains("..")
                && host.contains('.')
                && host.split('.').all(|label| {
                    (1..=63).contains(&label.len())
                        && label.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
                        && !label.starts_with('-')
                        && !label.ends_with('-')
                })
        });
        if sound && address.len() <= 254 {
            Ok(Self(address))
        } else {
            Err(Refusal::invalid("/email", "wrong_format", "not an e-mail address"))
        }
    }

    /// The address.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The address of somebody who was erased: nobody else's, and no mail reaches it (RFC 2606, 2).
    pub fn of_erased(user: UserId) -> Self {
        Self(format!("erased-{user}@{ERASED_HOST}"))
    }

    /// Whether this is the address of somebody who was erased.
    pub fn is_of_erased(&self) -> bool {
        self.0.ends_with(&format!("@{ERASED_HOST}"))
    }
}

/// The host in the addresses of those who were erased; nobody can register there.
const ERASED_HOST: &str = "erased.invalid";

/// Where somebody logs in, as the owner of the account sees it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Client {
    /// What the program says of itself (`User-Agent`), at most 200 characters.
    pub device: Option<String>,
    /// The network that the request came from: a /24, or a /64 of IPv6.
    pub network: Option<String>,
}

/// Whether an account may be used at all.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct AccountState {
    /// An administrator suspended it.
    pub suspended: bool,
    /// It was not used for long.
    pub deactivated: bool,
}

impl AccountState {
    /// Refuses to let the owner in. Say it only to whoever has proved to be the owner.
    pub fn require_active(self) -> Result<()> {
        match self {
            Self { suspended: true, .. } => Err(Refusal::AccountSuspended),
            Self { deactivated: true, .. } => Err(Refusal::AccountDeactivated),
            Self { suspended: false, deactivated: false } => Ok(()),
        }
    }
}

/// A person with an account: somebody who confirmed the address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// The person's id.
    pub id: UserId,
    /// Where mail goes, and the name used to log in.
    pub email: Email,
    /// The name shown to colleagues; 1 to 100 characters.
    pub name: String,
    /// argon2id hash in PHC string format.
    pub password_hash: String,
    /// Runs the platform.
    pub administrator: bool,
    /// When the account was made.
    pub created_at: DateTime<Utc>,
}

/// What a person typed to register, checked. It becomes an account when its own link is used: whoever registers
/// somebody else's address thus never chooses the password of an account that its owner registers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Registration {
    /// Where mail goes.
    pub email: Email,
    /// The name shown to colleagues.
    pub name: String,
    /// argon2id hash of the password, in PHC string format.
    pub password_hash: String,
    /// The version of the terms of use that was accepted along with it; zero if there were none.
    pub accepted_terms: i32,
}

impl User {
    /// The hash that a password is checked against; nothing if the account has no password.
    pub fn password(&self) -> Option<&str> {
        Some(self.password_hash.as_str()).filter(|hash| *hash != NO_PASSWORD)
    }

    /// The account of somebody who proved that the address is their own.
    pub fn create(id: UserId, registration: Registration, administrator: bool, now: DateTime<Utc>) -> (Self, Event) {
        let Registration { email, name, password_hash, .. } = registration;
        let name = name.trim().to_owned();
        let kind = if administrator { "user.administrator_created" } else { "user.registered" };
        let event = Event::confidential(kind, Subject::User(id), None);
        (Self { id, email, name, password_hash, administrator, created_at: now }, event)
    }
}

/// Checks what a person typed to register: address, name and password, all at once; see [`check_password`].
///
/// # Errors
/// Every wrong field.
pub fn check_registration(email: &str, name: &str, password: &str) -> Result<Email> {
    let mut checks = Checks::new();
    let address = checks.merge(Email::parse(email))?;
    check_name(&mut checks, name);
    password::note(&mut checks, password, &[name, email]);
    let usable = address.as_ref().is_none_or(|address| !address.is_of_erased());
    checks.require(usable, "/email", "not_allowed", "nobody can have this address");
    checks.done()?;
    address.ok_or_else(|| Refusal::invalid("/email", "wrong_format", "not an e-mail address"))
}

fn check_name(checks: &mut Checks, name: &str) {
    checks.text(name, 100, "/name");
    checks.require(!name.chars().any(char::is_control), "/name", "wrong_format", "must not hold control characters");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses() {
        for good in ["a@b.eu", " Ana.Kos@Example.SI ", "x+tag@sub.domain.example"] {
            assert!(Email::parse(good).is_ok(), "{good}");
        }
        assert_eq!(Email::parse(" Ana.Kos@Example.SI ").unwrap().as_str(), "ana.kos@example.si");
        let long = format!("a@{}.eu", "b".repeat(64));
        for bad in
            ["", "a", "a@b", "@b.eu", "a@-b.eu", "a b@c.eu", "a@b..eu", ".a@b.eu", "a\r\n@b.eu", "a@b.eu>", &long]
        {
            assert!(Email::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn the_address_of_the_erased_is_told_from_all_others() {
        let tombstone = Email::of_erased(UserId(uuid::Uuid::from_u128(7)));
        assert!(tombstone.is_of_erased() && !Email::parse("a@b.eu").unwrap().is_of_erased());
        assert_eq!(Email::parse(tombstone.as_str()).unwrap(), tombstone);
        assert!(check_registration(tombstone.as_str(), "Mallory", "seven quiet otters").is_err());
    }

    #[test]
    fn a_suspended_or_deactivated_account_is_not_used() {
        let state = |suspended, deactivated| AccountState { suspended, deactivated }.require_active();
        assert_eq!(state(false, false), Ok(()));
        assert_eq!(state(true, false), Err(Refusal::AccountSuspended));
        assert_eq!(state(true, true), Err(Refusal::AccountSuspended));
        assert_eq!(state(false, true), Err(Refusal::AccountDeactivated));
    }

    #[test]
    fn all_wrong_fields_are_listed_at_once() {
        let Err(Refusal::Invalid(errors)) = check_registration("nobody", " ", "short") else { panic!() };
        let seen: Vec<_> = errors.iter().map(|e| (e.pointer.as_str(), e.code)).collect();
        assert_eq!(seen, [("/email", "wrong_format"), ("/name", "required"), ("/password", "too_short")]);
    }

    #[test]
    fn a_password_is_not_the_address() {
        let refused = check_registration("somebody@example.eu", "Some Body", "Somebody@Example.eu");
        assert!(matches!(refused, Err(Refusal::Invalid(e)) if e[0].code == "too_weak"));
        assert!(check_registration("somebody@example.eu", "Some Body", "correct horse battery").is_ok());
    }
}
