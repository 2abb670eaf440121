//! From the signatures to the learning.

use crate::{
    app::{Person, Response, get},
    marketplace::Marketplace,
    steps::all_at_once,
};
use chrono::TimeDelta;
use serde_json::{Value, json};
use testing::Backend;

async fn sign(m: &Marketplace, who: &Person, contract: &str) -> Response {
    m.call(who.act(&format!("/contracts/{contract}/sign"))).await
}

async fn contract(m: &Marketplace, id: &str) -> Value {
    m.see(&m.officer, &format!("/contracts/{id}")).await
}

/// What each role does to a milestone, by the name of the action.
async fn act(m: &Marketplace, milestone: &str, action: &str) -> Response {
    let (who, body) = match action {
        "deliver" => (&m.calm.bidder, Some(json!({ "note": "Done." }))),
        "accept" => (&m.pilot_manager, None),
        "reject" => (&m.pilot_manager, Some(json!({ "reason": "Not yet." }))),
        "invoice" => (&m.calm.bidder, Some(json!({ "invoiceNumber": "2026-1" }))),
        "pay" => (&m.finance, Some(json!({ "paymentReference": "SI56 1" }))),
        other => panic!("{other}"),
    };
    let path = format!("/milestones/{milestone}/{action}");
    m.call(body.map_or_else(|| who.act(&path), |body| who.post(&path, body))).await
}

fn outcome() -> Value {
    json!({ "decision": "iterate", "learning": "Dialects remain hard.", "brilliantFailure": true })
}

