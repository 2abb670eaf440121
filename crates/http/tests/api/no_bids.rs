//! Why companies do not bid: who learns of it, and what ends it.

use crate::{
    administration::appoint,
    app::{Person, get},
    marketplace::{Company, Marketplace},
    rows::refused,
    steps::{all_at_once, mails},
    two_stages::TwoStages,
};
use actix_web::test::TestRequest;
use chrono::TimeDelta;
use serde_json::{Value, json};
use testing::Backend;

impl Marketplace {
    /// Says why a company does not bid; gives its id.
    pub async fn give_no_bid(&self, company: &Company, challenge: &str, said: Value) -> String {
        self.call(giving(company, challenge, said)).await.expect(201).id()
    }
}

fn giving(company: &Company, challenge: &str, mut said: Value) -> TestRequest {
    said["company"] = json!(company.id);
    company.bidder.post(&format!("/challenges/{challenge}/no-bids"), said)
}

fn because(reason: &str) -> Value {
    json!({ "reason": reason })
}

fn commented(reason: &str, comment: &str, shared: bool) -> Value {
    json!({ "reason": reason, "comment": comment, "shared": shared })
}

async fn statistics(m: &Marketplace, who: &Person, challenge: &str) -> Value {
    m.see(who, &format!("/challenges/{challenge}/no-bid-statistics")).await
}

async fn comments(m: &Marketplace, challenge: &str) -> Value {
    m.see(&m.officer, &format!("/challenges/{challenge}/no-bid-comments")).await["items"].clone()
}

/// Everything that the agency and the public see of a challenge and of what happened.
async fn seen_by_agency(m: &Marketplace, challenge: &str) -> Vec<String> {
    let mut seen = vec![format!("{:?}", m.feed().await), m.call(get(&format!("/challenges/{challenge}"))).await.text];
    let parts = ["bids", "no-bid-statistics", "no-bid-comments", "solution-invitations", "questions"];
    for part in parts {
        seen.push(m.call(m.officer.get(&format!("/challenges/{challenge}/{part}"))).await.text);
    }
    seen
}

