//! Who may ask, answer and consult: the part of the walk that `authorisation.rs` calls before and after a deadline.

use crate::{
    principals::Owner,
    questions::{chosen, question},
    walk::{Call, Walk},
};
use serde_json::json;

/// A challenge that waits for an answer, and a consultation.
pub struct Waiting {
    challenge: String,
    consultation: String,
}

pub async fn before_the_deadline(walk: &Walk) -> Waiting {
    let m = &walk.m;
    let id = m.published().await;
    let challenge = Call::on("challenge", &id);
    let ask = challenge.clone().body(question(&m.calm, "Who pays?"));
    walk.check("ask_question", Owner::Company, ask, &[&m.calm.bidder]).await;
    let own = Call::on("question", &m.ask(&m.calm, &id, "When?").await);
    walk.check("withdraw_question", Owner::Company, own, &[&m.calm.bidder]).await;
    walk.check_open("list_questions", challenge.clone()).await;
    answers(walk, &id).await;
    Waiting { challenge: id, consultation: consultation(walk).await }
}

async fn answers(walk: &Walk, id: &str) {
    let (m, writers) = (&walk.m, [&walk.m.author, &walk.m.officer]);
    let (first, second) = (m.ask(&m.river, id, "Who?").await, m.ask(&m.river, id, "Why?").await);
    let asked = Call::on("question", &first);
    let draft = asked.clone().seen(1).body(json!({ "answer": "We do." }));
    walk.check("draft_answer", Owner::Agency, draft, &writers).await;
    walk.check("merge_question", Owner::Agency, asked.clone().body(json!({ "into": second })), &writers).await;
    let reason = asked.clone().body(json!({ "reason": "It is about something else." }));
    walk.check("decline_question", Owner::Agency, reason, &writers).await;
    m.draft_answer(&first, "We do.").await;
    let publish = Call::on("challenge", id).body(chosen(&[(&first, 2)]));
    walk.check("publish_answers", Owner::Agency, publish, &writers).await;
    m.publish_answers(id, &[(&first, 2)]).await.expect(200);
    let correct = json!({ "wording": { "answer": "They do." }, "reason": "It was wrong." });
    walk.check("correct_answer", Owner::Agency, asked.clone().seen(3).body(correct), &writers).await;
    for operation in ["get_question", "list_answer_versions"] {
        walk.check_open(operation, asked.clone()).await;
    }
}

async fn consultation(walk: &Walk) -> String {
    let m = &walk.m;
    let id = m.consultation().await;
    let challenge = Call::on("challenge", &id);
    let statement = json!({ "text": "We can.", "publishable": true, "named": false });
    let body = json!({ "company": m.calm.id, "response": statement });
    let submit = challenge.clone().body(body.clone());
    walk.check("submit_consultation_response", Owner::Company, submit, &[&m.calm.bidder]).await;
    let path = format!("/challenges/{id}/consultation-responses");
    let response = Call::on("response", &m.call(m.calm.bidder.post(&path, body)).await.expect(201).id());
    let company: Vec<_> = walk.people.insiders(Owner::Company).map(|(_, person)| person).collect();
    walk.check("get_consultation_response", Owner::Company, response.clone(), &company).await;
    let replace = response.clone().seen(1).body(statement);
    walk.check("replace_consultation_response", Owner::Company, replace, &[&m.calm.bidder]).await;
    walk.check("withdraw_consultation_response", Owner::Company, response, &[&m.calm.bidder]).await;
    walk.check_open("list_consultation_responses", challenge.clone()).await;
    walk.check_open("list_published_responses", challenge).await;
    id
}

pub async fn after_the_deadline(walk: &Walk, Waiting { challenge, consultation }: Waiting) {
    let officer = [&walk.m.officer];
    let close = Call::on("challenge", &challenge).body(json!({ "overrideReason": "Nobody knows." }));
    walk.check("close_challenge", Owner::Agency, close, &officer).await;
    let consultation = Call::on("challenge", &consultation);
    let conclude = consultation.clone().body(json!({ "summary": "It is possible." }));
    walk.check("conclude_consultation", Owner::Agency, conclude, &officer).await;
    walk.check_open("get_conclusion", consultation).await;
}
