//! Keys for programs: making, changing and ending them, and from where they work.

use crate::{
    api_key_world::{Key, World, keys_of, listed, make},
    app::TestApp,
    marketplace::organisation,
    members::fields,
    rows::{alter, refused},
};
use chrono::{DateTime, TimeDelta, Utc};
use domain::api_key::{SECRET_LENGTH, Token};
use serde_json::json;
use std::collections::BTreeSet;
use testing::Backend;

testing::on_both! {
    async fn a_key_is_shown_once_and_then_works_within_its_scopes(backend: Backend) {
        let w = World::new(backend).await;
        assert!(w.works(&w.key).await);
        assert!(w.key.secret.starts_with("pvk_") && w.key.secret.len() == 64, "{}", w.key.secret);
        let list = listed(&w.app, &w.other, &w.agency).await;
        let text = json!(list).to_string();
        assert!(!text.contains(&w.key.secret) && !text.contains(&w.key.secret[17..]), "{text}");
        assert_eq!(list[0]["prefix"], w.key.secret[..16]);
        assert_eq!((&list[0]["creatorName"], &list[0]["status"]), (&json!("Olga Owner"), &json!("active")));
        let expires: DateTime<Utc> = list[0]["expiresAt"].as_str().unwrap().parse().unwrap();
        assert!(expires > w.app.now() + TimeDelta::days(89) && expires <= w.app.now() + TimeDelta::days(90));
        let body = json!({ "kind": "insurance", "title": "X", "issuedOn": "2026-01-01" });
        let write = w.key.post(&format!("/organisations/{}/documents", w.agency), body);
        let lacking = refused(&w.app, write, 403, "scope_missing").await;
        assert_eq!(lacking.body["missingScopes"], json!(["organisations:write"]));
    }

    async fn what_is_wrong_with_a_new_key_is_told_at_once(backend: Backend) {
        let w = World::new(backend).await;
        let path = keys_of(&w.agency);
        let scopes = ["bids:read", "bids:delete", "api-keys:read", "bids:read", "sessions:write"];
        let body = json!({ "name": " ", "scopes": scopes, "networks": ["10.0.0.0/8", "10.0.0.0/33", "here"] });
        let wrong = refused(&w.app, w.owner.post(&path, body), 422, "invalid").await;
        assert_eq!(wrong.fields(), fields([
            ("/name", "required"), ("/scopes/1", "unknown"), ("/scopes/2", "unknown"), ("/scopes/3", "duplicate"),
            ("/scopes/4", "unknown"), ("/networks/1", "wrong_format"), ("/networks/2", "wrong_format"),
        ]));
        for (field, value, code) in [
            ("scopes", json!([]), "too_few"),
            ("expiresInDays", json!(0), "out_of_range"),
            ("expiresInDays", json!(367), "out_of_range"),
            ("networks", json!(vec!["10.0.0.0/8"; 21]), "too_many"),
        ] {
            let mut body = json!({ "name": "X", "scopes": ["bids:read"] });
            body[field] = value;
            let wrong = refused(&w.app, w.owner.post(&path, body), 422, "invalid").await;
            assert_eq!(wrong.fields(), fields([(&*format!("/{field}"), code)]));
        }
    }

    async fn a_bad_key_is_refused_everywhere_in_the_same_words(backend: Backend) {
        let w = World::new(backend).await;
        let mistyped = Key { id: String::new(), secret: w.key.secret.replacen("pvk_", "pvk_a", 1) };
        let unknown = Key { id: String::new(), secret: Token::new("abcdefgh2345", &[1; SECRET_LENGTH]).reveal().into() };
        let name = &w.key.secret[4..16];
        let guessed = Key { id: String::new(), secret: Token::new(name, &[1; SECRET_LENGTH]).reveal().into() };
        let mut told = BTreeSet::new();
        for key in [&mistyped, &unknown, &guessed] {
            for path in [w.members(), "/challenges".to_owned(), "/me".to_owned()] {
                let answer = w.app.call(key.get(&path)).await.expect_problem(401, "api_key_rejected");
                told.insert(answer.body["detail"].to_string());
            }
        }
        assert_eq!(told.len(), 1);
        assert!(w.works(&w.key).await);
    }

    /// Without its table the database can say nothing about keys.
    async fn a_mistyped_key_is_refused_without_a_question_to_the_database(backend: Backend) {
        let w = World::new(backend).await;
        alter(&w.app, "ALTER TABLE api_keys RENAME TO no_keys");
        let mut letters: Vec<char> = w.key.secret.chars().collect();
        letters[30] = if letters[30] == 'a' { 'b' } else { 'a' };
        let mistyped = Key { id: String::new(), secret: letters.into_iter().collect() };
        for path in [w.members(), "/me".to_owned()] {
            w.app.call(mistyped.get(&path)).await.expect_problem(401, "api_key_rejected");
            w.app.call(w.key.get(&path)).await.expect_problem(500, "internal");
        }
    }

    async fn a_key_does_not_work_from_its_end_on(backend: Backend) {
        let mut w = World::new(backend).await;
        w.app.advance(TimeDelta::days(90) - TimeDelta::minutes(1));
        assert!(w.works(&w.key).await);
        w.app.advance(TimeDelta::minutes(2));
        assert!(!w.works(&w.key).await);
        w.app.log_in_again(&mut w.other).await;
        assert_eq!(w.status().await, "expired");
    }

    async fn a_key_is_revoked_at_once_and_for_good(backend: Backend) {
        let w = World::new(backend).await;
        let path = format!("{}/{}", keys_of(&w.agency), w.key.id);
        w.app.call(w.other.delete(&path)).await.expect(204);
        assert!(!w.works(&w.key).await);
        assert_eq!(w.status().await, "revoked");
        refused(&w.app, w.other.delete(&path), 409, "already_done").await;
        let rotate = w.owner.post(&format!("{path}/rotate"), json!({}));
        refused(&w.app, rotate, 409, "wrong_state").await;
    }

    async fn the_old_secret_works_through_the_overlap_and_no_longer(backend: Backend) {
        let w = World::new(backend).await;
        let new = w.rotate(json!({})).await;
        assert!(new.secret[..16] == w.key.secret[..16] && new.secret != w.key.secret);
        assert!(w.works(&w.key).await && w.works(&new).await);
        w.app.advance(TimeDelta::hours(24) - TimeDelta::minutes(1));
        assert!(w.works(&w.key).await && w.works(&new).await);
        w.app.advance(TimeDelta::minutes(2));
        assert!(!w.works(&w.key).await && w.works(&new).await);
    }

    async fn without_an_overlap_the_old_secret_is_dead_at_once(backend: Backend) {
        let w = World::new(backend).await;
        let new = w.rotate(json!({ "overlapHours": 0 })).await;
        assert!(!w.works(&w.key).await && w.works(&new).await);
        let path = format!("{}/{}/rotate", keys_of(&w.agency), w.key.id);
        let wrong = refused(&w.app, w.owner.post(&path, json!({ "overlapHours": 169 })), 422, "invalid").await;
        assert_eq!(wrong.fields(), fields([("/overlapHours", "out_of_range")]));
    }

    async fn a_rotation_does_not_lengthen_the_life_of_the_old_secret(backend: Backend) {
        let mut w = World::new(backend).await;
        w.app.advance(TimeDelta::days(89));
        w.app.log_in_again(&mut w.owner).await;
        let new = w.rotate(json!({ "overlapHours": 168 })).await;
        w.app.advance(TimeDelta::days(1));
        assert!(!w.works(&w.key).await && w.works(&new).await);
    }

    async fn only_whoever_made_a_key_gets_its_new_secret(backend: Backend) {
        let w = World::new(backend).await;
        let path = format!("{}/{}/rotate", keys_of(&w.agency), w.key.id);
        refused(&w.app, w.other.post(&path, json!({})), 403, "api_key_of_another").await;
    }

    async fn a_key_works_from_its_networks_only_whatever_is_forwarded(backend: Backend) {
        let app = TestApp::behind(backend, "10.0.0.0/8").await;
        let owner = app.person("Olga Owner").await;
        let agency = organisation(&app, &owner, "agency", "Northern Dispatch").await;
        let networks = ["203.0.113.0/24", "2001:db8::7"];
        let body = json!({ "name": "X", "scopes": ["organisations:read"], "networks": networks });
        let key = make(&app, &owner, &agency, body).await;
        let path = format!("/organisations/{agency}/members");
        let from = |peer: &str, forwarded: &[&str]| {
            let request = key.get(&path).peer_addr(peer.parse().unwrap());
            forwarded.iter().fold(request, |request, hop| request.append_header(("x-forwarded-for", *hop)))
        };
        for (peer, forwarded) in [
            ("203.0.113.9:1", &[][..]),
            ("[::ffff:203.0.113.9]:1", &[]),
            ("[2001:db8::7]:1", &[]),
            ("10.0.0.1:1", &["203.0.113.9"]),
            ("10.0.0.1:1", &["198.51.100.1, 203.0.113.9"]),
        ] {
            app.call(from(peer, forwarded)).await.expect(200);
        }
        for (peer, forwarded) in [
            ("198.51.100.1:1", &[][..]),
            ("[2001:db8::8]:1", &[]),
            ("10.0.0.1:1", &[]),
            // Made up by the client: it is no proxy that we trust, or it wrote before one did.
            ("198.51.100.1:1", &["203.0.113.9"]),
            ("10.0.0.1:1", &["203.0.113.9, 198.51.100.1"]),
        ] {
            refused(&app, from(peer, forwarded), 403, "network_not_allowed").await;
        }
        // To somebody who guesses it is not told that there is such a key.
        let guess = Token::new(&key.secret[4..16], &[1; SECRET_LENGTH]).reveal().to_owned();
        let guess = Key { id: String::new(), secret: guess };
        app.call(guess.get(&path)).await.expect_problem(401, "api_key_rejected");
    }
}

#[test]
fn every_scope_is_of_a_group_of_operations_and_reads_or_writes() {
    let document = serde_json::to_value(http::openapi()).unwrap();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let alternatives = operation["security"].as_array().cloned().unwrap_or_default();
            let Some(scopes) = alternatives.iter().find_map(|one| one.get("api_key")) else { continue };
            let kind = if method == "get" { "read" } else { "write" };
            let expected = format!("{}:{kind}", operation["tags"][0].as_str().unwrap());
            assert_eq!(*scopes, json!([expected]), "{method} {path}");
        }
    }
}

/// What nobody may do in the place of a person, whatever its group.
#[test]
fn what_takes_a_person_takes_no_key() {
    let document = serde_json::to_value(http::openapi()).unwrap();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (_, operation) in item.as_object().unwrap() {
            let personal = ["accounts", "sessions", "administration", "api-keys", "demo"];
            let tag = operation["tags"][0].as_str().unwrap();
            let takes_keys = operation["security"].to_string().contains("api_key");
            assert!(!(personal.contains(&tag) && takes_keys), "{path}");
        }
    }
}
