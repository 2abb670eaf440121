//! Publishing at a set time.

use crate::{app::get, marketplace::Marketplace, rows::refused, steps::mails};
use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use serde_json::{Value, json};
use testing::Backend;

impl Marketplace {
    async fn approved(&self) -> String {
        let id = self.draft().await;
        self.step(&self.author, &id, "submit-for-review").await;
        self.step(&self.officer, &id, "approve").await;
        id
    }

    async fn schedule(&self, challenge: &str, at: DateTime<Utc>) -> crate::app::Response {
        let body = json!({ "publishAt": at.to_rfc3339_opts(SecondsFormat::Secs, true) });
        self.call(self.officer.put(&path(challenge), 1, body)).await
    }

    /// What the scheduler does when it looks: how many challenges it dealt with.
    async fn publish_due(&self) -> usize {
        let due =
            self.app.db().read(|conn| application::publication::due(conn, persistence::Scope::Real)).await.unwrap();
        for id in &due {
            let id = *id;
            assert!(self.app.db().write(move |conn| application::publication::publish_due(conn, id)).await.unwrap());
        }
        due.len()
    }
}

fn path(challenge: &str) -> String {
    format!("/challenges/{challenge}/scheduled-publication")
}

testing::on_both! {
    async fn a_challenge_is_published_when_its_time_comes(backend: Backend) {
        let mut m = Marketplace::new(backend).await;
        let challenge = m.approved().await;
        let at = m.app.now() + TimeDelta::days(1);
        let scheduled = m.schedule(&challenge, at).await.expect(200).body;
        assert_eq!(scheduled["publishAt"], json!(at.to_rfc3339_opts(SecondsFormat::Secs, true)));
        m.schedule(&challenge, at + TimeDelta::hours(1)).await.expect(200);
        m.advance(TimeDelta::days(1)).await;
        assert_eq!(m.publish_due().await, 0);
        refused(&m.app, get(&format!("/challenges/{challenge}")), 404, "not_found").await;
        m.advance(TimeDelta::hours(1)).await;
        assert_eq!((m.publish_due().await, m.publish_due().await), (1, 0));
        let shown = m.call(get(&format!("/challenges/{challenge}"))).await.expect(200).body;
        assert_eq!((&shown["status"], &shown["publishAt"]), (&json!("published"), &Value::Null));
        assert_eq!(m.told_about(&challenge).await, ["challenge.published"]);
        assert!(m.see(&m.officer, &format!("/challenges/{challenge}/timeline")).await["questionsUntil"].is_object());
    }

    async fn what_cannot_be_published_then_is_told_to_the_officers(backend: Backend) {
        let mut m = Marketplace::new(backend).await;
        let challenge = m.approved().await;
        m.schedule(&challenge, m.app.now() + TimeDelta::days(1)).await.expect(200);
        // The program was down until a few days before the deadline.
        m.advance(TimeDelta::days(12)).await;
        assert_eq!((m.publish_due().await, m.publish_due().await), (1, 0));
        let shown = m.challenge(&challenge).await;
        assert_eq!((&shown["status"], &shown["publishAt"]), (&json!("approved"), &Value::Null));
        let told: Vec<_> = mails(&m.app).await.into_iter().filter(|mail| mail.message["kind"] == "publication_failed").collect();
        assert_eq!(told.len(), 2, "both officers");
        assert!(told[0].message["reason"].as_str().unwrap().starts_with("/submissionDeadline: must not be before"));
        // An approval is not a dead end.
        let comment = json!({ "comment": "Move the deadline." });
        m.call(m.officer.post(&format!("/challenges/{challenge}/request-changes"), comment)).await.expect(200);
        let deadline = (m.app.now() + TimeDelta::days(20)).to_rfc3339_opts(SecondsFormat::Secs, true);
        m.edit(&challenge, json!({ "submissionDeadline": deadline })).await.expect(200);
        m.publish(&challenge).await;
    }

    async fn a_time_is_taken_back_by_hand_and_by_every_other_step(backend: Backend) {
        let mut m = Marketplace::new(backend).await;
        let at = m.app.now() + TimeDelta::days(1);
        let (unscheduled, returned, cancelled, published) = (m.approved().await, m.approved().await, m.approved().await, m.approved().await);
        refused(&m.app, m.officer.delete(&path(&unscheduled)), 404, "not_found").await;
        for challenge in [&unscheduled, &returned, &cancelled, &published] {
            m.schedule(challenge, at).await.expect(200);
        }
        let shown = m.call(m.officer.delete(&path(&unscheduled))).await.expect(200).body;
        assert_eq!((&shown["status"], &shown["publishAt"]), (&json!("approved"), &Value::Null));
        let comment = json!({ "comment": "Say more." });
        m.call(m.officer.post(&format!("/challenges/{returned}/request-changes"), comment)).await.expect(200);
        let cancel = json!({ "code": "other", "reason": "No." });
        m.call(m.officer.post(&format!("/challenges/{cancelled}/cancel"), cancel)).await.expect(200);
        m.step(&m.officer, &published, "publish").await;
        m.advance(TimeDelta::days(2)).await;
        assert_eq!(m.publish_due().await, 0);
        for (challenge, status) in [(&unscheduled, "approved"), (&returned, "changes_requested"), (&cancelled, "cancelled"), (&published, "published")] {
            assert_eq!(m.status(challenge).await, status);
        }
    }

    async fn a_time_that_leaves_too_little_is_refused(backend: Backend) {
        let m = Marketplace::new(backend).await;
        let challenge = m.approved().await;
        for (days, field, code) in [(-1, "/publishAt", "out_of_range"), (400, "/publishAt", "out_of_range"), (12, "/submissionDeadline", "period_too_short")] {
            let answer = m.schedule(&challenge, m.app.now() + TimeDelta::days(days)).await.expect_problem(422, "invalid");
            assert_eq!(answer.fields(), [(field.to_owned(), code.to_owned())]);
        }
        let draft = m.draft().await;
        m.schedule(&draft, m.app.now() + TimeDelta::days(1)).await.expect_problem(409, "wrong_state");
    }
}
