//! Documents that expire are announced by the program itself, once.

use chrono::TimeDelta;
use serde_json::json;
use testing::{Backend, on_both};

use crate::{client::Client, database::count, eventually, people::People, process::Installation};

fn announced(installation: &Installation) -> i64 {
    count(&installation.url, "FROM events WHERE kind = 'organisation.document_expiry_announced'")
}

on_both! {
    fn what_expires_soon_is_announced_after_the_next_start_and_never_again(backend: Backend) {
        let installation = Installation::new(backend);
        let people = People::of(&installation);
        let server = installation.serve();
        let owner = Client::new(&server).with_token(&people.person("Olga Owner").token);
        let body = json!({ "kind": "company", "legalName": "Calm Signal", "country": "SI" });
        let company = owner.post("/api/v1/organisations", &body).expect(201).id();
        let today = people.db().clock().now().date_naive();
        let document = |title: &str, days| {
            let expires_on = today + TimeDelta::days(days);
            let body = json!({ "kind": "insurance", "title": title, "issuedOn": today, "expiresOn": expires_on });
            owner.post(&format!("/api/v1/organisations/{company}/documents"), &body).expect(201);
        };
        document("Soon", 10);
        document("Later", 100);
        server.stop();
        for _ in 0..2 {
            let server = installation.serve();
            eventually("the announcement", || (announced(&installation) == 1).then_some(()));
            server.stop();
        }
        assert_eq!(announced(&installation), 1);
    }
}
