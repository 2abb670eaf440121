//! What an agency owes: opened and ended by other steps, told to those whose task it is, and to the public in figures.

use crate::{
    app::{Person, get},
    marketplace::Marketplace,
    steps::mails,
};
use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use serde_json::{Value, json};
use testing::Backend;

impl Marketplace {
    /// What the scheduler does about what is owed.
    pub async fn remind(&self) {
        loop {
            let due = self
                .app
                .db()
                .read(|conn| application::obligations::needing_attention(conn, persistence::Scope::Real))
                .await
                .unwrap();
            if due.is_empty() {
                return;
            }
            for id in due {
                self.app.db().write(move |conn| application::obligations::remind(conn, id)).await.unwrap();
            }
        }
    }

    /// What is owed to whom, for one person.
    pub async fn tasks(&self, who: &Person) -> Vec<Value> {
        self.see(who, "/account/obligations").await["items"].as_array().unwrap().clone()
    }

    pub async fn figures(&self) -> Value {
        let path = format!("/organisations/{}/punctuality", self.agency);
        self.call(get(&path)).await.expect(200).body["items"].clone()
    }

    /// The public figures of all years and kinds: met in time, met late, unmet, open and overdue.
    pub async fn counted(&self) -> [i64; 4] {
        let figures = self.figures().await;
        ["metInTime", "metLate", "unmet", "openOverdue"]
            .map(|name| figures.as_array().unwrap().iter().map(|row| row[name].as_i64().unwrap()).sum())
    }

    /// The reminders among the mails: when, and to whom.
    pub async fn reminders(&self) -> Vec<(String, String)> {
        let mails = mails(&self.app).await.into_iter().filter(|mail| mail.message["kind"] == "duty_reminder");
        mails.map(|mail| (mail.message["moment"].as_str().unwrap().to_owned(), mail.recipient_name)).collect()
    }

    /// The only obligation of the agency.
    async fn only(&self) -> Value {
        let list = self.see(&self.officer, &format!("/organisations/{}/obligations", self.agency)).await;
        assert_eq!(list["items"].as_array().unwrap().len(), 1, "{list}");
        list["items"][0].clone()
    }
}

pub fn instant(value: &Value) -> DateTime<Utc> {
    value.as_str().unwrap().parse().unwrap()
}

