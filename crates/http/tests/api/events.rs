//! The public feed: complete, in order, and silent about what is sealed.

use crate::{
    app::{PASSWORD, TestApp, get, post},
    marketplace::Marketplace,
    rows::{refused, rows},
    steps::let_in,
};
use chrono::DateTime;
use serde_json::{Value, json};
use testing::Backend;
use uuid::Uuid;

async fn page(app: &TestApp, after: i64, limit: i64) -> Value {
    app.call(get(&format!("/events?after={after}&limit={limit}"))).await.expect(200).body
}

async fn feed(app: &TestApp) -> Vec<Value> {
    app.sequence().await;
    page(app, 0, 1000).await["items"].as_array().unwrap().clone()
}

/// The same whatever ids, times and random references a world happened to get.
fn anonymous(value: &Value) -> Value {
    match value {
        Value::String(text) if Uuid::parse_str(text).is_ok() => json!("an id"),
        Value::String(text) if DateTime::parse_from_rfc3339(text).is_ok() => json!("a time"),
        Value::Array(items) => items.iter().map(anonymous).collect(),
        Value::Object(fields) => {
            let random = |name: &str| ["reference", "ocid"].contains(&name);
            let field = |(name, value): (&String, &Value)| {
                (name.clone(), if random(name) { json!("random") } else { anonymous(value) })
            };
            Value::Object(fields.iter().map(field).collect())
        }
        other => other.clone(),
    }
}

/// Everything about a challenge that somebody outside can look at.
async fn seen_from_outside(m: &Marketplace, challenge: &str) -> Value {
    let outsider = m.app.person("Nosy Neighbour").await;
    let mut seen = vec![json!(feed(&m.app).await)];
    for path in ["", "/bids", "/ranking", "/award", "/contracts", "/panel"] {
        let path = format!("/challenges/{challenge}{path}");
        for who in [&outsider, &m.author, &m.officer, &m.chair, &m.administrator] {
            let mut response = m.call(who.get(&path)).await;
            response.body.as_object_mut().unwrap().remove("requestId");
            seen.push(json!([path.replace(challenge, ""), response.status.as_u16(), response.body]));
        }
    }
    seen.push(m.call(get("/challenges")).await.expect(200).body);
    anonymous(&json!(seen))
}

