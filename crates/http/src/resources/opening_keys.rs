//! One's own key for openings.

use crate::{
    Answer, Error,
    access::{As, Recent, SignedIn},
    foundation::{Body, ReadProblems, Reply, WriteProblems, blocking, query::WriteParams},
};
use actix_web::{get, put};
use application::opening_keys::{self, NewKey};
use chrono::{DateTime, Utc};
use domain::{OpeningKey, Refusal};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config.service(put_opening_key).service(get_opening_key);
}

/// One of the two.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct PutOpeningKey {
    /// The public half of a key that you keep yourself: `age1...`, as `provoco key new` and `age-keygen` print it.
    #[schema(example = "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p", max_length = 100)]
    recipient: Option<String>,
    /// The passphrase of a key that is made and kept here, for those who cannot keep one. Whoever runs the server cannot read
    /// the key without it; nor can anybody help if it is forgotten.
    #[schema(example = "correct horse battery staple", min_length = 12, max_length = 200)]
    passphrase: Option<String>,
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = OpeningKey)]
pub(crate) struct KeyView {
    /// The public half.
    #[schema(example = "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p")]
    recipient: String,
    /// Whether the secret half is kept here, under a passphrase.
    #[schema(example = false)]
    kept_here: bool,
    /// Since when it is your key.
    created_at: DateTime<Utc>,
}

impl From<OpeningKey> for KeyView {
    fn from(key: OpeningKey) -> Self {
        Self { recipient: key.recipient, kept_here: key.protected.is_some(), created_at: key.created_at }
    }
}

/// Set one's own opening key
///
/// For members of opening committees. Give the public half of a key that you keep yourself, or a passphrase for one that is
/// kept here. Committees that were formed before go on with the key that you had then. Takes a step-up. An
/// `Idempotency-Key` is not heeded.
#[utoipa::path(tag = "accounts", params(WriteParams), request_body = PutOpeningKey, security(("bearer" = [])),
    responses((status = 200, description = "Your key", body = KeyView), WriteProblems))]
#[put("/account/opening-key")]
async fn put_opening_key(who: As<Recent<SignedIn>>, body: Body<PutOpeningKey>) -> Answer {
    who.look(|_, _| Ok(())).await?;
    let key = blocking(move || new_key(body.0)).await??;
    who.write_secret(move |conn, caller| Reply::ok(&KeyView::from(opening_keys::put(conn, caller, key)?))).await
}

fn new_key(body: PutOpeningKey) -> Result<NewKey, Error> {
    match (body.recipient, body.passphrase) {
        (Some(recipient), None) => Ok(opening_keys::of_own_device(recipient.trim())?),
        (None, Some(passphrase)) => Ok(opening_keys::under_passphrase(&passphrase)?),
        _ => {
            let detail = "give either the public half of your key, or a passphrase";
            Err(application::Error::from(Refusal::invalid("/recipient", "one_of", detail)).into())
        }
    }
}

/// See one's own opening key
#[utoipa::path(tag = "accounts", security(("bearer" = [])),
    responses((status = 200, description = "Your key", body = KeyView), ReadProblems))]
#[get("/account/opening-key")]
async fn get_opening_key(who: As<SignedIn>) -> Answer {
    who.read(|conn, actor| Reply::ok(&KeyView::from(opening_keys::current(conn, actor)?))).await
}
