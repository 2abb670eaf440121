//! A bidder as the guide tells them to be: each attempt has a key, and is repeated with it until its outcome is clear.

use std::{
    collections::HashMap,
    thread::sleep,
    time::{Duration, Instant},
};

use harness::{
    client::Client,
    marketplace::{Company, offer},
};
use receipts::Receipt;
use serde_json::{Value, json};

use crate::history::{Answer, Attempt, Outcome, Try};

/// How long a bidder goes on trying: what was unclear must be clear half a minute after the service is back.
const PATIENCE: Duration = Duration::from_secs(40);

/// How long between two tries.
const PAUSE: Duration = Duration::from_millis(50);

/// Somebody who bids for a company.
pub struct Bidder<'a> {
    number: usize,
    company: &'a Company,
    client: Client,
    /// The bid in each challenge, with the version to replace.
    bids: HashMap<String, (String, i64)>,
    pub attempts: Vec<Attempt>,
}

impl<'a> Bidder<'a> {
    /// Calls the server at this address.
    pub fn new(number: usize, company: &'a Company, url: String) -> Self {
        let client = Client::at(url).with_token(&company.token);
        Self { number, company, client, bids: HashMap::new(), attempts: Vec::new() }
    }

    /// At each of these instants, in their order, submits or replaces the bid in a challenge.
    pub fn act(&mut self, plan: &[(Instant, &str)]) {
        for (at, challenge) in plan {
            sleep(at.saturating_duration_since(Instant::now()));
            self.attempt(challenge);
        }
    }

    fn attempt(&mut self, challenge: &str) {
        let n = self.attempts.len();
        let key = format!("bidder-{}-attempt-{n}", self.number);
        let offer = offer(&format!("{}.{:02}", 10_000 + self.number, n % 100));
        let (method, path, etag, body) = match self.bids.get(challenge) {
            None => {
                let body = json!({ "company": self.company.id, "offer": offer });
                ("POST", format!("/api/v1/challenges/{challenge}/bids"), None, body)
            }
            Some((bid, version)) => {
                ("PUT", format!("/api/v1/bids/{bid}"), Some(format!("\"{version}\"")), json!({ "offer": offer }))
            }
        };
        let headers = [("idempotency-key", &*key)].into_iter().chain(etag.as_deref().map(|etag| ("if-match", etag)));
        let headers: Vec<_> = headers.collect();
        let call = || match self.client.send(method, &path, &headers, Some(&body)) {
            Ok(answer) => (read_answer(answer.status, &answer.text), answer.body["version"].as_i64()),
            Err(_) => (Outcome::Unknown, None),
        };
        let (tries, known) = until_clear(call);
        self.bids.extend(known.map(|bid| (challenge.to_owned(), bid)));
        self.attempts.push(Attempt { bidder: self.number, challenge: challenge.to_owned(), key, tries });
    }
}

/// Tries until it was received or refused for good; in the first case gives the bid and its version.
fn until_clear(call: impl Fn() -> (Outcome, Option<i64>)) -> (Vec<Try>, Option<(String, i64)>) {
    let (begun, mut tries) = (Instant::now(), Vec::new());
    while begun.elapsed() < PATIENCE {
        let sent = Instant::now();
        let (outcome, version) = call();
        let clear = !matches!(outcome, Outcome::Unknown) && !outcome.is_turned_away();
        let known = match &outcome {
            Outcome::Ok(answer) => answer.bid.clone().map(|bid| bid.0).zip(version),
            _ => None,
        };
        tries.push(Try { outcome, took: sent.elapsed(), over: begun.elapsed() });
        if clear {
            return (tries, known);
        }
        sleep(PAUSE);
    }
    (tries, None)
}

/// What somebody learns from an answer.
pub fn read_answer(status: u16, body: &str) -> Outcome {
    let json: Value = serde_json::from_str(body).unwrap_or_default();
    let receipt: Option<Receipt> = serde_json::from_value(json["receipt"].clone()).ok();
    let bid = json["id"].as_str().map(ToOwned::to_owned).zip(json["revision"].as_i64());
    let answer = Answer { body: body.to_owned(), receipt, bid };
    match json["code"].as_str() {
        _ if status < 300 => Outcome::Ok(answer),
        Some("outcome_unknown" | "timed_out") => Outcome::Unknown,
        code => Outcome::Refused(code.unwrap_or("without a code").to_owned(), answer),
    }
}
