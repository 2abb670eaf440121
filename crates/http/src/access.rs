//! Who may call: said by the type that a handler asks for, and the only way to the database.
//!
//! The type says which role somebody must hold *somewhere*; the domain then decides about the record at hand, because
//! rights follow the role in the organisation that owns it.

mod credentials;
mod operations;
mod requirement;

pub(crate) use credentials::KeyName;
pub(crate) use operations::{SCHEME as API_KEY, all_scopes};
pub use requirement::{
    Administrator, Author, BeforeTerms, Bidder, Finance, Officer, Owner, PilotManager, PlatformAuditor, Recent,
    Requirement, SignedIn,
};

use crate::{
    Answer, Error, State,
    foundation::{
        Reply,
        body::BodyHash,
        query::{of_write, require_checked},
        reply::Outcome,
        request_id::request_id,
    },
};
use actix_web::{FromRequest, HttpMessage, HttpRequest, dev::Payload, web};
use application::{Caller, bid_receipts::Attempt, terms};
use credentials::{Credentials, authenticate};
use domain::{Actor, Refusal};
use hmac::{Hmac, Mac};
use persistence::{
    Conn,
    idempotency::{self, Claim, Owner as KeyOwner},
};
use sha2::Sha256;
use std::{future::Future, marker::PhantomData, pin::Pin};

/// Everybody, logged in or not. Who sends a token must send a good one.
pub struct Anyone {
    request: HttpRequest,
    state: web::Data<State>,
    credentials: Option<Credentials>,
}

/// Somebody who meets the requirement `R`.
pub struct As<R> {
    request: HttpRequest,
    state: web::Data<State>,
    credentials: Credentials,
    requirement: PhantomData<R>,
}

impl FromRequest for Anyone {
    type Error = Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Error>>>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move {
            let (state, credentials) = authenticate(request.clone()).await?;
            Ok(Self { request, state, credentials })
        })
    }
}

