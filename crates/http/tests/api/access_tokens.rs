//! Access tokens that we did not issue, or not for this.

use crate::{
    app::{Person, TestApp},
    rows::refused,
};
use actix_web::test::TestRequest;
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use hmac::{Hmac, Mac};
use serde_json::{Value, json};
use sha2::{Sha256, Sha512};
use testing::Backend;
use uuid::Uuid;

/// The key of the access tokens of a [`TestApp`].
fn key() -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(&[7; 32]).unwrap();
    mac.update(b"access token");
    mac.finalize().into_bytes().to_vec()
}

fn encode(part: &[u8]) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(part)
}

fn signed(header: &Value, payload: &Value, key: &[u8]) -> String {
    let content = format!("{}.{}", encode(header.to_string().as_bytes()), encode(payload.to_string().as_bytes()));
    let mut mac = Hmac::<Sha256>::new_from_slice(key).unwrap();
    mac.update(content.as_bytes());
    format!("{content}.{}", encode(&mac.finalize().into_bytes()))
}

fn header() -> Value {
    json!({ "alg": "HS256", "typ": "at+jwt" })
}

/// What the token of a person says.
fn claims(person: &Person) -> Value {
    let payload = person.token.split('.').nth(1).unwrap();
    serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(payload).unwrap()).unwrap()
}

fn with(document: &Value, name: &str, value: Value) -> Value {
    let mut document = document.clone();
    document[name] = value;
    document
}

fn without(document: &Value, name: &str) -> Value {
    let mut document = document.clone();
    document.as_object_mut().unwrap().remove(name);
    document
}

fn me(authorization: &str) -> TestRequest {
    TestRequest::get().uri("/api/v1/me").insert_header(("authorization", authorization))
}

async fn assert_rejected(app: &TestApp, what: &str, token: &str) {
    for path in ["/api/v1/me", "/api/v1/challenges"] {
        let request = TestRequest::get().uri(path).insert_header(("authorization", format!("Bearer {token}")));
        let response = app.call(request).await;
        assert_eq!(response.status.as_u16(), 401, "{what}: {}", response.text);
        response.expect_problem(401, "token_rejected");
    }
}

