//! The rows of the table about API keys, and the column that says which operations take them.

use crate::{
    api_key_world::{Key, insert_key},
    app::{Person, Response},
    principals::Owner,
    rows::change,
    walk::{Call, Rule, Walk, table},
};
use serde_json::json;

/// The operations on keys themselves.
pub async fn of_organisation(walk: &Walk, agency: &Call) {
    let (m, owner) = (&walk.m, [&walk.m.owner]);
    let body = json!({ "name": "Bid system", "scopes": ["bids:read"] });
    walk.check("create_api_key", Owner::Agency, agency.clone().body(body), &owner).await;
    walk.check("list_api_keys", Owner::Agency, agency.clone(), &owner).await;
    let key = insert_key(&m.app, &m.owner, &m.agency, &["bids:read"]).await;
    let key = agency.clone().with("key", &key.id);
    walk.check("rotate_api_key", Owner::Agency, key.clone().body(json!({})), &owner).await;
    walk.check("revoke_api_key", Owner::Agency, key, &owner).await;
}

/// With the one scope of the operation a key does what its maker may; with all others, or if the operation takes no keys,
/// nothing.
pub async fn check(walk: &Walk, operation: &str, rule: &Rule, call: &Call, right: &[&Person]) {
    let m = &walk.m;
    let (mut person, mut organisation) = (&m.owner, &m.agency);
    for maker in right.iter().rev() {
        if let Some(of) = organisation_of(walk, maker).await {
            (person, organisation) = (*maker, of);
        }
    }
    let every: Vec<_> = table().values().filter_map(|rule| rule.api_key).collect();
    let others: Vec<_> = every.iter().copied().filter(|scope| Some(*scope) != rule.api_key).collect();
    let refused = with_key(walk, person, organisation, &others, operation, call).await;
    let Some(scope) = rule.api_key else {
        refused.expect_problem(403, "api_key_not_allowed");
        return;
    };
    assert_eq!(refused.expect_problem(403, "scope_missing").body["missingScopes"], json!([scope]), "{operation}");
    let by_key = with_key(walk, person, organisation, &[scope], operation, call).await;
    let by_person = walk.call(person, operation, call, true).await;
    let told = |answer: &Response| (answer.status, answer.body["code"].clone());
    assert_eq!(told(&by_key), told(&by_person), "{operation}: {}", by_key.text);
}

/// Tries an operation with a key that is gone afterwards: an organisation has only so many.
async fn with_key(
    walk: &Walk,
    maker: &Person,
    organisation: &str,
    scopes: &[&str],
    operation: &str,
    call: &Call,
) -> Response {
    let Key { id, secret } = insert_key(&walk.m.app, maker, organisation, scopes).await;
    let answer = walk.call(&Person { token: secret, ..maker.clone() }, operation, call, true).await;
    change(&walk.m.app, &format!("DELETE FROM api_keys WHERE id = '{id}'"));
    answer
}

/// The organisation of the marketplace that somebody belongs to; evaluators from outside belong to none.
async fn organisation_of<'w>(walk: &'w Walk, person: &Person) -> Option<&'w String> {
    let id = person.id;
    let memberships =
        walk.m.app.db().read(move |conn| persistence::sessions::memberships(conn, id, conn.machine_now()));
    let memberships = memberships.await.unwrap();
    let of = |id: &&String| memberships.iter().any(|membership| membership.organisation.to_string() == **id);
    [&walk.m.agency, &walk.m.calm.id].into_iter().find(of)
}
