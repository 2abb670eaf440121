//! The calculator of periods, and the minimum periods of procedures.

use crate::{
    app::{TestApp, get},
    marketplace::Marketplace,
    rows::refused,
};
use serde_json::{Value, json};
use testing::Backend;

async fn compute(app: &TestApp, query: &str) -> Value {
    app.call(get(&format!("/periods?{query}"))).await.expect(200).body
}

fn days(open: u32, questions: u32, answers: u32, standstill: u32) -> Value {
    json!({
        "open": open, "questions": questions, "answers": answers, "standstill": standstill, "reason": "More time.",
    })
}

testing::on_both! {
    async fn anybody_computes_periods(backend: Backend) {
        let app = TestApp::new(backend).await;
        let end = compute(&app, "calendar=SI&from=2026-01-05T11:20&days=10&kind=calendar").await;
        assert_eq!(end, json!({
            "endsAt": "2026-01-15T23:00:00Z", "lastDay": "2026-01-15", "eventDay": "2026-01-05", "days": 10,
            "kind": "calendar", "direction": "after",
            "rule": "Regulation (EEC, Euratom) No 1182/71, article 3(1), (2)(b), (4) and (5)",
            "skipped": [], "calendar": "SI", "calendarVersion": 1, "zone": "Europe/Ljubljana",
            "explanation": "A period of 10 calendar days from Monday 5 January 2026 (not counted) ends at the end of \
                Thursday 15 January 2026 (Europe/Ljubljana, calendar SI version 1, Regulation (EEC, Euratom) No 1182/71, \
                article 3(1), (2)(b), (4) and (5)).",
        }));
        for (query, last_day, skipped) in [
            ("calendar=SI&from=2026-01-05T11:20&days=10&kind=working", "2026-01-19", 4),
            ("calendar=SI&from=2026-01-05T23:30:00Z&days=10&kind=calendar", "2026-01-16", 0), // the 6th in Ljubljana
            ("calendar=SI&from=2026-01-06T00:30:00%2B01:00&days=10&kind=calendar", "2026-01-16", 0),
            ("calendar=EU&from=2026-04-01&days=1&kind=calendar", "2026-04-07", 5), // Maundy Thursday to Easter Monday
            ("calendar=BE&from=2026-12-15&days=10&kind=calendar", "2026-12-28", 3),
            ("calendar=SI&from=2026-01-15T12:00&days=5&kind=working&direction=before", "2026-01-07", 2),
            ("calendar=PT&from=2100-12-31&days=3660&kind=calendar", "2111-01-08", 0),
            ("calendar=NL&from=2000-01-01&days=0&kind=working", "2000-01-01", 0),
        ] {
            let end = compute(&app, query).await;
            assert_eq!((&end["lastDay"], end["skipped"].as_array().unwrap().len()), (&json!(last_day), skipped), "{query}");
        }
        let easter = compute(&app, "calendar=EU&from=2026-04-01&days=1&kind=calendar").await;
        assert_eq!(easter["skipped"][0], json!({ "day": "2026-04-02", "name": "Maundy Thursday" }));
        assert_eq!(easter["skipped"][2], json!({ "day": "2026-04-04", "name": "Saturday" }));
    }

    async fn what_cannot_be_computed_is_explained_field_by_field(backend: Backend) {
        let app = TestApp::new(backend).await;
        for (query, pointer, code, detail) in [
            ("from=2026-01-05&days=1&kind=working", "/calendar", "required", "is required"),
            ("calendar=AT&from=2026-01-05&days=1&kind=working", "/calendar", "not_allowed", "\"SI\""),
            ("calendar=SI&days=1&kind=working", "/from", "required", "is required"),
            ("calendar=SI&from=5.1.2026&days=1&kind=working", "/from", "wrong_format", "2026-01-05T11:20"),
            ("calendar=SI&from=2026-01-05T11:20:00+01:00&days=1&kind=working", "/from", "wrong_format", "%2B"),
            ("calendar=SI&from=1999-12-31&days=1&kind=working", "/from", "out_of_range", "2000 to 2100"),
            ("calendar=SI&from=2026-03-29T02:30&days=1&kind=working", "/from", "does_not_exist", "03:00:00+02:00"),
            ("calendar=SI&from=2026-10-25T02:30&days=1&kind=working", "/from", "ambiguous", "02:30:00+01:00"),
            ("calendar=SI&from=2026-01-05&kind=working", "/days", "required", "is required"),
            ("calendar=SI&from=2026-01-05&days=-1&kind=working", "/days", "out_of_range", "at least 0"),
            ("calendar=SI&from=2026-01-05&days=3661&kind=working", "/days", "out_of_range", "at most 3660"),
            ("calendar=SI&from=2026-01-05&days=1.5&kind=working", "/days", "wrong_type", ""),
            ("calendar=SI&from=2026-01-05&days=1", "/kind", "required", "is required"),
            ("calendar=SI&from=2026-01-05&days=1&kind=bank", "/kind", "not_allowed", "\"working\""),
            ("calendar=SI&from=2026-01-05&days=1&kind=working&direction=up", "/direction", "not_allowed", "\"before\""),
            ("calendar=SI&from=2026-01-05&days=1&kind=working&zone=UTC", "/zone", "unknown_field", ""),
        ] {
            let problem = refused(&app, get(&format!("/periods?{query}")), 400, "invalid_query").await;
            let errors = problem.body["errors"].as_array().unwrap();
            assert_eq!(errors.len(), 1, "{query}: {errors:?}");
            assert_eq!((&errors[0]["pointer"], &errors[0]["code"]), (&json!(pointer), &json!(code)), "{query}");
            assert!(errors[0]["detail"].as_str().unwrap().contains(detail), "{query}: {errors:?}");
        }
        let all = refused(&app, get("/periods"), 400, "invalid_query").await;
        assert_eq!(all.fields().len(), 4, "every missing parameter is told at once");
    }

    async fn minimum_periods_are_those_of_the_procedure(backend: Backend) {
        let app = TestApp::new(backend).await;
        let list = app.call(get("/minimum-periods")).await.expect(200).body;
        let told: Vec<_> = list["items"].as_array().unwrap().iter().map(|item| {
            let period = |name: &str| format!("{} {}", item[name]["days"], item[name]["kind"].as_str().unwrap());
            (item["procedure"].as_str().unwrap(), ["open", "questions", "answers", "standstill"].map(period))
        }).collect();
        assert_eq!(told, [
            ("small_pilot", ["10 calendar", "5 working", "3 working", "2 working"].map(String::from)),
            ("open_pilot", ["30 calendar", "10 calendar", "6 calendar", "10 calendar"].map(String::from)),
            ("design_contest", ["30 calendar", "10 calendar", "6 calendar", "10 calendar"].map(String::from)),
            ("innovation_partnership", ["30 calendar", "10 calendar", "6 calendar", "10 calendar"].map(String::from)),
        ]);
        refused(&app, get("/minimum-periods/auction"), 404, "not_found").await;
        refused(&app, get("/minimum-periods/auction/versions"), 404, "not_found").await;
    }

    async fn administrators_raise_minimum_periods_and_never_lower_them(backend: Backend) {
        let app = TestApp::new(backend).await;
        let admin = app.administrator().await;
        let path = "/minimum-periods/small_pilot";
        let put = |seen, body| admin.put(path, seen, body);
        for (body, pointer, code) in [
            (days(9, 5, 3, 2), "/open", "out_of_range"),
            (days(10, 4, 3, 2), "/questions", "out_of_range"),
            (days(10, 5, 2, 2), "/answers", "out_of_range"),
            (days(10, 5, 3, 1), "/standstill", "out_of_range"),
            (days(10, 5, 6, 2), "/questions", "too_short"),
            (days(366, 5, 3, 2), "/open", "out_of_range"),
        ] {
            let wrong = refused(&app, put(1, body), 422, "invalid").await;
            assert_eq!(wrong.fields(), crate::members::fields([(pointer, code)]));
        }
        let mut blank = days(14, 5, 3, 2);
        blank["reason"] = json!(" ");
        let wrong = refused(&app, put(1, blank), 422, "invalid").await;
        assert_eq!(wrong.fields(), crate::members::fields([("/reason", "required")]));
        refused(&app, put(1, days(10, 5, 3, 2)), 409, "already_done").await;
        refused(&app, put(7, days(14, 5, 3, 2)), 412, "stale").await;
        let changed = app.call(put(1, days(14, 5, 3, 2))).await.expect(200).body;
        assert_eq!((&changed["version"], &changed["open"]), (&json!(2), &json!({ "days": 14, "kind": "calendar" })));
        assert!(changed["madeAt"].is_string());
        refused(&app, put(1, days(15, 5, 3, 2)), 412, "stale").await;
        app.call(put(2, days(10, 5, 3, 2))).await.expect(200);
        let versions = app.call(get(&format!("{path}/versions?limit=2"))).await.expect(200).body;
        let rest = format!("{path}/versions?limit=2&after={}", versions["next"].as_str().unwrap());
        let rest = app.call(get(&rest)).await.expect(200).body;
        let numbers = |page: &Value| page["items"].as_array().unwrap().iter().map(|item| item["version"].as_i64().unwrap()).collect::<Vec<_>>();
        assert_eq!((numbers(&versions), numbers(&rest), &rest["next"]), (vec![3, 2], vec![1], &Value::Null));
        assert_eq!(rest["items"][0]["madeAt"], Value::Null);
        refused(&app, admin.put("/minimum-periods/auction", 1, days(14, 5, 3, 2)), 404, "not_found").await;
        let all = app.call(get(path)).await.expect(200).body;
        assert_eq!((&all["version"], &all["open"]["days"]), (&json!(3), &json!(10)));
    }

    async fn a_raised_minimum_holds_back_what_is_not_published_yet(backend: Backend) {
        let m = Marketplace::new(backend).await;
        let id = m.draft().await;
        m.step(&m.author, &id, "submit-for-review").await;
        m.step(&m.officer, &id, "approve").await;
        m.call(m.administrator.put("/minimum-periods/small_pilot", 1, days(30, 5, 3, 2))).await.expect(200);
        let publish = m.officer.act(&format!("/challenges/{id}/publish"));
        let early = refused(&m.app, publish, 422, "invalid").await;
        assert_eq!(early.fields(), crate::members::fields([("/submissionDeadline", "period_too_short")]));
        let detail = early.body["errors"][0]["detail"].as_str().unwrap();
        let words = ["must not be before 20", "A period of 30 calendar days from ", "calendar SI version 1", "1182/71"];
        assert!(words.iter().all(|part| detail.contains(part)), "{detail}");
        let timeline = m.call(m.author.get(&format!("/challenges/{id}/timeline"))).await.expect(200).body;
        assert!(detail.contains(timeline["earliestDeadline"]["explanation"].as_str().unwrap()));
        m.call(m.administrator.put("/minimum-periods/small_pilot", 2, days(10, 5, 3, 2))).await.expect(200);
        m.step(&m.officer, &id, "publish").await;
    }

    async fn a_deadline_that_is_too_early_is_told_at_every_step(backend: Backend) {
        let mut m = Marketplace::new(backend).await;
        let id = m.draft().await;
        let step = |m: &Marketplace, action: &str| m.officer.act(&format!("/challenges/{id}/{action}"));
        m.step(&m.author, &id, "submit-for-review").await;
        m.advance(chrono::TimeDelta::days(14)).await;
        let early = refused(&m.app, step(&m, "approve"), 422, "invalid").await;
        assert_eq!(early.fields(), crate::members::fields([("/submissionDeadline", "period_too_short")]));
        m.call(m.officer.post(&format!("/challenges/{id}/request-changes"), json!({ "comment": "Too late." }))).await.expect(200);
        let again = m.author.act(&format!("/challenges/{id}/submit-for-review"));
        let early = refused(&m.app, again, 422, "invalid").await;
        assert_eq!(early.fields(), crate::members::fields([("/submissionDeadline", "period_too_short")]));
    }

    async fn the_dates_of_a_challenge_explain_themselves(backend: Backend) {
        let m = Marketplace::new(backend).await;
        let id = m.draft().await;
        let path = format!("/challenges/{id}/timeline");
        refused(&m.app, get(&path), 404, "not_found").await;
        refused(&m.app, m.calm.bidder.get(&path), 404, "not_found").await;
        let draft = m.call(m.author.get(&path)).await.expect(200).body;
        assert_eq!((&draft["standstill"], &draft["minimumPeriodsVersion"]), (&Value::Null, &json!(1)));
        let warning = &draft["warnings"][0];
        assert_eq!((&warning["pointer"], &warning["code"]), (&json!("/submissionDeadline"), &json!("short_period")));
        let (id, _, _) = m.with_bids().await;
        let path = format!("/challenges/{id}/timeline");
        let open = m.call(get(&path)).await.expect(200).body;
        let challenge = m.call(get(&format!("/challenges/{id}"))).await.expect(200).body;
        assert_eq!(open["openFrom"], challenge["publishedAt"]);
        for (name, days, kind, direction) in [
            ("earliestDeadline", 10, "calendar", "after"),
            ("questionsUntil", 5, "working", "before"),
            ("answersBy", 3, "working", "before"),
        ] {
            let date = &open[name];
            let of = [&date["days"], &date["kind"], &date["direction"], &date["calendar"], &date["zone"]];
            let expected = [json!(days), json!(kind), json!(direction), json!("SI"), json!("Europe/Ljubljana")];
            assert_eq!(of, expected.each_ref(), "{name}");
            let moment = if direction == "after" { &challenge["publishedAt"] } else { &challenge["submissionDeadline"] };
            let query = format!("calendar=SI&from={}&days={days}&kind={kind}&direction={direction}", moment.as_str().unwrap());
            assert_eq!(*date, compute(&m.app, &query).await, "the calculator says the same");
        }
        // What was published stays, whatever administrators change afterwards.
        m.call(m.administrator.put("/minimum-periods/small_pilot", 1, days(30, 20, 10, 2))).await.expect(200);
        assert_eq!(m.call(get(&path)).await.expect(200).body, open);
    }

    async fn the_standstill_is_computed_with_the_calendar_of_the_agency(backend: Backend) {
        let mut m = Marketplace::new(backend).await;
        let (id, _) = m.awarded().await;
        let challenge = m.call(get(&format!("/challenges/{id}"))).await.expect(200).body;
        let timeline = m.call(get(&format!("/challenges/{id}/timeline"))).await.expect(200).body;
        let query = format!("calendar=SI&from={}&days=2&kind=working", challenge["awardedAt"].as_str().unwrap());
        assert_eq!(timeline["standstill"], compute(&m.app, &query).await);
        assert_eq!(timeline["standstill"]["endsAt"], challenge["standstillUntil"]);
        assert!(timeline["questionsUntil"].is_object(), "the other dates are still there");
    }
}
