//! Looking back: complete for those who may, silent about what is sealed, and itself looked back at.

use crate::{administration::appoint, app::Person, marketplace::Marketplace};
use serde_json::{Value, json};
use testing::Backend;

/// Somebody who audits the platform.
pub async fn auditor(m: &Marketplace) -> Person {
    let person = m.app.person("Aida Auditor").await;
    let roles = json!({ "administrator": false, "auditor": true });
    appoint(&m.app, &m.administrator, &person, roles).await.expect(200);
    person
}

pub async fn items(m: &Marketplace, who: &Person, path: &str) -> Vec<Value> {
    m.see(who, path).await["items"].as_array().unwrap().clone()
}

pub fn texts<'v>(items: &'v [Value], field: &str) -> Vec<&'v str> {
    items.iter().map(|item| item.pointer(field).and_then(Value::as_str).unwrap_or_default()).collect()
}

testing::on_both! {
    async fn before_the_opening_the_platform_view_does_not_know_of_bids(backend: Backend) {
        let mut m = Marketplace::new(backend).await;
        let mut auditor = auditor(&m).await;
        let (challenge, calm, _) = m.with_bids().await;
        m.call(m.calm.bidder.get(&format!("/bids/{calm}"))).await.expect(200);
        for path in ["/audit/events?limit=200", "/audit/reads?limit=200"] {
            let seen = items(&m, &auditor, path).await;
            assert!(!texts(&seen, "/subject/kind").contains(&"bid"), "{seen:?}");
        }
        for path in ["events", "reads"] {
            assert_eq!(items(&m, &auditor, &format!("/audit/{path}?subject={calm}")).await, [json!(null); 0]);
            let of_agency = items(&m, &auditor, &format!("/organisations/{}/{path}?subject={calm}", m.agency)).await;
            assert_eq!(of_agency, [json!(null); 0]);
        }
        let own = items(&m, &m.calm.bidder, &format!("/organisations/{}/events?subject={calm}", m.calm.id)).await;
        assert_eq!(texts(&own, "/type"), ["bid.submitted"]);
        m.pass_deadline().await;
        m.open(&challenge).await;
        m.app.log_in_again(&mut auditor).await;
        let after = items(&m, &auditor, &format!("/audit/events?subject={calm}")).await;
        assert_eq!(texts(&after, "/type"), ["bid.submitted"]);
        let after = items(&m, &auditor, &format!("/audit/reads?subject={calm}")).await;
        assert_eq!(texts(&after, "/reader/name"), ["Bidder of Calm Signal"]);
    }

    /// The platform's auditor may look into any organisation, so a company's own view must be as silent to them.
    async fn before_the_opening_a_companys_view_tells_strangers_nothing_of_its_bids(backend: Backend) {
        let m = Marketplace::new(backend).await;
        let auditor = auditor(&m).await;
        let (_, calm, _) = m.with_bids().await;
        m.call(m.calm.bidder.get(&format!("/bids/{calm}"))).await.expect(200);
        for path in ["events", "reads"] {
            let seen = items(&m, &auditor, &format!("/organisations/{}/{path}?limit=200", m.calm.id)).await;
            assert!(!texts(&seen, "/subject/kind").contains(&"bid"), "{seen:?}");
        }
    }

    async fn who_read_a_bid_is_seen_by_the_auditor_of_the_agency(backend: Backend) {
        let mut m = Marketplace::new(backend).await;
        let (challenge, calm, river) = m.opened().await;
        let mut auditor = m.staff("Anton Auditor", "auditor").await;
        m.call(m.officer.get(&format!("/bids/{calm}"))).await.expect(200);
        m.call(m.officer.get(&format!("/challenges/{challenge}/bids?limit=1"))).await.expect(200);
        m.call(m.owner.get(&format!("/bids/{calm}"))).await.expect_problem(404, "not_found");
        let path = format!("/organisations/{}/reads", m.agency);
        let log = items(&m, &auditor, &path).await;
        let first_listed = [&calm, &river].into_iter().min().unwrap();
        assert_eq!(texts(&log, "/subject/kind"), ["organisation", "bid", "bid"], "the auditor's own look comes first");
        assert_eq!(texts(&log, "/reader/name"), ["Anton Auditor", "Otto Officer", "Otto Officer"]);
        assert_eq!(texts(&log, "/subject/id")[1..], [first_listed, &*calm]);
        let of_bid = items(&m, &auditor, &format!("{path}?subject={river}")).await;
        assert_eq!(of_bid.len(), usize::from(first_listed == &river), "what a page did not show was not read");
        let own = items(&m, &m.calm.bidder, &format!("/organisations/{}/reads?subject={calm}", m.calm.id)).await;
        assert_eq!(own, [json!(null); 0], "who reads for the agency is the agency's affair");
        m.app.log_in_again(&mut auditor).await;
    }

    async fn views_are_for_auditors_and_in_companies_for_owners(backend: Backend) {
        let m = Marketplace::new(backend).await;
        let colleague = m.staff_of(&m.calm, "Cora Colleague").await;
        for view in ["events", "reads"] {
            let (agency, company) =
                (format!("/organisations/{}/{view}", m.agency), format!("/organisations/{}/{view}", m.calm.id));
            let refused = m.call(m.owner.get(&agency)).await.expect_problem(403, "role_missing");
            assert!(refused.text.contains("auditor"), "{}", refused.text);
            let refused = m.call(colleague.get(&company)).await.expect_problem(403, "role_missing");
            assert!(refused.text.contains("owner"), "{}", refused.text);
            m.call(m.river.bidder.get(&company)).await.expect_problem(404, "not_found");
            m.call(m.calm.bidder.get(&agency)).await.expect_problem(404, "not_found");
            m.call(m.administrator.get(&agency)).await.expect_problem(404, "not_found");
            m.call(m.calm.bidder.get(&company)).await.expect(200);
            m.call(m.owner.get(&format!("/audit/{view}"))).await.expect_problem(403, "auditor_only");
        }
    }

    async fn pages_of_a_view_join_without_gap_or_overlap_and_filters_hold(backend: Backend) {
        let m = Marketplace::new(backend).await;
        let auditor = auditor(&m).await;
        m.published().await;
        let all = items(&m, &auditor, "/audit/events?limit=200").await;
        assert!(all.len() > 10);
        let times = texts(&all, "/time");
        assert!(times.is_sorted_by(|a, b| a >= b), "the newest first: {times:?}");
        let (mut paged, mut next) = (Vec::new(), String::new());
        loop {
            let page = m.see(&auditor, &format!("/audit/events?limit=4{next}")).await;
            paged.extend(page["items"].as_array().unwrap().clone());
            let Some(cursor) = page["next"].as_str() else { break };
            next = format!("&after={cursor}");
        }
        assert_eq!(paged, all);
        let foreign = m.call(auditor.get(&format!("/audit/events?type=challenge.published{next}"))).await;
        foreign.expect_problem(400, "invalid_cursor");
        let of_kind = items(&m, &auditor, "/audit/events?type=challenge.published").await;
        assert_eq!(texts(&of_kind, "/type"), ["challenge.published"]);
        let of_officer = items(&m, &auditor, &format!("/audit/events?actor={}", m.officer.id)).await;
        let kinds = [
            "challenge.published", "challenge.approved", "challenge.rehearsed", "opening_key.introduced",
            "organisation.member_joined",
        ];
        assert_eq!(texts(&of_officer, "/type"), kinds);
        assert_eq!(texts(&of_officer, "/actor/name"), ["Otto Officer"; 5]);
        let moment = of_officer[0]["time"].as_str().unwrap();
        let since = items(&m, &auditor, &format!("/audit/events?from={moment}")).await;
        assert_eq!(since, [of_officer[0].clone()]);
        let until = items(&m, &auditor, &format!("/audit/events?limit=200&until={moment}")).await;
        assert_eq!(until, all[1..]);
        let of_company = items(&m, &auditor, &format!("/organisations/{}/events?limit=200", m.calm.id)).await;
        assert!(of_company.iter().all(|event| event["organisation"] == json!(m.calm.id)) && !of_company.is_empty());
    }

    async fn looking_at_a_view_is_kept_too(backend: Backend) {
        let m = Marketplace::new(backend).await;
        let auditor = auditor(&m).await;
        m.call(auditor.get("/audit/events")).await.expect(200);
        m.call(auditor.get(&format!("/organisations/{}/events", m.agency))).await.expect(200);
        let log = items(&m, &auditor, "/audit/reads").await;
        let kinds: Vec<_> = texts(&log, "/subject/kind").into_iter().filter(|kind| *kind != "user").collect();
        assert_eq!(kinds, ["platform", "organisation", "platform"]);
        m.call(auditor.get("/account/reads")).await.expect(200);
        assert_eq!(items(&m, &auditor, "/audit/reads").await.len(), log.len() + 1, "looking at oneself is not");
    }
}
