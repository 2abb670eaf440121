//! Bad queries, paths and methods.

use crate::{
    app::{TestApp, get},
    rows::refused,
};
use actix_web::{http::Method, test::TestRequest};
use serde_json::json;
use testing::Backend;
use uuid::Uuid;

fn pairs<const N: usize>(expected: [(&str, &str); N]) -> Vec<(String, String)> {
    expected.map(|(pointer, code)| (pointer.to_owned(), code.to_owned())).to_vec()
}

testing::on_both! {
    async fn every_wrong_query_parameter_is_listed_at_once(backend: Backend) {
        let app = TestApp::new(backend).await;
        let query = "/challenges?limit=0&limit=900&status=nope&agency=x&frist=1&a~b%2Fc=1&status=nope";
        let response = refused(&app, get(query), 400, "invalid_query").await;
        let mut found = response.fields();
        found.sort();
        let mut expected = pairs([
            ("/a~0b~1c", "unknown_field"), ("/agency", "wrong_format"), ("/frist", "unknown_field"),
            ("/limit", "duplicate"), ("/limit", "out_of_range"), ("/status", "duplicate"), ("/status", "not_allowed"),
        ]);
        expected.sort();
        assert_eq!(found, expected);
    }

    async fn a_limit_is_a_number_in_its_range(backend: Backend) {
        let app = TestApp::new(backend).await;
        let bad = ["0", "-1", "201", "abc", "1.0", "1e1", "99999999999999999999", "", "%2B5", "null", "%205", "05",
            "true", "[1]", "%00", "%FF"];
        for list in ["/challenges", "/organisations"] {
            for limit in bad {
                let response = refused(&app, get(&format!("{list}?limit={limit}")), 400, "invalid_query").await;
                assert_eq!(response.fields()[0].0, "/limit", "{limit}");
            }
            for limit in ["1", "200"] {
                app.call(get(&format!("{list}?limit={limit}"))).await.expect(200);
            }
        }
    }

    async fn parameters_that_nobody_asked_for_are_refused_everywhere(backend: Backend) {
        let app = TestApp::new(backend).await;
        let ana = app.person("Ana").await;
        let body = json!({ "kind": "agency", "legalName": "North", "country": "SI" });
        for query in ["dry_run=true", "dryrun=true", "DryRun=true", "x", "limit=5"] {
            let request = ana.post(&format!("/organisations?{query}"), body.clone());
            let response = refused(&app, request, 400, "invalid_query").await;
            assert_eq!(response.fields()[0].1, "unknown_field", "{query}");
        }
        for query in ["dryRun=1", "dryRun=yes", "dryRun=", "dryRun", "dryRun=TRUE"] {
            let request = ana.post(&format!("/organisations?{query}"), body.clone());
            let response = refused(&app, request, 400, "invalid_query").await;
            assert_eq!(response.fields(), pairs([("/dryRun", "wrong_type")]), "{query}");
        }
        let (unknown, administrator) = (Uuid::nil(), app.administrator().await);
        let logged = administrator.get(&format!("/users/{}?fields=name", ana.id));
        refused(&app, logged, 400, "invalid_query").await;
        for path in ["/me".to_owned(), format!("/organisations/{unknown}"), format!("/challenges/{unknown}")] {
            refused(&app, ana.get(&format!("{path}?fields=name")), 400, "invalid_query").await;
        }
    }

    async fn a_malformed_id_names_nothing(backend: Backend) {
        let app = TestApp::new(backend).await;
        let ana = app.person("Ana").await;
        let id = Uuid::nil().to_string();
        let malformed = ["x", "0", "-1", "%00", "%2e%2e", "..%2fme", &id[1..], &format!("{id}0"), "%F0%9F%A6%A6"];
        for id in malformed {
            for list in ["organisations", "challenges", "bids", "contracts", "milestones"] {
                refused(&app, ana.get(&format!("/{list}/{id}")), 404, "not_found").await;
            }
        }
        for list in ["organisations", "challenges", "bids", "contracts", "milestones"] {
            refused(&app, ana.get(&format!("/{list}/{id}")), 404, "not_found").await;
        }
    }

    async fn an_unknown_path_is_a_404_whatever_the_method(backend: Backend) {
        let app = TestApp::new(backend).await;
        for path in ["/api/v1", "/api/v1/", "/api/v1/nothing", "/api/v2/challenges", "/nothing", "/api/v1/challenges/",
            "/.env", "/api/v1//challenges", "/API/v1/challenges"] {
            for method in [Method::GET, Method::POST, Method::DELETE, Method::OPTIONS, Method::TRACE] {
                refused(&app, TestRequest::with_uri(path).method(method), 404, "not_found").await;
            }
        }
    }

    async fn a_wrong_method_is_told_the_right_ones(backend: Backend) {
        let app = TestApp::new(backend).await;
        for (method, path, allowed) in [
            (Method::DELETE, "/api/v1/challenges", "GET, POST, HEAD"),
            (Method::PATCH, "/api/v1/organisations/0199f3a0-5b1c-7c3e-8a4d-2f6b9c0d1e2f", "GET, HEAD"),
            (Method::GET, "/api/v1/accounts", "POST"),
            (Method::HEAD, "/api/v1/accounts", "POST"),
            (Method::GET, "/api/v1/sessions/current", "DELETE"),
            (Method::PUT, "/livez", "GET, HEAD"),
            (Method::OPTIONS, "/readyz", "GET, HEAD"),
            (Method::DELETE, "/setup", "GET, POST, HEAD"),
            (Method::POST, "/docs/", "GET, HEAD"),
        ] {
            let response = refused(&app, TestRequest::with_uri(path).method(method), 405, "method_not_allowed").await;
            assert_eq!(response.header("allow"), allowed, "{path}");
            assert!(response.body["detail"].as_str().unwrap().contains(allowed), "{}", response.text);
        }
    }

    async fn wherever_one_can_get_one_can_ask_for_the_head(backend: Backend) {
        let app = TestApp::new(backend).await;
        for path in ["/api/v1/challenges", "/api/v1/events?after=0", "/", "/livez", "/readyz", "/docs/"] {
            let [head, got] = [Method::HEAD, Method::GET].map(|method| TestRequest::with_uri(path).method(method));
            let (head, got) = (app.call(head).await.expect(200), app.call(got).await.expect(200));
            assert_eq!(head.header("content-type"), got.header("content-type"), "{path}");
        }
        let unknown = TestRequest::with_uri("/api/v1/nothing").method(Method::HEAD);
        app.call(unknown).await.expect_problem(404, "not_found");
    }
}
