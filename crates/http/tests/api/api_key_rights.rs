//! Programs that act in the place of people: within the scopes of their key, and not a moment longer than allowed.

use crate::{
    api_key_world::{World, insert_key, keys_of, listed, make},
    marketplace::{Marketplace, organisation},
    rows::{change, dump, refused},
    steps::{all_at_once, join, mails},
};
use actix_web::test::TestRequest;
use chrono::TimeDelta;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use testing::Backend;

testing::on_both! {
    async fn a_role_that_its_maker_loses_the_key_loses(backend: Backend) {
        let m = Marketplace::new(backend).await;
        let key = insert_key(&m.app, &m.author, &m.agency, &["challenges:write"]).await;
        let draft = |title: &str| {
            let mut content = m.content();
            content["title"] = json!(title);
            key.post("/challenges", json!({ "agency": m.agency, "content": content }))
        };
        m.call(draft("First")).await.expect(201);
        let members = m.see(&m.owner, &format!("/organisations/{}/members", m.agency)).await;
        let of_author = |row: &&Value| row["user"] == m.author.id.to_string();
        let id = members["items"].as_array().unwrap().iter().find(of_author).unwrap()["id"].as_str().unwrap();
        let path = format!("/organisations/{}/members/{id}", m.agency);
        m.call(m.owner.put(&path, 1, json!({ "roles": ["finance"] }))).await.expect(200);
        refused(&m.app, draft("Second"), 403, "role_missing").await;
    }

    async fn a_lent_role_does_not_reach_the_key(backend: Backend) {
        let m = Marketplace::new(backend).await;
        let challenge = m.draft().await;
        m.step(&m.author, &challenge, "submit-for-review").await;
        let key = insert_key(&m.app, &m.pilot_manager, &m.agency, &["challenges:write"]).await;
        let (now, owner) = (m.app.now(), &m.owner);
        let members = m.see(owner, &format!("/organisations/{}/members", m.agency)).await;
        let of = |row: &&Value| row["user"] == m.pilot_manager.id.to_string();
        let delegate = members["items"].as_array().unwrap().iter().find(of).unwrap()["id"].clone();
        let body = json!({ "role": "officer", "delegate": delegate, "from": now, "until": now + TimeDelta::days(7), "reason": "Leave" });
        m.call(m.officer.post(&format!("/organisations/{}/delegations", m.agency), body)).await.expect(201);
        let path = format!("/challenges/{challenge}/request-changes?dryRun=true");
        m.call(m.pilot_manager.post(&path, json!({ "comment": "More." }))).await.expect(200);
        refused(&m.app, key.post(&path, json!({ "comment": "More." })), 403, "role_missing").await;
    }

    async fn a_key_sleeps_while_its_maker_has_no_access(backend: Backend) {
        let w = World::new(backend).await;
        let past = "'2026-01-01T00:00:00.000000Z'";
        let person = w.owner.id;
        for (table, column, of) in [
            ("users", "suspended_at", "id"),
            ("users", "deactivated_at", "id"),
            ("users", "erased_at", "id"),
            ("members", "suspended_at", "user_id"),
        ] {
            change(&w.app, &format!("UPDATE {table} SET {column} = {past} WHERE {of} = '{person}'"));
            assert!(!w.works(&w.key).await, "{table}.{column}");
            if column != "erased_at" {
                assert_eq!(w.status().await, "dormant", "{table}.{column}");
            }
            change(&w.app, &format!("UPDATE {table} SET {column} = NULL WHERE {of} = '{person}'"));
            assert!(w.works(&w.key).await);
        }
        // In a suspended organisation nobody has a role; members still read.
        change(&w.app, &format!("UPDATE organisations SET suspended_at = {past} WHERE id = '{}'", w.agency));
        assert!(w.works(&w.key).await);
        let body = json!({ "name": "Writes", "scopes": ["organisations:write"] });
        change(&w.app, &format!("UPDATE organisations SET suspended_at = NULL WHERE id = '{}'", w.agency));
        let key = make(&w.app, &w.owner, &w.agency, body).await;
        let document = json!({ "kind": "insurance", "title": "X", "issuedOn": "2026-01-01" });
        let add = || key.post(&format!("/organisations/{}/documents?dryRun=true", w.agency), document.clone());
        w.app.call(add()).await.expect(200);
        change(&w.app, &format!("UPDATE organisations SET suspended_at = {past} WHERE id = '{}'", w.agency));
        refused(&w.app, add(), 403, "role_missing").await;
    }

    async fn a_key_ends_when_its_maker_leaves_and_stays_so(backend: Backend) {
        let w = World::new(backend).await;
        let path = format!("{}/{}", w.members(), w.member(&w.owner).await);
        let leave = w.owner.sign(TestRequest::delete().uri(&format!("/api/v1{path}")));
        w.app.call(leave.insert_header(("if-match", "\"1\""))).await.expect(204);
        assert!(!w.works(&w.key).await);
        crate::steps::let_in(&w.app, &w.other, &w.agency, &w.owner, &["owner"]).await;
        assert!(!w.works(&w.key).await);
        assert_eq!(w.status().await, "dormant");
        let rotate = format!("{}/{}/rotate", keys_of(&w.agency), w.key.id);
        refused(&w.app, w.owner.post(&rotate, json!({})), 409, "wrong_state").await;
    }

    async fn the_other_organisations_of_its_maker_do_not_exist_for_a_key(backend: Backend) {
        let w = World::new(backend).await;
        let elsewhere = organisation(&w.app, &w.owner, "agency", "Elsewhere").await;
        let path = format!("/organisations/{elsewhere}/members");
        w.app.call(w.owner.get(&path)).await.expect(200);
        refused(&w.app, w.key.get(&path), 404, "not_found").await;
        let header = ("provoco-organisation", elsewhere.as_str());
        refused(&w.app, w.key.get(&w.members()).insert_header(header), 403, "not_a_member").await;
        let own = ("provoco-organisation", w.agency.as_str());
        w.app.call(w.key.get(&w.members()).insert_header(own)).await.expect(200);
        let of_other = keys_of(&elsewhere);
        refused(&w.app, w.other.get(&of_other), 404, "not_found").await;
        refused(&w.app, w.owner.delete(&format!("{of_other}/{}", w.key.id)), 404, "not_found").await;
    }

    async fn what_its_maker_is_on_the_platform_a_key_is_not(backend: Backend) {
        let w = World::new(backend).await;
        let auditor = json!(["audit:read"]);
        let key = make(&w.app, &w.owner, &w.agency, json!({ "name": "X", "scopes": auditor })).await;
        change(&w.app, &format!("UPDATE users SET administrator = true, auditor = true WHERE id = '{}'", w.owner.id));
        let path = format!("/organisations/{}/events", w.agency);
        w.app.call(w.owner.get(&path)).await.expect(200);
        refused(&w.app, key.get(&path), 403, "role_missing").await;
        let company = organisation(&w.app, &w.other, "company", "Calm").await;
        let path = format!("/organisations/{company}/profile");
        w.app.call(w.owner.get(&path)).await.expect(200);
        refused(&w.app, w.key.get(&path), 404, "not_found").await;
    }

    async fn writing_takes_the_terms_accepted_by_its_maker(backend: Backend) {
        let w = World::new(backend).await;
        let body = json!({ "name": "Writes", "scopes": ["organisations:write"] });
        let key = make(&w.app, &w.owner, &w.agency, body).await;
        change(&w.app, &format!("UPDATE users SET accepted_terms = -1 WHERE id = '{}'", w.owner.id));
        let body = json!({ "kind": "insurance", "title": "X", "issuedOn": "2026-01-01" });
        let add = key.post(&format!("/organisations/{}/documents", w.agency), body);
        refused(&w.app, add, 403, "terms_not_accepted").await;
        assert!(w.works(&w.key).await);
    }

    async fn an_organisation_has_fifty_keys_at_most_even_when_made_at_once(backend: Backend) {
        let w = World::new(backend).await;
        for _ in 0..46 {
            insert_key(&w.app, &w.owner, &w.agency, &["bids:read"]).await;
        }
        let body = json!({ "name": "X", "scopes": ["bids:read"] });
        let attempts = (0..6).map(|_| w.app.call(w.owner.post(&keys_of(&w.agency), body.clone())));
        let statuses: Vec<_> = all_at_once(attempts).await.into_iter().map(|a| a.status.as_u16()).collect();
        assert_eq!(statuses.iter().filter(|status| **status == 201).count(), 3, "{statuses:?}");
        refused(&w.app, w.owner.post(&keys_of(&w.agency), body.clone()), 409, "too_many").await;
        // What is over does not count.
        w.app.call(w.owner.delete(&format!("{}/{}", keys_of(&w.agency), w.key.id))).await.expect(204);
        w.app.call(w.owner.post(&keys_of(&w.agency), body)).await.expect(201);
    }

    async fn no_secret_is_stored_or_mailed(backend: Backend) {
        let w = World::new(backend).await;
        let new = w.rotate(json!({})).await;
        w.app.call(w.key.get(&w.members())).await.expect(200);
        w.app.call(new.get(&w.members())).await.expect(200);
        http::write_down_seen(&w.app.state).await.unwrap();
        let stored = dump(&w.app);
        for key in [&w.key, &new] {
            assert!(stored.contains(&key.secret[4..16]) && !stored.contains(&key.secret[17..57]));
        }
        assert!(stored.contains("organisation.api_key_created") && stored.contains("api_key_rotated"));
    }

    async fn an_idempotency_key_does_not_give_a_secret_away(backend: Backend) {
        let w = World::new(backend).await;
        let body = json!({ "name": "X", "scopes": ["bids:read"] });
        let request = || w.owner.post(&keys_of(&w.agency), body.clone()).insert_header(("idempotency-key", "1"));
        let (one, other) = (w.app.call(request()).await.expect(201), w.app.call(request()).await.expect(201));
        assert_ne!(one.body["secret"], other.body["secret"]);
    }

    async fn a_key_and_its_maker_do_not_repeat_each_others_requests(backend: Backend) {
        let w = World::new(backend).await;
        let scopes = json!({ "name": "Writes", "scopes": ["organisations:write"] });
        let (one, two) =
            (make(&w.app, &w.owner, &w.agency, scopes.clone()).await, make(&w.app, &w.owner, &w.agency, scopes).await);
        let path = format!("/organisations/{}/documents", w.agency);
        let body = json!({ "kind": "insurance", "title": "X", "issuedOn": "2026-01-01" });
        let repeat = |request: TestRequest| w.app.call(request.insert_header(("idempotency-key", "1")));
        let by_person = repeat(w.owner.post(&path, body.clone())).await.expect(201);
        let by_one = repeat(one.post(&path, body.clone())).await.expect(201);
        let by_two = repeat(two.post(&path, body.clone())).await.expect(201);
        assert!(by_person.id() != by_one.id() && by_one.id() != by_two.id() && by_person.id() != by_two.id());
        let again = repeat(one.post(&path, body)).await.expect(201);
        assert_eq!((again.id(), again.header("idempotent-replayed")), (by_one.id(), "true"));
    }

    async fn what_is_done_with_a_key_names_it(backend: Backend) {
        let w = World::new(backend).await;
        let auditor = join(&w.app, &w.owner, &w.agency, "Aud Itor", &["auditor"]).await;
        let body = json!({ "name": "Writes", "scopes": ["organisations:write"] });
        let key = make(&w.app, &w.owner, &w.agency, body).await;
        let document = json!({ "kind": "insurance", "title": "X", "issuedOn": "2026-01-01" });
        let path = format!("/organisations/{}/documents", w.agency);
        w.app.call(key.post(&path, document.clone())).await.expect(201);
        w.app.call(w.owner.post(&path, document)).await.expect(201);
        let events = w.app.call(auditor.get(&format!("/organisations/{}/events", w.agency))).await.expect(200);
        let of_kind = |kind: &str| {
            let items = events.body["items"].as_array().unwrap();
            items.iter().filter(|event| event["type"] == kind).map(Value::to_string).collect::<Vec<_>>()
        };
        let added = of_kind("organisation.document_added");
        assert_eq!(added.iter().map(|event| event.contains(&key.id)).collect::<Vec<_>>(), [false, true], "{added:?}");
        assert!(added.iter().all(|event| event.contains(&w.owner.id.to_string())));
        let made = of_kind("organisation.api_key_created").join("");
        assert!(made.contains(&key.secret[..16]) && !made.contains(&key.secret[17..]), "{made}");
    }

    async fn its_maker_and_the_owners_are_told_of_a_key(backend: Backend) {
        let w = World::new(backend).await;
        w.rotate(json!({})).await;
        let told: BTreeSet<_> = mails(&w.app).await.into_iter().map(|mail| {
            assert!(mail.message.to_string().contains(&w.key.secret[..16]));
            assert!(!mail.message.to_string().contains(&w.key.secret[17..57]));
            (mail.message["kind"].as_str().unwrap().to_owned(), mail.recipient_address)
        }).collect();
        let kinds = ["api_key_created", "api_key_rotated"];
        let people = [&w.owner, &w.other];
        let expected = kinds.iter().flat_map(|kind| people.map(|person| ((*kind).to_owned(), person.email.clone())));
        assert_eq!(told, expected.collect());
    }

    async fn whoever_made_a_key_is_told_once_that_it_expires(backend: Backend) {
        let w = World::new(backend).await;
        make(&w.app, &w.owner, &w.agency, json!({ "name": "Short", "scopes": ["bids:read"], "expiresInDays": 14 })).await;
        let revoked = make(&w.app, &w.owner, &w.agency, json!({ "name": "Over", "scopes": ["bids:read"] })).await;
        w.app.call(w.owner.delete(&format!("{}/{}", keys_of(&w.agency), revoked.id))).await.expect(204);
        let announced = async || {
            let keys = w.app.db().read(application::api_keys::expiring).await.unwrap();
            for (organisation, id) in keys {
                for _ in 0..2 {
                    w.app.db().write(move |conn| application::api_keys::remind(conn, organisation, id)).await.unwrap();
                }
            }
            let mails = mails(&w.app).await.into_iter().filter(|mail| mail.message["kind"] == "api_key_expires");
            mails.map(|mail| (mail.recipient_address, mail.message["name"].clone())).collect::<Vec<_>>()
        };
        w.app.advance(TimeDelta::days(76) - TimeDelta::minutes(1));
        assert_eq!(announced().await, []);
        w.app.advance(TimeDelta::minutes(2));
        assert_eq!(announced().await, [(w.owner.email.clone(), json!("Staff"))]);
        w.app.advance(TimeDelta::days(1));
        assert_eq!(announced().await.len(), 1);
    }

    async fn the_last_use_of_a_key_is_noted(backend: Backend) {
        let w = World::new(backend).await;
        let peer = "198.51.100.77:1".parse().unwrap();
        w.app.call(w.key.get(&w.members()).peer_addr(peer)).await.expect(200);
        let refused_elsewhere = w.key.get("/me").peer_addr("203.0.113.9:1".parse().unwrap());
        w.app.call(refused_elsewhere).await.expect_problem(403, "api_key_not_allowed");
        assert_eq!(listed(&w.app, &w.owner, &w.agency).await[0]["lastUsedAt"], Value::Null);
        http::write_down_seen(&w.app.state).await.unwrap();
        let list = listed(&w.app, &w.owner, &w.agency).await;
        assert!(list[0]["lastUsedAt"].is_string());
        assert_eq!(list[0]["lastUsedNetwork"], "198.51.100.0/24");
        // A rotation keeps it.
        w.rotate(json!({})).await;
        assert_eq!(listed(&w.app, &w.owner, &w.agency).await[0]["lastUsedNetwork"], "198.51.100.0/24");
    }

    async fn whoever_is_erased_leaves_no_key_behind(backend: Backend) {
        let w = World::new(backend).await;
        w.app.call(w.key.get(&w.members()).peer_addr("198.51.100.77:1".parse().unwrap())).await.expect(200);
        http::write_down_seen(&w.app.state).await.unwrap();
        let scopes = json!({ "name": "Writes", "scopes": ["organisations:write"] });
        let writing = make(&w.app, &w.owner, &w.agency, scopes).await;
        let body = json!({ "kind": "insurance", "title": "X", "issuedOn": "2026-01-01" });
        let add = writing.post(&format!("/organisations/{}/documents", w.agency), body);
        w.app.call(add.insert_header(("idempotency-key", "1"))).await.expect(201);
        w.app.call(w.owner.post("/account/erase", json!({ "confirm": w.owner.email }))).await.expect(204);
        assert!(!w.works(&w.key).await);
        let stored = dump(&w.app);
        assert!(!stored.contains("198.51.100.0/24") && !stored.contains("idempotency_keys: "), "{stored}");
        assert!(listed(&w.app, &w.other, &w.agency).await.iter().all(|key| key["status"] == "revoked"));
    }

    async fn keys_are_in_the_export_of_whoever_made_them(backend: Backend) {
        let w = World::new(backend).await;
        let export = w.app.call(w.owner.get("/account/export")).await.expect(200);
        let keys = export.body["apiKeys"].as_array().unwrap();
        assert_eq!((keys.len(), &keys[0]["prefix"]), (1, &json!(w.key.secret[..16])));
        assert!(!export.text.contains(&w.key.secret[17..]));
        let export = w.app.call(w.other.get("/account/export")).await.expect(200);
        assert_eq!(export.body["apiKeys"], json!([]));
    }

    async fn keys_are_forgotten_a_year_after_their_end(backend: Backend) {
        let mut w = World::new(backend).await;
        let purge = async |w: &World| w.app.db().write(application::scheduler::purge).await.unwrap();
        w.app.advance(TimeDelta::days(90 + 366) - TimeDelta::minutes(1));
        purge(&w).await;
        w.app.log_in_again(&mut w.owner).await;
        assert_eq!(listed(&w.app, &w.owner, &w.agency).await.len(), 1);
        w.app.advance(TimeDelta::minutes(2));
        purge(&w).await;
        assert_eq!(listed(&w.app, &w.owner, &w.agency).await.len(), 0);
    }
}
