//! Who may call: said by the type that a handler asks for, and the only way to the database.
//!
//! The type says which role somebody must hold *somewhere*; the domain then decides about the record at hand, because
//! rights follow the role in the organisation that owns it.

use crate::{
    Answer, Error, State,
    foundation::{
        Reply,
        body::BodyHash,
        query::{of_write, require_checked},
        reply::Outcome,
        request_id::request_id,
    },
    tokens::Claims,
};
use actix_web::{FromRequest, HttpMessage, HttpRequest, dev::Payload, http::header, web};
use application::{Caller, sessions};
use domain::{Actor, Refusal, Role};
use persistence::{
    Conn,
    idempotency::{self, Claim},
};
use sha2::{Digest, Sha256};
use std::{
    future::{Ready, ready},
    marker::PhantomData,
};

/// What somebody must be to call an operation.
pub trait Requirement: 'static {
    /// Refuses everybody else.
    fn check(actor: &Actor) -> Result<(), Refusal>;
}

/// Anybody with a session.
pub struct SignedIn;

impl Requirement for SignedIn {
    fn check(_: &Actor) -> Result<(), Refusal> {
        Ok(())
    }
}

/// Whoever runs the platform.
pub struct Administrator;

impl Requirement for Administrator {
    fn check(actor: &Actor) -> Result<(), Refusal> {
        actor.require_administrator()
    }
}

macro_rules! roles {
    ($($(#[$doc:meta])* $name:ident),* $(,)?) => {$(
        $(#[$doc])*
        pub struct $name;

        impl Requirement for $name {
            fn check(actor: &Actor) -> Result<(), Refusal> {
                if actor.holds_anywhere(Role::$name) { Ok(()) } else { Err(Refusal::RoleMissing(Role::$name)) }
            }
        }
    )*};
}

roles! {
    /// Somebody who manages an organisation.
    Owner,
    /// Somebody who writes challenges.
    Author,
    /// Somebody who decides for an agency.
    Officer,
    /// Somebody who follows pilots for an agency.
    PilotManager,
    /// Somebody who pays for an agency.
    Finance,
    /// Somebody who bids for a company.
    Bidder,
}

/// Everybody, logged in or not. Who sends a token must send a good one.
pub struct Anyone {
    request: HttpRequest,
    state: web::Data<State>,
    claims: Option<Claims>,
}

/// Somebody who meets the requirement `R`.
pub struct As<R> {
    request: HttpRequest,
    state: web::Data<State>,
    claims: Claims,
    requirement: PhantomData<R>,
}

impl FromRequest for Anyone {
    type Error = Error;
    type Future = Ready<Result<Self, Error>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(authenticate(request).map(|(state, claims)| Self { request: request.clone(), state, claims }))
    }
}

impl<R> FromRequest for As<R> {
    type Error = Error;
    type Future = Ready<Result<Self, Error>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(authenticate(request).and_then(|(state, claims)| {
            let claims = claims.ok_or(Error::Unauthenticated)?;
            Ok(Self { request: request.clone(), state, claims, requirement: PhantomData })
        }))
    }
}

fn authenticate(request: &HttpRequest) -> Result<(web::Data<State>, Option<Claims>), Error> {
    let state = request.app_data::<web::Data<State>>().cloned();
    let state = state.ok_or_else(|| Error::Internal("no state".to_owned()))?;
    let Some(given) = request.headers().get(header::AUTHORIZATION) else { return Ok((state, None)) };
    let given = given.to_str().ok().and_then(|value| value.split_once(' '));
    let token = given.filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer")).map(|(_, token)| token.trim());
    let claims = token.and_then(|token| state.tokens.check(token)).ok_or(Error::TokenRejected)?;
    request.extensions_mut().insert(claims);
    Ok((state, Some(claims)))
}

impl Anyone {
    /// The state, for the few operations that need more than the database: passwords and tokens.
    pub(crate) fn state(&self) -> &State {
        &self.state
    }

    /// The request.
    pub(crate) fn request(&self) -> &HttpRequest {
        &self.request
    }

    /// Reads; the viewer is known if a token was sent.
    pub(crate) async fn read<T, F>(&self, work: F) -> Result<T, Error>
    where
        T: Send + 'static,
        F: FnOnce(&mut Conn, Option<&Actor>) -> Result<T, Error> + Send + 'static,
    {
        require_checked(&self.request)?;
        let claims = self.claims;
        self.state
            .db
            .read(move |conn| {
                let viewer = claims.map(|claims| sessions::actor(conn, claims.session)).transpose()?;
                work(conn, viewer.as_ref())
            })
            .await
    }

    /// Writes for somebody without a session: registering, logging in. Gets the request id.
    pub(crate) async fn write<T, F>(&self, work: F) -> Result<T, Error>
    where
        T: Outcome,
        F: FnOnce(&mut Conn, &str) -> Result<T, Error> + Send + 'static,
    {
        let dry_run = of_write(&self.request)?.dry_run;
        let id = request_id(&self.request);
        let written = self.state.db.write(move |conn| keep(work(conn, &id)?, dry_run)).await;
        written.or_else(Kept::rolled_back)
    }
}

