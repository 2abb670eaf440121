//! Keys with which programs act in the place of the person who made them, in one organisation.

mod draft;
mod token;

pub use draft::{
    DEFAULT_DAYS, DEFAULT_OVERLAP_HOURS, LONGEST_DAYS, LONGEST_OVERLAP_HOURS, MOST_NETWORKS, NewApiKey, Rotation,
};
pub use token::{NAME_LENGTH, PREFIX, Presented, SECRET_LENGTH, Token, name};

use crate::{
    Actor, ApiKeyId, Checks, Event, Membership, Organisation, OrganisationId, Refusal, Result, Role, Subject, UserId,
};
use chrono::{DateTime, TimeDelta, Utc};
use ipnet::IpNet;
use serde_json::{Value, json};
use std::{
    collections::{BTreeMap, BTreeSet},
    net::IpAddr,
};

/// The most keys of one organisation that are neither revoked nor expired.
pub const MOST_KEYS: usize = 50;

/// How long before its end whoever made a key is told of it.
pub const EXPIRY_NOTICE: TimeDelta = TimeDelta::days(14);

/// How long a key is remembered after it expired, so that what it did can still be told apart.
pub const REMEMBERED: TimeDelta = TimeDelta::days(366);

/// A key of an organisation. It has the rights that its creator has there at the moment of use, cut by its scopes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiKey {
    /// Its id.
    pub id: ApiKeyId,
    /// The only organisation in which it can be used.
    pub organisation: OrganisationId,
    /// The person in whose place it acts.
    pub creator: UserId,
    /// What it is for, in the words of its creator; 1 to 100 characters.
    pub name: String,
    /// The [`NAME_LENGTH`] characters that name it in the key itself; no secret.
    pub token_name: String,
    /// What is stored of the key.
    pub hash: String,
    /// The key that was in use before the last rotation, while it still works.
    pub previous: Option<Previous>,
    /// What it may be used for: `<group of operations>:read` or `:write`.
    pub scopes: BTreeSet<String>,
    /// Where it may be used; nowhere named means everywhere.
    pub networks: Vec<IpNet>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// From when on it does not work any more.
    pub expires_at: DateTime<Utc>,
    /// When it was revoked.
    pub revoked_at: Option<DateTime<Utc>>,
    /// When it was last used, give or take a minute, and from which network.
    pub last_use: Option<(DateTime<Utc>, String)>,
    /// When its creator was told that it will expire, or that was not necessary.
    pub expiry_announced_at: Option<DateTime<Utc>>,
}

/// A key that was replaced.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Previous {
    /// What is stored of it.
    pub hash: String,
    /// From when on it does not work any more.
    pub until: DateTime<Utc>,
}

/// Whether a key can be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ApiKeyStatus {
    /// It can.
    Active,
    /// Its creator has no access to the organisation at present, or left it and came back.
    Dormant,
    /// Its time is over.
    Expired,
    /// Somebody put an end to it.
    Revoked,
}

impl ApiKeyStatus {
    /// Every status.
    pub const ALL: [Self; 4] = [Self::Active, Self::Dormant, Self::Expired, Self::Revoked];

    /// The name of the status in the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Dormant => "dormant",
            Self::Expired => "expired",
            Self::Revoked => "revoked",
        }
    }
}

/// Whoever made a key, as a member of the organisation at this moment; only while neither the person nor the membership
/// is suspended and the account is in use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Creator {
    /// When they joined, the last time.
    pub joined_at: DateTime<Utc>,
    /// Their own roles there; none in a suspended organisation.
    pub roles: Vec<Role>,
    /// The newest terms of use that they accepted.
    pub accepted_terms: i32,
    /// Whether the organisation is a sandbox.
    pub sandbox: bool,
}

impl ApiKey {
    /// How the key begins: enough to know it by, and no secret.
    pub fn prefix(&self) -> String {
        format!("{PREFIX}{}", self.token_name)
    }

    /// Whether it can be used, given since when its creator has access to the organisation without a break.
    pub fn status(&self, creator_since: Option<DateTime<Utc>>, now: DateTime<Utc>) -> ApiKeyStatus {
        if self.revoked_at.is_some() {
            ApiKeyStatus::Revoked
        } else if now >= self.expires_at {
            ApiKeyStatus::Expired
        } else if creator_since.is_none_or(|since| since > self.created_at) {
            ApiKeyStatus::Dormant
        } else {
            ApiKeyStatus::Active
        }
    }

    /// Whoever acts with this key: its creator with their present roles in this organisation, and nothing else. `hash` is
    /// that of the key that was sent, and `from` the address it came from.
    ///
    /// # Errors
    /// [`Refusal::ApiKeyRejected`] unless the key works; then [`Refusal::NetworkNotAllowed`], which only somebody who has
    /// the key gets to hear.
    pub fn actor(&self, hash: &str, creator: Option<Creator>, from: IpAddr, now: DateTime<Utc>) -> Result<Actor> {
        let status = self.status(creator.as_ref().map(|creator| creator.joined_at), now);
        let creator = creator.filter(|_| status == ApiKeyStatus::Active && self.is_secret(hash, now));
        let creator = creator.ok_or(Refusal::ApiKeyRejected)?;
        if !self.networks.is_empty() && !self.networks.iter().any(|network| network.contains(&from)) {
            return Err(Refusal::NetworkNotAllowed);
        }
        Ok(Actor {
            memberships: vec![Membership {
                sandbox: creator.sandbox,
                ..Membership::new(self.organisation, creator.roles)
            }],
            accepted_terms: creator.accepted_terms,
            api_key: Some(self.id),
            ..Actor::new(self.creator)
        })
    }

