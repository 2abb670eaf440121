//! The outage ledger, its certificates, and more time for bidders after an outage.

use crate::{
    app::{Person, TestApp, get, post},
    marketplace::Marketplace,
    steps::mails,
};
use actix_web::{http::header, test::TestRequest};
use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use domain::{OutageCause, OutagePolicy};
use receipts::{Certificate, KeyRing};
use serde_json::{Value, json};
use testing::Backend;

/// Gives a sign of life that comes so long after the last one, as the program does.
async fn beat_after(app: &TestApp, gap: TimeDelta, cause: OutageCause) -> Option<String> {
    let beat = app.db().write(move |conn| {
        let at = conn.now()? - conn.clock_offset() - gap;
        persistence::outages::put_beat(conn, at)?;
        application::outages::beat(conn, &OutagePolicy::default(), cause)
    });
    beat.await.unwrap().map(|id| id.to_string())
}

async fn beat(app: &TestApp) -> Option<String> {
    let beat =
        |conn: &mut persistence::Conn| application::outages::beat(conn, &OutagePolicy::default(), OutageCause::Stopped);
    app.db().write(beat).await.unwrap().map(|id| id.to_string())
}

async fn is_up_to_date(app: &TestApp) -> bool {
    app.db().read(|conn| application::outages::is_up_to_date(conn, &OutagePolicy::default())).await.unwrap()
}

/// Proposes extensions, as the background does, but with other last hours before a deadline.
pub async fn examine_within(m: &Marketplace, window: TimeDelta) {
    let policy = OutagePolicy { window, ..OutagePolicy::default() };
    for id in m.app.db().read(application::extensions::unexamined).await.unwrap() {
        let mut after = None;
        loop {
            let examined = m.app.db().write(move |conn| application::extensions::examine(conn, &policy, id, after));
            after = examined.await.unwrap();
            if after.is_none() {
                break;
            }
        }
    }
}

async fn examine(m: &Marketplace) {
    examine_within(m, OutagePolicy::default().window).await;
}

fn reported(from: DateTime<Utc>, until: DateTime<Utc>) -> Value {
    json!({ "startedAt": text(from), "endedAt": text(until), "text": "The line was cut." })
}

/// An outage that an administrator reports; gives its id.
pub async fn report(m: &Marketplace, from: DateTime<Utc>, until: DateTime<Utc>) -> String {
    m.call(m.administrator.post("/outages", reported(from, until))).await.expect(201).id()
}

fn text(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Micros, true)
}

fn instant(value: &Value) -> DateTime<Utc> {
    value.as_str().unwrap().parse().unwrap()
}

async fn ledger(m: &Marketplace) -> Vec<Value> {
    m.call(get("/outages")).await.expect(200).body["items"].as_array().unwrap().clone()
}

async fn proposals(m: &Marketplace, challenge: &str) -> Vec<Value> {
    let path = format!("/challenges/{challenge}/extension-proposals");
    m.see(&m.officer, &path).await["items"].as_array().unwrap().clone()
}

fn accept(who: &Person, challenge: &str, proposal: &Value) -> TestRequest {
    who.act(&format!("/challenges/{challenge}/extension-proposals/{}/accept", proposal["id"].as_str().unwrap()))
}

fn dismiss(who: &Person, challenge: &str, proposal: &Value, reason: &str) -> TestRequest {
    let path = format!("/challenges/{challenge}/extension-proposals/{}/dismiss", proposal["id"].as_str().unwrap());
    who.post(&path, json!({ "reason": reason }))
}

/// The service stops an hour before the deadline of a challenge and is there again an hour after it.
async fn stop_over_the_deadline(m: &mut Marketplace, challenge: &str) -> DateTime<Utc> {
    let deadline = m.deadline(challenge).await;
    m.advance_to(deadline + TimeDelta::hours(1)).await;
    beat_after(&m.app, TimeDelta::hours(2), OutageCause::Stopped).await.unwrap();
    deadline
}

