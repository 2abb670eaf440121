//! Organisations: registering, seeing, verifying.

use crate::{
    app::{Person, TestApp, get},
    marketplace::organisation,
    rows::refused,
};
use actix_web::test::TestRequest;
use serde_json::json;
use testing::Backend;
use uuid::Uuid;

fn register(person: &Person, kind: &str, name: &str, country: &str) -> TestRequest {
    person.post("/organisations", json!({ "kind": kind, "legalName": name, "country": country }))
}

fn fields<const N: usize>(expected: [(&str, &str); N]) -> Vec<(String, String)> {
    expected.map(|(pointer, code)| (pointer.to_owned(), code.to_owned())).to_vec()
}

/// An agency with an owner.
async fn agency(app: &TestApp) -> (String, Person) {
    let owner = app.person("Olga Owner").await;
    (organisation(app, &owner, "agency", "Northern Dispatch").await, owner)
}

testing::on_both! {
    async fn whoever_registers_an_organisation_owns_it_and_everybody_sees_it(backend: Backend) {
        let app = TestApp::new(backend).await;
        let ana = app.person("Ana").await;
        let made = app.call(register(&ana, "agency", "  Northern Dispatch ", "SI")).await.expect(201);
        assert_eq!(made.header("location"), format!("/api/v1/organisations/{}", made.id()));
        let seen = app.call(get(made.header("location"))).await.expect(200);
        assert_eq!(seen.body, made.body);
        assert_eq!((&seen.body["legalName"], &seen.body["verifiedAt"]), (&json!("Northern Dispatch"), &json!(null)));
        let me = app.call(ana.get("/me")).await.expect(200);
        assert_eq!(me.body["memberships"], json!([{ "organisation": made.id(), "roles": ["owner"] }]));
    }

    async fn a_name_is_taken_once_in_each_country(backend: Backend) {
        let app = TestApp::new(backend).await;
        let (ana, bor) = (app.person("Ana").await, app.person("Bor").await);
        app.call(register(&ana, "agency", "North", "SI")).await.expect(201);
        for (name, kind) in [("North", "agency"), ("North", "company"), (" North ", "agency")] {
            refused(&app, register(&bor, kind, name, "SI"), 409, "organisation_exists").await;
        }
        app.call(register(&bor, "agency", "North", "HR")).await.expect(201);
    }

    async fn a_country_is_two_capital_letters(backend: Backend) {
        let app = TestApp::new(backend).await;
        let ana = app.person("Ana").await;
        for country in ["", "S", "si", "SVN", "S1", "SI\n", "ŠI"] {
            let response = refused(&app, register(&ana, "agency", "North", country), 422, "invalid").await;
            assert_eq!(response.fields(), fields([("/country", "wrong_format")]), "{country:?}");
        }
    }

    async fn organisations_are_found_by_the_beginning_of_their_names_in_any_case(backend: Backend) {
        let app = TestApp::new(backend).await;
        let ana = app.person("Ana").await;
        for name in ["Northern Dispatch", "Southern Dispatch", "NORTH 100%", "Žiga", "ΟΔΟΣ Α", "Nörth", "Nor_th"] {
            app.call(register(&ana, "agency", name, "SI")).await.expect(201);
        }
        let found = async |query: &str| {
            let page = app.call(get(&format!("/organisations?{query}"))).await.expect(200).body;
            let names = page["items"].as_array().unwrap().iter().map(|item| item["legalName"].as_str().unwrap().to_owned());
            (names.collect::<Vec<_>>(), page["next"].clone())
        };
        for (query, names) in [
            ("q=north", &["Northern Dispatch", "NORTH 100%"][..]),
            ("q=NORTHE", &["Northern Dispatch"]),
            ("q=%C5%BDI", &["Žiga"]),
            ("q=%CE%9F%CE%94%CE%9F%CE%A3", &["ΟΔΟΣ Α"]),
            ("q=north%20100%25", &["NORTH 100%"]),
            ("q=nor_t", &["Nor_th"]),
            ("q=dispatch", &[]),
            ("q=%25%25", &[]),
        ] {
            assert_eq!(found(query).await.0, names, "{query}");
        }
        let (first, next) = found("q=no&limit=2").await;
        let next = next.as_str().unwrap();
        let (second, last) = found(&format!("q=no&limit=4&after={next}")).await;
        let expected = ["Northern Dispatch", "NORTH 100%", "Nor_th"];
        assert_eq!(([first, second].concat(), last), (expected.map(ToOwned::to_owned).to_vec(), json!(null)));
        refused(&app, get(&format!("/organisations?q=so&after={next}")), 400, "invalid_cursor").await;
        refused(&app, get("/organisations?q=n"), 400, "invalid_query").await;
    }

    async fn a_renamed_organisation_is_found_by_its_new_name(backend: Backend) {
        let app = TestApp::new(backend).await;
        let (id, owner) = agency(&app).await;
        let profile = json!({ "legalName": "Renamed Dispatch", "country": "SI" });
        let request = TestRequest::put().uri(&format!("/api/v1/organisations/{id}/profile"));
        let change = owner.sign(request).insert_header(("if-match", "\"1\"")).set_json(profile);
        app.call(change).await.expect(200);
        for (query, count) in [("renamed", 1), ("northern", 0)] {
            let page = app.call(get(&format!("/organisations?q={query}"))).await.expect(200).body;
            assert_eq!(page["items"].as_array().unwrap().len(), count, "{query}");
        }
    }

    async fn only_an_administrator_verifies_and_only_once(backend: Backend) {
        let app = TestApp::new(backend).await;
        let ((id, owner), administrator) = (agency(&app).await, app.administrator().await);
        let path = format!("/organisations/{id}/verify");
        let reason = json!({ "reason": "Checked against the register." });
        refused(&app, owner.post(&path, reason.clone()), 403, "administrator_only").await;
        let blank = refused(&app, administrator.post(&path, json!({ "reason": " " })), 422, "invalid").await;
        assert_eq!(blank.fields(), fields([("/reason", "required")]));
        let verified = app.call(administrator.post(&path, reason.clone())).await.expect(200);
        assert!(verified.body["verifiedAt"].is_string());
        refused(&app, administrator.post(&path, reason.clone()), 409, "already_done").await;
        let unknown = format!("/organisations/{}/verify", Uuid::nil());
        refused(&app, administrator.post(&unknown, reason), 404, "not_found").await;
    }
}
