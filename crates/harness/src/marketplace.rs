//! An agency that publishes, and companies that bid.

use base64::{Engine, prelude::BASE64_STANDARD};
use chrono::{DateTime, SecondsFormat, SubsecRound, TimeDelta, Utc};
use sealing::SecretKey;
use serde_json::{Value, json};

use crate::{
    client::{Client, Response},
    people::{PASSWORD, People, Person},
};

/// For how long a challenge is open from its making.
pub const OPEN: TimeDelta = TimeDelta::days(16);

/// An agency with its people.
pub struct Marketplace {
    /// Somebody who runs the platform.
    pub administrator: Client,
    agency: String,
    author: Client,
    /// Decides for the agency.
    pub officer: Client,
    /// The opening committee, in the order of its indexes, with its keys.
    holders: Vec<Holder>,
    panel: Value,
    /// The deadline of each challenge.
    pub deadline: DateTime<Utc>,
}

/// A member of the opening committee.
pub struct Holder {
    /// The officer, as a client.
    pub officer: Client,
    /// The key, which never leaves the officer's machine.
    pub key: SecretKey,
}

/// A company and its bidder.
#[derive(Clone)]
pub struct Company {
    /// Its id.
    pub id: String,
    /// The bidder's access token.
    pub token: String,
    /// The bidder, as a client.
    pub bidder: Client,
}

impl Marketplace {
    /// The members of the opening committee.
    pub fn holders(&self) -> &[Holder] {
        &self.holders
    }

    /// An agency with an author, two officers and a panel.
    pub fn new(client: &Client, people: &People) -> Self {
        Self::with_holders(client, people, 2)
    }

    /// The same with so many officers, all of whom are in the opening committee.
    pub fn with_holders(client: &Client, people: &People, holders: usize) -> Self {
        let as_person = |person: &Person| client.with_token(&person.token);
        let administrator = as_person(&people.administrator());
        let owner_of_agency = people.person("Olga Owner");
        let owner = as_person(&owner_of_agency);
        let body = json!({ "kind": "agency", "legalName": "Northern Dispatch", "country": "SI" });
        let agency = owner.post("/api/v1/organisations", &body).expect(201).id();
        verify(&administrator, &agency);
        let member = |name: &str, role: &str| {
            let person = people.person(name);
            people.let_in(&owner_of_agency, &agency, &person, role);
            person
        };
        let author = member("Ana Author", "author");
        let mut officers: Vec<_> = (1..=holders).map(|n| member(&format!("Officer {n}"), "officer")).collect();
        // The order in which the committee is kept.
        officers.sort_by(|one, other| one.id.cmp(&other.id));
        let ids: Vec<_> = officers.iter().map(|officer| officer.id.clone()).collect();
        let [chair, evaluator] = ["Eva Chair", "Emil Evaluator"].map(|name| people.person(name).id);
        let panel = json!({
            "chair": chair, "evaluators": [chair, evaluator], "openingCommittee": ids,
        });
        let deadline = people.db().clock().now().trunc_subsecs(0) + OPEN;
        let holders: Vec<_> = officers.iter().map(|person| holder(as_person(person))).collect();
        let (author, officer) = (as_person(&author), as_person(&officers[0]));
        Self { administrator, author, officer, holders, agency, panel, deadline }
    }

    /// A company whose owner is its bidder.
    pub fn company(&self, client: &Client, people: &People, name: &str) -> Company {
        let token = people.person(&format!("Bidder of {name}")).token;
        let bidder = client.with_token(&token);
        let id = register_company(&bidder, name);
        let members = bidder.get(&format!("/api/v1/organisations/{id}/members")).expect(200);
        let member = members.body["items"][0]["id"].as_str().unwrap();
        let path = format!("/api/v1/organisations/{id}/members/{member}");
        let roles = json!({ "roles": ["owner", "bidder"] });
        bidder.send("PUT", &path, &[("if-match", "\"1\"")], Some(&roles)).unwrap().expect(200);
        verify(&self.administrator, &id);
        Company { id, token, bidder }
    }

    /// The id of a new, published challenge.
    pub fn publish(&self) -> String {
        let body = json!({ "agency": self.agency, "content": content(self.deadline) });
        let id = self.author.post("/api/v1/challenges", &body).expect(201).id();
        let path = |action: &str| format!("/api/v1/challenges/{id}/{action}");
        self.author.send("PUT", &path("panel"), &[], Some(&self.panel)).unwrap().expect(200);
        self.author.post(&path("rehearsal"), &json!({})).expect(200);
        for holder in &self.holders {
            let share = holder.officer.get(&path("rehearsal/share")).expect(200).body;
            holder.officer.post(&path("rehearsal/share"), &json!({ "share": holder.open(&share["file"]) })).expect(200);
        }
        self.author.act(&path("submit-for-review")).expect(200);
        self.officer.act(&path("approve")).expect(200);
        self.officer.act(&path("publish")).expect(200);
        id
    }

