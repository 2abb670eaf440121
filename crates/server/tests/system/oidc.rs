//! Signing in through an OpenID provider.

use serde_json::json;
use testing::{Backend, on_both};

use crate::{
    client::{Client, Response},
    database::{count, execute},
    oidc_provider::{CLIENT_SECRET, Provider},
    people::{PASSWORD, People},
    process::{Installation, Server},
};

const ANA: &str = "sub=ana-1&email=ana@city.example&verified=true&name=Ana+Kos";

struct Scene {
    provider: Provider,
    installation: Installation,
    server: Server,
    client: Client,
}

/// A sign-in that was begun.
struct Begun {
    url: String,
    binding: String,
    /// As a browser sends it back.
    cookie: String,
}

impl Scene {
    fn new(backend: Backend) -> Self {
        Self::with(Provider::start(), backend)
    }

    fn with(provider: Provider, backend: Backend) -> Self {
        let installation = Installation::new(backend).with("LOG__LEVEL", "trace");
        let installation = provider.trusted_by(installation);
        let server = installation.serve();
        let client = Client::without_redirects(&server);
        Self { provider, installation, server, client }
    }

    fn begin(&self) -> Begun {
        self.begin_with(&json!({ "provider": "city" }))
    }

    fn begin_with(&self, body: &serde_json::Value) -> Begun {
        let begun = self.client.post("/api/v1/oidc-sign-ins", body).expect(201);
        let cookie = begun.header("set-cookie").to_owned();
        assert!(cookie.ends_with("; Path=/; Max-Age=600; HttpOnly; SameSite=Lax"), "{cookie}");
        let cookie = cookie.split(';').next().unwrap().to_owned();
        Begun { url: begun.string("authorizationUrl"), binding: begun.string("binding"), cookie }
    }

    /// What the browser is shown when it comes back from the provider.
    fn come_back(&self, callback: &str, cookie: &str) -> Response {
        self.client.send("GET", callback, &[("cookie", cookie)], None).unwrap()
    }

    /// Signs in as `account`, in a browser, as far as the page that shows the code.
    fn answer(&self, account: &str) -> (Begun, Response) {
        let begun = self.begin();
        let callback = self.provider.sign_in(&begun.url, account);
        let page = self.come_back(&callback, &begun.cookie);
        (begun, page)
    }

    fn exchange(&self, code: &str, binding: &str) -> Response {
        self.client.post("/api/v1/sessions/oidc", &json!({ "code": code, "binding": binding }))
    }

    /// Signs in as `account`; a client of that person.
    fn sign_in(&self, account: &str) -> Client {
        let (begun, page) = self.answer(account);
        let session = self.exchange(&code(&page.expect(200)), &begun.binding).expect(201);
        self.client.with_token(&session.string("accessToken"))
    }

    fn count(&self, of: &str) -> i64 {
        count(&self.installation.url, of)
    }
}

/// The code that the last page shows.
fn code(page: &Response) -> String {
    let (_, rest) = page.text.split_once("<code>").unwrap_or_else(|| panic!("no code in {}", page.text));
    rest.split('<').next().unwrap().to_owned()
}

