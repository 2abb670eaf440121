//! Closing at the deadline: not while answers are late, unless an officer says why.

use crate::{
    app::Person,
    marketplace::Marketplace,
    questions::{names, question},
};
use actix_web::test::TestRequest;
use chrono::TimeDelta;
use serde_json::json;
use testing::Backend;

fn close(who: &Person, challenge: &str, reason: &str) -> TestRequest {
    who.post(&format!("/challenges/{challenge}/close"), json!({ "overrideReason": reason }))
}

testing::on_both! {
    async fn a_late_answer_keeps_a_challenge_from_closing_but_not_bids_from_ending(backend: Backend) {
        let mut m = Marketplace::new(backend).await;
        let (challenge, quiet) = (m.published().await, m.published().await);
        let id = m.ask(&m.calm, &challenge, "Who pays?").await;
        m.advance(TimeDelta::days(17)).await;
        assert_eq!(m.run_scheduler().await, 1);
        assert_eq!((m.status(&challenge).await, m.status(&quiet).await), ("published".into(), "closed".into()));
        m.call(m.bid(&m.calm, &challenge, "40000.00")).await.expect_problem(409, "deadline_passed");
        assert_eq!(m.run_scheduler().await, 0);
        assert_eq!(m.app.db().read(|conn| application::scheduler::due(conn, persistence::Scope::Real)).await.unwrap(), [], "it is not looked at again and again");
        let told = m.mails_of("closing_held").await;
        assert_eq!(names(&told), ["Olivia Officer", "Otto Officer"], "each once");
        m.answer(&challenge, &id, "We do.").await;
        assert_eq!(m.run_scheduler().await, 1);
        assert_eq!(m.status(&challenge).await, "closed");
        assert_eq!(m.counted().await, [2, 1, 0, 0], "two reviews, and a late answer");
        let draft = m.author.patch(&format!("/questions/{id}"), 3, json!({ "answer": "No." }));
        m.call(draft).await.expect_problem(409, "wrong_state");
    }

    async fn a_clock_that_stands_still_does_not_let_a_challenge_close_in_silence(backend: Backend) {
        let mut m = Marketplace::new(backend).await;
        let challenge = m.published().await;
        let id = m.ask(&m.calm, &challenge, "Who pays?").await;
        let owed = m.see(&m.officer, &format!("/organisations/{}/obligations?limit=50", m.agency)).await;
        let of_question = |item: &&serde_json::Value| item["kind"] == "answer_question";
        let owed = owed["items"].as_array().unwrap().iter().find(of_question).unwrap()["id"].clone();
        let pause = format!("/obligations/{}/pause", owed.as_str().unwrap());
        m.call(m.officer.post(&pause, json!({ "reason": "We ask our lawyers." }))).await.expect(200);
        m.advance(TimeDelta::days(17)).await;
        assert_eq!(m.run_scheduler().await, 0);
        m.answer(&challenge, &id, "We do.").await;
        assert_eq!(m.run_scheduler().await, 1);
    }

    async fn merging_declining_and_withdrawing_let_a_challenge_close(backend: Backend) {
        let mut m = Marketplace::new(backend).await;
        let challenge = m.published().await;
        let answered = m.ask(&m.river, &challenge, "Who pays?").await;
        m.answer(&challenge, &answered, "We do.").await;
        let (merged, declined, withdrawn) =
            (m.ask(&m.calm, &challenge, "1").await, m.ask(&m.calm, &challenge, "2").await, m.ask(&m.calm, &challenge, "3").await);
        m.advance(TimeDelta::days(17)).await;
        assert_eq!(m.run_scheduler().await, 0);
        m.call(m.act_on(&m.author, &merged, "merge", json!({ "into": answered }))).await.expect(200);
        assert_eq!(m.run_scheduler().await, 0);
        m.call(m.act_on(&m.author, &declined, "decline", json!({ "reason": "No." }))).await.expect(200);
        assert_eq!(m.run_scheduler().await, 0);
        m.call(m.calm.bidder.act(&format!("/questions/{withdrawn}/withdraw"))).await.expect(200);
        assert_eq!(m.run_scheduler().await, 1);
    }

    async fn an_officer_closes_over_a_late_answer_and_says_to_everybody_why(backend: Backend) {
        let mut m = Marketplace::new(backend).await;
        let (challenge, quiet) = (m.published().await, m.published().await);
        let id = m.ask(&m.calm, &challenge, "Who pays?").await;
        m.call(close(&m.officer, &challenge, "Nobody knows.")).await.expect_problem(409, "deadline_not_reached");
        m.advance(TimeDelta::days(17)).await;
        m.run_scheduler().await;
        m.call(close(&m.author, &challenge, "Nobody knows.")).await.expect_problem(403, "role_missing");
        m.call(close(&m.officer, &challenge, " ")).await.expect_problem(422, "invalid");
        m.call(close(&m.officer, &quiet, "Nobody knows.")).await.expect_problem(409, "wrong_state");
        m.call(close(&m.officer, &challenge, "Nobody knows.")).await.expect(200);
        assert_eq!(m.status(&challenge).await, "closed");
        let events: Vec<_> = m.feed().await.into_iter().filter(|event| event["subject"]["id"] == json!(challenge)).collect();
        let closed = events.iter().find(|event| event["type"] == "challenge.closed").unwrap();
        assert_eq!((&closed["reason"], &closed["data"]["unansweredQuestions"]), (&json!("Nobody knows."), &json!(true)));
        assert!(m.tasks(&m.author).await.is_empty());
        assert_eq!(m.counted().await, [2, 0, 1, 0], "an answer that never came");
        assert_eq!(m.see(&m.calm.bidder, &format!("/questions/{id}")).await["status"], "asked");
    }

    async fn answers_are_published_while_a_challenge_is_suspended_and_questions_are_not_taken(backend: Backend) {
        let m = Marketplace::new(backend).await;
        let challenge = m.published().await;
        let id = m.ask(&m.calm, &challenge, "Who pays?").await;
        let why = json!({ "code": "complaint", "reason": "It is looked into." });
        m.call(m.officer.post(&format!("/challenges/{challenge}/suspend"), why)).await.expect(200);
        let ask = m.calm.bidder.post(&format!("/challenges/{challenge}/questions"), question(&m.calm, "When?"));
        m.call(ask).await.expect_problem(409, "wrong_state");
        m.answer(&challenge, &id, "We do.").await;
    }
}
