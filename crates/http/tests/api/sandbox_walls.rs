//! What is between sandboxes and the market: neither is seen in the other, and the time of what is real cannot be moved.

use crate::{
    app::get,
    marketplace::{Marketplace, company_in, organisation_in},
    reads::{UNKNOWN, answers},
    rows::{alter, refusal},
    solutions::content,
};
use chrono::TimeDelta;
use serde_json::{Value, json};
use testing::Backend;

testing::on_both! {
    async fn the_time_of_a_real_challenge_cannot_be_moved_by_anybody(backend: Backend) {
        let m = Marketplace::new(backend).await;
        let challenge = m.published().await;
        let before = m.challenge(&challenge).await;
        for person in [&m.author, &m.officer, &m.administrator, &m.calm.bidder] {
            let later = json!({ "now": m.app.now() + TimeDelta::days(20) });
            m.set_clock(person, &challenge, later).await.expect_problem(409, "not_a_sandbox");
            m.set_clock(person, &challenge, json!({ "rate": 10 })).await.expect_problem(409, "not_a_sandbox");
        }
        let path = format!("/challenges/{challenge}/clock");
        m.call(m.officer.get(&path)).await.expect_problem(409, "not_a_sandbox");
        assert_eq!(m.challenge(&challenge).await, before);
        m.call(m.bid(&m.calm, &challenge, "38500.00")).await.expect(201);
    }

    async fn the_database_keeps_no_clock_of_a_real_challenge_and_makes_none_a_sandbox(backend: Backend) {
        let m = Marketplace::new(backend).await;
        let challenge = m.published().await;
        let clock = |sandbox: &str| {
            format!(
                "INSERT INTO challenge_clocks (challenge_id, sandbox, real_at, challenge_at, rate) \
                 VALUES ('{challenge}', {sandbox}, '2026-01-01T00:00:00.000000Z', '2027-01-01T00:00:00.000000Z', 1)"
            )
        };
        let (yes, no) = match backend {
            Backend::Postgres => ("true", "false"),
            Backend::Sqlite => ("1", "0"),
        };
        let words = refusal(&m.app, &clock(no)).to_lowercase();
        assert!(words.contains("challenge_clocks_sandbox_check"), "{words}");
        let words = refusal(&m.app, &clock(yes)).to_lowercase();
        assert!(words.contains("foreign key"), "{words}");
        let words = refusal(&m.app, &format!("UPDATE challenges SET sandbox = {yes} WHERE id = '{challenge}'"));
        assert!(words.contains("for ever"), "{words}");
        let words = refusal(&m.app, &format!("UPDATE organisations SET sandbox = {yes} WHERE id = '{}'", m.agency));
        assert!(words.contains("for ever"), "{words}");
    }

    async fn the_database_lets_no_clock_go_back_and_no_sandbox_become_real(backend: Backend) {
        let m = Marketplace::sandbox(backend).await;
        let challenge = m.published().await;
        m.jump(TimeDelta::days(3)).await;
        let back = format!(
            "UPDATE challenge_clocks SET challenge_at = '2000-01-02T00:00:00.000000Z', real_at = '2000-01-01T00:00:00.000000Z' \
             WHERE challenge_id = '{challenge}'"
        );
        let words = refusal(&m.app, &back);
        assert!(words.contains("forward only"), "{words}");
        let rate = format!("UPDATE challenge_clocks SET rate = 0 WHERE challenge_id = '{challenge}'");
        assert!(refusal(&m.app, &rate).contains("challenge_clocks_rate_check"));
        let no = if backend == Backend::Postgres { "false" } else { "0" };
        for (table, id) in [("challenges", &challenge), ("organisations", &m.agency)] {
            let words = refusal(&m.app, &format!("UPDATE {table} SET sandbox = {no} WHERE id = '{id}'"));
            assert!(words.contains("for ever") || words.to_lowercase().contains("foreign key"), "{words}");
        }
    }

    async fn nobody_outside_sandboxes_learns_of_one(backend: Backend) {
        let mut m = Marketplace::sandbox(backend).await;
        let (challenge, contract) = m.awarded().await;
        assert_nothing_is_public(&m, &challenge, &contract).await;
    }

    async fn sandboxes_and_the_market_do_not_trade(backend: Backend) {
        let m = Marketplace::new(backend).await;
        let real = m.published().await;
        let toy = company_in(&m.app, "Toy Signal", true).await;
        m.call(m.bid(&toy, &real, "100.00")).await.expect_problem(409, "sandbox_apart");
        let asking = |company: &str| json!({ "company": company, "text": "Which radio?" });
        let ask = toy.bidder.post(&format!("/challenges/{real}/questions"), asking(&toy.id));
        m.call(ask).await.expect_problem(409, "sandbox_apart");
        let drafting = json!({ "company": toy.id, "offer": {} });
        let draft = toy.bidder.post(&format!("/challenges/{real}/bid-drafts"), drafting);
        m.call(draft).await.expect_problem(409, "sandbox_apart");
        let silence = json!({ "company": toy.id, "reason": "no_capacity" });
        let saying = toy.bidder.post(&format!("/challenges/{real}/no-bids"), silence.clone());
        m.call(saying).await.expect_problem(409, "sandbox_apart");
        let form = toy.bidder.post(&format!("/challenges/{real}/consortia"), json!({ "lead": toy.id }));
        m.call(form).await.expect_problem(409, "sandbox_apart");
        let consortium = m.form_consortium(&real).await;
        let asked = m.ask_partner(&consortium, &toy).await.expect_problem(422, "invalid");
        assert_eq!(asked.fields(), [("/organisation".to_owned(), "unknown".to_owned())]);
        let made = m.call(toy.bidder.post(&format!("/organisations/{}/solutions", toy.id), content())).await.expect(201);
        let publishing = toy.bidder.act(&format!("/solutions/{}/publish", made.id()));
        m.call(publishing).await.expect_problem(409, "sandbox_apart");
        // Whoever belongs to both worlds keeps them apart all the same.
        let s = Marketplace::of(m.app, m.administrator, true).await;
        let challenge = s.published().await;
        let body = json!({ "kind": "company", "legalName": "Both Ltd", "country": "SI" });
        let both = s.call(s.calm.bidder.post("/organisations", body)).await.expect(201).id();
        let members = s.see(&s.calm.bidder, &format!("/organisations/{both}/members")).await;
        let path = format!("/organisations/{both}/members/{}", members["items"][0]["id"].as_str().unwrap());
        s.call(s.calm.bidder.put(&path, 1, json!({ "roles": ["owner", "bidder"] }))).await.expect(200);
        let company = crate::marketplace::Company { id: both, bidder: s.calm.bidder.clone() };
        s.call(s.bid(&company, &challenge, "100.00")).await.expect_problem(409, "sandbox_apart");
        s.call(toy.bidder.post(&format!("/challenges/{challenge}/no-bids"), silence)).await.expect(201);
        s.call(s.bid(&toy, &challenge, "100.00")).await.expect(201);
    }

    async fn a_sandbox_is_one_for_ever_says_so_and_is_an_agency_or_a_company(backend: Backend) {
        let m = Marketplace::new(backend).await;
        let owner = m.app.person("Ina Integrator").await;
        let register = |body: Value| m.app.call(owner.post("/organisations", body));
        let named = json!({ "kind": "agency", "legalName": "Northern Dispatch", "country": "SI", "sandbox": true });
        let made = register(named.clone()).await.expect(201);
        let name = made.body["legalName"].as_str().unwrap().to_owned();
        assert!(name.starts_with("Northern Dispatch (sandbox ") && name.ends_with(')'), "{name}");
        assert_eq!((&made.body["sandbox"], &made.body["verifiedAt"]), (&json!(true), &Value::Null));
        register(named).await.expect(201);
        let university = json!({ "kind": "university", "legalName": "Test", "country": "SI", "sandbox": true });
        assert_eq!(register(university).await.expect_problem(422, "invalid").fields()[0].0, "/kind");
        let part = json!({ "kind": "agency", "legalName": "P", "country": "SI", "sandbox": true, "parent": m.agency });
        assert_eq!(register(part).await.expect_problem(422, "invalid").fields()[0].0, "/parent");
        let part = json!({ "kind": "agency", "legalName": "P", "country": "SI", "parent": made.id() });
        assert_eq!(register(part).await.expect_problem(422, "invalid").fields()[0].0, "/parent");
        let verify = json!({ "reason": "Checked." });
        let verifying = m.administrator.post(&format!("/organisations/{}/verify", made.id()), verify);
        m.call(verifying).await.expect_problem(409, "wrong_state");
        let profile = json!({ "legalName": "Quite Real", "country": "SI" });
        let renamed = m.call(owner.put(&format!("/organisations/{}/profile", made.id()), 1, profile)).await;
        let renamed = renamed.expect(200).body["organisation"]["legalName"].as_str().unwrap().to_owned();
        assert_eq!(renamed, name.replace("Northern Dispatch", "Quite Real"));
        for path in [format!("/organisations/{}", made.id()), format!("/organisations/{}/punctuality", made.id())] {
            m.call(get(&path)).await.expect_problem(404, "not_found");
            m.call(m.officer.get(&path)).await.expect_problem(404, "not_found");
            m.call(owner.get(&path)).await.expect(200);
        }
        let listed = m.see(&owner, "/organisations?limit=200").await;
        assert!(listed["items"].as_array().unwrap().iter().all(|item| item["sandbox"] == false));
        for _ in 2..10 {
            organisation_in(&m.app, &owner, "company", "One more", true).await;
        }
        let eleventh = json!({ "kind": "company", "legalName": "Too many", "country": "SI", "sandbox": true });
        register(eleventh).await.expect_problem(409, "limit_reached");
    }

    async fn the_scheduler_of_what_is_real_is_not_held_up_by_sandboxes(backend: Backend) {
        let m = Marketplace::new(backend).await;
        let real = m.published().await;
        let mut s = Marketplace::of(m.app, m.administrator, true).await;
        let toy = s.published().await;
        s.jump(TimeDelta::days(17)).await;
        assert_eq!(s.status(&toy).await, "closed");
        let seen = s.call(get(&format!("/challenges/{real}"))).await.expect(200).body;
        assert_eq!((&seen["status"], &seen["sandbox"]), (&json!("published"), &json!(false)));
        s.sandbox = false;
        s.pass_deadline().await;
        let seen = s.call(get(&format!("/challenges/{real}"))).await.expect(200).body;
        assert_eq!(seen["status"], "closed");
    }
}

