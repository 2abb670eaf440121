//! Changing, adding to, suspending and resuming published challenges: in public, and everybody concerned is told.

use crate::{
    app::{Response, get},
    challenge_documents::{added, document},
    marketplace::Marketplace,
    rows::refused,
    steps::mails,
    uploads::{PDF, announcement, upload},
};
use actix_web::test::TestRequest;
use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use serde_json::{Value, json};
use testing::Backend;

fn text(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}

impl Marketplace {
    fn proposed_change(&self, challenge: &str, version: i64, changes: &Value) -> TestRequest {
        let body = json!({ "code": "correction", "reason": "We were wrong.", "changes": changes });
        let request = self.officer.post(&format!("/challenges/{challenge}/change-notices"), body);
        request.insert_header(("if-match", format!("\"{version}\"")))
    }

    /// A change by somebody who has read the challenge.
    pub async fn change(&self, challenge: &str, changes: Value) -> Response {
        let version = self.challenge(challenge).await["version"].as_i64().unwrap();
        self.call(self.proposed_change(challenge, version, &changes)).await
    }

    /// A change of what bidders answer to, with enough time.
    pub async fn change_materially(&self, challenge: &str) -> Response {
        let deadline = text(self.deadline(challenge).await + TimeDelta::days(12));
        let ceiling = json!({ "amount": "40000.00", "currency": "EUR" });
        self.change(challenge, json!({ "budgetCeiling": ceiling, "submissionDeadline": deadline })).await.expect(201)
    }

    pub async fn deadline(&self, challenge: &str) -> DateTime<Utc> {
        self.challenge(challenge).await["submissionDeadline"].as_str().unwrap().parse().unwrap()
    }

    /// To whom there are mails with these news.
    async fn told_of(&self, news: &str) -> Vec<String> {
        let all = mails(&self.app).await.into_iter();
        let mut told: Vec<_> =
            all.filter(|mail| mail.message["news"]["what"] == news).map(|mail| mail.recipient_name).collect();
        told.sort();
        told
    }

    pub async fn suspend(&self, challenge: &str) {
        let why = json!({ "code": "complaint", "reason": "It is looked into." });
        self.call(self.officer.post(&format!("/challenges/{challenge}/suspend"), why)).await.expect(200);
    }

    fn resumption(&self, challenge: &str, body: Value) -> TestRequest {
        self.officer.post(&format!("/challenges/{challenge}/resume"), body)
    }
}

