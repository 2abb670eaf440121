//! Asking in private, answering in public.

use crate::{
    app::{Person, Response, get},
    marketplace::{Company, Marketplace},
    steps::{all_at_once, mails},
};
use chrono::{SecondsFormat, TimeDelta};
use serde_json::{Value, json};
use testing::Backend;

/// A question for a company.
pub fn question(company: &Company, text: &str) -> Value {
    json!({ "company": company.id, "text": text })
}

/// Questions in the versions that were read.
pub fn chosen(questions: &[(&str, i64)]) -> Value {
    let chosen = |(id, version): &(&str, i64)| json!({ "id": id, "version": version });
    json!({ "questions": questions.iter().map(chosen).collect::<Vec<_>>() })
}

impl Marketplace {
    /// Asks, and gives the question's id.
    pub async fn ask(&self, company: &Company, challenge: &str, text: &str) -> String {
        let path = format!("/challenges/{challenge}/questions");
        self.call(company.bidder.post(&path, question(company, text))).await.expect(201).id()
    }

    /// The author prepares an answer to a question that was just asked.
    pub async fn draft_answer(&self, question: &str, answer: &str) {
        let path = format!("/questions/{question}");
        let version = self.see(&self.author, &path).await["version"].as_i64().unwrap();
        self.call(self.author.patch(&path, version, json!({ "answer": answer }))).await.expect(200);
    }

    /// The author publishes answers.
    pub async fn publish_answers(&self, challenge: &str, questions: &[(&str, i64)]) -> Response {
        let path = format!("/challenges/{challenge}/questions/publish-answers");
        self.call(self.author.post(&path, chosen(questions))).await
    }

    /// Prepares and publishes the answer to a question that was just asked.
    pub async fn answer(&self, challenge: &str, question: &str, answer: &str) {
        self.draft_answer(question, answer).await;
        self.publish_answers(challenge, &[(question, 2)]).await.expect(200);
    }

    /// The questions of a challenge, as somebody sees them.
    pub async fn questions(&self, who: &Person, challenge: &str) -> Vec<Value> {
        let list = self.see(who, &format!("/challenges/{challenge}/questions")).await;
        list["items"].as_array().unwrap().clone()
    }

    /// The mails of a kind: to whom, and what they say.
    pub async fn mails_of(&self, kind: &str) -> Vec<(String, Value)> {
        let mails = mails(&self.app).await.into_iter().filter(|mail| mail.message["kind"] == kind);
        let mut mails: Vec<_> = mails.map(|mail| (mail.recipient_name, mail.message)).collect();
        mails.sort_by(|one, other| one.0.cmp(&other.0));
        mails
    }

    /// Something that is done about a question.
    pub fn act_on(&self, who: &Person, question: &str, act: &str, body: Value) -> actix_web::test::TestRequest {
        who.post(&format!("/questions/{question}/{act}"), body)
    }
}

fn ids(questions: &[Value]) -> Vec<&str> {
    questions.iter().map(|question| question["id"].as_str().unwrap()).collect()
}

/// To whom mails went.
pub fn names(mails: &[(String, Value)]) -> Vec<&str> {
    mails.iter().map(|(name, _)| &**name).collect()
}