impl<R: Requirement> As<R> {
    /// The state.
    pub(crate) fn state(&self) -> &State {
        &self.state
    }

    /// The request.
    pub(crate) fn request(&self) -> &HttpRequest {
        &self.request
    }

    /// The session of the caller.
    pub(crate) fn session(&self) -> domain::SessionId {
        self.claims.session
    }

    /// Reads.
    pub(crate) async fn read<T, F>(&self, work: F) -> Result<T, Error>
    where
        T: Send + 'static,
        F: FnOnce(&mut Conn, &Actor) -> Result<T, Error> + Send + 'static,
    {
        require_checked(&self.request)?;
        let session = self.claims.session;
        self.state
            .db
            .read(move |conn| {
                let actor = sessions::actor(conn, session)?;
                R::check(&actor)?;
                work(conn, &actor)
            })
            .await
    }

    /// Runs one use case in one transaction, together with its idempotency key if there is one.
    pub(crate) async fn write<F>(&self, work: F) -> Answer
    where
        F: FnOnce(&mut Conn, &Caller) -> Result<Reply, Error> + Send + 'static,
    {
        let repeat = Repeat::of(&self.request)?;
        let dry_run = of_write(&self.request)?.dry_run;
        let (session, request_id) = (self.claims.session, request_id(&self.request));
        let written = self.state.db.write(move |conn| {
            let actor = sessions::actor(conn, session)?;
            R::check(&actor)?;
            let caller = Caller { actor, request_id };
            let reply = match repeat {
                Some(repeat) => repeat.once(conn, &caller, work)?,
                None => work(conn, &caller)?,
            };
            keep(reply, dry_run)
        });
        written.await.or_else(Kept::rolled_back)
    }

    /// As [`As::write`], for what must not be done twice: the `Idempotency-Key` is required.
    pub(crate) async fn write_once<F>(&self, work: F) -> Answer
    where
        F: FnOnce(&mut Conn, &Caller) -> Result<Reply, Error> + Send + 'static,
    {
        if !self.request.headers().contains_key(IDEMPOTENCY_KEY) {
            return Err(Error::IdempotencyKeyRequired);
        }
        self.write(work).await
    }
}

/// The header that names a repeatable request.
const IDEMPOTENCY_KEY: &str = "idempotency-key";

/// A request that may be repeated.
struct Repeat {
    key: String,
    hash: String,
}

impl Repeat {
    fn of(request: &HttpRequest) -> Result<Option<Self>, Error> {
        let Some(key) = request.headers().get(IDEMPOTENCY_KEY) else { return Ok(None) };
        let sound = |key: &&str| (1..=255).contains(&key.len()) && key.bytes().all(|b| b.is_ascii_graphic());
        let key = key.to_str().ok().filter(sound).ok_or(Error::MalformedHeader("Idempotency-Key"))?;
        let mut hash = Sha256::new();
        for part in [request.method().as_str(), request.path(), request.query_string()] {
            hash.update(part.as_bytes());
            hash.update([0]);
        }
        hash.update(request.extensions().get::<BodyHash>().map(|hash| hash.0).unwrap_or_default());
        let hash = hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
        Ok(Some(Self { key: key.to_owned(), hash }))
    }

    /// Does the work, or gives the answer that was given before.
    fn once<F>(self, conn: &mut Conn, caller: &Caller, work: F) -> Result<Reply, Error>
    where
        F: FnOnce(&mut Conn, &Caller) -> Result<Reply, Error>,
    {
        let owner = caller.actor.user;
        let now = conn.now()?;
        match idempotency::claim(conn, owner, &self.key, &self.hash, now)? {
            Claim::Answered(stored) => Ok(Reply::replayed(stored)),
            Claim::Mismatch => Err(Error::IdempotencyKeyReused),
            Claim::New => {
                let reply = work(conn, caller)?;
                idempotency::store(conn, owner, &self.key, &reply.stored())?;
                Ok(reply)
            }
        }
    }
}

/// Why a transaction was not kept: it failed, or it was only tried.
enum Kept<T> {
    Failed(Error),
    DryRun(T),
}

impl<T, E: Into<Error>> From<E> for Kept<T> {
    fn from(error: E) -> Self {
        Self::Failed(error.into())
    }
}

impl<T: Outcome> Kept<T> {
    fn rolled_back(self) -> Result<T, Error> {
        match self {
            Self::Failed(error) => Err(error),
            Self::DryRun(outcome) => Ok(outcome.of_dry_run()),
        }
    }
}

fn keep<T>(outcome: T, dry_run: bool) -> Result<T, Kept<T>> {
    if dry_run { Err(Kept::DryRun(outcome)) } else { Ok(outcome) }
}
