//! Keys for programs, and an agency with one.

use crate::{
    app::{Person, TestApp, get},
    marketplace::organisation,
    steps::join,
};
use actix_web::test::TestRequest;
use chrono::TimeDelta;
use domain::{
    OrganisationId,
    api_key::{ApiKey, SECRET_LENGTH, Token},
};
use serde_json::{Value, json};
use testing::Backend;

/// A key, and its secret.
pub struct Key {
    pub id: String,
    pub secret: String,
}

/// A key that somebody made while they were an owner, for a test that is about its use.
pub async fn insert_key(app: &TestApp, creator: &Person, organisation: &str, scopes: &[&str]) -> Key {
    let (creator, organisation) = (creator.id, OrganisationId(organisation.parse().unwrap()));
    let scopes: Vec<String> = scopes.iter().map(|scope| (*scope).to_owned()).collect();
    let key = app.db().write(move |conn| {
        let now = conn.now()?;
        let id: domain::ApiKeyId = conn.new_id();
        // The last characters of an id are random.
        let token_name: String = id.to_string().replace('-', "").chars().rev().take(12).map(letter).collect();
        let token = Token::new(&token_name, &[7; SECRET_LENGTH]);
        let key = ApiKey {
            id,
            organisation,
            creator,
            name: "Test".to_owned(),
            token_name,
            hash: token.hash(),
            previous: None,
            scopes: scopes.into_iter().collect(),
            networks: Vec::new(),
            created_at: now,
            expires_at: now + TimeDelta::days(90),
            revoked_at: None,
            last_use: None,
            expiry_announced_at: None,
        };
        persistence::api_keys::insert(conn, &key)?;
        Ok::<_, persistence::Error>(Key { id: id.to_string(), secret: token.reveal().to_owned() })
    });
    key.await.unwrap()
}

fn letter(hexadecimal: char) -> char {
    char::from(b'a' + u8::try_from(hexadecimal.to_digit(16).unwrap()).unwrap())
}

impl Key {
    /// Sends a request as the program that has the key.
    pub fn sign(&self, request: TestRequest) -> TestRequest {
        request.insert_header(("authorization", format!("Bearer {}", self.secret)))
    }

    pub fn get(&self, path: &str) -> TestRequest {
        self.sign(get(path))
    }

    pub fn post(&self, path: &str, body: Value) -> TestRequest {
        self.sign(crate::app::post(path, body))
    }
}

pub fn keys_of(organisation: &str) -> String {
    format!("/organisations/{organisation}/api-keys")
}

/// A key made over the API.
pub async fn make(app: &TestApp, owner: &Person, organisation: &str, body: Value) -> Key {
    let made = app.call(owner.post(&keys_of(organisation), body)).await.expect(201);
    Key { id: made.id(), secret: made.body["secret"].as_str().unwrap().to_owned() }
}

pub async fn listed(app: &TestApp, owner: &Person, organisation: &str) -> Vec<Value> {
    let list = app.call(owner.get(&keys_of(organisation))).await.expect(200);
    list.body["items"].as_array().unwrap().clone()
}

/// An agency with two owners, and a key of the first with which members can be read.
pub struct World {
    pub app: TestApp,
    pub owner: Person,
    pub other: Person,
    pub agency: String,
    pub key: Key,
}

impl World {
    pub async fn new(backend: Backend) -> Self {
        let app = TestApp::new(backend).await;
        let owner = app.person("Olga Owner").await;
        let agency = organisation(&app, &owner, "agency", "Northern Dispatch").await;
        let other = join(&app, &owner, &agency, "Otto Other", &["owner"]).await;
        let key = make(&app, &owner, &agency, json!({ "name": "Staff", "scopes": ["organisations:read"] })).await;
        Self { app, owner, other, agency, key }
    }

    pub fn members(&self) -> String {
        format!("/organisations/{}/members", self.agency)
    }

    pub async fn works(&self, key: &Key) -> bool {
        let answer = self.app.call(key.get(&self.members())).await;
        match answer.status.as_u16() {
            200 => true,
            401 => {
                answer.expect_problem(401, "api_key_rejected");
                false
            }
            _ => panic!("{}", answer.text),
        }
    }

    pub async fn member(&self, person: &Person) -> String {
        let members = self.app.call(self.other.get(&self.members())).await.expect(200);
        let of = |member: &&Value| member["user"] == person.id.to_string();
        members.body["items"].as_array().unwrap().iter().find(of).unwrap()["id"].as_str().unwrap().to_owned()
    }

    pub async fn rotate(&self, body: Value) -> Key {
        let path = format!("{}/{}/rotate", keys_of(&self.agency), self.key.id);
        let rotated = self.app.call(self.owner.post(&path, body)).await.expect(200);
        Key { id: rotated.id(), secret: rotated.body["secret"].as_str().unwrap().to_owned() }
    }

    pub async fn status(&self) -> Value {
        listed(&self.app, &self.other, &self.agency).await[0]["status"].clone()
    }
}