on_both! {
    fn somebody_new_gets_an_account_and_keeps_it_when_the_address_changes(backend: Backend) {
        let scene = Scene::new(backend);
        let listed = scene.client.get("/api/v1/oidc-providers").expect(200).body;
        assert_eq!(listed, json!({ "items": [{ "name": "city", "label": "City of Ljubljana" }] }));

        let ana = scene.sign_in(ANA);
        let me = ana.get("/api/v1/me").expect(200);
        assert_eq!((me.string("email"), me.string("name")), ("ana@city.example".into(), "Ana Kos".into()));
        assert_eq!(scene.count("FROM events WHERE kind IN ('user.registered', 'user.oidc_linked')"), 2);

        // No password opens the account, not even an empty one.
        for password in [PASSWORD, ""] {
            let credentials = json!({ "email": "ana@city.example", "password": password });
            scene.client.post("/api/v1/sessions", &credentials).expect(401);
        }

        // Another address at the provider, even that of somebody else here, even an unverified one: still she.
        let bor = People::of(&scene.installation).person("Bor");
        for moved in ["email=ana.novak@city.example&verified=true", "email=bor@people.example&verified=false"] {
            let again = scene.sign_in(&format!("sub=ana-1&{moved}"));
            assert_eq!(again.get("/api/v1/me").expect(200).id(), me.id());
        }
        assert_ne!(bor.id, me.id());
        assert_eq!(scene.count("FROM oidc_identities"), 1);

        let identities = ana.get("/api/v1/account/identities").expect(200).body["items"].clone();
        assert_eq!(identities[0]["subject"], "ana-1");
        assert_eq!(identities[0]["issuer"], scene.provider.issuer());
        let path = format!("/api/v1/account/identities/{}", identities[0]["id"].as_str().unwrap());
        scene.client.with_token(&bor.token).send("DELETE", &path, &[], None).unwrap().expect(404);
        ana.send("DELETE", &path, &[], None).unwrap().expect(204);
        assert_eq!(scene.count("FROM oidc_identities"), 0);
        assert_eq!(scene.count("FROM events WHERE kind = 'user.oidc_unlinked'"), 1);
    }

    fn an_account_is_linked_by_its_verified_address_and_its_owner_is_told(backend: Backend) {
        let scene = Scene::with(Provider::with_claims_in_id_token(), backend);
        let people = People::of(&scene.installation);
        let (cleo, dan) = (people.person("Cleo"), people.person("Dan"));
        let signed_in = scene.sign_in("sub=c&email=Cleo@People.example&verified=true");
        assert_eq!(signed_in.get("/api/v1/me").expect(200).id(), cleo.id);
        // Of the link, and of a log-in from a new device.
        assert_eq!(scene.count("FROM outbox_mails WHERE recipient_address = 'cleo@people.example'"), 2);
        assert_eq!(scene.count("FROM events WHERE kind = 'user.registered'"), 0);
        // The address moves to another account; the person does not.
        let again = scene.sign_in("sub=c&email=dan@people.example&verified=true");
        assert_eq!(again.get("/api/v1/me").expect(200).id(), cleo.id);
        assert_ne!(dan.id, cleo.id);
    }

    fn a_provider_is_not_believed_about_addresses_it_may_not_vouch_for(backend: Backend) {
        let scene = Scene::new(backend);
        People::of(&scene.installation).person("Ana");
        for (account, why) in [
            ("sub=x&email=ana@people.example&verified=false", "has not verified"),
            ("sub=x&email=new@city.example&verified=false", "has not verified"),
            ("sub=x&email=ana@other.example&verified=true", "may not speak for the domain"),
            ("sub=x&email=ana@sub.city.example&verified=true", "may not speak for the domain"),
            ("sub=x&verified=true", "does not tell your e-mail address"),
        ] {
            let (_, page) = scene.answer(account);
            assert!(page.status == 403 && page.text.contains(why), "{account}: {}", page.text);
        }
        let (_, page) = scene.answer("deny=1");
        assert!(page.status == 422 && page.text.contains("access_denied"), "{}", page.text);
        assert_eq!(scene.count("FROM users"), 1);
        assert_eq!(scene.count("FROM oidc_identities") + scene.count("FROM oidc_sign_ins WHERE code_hash IS NOT NULL"), 0);
    }

    fn a_code_is_worth_nothing_without_the_binding_and_nothing_twice(backend: Backend) {
        let scene = Scene::new(backend);
        let (begun, page) = scene.answer(ANA);
        let code = code(&page);
        let other = scene.begin();
        scene.exchange(&code, &other.binding).expect(422);
        scene.exchange(&code, "").expect(422);
        scene.client.post("/api/v1/sessions/oidc", &json!({ "code": code })).expect(422);
        // A dry run uses nothing up.
        let body = json!({ "code": code });
        let cookie = [("cookie", begun.cookie.as_str())];
        scene.client.send("POST", "/api/v1/sessions/oidc?dryRun=true", &cookie, Some(&body)).unwrap().expect(200);
        scene.client.send("POST", "/api/v1/sessions/oidc", &cookie, Some(&body)).unwrap().expect(201);
        scene.exchange(&code, &begun.binding).expect(422);
        assert_eq!(scene.count("FROM sessions"), 1);

        let (begun, page) = scene.answer(ANA);
        execute(&scene.installation.url, "UPDATE oidc_sign_ins SET code_expires_at = '2026-01-01T00:00:00.000000Z'");
        scene.exchange(&self::code(&page), &begun.binding).expect(422);
    }

    fn an_answer_counts_once_in_the_right_browser_and_for_its_own_sign_in(backend: Backend) {
        let scene = Scene::new(backend);
        let begun = scene.begin();
        let callback = scene.provider.sign_in(&begun.url, ANA);
        // Somebody slips their own answer to another browser (login CSRF): refused, and not used up.
        let victim = scene.begin();
        scene.come_back(&callback, &victim.cookie).expect(422);
        let foreign = callback.replace("state=", "state=x");
        scene.come_back(&foreign, &begun.cookie).expect(422);
        scene.come_back("/oidc/callback?code=x", &begun.cookie).expect(400);
        scene.come_back(&callback, &begun.cookie).expect(200);
        scene.come_back(&callback, &begun.cookie).expect(422);

        // The answer of one sign-in with the state of another: the code verifier (PKCE) does not fit.
        let (one, other) = (scene.begin(), scene.begin());
        let stolen = scene.provider.sign_in(&one.url, ANA);
        let state = |url: &str| url.split("state=").nth(1).unwrap().split('&').next().unwrap().to_owned();
        let injected = stolen.replace(&state(&stolen), &state(&other.url));
        let page = scene.come_back(&injected, &other.cookie).expect(422);
        assert!(page.text.contains("token endpoint"), "{}", page.text);

        for (tampered, why) in [
            (true, "not the answer to this sign-in"),
            (false, "another provider answered"),
        ] {
            let begun = scene.begin();
            let mut callback = scene.provider.sign_in(&begun.url, ANA);
            if tampered {
                execute(&scene.installation.url, "UPDATE oidc_sign_ins SET nonce_hash = 'tampered'");
            } else {
                callback = callback.split("&iss=").next().unwrap().to_owned();
            }
            let page = scene.come_back(&callback, &begun.cookie).expect(422);
            assert!(page.text.contains(why), "{}", page.text);
        }

        let begun = scene.begin();
        let late = scene.provider.sign_in(&begun.url, ANA);
        execute(&scene.installation.url, "UPDATE oidc_sign_ins SET expires_at = '2026-01-01T00:00:00.000000Z'");
        scene.come_back(&late, &begun.cookie).expect(422);
    }
}