testing::on_both! {
    async fn milestones_are_due_counted_from_the_second_signature(backend: Backend) {
        let mut m = Marketplace::new(backend).await;
        let (_, contract, _) = m.piloting().await;
        let contract = m.call(m.officer.get(&format!("/contracts/{contract}"))).await.expect(200).body;
        let at = |value: &Value| value.as_str().unwrap().parse::<chrono::DateTime<chrono::Utc>>().unwrap();
        let in_force = at(&contract["companySignedAt"]);
        assert!(in_force - at(&contract["createdAt"]) >= chrono::TimeDelta::days(7));
        assert_eq!(at(&contract["milestones"][0]["dueAt"]), in_force + chrono::TimeDelta::weeks(8));
    }

    async fn both_sides_sign_in_either_order_and_each_once(backend: Backend) {
        let mut m = Marketplace::new(backend).await;
        let (first, second) = (m.awarded().await.1, m.awarded().await.1);
        m.advance(TimeDelta::days(7)).await;
        let orders = [
            (&first, [&m.officer, &m.calm.bidder], ["agencySignedAt", "companySignedAt"]),
            (&second, [&m.calm.bidder, &m.officer], ["companySignedAt", "agencySignedAt"]),
        ];
        for (id, [one, other], [early, late]) in orders {
            let half = sign(&m, one, id).await.expect(200).body;
            assert_eq!(half["status"], "signed_by_one");
            assert!(!half[early].is_null() && half[late].is_null(), "{half}");
            sign(&m, one, id).await.expect_problem(409, "already_done");
            let whole = sign(&m, other, id).await.expect(200).body;
            assert_eq!((&whole["status"], whole[early] == half[early]), (&json!("active"), true));
            for person in [one, other] {
                sign(&m, person, id).await.expect_problem(409, "wrong_state");
            }
            assert_eq!(m.told_about(id).await, ["contract.drafted", "contract.signed", "contract.signed"]);
        }
    }

    async fn another_officer_cannot_sign_for_the_company(backend: Backend) {
        let mut m = Marketplace::new(backend).await;
        let (_, id) = m.awarded().await;
        m.advance(TimeDelta::days(7)).await;
        sign(&m, &m.officer, &id).await.expect(200);
        sign(&m, &m.second_officer, &id).await.expect_problem(409, "already_done");
        for person in [&m.author, &m.pilot_manager, &m.owner, &m.river.bidder, &m.administrator] {
            sign(&m, person, &id).await.expect_problem(403, "role_missing");
        }
        assert_eq!(contract(&m, &id).await["status"], "signed_by_one");
    }

    async fn signatures_at_the_same_moment_are_one_of_each(backend: Backend) {
        let mut m = Marketplace::new(backend).await;
        let (_, id) = m.awarded().await;
        m.advance(TimeDelta::days(7)).await;
        let people = [&m.officer, &m.calm.bidder, &m.officer, &m.calm.bidder, &m.second_officer];
        let answers = all_at_once(people.map(|person| sign(&m, person, &id))).await;
        assert_eq!(answers.iter().filter(|answer| answer.status == 200).count(), 2, "{answers:?}");
        let signed = contract(&m, &id).await;
        assert_eq!((&signed["status"], &signed["version"]), (&json!("active"), &json!(3)));
    }

    async fn pilots_start_once_every_contract_is_signed_by_both(backend: Backend) {
        let mut m = Marketplace::new(backend).await;
        let (challenge, id) = m.awarded().await;
        m.advance(TimeDelta::days(7)).await;
        let start = format!("/challenges/{challenge}/start-pilots");
        m.call(m.officer.act(&start)).await.expect_problem(409, "incomplete");
        sign(&m, &m.officer, &id).await.expect(200);
        m.call(m.officer.act(&start)).await.expect_problem(409, "incomplete");
        let milestone = contract(&m, &id).await["milestones"][0]["id"].as_str().unwrap().to_owned();
        act(&m, &milestone, "deliver").await.expect_problem(409, "wrong_state");
        sign(&m, &m.calm.bidder, &id).await.expect(200);
        m.call(m.officer.act(&start)).await.expect(200);
        assert_eq!(m.status(&challenge).await, "piloting");
    }

    async fn a_pilot_that_ended_before_the_others_began_does_not_block_them(backend: Backend) {
        let mut m = Marketplace::new(backend).await;
        let (challenge, id) = m.awarded().await;
        m.advance(TimeDelta::days(7)).await;
        sign(&m, &m.officer, &id).await.expect(200);
        sign(&m, &m.calm.bidder, &id).await.expect(200);
        let milestone = contract(&m, &id).await["milestones"][0]["id"].as_str().unwrap().to_owned();
        m.deliver_and_pay(&m.calm, &milestone).await;
        m.call(m.pilot_manager.post(&format!("/contracts/{id}/complete"), outcome())).await.expect(200);
        m.step(&m.officer, &challenge, "start-pilots").await;
        m.step(&m.pilot_manager, &challenge, "complete").await;
    }

    async fn a_milestone_takes_its_steps_in_order(backend: Backend) {
        let mut m = Marketplace::new(backend).await;
        let (_, _, id) = m.piloting().await;
        let walk = [
            ("deliver", "delivered", &["invoice", "pay", "deliver"][..]),
            ("reject", "rejected", &["accept", "reject", "invoice", "pay"]),
            ("deliver", "delivered", &["deliver", "invoice", "pay"]),
            ("accept", "accepted", &["deliver", "accept", "reject", "pay"]),
            ("invoice", "invoiced", &["deliver", "accept", "reject", "invoice"]),
            ("pay", "paid", &["deliver", "accept", "reject", "invoice", "pay"]),
        ];
        for action in ["accept", "reject", "invoice", "pay"] {
            act(&m, &id, action).await.expect_problem(409, "wrong_state");
        }
        for (action, status, impossible) in walk {
            let after = act(&m, &id, action).await.expect(200).body;
            assert_eq!(after["status"], status);
            for action in impossible {
                act(&m, &id, action).await.expect_problem(409, "wrong_state");
            }
            assert_eq!(m.see(&m.officer, &format!("/milestones/{id}")).await, after);
        }
        let told = m.told_about(&id).await;
        let expected = ["delivered", "rejected", "delivered", "accepted", "invoiced", "paid"];
        assert_eq!(told, expected.map(|kind| format!("milestone.{kind}")));
    }

    async fn a_new_delivery_clears_the_old_rejection(backend: Backend) {
        let mut m = Marketplace::new(backend).await;
        let (_, _, id) = m.piloting().await;
        act(&m, &id, "deliver").await.expect(200);
        let rejected = act(&m, &id, "reject").await.expect(200).body;
        assert_eq!((&rejected["rejectionReason"], rejected["decidedAt"].is_null()), (&json!("Not yet."), false));
        let again = act(&m, &id, "deliver").await.expect(200).body;
        assert_eq!((&again["rejectionReason"], &again["decidedAt"]), (&Value::Null, &Value::Null));
    }

    async fn every_step_says_what_it_must(backend: Backend) {
        let mut m = Marketplace::new(backend).await;
        let (_, contract, id) = m.piloting().await;
        let at = |action: &str| format!("/milestones/{id}/{action}");
        let steps = [
            (&m.calm.bidder, "deliver", json!({ "note": " " }), "/note"),
            (&m.pilot_manager, "reject", json!({ "reason": " " }), "/reason"),
            (&m.pilot_manager, "accept", Value::Null, ""),
            (&m.calm.bidder, "invoice", json!({ "invoiceNumber": " " }), "/invoiceNumber"),
            (&m.finance, "pay", json!({ "paymentReference": " " }), "/paymentReference"),
        ];
        for (who, action, blank, pointer) in steps {
            if !blank.is_null() {
                let refused = m.call(who.post(&at(action), blank)).await.expect_problem(422, "invalid");
                assert_eq!(refused.fields(), [(pointer.to_owned(), "required".to_owned())]);
            }
            if action != "reject" {
                act(&m, &id, action).await.expect(200);
            }
        }
        let complete = format!("/contracts/{contract}/complete");
        let silent = json!({ "decision": "stop", "learning": " ", "brilliantFailure": false });
        let refused = m.call(m.pilot_manager.post(&complete, silent)).await.expect_problem(422, "invalid");
        assert_eq!(refused.fields(), [("/learning".to_owned(), "required".to_owned())]);
    }

    async fn a_payment_is_confirmed_once_however_many_try(backend: Backend) {
        let mut m = Marketplace::new(backend).await;
        let (_, _, id) = m.piloting().await;
        for action in ["deliver", "accept", "invoice"] {
            act(&m, &id, action).await.expect(200);
        }
        let answers = all_at_once((0..6).map(|_| act(&m, &id, "pay"))).await;
        assert_eq!(answers.iter().filter(|answer| answer.status == 200).count(), 1);
        assert_eq!(m.told_about(&id).await.iter().filter(|kind| *kind == "milestone.paid").count(), 1);
    }

    async fn a_pilot_ends_with_everything_paid_and_a_public_learning(backend: Backend) {
        let mut m = Marketplace::new(backend).await;
        let (challenge, id, milestone) = m.piloting().await;
        let complete = format!("/contracts/{id}/complete");
        m.call(m.pilot_manager.post(&complete, outcome())).await.expect_problem(409, "incomplete");
        for action in ["deliver", "accept", "invoice"] {
            act(&m, &milestone, action).await.expect(200);
            m.call(m.pilot_manager.post(&complete, outcome())).await.expect_problem(409, "incomplete");
        }
        act(&m, &milestone, "pay").await.expect(200);
        let end = format!("/challenges/{challenge}/complete");
        m.call(m.pilot_manager.act(&end)).await.expect_problem(409, "incomplete");
        m.call(m.pilot_manager.post(&complete, outcome())).await.expect(200);
        let shown = m.call(get(&format!("/contracts/{id}"))).await.expect(200).body;
        assert_eq!((&shown["status"], &shown["outcome"]), (&json!("completed"), &outcome()));
        m.call(m.pilot_manager.post(&complete, outcome())).await.expect_problem(409, "wrong_state");
        m.call(m.pilot_manager.act(&end)).await.expect(200);
        assert!(!m.challenge(&challenge).await["endedAt"].is_null());
    }
}