testing::on_both! {
    async fn positions_run_without_a_gap_in_the_order_of_time(backend: Backend) {
        let mut m = Marketplace::new(backend).await;
        m.piloting().await;
        let events = feed(&m.app).await;
        let positions: Vec<_> = events.iter().map(|event| event["position"].as_i64().unwrap()).collect();
        assert_eq!(positions, (1..=i64::try_from(events.len()).unwrap()).collect::<Vec<_>>());
        let times: Vec<_> = events.iter().map(|event| event["time"].as_str().unwrap()).collect();
        assert!(times.windows(2).all(|pair| {
            DateTime::parse_from_rfc3339(pair[0]).unwrap() <= DateTime::parse_from_rfc3339(pair[1]).unwrap()
        }));
        let kinds: Vec<_> = events.iter().map(|event| event["type"].as_str().unwrap()).collect();
        for kind in ["organisation.registered", "organisation.verified", "challenge.published", "challenge.opened"] {
            assert!(kinds.contains(&kind), "{kind} is missing from {kinds:?}");
        }
        assert!(kinds.iter().all(|kind| !kind.starts_with("user.") && !kind.contains("member")), "{kinds:?}");
        assert!(rows(&m.app)["events"] > i64::try_from(events.len()).unwrap(), "some events are confidential");
    }

    async fn whoever_goes_on_from_next_misses_nothing(backend: Backend) {
        let m = Marketplace::new(backend).await;
        m.published().await;
        let all = feed(&m.app).await;
        for size in [1, 2, 5, 1000] {
            let (mut seen, mut after) = (Vec::new(), 0);
            loop {
                let page = page(&m.app, after, size).await;
                let items = page["items"].as_array().unwrap().clone();
                assert!(items.len() <= usize::try_from(size).unwrap());
                after = page["next"].as_i64().unwrap();
                if items.is_empty() {
                    break;
                }
                seen.extend(items);
            }
            assert_eq!(seen, all);
            assert_eq!(page(&m.app, after, size).await, json!({ "items": [], "next": after }));
        }
        let last = all.len();
        m.published().await;
        let more = feed(&m.app).await;
        assert!(more.len() > last && more[..last] == all[..], "what has its position keeps it");
        assert_eq!(page(&m.app, 1_000_000, 1).await, json!({ "items": [], "next": 1_000_000 }));
    }

    async fn an_event_has_no_position_until_it_is_sequenced_and_then_keeps_it(backend: Backend) {
        let app = TestApp::new(backend).await;
        let ana = app.person("Ana").await;
        let body = json!({ "kind": "agency", "legalName": "North", "country": "SI" });
        app.call(ana.post("/organisations", body)).await.expect(201);
        assert_eq!(page(&app, 0, 10).await, json!({ "items": [], "next": 0 }));
        let first = feed(&app).await;
        assert_eq!((first.len(), &first[0]["position"]), (1, &json!(1)));
        assert_eq!(feed(&app).await, first);
    }

    async fn positions_and_limits_have_bounds(backend: Backend) {
        let app = TestApp::new(backend).await;
        for query in ["limit=0", "limit=-1", "limit=1001", "limit=x", "limit=", "after=-1", "after=x", "after=1.5",
            "after=9007199254740992", "after=99999999999999999999", "before=1", "after=1&after=2"] {
            refused(&app, get(&format!("/events?{query}")), 400, "invalid_query").await;
        }
        for query in ["limit=1", "limit=1000", "after=9007199254740991", "after=0&limit=5"] {
            app.call(get(&format!("/events?{query}"))).await.expect(200);
        }
    }

    async fn accounts_and_members_never_show_in_the_feed(backend: Backend) {
        let app = TestApp::new(backend).await;
        let (ana, bor) = (app.person("Ana").await, app.person("Bor").await);
        let body = json!({ "email": "new@people.example", "name": "New", "password": PASSWORD });
        app.call(post("/accounts", body)).await.expect(202);
        let body = json!({ "kind": "agency", "legalName": "North", "country": "SI" });
        let id = app.call(ana.post("/organisations", body)).await.expect(201).id();
        let_in(&app, &ana, &id, &bor, &["author"]).await;
        let draft = json!({ "agency": id, "content": { "title": "A secret draft" } });
        app.call(bor.post("/challenges", draft)).await.expect(201);
        let events = feed(&app).await;
        let kinds: Vec<_> = events.iter().map(|event| event["type"].as_str().unwrap()).collect();
        assert_eq!(kinds, ["organisation.registered"]);
        assert!(!json!(events).to_string().contains(&ana.id.to_string()), "not even who did it");
    }

    async fn before_the_opening_a_world_with_bids_looks_like_one_without(backend: Backend) {
        let (mut silent, mut busy) = (Marketplace::new(backend).await, Marketplace::new(backend).await);
        let (quiet, challenge) = (silent.published().await, busy.published().await);
        let bid = busy.call(busy.bid(&busy.calm, &challenge, "38500.00")).await.expect(201).id();
        let replace = busy.calm.bidder.put(&format!("/bids/{bid}"), 1, busy.replacement("38000.00"));
        busy.call(replace).await.expect(200);
        let river = busy.call(busy.bid(&busy.river, &challenge, "41000.00")).await.expect(201).id();
        busy.call(busy.river.bidder.act(&format!("/bids/{river}/withdraw"))).await.expect(200);
        assert_eq!(seen_from_outside(&busy, &challenge).await, seen_from_outside(&silent, &quiet).await);
        for m in [&mut silent, &mut busy] {
            m.pass_deadline().await;
        }
        for (m, id) in [(&silent, &quiet), (&busy, &challenge)] {
            m.bring(&m.officer, id, "quality").await.expect(200);
        }
        let (with, without) = (feed(&busy.app).await, feed(&silent.app).await);
        assert_eq!(anonymous(&json!(with)), anonymous(&json!(without)), "nor after the deadline");
    }
}
