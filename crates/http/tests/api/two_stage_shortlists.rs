//! What a two-stage challenge must say, and how its shortlist is decided.

use crate::{
    app::Response,
    marketplace::Marketplace,
    steps::mails,
    two_stages::{TwoStages, in_days},
};
use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use testing::Backend;

fn deadline_of(challenge: &Value, pointer: &str) -> DateTime<Utc> {
    challenge.pointer(pointer).unwrap().as_str().unwrap().parse().unwrap()
}

testing::on_both! {
    async fn the_shortlist_is_one_act_and_tells_each_company_its_own_result_only(backend: Backend) {
        let mut t = TwoStages::new(backend).await;
        let early = t.shortlist(&t.m.officer, &[], &[]).await;
        early.expect_problem(409, "incomplete");
        let bids = t.candidates().await;
        let [calm, river, deep, fast] = [0, 1, 2, 3].map(|i| bids[i].as_str());
        let few = t.shortlist(&t.m.officer, &[calm, river], &[deep, fast]).await.expect_problem(422, "invalid");
        assert_eq!(few.fields(), [("/shortlisted".to_owned(), "too_few".to_owned())]);
        t.shortlist(&t.m.calm.bidder, &[calm], &[]).await.expect_problem(403, "role_missing");
        let before = mails(&t.m.app).await.len();
        t.shortlist(&t.m.officer, &[calm, river, deep], &[fast]).await.expect(200);
        t.shortlist(&t.m.officer, &[calm, river, fast], &[deep]).await.expect_problem(409, "already_done");
        let told = mails(&t.m.app).await;
        let told: Vec<_> = told[before..].iter().map(|mail| (mail.recipient_address.clone(), mail.message.clone())).collect();
        assert_eq!(told.len(), 4);
        for (company, bid) in t.companies().into_iter().zip(&bids) {
            let (_, message) = told.iter().find(|(email, _)| *email == company.bidder.email).unwrap();
            let kind = if bid == fast { "not_shortlisted" } else { "shortlisted" };
            assert_eq!((&message["kind"], &message["reason"]), (&json!(kind), &json!(format!("Because of {bid}."))));
            let rivals = bids.iter().filter(|other| *other != bid);
            assert!(rivals.into_iter().all(|other| !message.to_string().contains(other.as_str())));
            let own = t.bid_of(company, bid).await;
            assert_eq!((&own["status"], &own["shortlistReason"]), (&json!(kind), &message["reason"]));
        }
    }

    async fn what_is_wrong_with_a_shortlist_is_named_and_nothing_changes(backend: Backend) {
        let mut t = TwoStages::new(backend).await;
        let bids = t.candidates().await;
        let path = format!("/challenges/{}/shortlist", t.challenge);
        let decision = |bid: &str, reason: &str| json!({ "bid": bid, "reason": reason });
        let [calm, river, deep, fast] = [0, 1, 2, 3].map(|i| decision(&bids[i], "Because."));
        let stranger = decision("0199f3a0-5b1c-7c3e-8a4d-2f6b9c0d1e2f", "Because.");
        let blank = decision(&bids[0], " ");
        let table = [
            (json!([blank, river, deep]), json!([fast]), true, vec![("/shortlisted/0/reason", "required")]),
            (json!([calm, river, deep]), json!([fast]), false, vec![("/noConflict", "required")]),
            (json!([calm, river, deep, fast]), json!([]), true, vec![("/shortlisted", "too_many")]),
            (json!([calm, river, deep]), json!([]), true, vec![("/notShortlisted", "incomplete")]),
            (
                json!([calm, river, stranger]),
                json!([calm]),
                true,
                vec![
                    ("/shortlisted/0/bid", "duplicate"),
                    ("/shortlisted/2/bid", "unknown"),
                    ("/notShortlisted/0/bid", "duplicate"),
                    ("/notShortlisted", "incomplete"),
                ],
            ),
        ];
        for (shortlisted, not, no_conflict, wrong) in table {
            let body = json!({ "shortlisted": shortlisted, "notShortlisted": not, "noConflict": no_conflict });
            let told = t.m.call(t.m.officer.post(&path, body)).await.expect_problem(422, "invalid").fields();
            let told: Vec<_> = told.iter().map(|(pointer, code)| (pointer.as_str(), code.as_str())).collect();
            assert_eq!(told, wrong);
        }
        let shape = json!({ "shortlisted": [{ "bid": "x" }], "noConflict": "yes", "more": 1 });
        let told = t.m.call(t.m.officer.post(&path, shape)).await.expect_problem(422, "invalid").fields();
        assert!(told.len() >= 5, "{told:?}");
        let later = t.m.app.hours_later(&t.m.officer).await;
        t.shortlist(&later, &[], &[]).await.expect_problem(403, "step_up_required");
        assert_eq!(t.bid_of(&t.m.calm, &bids[0]).await["status"], "admitted");
        assert_eq!(t.m.challenge(&t.challenge).await["shortlistedAt"], Value::Null);
    }

    async fn two_stages_are_checked_when_they_are_drafted_and_before_a_review(backend: Backend) {
        let m = Marketplace::new(backend).await;
        let draft = m.draft().await;
        for most in [2, 21] {
            let refused = m.edit(&draft, json!({ "shortlisting": { "most": most } })).await.expect_problem(422, "invalid");
            assert_eq!(refused.fields(), [("/shortlisting/most".to_owned(), "out_of_range".to_owned())]);
        }
        m.edit(&draft, json!({ "shortlisting": { "most": 5 } })).await.expect(200);
        let wrong = |refused: Response| {
            let fields = refused.expect_problem(422, "invalid").fields();
            fields.into_iter().filter(|(pointer, _)| pointer.starts_with("/shortlisting")).collect::<Vec<_>>()
        };
        let submit = format!("/challenges/{draft}/submit-for-review");
        let at = |code: &str| vec![("/shortlisting/solutionDeadline".to_owned(), code.to_owned())];
        assert_eq!(wrong(m.call(m.author.act(&submit)).await), at("required"));
        let late = json!({ "submissionDeadline": in_days(&m, 40),
            "shortlisting": { "solutionDeadline": in_days(&m, 41), "most": 5 } });
        m.edit(&draft, late).await.expect(200);
        assert_eq!(wrong(m.call(m.author.act(&submit)).await), at("wrong_order"));
        let open = json!({ "procedure": "open_pilot", "shortlisting": { "solutionDeadline": in_days(&m, 20), "most": 5 } });
        m.edit(&draft, open).await.expect(200);
        let refused = wrong(m.call(m.author.act(&submit)).await);
        assert!(refused.contains(&("/shortlisting".to_owned(), "not_allowed".to_owned())), "{refused:?}");
    }

    async fn too_little_time_to_bid_is_refused_until_the_deadline_is_moved(backend: Backend) {
        let mut t = TwoStages::new(backend).await;
        let bids = t.candidates().await;
        let [calm, river, deep, fast] = [0, 1, 2, 3].map(|i| bids[i].as_str());
        t.advance(18).await;
        let refused = t.shortlist(&t.m.officer, &[calm, river, deep], &[fast]).await.expect_problem(409, "incomplete");
        assert!(refused.body["detail"].as_str().unwrap().contains("hour(s) too early"), "{}", refused.text);
        let challenge = t.m.challenge(&t.challenge).await;
        t.m.change(&t.challenge, json!({ "submissionDeadline": in_days(&t.m, 20) })).await.expect(201);
        t.shortlist(&t.m.officer, &[calm, river, deep], &[fast]).await.expect(200);
        let timeline = t.m.see(&t.m.officer, &format!("/challenges/{}/timeline", t.challenge)).await;
        assert!(timeline["earliestSolutionDeadline"].is_object());
        let from: DateTime<Utc> = timeline["openFrom"].as_str().unwrap().parse().unwrap();
        assert!(from > deadline_of(&challenge, "/shortlisting/solutionDeadline"));
    }
}
