//! What nobody may learn of the first of two stages: worlds that differ only in it look the same.

use crate::{
    app::{Person, get},
    question_anonymity::Names,
    steps::mails,
    two_stages::TwoStages,
};
use serde_json::{Value, json};
use testing::Backend;

/// What these people are shown of a challenge, and what everybody is told, at one moment.
async fn seen(t: &TwoStages, people: &[Option<&Person>]) -> Vec<Value> {
    let mut all = vec![json!(t.m.feed().await)];
    for person in people {
        for part in ["", "/solutions", "/bids", "/opening-record", "/openings/solution", "/timeline", "/ranking"] {
            let path = format!("/challenges/{}{part}", t.challenge);
            let answer = t.m.call(person.map_or_else(|| get(&path), |person| person.get(&path))).await;
            let body = if answer.status.is_success() { answer.body } else { answer.body["code"].clone() };
            all.push(json!([person.map(|person| &person.name), part, answer.status.as_u16(), body]));
        }
        if let Some(person) = person {
            let path = format!("/organisations/{}/events", t.m.agency);
            let answer = t.m.call(person.get(&path)).await;
            let body = if answer.status.is_success() { answer.body } else { answer.body["code"].clone() };
            all.push(json!([person.name, path, answer.status.as_u16(), body]));
        }
    }
    let told = mails(&t.m.app).await.into_iter();
    let told = told.filter(|mail| people.iter().flatten().any(|person| person.name == mail.recipient_name));
    all.extend(told.map(|mail| json!([mail.recipient_name, mail.message])));
    all
}

/// The same without what differs between any two worlds.
fn alike(t: &TwoStages, seen: &[Value]) -> Vec<String> {
    let mut names = Names::of(&t.m);
    seen.iter().map(|value| names.alike(value).to_string()).collect()
}

fn require_same(worlds: &[Vec<String>]) {
    for (one, other) in worlds[0].iter().zip(&worlds[1]) {
        assert_eq!(one, other);
    }
    assert_eq!(worlds[0].len(), worlds[1].len());
}

testing::on_both! {
    async fn who_may_know_nothing_sees_the_same_however_many_solutions_there_are(backend: Backend) {
        let mut worlds = Vec::new();
        for several in [false, true] {
            let mut t = TwoStages::new(backend).await;
            let mut auditor = t.m.staff("Aud Itor", "auditor").await;
            if several {
                t.solution(&t.m.calm, "We listen.").await;
                let river = t.solution(&t.m.river, "We hear.").await;
                let again = json!({ "solution": { "text": "We hear better." } });
                t.m.call(t.m.river.bidder.put(&format!("/bids/{river}"), 1, again)).await.expect(200);
            }
            let mut all = Vec::new();
            for ended in [false, true] {
                if ended {
                    t.end_first_stage().await;
                    t.m.app.log_in_again(&mut auditor).await;
                }
                let staff = [&t.m.officer, &t.m.owner, &t.m.author, &auditor].map(Some);
                let outside = [&t.m.chair, &t.m.administrator, &t.others[1].bidder].map(Some);
                let people: Vec<_> = [None].into_iter().chain(staff).chain(outside).collect();
                all.extend(seen(&t, &people).await);
            }
            worlds.push(alike(&t, &all));
        }
        require_same(&worlds);
    }

    async fn until_the_award_nobody_outside_the_agency_learns_who_or_how_many_passed(backend: Backend) {
        let mut worlds = Vec::new();
        for admitted in [3, 4] {
            let mut t = TwoStages::new(backend).await;
            let bids = t.solutions().await;
            t.end_first_stage().await;
            t.open_solutions().await;
            let bids: Vec<_> = bids.iter().map(|bid| &**bid).collect();
            t.m.admit(&bids[..admitted]).await;
            for left in &bids[admitted..] {
                let why = json!({ "code": "not_eligible", "reason": "No." });
                t.m.call(t.m.officer.post(&format!("/bids/{left}/disqualify"), why)).await.expect(200);
            }
            t.shortlist(&t.m.officer, &bids[..3], &bids[3..admitted]).await.expect(200);
            for person in [&t.m.calm.bidder, &t.m.chair, &t.m.administrator, &t.m.owner] {
                t.m.call(person.get(&format!("/bids/{}", bids[3]))).await.expect_problem(404, "not_found");
            }
            let people = [None, Some(&t.m.chair), Some(&t.m.administrator), Some(&t.m.calm.bidder)];
            let mut all = seen(&t, &people).await;
            // What Calm itself was told is about its own solution.
            all.retain(|told| told[1]["kind"] != "shortlisted");
            worlds.push(alike(&t, &all));
        }
        require_same(&worlds);
    }
}