testing::on_both! {
    async fn a_change_is_told_field_by_field_to_everybody(backend: Backend) {
        let m = Marketplace::new(backend).await;
        let (challenge, ..) = m.with_bids().await;
        let before = m.deadline(&challenge).await;
        let notice = m.change_materially(&challenge).await;
        assert_eq!(notice.header("location"), format!("/api/v1/challenges/{challenge}/change-notices/1"));
        assert_eq!((&notice.body["material"], &notice.body["sections"]), (&json!(true), &json!(["budget", "timeline"])));
        let after = text(before + TimeDelta::days(12));
        assert_eq!(notice.body["changes"], json!([
            { "pointer": "/budgetCeiling/amount", "before": "45000.00", "after": "40000.00" },
            { "pointer": "/submissionDeadline", "before": text(before), "after": after },
        ]));
        let path = format!("/challenges/{challenge}/change-notices");
        assert_eq!(m.call(get(&format!("{path}/1"))).await.expect(200).body, notice.body);
        let list = m.call(get(&path)).await.expect(200).body["items"].clone();
        assert_eq!((&list[0]["number"], &list[0]["reason"]), (&json!(1), &json!("We were wrong.")));
        assert!(list[0].get("changes").is_none());
        refused(&m.app, get(&format!("{path}/2")), 404, "not_found").await;
        let shown = m.call(get(&format!("/challenges/{challenge}"))).await.expect(200).body;
        assert_eq!((&shown["submissionDeadline"], &shown["materialChanges"]), (&json!(after), &json!(1)));
        assert!(m.told_about(&challenge).await.contains(&"challenge.changed".to_owned()));
        assert_eq!(m.told_of("changed").await, [&*m.calm.bidder.name, &*m.river.bidder.name]);
    }

    async fn the_dates_that_follow_from_the_deadline_follow_it(backend: Backend) {
        let m = Marketplace::new(backend).await;
        let challenge = m.published().await;
        let until = |timeline: &Value| -> DateTime<Utc> {
            timeline["questionsUntil"]["endsAt"].as_str().unwrap().parse().unwrap()
        };
        let path = format!("/challenges/{challenge}/timeline");
        let before = until(&m.see(&m.officer, &path).await);
        let deadline = text(m.deadline(&challenge).await + TimeDelta::days(7));
        let notice = m.change(&challenge, json!({ "submissionDeadline": deadline })).await.expect(201);
        assert_eq!(notice.body["material"], false, "more time alone is nothing to confirm");
        assert_eq!(until(&m.see(&m.officer, &path).await) - before, TimeDelta::days(7));
    }

    async fn what_is_wrong_with_a_change_is_told_at_once_and_nothing_is_kept(backend: Backend) {
        let m = Marketplace::new(backend).await;
        let challenge = m.published().await;
        let before = m.challenge(&challenge).await;
        let version = before["version"].as_i64().unwrap();
        let path = format!("/challenges/{challenge}/change-notices");
        let body = json!({ "code": "correction", "reason": "No.", "changes": { "title": "Other" } });
        m.call(m.officer.post(&path, body.clone())).await.expect_problem(428, "precondition_required");
        let stale = m.officer.post(&path, body).insert_header(("if-match", "\"1\""));
        m.call(stale).await.expect_problem(412, "stale");
        let deadline = text(m.deadline(&challenge).await - TimeDelta::days(1));
        let changes = json!({ "procedure": "open_pilot", "summary": "", "submissionDeadline": deadline });
        let answer = refused(&m.app, m.proposed_change(&challenge, version, &changes), 422, "invalid").await;
        let mut fields = answer.fields();
        fields.sort_unstable();
        let field = |pointer: &str, code: &str| (format!("/changes{pointer}"), code.to_owned());
        assert_eq!(fields, [
            field("/procedure", "not_changeable"),
            field("/submissionDeadline", "brought_forward"),
            field("/submissionDeadline", "extension_required"),
            field("/summary", "required"),
        ]);
        let nothing = refused(&m.app, m.proposed_change(&challenge, version, &json!({})), 422, "invalid").await;
        assert_eq!(nothing.fields(), [field("", "unchanged")]);
        let short = json!({ "pilots": 2 });
        let answer = refused(&m.app, m.proposed_change(&challenge, version, &short), 422, "invalid").await;
        assert_eq!(answer.fields(), [field("/submissionDeadline", "extension_required")]);
        assert_eq!(m.challenge(&challenge).await, before);
        assert_eq!(m.see(&m.officer, &path).await["items"], json!([]));
    }

    async fn bidders_confirm_or_replace_and_the_others_are_reminded_once(backend: Backend) {
        let mut m = Marketplace::new(backend).await;
        let (challenge, calm, river) = m.with_bids().await;
        let offer = m.replacement("39000.00");
        m.change_materially(&challenge).await;
        let bid = |m: &Marketplace, id: &str| m.river.bidder.get(&format!("/bids/{id}"));
        assert_eq!(m.call(m.calm.bidder.get(&format!("/bids/{calm}"))).await.expect(200).body["confirmed"], false);
        assert_eq!(m.see(&m.calm.bidder, "/bids").await["items"][0]["confirmed"], false);
        let confirmed = m.call(m.calm.bidder.act(&format!("/bids/{calm}/confirm"))).await.expect(200);
        assert_eq!((&confirmed.body["confirmed"], &confirmed.body["revision"]), (&json!(true), &json!(1)));
        refused(&m.app, m.calm.bidder.act(&format!("/bids/{calm}/confirm")), 409, "already_done").await;
        // River offered 41,000, which is above the new ceiling: it is sealed, so only a new offer shows that.
        let dear = m.river.bidder.put(&format!("/bids/{river}"), 1, m.replacement("41000.00"));
        assert_eq!(refused(&m.app, dear, 422, "invalid").await.fields(), [("/offer/price/amount".to_owned(), "above_ceiling".to_owned())]);
        let near = m.deadline(&challenge).await - TimeDelta::hours(47);
        m.advance_to(near - TimeDelta::hours(2)).await;
        assert_eq!(remind(&m).await, 0, "not yet");
        m.advance_to(near).await;
        assert_eq!(remind(&m).await, 1);
        assert_eq!(m.told_of("confirm_bid").await, [&*m.river.bidder.name]);
        assert_eq!(remind(&m).await, 0);
        m.call(m.river.bidder.put(&format!("/bids/{river}"), 1, offer)).await.expect(200);
        assert_eq!(m.call(bid(&m, &river)).await.expect(200).body["confirmed"], true);
    }

    async fn who_was_reminded_of_a_deadline_that_moved_is_reminded_of_the_new_one(backend: Backend) {
        let mut m = Marketplace::new(backend).await;
        let (challenge, ..) = m.with_bids().await;
        m.change_materially(&challenge).await;
        let near = m.deadline(&challenge).await - TimeDelta::hours(47);
        m.advance_to(near).await;
        assert_eq!(remind(&m).await, 1);
        let later = text(m.deadline(&challenge).await + TimeDelta::days(10));
        m.change(&challenge, json!({ "submissionDeadline": later })).await.expect(201);
        assert_eq!(remind(&m).await, 0, "it is far away again");
        m.advance_to(m.deadline(&challenge).await - TimeDelta::hours(47)).await;
        assert_eq!(remind(&m).await, 1);
        assert_eq!(remind(&m).await, 0);
    }

    async fn a_bid_that_nobody_confirmed_counts_and_is_marked(backend: Backend) {
        let mut m = Marketplace::new(backend).await;
        let (challenge, calm, river) = m.with_bids().await;
        m.change_materially(&challenge).await;
        m.call(m.calm.bidder.act(&format!("/bids/{calm}/confirm"))).await.expect(200);
        m.advance(TimeDelta::days(29)).await;
        assert_eq!(m.run_scheduler().await, 1);
        m.open(&challenge).await;
        let list = m.see(&m.officer, &format!("/challenges/{challenge}/bids")).await;
        let mut marks: Vec<_> =
            list["items"].as_array().unwrap().iter().map(|bid| (bid["id"].clone(), bid["confirmed"].clone())).collect();
        marks.sort_by_key(|(id, _)| id != &json!(calm));
        assert_eq!(marks, [(json!(calm), json!(true)), (json!(river), json!(false))]);
        m.admit(&[&calm, &river]).await;
    }

    async fn what_is_confidential_stays_so_in_a_change_notice(backend: Backend) {
        let m = Marketplace::new(backend).await;
        let secret = |text: &str| json!({ "agreement": "We keep it.", "details": text });
        let challenge = m.draft_with(json!({ "confidentiality": secret("Old secret.") })).await;
        m.publish(&challenge).await;
        let deadline = text(m.deadline(&challenge).await + TimeDelta::days(12));
        let changes = json!({ "confidentiality": secret("New secret."), "submissionDeadline": deadline });
        let notice = m.change(&challenge, changes).await.expect(201);
        assert!(notice.text.contains("Old secret.") && notice.text.contains("New secret."));
        let path = format!("/challenges/{challenge}/change-notices/1");
        for request in [get(&path), m.calm.bidder.get(&path)] {
            let shown = m.call(request).await.expect(200);
            assert!(shown.body["sections"].as_array().unwrap().contains(&json!("confidentiality")));
            assert!(!shown.text.contains("secret"), "{}", shown.text);
        }
        let agree = json!({ "company": m.calm.id });
        let agree = m.calm.bidder.post(&format!("/challenges/{challenge}/confidentiality-agreements"), agree);
        assert!(m.call(agree).await.status.is_success());
        assert!(m.call(m.calm.bidder.get(&path)).await.expect(200).text.contains("New secret."));
        assert!(!format!("{:?}", m.feed().await).contains("secret"));
    }

    async fn an_addendum_is_read_by_everybody_and_changes_nothing(backend: Backend) {
        let m = Marketplace::new(backend).await;
        let (challenge, calm, _) = m.with_bids().await;
        let before = m.challenge(&challenge).await;
        let path = format!("/challenges/{challenge}/addenda");
        for number in 1..=3 {
            let body = json!({ "title": format!("Visit {number}"), "body": "Come on **Monday**." });
            let addendum = m.call(m.officer.post(&path, body)).await.expect(201);
            assert_eq!(addendum.body["number"], number);
        }
        let wrong = m.officer.post(&path, json!({ "title": "two\nlines", "body": " " }));
        let answer = refused(&m.app, wrong, 422, "invalid").await;
        assert_eq!(answer.fields(), [
            ("/title".to_owned(), "wrong_format".to_owned()), ("/body".to_owned(), "required".to_owned()),
        ]);
        let page = m.call(get(&format!("{path}?limit=2"))).await.expect(200).body;
        let titles = |page: &Value| -> Vec<Value> {
            page["items"].as_array().unwrap().iter().map(|item| item["title"].clone()).collect()
        };
        assert_eq!(titles(&page), ["Visit 3", "Visit 2"]);
        let next = format!("{path}?limit=2&after={}", page["next"].as_str().unwrap());
        assert_eq!(titles(&m.call(get(&next)).await.expect(200).body), ["Visit 1"]);
        assert_eq!(m.challenge(&challenge).await, before);
        assert_eq!(m.see(&m.calm.bidder, &format!("/bids/{calm}")).await["confirmed"], true);
        assert_eq!(m.told_of("addendum").await.len(), 6);
        assert_eq!(m.told_about(&challenge).await.iter().filter(|kind| *kind == "challenge.addendum_published").count(), 3);
        let draft = m.draft().await;
        let body = json!({ "title": "Visit", "body": "Come." });
        refused(&m.app, m.officer.post(&format!("/challenges/{draft}/addenda"), body.clone()), 409, "wrong_state").await;
        for path in ["addenda", "change-notices", "change-notices/1"] {
            refused(&m.app, m.calm.bidder.get(&format!("/challenges/{draft}/{path}")), 404, "not_found").await;
        }
    }

    async fn those_who_bid_are_told_of_a_new_document(backend: Backend) {
        let m = Marketplace::new(backend).await;
        let draft = m.draft().await;
        added(&m, &m.author, &draft, "first.pdf").await;
        m.publish(&draft).await;
        m.call(m.bid(&m.calm, &draft, "40000.00")).await.expect(201);
        assert!(m.told_of("document_added").await.is_empty());
        let told = announcement(&m.agency, "late.pdf", "application/pdf", PDF);
        let late = upload(&m.app, &m.officer, told, PDF).await.id();
        m.call(m.officer.post(&format!("/challenges/{draft}/documents"), document(&late))).await.expect(201);
        assert_eq!(m.told_of("document_added").await, [&*m.calm.bidder.name]);
    }

    async fn a_suspended_challenge_takes_no_bids_until_it_is_resumed(backend: Backend) {
        let mut m = Marketplace::new(backend).await;
        let (challenge, calm, river) = m.with_bids().await;
        let deadline = m.deadline(&challenge).await;
        m.suspend(&challenge).await;
        assert_eq!(m.told_of("suspended").await.len(), 2);
        let shown = m.call(get(&format!("/challenges/{challenge}"))).await.expect(200).body;
        assert_eq!((&shown["status"], &shown["suspension"]["code"]), (&json!("suspended"), &json!("complaint")));
        let offer = m.replacement("40000.00");
        refused(&m.app, m.calm.bidder.put(&format!("/bids/{calm}"), 1, offer), 409, "wrong_state").await;
        refused(&m.app, m.officer.act(&format!("/challenges/{challenge}/publish")), 409, "wrong_state").await;
        m.advance(TimeDelta::days(30)).await;
        assert_eq!(m.run_scheduler().await, 0, "its deadline does not pass");
        m.call(m.river.bidder.act(&format!("/bids/{river}/withdraw"))).await.expect(200);
        let early = json!({ "reason": "Go on.", "submissionDeadline": text(m.app.now() + TimeDelta::days(3)) });
        let answer = refused(&m.app, m.resumption(&challenge, early), 422, "invalid").await;
        assert_eq!(answer.fields(), [("/submissionDeadline".to_owned(), "period_too_short".to_owned())]);
        let resumed = m.call(m.resumption(&challenge, json!({ "reason": "Rejected." }))).await.expect(200).body;
        let moved: DateTime<Utc> = resumed["submissionDeadline"].as_str().unwrap().parse().unwrap();
        assert!(moved >= deadline + TimeDelta::days(30) && moved <= deadline + TimeDelta::days(30) + TimeDelta::hours(1));
        assert_eq!((&resumed["status"], &resumed["suspension"]), (&json!("published"), &Value::Null));
        m.call(m.calm.bidder.put(&format!("/bids/{calm}"), 1, m.replacement("40000.00"))).await.expect(200);
        assert_eq!(m.told_of("resumed").await, [&*m.calm.bidder.name], "who withdrew does not bid");
        let told = m.told_about(&challenge).await;
        assert!(told.ends_with(&["challenge.suspended".to_owned(), "challenge.resumed".to_owned()]), "{told:?}");
        m.suspend(&challenge).await;
        let cancel = json!({ "code": "other", "reason": "No." });
        m.call(m.officer.post(&format!("/challenges/{challenge}/cancel"), cancel)).await.expect(200);
    }

    /// Whoever already holds a time of receipt counts; whoever comes later meets the new deadline.
    async fn bids_and_an_extension_at_the_same_moment_all_end_well(backend: Backend) {
        let m = Marketplace::new(backend).await;
        let challenge = m.published().await;
        let version = m.challenge(&challenge).await["version"].as_i64().unwrap();
        let deadline = text(m.deadline(&challenge).await + TimeDelta::days(1));
        let changes = json!({ "submissionDeadline": deadline });
        let (change, again) = (m.proposed_change(&challenge, version, &changes), m.proposed_change(&challenge, version, &changes));
        let attempts = [m.bid(&m.calm, &challenge, "40000.00"), change, again, m.bid(&m.river, &challenge, "41000.00")];
        let answers = crate::steps::all_at_once(attempts.map(|request| m.call(request))).await;
        let mut statuses: Vec<_> = answers.iter().map(|answer| answer.status.as_u16()).collect();
        statuses.sort_unstable();
        assert_eq!(statuses, [201, 201, 201, 412]);
        assert_eq!(m.see(&m.officer, &format!("/challenges/{challenge}/change-notices")).await["items"].as_array().unwrap().len(), 1);
    }
}

/// How many challenges bidders were reminded of.
async fn remind(m: &Marketplace) -> usize {
    let due = m
        .app
        .db()
        .read(|conn| application::change_notices::needing_reminder(conn, persistence::Scope::Real))
        .await
        .unwrap();
    let mut reminded = 0;
    for id in due {
        let done = m.app.db().write(move |conn| application::change_notices::remind(conn, id)).await.unwrap();
        reminded += usize::from(done);
    }
    reminded
}
