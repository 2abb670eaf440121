//! Filtering, sorting and counting public challenges.

use crate::{
    app::{Response, get},
    marketplace::{Marketplace, organisation},
    rows::refused,
};
use chrono::{SecondsFormat, TimeDelta};
use serde_json::{Value, json};
use testing::Backend;

/// Four published challenges: `A` to `D`, in this order.
struct Shelf {
    m: Marketplace,
    ids: Vec<String>,
}

impl Shelf {
    async fn new(backend: Backend) -> Self {
        let m = Marketplace::new(backend).await;
        let mut ids = Vec::new();
        for (title, cpv, tags, budget, days) in [
            ("A", json!(["72000000"]), json!(["flood", "calls"]), "5000.00", 20),
            ("B", json!(["72000000"]), json!(["flood"]), "30000.00", 60),
            ("C", json!(["90000000"]), json!(["waste"]), "30000.00", 40),
            ("D", json!([]), json!([]), "200000.00", 200),
        ] {
            let deadline = (m.app.now() + TimeDelta::days(days)).to_rfc3339_opts(SecondsFormat::Secs, true);
            let budget = json!({ "amount": budget, "currency": "EUR" });
            let id = m
                .draft_with(json!({
                    "title": title, "cpvCodes": cpv, "tags": tags, "budgetCeiling": budget, "submissionDeadline": deadline,
                }))
                .await;
            m.publish(&id).await;
            ids.push(id);
        }
        Self { m, ids }
    }

    async fn page(&self, query: &str) -> Response {
        self.m.call(get(&format!("/challenges?{query}"))).await.expect(200)
    }

    /// The titles that are listed, in one word.
    async fn titles(&self, query: &str) -> String {
        let mut next = Some(format!("/challenges?{query}&limit=2"));
        let mut titles = String::new();
        while let Some(path) = next {
            let page = self.m.call(get(&path)).await.expect(200).body;
            titles.extend(page["items"].as_array().unwrap().iter().map(|item| item["title"].as_str().unwrap()));
            next = page["next"].as_str().map(|after| format!("/challenges?{query}&limit=2&after={after}"));
        }
        titles
    }

    async fn counts(&self, query: &str) -> Value {
        self.m.call(get(&format!("/challenges/facets?{query}"))).await.expect(200).body
    }
}

fn pairs(counts: &Value) -> Vec<(String, i64)> {
    let value = |count: &Value| count["value"].as_str().unwrap().to_owned();
    counts.as_array().unwrap().iter().map(|count| (value(count), count["count"].as_i64().unwrap())).collect()
}

fn told<const N: usize>(expected: [(&str, i64); N]) -> Vec<(String, i64)> {
    expected.map(|(value, count)| (value.to_owned(), count)).to_vec()
}

