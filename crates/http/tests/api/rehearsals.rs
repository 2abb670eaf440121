//! Opening keys, the committee, and its rehearsals.

use crate::{
    app::{Person, get},
    ceremony::{key_of, opened},
    marketplace::Marketplace,
};
use actix_web::test::TestRequest;
use application::rehearsals;
use chrono::TimeDelta;
use serde_json::{Value, json};
use testing::Backend;

fn put_key(who: &Person, body: Value) -> TestRequest {
    who.sign(TestRequest::put().uri("/api/v1/account/opening-key")).set_json(body)
}

async fn recipients(m: &Marketplace, challenge: &str) -> Vec<Value> {
    let committee = m.see(&m.author, &format!("/challenges/{challenge}/opening-committee")).await;
    committee["holders"].as_array().unwrap().iter().map(|holder| holder["recipient"].clone()).collect()
}

testing::on_both! {
    async fn a_key_is_a_public_key_of_age_and_nothing_else(backend: Backend) {
        let m = Marketplace::new(backend).await;
        m.call(m.author.get("/account/opening-key")).await.expect_problem(404, "not_found");
        let secret = key_of(&m.author).to_text().to_string();
        let weak = "age1qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqq3290wu";
        for wrong in [secret.as_str(), weak, "age1", ""] {
            let refused = m.call(put_key(&m.author, json!({ "recipient": wrong }))).await.expect_problem(422, "invalid");
            assert_eq!(refused.fields()[0].0, "/recipient");
            assert!(wrong.len() < 10 || !refused.text.contains(wrong), "what may be a secret is not repeated");
        }
        for wrong in [json!({}), json!({ "recipient": "age1", "passphrase": "seven sleepy otters" })] {
            m.call(put_key(&m.author, wrong)).await.expect_problem(422, "invalid");
        }
        let short = m.call(put_key(&m.author, json!({ "passphrase": "too short" }))).await;
        assert_eq!(short.expect_problem(422, "invalid").fields()[0].0, "/passphrase");
        let recipient = key_of(&m.author).recipient().to_string();
        let put = m.call(put_key(&m.author, json!({ "recipient": recipient }))).await.expect(200).body;
        assert_eq!((&put["recipient"], &put["keptHere"]), (&json!(recipient), &json!(false)));
        m.call(put_key(&m.owner, json!({ "recipient": recipient }))).await.expect_problem(422, "invalid");
    }

    async fn a_challenge_is_published_only_after_each_holder_opened_a_test_envelope(backend: Backend) {
        let m = Marketplace::new(backend).await;
        let challenge = m.draft_without_rehearsal().await;
        m.step(&m.author, &challenge, "submit-for-review").await;
        m.step(&m.officer, &challenge, "approve").await;
        let publish = format!("/challenges/{challenge}/publish");
        m.call(m.officer.act(&publish)).await.expect_problem(409, "incomplete");
        let committee = format!("/challenges/{challenge}/opening-committee");
        m.call(m.officer.get(&committee)).await.expect_problem(404, "not_found");
        let start = format!("/challenges/{challenge}/rehearsal");
        m.call(m.finance.post(&start, json!({}))).await.expect_problem(403, "role_missing");
        m.call(m.calm.bidder.post(&start, json!({}))).await.expect_problem(404, "not_found");
        for threshold in [0, 1, 3] {
            let refused = m.call(m.author.post(&start, json!({ "threshold": threshold }))).await;
            refused.expect_problem(422, "invalid");
        }
        let started = m.call(m.author.post(&start, json!({ "threshold": 2 }))).await.expect(200).body;
        assert_eq!((&started["threshold"], &started["rehearsed"]), (&json!(2), &json!(false)));
        let share = format!("{start}/share");
        m.call(m.author.get(&share)).await.expect_problem(404, "not_found");
        m.call(m.officer.act(&publish)).await.expect_problem(409, "incomplete");
        let own = m.see(&m.officer, &share).await;
        let anothers = opened(&m.second_officer, &m.see(&m.second_officer, &share).await["file"]);
        let mut damaged = opened(&m.officer, &own["file"]);
        damaged["share"] = json!("00".repeat(32));
        for wrong in [anothers, damaged] {
            let refused = m.call(m.officer.post(&share, json!({ "share": wrong }))).await.expect_problem(422, "invalid");
            assert_eq!(refused.fields(), [("/share".to_owned(), "wrong_share".to_owned())]);
        }
        m.rehearse_as(&m.officer, &challenge).await.expect(200);
        m.rehearse_as(&m.officer, &challenge).await.expect_problem(409, "already_done");
        m.call(m.officer.act(&publish)).await.expect_problem(409, "incomplete");
        let done = m.rehearse_as(&m.second_officer, &challenge).await.expect(200).body;
        assert_eq!(done["rehearsed"], true);
        m.call(get(&committee)).await.expect_problem(404, "not_found");
        m.call(m.officer.act(&publish)).await.expect(200);
        let public = m.call(get(&committee)).await.expect(200).body;
        assert_eq!((&public["holders"][0]["user"], &public["holders"][0]["index"]), (&Value::Null, &json!(1)));
        let read = sealing::Committee::from_json(public["document"].as_str().unwrap().as_bytes()).unwrap();
        assert_eq!((read.threshold(), read.recipients().len()), (2, 2));
        assert!(m.see(&m.finance, &committee).await["holders"][0]["user"].is_string());
    }

    async fn another_key_or_another_person_takes_another_rehearsal(backend: Backend) {
        let m = Marketplace::new(backend).await;
        let third = m.staff("Third Officer", "officer").await;
        let challenge = m.draft().await;
        let other = json!({ "passphrase": "seven sleepy otters" });
        m.call(put_key(&m.second_officer, other)).await.expect(200);
        m.step(&m.author, &challenge, "submit-for-review").await;
        m.step(&m.officer, &challenge, "approve").await;
        let publish = format!("/challenges/{challenge}/publish");
        m.call(m.officer.act(&publish)).await.expect_problem(409, "incomplete");
        let at = json!({ "publishAt": m.app.now() + TimeDelta::hours(1) });
        let version = m.challenge(&challenge).await["version"].as_i64().unwrap();
        let schedule = m.officer.put(&format!("/challenges/{challenge}/scheduled-publication"), version, at);
        m.call(schedule).await.expect_problem(409, "incomplete");
        // The key that rehearsed is her key again.
        m.introduce_key(&m.second_officer).await;
        m.call(m.officer.act(&publish)).await.expect(200);
        let before = recipients(&m, &challenge).await;
        m.call(put_key(&m.second_officer, json!({ "passphrase": "seven sleepy otters" }))).await.expect(200);
        assert_eq!(recipients(&m, &challenge).await, before, "bids are sealed for the keys of the publication");
        let start = m.author.post(&format!("/challenges/{challenge}/rehearsal"), json!({ "threshold": 2 }));
        assert_eq!(m.call(start).await.expect(200).body["rehearsed"], false);
        assert_eq!(recipients(&m, &challenge).await, before);
        m.call(third.get(&format!("/challenges/{challenge}/rehearsal/share"))).await.expect_problem(404, "not_found");
    }

    async fn two_days_before_the_deadline_everybody_is_asked_once_more(backend: Backend) {
        let mut m = Marketplace::new(backend).await;
        let challenge = m.published().await;
        let due = |m: &Marketplace| {
            let db = m.app.db().clone();
            async move { db.read(|conn| rehearsals::due(conn, persistence::Scope::Real)).await.unwrap() }
        };
        assert_eq!(due(&m).await, []);
        let deadline = m.deadline(&challenge).await;
        m.advance_to(deadline - TimeDelta::hours(48)).await;
        let id = domain::ChallengeId(challenge.parse().unwrap());
        assert_eq!(due(&m).await, [id]);
        let asked = || m.app.db().write(move |conn| rehearsals::ask_again(conn, id));
        assert_eq!((asked().await.unwrap(), asked().await.unwrap()), (true, false));
        assert_eq!(due(&m).await, []);
        let committee = format!("/challenges/{challenge}/opening-committee");
        assert_eq!(m.see(&m.officer, &committee).await["rehearsed"], false);
        for officer in [&m.officer, &m.second_officer] {
            m.rehearse_as(officer, &challenge).await.expect(200);
        }
        assert_eq!(m.see(&m.officer, &committee).await["rehearsed"], true);
        m.submit(&m.calm, &challenge, m.offer("100.00")).await;
    }
}