/// A challenge that was published and awarded, its contract and its agency are nothing but unknown ids to everybody outside, for
/// each operation that reads; and they are in no list, count, feed or search, also not for those who play in sandboxes.
async fn assert_nothing_is_public(m: &Marketplace, challenge: &str, contract: &str) {
    let ids = [challenge, contract, &m.agency, &m.calm.id];
    let known =
        [("challenge", challenge), ("contract", contract), ("organisation", &m.agency), ("organisation", &m.calm.id)];
    let outsider = m.app.person("Otmar Outsider").await;
    for who in [None, Some(&outsider)] {
        let all = answers(m, who, &known).await;
        for answer in &all {
            let unknown = ids.iter().fold(answer.path.clone(), |path, id| path.replace(id, UNKNOWN));
            let same = all.iter().find(|other| other.path == unknown).unwrap();
            assert_eq!(answer.status, same.status, "{}", answer.path);
            let named = ids.iter().any(|id| answer.text.contains(id) && !answer.path.contains(id));
            assert!(!named, "{}: {}", answer.path, answer.text);
        }
    }
    for path in ["/challenges", "/challenges?q=flood", "/events", "/organisations", "/solutions"] {
        for list in [m.call(get(path)).await.expect(200).body, m.see(&m.calm.bidder, path).await] {
            assert_eq!(list["items"], json!([]), "{path}");
        }
    }
    let facets = m.call(get("/challenges/facets")).await.expect(200).text;
    assert!(!facets.contains("\"count\":1"), "{facets}");
    assert_eq!(alter(&m.app, "DELETE FROM challenge_listings"), 0, "it was never listed");
}
