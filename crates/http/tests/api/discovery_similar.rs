//! What came of challenges like this one.

use crate::{app::get, marketplace::Marketplace};
use serde_json::{Value, json};
use testing::Backend;

async fn similar(m: &Marketplace, id: &str) -> Vec<Value> {
    m.see(&m.author, &format!("/challenges/{id}/similar")).await["items"].as_array().unwrap().clone()
}

testing::on_both! {
    async fn a_draft_shows_its_agency_what_came_of_others_like_it(backend: Backend) {
        let mut m = Marketplace::new(backend).await;
        let (past, contract, milestone) = m.piloting().await;
        let at = |act: &str| format!("/milestones/{milestone}/{act}");
        m.call(m.calm.bidder.post(&at("deliver"), json!({ "note": "Done." }))).await.expect(200);
        m.call(m.pilot_manager.act(&at("accept"))).await.expect(200);
        m.call(m.calm.bidder.post(&at("invoice"), json!({ "invoiceNumber": "1" }))).await.expect(200);
        m.call(m.finance.post(&at("pay"), json!({ "paymentReference": "SI56 1" }))).await.expect(200);
        let outcome = json!({ "decision": "stop", "learning": "Much.", "brilliantFailure": true });
        m.call(m.pilot_manager.post(&format!("/contracts/{contract}/complete"), outcome)).await.expect(200);
        m.step(&m.pilot_manager, &past, "complete").await;
        let draft = m.draft_with(json!({ "title": "Which flood calls are urgent?" })).await;
        let found = similar(&m, &draft).await;
        assert_eq!(found.len(), 1, "{found:?}");
        assert_eq!(found[0]["challenge"]["id"], json!(past));
        assert_eq!(found[0]["challenge"]["status"], "completed");
        let outcome = &found[0]["outcome"];
        assert_eq!((&outcome["pilots"], &outcome["pilotsCompleted"], &outcome["learnings"]), (&json!(1), &json!(1), &json!(1)));
        let words: Vec<_> = found[0]["because"]["words"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
        assert!(words.contains(&"flood") && words.contains(&"urgent"), "{words:?}");
        assert!(found[0]["because"]["text"].as_str().unwrap().starts_with("Shared words: "));
        for outsider in [&m.calm.bidder, &m.administrator] {
            m.call(outsider.get(&format!("/challenges/{draft}/similar"))).await.expect_problem(404, "not_found");
        }
        m.call(get(&format!("/challenges/{draft}/similar"))).await.expect_problem(404, "not_found");
    }

    async fn codes_and_tags_count_and_say_why(backend: Backend) {
        let m = Marketplace::new(backend).await;
        let other = |title: &str, cpv: &str, tags: Value| {
            json!({
                "title": title, "summary": title, "cpvCodes": [cpv], "tags": tags,
                "problem": { "pain": title, "affected": title, "evidence": title, "currentCost": title, "tried": title },
            })
        };
        let reason = json!({ "code": "budget_withdrawn", "reason": "No money." });
        let mut ids = Vec::new();
        for (title, cpv, tags) in [
            ("Apples", "72000000", json!(["fruit", "storage"])),
            ("Pears", "90000000", json!(["fruit"])),
            ("Bricks", "90000000", json!(["walls"])),
        ] {
            let id = m.draft_with(other(title, cpv, tags)).await;
            m.publish(&id).await;
            ids.push(id);
        }
        let asked = m.draft_with(other("Cherries", "72000000", json!(["fruit", "storage"]))).await;
        m.publish(&asked).await;
        assert!(similar(&m, &asked).await.is_empty(), "nothing came of them yet");
        for id in &ids {
            m.call(m.officer.post(&format!("/challenges/{id}/cancel"), reason.clone())).await.expect(200);
        }
        let found = similar(&m, &asked).await;
        let order: Vec<_> = found.iter().map(|past| past["challenge"]["title"].as_str().unwrap()).collect();
        assert_eq!(order, ["Apples", "Pears"]);
        assert_eq!(found[0]["because"]["text"], "Same CPV code 72; shared tags: fruit, storage.");
        assert_eq!(found[0]["outcome"]["endReasonCode"], "budget_withdrawn");
        assert_eq!(found[1]["because"]["tags"], json!(["fruit"]));
        let draft = m.draft_with(other("Plums", "72000000", json!(["fruit"]))).await;
        assert_eq!(similar(&m, &draft).await.len(), 2);
    }
}