testing::on_both! {
    async fn a_review_is_owed_from_its_request_to_its_end_to_officers_only(backend: Backend) {
        let m = Marketplace::new(backend).await;
        let id = m.draft().await;
        assert!(m.tasks(&m.officer).await.is_empty());
        m.step(&m.author, &id, "submit-for-review").await;
        let owed = m.only().await;
        let about = json!({ "kind": "challenge", "id": id });
        assert_eq!((&owed["kind"], &owed["role"], &owed["subject"]), (&json!("review_challenge"), &json!("officer"), &about));
        assert_eq!((&owed["status"], &owed["challenge"]["id"]), (&json!("open"), &json!(id)));
        assert_eq!((&owed["due"]["days"], &owed["due"]["kind"], &owed["due"]["calendar"]), (&json!(5), &json!("working"), &json!("SI")));
        assert!(owed["due"]["explanation"].as_str().unwrap().contains("5 working days"), "{owed}");
        assert_eq!(owed["due"]["endsAt"], owed["dueAt"]);
        assert_eq!(m.tasks(&m.officer).await, std::slice::from_ref(&owed));
        assert_eq!(m.tasks(&m.second_officer).await.len(), 1);
        for person in [&m.author, &m.owner, &m.calm.bidder] {
            assert!(m.tasks(person).await.is_empty(), "{}", person.name);
        }
        let comment = json!({ "comment": "Say more." });
        m.call(m.officer.post(&format!("/challenges/{id}/request-changes"), comment)).await.expect(200);
        assert!(m.tasks(&m.officer).await.is_empty());
        m.step(&m.author, &id, "submit-for-review").await;
        assert_ne!(m.only().await["id"], owed["id"]);
        m.step(&m.officer, &id, "approve").await;
        assert!(m.tasks(&m.officer).await.is_empty());
    }

    async fn nobody_waits_for_the_review_of_what_is_cancelled(backend: Backend) {
        let m = Marketplace::new(backend).await;
        let id = m.draft().await;
        m.step(&m.author, &id, "submit-for-review").await;
        let reason = json!({ "code": "other", "reason": "Later." });
        m.call(m.officer.post(&format!("/challenges/{id}/cancel"), reason)).await.expect(200);
        assert!(m.tasks(&m.officer).await.is_empty());
    }

    async fn tasks_come_page_by_page_the_soonest_due_first(backend: Backend) {
        let mut m = Marketplace::new(backend).await;
        let mut ids = Vec::new();
        for _ in 0..3 {
            let id = m.draft().await;
            m.step(&m.author, &id, "submit-for-review").await;
            ids.push(id);
            m.advance(TimeDelta::days(2)).await;
        }
        let mut seen = Vec::new();
        let mut path = "/account/obligations?limit=1".to_owned();
        loop {
            let page = m.see(&m.officer, &path).await;
            seen.extend(page["items"].as_array().unwrap().iter().map(|item| item["subject"]["id"].as_str().unwrap().to_owned()));
            let Some(next) = page["next"].as_str() else { break };
            path = format!("/account/obligations?limit=1&after={next}");
        }
        assert_eq!(seen, ids);
        let of_agency = format!("/organisations/{}/obligations?limit=2", m.agency);
        let page = m.call(m.finance.get(&of_agency)).await.expect(200);
        assert_eq!(page.body["items"].as_array().unwrap().len(), 2);
        assert!(page.header("link").contains("after="), "{:?}", page.headers);
        m.call(m.calm.bidder.get(&of_agency)).await.expect_problem(404, "not_found");
    }

    async fn a_clock_that_stands_still_says_why_and_runs_longer_afterwards(backend: Backend) {
        let mut m = Marketplace::new(backend).await;
        let id = m.draft().await;
        m.step(&m.author, &id, "submit-for-review").await;
        let owed = m.only().await;
        let act = |act: &str| format!("/obligations/{}/{act}", owed["id"].as_str().unwrap());
        let reason = json!({ "reason": "We asked for figures." });
        m.call(m.officer.act(&act("resume"))).await.expect_problem(409, "wrong_state");
        let paused = m.call(m.officer.post(&act("pause"), reason.clone())).await.expect(200).body;
        assert_eq!((&paused["status"], &paused["pauses"][0]["reason"]), (&json!("paused"), &reason["reason"]));
        m.call(m.officer.post(&act("pause"), reason)).await.expect_problem(409, "wrong_state");
        m.advance(TimeDelta::days(30)).await;
        m.remind().await;
        assert_eq!(m.reminders().await, []);
        let resumed = m.call(m.owner.act(&act("resume"))).await.expect(200).body;
        let stood = instant(&resumed["pauses"][0]["until"]) - instant(&resumed["pauses"][0]["from"]);
        assert!(stood >= TimeDelta::days(30));
        assert_eq!(instant(&resumed["dueAt"]), instant(&owed["dueAt"]) + stood);
        assert_eq!((&resumed["status"], &resumed["due"]), (&json!("open"), &owed["due"]));
    }

    async fn officers_are_reminded_and_owners_are_told_when_it_is_late_each_once(backend: Backend) {
        let mut m = Marketplace::new(backend).await;
        let id = m.draft().await;
        m.step(&m.author, &id, "submit-for-review").await;
        let due = instant(&m.only().await["dueAt"]);
        let told = |moment: &str, to: &[&str]| to.iter().map(|name| (moment.to_owned(), (*name).to_owned())).collect::<Vec<_>>();
        let mut expected = Vec::new();
        for (when, new) in [
            (due - TimeDelta::days(1), told("before", &["Otto Officer", "Olivia Officer"])),
            (due, [told("escalated", &["Olga Owner"]), told("due", &["Otto Officer", "Olivia Officer"])].concat()),
            (due + TimeDelta::days(3), told("after", &["Otto Officer", "Olivia Officer"])),
            (due + TimeDelta::days(30), Vec::new()),
        ] {
            m.advance_to(when).await;
            for _ in 0..2 {
                m.remind().await;
            }
            expected.extend(new);
            assert_eq!(m.reminders().await, expected, "{when}");
        }
        assert_eq!(m.only().await["status"], "overdue");
    }

    async fn the_figures_tell_of_published_challenges_only(backend: Backend) {
        let mut m = Marketplace::new(backend).await;
        let (in_time, late, hidden) = (m.draft().await, m.draft().await, m.draft().await);
        for id in [&in_time, &late, &hidden] {
            m.step(&m.author, id, "submit-for-review").await;
        }
        m.step(&m.officer, &in_time, "approve").await;
        assert_eq!(m.figures().await, json!([]));
        m.step(&m.officer, &in_time, "publish").await;
        assert_eq!(m.counted().await, [1, 0, 0, 0]);
        assert_eq!(m.figures().await[0]["medianDays"], "0");
        let due = instant(&m.only_of(&late).await["dueAt"]);
        m.advance_to(due).await;
        assert_eq!(m.counted().await, [1, 0, 0, 0], "late reviews of drafts are not public");
        let path = format!("/challenges/{late}/request-changes");
        m.call(m.officer.post(&path, json!({ "comment": "Later." }))).await.expect(200);
        let deadline = (m.app.now() + TimeDelta::days(30)).to_rfc3339_opts(SecondsFormat::Secs, true);
        m.edit(&late, json!({ "submissionDeadline": deadline })).await.expect(200);
        assert_eq!(m.counted().await, [1, 0, 0, 0]);
        m.publish(&late).await;
        assert_eq!(m.counted().await, [2, 1, 0, 0], "late at first, in time when it came back");
    }
}

impl Marketplace {
    /// What is owed about a challenge.
    async fn only_of(&self, challenge: &str) -> Value {
        let tasks = self.tasks(&self.officer).await;
        tasks.into_iter().find(|task| task["subject"]["id"] == challenge).unwrap()
    }
}
