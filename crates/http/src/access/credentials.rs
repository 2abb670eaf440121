//! Who sends a request: somebody with a session, or a program with an API key.

use super::{Requirement, operations};
use crate::{
    Error, State,
    foundation::client::{address, network},
    tokens::Claims,
};
use actix_web::{HttpMessage, HttpRequest, http::header, web};
use application::{api_keys, sessions};
use domain::{
    Actor, OrganisationId, Refusal, SessionId,
    api_key::{PREFIX, Presented},
};
use persistence::Conn;
use std::net::IpAddr;

/// What a request says of who sends it.
#[derive(Clone)]
pub(super) struct Credentials {
    who: Who,
    /// The one organisation that the caller acts for, from [`ORGANISATION`].
    organisation: Option<OrganisationId>,
}

#[derive(Clone)]
enum Who {
    Session(Claims),
    Key(Use),
}

/// The use of an API key.
#[derive(Clone)]
struct Use {
    sent: Presented,
    from: IpAddr,
    /// The scopes that the operation takes, if it takes keys.
    needed: Option<&'static [String]>,
    /// Notes that the key was used.
    state: web::Data<State>,
}

/// The name of an API key that was sent, for the log: the key itself must not be there.
pub(crate) struct KeyName(pub(crate) String);

impl Credentials {
    /// The session; programs with a key have none, and no operation that is about sessions takes keys.
    pub(super) fn session(&self) -> Result<SessionId, Error> {
        match &self.who {
            Who::Session(claims) => Ok(claims.session),
            Who::Key(_) => Err(Refusal::ApiKeyNotAllowed.into()),
        }
    }

    /// The person, with the rights of this very moment.
    pub(super) fn actor(&self, conn: &mut Conn) -> Result<Actor, Error> {
        let actor = match &self.who {
            Who::Session(claims) => sessions::actor(conn, claims.session)?,
            Who::Key(used) => used.actor(conn)?,
        };
        Ok(match self.organisation {
            Some(organisation) => actor.acting_for(organisation)?,
            None => actor,
        })
    }

    /// The person, if `R` lets them in.
    pub(super) fn admitted<R: Requirement>(&self, conn: &mut Conn) -> Result<Actor, Error> {
        let actor = self.actor(conn)?;
        R::check(&actor)?;
        if R::RECENT {
            // By the clock that the proof was noted with: this machine's may be another.
            actor.require_recent(conn.now()?)?;
        }
        Ok(actor)
    }
}

impl Use {
    fn actor(&self, conn: &mut Conn) -> Result<Actor, Error> {
        let actor = api_keys::actor(conn, &self.sent, self.from, self.needed)?;
        if let Some(key) = actor.api_key {
            self.state.seen.note_key(key, network(self.from));
        }
        Ok(actor)
    }
}

/// The state, and who sends a request if that is said. Who sends a token or key must send a good one.
pub(super) async fn authenticate(request: HttpRequest) -> Result<(web::Data<State>, Option<Credentials>), Error> {
    let state = request.app_data::<web::Data<State>>().cloned();
    let state = state.ok_or_else(|| Error::Internal("no state".to_owned()))?;
    let Some(given) = request.headers().get(header::AUTHORIZATION) else { return Ok((state, None)) };
    let given = given.to_str().ok().and_then(|value| value.split_once(' '));
    let token = given.filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer")).map(|(_, token)| token.trim());
    let who = match token.ok_or(Error::TokenRejected)? {
        key if key.starts_with(PREFIX) => Who::Key(key_of(&request, key, &state).await?),
        token => Who::Session(claims_of(&request, token, &state)?),
    };
    Ok((state, Some(Credentials { who, organisation: organisation(&request)? })))
}

fn claims_of(request: &HttpRequest, token: &str, state: &State) -> Result<Claims, Error> {
    let claims = state.tokens.check(token).ok_or(Error::TokenRejected)?;
    request.extensions_mut().insert(claims);
    state.seen.note(claims.session);
    Ok(claims)
}

/// The use of a key that is well written; whether there is such a key is found out along with what it is used for.
async fn key_of(request: &HttpRequest, key: &str, state: &web::Data<State>) -> Result<Use, Error> {
    let sent = Presented::parse(key).ok_or(Refusal::ApiKeyRejected)?;
    request.extensions_mut().insert(KeyName(format!("{PREFIX}{}", sent.name)));
    let pattern = request.match_pattern().unwrap_or_default();
    let needed = operations::scopes(request.method(), &pattern);
    let used = Use { sent, from: address(request), needed, state: state.clone() };
    if needed.is_none() {
        // Refused in any case, before the operation does anything: a bad key in its own words.
        let tried = used.clone();
        state.db.read(move |conn| tried.actor(conn)).await?;
        return Err(Refusal::ApiKeyNotAllowed.into());
    }
    Ok(used)
}

/// The header in which somebody who belongs to several organisations says for which one a request is meant.
const ORGANISATION: &str = "provoco-organisation";

fn organisation(request: &HttpRequest) -> Result<Option<OrganisationId>, Error> {
    let Some(given) = request.headers().get(ORGANISATION) else { return Ok(None) };
    let id = given.to_str().ok().and_then(|id| id.parse().ok());
    id.map(|id| Some(OrganisationId(id))).ok_or(Error::MalformedHeader("Provoco-Organisation"))
}