testing::on_both! {
    async fn who_handed_in_a_solution_takes_part_until_invited_to_bid(backend: Backend) {
        let t = TwoStages::new(backend).await;
        t.solution(&t.m.calm, "We listen.").await;
        let beside = giving(&t.m.calm, &t.challenge, because("no_capacity"));
        t.m.call(beside).await.expect_problem(409, "wrong_state");
        let mut t = TwoStages::new(backend).await;
        t.shortlisted().await;
        let [calm, .., fast] = t.companies();
        t.m.call(giving(fast, &t.challenge, because("no_capacity"))).await.expect_problem(409, "wrong_state");
        t.m.give_no_bid(calm, &t.challenge, because("no_capacity")).await;
    }

    async fn a_company_says_it_changes_it_and_takes_it_back(backend: Backend) {
        let m = Marketplace::new(backend).await;
        let challenge = m.published().await;
        let before = mails(&m.app).await.len();
        let given = m.call(giving(&m.calm, &challenge, commented("no_capacity", " All are busy. ", true))).await.expect(201);
        assert_eq!(given.body["challenge"]["id"], json!(challenge));
        assert_eq!((&given.body["comment"], &given.body["shared"]), (&json!("All are busy."), &json!(true)));
        let path = format!("/no-bids/{}", given.id());
        assert_eq!(given.header("location"), format!("/api/v1{path}"));
        refused(&m.app, giving(&m.calm, &challenge, because("no_capacity")), 409, "already_done").await;
        let changed = m.call(m.calm.bidder.put(&path, 1, because("budget_too_low"))).await.expect(200);
        assert_eq!((&changed.body["reason"], &changed.body["comment"]), (&json!("budget_too_low"), &Value::Null));
        assert_eq!((&changed.body["shared"], &changed.body["version"]), (&json!(false), &json!(2)));
        refused(&m.app, m.calm.bidder.put(&path, 1, because("no_capacity")), 412, "stale").await;
        let list = format!("/organisations/{}/no-bids", m.calm.id);
        assert_eq!(m.see(&m.calm.bidder, &list).await["items"], json!([changed.body]));
        m.call(m.calm.bidder.delete(&path)).await.expect(204);
        m.call(m.calm.bidder.get(&path)).await.expect_problem(404, "not_found");
        assert_eq!(m.see(&m.calm.bidder, &list).await["items"], json!([]));
        m.give_no_bid(&m.calm, &challenge, because("not_our_field")).await;
        assert_eq!(mails(&m.app).await.len(), before, "nobody is told");
    }

    async fn what_is_wrong_is_told_and_nothing_changes(backend: Backend) {
        let m = Marketplace::new(backend).await;
        let challenge = m.published().await;
        let long = "x".repeat(2001);
        for (said, wrong) in [
            (because("other"), vec![("/comment", "required")]),
            (commented("other", " ", true), vec![("/comment", "required"), ("/shared", "not_allowed")]),
            (json!({ "reason": "no_capacity", "shared": true }), vec![("/shared", "not_allowed")]),
            (commented("no_capacity", &long, false), vec![("/comment", "too_long")]),
            (because("too_lazy"), vec![("/reason", "not_allowed")]),
        ] {
            let told = refused(&m.app, giving(&m.calm, &challenge, said), 422, "invalid").await.fields();
            assert_eq!(told, wrong.iter().map(|(at, code)| ((*at).to_owned(), (*code).to_owned())).collect::<Vec<_>>());
        }
        let body = json!({ "company": m.river.id, "reason": "no_capacity" });
        let foreign = m.calm.bidder.post(&format!("/challenges/{challenge}/no-bids"), body);
        let told = refused(&m.app, foreign, 422, "invalid").await.fields();
        assert_eq!(told, [("/company".to_owned(), "unknown".to_owned())]);
        let draft = m.draft().await;
        refused(&m.app, giving(&m.calm, &draft, because("no_capacity")), 404, "not_found").await;
    }

    async fn a_bid_ends_it_and_stands_in_its_way(backend: Backend) {
        let m = Marketplace::new(backend).await;
        let challenge = m.published().await;
        let id = m.give_no_bid(&m.calm, &challenge, because("no_capacity")).await;
        let mut wrong = m.offer("38500.00");
        wrong["price"]["amount"] = json!("9999999.00");
        m.call(m.submission(&m.calm, &challenge, wrong, "wrong")).await.expect_problem(422, "invalid");
        m.call(m.calm.bidder.get(&format!("/no-bids/{id}"))).await.expect(200);
        let bid = m.submit(&m.calm, &challenge, m.offer("38500.00")).await;
        m.call(m.calm.bidder.get(&format!("/no-bids/{id}"))).await.expect_problem(404, "not_found");
        refused(&m.app, giving(&m.calm, &challenge, because("no_capacity")), 409, "wrong_state").await;
        let told = m.see(&m.calm.bidder, &format!("/organisations/{}/events?limit=200", m.calm.id)).await.to_string();
        assert!(told.contains("no_bid.given") && told.contains("no_bid.ended"), "{told}");
        m.call(m.calm.bidder.act(&format!("/bids/{bid}/withdraw"))).await.expect(200);
        m.give_no_bid(&m.calm, &challenge, because("too_much_paperwork")).await;
    }

    async fn there_is_never_one_beside_a_bid(backend: Backend) {
        let m = Marketplace::new(backend).await;
        let challenge = m.published().await;
        let both = [giving(&m.calm, &challenge, because("no_capacity")), m.bid(&m.calm, &challenge, "38500.00")];
        let answers = all_at_once(both.map(|request| m.call(request))).await;
        assert!(answers.iter().all(|answer| [201, 409].contains(&answer.status.as_u16())), "{answers:?}");
        assert_eq!(m.see(&m.calm.bidder, "/bids").await["items"].as_array().unwrap().len(), 1);
        let list = format!("/organisations/{}/no-bids", m.calm.id);
        assert_eq!(m.see(&m.calm.bidder, &list).await["items"], json!([]));
    }

    async fn nobody_else_learns_of_it_before_the_time(backend: Backend) {
        let mut m = Marketplace::new(backend).await;
        let auditor = m.app.person("Aida Auditor").await;
        appoint(&m.app, &m.administrator, &auditor, json!({ "administrator": false, "auditor": true })).await.expect(200);
        let challenge = m.published().await;
        let before = seen_by_agency(&m, &challenge).await;
        let id = m.give_no_bid(&m.calm, &challenge, commented("other", "The SECRET comment.", true)).await;
        assert_eq!(seen_by_agency(&m, &challenge).await, before);
        for outsider in [&m.officer, &m.owner, &m.administrator, &auditor, &m.river.bidder, &m.chair] {
            m.call(outsider.get(&format!("/no-bids/{id}"))).await.expect_problem(404, "not_found");
            let list = format!("/organisations/{}/no-bids", m.calm.id);
            m.call(outsider.get(&list)).await.expect_problem(404, "not_found");
        }
        for view in ["/audit/events?limit=200".to_owned(), format!("/organisations/{}/events?limit=200", m.calm.id)] {
            let seen = m.see(&auditor, &view).await.to_string();
            assert!(!seen.contains("no_bid.") && !seen.contains(&id), "{seen}");
        }
        m.call(m.river.bidder.get(&format!("/challenges/{challenge}/no-bid-statistics"))).await.expect_problem(404, "not_found");
        m.pass_deadline().await;
        m.advance(TimeDelta::days(15)).await;
        assert_eq!(statistics(&m, &m.officer, &challenge).await["shown"], false, "not opened");
        assert_eq!(comments(&m, &challenge).await, json!([]));
        let late = m.calm.bidder.put(&format!("/no-bids/{id}"), 1, because("no_capacity"));
        refused(&m.app, late, 409, "deadline_passed").await;
    }

    async fn the_agency_learns_what_kept_companies_away_and_not_whom(backend: Backend) {
        let mut m = Marketplace::new(backend).await;
        let challenge = m.published().await;
        let bid = m.submit(&m.river, &challenge, m.offer("38500.00")).await;
        for name in ["One", "Two", "Three", "Four", "Five"] {
            let company = m.company(name).await;
            let shared = name != "Five";
            let reason = if shared { "too_short_deadline" } else { "budget_too_low" };
            m.give_no_bid(&company, &challenge, commented(reason, &format!("Said by nobody {}", name.len()), shared)).await;
        }
        m.pass_deadline().await;
        m.open(&challenge).await;
        let early = statistics(&m, &m.officer, &challenge).await;
        assert_eq!((&early["shown"], &early["reasons"]), (&json!(false), &json!([])));
        assert_eq!(comments(&m, &challenge).await, json!([]));
        m.give_no_bid(&m.calm, &challenge, because("budget_too_low")).await;
        m.advance(TimeDelta::days(15)).await;
        let told = statistics(&m, &m.officer, &challenge).await;
        assert_eq!((&told["shown"], &told["smallestCount"]), (&json!(true), &json!(3)));
        assert_eq!(told["reasons"], json!([{ "reason": "too_short_deadline", "companies": 4 }]), "two are too few to show");
        let said = comments(&m, &challenge).await;
        let mut said: Vec<_> = said.as_array().unwrap().iter().map(|text| text.as_str().unwrap()).collect();
        said.sort_unstable();
        assert_eq!(said, ["Said by nobody 3", "Said by nobody 3", "Said by nobody 4", "Said by nobody 5"]);
        let path = format!("/challenges/{challenge}/no-bid-comments?limit=3");
        let page = m.see(&m.officer, &path).await;
        let rest = m.see(&m.officer, &format!("{path}&after={}", page["next"].as_str().unwrap())).await;
        assert_eq!((page["items"].as_array().unwrap().len(), rest["items"].as_array().unwrap().len()), (3, 1));
        m.call(m.river.bidder.get(&path)).await.expect_problem(404, "not_found");
        assert!(!told.to_string().contains(&bid));
    }
}
