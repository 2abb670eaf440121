//! What people say about themselves.

use crate::{app::TestApp, rows::refused, steps::mails};
use serde_json::json;
use testing::Backend;

testing::on_both! {
    async fn a_person_changes_what_is_sent_and_keeps_the_rest(backend: Backend) {
        let app = TestApp::new(backend).await;
        let ana = app.person("Ana Kos").await;
        let me = app.call(ana.get("/me")).await.expect(200);
        assert_eq!((&me.body["language"], &me.body["timeZone"]), (&json!("en"), &json!("UTC")));
        assert!(me.header("etag").starts_with("\"1-"), "{}", me.header("etag"));
        let change = json!({ "language": "sl", "timeZone": "Europe/Ljubljana" });
        let changed = app.call(ana.patch("/account", 1, change)).await.expect(200);
        assert_eq!(changed.body["language"], "sl");
        app.call(ana.patch("/account", 2, json!({ "name": " Ana Novak " }))).await.expect(200);
        let me = app.call(ana.get("/me")).await.expect(200);
        assert_eq!((&me.body["name"], &me.body["timeZone"]), (&json!("Ana Novak"), &json!("Europe/Ljubljana")));
        let administrator = app.administrator().await;
        let found = |name: &'static str| app.call(administrator.get(&format!("/users?q={name}")));
        assert_eq!(found("novak").await.expect(200).body["items"][0]["name"], "Ana Novak");
        assert_eq!(found("ana%20kos").await.expect(200).body["items"], json!([]));
    }

    async fn of_two_changes_of_the_same_version_one_is_refused(backend: Backend) {
        let app = TestApp::new(backend).await;
        let ana = app.person("Ana Kos").await;
        app.call(ana.patch("/account", 1, json!({ "language": "fr" }))).await.expect(200);
        refused(&app, ana.patch("/account", 1, json!({ "language": "de" })), 412, "stale").await;
        let unseen = ana.sign(actix_web::test::TestRequest::patch().uri("/api/v1/account"));
        refused(&app, unseen.set_json(json!({ "language": "de" })), 428, "precondition_required").await;
        assert_eq!(app.call(ana.get("/me")).await.expect(200).body["language"], "fr");
    }

    async fn wrong_fields_are_listed(backend: Backend) {
        let app = TestApp::new(backend).await;
        let ana = app.person("Ana Kos").await;
        let body = json!({ "name": " ", "timeZone": "Europe/Atlantis" });
        let response = refused(&app, ana.patch("/account", 1, body), 422, "invalid").await;
        let expected = [("/name", "required"), ("/timeZone", "unknown")];
        assert_eq!(response.fields(), expected.map(|(pointer, code)| (pointer.to_owned(), code.to_owned())));
        refused(&app, ana.patch("/account", 1, json!({ "language": "xx" })), 422, "invalid").await;
    }

    async fn mails_are_written_for_the_readers_clock(backend: Backend) {
        let app = TestApp::new(backend).await;
        let ana = app.person("Ana Kos").await;
        app.call(ana.patch("/account", 1, json!({ "timeZone": "Europe/Ljubljana" }))).await.expect(200);
        for (address, zone) in [(ana.email.as_str(), "Europe/Ljubljana"), ("nobody@people.example", "UTC")] {
            let email = domain::account::Email::parse(address).unwrap();
            let write = move |conn: &mut persistence::Conn| {
                let now = conn.now()?;
                persistence::outbox::enqueue(conn, "", &email, json!(null), now)
            };
            app.db().write(write).await.unwrap();
            let mail = mails(&app).await.pop().unwrap();
            assert_eq!((mail.recipient_address.as_str(), mail.time_zone.name()), (address, zone));
        }
    }
}
