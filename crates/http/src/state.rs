//! What handlers need.

use crate::{
    Error,
    foundation::Cursors,
    limits::Limits,
    seen::Seen,
    tokens::{AccessTokens, Claims},
};
use application::{bid_receipts::Signer, oidc::Providers, passwords::Passwords, sessions::Issued, vault::Vault};
use chrono::{DateTime, TimeDelta, Utc};
use domain::{LifecyclePolicy, ObligationPolicy, OutagePolicy, challenge::ChangePolicy, file::UploadLimits};
use hmac::{Hmac, Mac};
use ipnet::IpNet;
use persistence::Db;
use sha2::Sha256;
use std::sync::Arc;
use storage::Storage;

/// What the administrator decides about the HTTP layer.
#[derive(Clone)]
pub struct Settings {
    /// Where people reach this installation, without a slash at the end.
    pub base_url: String,
    /// `iss` of the access tokens.
    pub issuer: String,
    /// How long an access token is good.
    pub access_token: TimeDelta,
    /// How long a session lasts.
    pub session: TimeDelta,
    /// Signs access tokens and cursors; at least 32 bytes.
    pub signing_key: Vec<u8>,
    /// Encrypts what the program must be able to read again, such as bank account numbers.
    /// At least 32 bytes.
    pub encryption_key: Vec<u8>,
    /// Signs receipts; at least 32 bytes.
    pub receipt_key: Vec<u8>,
    /// Proxies whose word on where a request came from (`X-Forwarded-For`) is taken.
    pub trusted_proxies: Vec<IpNet>,
    /// How long accounts and certifications last.
    pub lifecycle: LifecyclePolicy,
    /// How long those who owe something have.
    pub obligations: ObligationPolicy,
    /// What agencies keep to when they change published challenges.
    pub changes: ChangePolicy,
    /// What counts as an outage, and how much time bidders get after one.
    pub outages: OutagePolicy,
    /// The limits.
    pub limits: Limits,
    /// Where files are.
    pub storage: Storage,
    /// How large files may be.
    pub uploads: UploadLimits,
}

/// What handlers need. Cheap to clone.
#[derive(Clone)]
pub struct State(Arc<Inner>);

/// The fields of [`State`].
pub struct Inner {
    pub(crate) db: Db,
    pub(crate) passwords: Passwords,
    pub(crate) vault: Vault,
    pub(crate) signer: Signer,
    /// Of the hashes by which repeated requests are recognised.
    pub(crate) repeat_key: [u8; 32],
    pub(crate) tokens: AccessTokens,
    pub(crate) cursors: Cursors,
    pub(crate) seen: Seen,
    pub(crate) providers: Providers,
    pub(crate) settings: Settings,
}

impl State {
    /// Puts together what handlers need.
    pub fn new(db: Db, passwords: Passwords, settings: Settings) -> Self {
        Self::with_providers(db, passwords, settings, Providers::default())
    }

    /// As [`State::new`], for an installation that lets people in through OpenID providers.
    pub fn with_providers(db: Db, passwords: Passwords, settings: Settings, providers: Providers) -> Self {
        let tokens = AccessTokens::new(
            &derive(&settings.signing_key, "access token"),
            &settings.issuer,
            settings.access_token,
            db.clock().clone(),
        );
        let cursors = Cursors::new(derive(&settings.signing_key, "cursor").to_vec());
        let vault = Vault::new(derive(&settings.encryption_key, "vault"));
        let signer = Signer::new(&derive(&settings.receipt_key, "receipt"));
        let repeat_key = derive(&settings.encryption_key, "repeated request");
        let seen = Seen::default();
        Self(Arc::new(Inner { db, passwords, vault, signer, repeat_key, tokens, cursors, seen, providers, settings }))
    }

    /// A short-lived access token for a session, and until when it is good.
    ///
    /// # Errors
    /// If the token cannot be signed.
    pub fn access_token(&self, issued: &Issued) -> Result<(String, DateTime<Utc>), Error> {
        let claims = Claims { user: issued.user, session: issued.session };
        self.0.tokens.issue(claims).map_err(|error| Error::Internal(error.to_string()))
    }

    /// Whether people reach this installation over an encrypted connection.
    pub(crate) fn is_secure(&self) -> bool {
        self.0.settings.base_url.starts_with("https://")
    }

    /// What signs receipts.
    pub fn signer(&self) -> &Signer {
        &self.0.signer
    }

    /// The files.
    pub fn storage(&self) -> &Storage {
        &self.0.settings.storage
    }

    /// The database.
    pub fn db(&self) -> &Db {
        &self.0.db
    }
}

impl std::ops::Deref for State {
    type Target = Inner;

    fn deref(&self) -> &Inner {
        &self.0
    }
}

/// One key per purpose, so that no signature of one kind passes for another.
fn derive(key: &[u8], purpose: &str) -> [u8; 32] {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).unwrap_or_else(|_| unreachable!("HMAC takes any key"));
    mac.update(purpose.as_bytes());
    mac.finalize().into_bytes().into()
}
