//! The decision: who may win, what it starts, and how an evaluation ends without one.

use crate::{
    app::{Response, get},
    marketplace::{Company, Marketplace, company, organisation},
};
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};
use testing::Backend;

/// Everybody scored every bid the same but for the first criterion: the bids are ranked in the order given.
async fn ranked(m: &mut Marketplace, pilots: i32, companies: &[&Company]) -> (String, Vec<String>) {
    let companies: Vec<Company> = companies.iter().map(|company| (*company).clone()).collect();
    let offers: Vec<_> = companies.iter().map(|company| (company, "36000.00")).collect();
    let (challenge, bids) = m.with_offers(json!({ "pilots": pilots, "tieRule": "shared" }), &offers).await;
    m.pass_deadline().await;
    m.start_evaluating(&challenge, &bids).await;
    judge_in_order(m, &challenge, &bids).await;
    (challenge, bids)
}

async fn judge_in_order(m: &Marketplace, challenge: &str, bids: &[String]) {
    let scores: Vec<_> = bids.iter().zip(["5", "4", "3", "2.5"]).map(|(bid, first)| (&**bid, first, "4")).collect();
    for person in [&m.chair, &m.evaluator] {
        m.judge(person, challenge, &scores).await;
    }
}

fn fields(answer: Response) -> Vec<(String, String)> {
    answer.expect_problem(422, "invalid").fields()
}

fn problem(pointer: &str, code: &str) -> Vec<(String, String)> {
    vec![(pointer.to_owned(), code.to_owned())]
}

/// An administrator lets Calm act no longer, or again.
async fn set_standing(m: &Marketplace, act: &str) {
    let path = format!("/organisations/{}/{act}", m.calm.id);
    m.call(m.administrator.post(&path, json!({ "reason": "An inquiry." }))).await.expect(204);
}