testing::on_both! {
    async fn a_question_is_for_its_company_and_for_the_agency_until_it_is_answered_for_everybody(backend: Backend) {
        let m = Marketplace::new(backend).await;
        let challenge = m.published().await;
        let id = m.ask(&m.calm, &challenge, "May our lab in Celje get recordings?").await;
        let path = format!("/questions/{id}");
        let own = m.see(&m.calm.bidder, &path).await;
        assert_eq!((&own["own"]["company"], &own["own"]["person"]), (&json!(m.calm.id), &json!(m.calm.bidder.name)));
        let staff = m.see(&m.finance, &path).await;
        assert_eq!((&staff["own"], &staff["original"]), (&Value::Null, &own["original"]));
        for request in [m.river.bidder.get(&path), m.administrator.get(&path), m.chair.get(&path), get(&path)] {
            m.call(request).await.expect_problem(404, "not_found");
        }
        let edited = json!({ "question": "May recordings leave the centre?", "answer": "No." });
        m.call(m.author.patch(&path, 1, edited)).await.expect(200);
        assert_eq!(m.see(&m.calm.bidder, &path).await, own, "a draft is nobody else's business");
        assert!(m.questions(&m.river.bidder, &challenge).await.is_empty());
        let published = m.publish_answers(&challenge, &[(&id, 2)]).await.expect(200).body;
        assert_eq!(published["items"][0]["number"], 1);
        let public = m.call(get(&path)).await.expect(200).body;
        assert_eq!((&public["question"], &public["answer"]), (&json!("May recordings leave the centre?"), &json!("No.")));
        for hidden in ["own", "original", "askedAt", "version"] {
            assert_eq!(public[hidden], Value::Null, "{hidden}");
        }
        let own = m.see(&m.calm.bidder, &path).await;
        assert_eq!((&own["status"], &own["question"]), (&json!("answered"), &public["question"]));
        assert_eq!(own["original"], "May our lab in Celje get recordings?");
        assert_eq!(m.questions(&m.river.bidder, &challenge).await, std::slice::from_ref(&public));
        assert_eq!(m.told_about(&id).await, ["question.answered"]);
        let event = m.feed().await.into_iter().find(|event| event["type"] == "question.answered").unwrap();
        assert_eq!((&event["data"]["number"], &event["data"]["answer"]), (&json!(1), &json!("No.")));
        assert_eq!(event["organisation"], json!(m.agency));
    }

    async fn who_answers_gets_a_mail_without_the_asker_and_everybody_gets_the_answers_at_once(backend: Backend) {
        let m = Marketplace::new(backend).await;
        let both = crate::steps::join(&m.app, &m.owner, &m.agency, "Bo Both", &["author", "officer"]).await;
        let challenge = m.published().await;
        let curious = m.app.person("Curious").await;
        m.call(curious.put(&format!("/challenges/{challenge}/following"), 0, json!(null))).await.expect(200);
        m.call(m.bid(&m.river, &challenge, "41000.00")).await.expect(201);
        let (first, second) = (m.ask(&m.calm, &challenge, "Who pays?").await, m.ask(&m.calm, &challenge, "When?").await);
        let told = m.mails_of("question_asked").await;
        let answering = ["Ana Author", &both.name, "Olivia Officer", "Otto Officer"];
        assert_eq!(names(&told).len(), 2 * answering.len());
        assert!(answering.iter().all(|name| names(&told).contains(name)));
        let said = json!(told).to_string();
        assert!(!said.contains("Calm") && !said.contains(&m.calm.id), "{said}");
        m.draft_answer(&first, "We do.").await;
        m.draft_answer(&second, "In May.").await;
        m.publish_answers(&challenge, &[(&second, 2), (&first, 2)]).await.expect(200);
        let news = m.mails_of("challenge_news").await;
        assert_eq!(names(&news), [&*m.calm.bidder.name, &*m.river.bidder.name, "Curious"]);
        let what = &news[0].1["news"];
        assert_eq!((&what["what"], &what["count"], &what["questions"]), (&json!("questions_answered"), &json!(2), &json!(["When?", "Who pays?"])));
        let list = m.questions(&m.river.bidder, &challenge).await;
        assert_eq!(ids(&list), [&*second, &*first], "in the order in which they were published");
        assert_eq!(list[0]["publishedAt"], list[1]["publishedAt"]);
        let own: Vec<_> = m.see(&m.calm.bidder, "/account/followed-challenges").await["items"].as_array().unwrap().clone();
        assert_eq!(own[0]["because"], "asked");
    }

    async fn an_answer_is_owed_until_it_is_published_and_what_was_merged_into_it_as_well(backend: Backend) {
        let m = Marketplace::new(backend).await;
        let challenge = m.published().await;
        let (one, same) = (m.ask(&m.calm, &challenge, "Who pays?").await, m.ask(&m.river, &challenge, "Who bears the cost?").await);
        let tasks = m.tasks(&m.author).await;
        assert_eq!(tasks.len(), 2);
        assert_eq!((&tasks[0]["kind"], &tasks[0]["subject"]["kind"], &tasks[0]["due"]["days"]), (&json!("answer_question"), &json!("question"), &json!(3)));
        assert!(m.tasks(&m.officer).await.is_empty());
        let merged = m.call(m.act_on(&m.officer, &same, "merge", json!({ "into": one }))).await.expect(200).body;
        assert_eq!((&merged["status"], &merged["mergedInto"]), (&json!("merged"), &json!(one)));
        let own = m.see(&m.river.bidder, &format!("/questions/{same}")).await;
        assert_eq!((&own["status"], &own["mergedInto"]), (&json!("asked"), &Value::Null), "that somebody asked the same is not told");
        assert_eq!(m.tasks(&m.author).await.len(), 2);
        m.answer(&challenge, &one, "We do.").await;
        assert!(m.tasks(&m.author).await.is_empty());
        assert_eq!(m.counted().await, [3, 0, 0, 0], "with the review");
        let own = m.see(&m.river.bidder, &format!("/questions/{same}")).await;
        assert_eq!((&own["status"], &own["answer"], &own["number"]), (&json!("answered"), &json!("We do."), &json!(1)));
        assert_eq!((&own["original"], &own["mergedInto"]), (&json!("Who bears the cost?"), &json!(one)));
        let late = m.ask(&m.river, &challenge, "Cost?").await;
        m.call(m.act_on(&m.author, &late, "merge", json!({ "into": one }))).await.expect(200);
        assert!(m.tasks(&m.author).await.is_empty(), "there is an answer already");
        let told = m.mails_of("question_answered_before").await;
        assert_eq!((names(&told), &told[0].1["number"]), (vec![&*m.river.bidder.name], &json!(1)));
    }

    async fn what_was_merged_waits_again_when_the_other_question_gets_no_answer(backend: Backend) {
        let m = Marketplace::new(backend).await;
        let challenge = m.published().await;
        let mut asked = Vec::new();
        for company in [&m.calm, &m.river, &m.river, &m.river] {
            asked.push(m.ask(company, &challenge, "Who pays?").await);
        }
        let merge = |from: &str, into: &str| m.act_on(&m.author, from, "merge", json!({ "into": into }));
        m.call(merge(&asked[2], &asked[1])).await.expect(200);
        m.call(merge(&asked[1], &asked[0])).await.expect(200);
        m.call(merge(&asked[3], &asked[2])).await.expect_problem(422, "invalid");
        m.call(merge(&asked[0], &asked[0])).await.expect_problem(422, "invalid");
        let of = |question: &str| format!("/questions/{question}");
        assert_eq!(m.see(&m.author, &of(&asked[2])).await["mergedInto"], json!(asked[0]));
        m.call(m.calm.bidder.act(&format!("/questions/{}/withdraw", asked[0]))).await.expect(200);
        for question in &asked[1..] {
            let seen = m.see(&m.author, &of(question)).await;
            assert_eq!((&seen["status"], &seen["mergedInto"]), (&json!("asked"), &Value::Null));
        }
        m.call(m.author.get(&of(&asked[0]))).await.expect_problem(404, "not_found");
        assert_eq!(m.tasks(&m.author).await.len(), 3);
        m.call(merge(&asked[2], &asked[1])).await.expect(200);
        let reason = json!({ "reason": "It is about something else." });
        let declined = m.call(m.act_on(&m.officer, &asked[1], "decline", reason)).await.expect(200).body;
        assert_eq!(declined["declineReason"], "It is about something else.");
        assert_eq!(m.see(&m.author, &of(&asked[2])).await["status"], "asked");
        assert_eq!(m.see(&m.river.bidder, &of(&asked[1])).await["declineReason"], "It is about something else.");
        let told = m.mails_of("question_declined").await;
        assert_eq!(names(&told), [&*m.river.bidder.name]);
        m.call(m.calm.bidder.get(&of(&asked[1]))).await.expect_problem(404, "not_found");
    }

    async fn a_published_answer_is_corrected_with_its_former_words_kept(backend: Backend) {
        let m = Marketplace::new(backend).await;
        let challenge = m.published().await;
        let id = m.ask(&m.calm, &challenge, "Who pays?").await;
        m.answer(&challenge, &id, "We do.").await;
        let path = format!("/questions/{id}/correct");
        let correct = |version: i64, answer: &str| {
            let body = json!({ "wording": { "answer": answer }, "reason": "It was wrong." });
            m.officer.post(&path, body).insert_header(("if-match", format!("\"{version}\"")))
        };
        m.call(correct(2, "They do.")).await.expect_problem(412, "stale");
        m.call(correct(3, "We do.")).await.expect_problem(422, "invalid");
        let corrected = m.call(correct(3, "They do.")).await.expect(200).body;
        assert_eq!((&corrected["revision"], &corrected["number"]), (&json!(2), &json!(1)));
        let versions = m.call(get(&format!("/questions/{id}/versions"))).await.expect(200).body;
        let told: Vec<_> = versions["items"].as_array().unwrap().iter().map(|v| (v["answer"].clone(), v["reason"].clone())).collect();
        assert_eq!(told, [(json!("They do."), json!("It was wrong.")), (json!("We do."), Value::Null)]);
        assert_eq!(m.told_about(&id).await, ["question.answered", "question.answer_corrected"]);
        let news: Vec<_> = m.mails_of("challenge_news").await.into_iter().map(|(_, mail)| mail["news"]["what"].clone()).collect();
        assert_eq!(news.iter().filter(|what| **what == "answer_corrected").count(), 1);
        m.call(m.author.patch(&format!("/questions/{id}"), 4, json!({ "answer": "No." }))).await.expect_problem(409, "wrong_state");
        m.call(m.calm.bidder.act(&format!("/questions/{id}/withdraw"))).await.expect_problem(409, "wrong_state");
    }

    async fn all_answers_of_a_batch_are_published_or_none(backend: Backend) {
        let m = Marketplace::new(backend).await;
        let (challenge, other) = (m.published().await, m.published().await);
        let (one, two) = (m.ask(&m.calm, &challenge, "One?").await, m.ask(&m.calm, &challenge, "Two?").await);
        let elsewhere = m.ask(&m.calm, &other, "Elsewhere?").await;
        m.draft_answer(&one, "Yes.").await;
        for (batch, pointer, code) in [
            (vec![(&*one, 2), (&*two, 1)], "/questions/1/answer", "required"),
            (vec![(&*one, 1)], "/questions/0/version", "stale"),
            (vec![(&*one, 2), (&*one, 2)], "/questions", "duplicate"),
            (vec![(&*one, 2), (&*elsewhere, 1)], "/questions/1/id", "unknown"),
        ] {
            let refused = m.publish_answers(&challenge, &batch).await.expect_problem(422, "invalid").body;
            assert_eq!((&refused["errors"][0]["pointer"], &refused["errors"][0]["code"]), (&json!(pointer), &json!(code)));
        }
        assert!(m.questions(&m.river.bidder, &challenge).await.is_empty());
        let draft = json!({ "answer": "Yes.", "changesScope": true });
        m.call(m.author.patch(&format!("/questions/{two}"), 1, draft)).await.expect(200);
        let refused = m.publish_answers(&challenge, &[(&one, 2), (&two, 2)]).await.expect_problem(422, "invalid").body;
        assert_eq!((&refused["errors"][0]["pointer"], &refused["errors"][0]["code"]), (&json!("/questions/1/changeNotice"), &json!("required")));
    }

    async fn an_answer_that_changes_the_scope_names_a_later_change_notice_of_its_challenge(backend: Backend) {
        let m = Marketplace::new(backend).await;
        let (challenge, other) = (m.published().await, m.published().await);
        let earlier = m.change_materially(&challenge).await.id();
        let id = m.ask(&m.calm, &challenge, "Are three sites needed?").await;
        let elsewhere = m.change_materially(&other).await.id();
        let immaterial = m.change(&challenge, json!({ "summary": "Two sites." })).await.expect(201).id();
        let more_time = m.deadline(&challenge).await + chrono::TimeDelta::days(12);
        let later = m.change(&challenge, json!({ "pilots": 2, "submissionDeadline": more_time })).await.expect(201).id();
        let path = format!("/questions/{id}");
        let draft = |version: i64, notice: &Value| {
            let body = json!({ "answer": "No, two.", "changesScope": true, "changeNotice": notice });
            m.author.patch(&path, version, body)
        };
        for wrong in [json!(earlier), json!(elsewhere), json!(challenge), json!(immaterial)] {
            let refused = m.call(draft(1, &wrong)).await.expect_problem(422, "invalid").body;
            assert_eq!((&refused["errors"][0]["pointer"], &refused["errors"][0]["code"]), (&json!("/changeNotice"), &json!("unknown")));
        }
        let untied = m.author.patch(&path, 1, json!({ "changesScope": false, "changeNotice": later }));
        let refused = m.call(untied).await.expect_problem(422, "invalid").body;
        assert_eq!(refused["errors"][0]["code"], "not_allowed");
        m.call(draft(1, &json!(later))).await.expect(200);
        m.publish_answers(&challenge, &[(&id, 2)]).await.expect(200);
        let public = m.call(get(&path)).await.expect(200).body;
        assert_eq!((&public["changesScope"], &public["changeNotice"]), (&json!(true), &json!(later)));
        let correction = json!({ "wording": { "answer": "No.", "changeNotice": null }, "reason": "Shorter." });
        let correct = m.officer.post(&format!("{path}/correct"), correction).insert_header(("if-match", "\"3\""));
        let refused = m.call(correct).await.expect_problem(422, "invalid").body;
        assert_eq!((&refused["errors"][0]["pointer"], &refused["errors"][0]["code"]), (&json!("/changeNotice"), &json!("required")));
    }

    async fn questions_come_page_by_page_published_ones_first(backend: Backend) {
        let m = Marketplace::new(backend).await;
        let challenge = m.published().await;
        let mut asked = Vec::new();
        for i in 0..5 {
            asked.push(m.ask(&m.calm, &challenge, &format!("{i}?")).await);
        }
        for i in [3, 1] {
            m.answer(&challenge, &asked[i], "Yes.").await;
        }
        let expected = [3, 1, 0, 2, 4].map(|i| asked[i].clone());
        for (who, shown) in [(&m.author, 5), (&m.calm.bidder, 5), (&m.river.bidder, 2)] {
            for limit in 1..4 {
                let first = format!("/challenges/{challenge}/questions?limit={limit}");
                let (mut path, mut seen) = (first.clone(), Vec::new());
                loop {
                    let page = m.see(who, &path).await;
                    assert!(page["items"].as_array().unwrap().len() <= limit);
                    seen.extend(ids(page["items"].as_array().unwrap()).into_iter().map(ToOwned::to_owned));
                    let Some(next) = page["next"].as_str() else { break };
                    path = format!("{first}&after={next}");
                }
                assert_eq!(seen, expected[..shown], "{} {limit}", who.name);
            }
        }
    }

    async fn questions_end_when_the_agency_said_or_the_minimum_periods_demand(backend: Backend) {
        let mut m = Marketplace::new(backend).await;
        let in_days = |m: &Marketplace, days| (m.app.now() + TimeDelta::days(days)).to_rfc3339_opts(SecondsFormat::Secs, true);
        let (usual, planned) = (m.draft().await, m.draft().await);
        let dates = json!({ "questionsUntil": in_days(&m, 3), "answersBy": in_days(&m, 4) });
        m.edit(&planned, json!({ "plannedDates": dates })).await.expect(200);
        m.call(m.calm.bidder.post(&format!("/challenges/{usual}/questions"), question(&m.calm, "?"))).await.expect_problem(404, "not_found");
        for id in [&usual, &planned] {
            m.publish(id).await;
        }
        m.ask(&m.calm, &planned, "Who pays?").await;
        let task = m.tasks(&m.author).await.remove(0);
        assert!(crate::obligations::instant(&task["dueAt"]) <= dates["answersBy"].as_str().unwrap().parse::<chrono::DateTime<chrono::Utc>>().unwrap());
        m.advance(TimeDelta::days(3)).await;
        let ask = |m: &Marketplace, challenge: &str| {
            m.calm.bidder.post(&format!("/challenges/{challenge}/questions"), question(&m.calm, "Who pays?"))
        };
        let refused = m.call(ask(&m, &planned)).await.expect_problem(409, "questions_ended");
        assert!(refused.text.contains(dates["questionsUntil"].as_str().unwrap()), "{}", refused.text);
        m.call(ask(&m, &usual)).await.expect(201);
        let timeline = m.see(&m.calm.bidder, &format!("/challenges/{usual}/timeline")).await;
        m.advance_to(crate::obligations::instant(&timeline["questionsUntil"]["endsAt"])).await;
        m.call(ask(&m, &usual)).await.expect_problem(409, "questions_ended");
        m.advance(TimeDelta::days(20)).await;
        m.call(ask(&m, &usual)).await.expect_problem(409, "deadline_passed");
    }

    async fn a_company_has_at_most_fifty_questions_waiting_however_fast_it_asks(backend: Backend) {
        let m = Marketplace::new(backend).await;
        let challenge = m.published().await;
        let path = format!("/challenges/{challenge}/questions");
        let ask = |i: usize| m.call(m.calm.bidder.post(&path, question(&m.calm, &format!("{i}?"))));
        for i in 0..46 {
            ask(i).await.expect(201);
        }
        let answers = all_at_once((46..54).map(ask)).await;
        let taken = answers.iter().filter(|answer| answer.status == 201).count();
        let refused = answers.iter().filter(|answer| answer.body["code"] == "too_many").count();
        assert_eq!((taken, refused), (4, 4));
        m.ask(&m.river, &challenge, "May we?").await;
        let list = m.see(&m.calm.bidder, &format!("{path}?limit=200")).await;
        let first = list["items"][0]["id"].as_str().unwrap();
        m.call(m.calm.bidder.act(&format!("/questions/{first}/withdraw"))).await.expect(200);
        m.ask(&m.calm, &challenge, "Another?").await;
    }

    async fn numbers_have_no_gaps_however_many_publish_at_once(backend: Backend) {
        let m = Marketplace::new(backend).await;
        let challenge = m.published().await;
        let mut asked = Vec::new();
        for i in 0..12 {
            asked.push(m.ask(&m.calm, &challenge, &format!("{i}?")).await);
            m.draft_answer(&asked[i], "Yes.").await;
        }
        let path = format!("/challenges/{challenge}/questions/publish-answers");
        let publish = |batch: Vec<(&str, i64)>| m.call(m.officer.post(&path, chosen(&batch)));
        let both: Vec<_> = asked.chunks(2).flat_map(|pair| {
            let batch: Vec<_> = pair.iter().map(|id| (&**id, 2)).collect();
            [publish(batch.clone()), publish(batch)]
        }).collect();
        let answers = all_at_once(both).await;
        assert_eq!(answers.iter().filter(|answer| answer.status == 200).count(), 6, "each once");
        let list = m.questions(&m.river.bidder, &challenge).await;
        let numbers: Vec<_> = list.iter().map(|question| question["number"].as_i64().unwrap()).collect();
        assert_eq!(numbers, (1..=12).collect::<Vec<_>>());
    }

    async fn what_people_write_is_text_and_nothing_else(backend: Backend) {
        let m = Marketplace::new(backend).await;
        let challenge = m.published().await;
        let hostile = "<script>alert(1)</script> '; DROP TABLE questions; -- \u{202e}\n% _ \\ \"quoted\" \u{1f600}";
        let id = m.ask(&m.calm, &challenge, hostile).await;
        m.answer(&challenge, &id, hostile).await;
        let public = m.call(get(&format!("/questions/{id}"))).await.expect(200).body;
        assert_eq!((&public["question"], &public["answer"]), (&json!(hostile), &json!(hostile)));
        let path = format!("/challenges/{challenge}/questions");
        for body in [
            question(&m.calm, ""),
            question(&m.calm, " \n"),
            question(&m.calm, &"x".repeat(4001)),
            json!({ "company": m.calm.id, "text": "?", "asker": "Ana" }),
            json!({ "company": m.river.id, "text": "?" }),
            json!({ "company": "calm", "text": "?" }),
        ] {
            m.call(m.calm.bidder.post(&path, body)).await.expect_problem(422, "invalid");
        }
        m.call(m.calm.bidder.post(&path, question(&m.calm, &"é".repeat(4000)))).await.expect(201);
        m.call(get(&format!("/challenges/{challenge}/questions?after=x"))).await.expect_problem(400, "invalid_cursor");
    }
}