    /// Refuses unless the key has all the scopes that an operation takes; `None` for one that takes no keys.
    pub fn require_scopes(&self, needed: Option<&[String]>) -> Result<()> {
        let needed = needed.ok_or(Refusal::ApiKeyNotAllowed)?;
        let missing: Vec<_> = needed.iter().filter(|scope| !self.scopes.contains(*scope)).cloned().collect();
        if missing.is_empty() { Ok(()) } else { Err(Refusal::ScopeMissing(missing)) }
    }

    /// Whether this is the hash of the secret, or of the one before. How long the comparison takes tells something of the
    /// hash at most, from which nobody gets to a random secret of 200 bits.
    fn is_secret(&self, hash: &str, now: DateTime<Utc>) -> bool {
        let previous = self.previous.as_ref().is_some_and(|previous| previous.hash == hash && now < previous.until);
        self.hash == hash || previous
    }

    fn event(&self, kind: &'static str, mut details: Value) -> Event {
        details["prefix"] = json!(self.prefix());
        details["name"] = json!(self.name);
        Event::confidential(kind, Subject::Organisation(self.organisation), Some(self.organisation)).with(details)
    }

    /// What is told of the key when it is made or renewed.
    fn terms(&self) -> BTreeMap<&'static str, Value> {
        let networks: Vec<_> = self.networks.iter().map(ToString::to_string).collect();
        let expires_at = json!(self.expires_at);
        [("scopes", json!(self.scopes)), ("networks", json!(networks)), ("expiresAt", expires_at)].into()
    }

    /// The end, a number of days ahead; whoever chose a short time need not be reminded of it.
    fn set_end(&mut self, days: i64, now: DateTime<Utc>) {
        self.expires_at = now + TimeDelta::days(days);
        self.expiry_announced_at = (self.expires_at - now <= EXPIRY_NOTICE).then_some(now);
    }

    /// Notes that the creator is told of the end now; false if that is not due.
    pub fn announce_expiry(&mut self, now: DateTime<Utc>) -> bool {
        let due = self.revoked_at.is_none()
            && self.expiry_announced_at.is_none()
            && now < self.expires_at
            && now >= self.expires_at - EXPIRY_NOTICE;
        if due {
            self.expiry_announced_at = Some(now);
        }
        due
    }
}

impl Organisation {
    /// An owner makes a key that acts in their place. `known` are the scopes that there are, `live` the number of keys
    /// of the organisation that are neither revoked nor expired.
    pub fn create_api_key(
        &self,
        actor: &Actor,
        (id, token_name, hash): (ApiKeyId, String, String),
        new: &NewApiKey,
        known: &BTreeSet<String>,
        live: usize,
        now: DateTime<Utc>,
    ) -> Result<(ApiKey, Event)> {
        self.require_owner(actor)?;
        let networks = new.check(known)?;
        if live >= MOST_KEYS {
            return Err(Refusal::TooMany { what: "API keys", most: MOST_KEYS });
        }
        let mut key = ApiKey {
            id,
            organisation: self.id,
            creator: actor.user,
            name: new.name.trim().to_owned(),
            token_name,
            hash,
            previous: None,
            scopes: new.scopes.iter().cloned().collect(),
            networks,
            created_at: now,
            expires_at: now,
            revoked_at: None,
            last_use: None,
            expiry_announced_at: None,
        };
        key.set_end(new.days, now);
        let event = key.event("organisation.api_key_created", json!(key.terms()));
        Ok((key, event))
    }

    /// Whoever made a key replaces its secret, and renews it; the old secret works on for a while. Nobody else may, who
    /// would then hold a key that acts in another's place.
    pub fn rotate_api_key(
        &self,
        actor: &Actor,
        (key, status): (&mut ApiKey, ApiKeyStatus),
        rotation: Rotation,
        hash: String,
        now: DateTime<Utc>,
    ) -> Result<Event> {
        self.require_owner(actor)?;
        let mut checks = Checks::new();
        rotation.check(&mut checks);
        checks.done()?;
        if actor.user != key.creator {
            return Err(Refusal::ApiKeyOfAnother);
        }
        if status != ApiKeyStatus::Active {
            return Err(Refusal::WrongState { subject: "API key", status: status.as_str(), allowed: "active" });
        }
        // The old secret gains nothing by the new end.
        let until = key.expires_at.min(now + TimeDelta::hours(rotation.overlap_hours));
        key.previous = Some(Previous { hash: std::mem::replace(&mut key.hash, hash), until });
        key.set_end(rotation.days, now);
        let mut details = json!(key.terms());
        details["previousUntil"] = json!(until);
        Ok(key.event("organisation.api_key_rotated", details))
    }

    /// An owner puts an end to a key, at once.
    pub fn revoke_api_key(&self, actor: &Actor, key: &mut ApiKey, now: DateTime<Utc>) -> Result<Event> {
        self.require_owner(actor)?;
        if key.revoked_at.is_some() || now >= key.expires_at {
            return Err(Refusal::AlreadyDone);
        }
        key.revoked_at = Some(now);
        Ok(key.event("organisation.api_key_revoked", json!({ "creator": key.creator })))
    }
}
