//! ID tokens: whether they are genuine, meant for us, and the answer to this very sign-in.

use crate::{Error, Result, tokens};
use domain::identity::Claims;
use jsonwebtoken::{
    Algorithm, AlgorithmFamily, DecodingKey, Validation, decode, decode_header,
    jwk::{Jwk, PublicKeyUse},
};
use serde::Deserialize;
use serde_json::Value;

/// What we accept: signatures with a key pair. Those with a shared secret are left out, or the published key could be
/// taken for the secret (RFC 8725, 3.1).
const ALGORITHMS: [Algorithm; 8] = [
    Algorithm::RS256,
    Algorithm::RS384,
    Algorithm::RS512,
    Algorithm::PS256,
    Algorithm::PS384,
    Algorithm::ES256,
    Algorithm::ES384,
    Algorithm::EdDSA,
];

/// The keys of a provider.
#[derive(Debug, Clone, Default)]
pub(super) struct Keys(Vec<Jwk>);

impl Keys {
    /// Leaves out keys of kinds that nobody here knows, shared secrets, and those that are not for signatures.
    pub(super) fn read(keys: Vec<Value>) -> Self {
        let keys = keys.into_iter().filter_map(|key| serde_json::from_value::<Jwk>(key).ok());
        let usable = |key: &Jwk| {
            DecodingKey::from_jwk(key).is_ok_and(|key| key.family() != AlgorithmFamily::Hmac)
                && !matches!(key.common.public_key_use, Some(PublicKeyUse::Encryption))
        };
        Self(keys.filter(usable).collect())
    }

    /// The key that a token names; one without a name is signed with the only key.
    fn find(&self, id: Option<&str>) -> Option<&Jwk> {
        match id {
            Some(id) => self.0.iter().find(|key| key.common.key_id.as_deref() == Some(id)),
            None => (self.0.len() == 1).then(|| self.0.first()).flatten(),
        }
    }

    /// Whether the key of a token is among these.
    pub(super) fn know(&self, token: &str) -> bool {
        decode_header(token).is_ok_and(|header| self.find(header.kid.as_deref()).is_some())
    }
}

/// What we use of an ID token or a userinfo answer.
#[derive(Debug, Deserialize)]
pub(super) struct Payload {
    #[serde(default)]
    iss: String,
    pub(super) sub: String,
    #[serde(default)]
    aud: Value,
    azp: Option<String>,
    nonce: Option<String>,
    pub(super) email: Option<String>,
    pub(super) email_verified: Option<bool>,
    pub(super) name: Option<String>,
}

impl Payload {
    pub(super) fn claims(self) -> Claims {
        Claims {
            issuer: self.iss,
            subject: self.sub,
            email: self.email,
            email_verified: self.email_verified == Some(true),
            name: self.name,
        }
    }
}

/// Checks a token as OpenID Connect Core 1.0, 3.1.3.7 asks: signature, issuer, audience (us and nobody else), expiry (a
/// minute of leeway for clocks), and the nonce that the sign-in began with.
pub(super) fn check(token: &str, keys: &Keys, issuer: &str, client: &str, nonce_hash: &str) -> Result<Payload> {
    let header = decode_header(token).map_err(not_proven)?;
    let key = keys.find(header.kid.as_deref()).ok_or_else(|| not_proven("it is signed with an unknown key"))?;
    if !ALGORITHMS.contains(&header.alg) {
        return Err(not_proven("it is signed in a way that is not accepted"));
    }
    let mut validation = Validation::new(header.alg);
    validation.set_issuer(&[issuer]);
    validation.set_audience(&[client]);
    validation.set_required_spec_claims(&["iss", "sub", "aud", "exp"]);
    let key = DecodingKey::from_jwk(key).map_err(not_proven)?;
    let payload = decode::<Payload>(token, &key, &validation).map_err(not_proven)?.claims;
    let ours_alone = payload.aud == client || payload.aud == Value::from(vec![client]);
    let authorized = payload.azp.as_deref().is_none_or(|party| party == client);
    if !ours_alone || !authorized {
        return Err(not_proven("it is meant for others too"));
    }
    if payload.nonce.as_deref().is_none_or(|nonce| tokens::hash(nonce) != nonce_hash) {
        return Err(not_proven("it is not the answer to this sign-in"));
    }
    if payload.sub.is_empty() || payload.sub.len() > 255 {
        return Err(not_proven("it names no usable subject"));
    }
    Ok(payload)
}