#[test]
fn a_browser_is_sent_on_to_a_path_of_this_installation_and_nowhere_else() {
    let scene = Scene::new(Backend::Sqlite);
    for path in ["https://evil.example", "//evil.example", "/\\evil.example"] {
        let body = json!({ "provider": "city", "redirectPath": path });
        scene.client.post("/api/v1/oidc-sign-ins", &body).expect(422);
    }
    let begun = scene.begin_with(&json!({ "provider": "city", "redirectPath": "/welcome" }));
    let callback = scene.provider.sign_in(&begun.url, ANA);
    let sent = scene.come_back(&callback, &begun.cookie).expect(303);
    let code = sent.header("location").strip_prefix("/welcome?code=").unwrap().to_owned();
    let session = scene.exchange(&code, &begun.binding).expect(201);

    let log = scene.server.process.err();
    assert!(log.contains("/oidc/callback"), "the request is logged");
    for secret in [&code, &begun.binding, CLIENT_SECRET, &session.string("refreshToken"), &callback] {
        assert!(!log.contains(secret), "{secret} is in the log");
    }
}

#[test]
fn a_provider_that_does_not_answer_is_said_to_be_away_and_may_come_back_with_other_keys() {
    let mut scene = Scene::new(Backend::Sqlite);
    let begun = scene.begin();
    let callback = scene.provider.sign_in(&begun.url, ANA);
    scene.provider.stop();
    let page = scene.come_back(&callback, &begun.cookie).expect(503);
    assert!(page.text.contains("Begin again in a few minutes"), "{}", page.text);

    scene.provider.restart();
    // A token with a new key makes us look at the keys again, but not more than once in five seconds.
    std::thread::sleep(std::time::Duration::from_secs(5));
    scene.sign_in(ANA).get("/api/v1/me").expect(200);

    let mut provider = Provider::start();
    let installation = provider.trusted_by(Installation::new(Backend::Sqlite));
    let server = installation.serve();
    provider.stop();
    let client = Client::new(&server);
    let refused = client.post("/api/v1/oidc-sign-ins", &json!({ "provider": "city" })).expect(503);
    assert_eq!(refused.body["code"], "provider_unavailable");
}

#[test]
fn without_a_provider_there_is_nothing_to_sign_in_through() {
    let installation = Installation::new(Backend::Sqlite);
    let server = installation.serve();
    let client = Client::new(&server);
    client.get("/api/v1/oidc-providers").expect(404);
    client.post("/api/v1/oidc-sign-ins", &json!({ "provider": "city" })).expect(404);
}
