//! The opening committee: its keys, its rehearsal, and how it opens what is sealed.

use crate::{
    app::{Person, Response},
    marketplace::Marketplace,
};
use actix_web::test::TestRequest;
use base64::{Engine, prelude::BASE64_STANDARD};
use sealing::SecretKey;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

/// The key of a person: the same whenever it is asked for, so that nobody needs to keep it.
pub fn key_of(person: &Person) -> SecretKey {
    SecretKey::from_bytes(&Sha256::digest(&person.email).into()).unwrap()
}

/// A share file, opened by its holder.
pub fn opened(person: &Person, file: &Value) -> Value {
    let file = BASE64_STANDARD.decode(file.as_str().unwrap()).unwrap();
    serde_json::from_str(&sealing::open_share(&key_of(person), &file).unwrap().to_json()).unwrap()
}

impl Marketplace {
    /// Both officers say which keys are theirs.
    pub async fn introduce_keys(&self) {
        for officer in [&self.officer, &self.second_officer] {
            self.introduce_key(officer).await;
        }
    }

    pub async fn introduce_key(&self, person: &Person) {
        let body = json!({ "recipient": key_of(person).recipient().to_string() });
        let request = person.sign(TestRequest::put().uri("/api/v1/account/opening-key"));
        self.call(request.set_json(body)).await.expect(200);
    }

    /// The committee of two officers comes together and rehearses.
    pub async fn rehearse(&self, challenge: &str) {
        self.call(self.author.post(&format!("/challenges/{challenge}/rehearsal"), json!({}))).await.expect(200);
        for officer in [&self.officer, &self.second_officer] {
            self.rehearse_as(officer, challenge).await.expect(200);
        }
    }

    pub async fn rehearse_as(&self, person: &Person, challenge: &str) -> Response {
        let path = format!("/challenges/{challenge}/rehearsal/share");
        let share = self.see(person, &path).await;
        self.call(person.post(&path, json!({ "share": opened(person, &share["file"]) }))).await
    }

    /// A holder fetches their shares, opens them and brings them.
    pub async fn bring(&self, person: &Person, challenge: &str, kind: &str) -> Response {
        let path = format!("/challenges/{challenge}/openings/{kind}/shares");
        let files = self.call(person.get(&format!("{path}?limit=100"))).await;
        if files.status != 200 {
            return files;
        }
        let files = files.body["items"].as_array().unwrap().clone();
        let shares: Vec<_> = files.iter().map(|file| opened(person, &file["file"])).collect();
        self.call(person.post(&path, json!({ "shares": shares }))).await
    }

    /// Both officers open the quality envelopes.
    pub async fn open(&self, challenge: &str) {
        self.open_kind(challenge, "quality").await;
    }

    /// Both officers open the prices.
    pub async fn open_prices(&self, challenge: &str) {
        self.open_kind(challenge, "price").await;
    }

    async fn open_kind(&self, challenge: &str, kind: &str) {
        for officer in [&self.officer, &self.second_officer] {
            self.bring(officer, challenge, kind).await.expect(200);
        }
    }
}
