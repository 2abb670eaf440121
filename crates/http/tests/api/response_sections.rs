//! What a bid has to answer: written, checked, changed, translated.

use crate::marketplace::Marketplace;
use serde_json::{Value, json};
use testing::Backend;

/// A text and a yes or no.
pub fn sections() -> Value {
    json!([
        { "title": "Languages", "guidance": "Which ones, and *how well*?", "kind": "text", "required": true, "maxWords": 20 },
        { "title": "Hosted in the EU?", "guidance": "", "kind": "yes_no", "required": true },
        { "title": "Anything else", "guidance": "", "kind": "text", "required": false, "maxWords": 5 },
    ])
}

async fn response_findings(m: &Marketplace, challenge: &str) -> Vec<(String, String)> {
    let checklist = m.see(&m.author, &format!("/challenges/{challenge}/checklist")).await;
    let found = checklist["sections"].as_array().unwrap().iter().find(|section| section["section"] == "response");
    let text = |finding: &Value, name: &str| finding[name].as_str().unwrap().to_owned();
    let findings = found.unwrap()["findings"].as_array().unwrap();
    findings.iter().map(|finding| (text(finding, "pointer"), text(finding, "code"))).collect()
}

testing::on_both! {
    async fn sections_keep_their_ids_and_come_back_as_they_were_written(backend: Backend) {
        let m = Marketplace::new(backend).await;
        let id = m.draft().await;
        assert_eq!(m.challenge(&id).await["responseSections"], json!([]));
        let content = json!({ "responseSections": sections(), "bidValidityDays": 120 });
        let kept = m.edit(&id, content).await.expect(200).body;
        assert_eq!(kept["bidValidityDays"], 120);
        for (kept, written) in kept["responseSections"].as_array().unwrap().iter().zip(sections().as_array().unwrap()) {
            let mut without_id = kept.clone();
            without_id.as_object_mut().unwrap().remove("id").unwrap();
            assert_eq!(&without_id, written);
        }
        assert_eq!(response_findings(&m, &id).await, []);
        let again = m.edit(&id, json!({ "responseSections": kept["responseSections"] })).await.expect(200).body;
        assert_eq!(again["responseSections"], kept["responseSections"]);
        let html = m.see(&m.author, &format!("/challenges/{id}?texts=html")).await;
        assert_eq!(html["responseSections"][0]["guidance"], "<p>Which ones, and <em>how well</em>?</p>\n");
        let copy = m.call(m.author.post(&format!("/challenges/{id}/copy"), json!({ "agency": m.agency }))).await;
        assert_eq!(copy.expect(201).body["responseSections"], kept["responseSections"]);
        let emptied = m.edit(&id, json!({ "responseSections": [], "bidValidityDays": null })).await.expect(200).body;
        assert_eq!((&emptied["responseSections"], &emptied["bidValidityDays"]), (&json!([]), &Value::Null));
        let revision = m.see(&m.author, &format!("/challenges/{id}/revisions/2")).await;
        assert_eq!(revision["content"]["responseSections"], json!([]));
    }

    async fn what_is_too_large_is_refused_and_what_is_missing_is_listed(backend: Backend) {
        let m = Marketplace::new(backend).await;
        let id = m.draft().await;
        let mut wrong = sections();
        wrong[0]["maxWords"] = json!(5001);
        let refused = m.edit(&id, json!({ "responseSections": wrong, "bidValidityDays": 29 })).await;
        let fields = refused.expect_problem(422, "invalid").fields();
        let pointers: Vec<_> = fields.iter().map(|(pointer, _)| pointer.as_str()).collect();
        assert_eq!(pointers, ["/bidValidityDays", "/responseSections/0/maxWords"]);
        let same = "0199f3a0-5b1c-7c3e-8a4d-2f6b9c0d1e2f";
        let section = json!({ "id": same, "title": "Twice", "kind": "yes_no" });
        let refused = m.edit(&id, json!({ "responseSections": [section, section] })).await.expect_problem(422, "invalid");
        assert_eq!(refused.fields(), [("/responseSections/1/id".to_owned(), "duplicate".to_owned())]);
        let many = vec![json!({ "title": "One of many", "kind": "yes_no" }); 41];
        m.edit(&id, json!({ "responseSections": many })).await.expect_problem(422, "invalid");
        m.edit(&id, json!({ "responseSections": [
            { "title": " ", "kind": "text" },
            { "title": "Hosted in the EU?", "kind": "yes_no", "maxWords": 5 },
            { "title": "Hosted in the EU?", "kind": "yes_no" },
        ] })).await.expect(200);
        let found = response_findings(&m, &id).await;
        let found: Vec<_> = found.iter().map(|(pointer, code)| (pointer.as_str(), code.as_str())).collect();
        assert_eq!(found, [
            ("/responseSections/0/title", "required"),
            ("/responseSections/0/maxWords", "required"),
            ("/responseSections/1/maxWords", "not_allowed"),
            ("/responseSections/2/title", "duplicate"),
        ]);
    }

    async fn a_change_of_them_is_material_and_told_field_by_field(backend: Backend) {
        let m = Marketplace::new(backend).await;
        let id = m.published().await;
        let deadline = m.deadline(&id).await + chrono::TimeDelta::days(12);
        let changes = json!({ "responseSections": sections(), "submissionDeadline": deadline });
        let notice = m.change(&id, changes).await.expect(201).body;
        assert_eq!((&notice["material"], &notice["sections"]), (&json!(true), &json!(["timeline", "response"])));
        let told = notice["changes"].as_array().unwrap();
        let told = told.iter().find(|change| change["pointer"] == "/responseSections/0").unwrap();
        assert_eq!(told["after"]["title"], "Languages");
    }

    async fn their_texts_are_translated_by_their_ids(backend: Backend) {
        let m = Marketplace::new(backend).await;
        let id = m.draft().await;
        let kept = m.edit(&id, json!({ "responseSections": sections() })).await.expect(200).body;
        let section = kept["responseSections"][0]["id"].as_str().unwrap();
        let title = format!("/responseSections/{section}/title");
        m.edit(&id, json!({ "translations": { "de": { title: "Sprachen" } } })).await.expect(200);
        let read = m.see(&m.author, &format!("/challenges/{id}?language=de")).await;
        assert_eq!(read["responseSections"][0]["title"], "Sprachen");
        assert_eq!(read["responseSections"][1]["title"], "Hosted in the EU?");
    }
}