impl<R> FromRequest for As<R> {
    type Error = Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Error>>>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move {
            let (state, credentials) = authenticate(request.clone()).await?;
            let credentials = credentials.ok_or(Error::Unauthenticated)?;
            Ok(Self { request, state, credentials, requirement: PhantomData })
        })
    }
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
        let credentials = self.credentials.clone();
        self.state
            .db
            .read(move |conn| {
                let viewer = credentials.map(|credentials| credentials.actor(conn)).transpose()?;
                work(conn, viewer.as_ref())
            })
            .await
    }

    /// Keeps something about a reader, if it is known who reads.
    pub(crate) async fn note<F>(&self, work: F) -> Result<(), Error>
    where
        F: FnOnce(&mut Conn, &Actor) -> Result<(), Error> + Send + 'static,
    {
        require_checked(&self.request)?;
        let Some(credentials) = self.credentials.clone() else { return Ok(()) };
        let noted = self.state.db.write(move |conn| {
            let reader = credentials.actor(conn)?;
            work(conn, &reader)
        });
        noted.await
    }

    /// Does what must be kept before the request itself is looked at, and whatever comes of it: counts an attempt to prove
    /// something. A dry run is an attempt too.
    pub(crate) async fn before<T, F>(&self, work: F) -> Result<T, Error>
    where
        T: Send + 'static,
        F: FnOnce(&mut Conn) -> Result<T, Error> + Send + 'static,
    {
        of_write(&self.request)?;
        self.state.db.write(work).await
    }

    /// Writes for somebody without a session: registering, logging in. Gets the request id.
    pub(crate) async fn write<T, F>(&self, work: F) -> Result<T, Error>
    where
        T: Outcome,
        F: FnOnce(&mut Conn, &str) -> Result<T, Error> + Send + 'static,
    {
        self.write_known(|conn, _, id| work(conn, id)).await
    }

    /// As [`Anyone::write`], for what somebody with a session does as themself.
    pub(crate) async fn write_known<T, F>(&self, work: F) -> Result<T, Error>
    where
        T: Outcome,
        F: FnOnce(&mut Conn, Option<Actor>, &str) -> Result<T, Error> + Send + 'static,
    {
        let dry_run = of_write(&self.request)?.dry_run;
        let (credentials, id) = (self.credentials.clone(), request_id(&self.request));
        let written = self.state.db.write(move |conn| {
            let actor = credentials.map(|credentials| credentials.actor(conn)).transpose()?;
            keep(work(conn, actor, &id)?, dry_run)
        });
        written.await.or_else(Kept::rolled_back)
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
    pub(crate) fn session(&self) -> Result<domain::SessionId, Error> {
        self.credentials.session()
    }

    /// Reads.
    pub(crate) async fn read<T, F>(&self, work: F) -> Result<T, Error>
    where
        T: Send + 'static,
        F: FnOnce(&mut Conn, &Actor) -> Result<T, Error> + Send + 'static,
    {
        require_checked(&self.request)?;
        self.reading(work).await
    }

    /// Reads what a write needs before its transaction begins.
    pub(crate) async fn look<T, F>(&self, work: F) -> Result<T, Error>
    where
        T: Send + 'static,
        F: FnOnce(&mut Conn, &Actor) -> Result<T, Error> + Send + 'static,
    {
        of_write(&self.request)?;
        self.reading(work).await
    }

    async fn reading<T, F>(&self, work: F) -> Result<T, Error>
    where
        T: Send + 'static,
        F: FnOnce(&mut Conn, &Actor) -> Result<T, Error> + Send + 'static,
    {
        let credentials = self.credentials.clone();
        let read = self.state.db.read(move |conn| {
            let actor = credentials.admitted::<R>(conn)?;
            work(conn, &actor)
        });
        read.await
    }

    /// Reads something confidential: the use case stores in the read log that the caller did, and nothing is shown
    /// unless that is kept.
    pub(crate) async fn read_logged<T, F>(&self, work: F) -> Result<T, Error>
    where
        T: Send + 'static,
        F: FnOnce(&mut Conn, &Caller) -> Result<T, Error> + Send + 'static,
    {
        require_checked(&self.request)?;
        let (credentials, request_id) = (self.credentials.clone(), request_id(&self.request));
        let read = self.state.db.write(move |conn| {
            let caller = Caller { actor: credentials.admitted::<R>(conn)?, request_id };
            work(conn, &caller)
        });
        read.await
    }

    /// Does what must be kept before the request itself is looked at, and whatever comes of it: counts an attempt to prove
    /// something. A dry run is an attempt too.
    pub(crate) async fn before<T, F>(&self, work: F) -> Result<T, Error>
    where
        T: Send + 'static,
        F: FnOnce(&mut Conn, &Caller) -> Result<T, Error> + Send + 'static,
    {
        of_write(&self.request)?;
        let (credentials, request_id) = (self.credentials.clone(), request_id(&self.request));
        let counted = self.state.db.write(move |conn| {
            let caller = Caller { actor: credentials.admitted::<R>(conn)?, request_id };
            work(conn, &caller)
        });
        counted.await
    }

    /// Runs one use case in one transaction, together with its idempotency key if there is one.
    pub(crate) async fn write<F>(&self, work: F) -> Answer
    where
        F: FnOnce(&mut Conn, &Caller) -> Result<Reply, Error> + Send + 'static,
    {
        self.run(Repeat::of(&self.request, &self.state.repeat_key)?, work).await
    }

    /// As [`As::write`], for an answer that is shown once: it is not stored, so an `Idempotency-Key` is not heeded.
    pub(crate) async fn write_secret<F>(&self, work: F) -> Answer
    where
        F: FnOnce(&mut Conn, &Caller) -> Result<Reply, Error> + Send + 'static,
    {
        self.run(None, work).await
    }

    async fn run<F>(&self, repeat: Option<Repeat>, work: F) -> Answer
    where
        F: FnOnce(&mut Conn, &Caller) -> Result<Reply, Error> + Send + 'static,
    {
        let dry_run = of_write(&self.request)?.dry_run;
        let (credentials, request_id) = (self.credentials.clone(), request_id(&self.request));
        let written = self.state.db.write(move |conn| {
            let actor = credentials.admitted::<R>(conn)?;
            if !R::BEFORE_TERMS {
                terms::require_accepted(conn, &actor)?;
            }
            let caller = Caller { actor, request_id };
            let reply = match repeat {
                Some(repeat) => repeat.once(conn, &caller, work)?,
                None => work(conn, &caller)?,
            };
            keep(reply, dry_run)
        });
        written.await.or_else(Kept::rolled_back)
    }

    /// One of the transactions of a request that takes several, because what it brings is never held in memory: it is
    /// repeated by other means than an `Idempotency-Key`.
    pub(crate) async fn step<T, F>(&self, work: F) -> Result<T, Error>
    where
        T: Send + 'static,
        F: FnOnce(&mut Conn, &Caller) -> Result<T, Error> + Send + 'static,
    {
        let step = self.before(|conn, caller| {
            terms::require_accepted(conn, &caller.actor)?;
            work(conn, caller)
        });
        step.await
    }

    /// As [`As::write`], for what leaves a record even if it is refused: then the transaction is kept as well, and holds
    /// nothing but that record. Whom the door refuses is handed on, so that a company's own people are refused on the
    /// record; for everybody else it stays the first thing that is wrong.
    pub(crate) async fn attempt<F>(&self, work: F) -> Answer
    where
        F: FnOnce(&mut Conn, &Attempt) -> Result<Result<Reply, Error>, Error> + Send + 'static,
    {
        let (repeat, dry_run) = (Repeat::of(&self.request, &self.state.repeat_key)?, of_write(&self.request)?.dry_run);
        let (credentials, request_id) = (self.credentials.clone(), request_id(&self.request));
        let signer = self.state.signer.clone();
        let tried = self.state.db.write(move |conn| {
            let actor = credentials.actor(conn)?;
            let door = door::<R>(conn, &actor)?;
            let attempt = Attempt { caller: Caller { actor, request_id }, door: door.clone(), signer };
            let outcome = match repeat {
                Some(repeat) => repeat.once_tried(conn, &attempt, work),
                None => work(conn, &attempt),
            };
            keep(outcome.map_err(|error| door.map_or(error, Into::into))?, dry_run)
        });
        tried.await.or_else(Kept::rolled_back)?
    }

    /// As [`As::attempt`], for what must not be done twice: the `Idempotency-Key` is required.
    pub(crate) async fn attempt_once<F>(&self, work: F) -> Answer
    where
        F: FnOnce(&mut Conn, &Attempt) -> Result<Result<Reply, Error>, Error> + Send + 'static,
    {
        if !self.request.headers().contains_key(IDEMPOTENCY_KEY) {
            return Err(Error::IdempotencyKeyRequired);
        }
        self.attempt(work).await
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
    /// What the request was is kept as a hash with a key that is not in the database: a price is not found out from it by
    /// trying all.
    fn of(request: &HttpRequest, key_of_hashes: &[u8; 32]) -> Result<Option<Self>, Error> {
        let Some(key) = request.headers().get(IDEMPOTENCY_KEY) else { return Ok(None) };
        let sound = |key: &&str| (1..=255).contains(&key.len()) && key.bytes().all(|b| b.is_ascii_graphic());
        let key = key.to_str().ok().filter(sound).ok_or(Error::MalformedHeader("Idempotency-Key"))?;
        let mut hash = Hmac::<Sha256>::new_from_slice(key_of_hashes).map_err(|e| Error::Internal(e.to_string()))?;
        for part in [request.method().as_str(), request.path(), request.query_string()] {
            hash.update(part.as_bytes());
            hash.update(&[0]);
        }
        hash.update(&request.extensions().get::<BodyHash>().map(|hash| hash.0).unwrap_or_default());
        let hash = hash.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
        Ok(Some(Self { key: key.to_owned(), hash }))
    }

    /// Does the work, or gives the answer that was given before.
    fn once<F>(self, conn: &mut Conn, caller: &Caller, work: F) -> Result<Reply, Error>
    where
        F: FnOnce(&mut Conn, &Caller) -> Result<Reply, Error>,
    {
        self.claimed(conn, &caller.actor, |conn| work(conn, caller).map(Ok))?
    }

    /// As [`Repeat::once`], for a transaction that is kept though the work is refused. Then the key is free again: a
    /// repeated request is another attempt.
    fn once_tried<F>(self, conn: &mut Conn, attempt: &Attempt, work: F) -> Result<Result<Reply, Error>, Error>
    where
        F: FnOnce(&mut Conn, &Attempt) -> Result<Result<Reply, Error>, Error>,
    {
        self.claimed(conn, &attempt.caller.actor, |conn| work(conn, attempt))
    }

    fn claimed<F>(self, conn: &mut Conn, actor: &Actor, work: F) -> Result<Result<Reply, Error>, Error>
    where
        F: FnOnce(&mut Conn) -> Result<Result<Reply, Error>, Error>,
    {
        let owner = KeyOwner::of(actor);
        // When a key was used only decides when it is forgotten, days later.
        let now = conn.machine_now();
        match idempotency::claim(conn, owner, &self.key, &self.hash, now)? {
            Claim::Answered(stored) => Ok(Ok(Reply::replayed(stored))),
            Claim::Mismatch => Err(Error::IdempotencyKeyReused),
            Claim::New => {
                let outcome = work(conn)?;
                match &outcome {
                    Ok(reply) => idempotency::store(conn, owner, &self.key, &reply.stored())?,
                    Err(_) => idempotency::release(conn, owner, &self.key)?,
                }
                Ok(outcome)
            }
        }
    }
}

/// Why somebody who is known would not be let in by `R`, if so.
fn door<R: Requirement>(conn: &mut Conn, actor: &Actor) -> Result<Option<Refusal>, Error> {
    let now = if R::RECENT { Some(conn.now()?) } else { None };
    let recent = |()| now.map_or(Ok(()), |now| actor.require_recent(now));
    if let Err(refusal) = R::check(actor).and_then(recent) {
        return Ok(Some(refusal));
    }
    if R::BEFORE_TERMS {
        return Ok(None);
    }
    match terms::require_accepted(conn, actor) {
        Ok(()) => Ok(None),
        Err(application::Error::Refused(refusal)) => Ok(Some(refusal)),
        Err(error) => Err(error.into()),
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
