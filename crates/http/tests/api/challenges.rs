//! From the draft to the cancellation: what each step demands, and that nothing else moves a challenge.

use crate::{
    app::{Person, Response, get},
    marketplace::Marketplace,
};
use actix_web::test::TestRequest;
use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use serde_json::{Value, json};
use testing::Backend;

fn moment(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn rfc3339(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}

/// The wrong fields of an answer, with their codes.
fn problems(answer: &Response) -> Vec<(String, String)> {
    assert_eq!((answer.status.as_u16(), &answer.body["code"]), (422, &json!("invalid")), "{}", answer.text);
    let mut fields = answer.fields();
    fields.sort();
    fields
}

fn problem(pointer: &str, code: &str) -> (String, String) {
    (pointer.to_owned(), code.to_owned())
}

async fn submit_for_review(m: &Marketplace, challenge: &str) -> Response {
    m.call(m.author.act(&format!("/challenges/{challenge}/submit-for-review"))).await
}

async fn act(m: &Marketplace, who: &Person, challenge: &str, action: &str) -> Response {
    m.call(who.act(&format!("/challenges/{challenge}/{action}"))).await
}

async fn name_panel(m: &Marketplace, challenge: &str, panel: Value) -> Response {
    let request = TestRequest::put().uri(&format!("/api/v1/challenges/{challenge}/panel"));
    m.call(m.author.sign(request).set_json(panel)).await
}

testing::on_both! {
    async fn every_gap_of_a_draft_is_listed_with_its_place(backend: Backend) {
        let m = Marketplace::new(backend).await;
        let body = json!({ "agency": m.agency, "content": { "title": "Only a title" } });
        let id = m.call(m.author.post("/challenges", body)).await.expect(201).id();
        let gaps = [
            ("/budgetCeiling", "required"),
            ("/criteria", "required"),
            ("/criteria", "weights_not_100"),
            ("/outcomes", "required"),
            ("/priceWeight", "required"),
            ("/problem/affected", "required"),
            ("/problem/currentCost", "required"),
            ("/problem/evidence", "required"),
            ("/problem/pain", "required"),
            ("/problem/tried", "required"),
            ("/submissionDeadline", "required"),
            ("/summary", "required"),
        ];
        let gaps: Vec<_> = gaps.into_iter().map(|(pointer, code)| problem(pointer, code)).collect();
        assert_eq!(problems(&submit_for_review(&m, &id).await), gaps);
        assert_eq!(m.status(&id).await, "draft");
    }

    async fn a_single_gap_is_enough_to_be_refused(backend: Backend) {
        let m = Marketplace::new(backend).await;
        let past = rfc3339(m.app.now() - TimeDelta::days(1));
        let blank = |part: &str| {
            let mut problem = m.content()["problem"].clone();
            problem[part] = json!("  ");
            json!({ "problem": problem })
        };
        let criteria = |first: &str| {
            let mut criteria = m.content()["criteria"].clone();
            criteria[0]["weight"] = json!(first);
            json!({ "criteria": criteria })
        };
        let first = |changes: Value| {
            let mut criteria = m.content()["criteria"].clone();
            criteria[0].as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
            json!({ "criteria": criteria })
        };
        let anchors = |scores: &[&str]| {
            let anchor = |score: &&str| json!({ "score": score, "meaning": "Good." });
            first(json!({ "anchors": scores.iter().map(anchor).collect::<Vec<_>>() }))
        };
        let stages = |kinds: &[&str]| {
            let stage = |kind: &&str| json!({ "kind": kind, "gate": "It works." });
            json!({ "stages": kinds.iter().map(stage).collect::<Vec<_>>() })
        };
        let contact = |email: &str| json!({ "contacts": [{ "name": "Innovation desk", "email": email }] });
        let dates = |days: &[(&str, i64)]| {
            let date = |(name, days): &(&str, i64)| {
                ((*name).to_owned(), json!(rfc3339(m.app.now() + TimeDelta::days(*days))))
            };
            json!({ "plannedDates": days.iter().map(date).collect::<serde_json::Map<_, _>>() })
        };
        let cases = [
            (json!({ "summary": " " }), "/summary", "required"),
            (blank("pain"), "/problem/pain", "required"),
            (blank("tried"), "/problem/tried", "required"),
            (json!({ "outcomes": [] }), "/outcomes", "required"),
            (json!({ "budgetCeiling": { "amount": "0", "currency": "EUR" } }), "/budgetCeiling", "required"),
            (json!({ "submissionDeadline": past }), "/submissionDeadline", "in_the_past"),
            (criteria("39.99"), "/criteria", "weights_not_100"),
            (criteria("40.01"), "/criteria", "weights_not_100"),
            (json!({ "priceWeight": "29.5" }), "/criteria", "weights_not_100"),
            (json!({ "submissionDeadline": null }), "/submissionDeadline", "required"),
            (json!({ "budgetCeiling": null }), "/budgetCeiling", "required"),
            (first(json!({ "name": "Safe to try" })), "/criteria/1/name", "duplicate"),
            (first(json!({ "name": " " })), "/criteria/0/name", "required"),
            (first(json!({ "maximum": "0", "minimum": "0" })), "/criteria/0/maximum", "out_of_range"),
            (first(json!({ "minimum": "5.01" })), "/criteria/0/minimum", "out_of_range"),
            (anchors(&["1", "5.01"]), "/criteria/0/anchors/1/score", "out_of_range"),
            (anchors(&["3", "3"]), "/criteria/0/anchors/1/score", "wrong_order"),
            (stages(&["pilot", "explore"]), "/stages/1/kind", "wrong_order"),
            (json!({ "sponsor": { "name": "", "position": "Mayor" } }), "/sponsor/name", "required"),
            (json!({ "confidentiality": { "agreement": "" } }), "/confidentiality/agreement", "required"),
            (contact("nobody"), "/contacts/0/email", "wrong_format"),
            (json!({ "cpvCodes": ["48000000", "48000000-8"] }), "/cpvCodes/1", "duplicate"),
            (dates(&[("questionsUntil", 6), ("answersBy", 5)]), "/plannedDates/questionsUntil", "wrong_order"),
            (dates(&[("questionsUntil", 15)]), "/plannedDates/questionsUntil", "period_too_short"),
            (dates(&[("answersBy", 15)]), "/plannedDates/answersBy", "period_too_short"),
            (dates(&[("answersBy", 17)]), "/plannedDates/answersBy", "wrong_order"),
        ];
        for (change, pointer, code) in cases {
            let id = m.draft_with(change).await;
            assert_eq!(problems(&submit_for_review(&m, &id).await), [problem(pointer, code)]);
        }
        let id = m.draft_with(json!({ "priceWeight": null })).await;
        let missing = [problem("/criteria", "weights_not_100"), problem("/priceWeight", "required")];
        assert_eq!(problems(&submit_for_review(&m, &id).await), missing);
        let fixed = json!({ "priceFormula": "fixed", "priceWeight": "30" });
        let id = m.draft_with(fixed).await;
        assert_eq!(problems(&submit_for_review(&m, &id).await), [problem("/priceWeight", "not_allowed")]);
    }

    async fn a_fixed_price_has_no_weight_and_the_criteria_sum_to_100_alone(backend: Backend) {
        let m = Marketplace::new(backend).await;
        let mut criteria = m.content()["criteria"].clone();
        criteria[0]["weight"] = json!("70");
        let id = m.draft_with(json!({ "priceFormula": "fixed", "criteria": criteria })).await;
        assert_eq!(m.challenge(&id).await["priceWeight"], Value::Null);
        submit_for_review(&m, &id).await.expect(200);
    }

    async fn what_even_a_draft_must_not_contain_is_refused_at_once(backend: Backend) {
        let m = Marketplace::new(backend).await;
        let id = m.draft().await;
        let before = m.challenge(&id).await;
        let criterion = |changes: Value| {
            let mut criterion = m.content()["criteria"][0].clone();
            for (name, value) in changes.as_object().unwrap() {
                criterion[name] = value.clone();
            }
            criterion
        };
        let budget = |amount: &str, currency: &str| {
            json!({ "budgetCeiling": { "amount": amount, "currency": currency } })
        };
        let cases = [
            (json!({ "title": " " }), "/title", "required"),
            (json!({ "zone": "Europe/Atlantis" }), "/zone", "unknown"),
            (json!({ "tieRule": "lot" }), "/tieRule", "unknown"),
            (json!({ "tieRule": "higher_on:Nothing" }), "/tieRule", "unknown"),
            (budget("1", "XQX"), "/budgetCeiling/currency", "unknown"),
            (budget("1.005", "EUR"), "/budgetCeiling/amount", "wrong_format"),
            (json!({ "criteria": [criterion(json!({ "weight": "0" }))] }), "/criteria/0/weight", "out_of_range"),
        ];
        for (change, pointer, code) in cases {
            let answer = m.edit(&id, change).await;
            assert!(problems(&answer).contains(&problem(pointer, code)), "{pointer}: {}", answer.text);
        }
        assert_eq!(m.challenge(&id).await, before);
    }

    async fn an_edit_changes_what_it_names_and_keeps_the_rest(backend: Backend) {
        let m = Marketplace::new(backend).await;
        let id = m.draft().await;
        let before = m.challenge(&id).await;
        let after = m.edit(&id, json!({ "title": "Another title", "pilots": 3 })).await.expect(200).body;
        assert_eq!(after["version"].as_i64(), before["version"].as_i64().map(|version| version + 1));
        let mut expected = before.clone();
        for field in ["title", "pilots", "version"] {
            expected[field] = after[field].clone();
        }
        assert_eq!((&after, &after["title"], &after["pilots"]), (&expected, &json!("Another title"), &json!(3)));
        let mut criteria = before["criteria"].clone();
        criteria[1]["weight"] = json!("25");
        let new = json!({ "name": "New", "description": "", "weight": "5", "maximum": "10" });
        criteria.as_array_mut().unwrap().push(new);
        let changed = m.edit(&id, json!({ "criteria": criteria, "tieRule": "higher_on:New" })).await.expect(200).body;
        assert_eq!(changed["criteria"][0], before["criteria"][0]);
        assert_eq!(changed["criteria"][1]["id"], before["criteria"][1]["id"]);
        assert_eq!((&changed["criteria"][2]["name"], &changed["tieRule"]), (&json!("New"), &json!("higher_on:New")));
        assert_eq!(m.challenge(&id).await, changed);
        m.edit(&id, json!({ "criteria": before["criteria"] })).await.expect(200);
        assert_eq!(problems(&submit_for_review(&m, &id).await), [problem("/tieRule", "unknown")]);
    }

    async fn who_wrote_a_challenge_cannot_approve_it_whatever_the_role(backend: Backend) {
        let m = Marketplace::new(backend).await;
        let author = crate::steps::join(&m.app, &m.owner, &m.agency, "Both Roles", &["author", "officer"]).await;
        let editor = crate::steps::join(&m.app, &m.owner, &m.agency, "Edit Officer", &["author", "officer"]).await;
        let body = json!({ "agency": m.agency, "content": m.content() });
        let id = m.call(author.post("/challenges", body)).await.expect(201).id();
        let panel = json!({
            "chair": m.chair.id, "evaluators": [m.chair.id, m.evaluator.id],
            "openingCommittee": [m.officer.id, m.second_officer.id],
        });
        name_panel(&m, &id, panel).await.expect(200);
        m.call(editor.patch(&format!("/challenges/{id}"), 1, json!({ "title": "Better" }))).await.expect(200);
        submit_for_review(&m, &id).await.expect(200);
        act(&m, &author, &id, "approve").await.expect_problem(403, "four_eyes");
        act(&m, &editor, &id, "approve").await.expect_problem(403, "four_eyes");
        assert_eq!(m.status(&id).await, "in_review");
        act(&m, &m.officer, &id, "approve").await.expect(200);
    }

    async fn changes_go_back_and_forth_until_the_officer_is_content(backend: Backend) {
        let m = Marketplace::new(backend).await;
        let id = m.draft().await;
        submit_for_review(&m, &id).await.expect(200);
        let path = format!("/challenges/{id}/request-changes");
        let asked = m.call(m.officer.post(&path, json!({ "comment": "Say what it costs." }))).await.expect(200).body;
        assert_eq!(asked["status"], "changes_requested");
        assert_eq!(asked["reviewComment"], "Say what it costs.");
        m.edit(&id, json!({ "summary": "It costs." })).await.expect(200);
        submit_for_review(&m, &id).await.expect(200);
        let approved = act(&m, &m.officer, &id, "approve").await.expect(200).body;
        assert_eq!((&approved["status"], &approved["reviewComment"]), (&json!("approved"), &Value::Null));
        let published = act(&m, &m.officer, &id, "publish").await.expect(200).body;
        assert!(!published["publishedAt"].is_null());
        assert_eq!(m.call(get(&format!("/challenges/{id}"))).await.expect(200).body["status"], "published");
        assert_eq!(m.told_about(&id).await, ["challenge.published"]);
    }

    async fn a_panel_names_people_who_may_do_what_it_takes(backend: Backend) {
        let m = Marketplace::new(backend).await;
        let id = m.draft().await;
        let before = m.see(&m.author, &format!("/challenges/{id}/panel")).await;
        let (chair, other, officer, second) = (m.chair.id, m.evaluator.id, m.officer.id, m.second_officer.id);
        let unknown = crate::reads::UNKNOWN;
        let panel = |chair: Value, evaluators: Value, opening_committee: Value| {
            json!({ "chair": chair, "evaluators": evaluators, "openingCommittee": opening_committee })
        };
        let opened_by = |people: Value| panel(json!(chair), json!([chair, other]), people);
        let cases = [
            (panel(json!(officer), json!([chair, other]), json!([officer, second])), "/chair", "not_allowed"),
            (panel(json!(chair), json!([chair, chair]), json!([officer, second])), "/evaluators/1", "duplicate"),
            (panel(json!(chair), json!([chair, unknown]), json!([officer, second])), "/evaluators/1", "unknown"),
            (opened_by(json!([officer, officer])), "/openingCommittee/1", "duplicate"),
            (opened_by(json!([m.author.id, officer])), "/openingCommittee/0", "not_allowed"),
            (opened_by(json!([officer, m.calm.bidder.id])), "/openingCommittee/1", "not_allowed"),
        ];
        for (panel, pointer, code) in cases {
            assert_eq!(problems(&name_panel(&m, &id, panel).await), [problem(pointer, code)]);
        }
        assert_eq!(m.see(&m.author, &format!("/challenges/{id}/panel")).await, before);
    }

    async fn nothing_is_approved_without_two_evaluators_a_chair_and_two_to_open(backend: Backend) {
        let m = Marketplace::new(backend).await;
        let (chair, other, officer, second) = (m.chair.id, m.evaluator.id, m.officer.id, m.second_officer.id);
        let incomplete = [
            json!({ "chair": null, "evaluators": [], "openingCommittee": [] }),
            json!({ "chair": null, "evaluators": [chair, other], "openingCommittee": [officer, second] }),
            json!({ "chair": chair, "evaluators": [chair], "openingCommittee": [officer, second] }),
            json!({ "chair": chair, "evaluators": [chair, other], "openingCommittee": [officer] }),
        ];
        let id = m.draft().await;
        submit_for_review(&m, &id).await.expect(200);
        for panel in incomplete {
            name_panel(&m, &id, panel).await.expect(200);
            act(&m, &m.officer, &id, "approve").await.expect_problem(409, "incomplete");
        }
        assert_eq!(m.status(&id).await, "in_review");
    }

    async fn a_deadline_at_the_end_of_the_minimum_period_is_published_and_one_second_earlier_is_not(backend: Backend) {
        let mut m = Marketplace::new(backend).await;
        // Monday 24 March 2031, winter time in Ljubljana; summer time begins on 30 March. Ten days later is Thursday
        // 3 April, which ends at 22:00 UTC.
        m.advance_to(moment("2031-03-24T12:00:00Z")).await;
        let earliest = moment("2031-04-03T22:00:00Z");
        let too_early = [problem("/submissionDeadline", "period_too_short")];
        let early = m.draft_with(json!({ "submissionDeadline": rfc3339(earliest - TimeDelta::seconds(1)) })).await;
        assert_eq!(problems(&submit_for_review(&m, &early).await), too_early);
        assert_eq!(m.status(&early).await, "draft");
        let open_pilot = json!({ "submissionDeadline": rfc3339(earliest), "procedure": "open_pilot" });
        let longer = m.draft_with(open_pilot).await;
        assert_eq!(problems(&submit_for_review(&m, &longer).await), too_early);
        let late = m.draft_with(json!({ "submissionDeadline": rfc3339(earliest) })).await;
        submit_for_review(&m, &late).await.expect(200);
        act(&m, &m.officer, &late, "approve").await.expect(200);
        let just = m.draft_with(json!({ "submissionDeadline": rfc3339(earliest) })).await;
        m.publish(&just).await;
        assert_eq!(m.status(&just).await, "published");
        m.advance_to(moment("2031-03-25T12:00:00Z")).await;
        assert_eq!(problems(&act(&m, &m.officer, &late, "publish").await), too_early, "a day later it is too short");
        assert_eq!(m.status(&late).await, "approved");
    }

    async fn an_agency_publishes_only_once_it_is_verified(backend: Backend) {
        let m = Marketplace::new(backend).await;
        let owner = m.app.person("Una Owner").await;
        let agency = crate::marketplace::organisation(&m.app, &owner, "agency", "Unverified Agency").await;
        let join = |name: &'static str, role: &'static str| {
            let (m, owner, agency) = (&m, &owner, &agency);
            async move { crate::steps::join(&m.app, owner, agency, name, &[role]).await }
        };
        let (author, officer) = (join("Una Author", "author").await, join("Una Officer", "officer").await);
        let second = join("Una Second", "officer").await;
        let body = json!({ "agency": agency, "content": m.content() });
        let id = m.call(author.post("/challenges", body)).await.expect(201).id();
        let panel = json!({
            "chair": m.chair.id, "evaluators": [m.chair.id, m.evaluator.id],
            "openingCommittee": [officer.id, second.id],
        });
        let request = TestRequest::put().uri(&format!("/api/v1/challenges/{id}/panel"));
        m.call(author.sign(request).set_json(panel)).await.expect(200);
        m.introduce_key(&officer).await;
        m.introduce_key(&second).await;
        m.call(author.post(&format!("/challenges/{id}/rehearsal"), json!({}))).await.expect(200);
        m.rehearse_as(&officer, &id).await.expect(200);
        m.rehearse_as(&second, &id).await.expect(200);
        m.step(&author, &id, "submit-for-review").await;
        m.step(&officer, &id, "approve").await;
        act(&m, &officer, &id, "publish").await.expect_problem(409, "organisation_unverified");
        m.call(get(&format!("/challenges/{id}"))).await.expect_problem(404, "not_found");
        let reason = json!({ "reason": "Checked." });
        m.call(m.administrator.post(&format!("/organisations/{agency}/verify"), reason)).await.expect(200);
        act(&m, &officer, &id, "publish").await.expect(200);
    }

    async fn a_cancellation_has_a_code_and_a_reason_for_everybody(backend: Backend) {
        let m = Marketplace::new(backend).await;
        for code in ["need_changed", "budget_withdrawn", "error_in_challenge", "legal_decision", "other"] {
            let id = m.published().await;
            let path = format!("/challenges/{id}/cancel");
            let blank = m.call(m.officer.post(&path, json!({ "code": code, "reason": " " }))).await;
            assert_eq!(problems(&blank), [problem("/reason", "required")]);
            let unknown = m.call(m.officer.post(&path, json!({ "code": "mood", "reason": "No." }))).await;
            assert_eq!(problems(&unknown), [problem("/code", "not_allowed")]);
            m.call(m.officer.post(&path, json!({ "code": code, "reason": "The law changed." }))).await.expect(200);
            let shown = m.call(get(&format!("/challenges/{id}"))).await.expect(200).body;
            assert_eq!((&shown["status"], &shown["endReasonCode"]), (&json!("cancelled"), &json!(code)));
            assert_eq!(shown["endReason"], "The law changed.");
            assert!(!shown["endedAt"].is_null());
            assert_eq!(m.told_about(&id).await, ["challenge.published", "challenge.cancelled"]);
            m.call(m.bid(&m.calm, &id, "100.00")).await.expect_problem(409, "wrong_state");
        }
    }
}
