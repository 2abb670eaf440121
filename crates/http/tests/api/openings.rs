//! The opening: two members of the committee, after the deadline.

use crate::{marketplace::Marketplace, steps::all_at_once};
use serde_json::json;
use testing::Backend;

fn open(challenge: &str) -> String {
    format!("/challenges/{challenge}/open")
}

testing::on_both! {
    async fn nothing_is_opened_before_the_deadline(backend: Backend) {
        let mut m = Marketplace::new(backend).await;
        let (challenge, bid, _) = m.with_bids().await;
        m.call(m.officer.act(&open(&challenge))).await.expect_problem(409, "wrong_state");
        m.pass_deadline().await;
        m.step(&m.officer, &challenge, "open").await;
        m.call(m.officer.get(&format!("/bids/{bid}"))).await.expect_problem(404, "not_found");
        m.step(&m.second_officer, &challenge, "open").await;
        m.see(&m.officer, &format!("/bids/{bid}")).await;
    }

    async fn an_opening_takes_two_different_people_of_the_committee(backend: Backend) {
        let mut m = Marketplace::new(backend).await;
        let mut third = m.staff("Third Officer", "officer").await;
        let (challenge, calm, river) = m.with_bids().await;
        m.pass_deadline().await;
        m.app.log_in_again(&mut third).await;
        m.call(third.act(&open(&challenge))).await.expect_problem(403, "role_missing");
        m.call(m.chair.act(&open(&challenge))).await.expect_problem(403, "role_missing");
        let first = m.call(m.officer.act(&open(&challenge))).await.expect(200).body;
        assert_eq!((&first["approvals"], &first["needed"]), (&json!([m.officer.id]), &json!(2)));
        assert_eq!(first["challenge"]["status"], "closed");
        m.call(m.officer.act(&open(&challenge))).await.expect_problem(403, "four_eyes");
        m.call(third.act(&open(&challenge))).await.expect_problem(403, "role_missing");
        assert_eq!(m.status(&challenge).await, "closed");
        let second = m.call(m.second_officer.act(&open(&challenge))).await.expect(200).body;
        assert_eq!(second["approvals"], json!([m.officer.id, m.second_officer.id]));
        assert_eq!(second["challenge"]["status"], "opened");
        assert!(!second["challenge"]["openedAt"].is_null());
        for (company, bid) in [(&m.calm, calm), (&m.river, river)] {
            assert_eq!(m.see(&company.bidder, &format!("/bids/{bid}")).await["status"], "opened");
        }
        m.call(m.second_officer.act(&open(&challenge))).await.expect_problem(409, "wrong_state");
    }

    async fn a_withdrawn_bid_stays_in_the_dark(backend: Backend) {
        let mut m = Marketplace::new(backend).await;
        let (challenge, calm, river) = m.with_bids().await;
        m.call(m.calm.bidder.act(&format!("/bids/{calm}/withdraw"))).await.expect(200);
        m.pass_deadline().await;
        m.open(&challenge).await;
        let bids = m.see(&m.officer, &format!("/challenges/{challenge}/bids")).await;
        assert_eq!((bids["items"].as_array().unwrap().len(), &bids["items"][0]["id"]), (1, &json!(river)));
        m.call(m.officer.get(&format!("/bids/{calm}"))).await.expect_problem(404, "not_found");
        m.call(m.officer.act(&format!("/bids/{calm}/admit"))).await.expect_problem(404, "not_found");
        assert_eq!(m.see(&m.calm.bidder, &format!("/bids/{calm}")).await["status"], "withdrawn");
    }

    async fn two_who_agree_at_once_open_once(backend: Backend) {
        let mut m = Marketplace::new(backend).await;
        let (challenge, ..) = m.with_bids().await;
        m.pass_deadline().await;
        let agree = |person| m.app.call(crate::app::Person::act(person, &open(&challenge)));
        let answers = all_at_once([&m.officer, &m.second_officer].map(agree)).await;
        assert!(answers.iter().all(|answer| answer.status == 200), "{answers:?}");
        assert_eq!(m.status(&challenge).await, "opened");
        let told = m.told_about(&challenge).await;
        assert_eq!(told, ["challenge.published", "challenge.closed", "challenge.opened"]);
    }

    async fn one_who_agrees_many_times_at_once_agrees_once(backend: Backend) {
        let mut m = Marketplace::new(backend).await;
        let (challenge, ..) = m.with_bids().await;
        m.pass_deadline().await;
        let answers = all_at_once((0..5).map(|_| m.app.call(m.officer.act(&open(&challenge))))).await;
        let agreed = answers.iter().filter(|answer| answer.status == 200).count();
        assert_eq!((agreed, answers.len()), (1, 5));
        for refused in answers.into_iter().filter(|answer| answer.status != 200) {
            refused.expect_problem(403, "four_eyes");
        }
        assert_eq!(m.status(&challenge).await, "closed");
    }

    async fn a_box_without_bids_is_opened_all_the_same(backend: Backend) {
        let mut m = Marketplace::new(backend).await;
        let challenge = m.published().await;
        m.pass_deadline().await;
        m.open(&challenge).await;
        assert_eq!(m.see(&m.officer, &format!("/challenges/{challenge}/bids")).await["items"], json!([]));
        m.step(&m.officer, &challenge, "start-evaluation").await;
        let body = json!({ "code": "no_bids", "reason": "Nobody bid." });
        m.call(m.officer.post(&format!("/challenges/{challenge}/close-without-award"), body)).await.expect(200);
        assert_eq!(m.challenge(&challenge).await["endReasonCode"], "no_bids");
    }

    async fn each_bid_is_admitted_or_disqualified_once_before_the_evaluation(backend: Backend) {
        let mut m = Marketplace::new(backend).await;
        let (challenge, calm, river) = m.with_bids().await;
        m.pass_deadline().await;
        m.open(&challenge).await;
        m.admit(&[&calm]).await;
        let start = format!("/challenges/{challenge}/start-evaluation");
        m.call(m.officer.act(&start)).await.expect_problem(409, "incomplete");
        let path = format!("/bids/{river}/disqualify");
        let blank = m.call(m.officer.post(&path, json!({ "code": "incomplete", "reason": " " }))).await;
        assert_eq!(blank.expect_problem(422, "invalid").fields(), [("/reason".to_owned(), "required".to_owned())]);
        let reason = json!({ "code": "not_eligible", "reason": "SECRET-GROUND" });
        m.call(m.officer.post(&path, reason.clone())).await.expect(200);
        for bid in [&calm, &river] {
            m.call(m.officer.act(&format!("/bids/{bid}/admit"))).await.expect_problem(409, "wrong_state");
            let again = m.officer.post(&format!("/bids/{bid}/disqualify"), reason.clone());
            m.call(again).await.expect_problem(409, "wrong_state");
        }
        let own = m.see(&m.river.bidder, &format!("/bids/{river}")).await;
        assert_eq!((&own["status"], &own["disqualificationCode"]), (&json!("disqualified"), &json!("not_eligible")));
        assert_eq!(own["disqualificationReason"], "SECRET-GROUND");
        assert!(!format!("{:?}", m.feed().await).contains("SECRET-GROUND"));
        m.call(m.officer.act(&start)).await.expect(200);
        m.declare(&m.chair, &challenge, &[]).await.expect(201);
        let scores = m.scores(&challenge, "4", "4").await;
        m.call(m.score(&m.chair, &river, scores)).await.expect_problem(409, "wrong_state");
    }
}
