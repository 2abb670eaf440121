//! What organisations tell about themselves, to whom, and who is behind them.

use crate::{
    app::{Person, TestApp, get},
    marketplace::{Marketplace, company, organisation},
    rows::{change, refused, rows},
    steps::join,
};
use actix_web::test::TestRequest;
use serde_json::{Value, json};
use testing::Backend;

/// A whole profile of Calm.
fn profile() -> Value {
    json!({
        "legalName": "Calm Signal", "country": "SI", "tradingName": "Calm", "registerNumber": "5860571000",
        "vatNumber": "SI 5022 3054", "sizeClass": "small", "website": "https://calm.example",
        "address": { "street": "Cesta 1", "postalCode": "4000", "town": "Kranj", "country": "SI" },
        "capabilities": ["Speech recognition", "telephony"], "cpvCodes": ["72000000-5", "48000000"],
        "contacts": [{ "name": "Cara CONTACT", "email": "Cara@calm.example", "phone": "+386 1 234 56 78", "purpose": "Invoices" }],
    })
}

fn owners() -> Value {
    json!({ "items": [{ "name": "Bea BEHIND", "country": "AT", "share": "62.5001", "control": "ownership" }] })
}

/// Makes somebody an auditor of the platform.
async fn platform_auditor(app: &TestApp) -> Person {
    let person = app.person("Petra Auditor").await;
    change(app, &format!("UPDATE users SET auditor = TRUE WHERE id = '{}'", person.id));
    person
}