testing::on_both! {
    async fn a_token_is_accepted_only_with_our_algorithm_and_key(backend: Backend) {
        let app = TestApp::new(backend).await;
        let ana = app.person("Ana").await;
        let good = claims(&ana);
        app.call(me(&format!("Bearer {}", signed(&header(), &good, &key())))).await.expect(200);
        for algorithm in ["none", "None", "NONE", "", "HS384", "HS512", "RS256", "ES256", "EdDSA", "hs256"] {
            let other = with(&header(), "alg", json!(algorithm));
            assert_rejected(&app, algorithm, &signed(&other, &good, &key())).await;
            let unsigned = signed(&other, &good, &key());
            let unsigned = unsigned.rsplit_once('.').unwrap().0;
            assert_rejected(&app, algorithm, &format!("{unsigned}.")).await;
            assert_rejected(&app, algorithm, unsigned).await;
        }
        for other in [vec![7; 32], vec![0; 32], Vec::new(), b"secret".to_vec()] {
            assert_rejected(&app, "another key", &signed(&header(), &good, &other)).await;
        }
        let hs512 = with(&header(), "alg", json!("HS512")).to_string();
        let content = format!("{}.{}", encode(hs512.as_bytes()), encode(good.to_string().as_bytes()));
        let mut mac = Hmac::<Sha512>::new_from_slice(&key()).unwrap();
        mac.update(content.as_bytes());
        assert_rejected(&app, "HS512", &format!("{content}.{}", encode(&mac.finalize().into_bytes()))).await;
        let own_key = with(&header(), "jwk", json!({ "kty": "oct", "k": encode(b"secret") }));
        assert_rejected(&app, "a key of its own", &signed(&own_key, &good, b"secret")).await;
    }

    async fn a_token_is_accepted_only_for_us_from_us_and_as_an_access_token(backend: Backend) {
        let app = TestApp::new(backend).await;
        let ana = app.person("Ana").await;
        let good = claims(&ana);
        for kind in [json!("JWT"), json!("jwt"), json!("at+JWT"), json!(null), json!("application/at+jwt")] {
            let other = with(&header(), "typ", kind);
            assert_rejected(&app, &other.to_string(), &signed(&other, &good, &key())).await;
        }
        assert_rejected(&app, "no typ", &signed(&without(&header(), "typ"), &good, &key())).await;
        let now = good["iat"].as_i64().unwrap();
        for (name, value) in [
            ("aud", json!("another-api")), ("aud", json!("")), ("aud", json!([])), ("aud", json!(["another-api"])),
            ("iss", json!("https://elsewhere.test")), ("iss", json!("https://provoco.test/")), ("iss", json!([])),
            ("exp", json!(now)), ("exp", json!(now - 3600)), ("exp", json!(0)), ("exp", json!("never")),
            ("exp", json!(1e300)), ("exp", json!(null)), ("sub", json!("ana")), ("sub", json!("")),
            ("sid", json!("x")), ("sid", json!(Uuid::nil())),
        ] {
            let other = with(&good, name, value);
            assert_rejected(&app, &other.to_string(), &signed(&header(), &other, &key())).await;
        }
        for name in ["aud", "iss", "exp", "sub", "sid"] {
            assert_rejected(&app, name, &signed(&header(), &without(&good, name), &key())).await;
        }
    }

    async fn the_session_and_not_the_token_says_who_somebody_is(backend: Backend) {
        let app = TestApp::new(backend).await;
        let (ana, administrator) = (app.person("Ana").await, app.administrator().await);
        let mut pretended = with(&claims(&ana), "sub", json!(administrator.id.to_string()));
        pretended["administrator"] = json!(true);
        let found = app.call(me(&format!("Bearer {}", signed(&header(), &pretended, &key())))).await.expect(200);
        assert_eq!((&found.body["id"], &found.body["administrator"]), (&json!(ana.id.to_string()), &json!(false)));
    }

    async fn a_token_that_was_tampered_with_is_rejected(backend: Backend) {
        let app = TestApp::new(backend).await;
        let (ana, bor) = (app.person("Ana").await, app.person("Bor").await);
        let [a, b] = [&ana, &bor].map(|person| person.token.split('.').collect::<Vec<_>>());
        assert_rejected(&app, "another's payload", &format!("{}.{}.{}", a[0], b[1], a[2])).await;
        assert_rejected(&app, "another's signature", &format!("{}.{}.{}", a[0], a[1], b[2])).await;
        for at in (0..ana.token.len() - 1).step_by(11) {
            let mut altered = ana.token.clone().into_bytes();
            altered[at] = if altered[at] == b'A' { b'B' } else { b'A' };
            assert_rejected(&app, "altered", &String::from_utf8(altered).unwrap()).await;
        }
    }

    async fn garbage_is_rejected_and_breaks_nothing(backend: Backend) {
        let app = TestApp::new(backend).await;
        let ana = app.person("Ana").await;
        let long = "A".repeat(50_000);
        let deep = encode("[".repeat(10_000).as_bytes());
        for token in ["", " ", ".", "..", "...", "null", "a.b.c", &long, &format!("{deep}.{deep}.{deep}")] {
            assert_rejected(&app, token, token).await;
        }
        let good = &ana.token;
        for authorization in [
            "", "Bearer", "Basic YTpi", good, &format!("Token {good}"), &format!("Bearer {good} x"),
            &format!("Bearer {good}, Bearer {good}"), &format!("Bearer \"{good}\""), &format!("Bearer={good}"),
        ] {
            refused(&app, me(authorization), 401, "token_rejected").await;
        }
        for authorization in [format!("bearer {good}"), format!("BEARER  {good}")] {
            app.call(me(&authorization)).await.expect(200);
        }
        let in_url = TestRequest::get().uri(&format!("/api/v1/me?access_token={good}"));
        refused(&app, in_url, 401, "unauthenticated").await;
    }
}
