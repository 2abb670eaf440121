//! Searches that people keep, and what they are told.

use crate::{
    app::{Person, TestApp},
    marketplace::Marketplace,
    rows::{refused, rows},
    steps::mails,
};
use application::saved_searches;
use chrono::TimeDelta;
use serde_json::{Value, json};
use testing::Backend;

const ALL: &str = "/account/saved-searches";

fn search(name: &str, query: &str, alert: &str) -> Value {
    json!({ "name": name, "query": query, "alert": alert })
}

pub async fn save(m: &Marketplace, who: &Person, name: &str, query: &str, alert: &str) -> String {
    m.call(who.post(ALL, search(name, query, alert))).await.expect(201).id()
}

/// What the background task does when it looks, twice.
pub async fn tell(app: &TestApp) {
    for _ in 0..2 {
        for id in app.db().read(saved_searches::due).await.unwrap() {
            app.db().write(move |conn| saved_searches::alert(conn, id)).await.unwrap();
            app.db().write(move |conn| saved_searches::alert(conn, id)).await.unwrap();
        }
    }
}

/// The mails about searches: to whom, of which search, and how many challenges are in them.
async fn told(app: &TestApp) -> Vec<(String, String, usize)> {
    let alerts = mails(app).await.into_iter().filter(|mail| mail.message["kind"] == "search_alert");
    let told = |mail: persistence::outbox::Waiting| {
        let name = mail.message["name"].as_str().unwrap().to_owned();
        (mail.recipient_address, name, mail.message["challenges"].as_array().unwrap().len())
    };
    alerts.map(told).collect()
}

testing::on_both! {
    async fn a_search_is_kept_changed_and_removed_by_its_owner_alone(backend: Backend) {
        let m = Marketplace::new(backend).await;
        let (who, other) = (&m.calm.bidder, &m.river.bidder);
        let saved = m.call(who.post(ALL, search(" Floods ", "?sort=newest&country=SI,BE&q=flood", "daily"))).await.expect(201);
        assert_eq!((&saved.body["name"], &saved.body["query"]), (&json!("Floods"), &json!("q=flood&country=BE%2CSI&sort=newest")));
        let path = format!("{ALL}/{}", saved.id());
        assert_eq!(saved.header("location"), format!("/api/v1{path}"));
        assert_eq!(m.see(who, ALL).await["items"], json!([saved.body]));
        assert_eq!(m.see(other, ALL).await["items"], json!([]));
        for request in [other.get(&path), other.patch(&path, 1, json!({ "name": "Mine" })), other.delete(&path).insert_header(("if-match", "\"1\""))] {
            refused(&m.app, request, 404, "not_found").await;
        }
        let wrong = refused(&m.app, who.post(ALL, search("Floods", "", "none")), 422, "invalid").await;
        assert_eq!(wrong.fields(), [("/name".to_owned(), "duplicate".to_owned())]);
        let changed = m.call(who.patch(&path, 1, json!({ "alert": "none" }))).await.expect(200);
        assert_eq!((&changed.body["alert"], &changed.body["nextAlertAt"], &changed.body["version"]), (&json!("none"), &json!(null), &json!(2)));
        refused(&m.app, who.patch(&path, 1, json!({ "name": "Late" })), 412, "stale").await;
        m.call(who.delete(&path).insert_header(("if-match", "\"2\""))).await.expect(204);
        refused(&m.app, who.get(&path), 404, "not_found").await;
    }

    async fn what_the_list_does_not_take_no_search_takes(backend: Backend) {
        let m = Marketplace::new(backend).await;
        for query in ["limit=5", "after=x", "status=unknown", "q=a&q=b", "sort=budget", "budgetMin=5"] {
            let wrong = refused(&m.app, m.author.post(ALL, search("A", query, "none")), 422, "invalid").await;
            assert!(wrong.fields().iter().all(|(pointer, _)| pointer == "/query"), "{query}: {}", wrong.text);
        }
        refused(&m.app, m.author.post(ALL, search("two\nlines", "", "none")), 422, "invalid").await;
        for n in 0..50 {
            save(&m, &m.author, &format!("Search {n}"), "", "none").await;
        }
        refused(&m.app, m.author.post(ALL, search("One more", "", "none")), 409, "too_many").await;
    }

    async fn people_are_told_once_of_what_was_published_since(backend: Backend) {
        let mut m = Marketplace::new(backend).await;
        m.published().await;
        m.advance(TimeDelta::minutes(5)).await;
        save(&m, &m.calm.bidder, "Daily", "q=flood", "daily").await;
        save(&m, &m.calm.bidder, "Weekly", "", "weekly").await;
        save(&m, &m.calm.bidder, "Never", "", "none").await;
        save(&m, &m.river.bidder, "Elsewhere", "country=BE", "daily").await;
        save(&m, &m.river.bidder, "Other words", "q=flood+xylophone", "daily").await;
        m.advance(TimeDelta::days(2)).await;
        tell(&m.app).await;
        assert_eq!(told(&m.app).await, [], "what was there before is not new");
        for _ in 0..2 {
            m.published().await;
        }
        tell(&m.app).await;
        assert_eq!(told(&m.app).await, [], "not before a day is over");
        m.advance(TimeDelta::days(1)).await;
        tell(&m.app).await;
        let daily = (m.calm.bidder.email.clone(), "Daily".to_owned(), 2);
        assert_eq!(told(&m.app).await, std::slice::from_ref(&daily));
        m.advance(TimeDelta::days(5)).await;
        tell(&m.app).await;
        let mut all = told(&m.app).await;
        all.sort();
        assert_eq!(all, [daily, (m.calm.bidder.email.clone(), "Weekly".to_owned(), 2)]);
    }

    async fn who_cannot_log_in_is_told_nothing_and_who_is_erased_leaves_no_search(backend: Backend) {
        let mut m = Marketplace::new(backend).await;
        let (suspended, erased) = (m.app.person("Sasha Suspended").await, m.app.person("Ema Erased").await);
        save(&m, &suspended, "Mine", "", "daily").await;
        save(&m, &erased, "Mine", "", "daily").await;
        let held = m.see(&erased, "/account/export").await;
        assert_eq!((&held["savedSearches"][0]["name"], &held["calendarTokenSince"]), (&json!("Mine"), &json!(null)));
        m.call(m.administrator.post(&format!("/users/{}/suspend", suspended.id), json!({ "reason": "Misuse." }))).await.expect(200);
        m.call(erased.post("/account/erase", json!({ "confirm": erased.email }))).await.expect(204);
        assert_eq!(rows(&m.app)["saved_searches"], 1);
        m.published().await;
        m.advance(TimeDelta::days(2)).await;
        tell(&m.app).await;
        assert_eq!(told(&m.app).await, []);
    }
}