testing::on_both! {
    async fn signs_of_life_leave_nothing_but_a_gap_between_them_does(backend: Backend) {
        let m = Marketplace::new(backend).await;
        assert!(is_up_to_date(&m.app).await, "there was no sign of life yet");
        let events = m.feed().await.len();
        for _ in 0..3 {
            assert_eq!(beat(&m.app).await, None);
        }
        m.app.advance(TimeDelta::hours(5));
        assert!(is_up_to_date(&m.app).await, "moving the clock of a demo is no outage");
        assert_eq!(beat(&m.app).await, None);
        assert_eq!(beat_after(&m.app, TimeDelta::seconds(29), OutageCause::Stopped).await, None);
        assert_eq!((ledger(&m).await.len(), m.feed().await.len()), (0, events));
        let before = m.app.now();
        let id = beat_after(&m.app, TimeDelta::minutes(83), OutageCause::UnreachableDatabase).await.unwrap();
        assert_eq!(beat(&m.app).await, None, "it is told once");
        let entries = ledger(&m).await;
        let [entry] = entries.as_slice() else { panic!("{entries:?}") };
        assert_eq!((&entry["id"], &entry["cause"], &entry["text"]), (&json!(id), &json!("unreachable_database"), &Value::Null));
        assert_eq!((&entry["durationSeconds"], &entry["notes"]), (&json!(83 * 60), &json!([])));
        assert!(instant(&entry["endedAt"]) >= before && entry["endedAt"] == entry["recordedAt"]);
        assert_eq!(&m.call(get(&format!("/outages/{id}"))).await.expect(200).body, entry);
        assert_eq!(m.told_about(&id).await, ["outage.recorded"]);
        m.call(get("/outages/0199f3a0-5b1c-7c3e-8a4d-2f6b9c0d1e2f")).await.expect_problem(404, "not_found");
    }

    async fn the_ledger_is_behind_until_the_gap_is_in_it(backend: Backend) {
        let m = Marketplace::new(backend).await;
        let long_ago = |conn: &mut persistence::Conn| {
            let at = conn.now()? - TimeDelta::hours(1);
            persistence::outages::put_beat(conn, at)
        };
        m.app.db().write(long_ago).await.unwrap();
        assert!(!is_up_to_date(&m.app).await);
        assert!(beat(&m.app).await.is_some());
        assert!(is_up_to_date(&m.app).await);
    }

    async fn administrators_report_and_annotate_and_nobody_takes_anything_out(backend: Backend) {
        let m = Marketplace::new(backend).await;
        let now = m.app.now();
        let hours = |hours| now - TimeDelta::hours(hours);
        let future = m.administrator.post("/outages", reported(hours(1), now + TimeDelta::hours(1)));
        let refused = m.call(future).await.expect_problem(422, "invalid");
        assert_eq!(refused.fields(), [("/endedAt".to_owned(), "in_future".to_owned())]);
        let id = report(&m, hours(5), hours(4)).await;
        let path = format!("/outages/{id}/notes");
        for words in ["It was the switch.", "No, the line."] {
            m.call(m.administrator.post(&path, json!({ "text": words }))).await.expect(201);
        }
        m.call(m.officer.post(&path, json!({ "text": "No." }))).await.expect_problem(403, "administrator_only");
        let entry = m.call(get(&format!("/outages/{id}"))).await.expect(200).body;
        assert_eq!((&entry["cause"], &entry["text"]), (&json!("reported"), &json!("The line was cut.")));
        let notes: Vec<_> = entry["notes"].as_array().unwrap().iter().map(|note| (note["number"].clone(), note["text"].clone())).collect();
        assert_eq!(notes, [(json!(1), json!("It was the switch.")), (json!(2), json!("No, the line."))]);
        assert_eq!(m.told_about(&id).await, ["outage.recorded", "outage.annotated", "outage.annotated"]);
        let deletion = m.administrator.delete(&format!("/outages/{id}"));
        m.call(deletion).await.expect_problem(405, "method_not_allowed");
        for (from, until) in [(3, 2), (9, 8), (9, 7)] {
            report(&m, hours(from), hours(until)).await;
        }
        let (mut seen, mut path) = (Vec::new(), "/outages?limit=1".to_owned());
        loop {
            let page = m.call(get(&path)).await.expect(200);
            seen.push(page.body["items"][0].clone());
            let Some(next) = page.body["next"].as_str() else { break };
            path = format!("/outages?limit=1&after={next}");
        }
        assert_eq!(seen, ledger(&m).await);
        let starts: Vec<_> = seen.iter().map(|entry| instant(&entry["startedAt"])).collect();
        assert!(starts.is_sorted_by(|one, next| one >= next) && starts.len() == 4, "{starts:?}");
    }

    async fn a_deadline_that_passed_during_an_outage_is_given_back_with_one_call(backend: Backend) {
        let mut m = Marketplace::new(backend).await;
        let (challenge, calm) = (m.published().await, "38500.00");
        m.call(m.bid(&m.calm, &challenge, calm)).await.expect(201);
        let deadline = stop_over_the_deadline(&mut m, &challenge).await;
        m.call(m.bid(&m.river, &challenge, "41000.00")).await.expect_problem(409, "deadline_passed");
        assert_eq!(m.run_scheduler().await, 1);
        examine(&m).await;
        examine(&m).await;
        let told: Vec<_> = mails(&m.app).await.into_iter().filter(|mail| mail.message["kind"] == "extension_proposed").collect();
        let mut names: Vec<_> = told.iter().map(|mail| mail.recipient_name.clone()).collect();
        names.sort();
        assert_eq!(names, ["Olivia Officer", "Otto Officer"], "each once");
        assert_eq!(told[0].message["link"], format!("/challenges/{challenge}/extension-proposals"));
        let tasks = m.tasks(&m.officer).await;
        assert_eq!((&tasks[0]["kind"], &tasks[0]["subject"]["kind"]), (&json!("decide_extension"), &json!("extension_proposal")));
        assert_eq!(tasks[0]["due"]["days"], 1);
        let found = proposals(&m, &challenge).await;
        let [proposal] = found.as_slice() else { panic!("{found:?}") };
        assert_eq!((&proposal["status"], instant(&proposal["submissionDeadline"])), (&json!("open"), deadline));
        assert!(proposal["extension"]["explanation"].as_str().unwrap().contains("120 minute(s)"), "{proposal}");
        assert_eq!(proposal["extension"]["workingDays"]["kind"], "working");
        m.bring(&m.officer, &challenge, "quality").await.expect_problem(409, "extension_pending");

        let accepted = m.call(accept(&m.officer, &challenge, proposal)).await.expect(200).body;
        assert_eq!((&accepted["status"], &accepted["changeNotice"]), (&json!("accepted"), &json!(1)));
        assert_eq!((m.status(&challenge).await, &m.challenge(&challenge).await["closedAt"]), ("published".into(), &Value::Null));
        let extended = m.deadline(&challenge).await;
        assert!(extended >= deadline + TimeDelta::hours(2) && extended >= m.app.now() + TimeDelta::hours(23));
        assert!(m.tasks(&m.officer).await.is_empty());
        m.call(accept(&m.officer, &challenge, proposal)).await.expect_problem(409, "wrong_state");
        let notice = m.call(get(&format!("/challenges/{challenge}/change-notices/1"))).await.expect(200).body;
        assert_eq!((&notice["code"], &notice["material"]), (&json!("outage"), &json!(false)));
        assert_eq!((instant(&notice["deadlineBefore"]), instant(&notice["submissionDeadline"])), (deadline, extended));
        assert_eq!(notice["changes"].as_array().unwrap().len(), 1, "{notice}");
        assert!(m.told_about(&challenge).await.ends_with(&["challenge.closed".into(), "challenge.changed".into(), "challenge.reopened".into()]));
        let news: Vec<_> = mails(&m.app).await.into_iter().filter(|mail| mail.message["news"]["what"] == "changed").collect();
        assert_eq!(news.iter().map(|mail| &*mail.recipient_name).collect::<Vec<_>>(), ["Bidder of Calm Signal"]);

        // The same request, with the same key, as the one that was refused.
        m.call(m.bid(&m.river, &challenge, "41000.00")).await.expect(201);
        m.advance_to(extended).await;
        m.bring(&m.officer, &challenge, "quality").await.expect_problem(409, "wrong_state");
        assert_eq!(m.run_scheduler().await, 1);
        m.open(&challenge).await;
        let bids = m.see(&m.officer, &format!("/challenges/{challenge}/bids")).await;
        assert_eq!(bids["items"].as_array().unwrap().len(), 2);
    }

    async fn what_takes_bids_again_owes_answers_again(backend: Backend) {
        let mut m = Marketplace::new(backend).await;
        let challenge = m.published().await;
        let (one, same) = (m.ask(&m.calm, &challenge, "Who pays?").await, m.ask(&m.river, &challenge, "Who pays then?").await);
        m.call(m.act_on(&m.author, &same, "merge", json!({ "into": one }))).await.expect(200);
        let declined = m.ask(&m.river, &challenge, "Why?").await;
        m.call(m.act_on(&m.author, &declined, "decline", json!({ "reason": "It is not about this." }))).await.expect(200);
        stop_over_the_deadline(&mut m, &challenge).await;
        let over = json!({ "overrideReason": "Nobody can answer it." });
        m.call(m.officer.post(&format!("/challenges/{challenge}/close"), over)).await.expect(200);
        assert!(m.tasks(&m.author).await.is_empty());
        examine(&m).await;
        let proposal = proposals(&m, &challenge).await.remove(0);
        m.call(accept(&m.officer, &challenge, &proposal)).await.expect(200);
        let owed = m.tasks(&m.author).await;
        let mut about: Vec<_> = owed.iter().map(|task| task["subject"]["id"].as_str().unwrap()).collect();
        about.sort_unstable();
        assert_eq!(about, [&one, &same]);
        assert!(owed.iter().all(|task| instant(&task["dueAt"]) > m.app.now()), "{owed:?}");
        m.answer(&challenge, &one, "We do.").await;
        assert!(m.tasks(&m.author).await.is_empty());
    }

    async fn an_opening_that_has_begun_waits_for_a_decision_and_is_not_taken_back(backend: Backend) {
        let mut m = Marketplace::new(backend).await;
        let challenge = m.published().await;
        let deadline = m.deadline(&challenge).await;
        m.advance_to(deadline + TimeDelta::hours(1)).await;
        m.run_scheduler().await;
        m.bring(&m.officer, &challenge, "quality").await.expect(200);
        report(&m, deadline - TimeDelta::minutes(9), deadline).await;
        examine(&m).await;
        m.bring(&m.second_officer, &challenge, "quality").await.expect_problem(409, "extension_pending");
        let proposal = proposals(&m, &challenge).await.remove(0);
        m.call(accept(&m.second_officer, &challenge, &proposal)).await.expect_problem(409, "wrong_state");
        m.call(dismiss(&m.officer, &challenge, &proposal, "Shares were handed out.")).await.expect(200);
        m.bring(&m.second_officer, &challenge, "quality").await.expect(200);
        assert_eq!(m.status(&challenge).await, "opened");
    }

    async fn what_is_opened_stays_opened(backend: Backend) {
        let mut m = Marketplace::new(backend).await;
        let (challenge, ..) = m.opened().await;
        let deadline = m.deadline(&challenge).await;
        report(&m, deadline - TimeDelta::minutes(9), deadline).await;
        examine(&m).await;
        assert!(proposals(&m, &challenge).await.is_empty());
    }

    async fn an_officer_who_gives_no_more_time_tells_everybody_why(backend: Backend) {
        let mut m = Marketplace::new(backend).await;
        let challenge = m.published().await;
        let deadline = stop_over_the_deadline(&mut m, &challenge).await;
        m.run_scheduler().await;
        examine(&m).await;
        let proposal = proposals(&m, &challenge).await.remove(0);
        m.call(dismiss(&m.officer, &challenge, &proposal, " ")).await.expect_problem(422, "invalid");
        m.call(dismiss(&m.author, &challenge, &proposal, "No.")).await.expect_problem(403, "role_missing");
        let dismissed = m.call(dismiss(&m.officer, &challenge, &proposal, "A court says so.")).await.expect(200).body;
        assert_eq!((&dismissed["status"], &dismissed["reason"]), (&json!("dismissed"), &json!("A court says so.")));
        assert_eq!((m.deadline(&challenge).await, m.status(&challenge).await), (deadline, "closed".into()));
        let feed = m.feed().await;
        let told = feed.iter().find(|event| event["type"] == "challenge.extension_dismissed").unwrap();
        assert_eq!(told["reason"], "A court says so.");
        assert!(m.tasks(&m.officer).await.is_empty());
        m.call(accept(&m.officer, &challenge, &proposal)).await.expect_problem(409, "wrong_state");
        m.open(&challenge).await;
    }

    async fn one_decision_settles_all_that_is_proposed_for_a_challenge(backend: Backend) {
        let mut m = Marketplace::new(backend).await;
        let (challenge, other) = (m.published().await, m.published().await);
        let deadline = m.deadline(&challenge).await;
        m.advance_to(deadline - TimeDelta::hours(1)).await;
        let hours = |hours| deadline - TimeDelta::hours(hours);
        for (from, until) in [(30, 25), (20, 10), (12, 2)] {
            report(&m, hours(from), hours(until)).await;
        }
        examine(&m).await;
        let found = proposals(&m, &challenge).await;
        assert_eq!(found.len(), 2, "the first was over before the last hours began");
        assert_eq!(m.tasks(&m.officer).await.len(), 4);
        let elsewhere = m.call(accept(&m.officer, &other, &found[0])).await;
        elsewhere.expect_problem(404, "not_found");
        m.call(accept(&m.officer, &challenge, &found[1])).await.expect(200);
        assert!(m.deadline(&challenge).await >= deadline + TimeDelta::hours(18));
        assert!(proposals(&m, &challenge).await.iter().all(|proposal| proposal["status"] == "accepted"));
        assert_eq!((m.tasks(&m.officer).await.len(), m.deadline(&other).await < deadline + TimeDelta::hours(1)), (2, true));
    }

    async fn nobody_else_learns_what_an_outage_touched(backend: Backend) {
        let mut m = Marketplace::new(backend).await;
        let (challenge, draft) = (m.published().await, m.draft().await);
        stop_over_the_deadline(&mut m, &challenge).await;
        examine(&m).await;
        let proposal = proposals(&m, &challenge).await.remove(0);
        assert_eq!(m.tasks(&m.officer).await.len(), 1, "the draft has the same deadline, and nobody bids on it");
        for path in ["/outages".to_owned(), format!("/outages/{}", proposal["outage"]["id"].as_str().unwrap())] {
            let shown = m.call(get(&path)).await.expect(200).text;
            assert!(!shown.contains(&challenge) && !shown.contains(&draft), "{shown}");
        }
        let path = format!("/challenges/{challenge}/extension-proposals");
        for stranger in [&m.calm.bidder, &m.administrator] {
            m.call(stranger.get(&path)).await.expect_problem(404, "not_found");
        }
        m.call(accept(&m.calm.bidder, &challenge, &proposal)).await.expect_problem(403, "role_missing");
        m.call(m.officer.get(&format!("/challenges/{draft}/extension-proposals"))).await.expect(200);
        m.call(m.calm.bidder.get(&format!("/challenges/{draft}/extension-proposals"))).await.expect_problem(404, "not_found");
        m.app.sequence().await;
        let feed = m.call(get("/events?limit=1000")).await.expect(200).text;
        assert!(!feed.contains("extension_proposed"), "{feed}");
    }

    async fn many_challenges_are_found_some_at_a_time(backend: Backend) {
        let m = Marketplace::new(backend).await;
        let challenge = m.published().await;
        let mut copies = vec![challenge];
        for _ in 0..2 {
            copies.push(m.published().await);
        }
        let now = m.app.now();
        report(&m, now - TimeDelta::hours(1), now).await;
        let id = m.app.db().read(application::extensions::unexamined).await.unwrap()[0];
        let (outage, window) = (id, TimeDelta::days(60));
        let found = m.app.db().read(move |conn| {
            let (outage, _) = persistence::outages::find(conn, outage)?;
            let (mut found, mut after) = (Vec::new(), None);
            loop {
                let page = persistence::outages::perhaps_touched(conn, &outage, window, after, 1)?;
                let Some(last) = page.last() else { return Ok::<_, persistence::Error>(found) };
                (after, found) = (Some(*last), [found, vec![last.1.to_string()]].concat());
            }
        });
        let (mut found, mut expected) = (found.await.unwrap(), copies);
        found.sort();
        expected.sort();
        assert_eq!(found, expected);
        examine_within(&m, window).await;
        assert_eq!(m.tasks(&m.officer).await.len(), 3);
        assert!(m.app.db().read(application::extensions::unexamined).await.unwrap().is_empty());
    }

    async fn anybody_gets_a_certificate_and_checks_it_without_the_server(backend: Backend) {
        let m = Marketplace::new(backend).await;
        let id = beat_after(&m.app, TimeDelta::minutes(83), OutageCause::Stopped).await.unwrap();
        m.call(m.administrator.post(&format!("/outages/{id}/notes"), json!({ "text": "Planned." }))).await.expect(201);
        let keys = KeyRing::parse(&m.call(get("/receipt-keys")).await.expect(200).text).unwrap();
        let path = format!("/outage-certificates/{id}");
        let given = m.call(get(&path)).await.expect(200);
        let certificate: Certificate = serde_json::from_value(given.body.clone()).unwrap();
        let said = certificate.verify(|id| keys.find(id)).unwrap();
        let entry = m.call(get(&format!("/outages/{id}"))).await.expect(200).body;
        assert_eq!((said.started_at, said.ended_at), (instant(&entry["startedAt"]), instant(&entry["endedAt"])));
        assert_eq!((said.outage.to_string(), &*said.cause, &*said.notes[0].text), (id.clone(), "stopped", "Planned."));
        let feed = m.feed().await;
        let recorded = feed.iter().find(|event| event["type"] == "outage.recorded").unwrap();
        assert_eq!(recorded["id"], said.event.to_string());
        assert_eq!(m.call(get(&format!("{path}.json"))).await.expect(200).body, given.body, "always the same");
        let changed = Certificate { payload: certificate.payload.replace("Planned.", "Plotted."), ..certificate };
        assert!(changed.verify(|id| keys.find(id)).is_err());
        let (headers, page) = m.app.download(get(&format!("{path}.html"))).await;
        let page = String::from_utf8(page).unwrap();
        assert!(headers.get(header::CONTENT_TYPE).unwrap().to_str().unwrap().starts_with("text/html"));
        assert!(page.contains("The service could not be used.") && page.contains("1 h 23 min"), "{page}");
        let (headers, file) = m.app.download(get(&path).insert_header((header::ACCEPT, "application/pdf"))).await;
        assert_eq!(headers.get(header::CONTENT_TYPE).unwrap(), "application/pdf");
        assert!(file.starts_with(b"%PDF-"));
        m.call(get(&format!("{path}.doc"))).await.expect_problem(404, "not_found");
        m.call(get("/outage-certificates/0199f3a0-5b1c-7c3e-8a4d-2f6b9c0d1e2f")).await.expect_problem(404, "not_found");
        let verdict = m.call(post("/receipts/verify", given.body)).await.expect(200).body;
        assert_eq!((&verdict["valid"], &verdict["reason"]), (&json!(false), &json!("not_a_receipt")));
    }
}
