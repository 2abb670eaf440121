//! Which deadline counts, and is told, while solutions are taken; and what auditors learn stage by stage.

use crate::{
    app::get,
    audit::{auditor, items, texts},
    sandboxes::instant,
    saved_searches::{save, tell},
    steps::mails,
    two_stages::{self, TwoStages, in_days},
};
use atom_syndication::Feed;
use chrono::TimeDelta;
use domain::ChallengeId;
use persistence::Scope;
use serde_json::{Value, json};
use testing::Backend;

testing::on_both! {
    async fn while_solutions_are_taken_their_deadline_is_the_one_that_is_told(backend: Backend) {
        let mut t = TwoStages::new(backend).await;
        save(&t.m, &t.m.river.bidder, "Floods", "q=flood", "daily").await;
        t.challenge = t.m.draft_with(two_stages::content(&t.m)).await;
        t.m.publish(&t.challenge).await;
        let solutions = t.solution_deadline().await;
        t.advance(2).await;
        tell(&t.m.app).await;
        let following = t.m.calm.bidder.put(&format!("/challenges/{}/following", t.challenge), 0, json!(null));
        t.m.call(following).await.expect(200);
        let change = json!({ "submissionDeadline": in_days(&t.m, 45) });
        t.m.change(&t.challenge, change).await.expect(201);
        let told = mails(&t.m.app).await;
        let alert = told.iter().find(|mail| mail.message["kind"] == "search_alert").unwrap();
        assert_eq!(instant(&alert.message["challenges"][0]["deadline"]), solutions);
        let news = told.iter().find(|mail| mail.message["news"]["what"] == "changed").unwrap();
        assert_eq!(instant(&news.message["news"]["deadline"]), solutions);
        let atom = t.m.call(get("/challenges.atom")).await.expect(200).text;
        let feed = Feed::read_from(atom.as_bytes()).unwrap();
        let day = solutions.format("Solutions until %-d %B %Y").to_string();
        let summaries: Vec<_> = feed.entries.iter().map(|entry| entry.summary.as_ref().unwrap().value.clone()).collect();
        assert_eq!(summaries.len(), 2);
        assert!(summaries.iter().all(|summary| summary.contains(&day)), "{day}: {summaries:?}");
    }

    async fn holders_and_companies_are_reminded_before_the_deadline_for_solutions(backend: Backend) {
        let mut t = TwoStages::new(backend).await;
        t.solution(&t.m.calm, "We listen.").await;
        let ceiling = json!({ "amount": "40000.00", "currency": "EUR" });
        let later = json!({ "solutionDeadline": in_days(&t.m, 28), "most": 3 });
        let change = json!({ "budgetCeiling": ceiling, "shortlisting": later, "submissionDeadline": in_days(&t.m, 55) });
        t.m.change(&t.challenge, change).await.expect(201);
        let id = ChallengeId(t.challenge.parse().unwrap());
        let due = async |t: &TwoStages| {
            let looked = t.m.app.db().read(|conn| {
                let rehearsals = application::rehearsals::due(conn, Scope::Real)?;
                Ok::<_, application::Error>((rehearsals, application::change_notices::needing_reminder(conn, Scope::Real)?))
            });
            looked.await.unwrap()
        };
        assert_eq!(due(&t).await, (vec![], vec![]));
        t.m.advance_to(t.solution_deadline().await - TimeDelta::hours(48)).await;
        assert_eq!(due(&t).await, (vec![id], vec![id]));
        let reminded = t.m.app.db().write(move |conn| application::change_notices::remind(conn, id)).await.unwrap();
        assert!(reminded);
        let told = mails(&t.m.app).await;
        let reminders: Vec<_> = told.iter().filter(|mail| mail.message["news"]["what"] == "confirm_bid").collect();
        assert_eq!(reminders.len(), 1);
        assert_eq!(reminders[0].recipient_name, t.m.calm.bidder.name);
        assert_eq!(instant(&reminders[0].message["news"]["deadline"]), t.solution_deadline().await);
    }

    async fn an_auditor_learns_of_each_stage_once_it_is_open(backend: Backend) {
        let mut t = TwoStages::new(backend).await;
        let mut auditor = auditor(&t.m).await;
        let solutions = t.solutions().await;
        let seen = async |t: &TwoStages, auditor: &_, bid: &str| {
            let events = items(&t.m, auditor, &format!("/audit/events?subject={bid}")).await;
            texts(&events, "/type").into_iter().map(ToOwned::to_owned).collect::<Vec<_>>()
        };
        assert_eq!(seen(&t, &auditor, &solutions[0]).await, [""; 0]);
        t.end_first_stage().await;
        t.open_solutions().await;
        t.m.admit(&solutions.iter().map(|bid| &**bid).collect::<Vec<_>>()).await;
        let [calm, river, deep, fast] = [0, 1, 2, 3].map(|i| solutions[i].as_str());
        t.shortlist(&t.m.officer, &[calm, river, deep], &[fast]).await.expect(200);
        t.m.app.log_in_again(&mut auditor).await;
        let known = seen(&t, &auditor, &solutions[0]).await;
        assert!(known.contains(&"bid.submitted".to_owned()), "{known:?}");
        let offer = t.m.call(t.m.bid(&t.m.calm, &t.challenge, "38500.00")).await.expect(201).id();
        assert_eq!(seen(&t, &auditor, &offer).await, [""; 0], "offers are another stage");
        t.m.advance_to(instant(&t.m.challenge(&t.challenge).await["submissionDeadline"]) + TimeDelta::hours(1)).await;
        assert_eq!(t.m.run_scheduler().await, 1);
        t.m.open(&t.challenge).await;
        t.m.app.log_in_again(&mut auditor).await;
        let known = seen(&t, &auditor, &offer).await;
        assert!(known.contains(&"bid.submitted".to_owned()), "{known:?}");
    }
}

impl TwoStages {
    async fn solution_deadline(&self) -> chrono::DateTime<chrono::Utc> {
        let challenge: Value = self.m.challenge(&self.challenge).await;
        instant(&challenge["shortlisting"]["solutionDeadline"])
    }
}
