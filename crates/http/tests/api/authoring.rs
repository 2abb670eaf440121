//! Writing a challenge: the checklist, the history, other languages, Markdown, and beginning from an earlier one.

use crate::{
    app::{Person, get, post},
    marketplace::Marketplace,
};
use chrono::TimeDelta;
use serde_json::{Value, json};
use testing::Backend;

/// The findings of a checklist: section, severity, pointer and code.
async fn findings(m: &Marketplace, challenge: &str) -> Vec<[String; 4]> {
    let checklist = m.see(&m.author, &format!("/challenges/{challenge}/checklist")).await;
    let mut found = Vec::new();
    for section in checklist["sections"].as_array().unwrap() {
        let listed = section["findings"].as_array().unwrap();
        let errors = listed.iter().filter(|finding| finding["severity"] == "error").count();
        assert_eq!(section["complete"], json!(errors == 0), "{section}");
        for finding in listed {
            let text = |name: &str| finding[name].as_str().unwrap().to_owned();
            assert!(!text("detail").is_empty());
            found.push([
                section["section"].as_str().unwrap().to_owned(),
                text("severity"),
                text("pointer"),
                text("code"),
            ]);
        }
    }
    assert_eq!(checklist["complete"], json!(found.iter().all(|finding| finding[1] != "error")));
    found
}

/// What makes the usual content one to which nothing is to be said.
fn perfect() -> Value {
    json!({
        "conditions": { "constraints": "A person decides.", "data": "12,000 calls.", "sites": "Maribor.", "users": "8" },
        "stages": [
            { "kind": "explore", "gate": "It finds nine of ten.", "passing": 3 },
            { "kind": "pilot", "budget": { "amount": "45000.00", "currency": "EUR" }, "gate": "Callers wait less." },
        ],
        "intellectualProperty": { "ownership": "company", "licence": "The agency may use it." },
        "confidentiality": { "agreement": "We keep the figures.", "details": "212 calls were lost." },
        "sponsor": { "name": "Darinka Zupan", "position": "State Secretary" },
        "contacts": [{ "name": "Innovation desk", "email": "desk@dispatch.example", "phone": "+386 1 555" }],
        "cpvCodes": ["48000000"],
        "tags": ["emergency", "call-triage"],
        "eligibility": [{ "kind": "technical_ability", "name": "A reference", "description": "One sentence." }],
    })
}

/// A draft to which nothing is to be said.
async fn perfect_draft(m: &Marketplace) -> String {
    let mut content = perfect();
    let mut criteria = m.content()["criteria"].clone();
    for criterion in criteria.as_array_mut().unwrap() {
        criterion["anchors"] = json!([{ "score": "0", "meaning": "No." }, { "score": "5", "meaning": "Yes." }]);
    }
    content["criteria"] = criteria;
    content["submissionDeadline"] = json!(m.app.now() + TimeDelta::days(40));
    content["plannedDates"] = json!({ "questionsUntil": m.app.now() + TimeDelta::days(5) });
    m.draft_with(content).await
}

async fn revision(m: &Marketplace, challenge: &str, number: i32) -> Value {
    m.see(&m.author, &format!("/challenges/{challenge}/revisions/{number}")).await
}

async fn numbers(m: &Marketplace, challenge: &str) -> Vec<i64> {
    let list = m.see(&m.author, &format!("/challenges/{challenge}/revisions")).await;
    list["items"].as_array().unwrap().iter().map(|item| item["number"].as_i64().unwrap()).collect()
}

async fn read(m: &Marketplace, who: Option<&Person>, path: &str) -> Value {
    let request = who.map_or_else(|| get(path), |person| person.get(path));
    m.call(request).await.expect(200).body
}

