//! Nobody overwrites what they have not seen, and nobody is sent what they have.

use crate::{app::Person, marketplace::Marketplace, rows::refused};
use actix_web::test::TestRequest;
use serde_json::json;
use testing::Backend;

fn rename(who: &Person, challenge: &str, title: &str, if_match: &str) -> TestRequest {
    let request = who.sign(TestRequest::patch().uri(&format!("/api/v1/challenges/{challenge}")));
    let request = request.set_json(json!({ "title": title }));
    if if_match.is_empty() { request } else { request.insert_header(("if-match", if_match)) }
}

testing::on_both! {
    async fn an_edit_says_which_version_it_has_seen(backend: Backend) {
        let m = Marketplace::new(backend).await;
        let id = m.draft().await;
        let seen = m.call(m.author.get(&format!("/challenges/{id}"))).await.expect(200).header("etag").to_owned();
        refused(&m.app, rename(&m.author, &id, "New", ""), 428, "precondition_required").await;
        for malformed in ["1", "W/\"1\"", "\"1", "\"", "*", "\"1\", \"2\"", "\"1\"2\""] {
            refused(&m.app, rename(&m.author, &id, "New", malformed), 400, "malformed_header").await;
        }
        for stale in ["\"99\"", "\"0\"", "\"-1\"", "\"01\"", "\"+1\"", "\"abc\"", "\"\"", "\"99999999999\""] {
            refused(&m.app, rename(&m.author, &id, "New", stale), 412, "stale").await;
        }
        let absent = rename(&m.author, &id, "New", "").insert_header(("if-none-match", "*"));
        refused(&m.app, absent, 412, "stale").await;
        let changed = m.call(rename(&m.author, &id, "New", &seen)).await.expect(200);
        assert_ne!(changed.header("etag"), seen);
        refused(&m.app, rename(&m.author, &id, "Newer", &seen), 412, "stale").await;
        m.call(rename(&m.author, &id, "Newer", changed.header("etag"))).await.expect(200);
    }

    async fn the_version_in_the_document_will_do_for_a_tag(backend: Backend) {
        let m = Marketplace::new(backend).await;
        let id = m.draft().await;
        let found = m.call(m.author.get(&format!("/challenges/{id}"))).await.expect(200);
        let version = found.body["version"].as_i64().unwrap();
        m.call(m.author.patch(&format!("/challenges/{id}"), version, json!({ "title": "New" }))).await.expect(200);
    }

    async fn members_are_changed_and_removed_only_as_seen(backend: Backend) {
        let m = Marketplace::new(backend).await;
        let list = format!("/organisations/{}/members", m.agency);
        let members = m.call(m.owner.get(&list)).await.expect(200);
        let path = format!("{list}/{}", members.body["items"][1]["id"].as_str().unwrap());
        let put = m.owner.sign(TestRequest::put().uri(&format!("/api/v1{path}"))).set_json(json!({ "roles": [] }));
        refused(&m.app, put, 428, "precondition_required").await;
        refused(&m.app, m.owner.delete(&path), 428, "precondition_required").await;
        let changed = m.call(m.owner.put(&path, 1, json!({ "roles": ["finance"] }))).await.expect(200);
        refused(&m.app, m.owner.put(&path, 1, json!({ "roles": [] })), 412, "stale").await;
        refused(&m.app, m.owner.delete(&path).insert_header(("if-match", "\"1\"")), 412, "stale").await;
        let current = changed.header("etag").to_owned();
        m.call(m.owner.delete(&path).insert_header(("if-match", current))).await.expect(204);
    }

    async fn of_two_edits_of_the_same_version_one_is_refused(backend: Backend) {
        let m = Marketplace::new(backend).await;
        let id = m.draft().await;
        let seen = m.call(m.author.get(&format!("/challenges/{id}"))).await.expect(200).header("etag").to_owned();
        let edits = ["A", "B", "C", "D"].map(|title| m.call(rename(&m.author, &id, title, &seen)));
        let [a, b, c, d] = edits;
        let (a, b, c, d) = tokio::join!(a, b, c, d);
        let mut statuses = [a, b, c, d].map(|response| response.status.as_u16());
        statuses.sort_unstable();
        assert_eq!(statuses[0], 200, "{statuses:?}");
        assert!(statuses[1..].iter().all(|status| [409, 412].contains(status)), "{statuses:?}");
    }

    async fn who_has_the_current_version_is_not_sent_it_again(backend: Backend) {
        let m = Marketplace::new(backend).await;
        let id = m.draft().await;
        let path = format!("/challenges/{id}");
        let etag = m.call(m.author.get(&path)).await.expect(200).header("etag").to_owned();
        assert!(etag.starts_with('"') && etag.ends_with('"'), "{etag} is strong");
        let known = |tags: String| m.author.get(&path).insert_header(("if-none-match", tags));
        let lists = [format!("\"x\", {etag}"), format!("\"x\",{etag},\"y\""), format!("W/{etag}"), "*".to_owned()];
        for tags in lists.into_iter().chain([etag.clone()]) {
            let response = m.call(known(tags)).await.expect(304);
            assert_eq!((response.text.as_str(), response.header("etag")), ("", etag.as_str()));
            assert_eq!(response.header("cache-control"), "private, no-cache");
        }
        for tags in ["\"x\"".to_owned(), etag.trim_matches('"').to_owned(), String::new()] {
            m.call(known(tags)).await.expect(200);
        }
        m.call(rename(&m.author, &id, "New", &etag)).await.expect(200);
        let fresh = m.call(known(etag.clone())).await.expect(200);
        assert_ne!(fresh.header("etag"), etag);
    }

    async fn what_another_reader_sees_has_another_tag(backend: Backend) {
        let mut m = Marketplace::new(backend).await;
        let (challenge, calm, _) = m.opened().await;
        for bid in [&calm] {
            m.call(m.officer.act(&format!("/bids/{bid}/admit"))).await.expect(200);
        }
        let river = m.call(m.officer.get(&format!("/challenges/{challenge}/bids"))).await.expect(200);
        let river = river.body["items"].as_array().unwrap().iter().find(|bid| bid["id"] != calm).unwrap()["id"].clone();
        m.call(m.officer.act(&format!("/bids/{}/admit", river.as_str().unwrap()))).await.expect(200);
        m.step(&m.officer, &challenge, "start-evaluation").await;
        let path = format!("/bids/{calm}");
        let undeclared = m.call(m.evaluator.get(&path)).await.expect(200);
        assert_eq!(undeclared.body["solution"], json!(null));
        let bidder = m.call(m.calm.bidder.get(&path)).await.expect(200);
        assert_eq!(bidder.body["version"], undeclared.body["version"]);
        assert_ne!(bidder.header("etag"), undeclared.header("etag"));
        let declaration = format!("/challenges/{challenge}/conflict-declarations");
        m.call(m.evaluator.post(&declaration, json!({ "conflicts": [] }))).await.expect(201);
        let known = undeclared.header("etag").to_owned();
        let declared = m.call(m.evaluator.get(&path).insert_header(("if-none-match", known))).await.expect(200);
        assert!(declared.body["solution"].is_string(), "the bid is the same, but more of it is shown");
    }
}