    /// Moves the deadline of a published challenge by a change notice. The answer says from when on it holds
    /// (`publishedAt`).
    ///
    /// # Errors
    /// No answer came.
    pub fn extend(&self, challenge: &str, deadline: DateTime<Utc>) -> Result<Response, ureq::Error> {
        let path = format!("/api/v1/challenges/{challenge}");
        let etag = self.officer.send("GET", &path, &[], None)?.header("etag").to_owned();
        let deadline = deadline.to_rfc3339_opts(SecondsFormat::Micros, true);
        let body = json!({
            "code": "other", "reason": "The network was down.", "changes": { "submissionDeadline": deadline },
        });
        self.officer.send("POST", &format!("{path}/change-notices"), &[("if-match", &etag)], Some(&body))
    }
}

impl Holder {
    /// A share file, opened.
    pub fn open(&self, file: &Value) -> Value {
        let file = BASE64_STANDARD.decode(file.as_str().unwrap()).unwrap();
        serde_json::from_str(&sealing::open_share(&self.key, &file).unwrap().to_json()).unwrap()
    }

    /// Shows to be at the keyboard, fetches the shares of the quality envelopes and opens them.
    pub fn fetch(&self, challenge: &str) -> Vec<Value> {
        self.officer.post("/api/v1/sessions/current/confirm", &json!({ "password": PASSWORD })).expect(204);
        let files = self.officer.get(&format!("{}?limit=100", shares(challenge))).expect(200).body;
        files["items"].as_array().unwrap().iter().map(|share| self.open(&share["file"])).collect()
    }

    /// Brings shares to the opening of the quality envelopes.
    pub fn bring(&self, challenge: &str, opened: &[Value]) -> Response {
        self.officer.post(&shares(challenge), &json!({ "shares": opened }))
    }
}

fn shares(challenge: &str) -> String {
    format!("/api/v1/challenges/{challenge}/openings/quality/shares")
}

/// Somebody who says which key is theirs.
fn holder(person: Client) -> Holder {
    let key = SecretKey::generate(&mut sealing::os_randomness().unwrap()).unwrap();
    let body = json!({ "recipient": key.recipient().to_string() });
    person.send("PUT", "/api/v1/account/opening-key", &[], Some(&body)).unwrap().expect(200);
    Holder { officer: person, key }
}

/// Registers a company, and gives its id.
pub fn register_company(owner: &Client, name: &str) -> String {
    let body = json!({ "kind": "company", "legalName": name, "country": "SI" });
    owner.post("/api/v1/organisations", &body).expect(201).id()
}

/// An offer for this many euros.
pub fn offer(price: &str) -> Value {
    json!({
        "solution": "We listen for words of distress.",
        "price": { "amount": price, "currency": "EUR" },
        "milestones": [{ "title": "All of it", "amount": { "amount": price, "currency": "EUR" }, "dueWeek": 8 }],
    })
}

fn verify(administrator: &Client, organisation: &str) {
    let reason = json!({ "reason": "Checked." });
    administrator.post(&format!("/api/v1/organisations/{organisation}/verify"), &reason).expect(200);
}

fn content(deadline: DateTime<Utc>) -> Value {
    let deadline = deadline.to_rfc3339_opts(SecondsFormat::AutoSi, true);
    json!({
        "title": "Telling urgent 112 calls apart during a flood",
        "summary": "When a river bursts its banks, 4,000 calls reach us in an hour.",
        "problem": {
            "pain": "Callers in mortal danger wait behind callers with a wet cellar.",
            "affected": "1.2 million people and 46 call takers.",
            "evidence": "On 4 August the median wait was 94 seconds.",
            "currentCost": "About EUR 310,000 a year.",
            "tried": "A recorded menu; callers hung up.",
        },
        "outcomes": [{ "metric": "Median wait", "unit": "seconds", "baseline": "94", "target": "20" }],
        "procedure": "small_pilot",
        "budgetCeiling": { "amount": "45000.00", "currency": "EUR" },
        "pilots": 1,
        "pilotWeeks": 12,
        "submissionDeadline": deadline,
        "zone": "Europe/Ljubljana",
        "criteria": [
            { "name": "Recognises urgency", "description": "Does it?", "weight": "40", "maximum": "5", "minimum": "2" },
            { "name": "Safe to try", "description": "Is it?", "weight": "30", "maximum": "5" },
        ],
        "priceFormula": "absolute",
        "priceWeight": "30",
        "consensus": "mean",
        "tieRule": "lower_price",
    })
}