testing::on_both! {
    async fn a_profile_is_shown_to_everybody_but_for_its_contacts(backend: Backend) {
        let app = TestApp::new(backend).await;
        let calm = company(&app, "Calm Signal").await;
        let at = format!("/organisations/{}", calm.id);
        let written = app.call(calm.bidder.put(&format!("{at}/profile"), 1, profile())).await.expect(200);
        let public = app.call(get(&at)).await.expect(200);
        assert_eq!(public.body, written.body["organisation"]);
        let expected = json!({
            "tradingName": "Calm", "registerNumber": "5860571000", "vatNumber": "SI50223054", "sizeClass": "small",
            "website": "https://calm.example", "capabilities": ["speech recognition", "telephony"],
            "cpvCodes": ["72000000", "48000000"], "version": 2, "parent": null,
            "address": { "street": "Cesta 1", "postalCode": "4000", "town": "Kranj", "country": "SI" },
        });
        for (name, value) in expected.as_object().unwrap() {
            assert_eq!(public.body[name], *value, "{name}");
        }
        let list = app.call(get("/organisations")).await.expect(200);
        assert_eq!(list.body["items"][0], public.body);
        let contacts = json!([{ "name": "Cara CONTACT", "email": "cara@calm.example", "phone": "+386 1 234 56 78", "purpose": "Invoices" }]);
        assert_eq!(written.body["contacts"], contacts);
        for reader in [&calm.bidder, &app.administrator().await] {
            let whole = app.call(reader.get(&format!("{at}/profile"))).await.expect(200);
            assert_eq!((&whole.body, whole.header("etag")), (&written.body, written.header("etag")));
        }
        let stranger = app.person("Stranger").await;
        refused(&app, stranger.get(&format!("{at}/profile")), 404, "not_found").await;
        app.sequence().await;
        let feed = app.call(get("/events?limit=1000")).await.expect(200).text;
        assert!(feed.contains("organisation.profile_changed") && !feed.to_lowercase().contains("cara"), "{feed}");
    }

    async fn a_profile_is_written_as_seen_and_becomes_what_is_sent(backend: Backend) {
        let app = TestApp::new(backend).await;
        let calm = company(&app, "Calm Signal").await;
        let path = format!("/organisations/{}/profile", calm.id);
        let written = app.call(calm.bidder.put(&path, 1, profile())).await.expect(200);
        refused(&app, calm.bidder.put(&path, 1, profile()), 412, "stale").await;
        let unseen = calm.bidder.sign(TestRequest::put().uri(&format!("/api/v1{path}")));
        refused(&app, unseen.set_json(profile()), 428, "precondition_required").await;
        let before = rows(&app);
        let again = app.call(calm.bidder.put(&path, 2, profile())).await.expect(200);
        assert_eq!((again.body, rows(&app)), (written.body, before), "nothing changed, nothing happened");
        let bare = json!({ "legalName": "Calm Signal", "country": "SI" });
        let emptied = app.call(calm.bidder.put(&path, 2, bare)).await.expect(200);
        assert_eq!((&emptied.body["contacts"], &emptied.body["organisation"]["vatNumber"]), (&json!([]), &json!(null)));
    }

    async fn wrong_fields_are_listed_and_unknown_codes_refused(backend: Backend) {
        let app = TestApp::new(backend).await;
        let calm = company(&app, "Calm Signal").await;
        let path = format!("/organisations/{}/profile", calm.id);
        let mut wrong = profile();
        wrong["vatNumber"] = json!("SI50223055");
        wrong["cpvCodes"] = json!(["72000000-4", "72999999", "48000000"]);
        wrong["contacts"][0]["email"] = json!("nobody");
        let response = refused(&app, calm.bidder.put(&path, 1, wrong), 422, "invalid").await;
        let expected = [
            ("/vatNumber", "wrong_check_digits"),
            ("/cpvCodes/0", "wrong_check_digit"),
            ("/cpvCodes/1", "unknown"),
            ("/contacts/0/email", "wrong_format"),
        ];
        assert_eq!(response.fields(), expected.map(|(at, code)| (at.to_owned(), code.to_owned())));
        company(&app, "River Ear").await;
        let mut taken = profile();
        taken["legalName"] = json!("River Ear");
        refused(&app, calm.bidder.put(&path, 1, taken), 409, "organisation_exists").await;
    }

    async fn beneficial_owners_are_for_insiders_and_auditors_and_reading_them_is_logged(backend: Backend) {
        let m = Marketplace::new(backend).await;
        let path = format!("/organisations/{}/beneficial-owners", m.calm.id);
        let named = m.call(m.calm.bidder.put(&path, 2, owners())).await.expect(200);
        assert_eq!(named.body, owners());
        let colleague = m.staff_of(&m.calm, "Colleague").await;
        let reads = || rows(&m.app)["reads"];
        for reader in [&m.calm.bidder, &colleague, &m.administrator, &platform_auditor(&m.app).await] {
            let before = reads();
            assert_eq!(m.see(reader, &path).await, owners(), "{}", reader.name);
            assert_eq!(reads(), before + 1);
        }
        let auditor = m.staff("Agency Auditor", "auditor").await;
        for stranger in [&m.officer, &auditor, &m.river.bidder] {
            refused(&m.app, stranger.get(&path), 404, "not_found").await;
        }
        refused(&m.app, colleague.put(&path, 3, owners()), 403, "role_missing").await;
        refused(&m.app, m.river.bidder.put(&path, 3, owners()), 404, "not_found").await;
        refused(&m.app, m.calm.bidder.put(&path, 2, owners()), 412, "stale").await;
        let told = format!("{:?}{}", m.feed().await, m.see(&m.owner, &format!("/organisations/{}", m.calm.id)).await);
        assert!(!told.contains("BEHIND"));
    }

    async fn beneficial_owners_are_named_by_somebody_at_the_keyboard(backend: Backend) {
        let app = TestApp::new(backend).await;
        let calm = company(&app, "Calm Signal").await;
        let path = format!("/organisations/{}/beneficial-owners", calm.id);
        change(&app, &format!("UPDATE sessions SET authenticated_at = NULL WHERE user_id = '{}'", calm.bidder.id));
        refused(&app, calm.bidder.put(&path, 1, owners()), 403, "step_up_required").await;
    }

    async fn agencies_have_parts_and_roles_are_not_inherited(backend: Backend) {
        let app = TestApp::new(backend).await;
        let (owner, stranger) = (app.person("Olga Owner").await, app.person("Stranger").await);
        let top = organisation(&app, &owner, "agency", "Level 1").await;
        let part = |who: &Person, kind: &str, name: &str, parent: &str| {
            who.post("/organisations", json!({ "kind": kind, "legalName": name, "country": "SI", "parent": parent }))
        };
        refused(&app, part(&stranger, "agency", "Level 2", &top), 403, "role_missing").await;
        let unknown = refused(&app, part(&owner, "agency", "Level 2", &owner.id.to_string()), 422, "invalid").await;
        assert_eq!(unknown.fields(), [("/parent".to_owned(), "unknown".to_owned())]);
        let wrong = refused(&app, part(&owner, "company", "Firm", &top), 422, "invalid").await;
        assert_eq!(wrong.fields(), [("/kind".to_owned(), "not_allowed".to_owned())]);
        let second = app.call(part(&owner, "agency", "Level 2", &top)).await.expect(201);
        assert_eq!(second.body["parent"], json!(top));
        let colleague = join(&app, &owner, &top, "Colleague", &["owner", "officer"]).await;
        refused(&app, part(&colleague, "agency", "Level 3", &second.id()), 403, "role_missing").await;
        for path in ["members", "challenges", "profile", "beneficial-owners"] {
            let path = format!("/organisations/{}/{path}", second.id());
            refused(&app, colleague.get(&path), 404, "not_found").await;
            app.call(owner.get(&path)).await.expect(200);
        }
        let sibling = app.call(part(&owner, "agency", "Another", &top)).await.expect(201).id();
        let mut parent = second.id();
        for level in 3..=5 {
            parent = app.call(part(&owner, "agency", &format!("Level {level}"), &parent)).await.expect(201).id();
        }
        let deep = refused(&app, part(&owner, "agency", "Level 6", &parent), 422, "invalid").await;
        assert_eq!(deep.fields(), [("/parent".to_owned(), "too_deep".to_owned())]);
        let first = app.call(get(&format!("/organisations?parent={top}&limit=1"))).await.expect(200).body;
        let next = format!("/organisations?parent={top}&limit=1&after={}", first["next"].as_str().unwrap());
        let rest = app.call(get(&next)).await.expect(200).body;
        let ids = [&first, &rest].map(|page| page["items"][0]["id"].clone());
        assert_eq!((ids, &rest["next"]), ([json!(second.id()), json!(sibling)], &json!(null)));
        let other = format!("/organisations?parent={sibling}&after={}", first["next"].as_str().unwrap());
        refused(&app, get(&other), 400, "invalid_cursor").await;
    }

    async fn each_kind_of_organisation_has_its_own_roles(backend: Backend) {
        let app = TestApp::new(backend).await;
        let owner = app.person("Olga Owner").await;
        for kind in ["ngo", "university", "other"] {
            let id = organisation(&app, &owner, kind, kind).await;
            join(&app, &owner, &id, &format!("At {kind}"), &["owner", "auditor", "coordinator"]).await;
            let person = app.person(&format!("Wrong at {kind}")).await;
            let body = json!({ "email": person.email, "roles": ["bidder", "officer"] });
            let request = owner.post(&format!("/organisations/{id}/invitations"), body);
            let wrong = refused(&app, request, 422, "invalid").await;
            assert_eq!(wrong.fields(), ["/roles/0", "/roles/1"].map(|at| (at.to_owned(), "not_allowed".to_owned())));
        }
    }
}
