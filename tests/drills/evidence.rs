//! What is there in the end: asked of the program, and looked up in its database.

use std::collections::{HashMap, HashSet};

use harness::{
    client::Client,
    database::{count, events},
    eventually,
    process::Installation,
};
use receipts::{KeyRing, Receipt};

use crate::{
    history::{Attempt, Bid, Deadlines, History, Outcome, Withheld},
    scene::{Challenge, Scene},
};

/// Everything about a drill, once all boxes are shut and all events are numbered.
pub fn gather(
    installation: &Installation,
    client: &Client,
    scene: &Scene,
    attempts: Vec<Attempt>,
    withheld: Vec<Withheld>,
) -> History {
    for challenge in &scene.challenges {
        let path = format!("/api/v1/challenges/{}", challenge.id);
        eventually("the closing", || (client.get(&path).body["status"] == "closed").then_some(()));
    }
    let url = &installation.url;
    eventually("positions", || (count(url, "FROM events WHERE position IS NULL") == 0).then_some(()));
    let companies = scene.companies.iter().map(|company| client.with_token(&company.token));
    let companies: Vec<_> = companies.collect();
    let deadlines = scene.challenges.iter().map(|challenge| (challenge.id.clone(), deadlines(client, challenge)));
    History {
        withheld,
        deadlines: deadlines.collect(),
        events: events(url, "bid."),
        bids: bids(&companies, &attempts),
        bids_kept: usize::try_from(count(url, "FROM bids")).unwrap(),
        listed: companies.iter().flat_map(listed).collect(),
        keys: KeyRing::parse(&client.get("/api/v1/receipt-keys").expect(200).text).unwrap(),
        attempts,
    }
}

/// The deadlines of a challenge, as everybody can read them.
fn deadlines(client: &Client, challenge: &Challenge) -> Deadlines {
    let path = format!("/api/v1/challenges/{}/change-notices?limit=200", challenge.id);
    let notices = client.get(&path).expect(200);
    let at = |notice: &serde_json::Value, field: &str| notice[field].as_str().unwrap().parse().unwrap();
    let moves = notices.body["items"].as_array().unwrap().iter().rev();
    moves.fold(Deadlines::new(challenge.deadline), |deadlines, notice| {
        deadlines.moved(at(notice, "publishedAt"), at(notice, "submissionDeadline"))
    })
}

fn bids(companies: &[Client], attempts: &[Attempt]) -> Vec<Bid> {
    let mut known = HashSet::new();
    for attempt in attempts {
        let answers = attempt.tries.iter().filter_map(|one| match &one.outcome {
            Outcome::Ok(answer) => answer.bid.clone(),
            _ => None,
        });
        known.extend(answers.map(|(bid, _)| (attempt.bidder, bid)));
    }
    let found = |(bidder, id): (usize, String)| {
        let answer = companies[bidder].get(&format!("/api/v1/bids/{id}"));
        let there = answer.status == 200 && answer.body["status"] == "submitted";
        there.then(|| Bid { id, revision: answer.body["revision"].as_i64().unwrap() })
    };
    known.into_iter().filter_map(found).collect()
}

/// All receipts of a company, by their id.
fn listed(company: &Client) -> HashMap<String, Receipt> {
    let (mut all, mut path) = (HashMap::new(), "/api/v1/receipts?limit=200".to_owned());
    loop {
        let page = company.get(&path).expect(200).body;
        for item in page["items"].as_array().unwrap() {
            let receipt = serde_json::from_value(item["receipt"].clone()).unwrap();
            all.insert(item["id"].as_str().unwrap().to_owned(), receipt);
        }
        match page["next"].as_str() {
            Some(next) => path = format!("/api/v1/receipts?limit=200&after={next}"),
            None => return all,
        }
    }
}
