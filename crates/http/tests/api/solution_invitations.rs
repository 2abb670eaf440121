//! Inviting the companies behind listings: who learns of it, and what they can do.

use crate::{
    app::{Person, Response, get},
    marketplace::Marketplace,
    rows::{change, refused},
    solutions::{content, content_with},
    steps::mails,
};
use actix_web::test::TestRequest;
use chrono::TimeDelta;
use serde_json::{Value, json};
use testing::Backend;

fn inviting(who: &Person, challenge: &str, solution: &str) -> TestRequest {
    let body = json!({ "solution": solution, "message": "Please look.\nWe have two sites." });
    who.post(&format!("/challenges/{challenge}/solution-invitations"), body)
}

async fn invite(m: &Marketplace, challenge: &str, solution: &str) -> String {
    m.call(inviting(&m.author, challenge, solution)).await.expect(201).id()
}

async fn answer(m: &Marketplace, who: &Person, invitation: &str, body: Option<Value>) -> Response {
    let path = |act: &str| format!("/solution-invitations/{invitation}/{act}");
    m.call(body.map_or_else(|| who.act(&path("accept")), |body| who.post(&path("decline"), body))).await
}

fn of_company(m: &Marketplace) -> String {
    format!("/organisations/{}/solution-invitations", m.calm.id)
}