testing::on_both! {
    async fn the_checklist_tells_section_by_section_what_is_missing(backend: Backend) {
        let m = Marketplace::new(backend).await;
        let id = m.draft().await;
        let warnings = [
            ["conditions", "warning", "/conditions/constraints", "recommended"],
            ["timeline", "warning", "/plannedDates/questionsUntil", "recommended"],
            ["timeline", "warning", "/submissionDeadline", "short_period"],
            ["award", "warning", "/criteria/0/anchors", "recommended"],
            ["award", "warning", "/criteria/1/anchors", "recommended"],
            ["intellectual_property", "warning", "/intellectualProperty", "recommended"],
            ["people", "warning", "/sponsor", "recommended"],
            ["people", "warning", "/contacts", "recommended"],
            ["classification", "warning", "/cpvCodes", "recommended"],
        ];
        assert_eq!(findings(&m, &id).await, warnings);
        let soon = m.app.now() + TimeDelta::days(9);
        let change = json!({ "summary": "", "priceFormula": "inverse", "priceWeight": "31", "submissionDeadline": soon });
        m.edit(&id, change).await.expect(200);
        let found = findings(&m, &id).await;
        for finding in [
            ["overview", "error", "/summary", "required"],
            ["timeline", "error", "/submissionDeadline", "period_too_short"],
            ["award", "error", "/criteria", "weights_not_100"],
            ["award", "warning", "/priceFormula", "rank_reversal"],
        ] {
            assert!(found.contains(&finding.map(ToOwned::to_owned)), "{found:?}");
        }
        let perfect = perfect_draft(&m).await;
        assert_eq!(findings(&m, &perfect).await, Vec::<[String; 4]>::new());
        m.step(&m.author, &perfect, "submit-for-review").await;
    }

    /// What is sent is what is read, of every section.
    async fn every_section_is_kept(backend: Backend) {
        let m = Marketplace::new(backend).await;
        let id = perfect_draft(&m).await;
        let kept = m.challenge(&id).await;
        for (name, value) in perfect().as_object().unwrap() {
            let mut found = kept[name].clone();
            if name == "eligibility" {
                found[0].as_object_mut().unwrap().remove("id").unwrap();
            }
            assert_eq!(&found, value, "{name}");
        }
        let emptied = json!({ "sponsor": null, "confidentiality": null, "intellectualProperty": null, "contacts": [] });
        let answer = m.edit(&id, emptied).await.expect(200).body;
        for name in ["sponsor", "confidentiality", "intellectualProperty"] {
            assert_eq!(answer[name], Value::Null);
        }
        assert_eq!((&answer["contacts"], &answer["tags"]), (&json!([]), &kept["tags"]));
    }

    async fn a_code_that_is_not_in_the_list_is_refused_with_its_place(backend: Backend) {
        let m = Marketplace::new(backend).await;
        let id = m.draft().await;
        for (codes, code) in [(["48000000", "48000001"], "unknown"), (["48000000-8", "03000000-2"], "wrong_check_digit")] {
            let answer = m.edit(&id, json!({ "cpvCodes": codes })).await.expect_problem(422, "invalid");
            assert_eq!(answer.fields(), [("/cpvCodes/1".to_owned(), code.to_owned())]);
        }
        let body = json!({ "agency": m.agency, "content": { "title": "New", "cpvCodes": ["99999999"] } });
        let answer = m.call(m.author.post("/challenges", body)).await.expect_problem(422, "invalid");
        assert_eq!(answer.fields(), [("/content/cpvCodes/0".to_owned(), "unknown".to_owned())]);
        let answer = m.edit(&id, json!({ "tags": ["fine", "Not fine"] })).await.expect_problem(422, "invalid");
        assert_eq!(answer.fields(), [("/tags/1".to_owned(), "wrong_format".to_owned())]);
    }

    async fn the_history_tells_field_by_field_what_changed(backend: Backend) {
        let mut m = Marketplace::new(backend).await;
        let id = m.draft().await;
        assert_eq!(numbers(&m, &id).await, [1]);
        m.edit(&id, json!({ "pilots": 2 })).await.expect(200);
        m.advance(TimeDelta::minutes(10)).await;
        m.edit(&id, json!({ "budgetCeiling": { "amount": "38500.00", "currency": "EUR" } })).await.expect(200);
        // Changes by the same person within a quarter of an hour are one revision.
        assert_eq!(numbers(&m, &id).await, [2, 1]);
        let second = revision(&m, &id, 2).await;
        assert_eq!(second["changedSections"], json!(["budget"]));
        assert_eq!(second["changes"], json!([
            { "pointer": "/budgetCeiling/amount", "before": "45000.00", "after": "38500.00" },
            { "pointer": "/pilots", "before": 1, "after": 2 },
        ]));
        assert_eq!(second["editor"], json!(m.author.id));
        m.advance(TimeDelta::minutes(5)).await;
        m.edit(&id, json!({ "outcomes": [] })).await.expect(200);
        assert_eq!(numbers(&m, &id).await, [3, 2, 1]);
        let third = revision(&m, &id, 3).await;
        assert_eq!(third["changes"][0]["pointer"], "/outcomes/0");
        assert_eq!(third["changes"][0]["after"], Value::Null);
        // What was written before is still there.
        assert_eq!(revision(&m, &id, 1).await["content"]["pilots"], 1);
        assert_eq!(revision(&m, &id, 1).await["changes"], json!([]));
        m.call(m.author.get(&format!("/challenges/{id}/revisions/4"))).await.expect_problem(404, "not_found");
        let page = m.see(&m.author, &format!("/challenges/{id}/revisions?limit=1")).await;
        let next = format!("/challenges/{id}/revisions?limit=1&after={}", page["next"].as_str().unwrap());
        assert_eq!(m.see(&m.author, &next).await["items"][0]["number"], 2);
    }

    async fn the_history_stays_with_the_agency_when_the_challenge_is_public(backend: Backend) {
        let m = Marketplace::new(backend).await;
        let id = m.published().await;
        for path in ["revisions", "revisions/1", "checklist", "previews"] {
            let path = format!("/challenges/{id}/{path}");
            let answer = m.call(m.calm.bidder.get(&path)).await;
            assert!([403, 404].contains(&answer.status.as_u16()), "{}", answer.text);
            m.call(get(&path)).await.expect_problem(401, "unauthenticated");
        }
    }

    async fn a_text_reads_in_another_language_until_it_changes(backend: Backend) {
        let m = Marketplace::new(backend).await;
        let id = m.draft().await;
        let criterion = m.challenge(&id).await["criteria"][0]["id"].as_str().unwrap().to_owned();
        let name = format!("/criteria/{criterion}/name");
        let german = json!({ "/title": "Dringende Anrufe erkennen", "/problem/pain": "Anrufer warten.", &name: "Erkennt" });
        m.edit(&id, json!({ "translations": { "de": german } })).await.expect(200);
        let path = format!("/challenges/{id}?language=de");
        let read = m.see(&m.author, &path).await;
        assert_eq!(read["title"], "Dringende Anrufe erkennen");
        assert_eq!((&read["problem"]["pain"], &read["criteria"][0]["name"]), (&json!("Anrufer warten."), &json!("Erkennt")));
        assert_eq!(read["summary"], m.content()["summary"], "what is not translated stays");
        assert_eq!(m.challenge(&id).await["title"], m.content()["title"]);
        assert_eq!(m.see(&m.author, &format!("/challenges/{id}?language=fr")).await["title"], m.content()["title"]);
        m.edit(&id, json!({ "title": "Another title" })).await.expect(200);
        assert_eq!(m.see(&m.author, &path).await["title"], "Another title");
        let outdated = ["translations", "warning", "/translations/de/~1title", "outdated"].map(ToOwned::to_owned);
        assert!(findings(&m, &id).await.contains(&outdated));
        m.edit(&id, json!({ "translations": { "de": { "/title": "Ein anderer" } } })).await.expect(200);
        assert_eq!(m.see(&m.author, &path).await["title"], "Ein anderer");
        assert!(!findings(&m, &id).await.contains(&outdated));
        m.edit(&id, json!({ "translations": { "de": { "/title": "" } } })).await.expect(200);
        assert_eq!(m.see(&m.author, &path).await["title"], "Another title");
    }

    async fn a_translation_needs_a_text_and_another_language(backend: Backend) {
        let m = Marketplace::new(backend).await;
        let id = m.draft().await;
        let long = "x".repeat(401);
        for (translations, at) in [
            (json!({ "de": { "/nothing": "Nichts" } }), "/translations/de/~1nothing"),
            (json!({ "de": { "/conditions/data": "Daten" } }), "/translations/de/~1conditions~1data"),
            (json!({ "en": { "/title": "Title" } }), "/translations/en/~1title"),
            (json!({ "fr": { "/title": long } }), "/translations/fr/~1title"),
        ] {
            let answer = m.edit(&id, json!({ "translations": translations })).await.expect_problem(422, "invalid");
            assert_eq!(answer.fields(), [(at.to_owned(), "not_translatable".to_owned())]);
        }
        m.edit(&id, json!({ "translations": { "it": { "/title": "Titolo" } } })).await.expect_problem(422, "invalid");
    }

    async fn markdown_becomes_html_that_can_do_no_harm(backend: Backend) {
        let m = Marketplace::new(backend).await;
        let id = m.draft().await;
        let pain = "Callers **wait**.\n\n<script>alert(1)</script> <b onclick=\"x()\">now</b>\n\n[here](javascript:alert(1)) \
                    ![a map](https://tracker.example/x.png) [there](https://example.org)";
        let mut problem = m.content()["problem"].clone();
        problem["pain"] = json!(pain);
        m.edit(&id, json!({ "problem": problem })).await.expect(200);
        let html = m.see(&m.author, &format!("/challenges/{id}?texts=html")).await["problem"]["pain"].clone();
        assert_eq!(
            html,
            "<p>Callers <strong>wait</strong>.</p>\n&lt;script&gt;alert(1)&lt;/script&gt; &lt;b onclick=\"x()\"&gt;now&lt;/b&gt;\n\
             <p><a rel=\"noopener noreferrer nofollow\">here</a> a map \
             <a href=\"https://example.org\" rel=\"noopener noreferrer nofollow\">there</a></p>\n",
        );
        let plain = m.see(&m.author, &format!("/challenges/{id}?texts=markdown")).await;
        assert_eq!(plain["problem"]["pain"], pain);
        m.call(m.author.get(&format!("/challenges/{id}?texts=pdf"))).await.expect_problem(400, "invalid_query");
    }

    async fn a_copy_says_the_same_without_dates_and_secrets_of_others(backend: Backend) {
        let m = Marketplace::new(backend).await;
        let id = perfect_draft(&m).await;
        m.publish(&id).await;
        let copy = m.author.post(&format!("/challenges/{id}/copy"), json!({ "agency": m.agency }));
        let copy = m.call(copy).await.expect(201).body;
        assert_eq!((&copy["status"], &copy["submissionDeadline"]), (&json!("draft"), &Value::Null));
        assert_eq!(copy["plannedDates"]["questionsUntil"], Value::Null);
        for name in ["title", "problem", "criteria", "conditions", "confidentiality", "tags"] {
            assert_eq!(copy[name], m.challenge(&id).await[name], "{name}");
        }
        assert_ne!(copy["reference"], m.challenge(&id).await["reference"]);
        let (author, other) = another_agency(&m).await;
        let copied = m.call(author.post(&format!("/challenges/{id}/copy"), json!({ "agency": other }))).await.expect(201);
        assert_eq!(copied.body["agency"]["id"], json!(other));
        assert_eq!(copied.body["confidentiality"]["details"], "");
        let draft = m.draft().await;
        let hidden = author.post(&format!("/challenges/{draft}/copy"), json!({ "agency": other }));
        m.call(hidden).await.expect_problem(404, "not_found");
    }

    async fn what_has_ended_is_tried_again_and_linked(backend: Backend) {
        let m = Marketplace::new(backend).await;
        let id = m.published().await;
        let path = format!("/challenges/{id}/relaunch");
        m.call(m.author.act(&path)).await.expect_problem(409, "wrong_state");
        let reason = json!({ "code": "need_changed", "reason": "Later." });
        m.call(m.officer.post(&format!("/challenges/{id}/cancel"), reason)).await.expect(200);
        let again = m.call(m.author.act(&path)).await.expect(201).body;
        assert_eq!((&again["relaunchOf"], &again["status"]), (&json!(id), &json!("draft")));
        assert_eq!(m.challenge(again["id"].as_str().unwrap()).await["relaunchOf"], json!(id));
    }

    async fn a_template_begins_a_challenge(backend: Backend) {
        let m = Marketplace::new(backend).await;
        let (id, list) = (perfect_draft(&m).await, format!("/organisations/{}/challenge-templates", m.agency));
        let body = json!({ "name": " Small pilots ", "challenge": id });
        let saved = m.call(m.author.post(&list, body.clone())).await.expect(201);
        assert_eq!((&saved.body["name"], &saved.body["content"]["submissionDeadline"]), (&json!("Small pilots"), &Value::Null));
        let again = m.call(m.author.post(&list, body)).await.expect_problem(422, "invalid");
        assert_eq!(again.fields(), [("/name".to_owned(), "duplicate".to_owned())]);
        let blank = m.call(m.author.post(&list, json!({ "name": " ", "challenge": id }))).await.expect_problem(422, "invalid");
        assert_eq!(blank.fields(), [("/name".to_owned(), "required".to_owned())]);
        let one = format!("{list}/{}", saved.id());
        assert_eq!(m.see(&m.finance, &list).await["items"][0]["name"], "Small pilots");
        assert_eq!(m.see(&m.finance, &one).await["content"]["tags"], json!(["emergency", "call-triage"]));
        let drafted = m.call(m.author.act(&format!("{one}/draft"))).await.expect(201).body;
        assert_eq!((&drafted["title"], &drafted["status"]), (&m.content()["title"], &json!("draft")));
        m.call(m.author.delete(&one)).await.expect(204);
        m.call(m.author.get(&one)).await.expect_problem(404, "not_found");
        assert_eq!(m.see(&m.author, &list).await["items"], json!([]));
    }

    async fn a_preview_shows_a_draft_until_it_is_revoked_or_expires(backend: Backend) {
        let m = Marketplace::new(backend).await;
        let id = perfect_draft(&m).await;
        let (path, body) = (format!("/challenges/{id}/previews"), json!({ "recipient": "Legal", "days": 7 }));
        let shared = m.call(m.author.post(&path, body.clone())).await.expect(201);
        let token = json!({ "token": shared.body["token"] });
        let seen = m.call(post("/previews/look", token.clone())).await.expect(200).body;
        assert_eq!((&seen["title"], &seen["confidentiality"]["details"]), (&m.content()["title"], &json!("")));
        m.call(get(&format!("/challenges/{id}"))).await.expect_problem(404, "not_found");
        let listed = m.see(&m.officer, &path).await["items"][0].clone();
        assert_eq!((&listed["recipient"], &listed["token"]), (&json!("Legal"), &Value::Null));
        m.call(m.officer.delete(&format!("{path}/{}", shared.id()))).await.expect(204);
        m.call(post("/previews/look", token)).await.expect_problem(404, "not_found");
        m.call(m.officer.delete(&format!("{path}/{}", shared.id()))).await.expect_problem(409, "already_done");
        let expiring = m.call(m.author.post(&path, body)).await.expect(201).body["token"].clone();
        m.app.advance(TimeDelta::days(7));
        m.call(post("/previews/look", json!({ "token": expiring }))).await.expect_problem(404, "not_found");
        m.call(post("/previews/look", json!({ "token": "guessed" }))).await.expect_problem(404, "not_found");
    }

    async fn at_most_20_previews_work_at_a_time_and_none_is_shared_of_a_public_challenge(backend: Backend) {
        let m = Marketplace::new(backend).await;
        let id = m.draft().await;
        let share = |id: &str| m.author.post(&format!("/challenges/{id}/previews"), json!({ "recipient": "x", "days": 1 }));
        for _ in 0..20 {
            m.call(share(&id)).await.expect(201);
        }
        m.call(share(&id)).await.expect_problem(409, "limit_reached");
        m.call(share(&m.published().await)).await.expect_problem(409, "wrong_state");
    }

    async fn confidential_details_are_read_by_those_who_promised(backend: Backend) {
        let m = Marketplace::new(backend).await;
        let id = perfect_draft(&m).await;
        let german = json!({ "de": { "/confidentiality/details": "212 Anrufe gingen verloren." } });
        m.edit(&id, json!({ "translations": german })).await.expect(200);
        m.publish(&id).await;
        let path = format!("/challenges/{id}?language=de");
        let secret = |body: &Value| body.to_string().contains("212");
        for reader in [None, Some(&m.calm.bidder), Some(&m.administrator), Some(&m.chair)] {
            assert!(!secret(&read(&m, reader, &path).await));
        }
        let agree = format!("/challenges/{id}/confidentiality-agreements");
        let company = json!({ "company": m.calm.id });
        let agreed = m.call(m.calm.bidder.post(&agree, company.clone())).await.expect(200).body;
        assert_eq!(agreed["signatory"], json!(m.calm.bidder.id));
        assert_eq!(agreed["agreementHash"].as_str().unwrap().len(), 64);
        assert!(secret(&read(&m, Some(&m.calm.bidder), &path).await));
        for reader in [None, Some(&m.river.bidder), Some(&m.administrator)] {
            assert!(!secret(&read(&m, reader, &path).await));
        }
        // Saying it again changes nothing; nobody promises for others; and who promised is told to nobody else.
        m.call(m.calm.bidder.post(&agree, company.clone())).await.expect(200);
        m.call(m.river.bidder.post(&agree, company)).await.expect_problem(422, "invalid");
        let told = m.see(&m.calm.bidder, &format!("/organisations/{}/events", m.calm.id)).await;
        let times = told["items"].as_array().unwrap().iter();
        assert_eq!(times.filter(|event| event["type"] == "organisation.confidentiality_agreed").count(), 1, "{told}");
        assert!(m.told_about(&id).await.iter().all(|event| !event.contains("confidentiality")));
    }
}

/// Another verified agency, and its author.
async fn another_agency(m: &Marketplace) -> (Person, String) {
    let owner = m.app.person("Olaf Owner").await;
    let agency = crate::marketplace::organisation(&m.app, &owner, "agency", "Southern Dispatch").await;
    let author = m.app.person("Another Author").await;
    crate::steps::let_in(&m.app, &owner, &agency, &author, &["author"]).await;
    (author, agency)
}
