//! Calendars: reading them, and changing them.

use crate::{
    app::{TestApp, get},
    marketplace::Marketplace,
    members::fields,
    rows::refused,
};
use serde_json::{Value, json};
use testing::Backend;

fn fair(days: &[&str]) -> Value {
    let added: Vec<_> = days.iter().map(|day| json!({ "day": day, "name": "Fair" })).collect();
    json!({
        "weekend": ["saturday", "sunday"], "added": added, "removed": [], "extraWorkingDays": [],
        "reason": "There is a fair.",
    })
}

/// `fair`, with one field replaced.
fn with(field: &str, value: Value) -> Value {
    let mut body = fair(&["2040-03-01"]);
    body[field] = value;
    body
}

testing::on_both! {
    async fn everybody_reads_the_calendars(backend: Backend) {
        let app = TestApp::new(backend).await;
        let list = app.call(get("/calendars")).await.expect(200).body;
        let codes: Vec<_> = list["items"].as_array().unwrap().iter().map(|item| item["code"].as_str().unwrap()).collect();
        assert_eq!(codes, ["EU", "BE", "DE", "FR", "NL", "PT", "SI"]);
        let slovenia = app.call(get("/calendars/SI?year=2026")).await.expect(200).body;
        let calendar = &slovenia["calendar"];
        assert_eq!((&calendar["version"], &calendar["zone"]), (&json!(1), &json!("Europe/Ljubljana")));
        assert_eq!(calendar["weekend"], json!(["saturday", "sunday"]));
        let holidays = slovenia["holidays"].as_array().unwrap();
        assert_eq!((holidays.len(), &holidays[2]), (15, &json!({ "day": "2026-02-08", "name": "Prešeren Day" })));
        let current = app.call(get("/calendars/SI")).await.expect(200).body;
        assert_eq!(current["year"], json!(chrono::Datelike::year(&app.now())));
        for path in ["/calendars/AT", "/calendars/si", "/calendars/AT/versions", "/calendars/SI?version=2"] {
            refused(&app, get(path), 404, "not_found").await;
        }
        for query in ["year=1999", "year=2111", "version=0", "month=1"] {
            refused(&app, get(&format!("/calendars/SI?{query}")), 400, "invalid_query").await;
        }
    }

    async fn a_change_is_a_new_version_and_the_earlier_ones_stay_readable(backend: Backend) {
        let m = Marketplace::new(backend).await;
        let (app, admin) = (&m.app, &m.administrator);
        let period = "/periods?calendar=SI&from=2040-02-29&days=1&kind=working";
        let before = app.call(get(period)).await.expect(200).body;
        assert_eq!((&before["lastDay"], &before["calendarVersion"]), (&json!("2040-03-01"), &json!(1)));
        let put = |seen, body| admin.put("/calendars/SI", seen, body);
        refused(app, put(2, fair(&["2040-03-01"])), 412, "stale").await;
        let changed = app.call(put(1, fair(&["2040-03-01"]))).await.expect(200).body;
        assert_eq!((&changed["calendar"]["version"], &changed["calendar"]["reason"]), (&json!(2), &json!("There is a fair.")));
        refused(app, put(1, fair(&[])), 412, "stale").await;
        refused(app, put(2, fair(&["2040-03-01"])), 409, "already_done").await;
        let after = app.call(get(period)).await.expect(200).body;
        assert_eq!((&after["lastDay"], &after["calendarVersion"]), (&json!("2040-03-02"), &json!(2)));
        assert_eq!(after["skipped"], json!([{ "day": "2040-03-01", "name": "Fair" }]));
        assert_eq!(app.call(get("/calendars/DE")).await.expect(200).body["calendar"]["version"], json!(1), "only Slovenia's");
        let mut more = fair(&["2040-03-01"]);
        (more["removed"], more["extraWorkingDays"]) = (json!(["2040-05-01"]), json!(["2040-03-03"]));
        app.call(put(2, more)).await.expect(200);
        let worked = app.call(get("/periods?calendar=SI&from=2040-03-02&days=1&kind=working")).await.expect(200).body;
        assert_eq!(worked["lastDay"], json!("2040-03-03"), "a Saturday on which people work");
        let days = |year: &Value| year["holidays"].as_array().unwrap().len();
        let mut counts = Vec::new();
        for version in 1..=3 {
            let year = app.call(get(&format!("/calendars/SI?year=2040&version={version}"))).await.expect(200).body;
            counts.push((year["calendar"]["version"].as_i64().unwrap(), days(&year)));
        }
        assert_eq!(counts, [(1, 15), (2, 16), (3, 15)]);
        let versions = app.call(get("/calendars/SI/versions?limit=2")).await.expect(200).body;
        let rest = format!("/calendars/SI/versions?after={}", versions["next"].as_str().unwrap());
        let rest = app.call(get(&rest)).await.expect(200).body;
        assert_eq!((&versions["items"][0]["version"], &rest["items"][0]["version"]), (&json!(3), &json!(1)));
        assert_eq!((&rest["next"], &rest["items"][0]["madeAt"]), (&Value::Null, &Value::Null));
        let feed = m.feed().await;
        let told: Vec<_> = feed.iter().filter(|event| event["type"] == "calendar.changed").collect();
        assert_eq!(told.len(), 2, "each change is an event");
        assert_eq!(told[1]["data"], json!({ "calendar": "SI", "version": 3 }));
    }

    async fn a_change_that_makes_no_sense_is_explained_field_by_field(backend: Backend) {
        let app = TestApp::new(backend).await;
        let admin = app.administrator().await;
        let week = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
        for (body, pointer, code) in [
            (with("weekend", json!(week)), "/weekend", "too_many"),
            (with("weekend", json!(["sunday", "sunday"])), "/weekend", "duplicate"),
            (with("weekend", json!(["Sunday"])), "/weekend/0", "not_allowed"),
            (fair(&["2040-03-01", "2040-03-01"]), "/added/1/day", "duplicate"),
            (fair(&["1999-03-01"]), "/added/0/day", "out_of_range"),
            (with("added", json!([{ "day": "2040-03-01", "name": " " }])), "/added/0/name", "required"),
            (with("added", json!([{ "day": "1 March", "name": "Fair" }])), "/added/0/day", "wrong_format"),
            (with("removed", json!(["2040-03-02"])), "/removed/0", "not_a_holiday"),
            (with("removed", json!(["2040-05-01", "2040-05-01"])), "/removed/1", "duplicate"),
            (with("extraWorkingDays", json!(["2040-03-02"])), "/extraWorkingDays/0", "not_free"),
            (with("extraWorkingDays", json!(["2040-03-04", "2040-03-04"])), "/extraWorkingDays/1", "duplicate"),
            (with("reason", json!(" ")), "/reason", "required"),
        ] {
            let wrong = refused(&app, admin.put("/calendars/SI", 1, body), 422, "invalid").await;
            assert_eq!(wrong.fields(), fields([(pointer, code)]));
        }
        let mut both = fair(&["2040-05-01"]);
        both["removed"] = json!(["2040-05-01"]);
        let wrong = refused(&app, admin.put("/calendars/SI", 1, both), 422, "invalid").await;
        assert_eq!(wrong.fields(), fields([("/removed/0", "duplicate")]));
        refused(&app, admin.put("/calendars/AT", 1, fair(&[])), 404, "not_found").await;
        let versions = app.call(get("/calendars/SI/versions")).await.expect(200).body;
        assert_eq!(versions["items"].as_array().unwrap().len(), 1, "nothing was kept");
    }

    async fn a_challenge_keeps_the_version_of_the_calendar_that_it_was_published_with(backend: Backend) {
        let m = Marketplace::new(backend).await;
        let id = m.published().await;
        let path = format!("/challenges/{id}/timeline");
        let open = m.call(get(&path)).await.expect(200).body;
        let tomorrow = (m.app.now() + chrono::TimeDelta::days(1)).format("%F").to_string();
        m.call(m.administrator.put("/calendars/SI", 1, fair(&[&tomorrow]))).await.expect(200);
        assert_eq!(m.call(get(&path)).await.expect(200).body, open);
        let draft = m.draft().await;
        let timeline = m.call(m.author.get(&format!("/challenges/{draft}/timeline"))).await.expect(200).body;
        assert_eq!(timeline["questionsUntil"]["calendarVersion"], json!(2));
    }
}