testing::on_both! {
    async fn winners_are_as_many_as_pilots_and_in_the_order_of_the_ranking(backend: Backend) {
        let mut m = Marketplace::new(backend).await;
        let mut third = company(&m.app, "Third").await;
        let reason = json!({ "reason": "Checked." });
        m.call(m.administrator.post(&format!("/organisations/{}/verify", third.id), reason)).await.expect(200);
        let (calm, river) = (m.calm.clone(), m.river.clone());
        let (challenge, bids) = ranked(&mut m, 2, &[&calm, &river, &third]).await;
        m.app.log_in_again(&mut third.bidder).await;
        let [first, second, last] = [&*bids[0], &*bids[1], &*bids[2]];
        assert_eq!(fields(m.award(&challenge, &[second]).await), problem("/winners/0", "out_of_order"));
        assert_eq!(fields(m.award(&challenge, &[first, last]).await), problem("/winners/1", "out_of_order"));
        assert_eq!(fields(m.award(&challenge, &[first, first]).await), problem("/winners/1", "duplicate"));
        assert_eq!(fields(m.award(&challenge, &[first, second, last]).await), problem("/winners", "out_of_range"));
        assert_eq!(fields(m.award(&challenge, &[]).await), problem("/winners", "too_few"));
        let unknown = m.award(&challenge, &[crate::reads::UNKNOWN]).await;
        assert_eq!(fields(unknown), problem("/winners/0", "out_of_order"));
        let path = format!("/challenges/{challenge}/award");
        let blank = m.call(m.officer.post(&path, json!({ "winners": [first], "reason": " " }))).await;
        assert_eq!(fields(blank), problem("/reason", "required"));
        assert_eq!(m.status(&challenge).await, "evaluating");
        m.award(&challenge, &[first, second]).await.expect(200);
        let decided = [(&m.calm, first, "awarded"), (&m.river, second, "awarded"), (&third, last, "not_awarded")];
        for (company, bid, status) in decided {
            assert_eq!(m.see(&company.bidder, &format!("/bids/{bid}")).await["status"], status);
        }
        let mut parties: Vec<_> = m.contracts(&challenge).await.iter().map(|c| c["company"].clone()).collect();
        parties.sort_by_key(Value::to_string);
        let mut winners = vec![json!(m.calm.id), json!(m.river.id)];
        winners.sort_by_key(Value::to_string);
        assert_eq!(parties, winners);
        m.award(&challenge, &[first]).await.expect_problem(409, "wrong_state");
    }

    async fn of_two_that_share_the_first_rank_either_may_win_the_one_pilot(backend: Backend) {
        let mut m = Marketplace::new(backend).await;
        let offers = [(&m.calm, "36000.00"), (&m.river, "36000.00")];
        let (challenge, bids) = m.with_offers(json!({ "tieRule": "shared" }), &offers).await;
        m.pass_deadline().await;
        m.start_evaluating(&challenge, &bids).await;
        for person in [&m.chair, &m.evaluator] {
            m.judge(person, &challenge, &[(&bids[0], "4", "4"), (&bids[1], "4", "4")]).await;
        }
        m.award(&challenge, &[&bids[1]]).await.expect(200);
    }

    async fn a_company_is_verified_before_it_wins(backend: Backend) {
        let mut m = Marketplace::new(backend).await;
        let unverified = company(&m.app, "Unverified").await;
        let river = m.river.clone();
        let (challenge, bids) = ranked(&mut m, 1, &[&unverified, &river]).await;
        m.award(&challenge, &[&bids[0]]).await.expect_problem(409, "organisation_unverified");
        assert_eq!((m.status(&challenge).await, m.contracts(&challenge).await.len()), ("evaluating".to_owned(), 0));
        let reason = json!({ "reason": "Checked." });
        m.call(m.administrator.post(&format!("/organisations/{}/verify", unverified.id), reason)).await.expect(200);
        m.award(&challenge, &[&bids[0]]).await.expect(200);
    }

    async fn a_suspended_company_wins_nothing(backend: Backend) {
        let mut m = Marketplace::new(backend).await;
        let (challenge, calm, _) = m.scored().await;
        set_standing(&m, "suspend").await;
        m.award(&challenge, &[&calm]).await.expect_problem(409, "organisation_suspended");
        assert_eq!((m.status(&challenge).await, m.contracts(&challenge).await.len()), ("evaluating".to_owned(), 0));
        set_standing(&m, "reinstate").await;
        m.award(&challenge, &[&calm]).await.expect(200);
    }

    async fn for_a_suspended_company_nobody_signs_and_nobody_delivers(backend: Backend) {
        let mut m = Marketplace::new(backend).await;
        let (challenge, contract) = m.awarded().await;
        m.advance(TimeDelta::days(7)).await;
        let sign = format!("/contracts/{contract}/sign");
        set_standing(&m, "suspend").await;
        m.call(m.calm.bidder.act(&sign)).await.expect_problem(403, "role_missing");
        set_standing(&m, "reinstate").await;
        for person in [&m.officer, &m.calm.bidder] {
            m.call(person.act(&sign)).await.expect(200);
        }
        m.step(&m.officer, &challenge, "start-pilots").await;
        let milestone = m.contracts(&challenge).await[0]["milestones"][0]["id"].clone();
        let deliver = || {
            let path = format!("/milestones/{}/deliver", milestone.as_str().unwrap());
            m.calm.bidder.post(&path, json!({ "note": "Here." }))
        };
        set_standing(&m, "suspend").await;
        m.call(deliver()).await.expect_problem(403, "role_missing");
        set_standing(&m, "reinstate").await;
        m.call(deliver()).await.expect(200);
    }

    async fn an_award_is_public_with_its_reason_and_its_frozen_ranking(backend: Backend) {
        let mut m = Marketplace::new(backend).await;
        let (calm, river) = (m.calm.clone(), m.river.clone());
        let (challenge, bids) = ranked(&mut m, 1, &[&calm, &river]).await;
        m.open_prices(&challenge).await;
        let ranking = m.see(&m.officer, &format!("/challenges/{challenge}/ranking")).await;
        m.award(&challenge, &[&bids[0]]).await.expect(200);
        let award = m.call(get(&format!("/challenges/{challenge}/award"))).await.expect(200).body;
        assert_eq!((&award["reason"], &award["ranking"]), (&json!("The best total."), &ranking));
        let told = m.feed().await.into_iter().find(|event| event["type"] == "challenge.awarded").unwrap();
        assert_eq!(told["data"]["winners"], json!([{ "bid": bids[0], "company": m.calm.id }]));
        assert_eq!((&told["data"]["standstillUntil"], &told["reason"]), (&award["standstillUntil"], &award["reason"]));
    }

    async fn nobody_signs_before_the_end_of_a_standstill_that_spans_a_weekend(backend: Backend) {
        let mut m = Marketplace::new(backend).await;
        // The deadline passes on Sunday 3 June 2035; the award is decided on Friday 8 June. Two working days are Monday
        // and Tuesday, whose end in Ljubljana is 22:00 UTC.
        m.advance_to("2035-05-18T12:00:00Z".parse().unwrap()).await;
        let (calm, river) = (m.calm.clone(), m.river.clone());
        let (challenge, bids) = ranked(&mut m, 1, &[&calm, &river]).await;
        m.advance_to("2035-06-08T12:00:00Z".parse().unwrap()).await;
        let awarded = m.award(&challenge, &[&bids[0]]).await.expect(200).body;
        let until: DateTime<Utc> = "2035-06-12T22:00:00Z".parse().unwrap();
        assert_eq!(awarded["standstillUntil"].as_str().unwrap().parse::<DateTime<Utc>>().unwrap(), until);
        let contract = m.contracts(&challenge).await.remove(0);
        let sign = format!("/contracts/{}/sign", contract["id"].as_str().unwrap());
        for early in [until - TimeDelta::days(2), until - TimeDelta::seconds(30)] {
            m.advance_to(early).await;
            for person in [&m.officer, &m.calm.bidder] {
                m.call(person.act(&sign)).await.expect_problem(409, "standstill_running");
            }
            let start = m.officer.act(&format!("/challenges/{challenge}/start-pilots"));
            m.call(start).await.expect_problem(409, "standstill_running");
        }
        m.advance_to(until).await;
        m.call(m.officer.act(&sign)).await.expect(200);
    }

    async fn the_contract_is_the_bid(backend: Backend) {
        let mut m = Marketplace::new(backend).await;
        let challenge = m.published().await;
        let euro = |amount: &str| json!({ "amount": amount, "currency": "EUR" });
        let milestones = json!([
            { "title": "Model", "amount": euro("12000.50"), "dueWeek": 4 },
            { "title": "Trial", "amount": euro("20000.00"), "dueWeek": 10 },
            { "title": "Report", "amount": euro("0.00"), "dueWeek": 12 },
        ]);
        let offer = json!({ "solution": "Ours.", "price": euro("32000.50"), "milestones": milestones });
        let bid = m.submit(&m.calm, &challenge, offer).await;
        m.pass_deadline().await;
        m.start_evaluating(&challenge, std::slice::from_ref(&bid)).await;
        judge_in_order(&m, &challenge, std::slice::from_ref(&bid)).await;
        let decided = m.award(&challenge, &[&bid]).await.expect(200).body;
        let contract = m.contracts(&challenge).await.remove(0);
        assert_eq!((&contract["value"], &contract["status"]), (&euro("32000.50"), &json!("draft")));
        assert_eq!((&contract["agency"], &contract["company"]), (&json!(m.agency), &json!(m.calm.id)));
        let decided_at: DateTime<Utc> = decided["awardedAt"].as_str().unwrap().parse().unwrap();
        let planned = milestones.as_array().unwrap();
        assert_eq!(contract["milestones"].as_array().unwrap().len(), planned.len());
        for (number, (made, planned)) in (1..).zip(contract["milestones"].as_array().unwrap().iter().zip(planned)) {
            assert_eq!((&made["number"], &made["status"]), (&json!(number), &json!("planned")));
            assert_eq!((&made["title"], &made["amount"]), (&planned["title"], &planned["amount"]));
            let due: DateTime<Utc> = made["dueAt"].as_str().unwrap().parse().unwrap();
            assert_eq!(due, decided_at + TimeDelta::weeks(planned["dueWeek"].as_i64().unwrap()));
        }
    }

    async fn an_evaluation_without_a_winner_ends_with_a_code_and_a_reason(backend: Backend) {
        let mut m = Marketplace::new(backend).await;
        let mut challenges = Vec::new();
        for code in ["no_bids", "no_admissible_bids", "below_minimum", "other"] {
            challenges.push((code, m.published().await));
        }
        m.pass_deadline().await;
        for (code, challenge) in challenges {
            m.open(&challenge).await;
            m.step(&m.officer, &challenge, "start-evaluation").await;
            let path = format!("/challenges/{challenge}/close-without-award");
            let blank = m.call(m.officer.post(&path, json!({ "code": code, "reason": " " }))).await;
            assert_eq!(fields(blank), problem("/reason", "required"));
            let unknown = m.call(m.officer.post(&path, json!({ "code": "mood", "reason": "No." }))).await;
            assert_eq!(fields(unknown), problem("/code", "not_allowed"));
            m.call(m.officer.post(&path, json!({ "code": code, "reason": "So it is." }))).await.expect(200);
            let shown = m.call(get(&format!("/challenges/{challenge}"))).await.expect(200).body;
            assert_eq!((&shown["status"], &shown["endReasonCode"]), (&json!("closed_without_award"), &json!(code)));
            assert_eq!(m.told_about(&challenge).await.last().unwrap(), "challenge.closed_without_award");
            m.call(get(&format!("/challenges/{challenge}/award"))).await.expect_problem(404, "not_found");
        }
    }

    async fn an_officer_of_another_agency_awards_nothing(backend: Backend) {
        let mut m = Marketplace::new(backend).await;
        let owner = m.app.person("Other Owner").await;
        let other = organisation(&m.app, &owner, "agency", "Other Agency").await;
        let mut officer = crate::steps::join(&m.app, &owner, &other, "Other Officer", &["officer"]).await;
        let (challenge, calm, _) = m.scored().await;
        m.app.log_in_again(&mut officer).await;
        let body = json!({ "winners": [calm], "reason": "Mine." });
        let refused = m.call(officer.post(&format!("/challenges/{challenge}/award"), body)).await;
        refused.expect_problem(403, "role_missing");
        assert_eq!(m.status(&challenge).await, "evaluating");
    }
}