testing::on_both! {
    async fn each_filter_leaves_what_it_says_in_every_order(backend: Backend) {
        let shelf = Shelf::new(backend).await;
        let agency = &shelf.m.agency;
        let instant = |days| (shelf.m.app.now() + TimeDelta::days(days)).to_rfc3339_opts(SecondsFormat::Secs, true);
        let in_a_month = instant(30);
        for (query, titles) in [
            (String::new(), "DCBA"),
            ("status=published".to_owned(), "DCBA"),
            ("status=closed,completed".to_owned(), ""),
            ("status=closed,published".to_owned(), "DCBA"),
            (format!("agency={agency}"), "DCBA"),
            (format!("agency={}", shelf.m.calm.id), ""),
            ("country=SI".to_owned(), "DCBA"),
            ("country=BE,SI".to_owned(), "DCBA"),
            ("country=BE".to_owned(), ""),
            ("cpv=72".to_owned(), "BA"),
            ("cpv=72000000".to_owned(), "BA"),
            ("cpv=722".to_owned(), ""),
            ("cpv=72,90".to_owned(), "CBA"),
            ("tag=flood".to_owned(), "BA"),
            ("tag=flood,waste".to_owned(), "CBA"),
            ("tag=calls&cpv=72".to_owned(), "A"),
            ("tag=waste&cpv=72".to_owned(), ""),
            ("procedure=small_pilot".to_owned(), "DCBA"),
            ("procedure=open_pilot".to_owned(), ""),
            ("language=en".to_owned(), "DCBA"),
            ("language=sl".to_owned(), ""),
            ("currency=EUR&budgetMin=30000".to_owned(), "DCB"),
            ("currency=EUR&budgetMin=30000.00&budgetMax=30000.00".to_owned(), "CB"),
            ("currency=SEK".to_owned(), ""),
            (format!("deadlineAfter={in_a_month}"), "DCB"),
            (format!("deadlineBefore={in_a_month}"), "A"),
            (format!("deadlineAfter={in_a_month}&deadlineBefore={}", instant(50)), "C"),
            ("sort=newest".to_owned(), "DCBA"),
            ("sort=deadline".to_owned(), "ACBD"),
            ("sort=deadline&status=published&cpv=72,90".to_owned(), "ACB"),
            ("sort=budget&currency=EUR".to_owned(), "DCBA"),
            ("sort=budget&currency=EUR&tag=flood".to_owned(), "BA"),
            ("q=flood".to_owned(), "BA"),
            ("q=calls".to_owned(), "ADCB"),
            ("q=calls&sort=newest".to_owned(), "DCBA"),
            ("q=calls&sort=deadline".to_owned(), "ACBD"),
            ("q=calls&sort=budget&currency=EUR".to_owned(), "DCBA"),
            ("q=river&cpv=72".to_owned(), "BA"),
        ] {
            assert_eq!(shelf.titles(&query).await, titles, "{query}");
        }
    }

    async fn wrong_parameters_are_told(backend: Backend) {
        let m = Marketplace::new(backend).await;
        for (query, field, code) in [
            ("status=nope,published", "/status", "not_allowed"),
            ("status=", "/status", "not_allowed"),
            ("agency=x", "/agency", "wrong_format"),
            ("country=si", "/country", "wrong_format"),
            ("cpv=7", "/cpv", "wrong_format"),
            ("cpv=00", "/cpv", "wrong_format"),
            ("cpv=72,", "/cpv", "wrong_format"),
            ("tag=a+b", "/tag", "wrong_format"),
            ("currency=eur", "/currency", "wrong_format"),
            ("currency=QQQ", "/currency", "unknown"),
            ("budgetMin=1", "/currency", "required"),
            ("budgetMin=-1&currency=EUR", "/budgetMin", "wrong_format"),
            ("budgetMax=1.001&currency=EUR", "/budgetMax", "wrong_format"),
            ("deadlineAfter=tomorrow", "/deadlineAfter", "wrong_format"),
            ("sort=budget", "/currency", "required"),
            ("sort=relevance", "/q", "required"),
            ("sort=best", "/sort", "not_allowed"),
            ("facets=true", "/facets", "unknown_field"),
        ] {
            let response = refused(&m.app, get(&format!("/challenges?{query}")), 400, "invalid_query").await;
            assert_eq!(response.fields(), [(field.to_owned(), code.to_owned())], "{query}");
        }
        let many = ["tag"; 21].join(",");
        let response = refused(&m.app, get(&format!("/challenges?tag={many}")), 400, "invalid_query").await;
        assert_eq!(response.fields(), [("/tag".to_owned(), "too_many".to_owned())]);
        refused(&m.app, get("/challenges/facets?limit=1"), 400, "invalid_query").await;
    }

    async fn a_cursor_belongs_to_its_filters_and_order(backend: Backend) {
        let shelf = Shelf::new(backend).await;
        let page = shelf.page("tag=flood&limit=1").await;
        let after = page.body["next"].as_str().unwrap();
        let rest = shelf.page(&format!("limit=1&tag=flood&after={after}")).await;
        assert_eq!(rest.body["items"][0]["title"], "A");
        for other in ["tag=waste", "tag=flood&sort=deadline", "", "q=flood", "tag=flood&q=flood"] {
            refused(&shelf.m.app, get(&format!("/challenges?{other}&after={after}")), 400, "invalid_cursor").await;
        }
    }

    async fn each_kind_of_choice_is_counted_under_all_filters_but_its_own(backend: Backend) {
        let shelf = Shelf::new(backend).await;
        let all = shelf.counts("").await;
        assert_eq!(all["truncated"], false);
        assert_eq!(pairs(&all["status"]), told([("published", 4)]));
        assert_eq!(pairs(&all["agency"]), told([(&shelf.m.agency, 4)]));
        assert_eq!(all["agency"][0]["name"], "Northern Dispatch");
        assert_eq!(pairs(&all["country"]), told([("SI", 4)]));
        assert_eq!(pairs(&all["cpv"]), told([("72", 2), ("90", 1)]));
        assert!(all["cpv"][0]["name"].as_str().unwrap().starts_with("IT services"));
        assert_eq!(pairs(&all["tag"]), told([("flood", 2), ("calls", 1), ("waste", 1)]));
        assert_eq!(pairs(&all["deadline"]), told([("within_30_days", 1), ("within_90_days", 2), ("later", 1)]));
        let budget = |amount: &str| json!({ "amount": amount, "currency": "EUR" });
        assert_eq!(all["budget"], json!([
            { "from": budget("0.00"), "below": budget("10000.00"), "count": 1 },
            { "from": budget("25000.00"), "below": budget("50000.00"), "count": 2 },
            { "from": budget("100000.00"), "below": budget("250000.00"), "count": 1 },
        ]));
        let flood = shelf.counts("tag=flood").await;
        assert_eq!(flood["tag"], all["tag"], "its own filter is left aside");
        assert_eq!(pairs(&flood["cpv"]), told([("72", 2)]));
        assert_eq!(pairs(&flood["status"]), told([("published", 2)]));
        let both = shelf.counts("tag=flood&currency=EUR&budgetMax=10000").await;
        assert_eq!(pairs(&both["tag"]), told([("calls", 1), ("flood", 1)]));
        assert_eq!(both["budget"].as_array().unwrap().len(), 2);
        assert_eq!(pairs(&both["cpv"]), told([("72", 1)]));
        let words = shelf.counts("q=waste").await;
        assert_eq!(pairs(&words["tag"]), told([("waste", 1)]));
        assert_eq!(shelf.counts("q=waste&cpv=72").await["status"], json!([]));
        assert_eq!(shelf.counts("q=...").await["status"], json!([]));
    }

    async fn what_changes_later_is_found_as_it_is_now(backend: Backend) {
        let mut shelf = Shelf::new(backend).await;
        let reason = json!({ "code": "need_changed", "reason": "No." });
        let m = &shelf.m;
        m.call(m.officer.post(&format!("/challenges/{}/cancel", shelf.ids[1]), reason)).await.expect(200);
        assert_eq!(shelf.titles("status=cancelled").await, "B");
        shelf.m.advance(TimeDelta::days(21)).await;
        shelf.m.run_scheduler().await;
        assert_eq!(shelf.titles("status=closed").await, "A");
        assert_eq!(shelf.titles("status=published").await, "DC");
        let counts = shelf.counts("tag=flood").await;
        assert_eq!(pairs(&counts["status"]), told([("closed", 1), ("cancelled", 1)]));
        assert_eq!(pairs(&counts["deadline"]), told([("before_today", 1), ("within_90_days", 1)]));
    }

    async fn pages_of_every_order_stay_as_they_are_while_others_publish(backend: Backend) {
        let shelf = Shelf::new(backend).await;
        for (query, order) in [("sort=newest", "DCBA"), ("sort=deadline", "ACBD"), ("sort=budget&currency=EUR", "DCBA")] {
            let (mut titles, mut next) = (String::new(), Some(format!("/challenges?{query}&limit=1")));
            while let Some(path) = next {
                let page = shelf.m.call(get(&path)).await.expect(200).body;
                titles.push_str(page["items"][0]["title"].as_str().unwrap());
                next = page["next"].as_str().map(|after| format!("/challenges?{query}&limit=1&after={after}"));
                if titles.len() == 1 {
                    let other = shelf.m.draft_with(json!({ "title": "z" })).await;
                    shelf.m.publish(&other).await;
                }
            }
            titles.retain(|title| title != 'z');
            assert_eq!(titles, order, "{query}");
        }
    }

    async fn organisations_of_other_kinds_are_no_agencies_to_choose(backend: Backend) {
        let shelf = Shelf::new(backend).await;
        let other = organisation(&shelf.m.app, &shelf.m.owner, "agency", "Quiet Agency").await;
        assert_eq!(shelf.titles(&format!("agency={other}")).await, "");
        assert_eq!(shelf.counts("").await["agency"].as_array().unwrap().len(), 1);
    }
}
