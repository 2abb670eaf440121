//! People who sign in through an OpenID provider (OpenID Connect Core 1.0) instead of with a password.

use crate::{
    Actor, Event, IdentityId, OrganisationId, Refusal, Result, Subject, UserId,
    account::{Email, NO_PASSWORD, Registration},
};
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;

/// How long a person may take at the provider.
pub const SIGN_IN_LIFETIME: TimeDelta = TimeDelta::minutes(10);

/// How long the code that ends a sign-in can be exchanged for a session (RFC 6749, 4.1.2 asks for at most ten minutes).
pub const CODE_LIFETIME: TimeDelta = TimeDelta::minutes(2);

/// An account at a provider that belongs to a person. Issuer and subject together never pass to somebody else
/// (OpenID Connect Core 1.0, 2), while mail addresses do; so they alone say whose it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// Its id.
    pub id: IdentityId,
    /// Whose it is.
    pub user: UserId,
    /// The provider, by its name in the configuration.
    pub provider: String,
    /// The provider, by its issuer identifier, a URL.
    pub issuer: String,
    /// The account there; at most 255 characters.
    pub subject: String,
    /// Since when.
    pub linked_at: DateTime<Utc>,
    /// When it was last used to sign in.
    pub last_used_at: DateTime<Utc>,
}

/// What a provider says of the person who signed in there; its signature is checked already.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Claims {
    /// The provider.
    pub issuer: String,
    /// The account there.
    pub subject: String,
    /// The address, as the provider has it.
    pub email: Option<String>,
    /// Whether the provider made sure that the address is the person's own.
    pub email_verified: bool,
    /// The person's name.
    pub name: Option<String>,
}

impl Claims {
    /// The address, if the provider verified it and may speak for its domain (one of `domains`, in lower case, without
    /// those below them). Needed to find or make an account; an account that is linked already needs no address.
    pub fn vouched_email(&self, domains: &[String]) -> Result<Email> {
        let refused = Refusal::IdentityRefused;
        let email = self.email.as_deref().ok_or(refused("it does not tell your e-mail address"))?;
        let email = Email::parse(email).map_err(|_| refused("it does not tell a usable e-mail address"))?;
        if !self.email_verified {
            return Err(refused("it has not verified your e-mail address"));
        }
        let domain = email.as_str().rsplit('@').next().unwrap_or_default();
        if !domains.iter().any(|allowed| allowed == domain) {
            return Err(refused("it may not speak for the domain of your e-mail address"));
        }
        Ok(email)
    }

    /// The account of somebody who signs in for the first time: without a password, and with the terms of use still to be
    /// accepted.
    pub fn registration(&self, email: Email) -> Registration {
        let told: String =
            self.name.iter().flat_map(|name| name.chars()).filter(|c| !c.is_control()).take(100).collect();
        let local = email.as_str().split('@').next().unwrap_or_default();
        let name = if told.trim().is_empty() { local.to_owned() } else { told };
        Registration { email, name, password_hash: NO_PASSWORD.to_owned(), accepted_terms: 0 }
    }
}

impl Identity {
    /// Links the account that signed in to a person.
    pub fn link(
        id: IdentityId,
        user: UserId,
        provider: &str,
        organisation: Option<OrganisationId>,
        claims: &Claims,
        now: DateTime<Utc>,
    ) -> (Self, Event) {
        let identity = Self {
            id,
            user,
            provider: provider.to_owned(),
            issuer: claims.issuer.clone(),
            subject: claims.subject.clone(),
            linked_at: now,
            last_used_at: now,
        };
        let event = Event::confidential("user.oidc_linked", Subject::User(user), organisation);
        (identity, event.with(json!({ "provider": provider })))
    }

    /// A person gives up one of their own. Signing in through the provider again links it again.
    pub fn unlink(&self, actor: &Actor) -> Result<Event> {
        if self.user != actor.user {
            return Err(Refusal::NotFound("identity"));
        }
        let event = Event::confidential("user.oidc_unlinked", Subject::User(self.user), None);
        Ok(event.with(json!({ "provider": self.provider })))
    }
}

/// Checks where a browser is sent after signing in: a plain path on this installation, at most 500 characters. Anything
/// else would make the sign-in a way to send people to a foreign site (RFC 9700, 4.11).
pub fn check_redirect_path(path: &str) -> Result<()> {
    let plain = |c: char| c.is_ascii_alphanumeric() || "/-._~".contains(c);
    let sound = path.starts_with('/') && !path.contains("//") && path.chars().all(plain) && path.len() <= 500;
    if sound {
        Ok(())
    } else {
        Err(Refusal::invalid("/redirectPath", "wrong_format", "must be a path such as /challenges"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn claims(email: &str, email_verified: bool) -> Claims {
        Claims { email: Some(email.to_owned()), email_verified, ..Claims::default() }
    }

    #[test]
    fn only_a_verified_address_in_an_allowed_domain_is_vouched_for() {
        let domains = ["city.example".to_owned()];
        assert_eq!(claims("Ana@City.Example", true).vouched_email(&domains).unwrap().as_str(), "ana@city.example");
        let refused = [
            claims("ana@city.example", false),
            claims("ana@other.example", true),
            claims("ana@sub.city.example", true),
            claims("ana@notcity.example", true),
            claims("ana@city.example@other.example", true),
            claims("ana", true),
            Claims { email_verified: true, ..Claims::default() },
        ];
        for claims in refused {
            let answer = claims.vouched_email(&domains);
            assert!(matches!(answer, Err(Refusal::IdentityRefused(_))), "{claims:?}: {answer:?}");
        }
        assert!(claims("ana@city.example", true).vouched_email(&[]).is_err());
    }

    #[test]
    fn who_has_no_usable_name_is_called_by_the_address() {
        let email = Email::parse("ana.kos@city.example").unwrap();
        let named = |name: Option<&str>| {
            let claims = Claims { name: name.map(ToOwned::to_owned), ..Claims::default() };
            claims.registration(email.clone()).name
        };
        assert_eq!(named(Some("Ana Kos")), "Ana Kos");
        assert_eq!(named(Some("Ana\r\nKos")), "AnaKos");
        assert_eq!(named(Some(&"x".repeat(101))).len(), 100);
        for nothing in [None, Some(" "), Some("\u{7}")] {
            assert_eq!(named(nothing), "ana.kos");
        }
    }

    #[test]
    fn a_browser_is_sent_to_a_path_of_this_installation_only() {
        for good in ["/", "/challenges", "/a/b-c_d.e~f"] {
            assert!(check_redirect_path(good).is_ok(), "{good}");
        }
        let long = format!("/{}", "a".repeat(500));
        for bad in [
            "",
            "a",
            "//evil.example",
            "/\\evil.example",
            "https://evil.example",
            "/a?b",
            "/a#b",
            "/a b",
            "/a\n",
            "/a//b",
            "/%2f",
            &long,
        ] {
            assert!(check_redirect_path(bad).is_err(), "{bad}");
        }
    }
}