fn not_proven(why: impl std::fmt::Display) -> Error {
    Error::SignInNotProven(format!("the ID token: {why}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64::{Engine, prelude::BASE64_STANDARD, prelude::BASE64_URL_SAFE_NO_PAD};
    use jsonwebtoken::{EncodingKey, Header, encode, get_current_timestamp};
    use serde_json::json;

    /// A key pair (P-256) that is used here and nowhere else: the private half (PKCS #8), and the public one.
    const PRIVATE: &str = "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgu7blpPobcUWVzHZlMM1XOM9is1n1LLOy8iUZKm1xIgahRA\
                           NCAAQcwFiMbeg3Ir7SrfLZc69SSXI6AG+ELpeccuPMQPuV8+cWrBzXjOAp2LyS/ExaTsHp0szHstHYRvCOQsmRobp5";
    const X: &str = "HMBYjG3oNyK-0q3y2XOvUklyOgBvhC6XnHLjzED7lfM";
    const Y: &str = "5xasHNeM4CnYvJL8TFpOwenSzMey0dhG8I5CyZGhunk";

    fn key(id: &str, of: &str) -> Value {
        json!({ "kty": "EC", "crv": "P-256", "x": X, "y": Y, "kid": id, "use": of })
    }

    fn keys() -> Keys {
        Keys::read(vec![json!({ "kty": "new" }), key("one", "sig"), key("for encryption", "enc")])
    }

    /// The claims of a good token, with these instead.
    fn claims(changed: &Value) -> Value {
        let mut claims = json!({ "iss": "https://id.example", "sub": "1", "aud": "us", "nonce": "n",
            "exp": get_current_timestamp() + 60, "email": "a@b.example", "email_verified": true });
        for (name, value) in changed.as_object().unwrap() {
            claims[name] = value.clone();
        }
        claims
    }

    fn sign(header: &Header, claims: &Value, key: &EncodingKey) -> String {
        encode(header, claims, key).unwrap()
    }

    fn signed_with(id: Option<&str>, claims: &Value) -> String {
        let header = Header { kid: id.map(ToOwned::to_owned), ..Header::new(Algorithm::ES256) };
        sign(&header, claims, &EncodingKey::from_ec_der(&BASE64_STANDARD.decode(PRIVATE).unwrap()))
    }

    fn outcome(token: &str) -> Result<Payload> {
        check(token, &keys(), "https://id.example", "us", &tokens::hash("n"))
    }

    #[test]
    fn a_good_token_is_believed() {
        for changed in [json!({}), json!({ "aud": ["us"] }), json!({ "azp": "us" })] {
            let payload = outcome(&signed_with(Some("one"), &claims(&changed))).unwrap();
            let claims = payload.claims();
            assert_eq!((&*claims.subject, claims.email_verified), ("1", true));
        }
        let unverified = outcome(&signed_with(Some("one"), &claims(&json!({ "email_verified": null })))).unwrap();
        assert!(!unverified.claims().email_verified);
    }

    #[test]
    fn a_token_that_is_not_the_answer_of_this_provider_to_us_is_not_believed() {
        let expired = get_current_timestamp() - 61;
        for changed in [
            json!({ "iss": "https://other.example" }),
            json!({ "iss": null }),
            json!({ "aud": "others" }),
            json!({ "aud": ["us", "others"] }),
            json!({ "aud": null }),
            json!({ "azp": "others" }),
            json!({ "exp": expired }),
            json!({ "exp": null }),
            json!({ "nonce": "m" }),
            json!({ "nonce": null }),
            json!({ "sub": "" }),
            json!({ "sub": null }),
            json!({ "sub": "x".repeat(256) }),
        ] {
            let answer = outcome(&signed_with(Some("one"), &claims(&changed)));
            assert!(matches!(answer, Err(Error::SignInNotProven(_))), "{changed}");
        }
    }

    #[test]
    fn a_token_that_the_provider_did_not_sign_is_not_believed() {
        let good = claims(&json!({}));
        let token = signed_with(Some("one"), &good);
        let (content, signature) = token.rsplit_once('.').unwrap();
        let part = |value: Value| BASE64_URL_SAFE_NO_PAD.encode(value.to_string());
        let none = |alg: &str| format!("{}.{}.", part(json!({ "alg": alg, "kid": "one" })), part(good.clone()));
        let other =
            format!("{}.{}.{signature}", token.split('.').next().unwrap(), part(claims(&json!({ "sub": "2" }))));
        // The published key taken for a shared secret.
        let point = [&[4], &*BASE64_URL_SAFE_NO_PAD.decode(X).unwrap(), &BASE64_URL_SAFE_NO_PAD.decode(Y).unwrap()];
        let shared = Header { kid: Some("one".to_owned()), ..Header::new(Algorithm::HS256) };
        let confused = sign(&shared, &good, &EncodingKey::from_secret(&point.concat()));
        let unknown = ["two", "for encryption"].map(|id| signed_with(Some(id), &good));
        let bare = format!("{content}.");
        for token in [&none("none"), &none("ES256"), &other, &confused, &unknown[0], &unknown[1], &bare, "", "a.b.c"] {
            assert!(matches!(outcome(token), Err(Error::SignInNotProven(_))), "{token}");
        }
        assert!(!keys().know(&unknown[0]) && keys().know(&token));
    }

    #[test]
    fn a_token_without_the_name_of_its_key_is_checked_with_the_only_one() {
        let token = signed_with(None, &claims(&json!({})));
        assert!(outcome(&token).is_ok(), "the other key is not for signatures");
        let two = Keys::read(vec![key("one", "sig"), key("two", "sig")]);
        assert!(check(&token, &two, "https://id.example", "us", &tokens::hash("n")).is_err());
    }
}