testing::on_both! {
    async fn an_invited_company_gets_a_mail_and_follows_when_it_accepts(backend: Backend) {
        let m = Marketplace::new(backend).await;
        let challenge = m.published().await;
        let solution = m.publish_solution(&m.calm, content()).await;
        let before = mails(&m.app).await.len();
        let sent = m.call(inviting(&m.officer, &challenge, &solution)).await.expect(201);
        assert_eq!(sent.body["company"], json!({ "id": m.calm.id, "name": "Calm Signal" }));
        let written = mails(&m.app).await.split_off(before);
        assert_eq!(written.len(), 1);
        assert_eq!(written[0].recipient_name, m.calm.bidder.name);
        assert_eq!(written[0].message["kind"], "solution_invited");
        assert_eq!(written[0].message["words"], "Please look.\nWe have two sites.");
        let received = m.see(&m.calm.bidder, &of_company(&m)).await;
        assert_eq!(received["items"][0]["challenge"]["id"], json!(challenge));
        let followed = m.see(&m.calm.bidder, "/account/followed-challenges").await;
        assert_eq!(followed["items"], json!([]));
        let accepted = answer(&m, &m.calm.bidder, &sent.id(), None).await.expect(200);
        assert_eq!(accepted.body["status"], "accepted");
        let followed = m.see(&m.calm.bidder, "/account/followed-challenges").await;
        assert_eq!(followed["items"][0]["challenge"]["id"], json!(challenge));
        answer(&m, &m.calm.bidder, &sent.id(), None).await.expect_problem(409, "wrong_state");
        let declining = answer(&m, &m.calm.bidder, &sent.id(), Some(json!({ "reason": "No." }))).await;
        declining.expect_problem(409, "wrong_state");
    }

    async fn a_company_that_nobody_bids_for_hears_of_it_through_its_owners(backend: Backend) {
        let m = Marketplace::new(backend).await;
        let challenge = m.published().await;
        let solution = m.publish_solution(&m.calm, content()).await;
        let roles = format!(
            "DELETE FROM member_roles WHERE role = 'bidder' AND member_id IN (SELECT id FROM members WHERE user_id = '{}')",
            m.calm.bidder.id
        );
        change(&m.app, &roles);
        invite(&m, &challenge, &solution).await;
        let told = mails(&m.app).await.into_iter().find(|mail| mail.message["kind"] == "solution_invited");
        assert_eq!(told.unwrap().recipient_name, m.calm.bidder.name);
    }

    async fn a_declined_invitation_tells_the_agency_why_and_nobody_else_anything(backend: Backend) {
        let m = Marketplace::new(backend).await;
        let challenge = m.published().await;
        let solution = m.publish_solution(&m.calm, content()).await;
        let public = (m.feed().await, m.call(get(&format!("/challenges/{challenge}"))).await.expect(200).text);
        let invitation = invite(&m, &challenge, &solution).await;
        let no_reason = m.calm.bidder.post(&format!("/solution-invitations/{invitation}/decline"), json!({ "reason": " " }));
        refused(&m.app, no_reason, 422, "invalid").await;
        let reason = json!({ "reason": "No capacity." });
        answer(&m, &m.river.bidder, &invitation, Some(reason.clone())).await.expect_problem(404, "not_found");
        answer(&m, &m.officer, &invitation, Some(reason.clone())).await.expect_problem(404, "not_found");
        answer(&m, &m.calm.bidder, &invitation, Some(reason)).await.expect(200);
        let list = format!("/challenges/{challenge}/solution-invitations");
        let seen = m.see(&m.finance, &list).await;
        assert_eq!(seen["items"][0]["status"], "declined");
        assert_eq!(seen["items"][0]["declineReason"], "No capacity.");
        for stranger in [&m.river.bidder, &m.calm.bidder, &m.administrator, &m.chair] {
            m.call(stranger.get(&list)).await.expect_problem(404, "not_found");
        }
        for stranger in [&m.river.bidder, &m.officer, &m.administrator] {
            m.call(stranger.get(&of_company(&m))).await.expect_problem(404, "not_found");
        }
        let after = (m.feed().await, m.call(get(&format!("/challenges/{challenge}"))).await.expect(200).text);
        assert_eq!(after, public, "neither the feed nor the challenge tells");
        let auditor = m.staff("Auditor", "auditor").await;
        let events = m.see(&auditor, &format!("/organisations/{}/events", m.agency)).await.to_string();
        assert!(events.contains("challenge.solution_invited") && events.contains("solution_invitation_declined"));
        assert!(!events.contains("solution.invited"), "that one is the company's");
    }

    async fn each_solution_is_invited_once_and_only_while_bids_are_taken(backend: Backend) {
        let mut m = Marketplace::new(backend).await;
        let draft = m.draft().await;
        let solution = m.publish_solution(&m.calm, content()).await;
        refused(&m.app, inviting(&m.author, &draft, &solution), 409, "wrong_state").await;
        refused(&m.app, inviting(&m.river.bidder, &draft, &solution), 404, "not_found").await;
        m.publish(&draft).await;
        let pending = invite(&m, &draft, &solution).await;
        refused(&m.app, inviting(&m.author, &draft, &solution), 409, "already_done").await;
        refused(&m.app, inviting(&m.finance, &draft, &solution), 403, "role_missing").await;
        refused(&m.app, inviting(&m.calm.bidder, &draft, &solution), 403, "role_missing").await;
        let other = m.publish_solution(&m.river, content()).await;
        m.advance(TimeDelta::days(17)).await;
        refused(&m.app, inviting(&m.author, &draft, &other), 409, "deadline_passed").await;
        answer(&m, &m.calm.bidder, &pending, None).await.expect_problem(409, "deadline_passed");
        answer(&m, &m.calm.bidder, &pending, Some(json!({ "reason": "Late." }))).await.expect(200);
    }

    async fn what_the_agency_does_not_see_in_the_catalogue_is_not_invited(backend: Backend) {
        let m = Marketplace::new(backend).await;
        let challenge = m.published().await;
        let draft = m.draft_solution(&m.calm, content()).await;
        let withdrawn = m.publish_solution(&m.calm, content_with(json!({ "title": "Old title" }))).await;
        invite(&m, &challenge, &withdrawn).await;
        m.call(m.calm.bidder.act(&format!("/solutions/{withdrawn}/withdraw"))).await.expect(200);
        let renamed = content_with(json!({ "title": "New secret" }));
        m.call(m.calm.bidder.put(&format!("/solutions/{withdrawn}"), 3, renamed)).await.expect(200);
        let seen = m.see(&m.author, &format!("/challenges/{challenge}/solution-invitations")).await;
        assert_eq!(seen["items"][0]["solutionTitle"], "Old title");
        let unknown = uuid::Uuid::nil().to_string();
        let mut told = Vec::new();
        for id in [&draft, &withdrawn, &unknown] {
            let answer = refused(&m.app, inviting(&m.author, &challenge, id), 422, "invalid").await;
            told.push(answer.body["errors"].clone());
        }
        assert!(told.iter().all(|errors| *errors == told[0]), "{told:?}");
    }

    async fn whoever_belongs_to_the_company_too_invites_no_more_than_the_agency_sees(backend: Backend) {
        let m = Marketplace::new(backend).await;
        let challenge = m.published().await;
        let draft = m.draft_solution(&m.calm, content()).await;
        crate::steps::let_in(&m.app, &m.calm.bidder, &m.calm.id, &m.officer, &["bidder"]).await;
        m.see(&m.officer, &format!("/solutions/{draft}")).await;
        let refused = refused(&m.app, inviting(&m.officer, &challenge, &draft), 422, "invalid").await;
        assert_eq!(refused.fields(), [("/solution".to_owned(), "unknown".to_owned())]);
    }

    async fn at_most_fifty_solutions_are_invited_to_a_challenge(backend: Backend) {
        let m = Marketplace::new(backend).await;
        let challenge = m.published().await;
        let mut solutions = Vec::new();
        for n in 0..51 {
            solutions.push(m.publish_solution(&m.calm, content_with(json!({ "title": format!("Title {n}") }))).await);
        }
        let last = solutions.pop().unwrap();
        for solution in &solutions {
            invite(&m, &challenge, solution).await;
        }
        refused(&m.app, inviting(&m.author, &challenge, &last), 409, "limit_reached").await;
        let page = m.see(&m.calm.bidder, &format!("{}?limit=30", of_company(&m))).await;
        let rest = format!("{}?limit=30&after={}", of_company(&m), page["next"].as_str().unwrap());
        let rest = m.see(&m.calm.bidder, &rest).await;
        assert_eq!((page["items"].as_array().unwrap().len(), rest["items"].as_array().unwrap().len()), (30, 20));
    }
}
