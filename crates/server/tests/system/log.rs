//! The log: one JSON object per line, one line per request, and nothing that must stay secret.

use std::collections::HashMap;

use serde_json::{Value, json};
use testing::Backend;

use crate::{
    client::{Client, Response},
    mail::links,
    marketplace::{Marketplace, offer},
    people::{PASSWORD, People},
    process::Installation,
    serve::{administrator_token, log_in},
};

const WRONG_PASSWORD: &str = "eleven loud herons";
const SOLUTION: &str = "a solution that only its company knows";

/// Everything that happened: the answers, with method and path, and the secrets that were in play.
struct Session {
    calls: Vec<(&'static str, String, u16, String)>,
    secrets: Vec<String>,
}

impl Session {
    fn note(&mut self, method: &'static str, path: &str, answer: Response) -> Response {
        let path = path.split('?').next().unwrap_or_default().to_owned();
        self.calls.push((method, path, answer.status, answer.header("x-request-id").to_owned()));
        answer
    }

    fn keep_secret(&mut self, secrets: &[&str]) {
        self.secrets.extend(secrets.iter().map(|secret| (*secret).to_owned()));
    }
}

#[test]
fn every_request_is_one_line_and_no_secret_is_in_any() {
    let installation = Installation::new(Backend::Sqlite).with("LOG__FORMAT", "json").with("LOG__LEVEL", "trace");
    let server = installation.serve();
    let client = Client::new(&server);
    let mut session = Session { calls: Vec::new(), secrets: Vec::new() };
    session.keep_secret(&[PASSWORD, &PASSWORD.replace(' ', "+"), WRONG_PASSWORD, SOLUTION, "31234.56"]);

    set_up(&client, &server.process.out(), &mut session);
    register(&client, &installation, &mut session);
    use_sessions(&client, &mut session);
    bid(&client, &People::of(&installation), &mut session);
    err_about(&client, &mut session);
    let log = server.process.err();
    server.stop();

    for secret in &session.secrets {
        assert!(secret.len() > 7 && !log.contains(secret.as_str()), "{secret} is in the log");
    }
    assert!(!log.to_lowercase().contains("bearer "), "an Authorization header is in the log");
    assert_lines(&log, &session.calls);
}

fn set_up(client: &Client, printed: &str, session: &mut Session) {
    let token = administrator_token(printed).unwrap();
    let path = format!("/setup?token={token}");
    session.note("GET", &path, client.get(&path)).expect(200);
    let fields = [("token", &*token), ("name", "Ada"), ("email", "ada@provoco.test"), ("password", PASSWORD)];
    session.note("POST", "/setup", client.submit_form("/setup", &fields)).expect(201);
    session.note("POST", "/setup", client.submit_form("/setup", &fields)).expect(422);
    session.keep_secret(&[&token]);
}

fn register(client: &Client, installation: &Installation, session: &mut Session) {
    for name in ["bob", "cleo"] {
        let body = json!({ "email": format!("{name}@people.example"), "name": name, "password": PASSWORD });
        session.note("POST", "/api/v1/accounts", client.post("/api/v1/accounts", &body)).expect(202);
    }
    let tokens = links(installation, 2);
    session.keep_secret(&[&tokens[0], &tokens[1]]);
    let path = format!("/confirm-email?token={}", tokens[0]);
    session.note("GET", &path, client.get(&path)).expect(200);
    let form = client.submit_form("/confirm-email", &[("token", &tokens[0])]);
    session.note("POST", "/confirm-email", form).expect(200);
    let body = json!({ "token": tokens[1] });
    session.note("POST", "/api/v1/accounts/confirm", client.post("/api/v1/accounts/confirm", &body)).expect(204);
    session.note("POST", "/api/v1/accounts/confirm", client.post("/api/v1/accounts/confirm", &body)).expect(422);
}

fn use_sessions(client: &Client, session: &mut Session) {
    let wrong = json!({ "email": "bob@people.example", "password": WRONG_PASSWORD });
    session.note("POST", "/api/v1/sessions", client.post("/api/v1/sessions", &wrong)).expect(401);
    let first = session.note("POST", "/api/v1/sessions", log_in(client, "bob@people.example")).expect(201);
    let body = json!({ "refreshToken": first.string("refreshToken") });
    let path = "/api/v1/sessions/refresh";
    let second = session.note("POST", path, client.post(path, &body)).expect(201);
    let signed_in = client.with_token(&second.string("accessToken"));
    session.note("GET", "/api/v1/me", signed_in.get("/api/v1/me")).expect(200);
    // The refresh token a second time ends the session.
    session.note("POST", path, client.post(path, &body)).expect(422);
    session.note("GET", "/api/v1/me", signed_in.get("/api/v1/me")).expect(401);
    for tokens in [first, second] {
        session.keep_secret(&[&tokens.string("refreshToken"), &tokens.string("accessToken")]);
        // The signature alone, too.
        session.keep_secret(&[tokens.string("accessToken").rsplit('.').next().unwrap()]);
    }
}

fn bid(client: &Client, people: &People, session: &mut Session) {
    let marketplace = Marketplace::new(client, people);
    let company = marketplace.company(client, people, "Calm Signal");
    let path = format!("/api/v1/challenges/{}/bids", marketplace.publish());
    let mut offer = offer("31234.56");
    offer["solution"] = SOLUTION.into();
    let body = json!({ "company": company.id, "offer": offer });
    let headers = [("idempotency-key", "a-key-of-one-s-own")];
    let submitted = company.bidder.send("POST", &path, &headers, Some(&body)).unwrap();
    session.note("POST", &path, submitted).expect(201);
    session.keep_secret(&["a-key-of-one-s-own"]);
    let path = format!("/api/v1/organisations/{}/api-keys", company.id);
    let body = json!({ "name": "Bid system", "scopes": ["challenges:read"] });
    let made = session.note("POST", &path, company.bidder.post(&path, &body)).expect(201);
    use_key(client, &made.string("secret"), session);
}

fn use_key(client: &Client, key: &str, session: &mut Session) {
    let (path, mistyped) = ("/api/v1/challenges", format!("{key}x"));
    session.note("GET", path, client.with_token(key).get(path)).expect(200);
    session.note("GET", path, client.with_token(&mistyped).get(path)).expect(401);
    session.note("GET", "/api/v1/me", client.with_token(key).get("/api/v1/me")).expect(403);
    // All but the name, too.
    session.keep_secret(&[key, key.rsplit('_').next().unwrap()]);
}

/// Mistakes are logged too, and repeat nothing of what was sent.
fn err_about(client: &Client, session: &mut Session) {
    let stranger = client.with_token("not-a-token-but-secret");
    session.note("GET", "/api/v1/me", stranger.get("/api/v1/me")).expect(401);
    let path = "/api/v1/sessions";
    let body = json!({ "email": "bob@people.example", "password": WRONG_PASSWORD, WRONG_PASSWORD: 1 });
    session.note("POST", path, client.post(path, &body)).expect(422);
    let path = "/api/v1/challenges?secret=a-query-that-is-secret";
    session.note("GET", path, client.get(path)).expect(400);
    session.note("GET", "/nowhere", client.get("/nowhere")).expect(404);
    session.keep_secret(&["not-a-token-but-secret", "a-query-that-is-secret"]);
}

/// Each line is a JSON object, and each call is one of them.
fn assert_lines(log: &str, calls: &[(&str, String, u16, String)]) {
    let parse = |line: &str| serde_json::from_str::<Value>(line).unwrap_or_else(|error| panic!("{error}: {line}"));
    let mut lines: HashMap<String, Vec<Value>> = HashMap::new();
    for line in log.lines().map(parse) {
        for field in ["timestamp", "level", "target", "message"] {
            assert!(line[field].is_string(), "no {field} in {line}");
        }
        if line["target"] == "provoco::request" {
            lines.entry(line["request_id"].as_str().unwrap().to_owned()).or_default().push(line);
        }
    }
    assert!(calls.len() >= 20, "{}", calls.len());
    for (method, path, status, id) in calls {
        let [line] = lines[id].as_slice() else { panic!("not one line: {:?}", lines[id]) };
        assert_eq!((&line["method"], &line["path"], &line["status"]), (&json!(method), &json!(path), &json!(status)));
    }
    assert!(lines.values().all(|lines| lines.len() == 1));
}
