//! Access tokens: short-lived JWTs (RFC 9068) that name a session. What the person may do is not in them; it is read
//! afresh with each request.

use chrono::{DateTime, TimeDelta, Utc};
use domain::{Id, SessionId, UserId};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use persistence::Clock;
use serde::{Deserialize, Serialize};

/// `aud` of the access tokens.
const AUDIENCE: &str = "provoco-api";

/// `typ` of the access tokens, so that no other kind of JWT passes for one (RFC 9068, 2.1).
const TYPE: &str = "at+jwt";

/// Issues and checks access tokens.
pub(crate) struct AccessTokens {
    signing: EncodingKey,
    checking: DecodingKey,
    validation: Validation,
    issuer: String,
    lifetime: TimeDelta,
    clock: Clock,
}

/// What a token says.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Claims {
    pub(crate) user: UserId,
    pub(crate) session: SessionId,
}

#[derive(Serialize, Deserialize)]
struct Payload {
    iss: String,
    aud: String,
    sub: uuid::Uuid,
    sid: uuid::Uuid,
    iat: i64,
    exp: i64,
}

impl AccessTokens {
    pub(crate) fn new(key: &[u8], issuer: &str, lifetime: TimeDelta, clock: Clock) -> Self {
        let mut validation = Validation::new(Algorithm::HS256);
        validation.set_audience(&[AUDIENCE]);
        validation.set_issuer(&[issuer]);
        validation.set_required_spec_claims(&["exp", "aud", "iss", "sub"]);
        // Checked below, by the one clock.
        validation.validate_exp = false;
        Self {
            signing: EncodingKey::from_secret(key),
            checking: DecodingKey::from_secret(key),
            validation,
            issuer: issuer.to_owned(),
            lifetime,
            clock,
        }
    }

    /// A token for a session, and until when it is good.
    pub(crate) fn issue(&self, claims: Claims) -> Result<(String, DateTime<Utc>), jsonwebtoken::errors::Error> {
        let now = self.clock.now();
        let expires_at = now + self.lifetime;
        let payload = Payload {
            iss: self.issuer.clone(),
            aud: AUDIENCE.to_owned(),
            sub: claims.user.uuid(),
            sid: claims.session.uuid(),
            iat: now.timestamp(),
            exp: expires_at.timestamp(),
        };
        let header = Header { typ: Some(TYPE.to_owned()), ..Header::new(Algorithm::HS256) };
        Ok((jsonwebtoken::encode(&header, &payload, &self.signing)?, expires_at))
    }

    /// What a token says, if it is genuine, ours, of the right type and not expired.
    pub(crate) fn check(&self, token: &str) -> Option<Claims> {
        let data = jsonwebtoken::decode::<Payload>(token, &self.checking, &self.validation).ok()?;
        let genuine = data.header.typ.as_deref() == Some(TYPE) && self.clock.now().timestamp() < data.claims.exp;
        genuine.then_some(Claims { user: UserId(data.claims.sub), session: SessionId(data.claims.sid) })
    }
}
