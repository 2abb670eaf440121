//! The demo, and the commands around a server.

use std::fs;

use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use testing::{Backend, on_both};

use crate::{
    client::Client,
    database::count,
    people::{PASSWORD, People},
    process::{Installation, Server},
    serve::{administrator_token, empty, log_in},
};

/// The password that a demo prints, and the first address.
fn printed_login(out: &str) -> (String, String) {
    let (_, rest) = out.split_once("Everybody's password is: ").unwrap_or_else(|| panic!("no password in {out}"));
    let (password, rest) = rest.split_once('\n').unwrap();
    (password.to_owned(), rest.split_whitespace().next().unwrap().to_owned())
}

/// Somebody who is logged in as the demo says.
fn visitor(server: &Server) -> Client {
    let client = Client::new(server);
    let (password, email) = printed_login(&server.process.out());
    let session = client.post("/api/v1/sessions", &json!({ "email": email, "password": password })).expect(201);
    client.with_token(&session.string("accessToken"))
}

/// Moves the clock of a demo by a day, and gives its time then. The visitor's access token has expired by then.
fn a_day_passes(visitor: &Client) -> DateTime<Utc> {
    let answer = visitor.post("/api/v1/demo/advance-clock", &json!({ "seconds": 86_400 })).expect(200);
    answer.string("now").parse().unwrap()
}

/// What everybody sees.
fn challenges(client: &Client) -> Value {
    client.anew().get("/api/v1/challenges?limit=100").expect(200).body["items"].clone()
}

on_both! {
    fn a_demo_served_again_is_as_it_was_left(backend: Backend) {
        let installation = empty(backend, "demo_again");
        let server = installation.serve_with(&["--demo"]);
        let client = visitor(&server);
        assert_eq!(administrator_token(&server.process.out()), None, "a demo has its administrator");
        assert!(challenges(&client).as_array().unwrap().len() > 2);
        let (first, before) = (a_day_passes(&client), challenges(&client));
        let events = count(&installation.url, "FROM events WHERE request_id = 'demo'");
        server.stop();

        let server = installation.serve_with(&["--demo"]);
        let client = visitor(&server);
        assert_eq!(count(&installation.url, "FROM events WHERE request_id = 'demo'"), events, "nothing is loaded twice");
        assert_eq!(challenges(&client), before);
        let passed = a_day_passes(&client) - first;
        assert!((23..25).contains(&(passed.num_hours())), "the clock went on where it was: {passed}");
        server.stop();
    }
}

#[test]
fn demo_is_not_mixed_with_real_accounts() {
    let installation = Installation::new(Backend::Sqlite);
    People::of(&installation).person("Ada");
    for arguments in [&["demo"][..], &["serve", "--demo", "--listen", "127.0.0.1:0"]] {
        let (code, out, error) = installation.run(arguments);
        assert_eq!((code, &*out), (Some(1), ""), "{error}");
        assert!(error.contains("must not be mixed with the accounts"), "{error}");
    }
    assert_eq!(count(&installation.url, "FROM organisations"), 0);
}

#[test]
fn demo_prints_logins_that_work_in_serve() {
    let installation = Installation::at(None);
    let (code, out, error) = installation.run(&["demo"]);
    assert_eq!(code, Some(0), "{error}");
    let (password, email) = printed_login(&out);
    assert_eq!(installation.run(&["demo"]).1, out, "the logins, again");
    let server = installation.serve();
    let body = json!({ "email": email, "password": password });
    Client::new(&server).post("/api/v1/sessions", &body).expect(201);
    server.stop();
}

#[test]
fn admin_create_prints_a_link_that_works_in_a_running_server() {
    let installation = Installation::new(Backend::Sqlite);
    let server = installation.serve();
    let client = Client::new(&server);
    let (code, out, error) = installation.run(&["admin", "create", "--email", "ada+1@provoco.test"]);
    assert_eq!(code, Some(0), "{error}");
    let token = administrator_token(&out).unwrap();
    let link = out.split_whitespace().find(|word| word.contains("/setup?")).unwrap();
    let path = &link[link.find("/setup").unwrap()..];
    assert!(client.get(path).expect(200).text.contains("value=\"ada+1@provoco.test\""), "the address is filled in");
    let fields = [("token", &*token), ("name", "Ada"), ("email", "ada@provoco.test"), ("password", PASSWORD)];
    client.submit_form("/setup", &fields).expect(201);
    log_in(&client, "ada@provoco.test").expect(201);
    server.stop();
}

on_both! {
    fn migrate_says_what_it_did(backend: Backend) {
        let installation = empty(backend, "migrate");
        let (code, out, error) = installation.run(&["migrate"]);
        assert_eq!(code, Some(0), "{error}");
        assert!(out.starts_with("Migrated: ") && out.contains("000001"), "{out}");
        assert_eq!(installation.run(&["migrate"]), (Some(0), "The database is up to date.\n".to_owned(), String::new()));
    }
}

#[test]
fn openapi_prints_the_committed_document() {
    let (code, out, _) = Installation::at(None).run(&["openapi"]);
    assert_eq!(code, Some(0));
    let committed = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../openapi/openapi.json")).unwrap();
    assert!(out == committed, "openapi/openapi.json is not what `provoco openapi` prints");
}
