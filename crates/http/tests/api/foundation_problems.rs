//! Bad bodies: each gets its own answer, and nothing is stored.

use crate::{
    app::{Person, TestApp, get, post},
    marketplace::organisation,
    rows::{refused, rows},
};
use actix_http::h1;
use actix_web::{error::PayloadError, test::TestRequest};
use http::Limits;
use serde_json::{Value, json};
use testing::Backend;

const JSON: &str = "application/json";

/// A body as it comes off the wire.
fn send(person: &Person, content_type: &str, body: &[u8]) -> TestRequest {
    let request = person.act("/organisations").set_payload(body.to_vec());
    if content_type.is_empty() { request } else { request.insert_header(("content-type", content_type)) }
}

fn agency(name: &str) -> Value {
    json!({ "kind": "agency", "legalName": name, "country": "SI" })
}

testing::on_both! {
    async fn what_is_not_json_is_refused_as_such(backend: Backend) {
        let app = TestApp::new(backend).await;
        let ana = app.person("Ana").await;
        let deep = "[".repeat(200_000);
        let nested = format!("{}1{}", r#"{"kind":"#.repeat(5_000), "}".repeat(5_000));
        let bodies: [&[u8]; 11] = [
            b"", b" ", b"{", b"nul", b"{\"kind\":}", b"{} {}", b"{\"kind\":\"\xff\xfe\"}", br#"{"kind":"\ud800"}"#,
            b"{\"kind\":1e999}", deep.as_bytes(), nested.as_bytes(),
        ];
        for body in bodies {
            refused(&app, send(&ana, JSON, body), 400, "malformed_json").await;
        }
    }

    async fn a_body_must_say_that_it_is_json(backend: Backend) {
        let app = TestApp::new(backend).await;
        let ana = app.person("Ana").await;
        let body = agency("Northern Dispatch").to_string();
        let others = ["", "text/plain", "application/x-www-form-urlencoded", "application/jsonx", "multipart/form-data"];
        for kind in others {
            refused(&app, send(&ana, kind, body.as_bytes()), 415, "unsupported_media_type").await;
        }
        app.call(send(&ana, "Application/JSON; charset=utf-8", body.as_bytes())).await.expect(201);
    }

    async fn a_body_may_be_as_large_as_the_limit_and_no_larger(backend: Backend) {
        let app = TestApp::with_limits(backend, Limits { body_bytes: 1000, ..Limits::default() }).await;
        let ana = app.person("Ana").await;
        let small = agency("Northern Dispatch").to_string();
        let body = |length: usize| [small.as_bytes(), &b" ".repeat(length - small.len())].concat();
        // A length is declared with an ordinary body, and not with a chunked one.
        let declared = |length: usize| send(&ana, JSON, &body(length)).insert_header(("content-length", length));
        refused(&app, send(&ana, JSON, &body(1001)), 413, "body_too_large").await;
        refused(&app, declared(1001), 413, "body_too_large").await;
        refused(&app, declared(100_000), 413, "body_too_large").await;
        app.call(declared(1000)).await.expect(201);
    }

    async fn a_body_that_breaks_off_is_not_taken_for_a_whole_one(backend: Backend) {
        let app = TestApp::new(backend).await;
        let ana = app.person("Ana").await;
        let (mut sender, body) = h1::Payload::create(false);
        sender.feed_data(agency("Northern Dispatch").to_string().into_bytes().into());
        sender.set_error(PayloadError::Incomplete(None));
        let request = send(&ana, JSON, b"").to_request().replace_payload(body.into()).0;
        let before = rows(&app);
        app.send(request).await.expect_problem(400, "body_incomplete");
        assert_eq!(rows(&app), before);
    }

    async fn every_wrong_field_is_listed_at_once_with_its_pointer(backend: Backend) {
        let app = TestApp::new(backend).await;
        let ana = app.person("Ana").await;
        let body = json!({
            "agency": "not-a-uuid",
            "a/b~c": 1,
            "content": {
                "title": 5,
                "summary": "x".repeat(1001),
                "surprise": true,
                "problem": { "pain": "It hurts.", "affected": null, "evidence": "None.", "tried": "Nothing." },
                "outcomes": [{ "metric": "Wait", "unit": "seconds", "baseline": "1", "target": 2 }],
                "procedure": "grand_tender",
                "budgetCeiling": { "amount": "1,5", "currency": "eur" },
                "pilots": 0,
                "pilotWeeks": 1.5,
                "submissionDeadline": "tomorrow",
                "criteria": [{ "name": "A", "description": "B", "weight": "forty", "maximum": "5", "id": "x" }],
            },
        });
        let response = refused(&app, ana.post("/challenges", body), 422, "invalid").await;
        let expected = [
            ("/agency", "wrong_format"),
            ("/a~1b~0c", "unknown_field"),
            ("/content/budgetCeiling/amount", "wrong_format"),
            ("/content/budgetCeiling/currency", "wrong_format"),
            ("/content/criteria/0/id", "wrong_format"),
            ("/content/criteria/0/weight", "wrong_format"),
            ("/content/outcomes/0/target", "wrong_type"),
            ("/content/pilotWeeks", "wrong_type"),
            ("/content/pilots", "out_of_range"),
            ("/content/problem/affected", "wrong_type"),
            ("/content/problem/currentCost", "required"),
            ("/content/procedure", "not_allowed"),
            ("/content/submissionDeadline", "wrong_format"),
            ("/content/summary", "too_long"),
            ("/content/surprise", "unknown_field"),
            ("/content/title", "wrong_type"),
        ];
        assert_eq!(response.fields(), expected.map(|(pointer, code)| (pointer.to_owned(), code.to_owned())));
        assert!(!response.text.contains("not-a-uuid"), "what was sent is not sent back");
    }

    async fn a_body_that_is_no_object_is_of_the_wrong_type(backend: Backend) {
        let app = TestApp::new(backend).await;
        let ana = app.person("Ana").await;
        for body in [json!(null), json!([]), json!("agency"), json!(5), json!(true)] {
            let response = refused(&app, ana.post("/organisations", body), 422, "invalid").await;
            assert_eq!(response.fields(), [(String::new(), "wrong_type".to_owned())]);
        }
    }

    async fn rules_of_the_domain_point_into_the_body_that_was_sent(backend: Backend) {
        let app = TestApp::new(backend).await;
        let ana = app.person("Ana").await;
        let response = refused(&app, ana.post("/organisations", agency("   ")), 422, "invalid").await;
        assert_eq!(response.fields(), [("/legalName".to_owned(), "required".to_owned())]);
    }

    async fn the_character_nul_is_refused_wherever_it_stands(backend: Backend) {
        let app = TestApp::new(backend).await;
        let ana = app.person("Ana").await;
        let response = refused(&app, ana.post("/organisations", agency("Nor\0thern")), 422, "invalid").await;
        assert_eq!(response.fields(), [("/legalName".to_owned(), "wrong_format".to_owned())]);
        let body = json!({
            "agency": ana.id.to_string(),
            "content": {
                "title": "Tit\0le", "summary": "\0",
                "outcomes": [{ "metric": "A", "unit": "\0", "baseline": "1", "target": "2" }],
            },
        });
        let response = refused(&app, ana.post("/challenges", body), 422, "invalid").await;
        let wrong = |pointer: &str| (pointer.to_owned(), "wrong_format".to_owned());
        assert_eq!(response.fields(), ["/content/outcomes/0/unit", "/content/summary", "/content/title"].map(wrong));
        let login = json!({ "email": ana.email, "password": "seven\0otters" });
        let response = refused(&app, post("/sessions", login), 422, "invalid").await;
        assert_eq!(response.fields(), [wrong("/password")]);
        let named = json!({ "kind": "agency", "legalName": "North", "country": "SI", "no\0te": 1 });
        let response = refused(&app, ana.post("/organisations", named), 422, "invalid").await;
        assert_eq!(response.fields(), [("/no\0te".to_owned(), "unknown_field".to_owned())]);
    }

    async fn every_other_character_is_kept_as_it_is(backend: Backend) {
        let app = TestApp::new(backend).await;
        let ana = app.person("Ana").await;
        let name = "A\u{1}\t\u{7f}\u{feff}\u{202e}é 🦦 <b>'; DROP TABLE users; --%s{{7*7}}\u{10ffff}B";
        let id = organisation(&app, &ana, "agency", name).await;
        let found = app.call(get(&format!("/organisations/{id}"))).await.expect(200);
        assert_eq!(found.body["legalName"], name);
    }

    async fn lengths_are_counted_in_characters(backend: Backend) {
        let app = TestApp::new(backend).await;
        let ana = app.person("Ana").await;
        app.call(ana.post("/organisations", agency(&"🦦".repeat(200)))).await.expect(201);
        let response = refused(&app, ana.post("/organisations", agency(&"🦦".repeat(201))), 422, "invalid").await;
        assert_eq!(response.fields(), [("/legalName".to_owned(), "too_long".to_owned())]);
    }

    async fn a_number_must_be_a_whole_one_in_its_range(backend: Backend) {
        let app = TestApp::new(backend).await;
        let ana = app.person("Ana").await;
        for (number, code) in [
            ("1.5", "wrong_type"), ("1.0", "wrong_type"), ("1e0", "wrong_type"), ("\"1\"", "wrong_type"),
            ("-1", "out_of_range"), ("0", "out_of_range"), ("21", "out_of_range"), ("2147483648", "out_of_range"),
            ("9223372036854775808", "out_of_range"), ("99999999999999999999999", "out_of_range"),
            ("1e300", "out_of_range"), ("-1e300", "out_of_range"),
        ] {
            let body = format!(r#"{{"agency":"{}","content":{{"title":"T","pilots":{number}}}}}"#, ana.id);
            let request = ana.act("/challenges").insert_header(("content-type", JSON)).set_payload(body);
            let response = refused(&app, request, 422, "invalid").await;
            assert_eq!(response.fields(), [("/content/pilots".to_owned(), code.to_owned())], "{number}");
        }
    }

    async fn a_date_is_kept_as_it_was_told_or_refused(backend: Backend) {
        let app = TestApp::new(backend).await;
        let ana = app.person("Ana").await;
        let agency = organisation(&app, &ana, "agency", "Northern Dispatch").await;
        let members = app.call(ana.get(&format!("/organisations/{agency}/members"))).await.expect(200);
        let path = format!("/organisations/{agency}/members/{}", members.body["items"][0]["id"].as_str().unwrap());
        app.call(ana.put(&path, 1, json!({ "roles": ["owner", "author"] }))).await.expect(200);
        let draft = |date: &str| {
            let content = json!({ "title": "T", "submissionDeadline": date });
            ana.post("/challenges", json!({ "agency": agency, "content": content }))
        };
        for (date, code) in [
            ("2026-02-30T00:00:00Z", "wrong_format"), ("2026-13-01T00:00:00Z", "wrong_format"),
            ("2026-12-01", "wrong_format"), ("2026-12-01T25:00:00Z", "wrong_format"), ("", "wrong_format"),
            ("2026-12-01T00:00:00", "wrong_format"), ("10000-01-01T00:00:00Z", "wrong_format"),
            ("0000-01-01T00:00:00Z", "out_of_range"), ("1999-12-31T23:59:59Z", "out_of_range"),
            ("9999-12-31T23:59:59.999999999-23:59", "out_of_range"),
        ] {
            let response = refused(&app, draft(date), 422, "invalid").await;
            assert_eq!(response.fields(), [("/content/submissionDeadline".to_owned(), code.to_owned())], "{date}");
        }
        for (date, kept) in [
            ("2027-01-01T00:30:00+01:00", "2026-12-31T23:30:00Z"),
            ("2027-01-01t00:00:00.123456789z", "2027-01-01T00:00:00.123456Z"),
            ("2016-12-31T23:59:60Z", "2017-01-01T00:00:00Z"),
        ] {
            let made = app.call(draft(date)).await.expect(201);
            let found = app.call(ana.get(&format!("/challenges/{}", made.id()))).await.expect(200);
            assert_eq!((&made.body["submissionDeadline"], &found.body), (&json!(kept), &made.body));
        }
    }

    async fn whoever_may_not_call_learns_nothing_about_the_body(backend: Backend) {
        let app = TestApp::new(backend).await;
        let before = rows(&app);
        app.call(post("/organisations", json!({ "kind": 1 }))).await.expect_problem(401, "unauthenticated");
        assert_eq!(rows(&app), before);
    }
}
