//! The rows of the table about API keys, and the column that says which operations take them.

use crate::{
    api_keys::{Key, insert_key},
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
pub async fn check(walk: &Walk, owner: Owner, operation: &str, rule: &Rule, call: &Call, right: &[&Person]) {
    let m = &walk.m;
    let insiders: Vec<_> = walk.people.insiders(owner).map(|(_, person)| person.id).collect();
    let member = right.iter().find(|person| insiders.contains(&person.id) || is_of_marketplace(walk, person));
    let (person, organisation) =
        member.map_or((&m.owner, &m.agency), |person| (*person, organisation_of(walk, person)));
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

fn is_of_marketplace(walk: &Walk, person: &Person) -> bool {
    let m = &walk.m;
    [&m.owner, &m.author, &m.officer, &m.second_officer, &m.chair, &m.evaluator, &m.pilot_manager, &m.finance]
        .into_iter()
        .chain([&m.calm.bidder])
        .any(|member| member.id == person.id)
}

fn organisation_of<'w>(walk: &'w Walk, person: &Person) -> &'w String {
    let m = &walk.m;
    let of_company = walk.people.insiders(Owner::Company).any(|(_, member)| member.id == person.id);
    if of_company || person.id == m.calm.bidder.id { &m.calm.id } else { &m.agency }
}
