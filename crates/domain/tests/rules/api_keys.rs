//! Keys with which programs act in the place of people.

use crate::records::{at, id, member, organisation};
use chrono::{DateTime, TimeDelta, Utc};
use domain::{
    Actor, ApiKey, Organisation, OrganisationKind, Refusal, Role,
    api_key::{ApiKeyStatus, Creator, EXPIRY_NOTICE, MOST_KEYS, NewApiKey, Rotation},
};
use serde_json::json;
use std::{collections::BTreeSet, net::IpAddr};

fn agency() -> Organisation {
    organisation(crate::records::agency(), OrganisationKind::Agency)
}

fn made_at() -> DateTime<Utc> {
    at("2026-03-02T08:00:00Z")
}

fn owner() -> Actor {
    member(20, crate::records::agency(), &[Role::Owner, Role::Officer])
}

fn known() -> BTreeSet<String> {
    ["bids:read", "bids:write", "challenges:read"].map(ToOwned::to_owned).into()
}

fn new() -> NewApiKey {
    let scopes = vec!["bids:read".to_owned(), "challenges:read".to_owned()];
    NewApiKey { name: " Bid system ".to_owned(), scopes, networks: Vec::new(), days: 90 }
}

fn create(actor: &Actor, new: &NewApiKey, live: usize) -> Result<ApiKey, Refusal> {
    let fresh = (id(50), "abcdefgh2345".to_owned(), "hash".to_owned());
    Ok(agency().create_api_key(actor, fresh, new, &known(), live, made_at())?.0)
}

fn key() -> ApiKey {
    create(&owner(), &new(), 0).unwrap()
}

fn creator() -> Creator {
    Creator { joined_at: made_at(), roles: vec![Role::Officer], accepted_terms: 3, sandbox: false }
}

fn anywhere() -> IpAddr {
    "203.0.113.9".parse().unwrap()
}

fn fields(refusal: Refusal) -> Vec<(String, &'static str)> {
    let Refusal::Invalid(errors) = refusal else { panic!("{refusal:?}") };
    errors.into_iter().map(|error| (error.pointer, error.code)).collect()
}

#[test]
fn only_an_owner_makes_a_key_and_only_so_many() {
    let key = key();
    assert_eq!((key.name.as_str(), key.prefix().as_str()), ("Bid system", "pvk_abcdefgh2345"));
    assert_eq!((key.creator, key.expires_at), (owner().user, made_at() + TimeDelta::days(90)));
    let officer = member(21, crate::records::agency(), &[Role::Officer]);
    assert_eq!(create(&officer, &new(), 0), Err(Refusal::RoleMissing(Role::Owner)));
    assert_eq!(create(&Actor::new(id(22)), &new(), 0), Err(Refusal::NotFound("organisation")));
    assert!(create(&owner(), &new(), MOST_KEYS - 1).is_ok());
    let full = Refusal::TooMany { what: "API keys", most: MOST_KEYS };
    assert_eq!(create(&owner(), &new(), MOST_KEYS), Err(full));
}

#[test]
fn everything_that_is_wrong_with_a_new_key_is_told() {
    let text = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
    let all = NewApiKey {
        name: "x".repeat(101),
        scopes: text(&["bids:read", "bids:approve", "bids:read"]),
        networks: text(&["10.0.0.0/33", "2001:db8::/48", "example.org"]),
        days: 0,
    };
    let expected = [
        ("/name", "too_long"),
        ("/scopes/1", "unknown"),
        ("/scopes/2", "duplicate"),
        ("/networks/0", "wrong_format"),
        ("/networks/2", "wrong_format"),
        ("/expiresInDays", "out_of_range"),
    ];
    let expected = expected.map(|(pointer, code)| (pointer.to_owned(), code));
    assert_eq!(fields(create(&owner(), &all, 0).unwrap_err()), expected);
    let table: [(NewApiKey, Option<(&str, &str)>); 7] = [
        (NewApiKey { name: "  ".to_owned(), ..new() }, Some(("/name", "required"))),
        (NewApiKey { scopes: Vec::new(), ..new() }, Some(("/scopes", "too_few"))),
        (NewApiKey { days: 366, ..new() }, None),
        (NewApiKey { days: 367, ..new() }, Some(("/expiresInDays", "out_of_range"))),
        (NewApiKey { days: 1, ..new() }, None),
        (NewApiKey { networks: vec!["10.0.0.0/8".to_owned(); 20], ..new() }, None),
        (NewApiKey { networks: vec!["10.0.0.0/8".to_owned(); 21], ..new() }, Some(("/networks", "too_many"))),
    ];
    for (new, wrong) in table {
        let told = create(&owner(), &new, 0).map_err(fields).err().unwrap_or_default();
        assert_eq!(told, wrong.map(|(pointer, code)| (pointer.to_owned(), code)).into_iter().collect::<Vec<_>>());
    }
}

#[test]
fn a_key_has_what_its_maker_has_here_and_now_and_nothing_else() {
    let actor = key().actor("hash", Some(creator()), anywhere(), made_at()).unwrap();
    assert_eq!((actor.user, actor.api_key, actor.accepted_terms), (owner().user, Some(id(50)), 3));
    assert!(!actor.administrator && !actor.auditor && actor.authenticated_at.is_none());
    assert_eq!(actor.memberships.len(), 1);
    let here = crate::records::agency();
    assert!(actor.holds(Role::Officer, here) && !actor.holds(Role::Owner, here));
    let without = Creator { roles: Vec::new(), ..creator() };
    let actor = key().actor("hash", Some(without), anywhere(), made_at()).unwrap();
    assert!(actor.belongs_to(here) && !actor.holds_anywhere(Role::Officer));
}

#[test]
fn a_key_works_only_while_all_holds() {
    let works = |key: &ApiKey, hash: &str, creator: Option<Creator>, now| {
        key.actor(hash, creator, anywhere(), now).map(drop) == Ok(())
    };
    let (key, now) = (key(), made_at());
    let end = key.expires_at;
    assert!(works(&key, "hash", Some(creator()), now));
    assert!(works(&key, "hash", Some(creator()), end - TimeDelta::microseconds(1)));
    assert!(!works(&key, "hash", Some(creator()), end));
    assert!(!works(&key, "another", Some(creator()), now));
    assert!(!works(&key, "hash", None, now));
    let back = Creator { joined_at: now + TimeDelta::microseconds(1), ..creator() };
    assert!(!works(&key, "hash", Some(back), now));
    let revoked = ApiKey { revoked_at: Some(now), ..key.clone() };
    assert!(!works(&revoked, "hash", Some(creator()), now));
    // Whoever does not have the key is not told that it is the network.
    let bound = ApiKey { networks: vec!["198.51.100.0/24".parse().unwrap()], ..key };
    let told = |hash: &str| bound.actor(hash, Some(creator()), anywhere(), now).unwrap_err();
    assert_eq!((told("hash"), told("another")), (Refusal::NetworkNotAllowed, Refusal::ApiKeyRejected));
}

#[test]
fn a_key_works_from_its_networks() {
    let networks = vec!["203.0.113.64/26".to_owned(), "198.51.100.7".to_owned(), "2001:db8:1::/48".to_owned()];
    let key = create(&owner(), &NewApiKey { networks, ..new() }, 0).unwrap();
    for (from, allowed) in [
        ("203.0.113.63", false),
        ("203.0.113.64", true),
        ("203.0.113.127", true),
        ("203.0.113.128", false),
        ("198.51.100.7", true),
        ("198.51.100.8", false),
        ("2001:db8:1:ffff::1", true),
        ("2001:db8:2::1", false),
    ] {
        let admitted = key.actor("hash", Some(creator()), from.parse().unwrap(), made_at());
        assert_eq!(admitted.is_ok(), allowed, "{from}");
    }
}

#[test]
fn all_scopes_of_an_operation_are_needed() {
    let key = key();
    let needed = |scopes: &[&str]| scopes.iter().map(|scope| (*scope).to_owned()).collect::<Vec<_>>();
    assert_eq!(key.require_scopes(None), Err(Refusal::ApiKeyNotAllowed));
    assert_eq!(key.require_scopes(Some(&needed(&["bids:read", "challenges:read"]))), Ok(()));
    let missing = needed(&["bids:write", "terms:read"]);
    let asked = needed(&["bids:write", "bids:read", "terms:read"]);
    assert_eq!(key.require_scopes(Some(&asked)), Err(Refusal::ScopeMissing(missing)));
}

#[test]
fn the_old_secret_works_until_the_overlap_ends_or_its_own_end_comes() {
    for (overlap_hours, days_later, lasts) in [
        (24, 0, TimeDelta::hours(24)),
        (0, 0, TimeDelta::zero()),
        (168, 0, TimeDelta::hours(168)),
        (168, 89, TimeDelta::days(1)),
    ] {
        let (mut key, now) = (key(), made_at() + TimeDelta::days(days_later));
        let rotation = Rotation { overlap_hours, days: 30 };
        agency().rotate_api_key(&owner(), (&mut key, ApiKeyStatus::Active), rotation, "new".to_owned(), now).unwrap();
        let works = |hash, at| key.actor(hash, Some(creator()), anywhere(), at).is_ok();
        let end = now + lasts;
        assert!(works("new", end) && !works("hash", end), "{overlap_hours}");
        assert!(lasts.is_zero() || works("hash", end - TimeDelta::microseconds(1)), "{overlap_hours}");
        assert_eq!(key.expires_at, now + TimeDelta::days(30));
    }
}

#[test]
fn only_whoever_made_a_live_key_rotates_it() {
    let rotate = |actor: &Actor, status, rotation| {
        agency().rotate_api_key(actor, (&mut key(), status), rotation, "new".to_owned(), made_at())
    };
    let (active, rotation) = (ApiKeyStatus::Active, Rotation { overlap_hours: 24, days: 90 });
    assert!(rotate(&owner(), active, rotation).is_ok());
    let other = member(21, crate::records::agency(), &[Role::Owner]);
    assert_eq!(rotate(&other, active, rotation), Err(Refusal::ApiKeyOfAnother));
    let no_owner = member(20, crate::records::agency(), &[Role::Officer]);
    assert_eq!(rotate(&no_owner, active, rotation), Err(Refusal::RoleMissing(Role::Owner)));
    for status in [ApiKeyStatus::Dormant, ApiKeyStatus::Expired, ApiKeyStatus::Revoked] {
        let refused = rotate(&owner(), status, rotation).unwrap_err();
        let expected = Refusal::WrongState { subject: "API key", status: status.as_str(), allowed: "active" };
        assert_eq!(refused, expected);
    }
    for (overlap_hours, days, pointers) in [
        (-1, 1, vec!["/overlapHours"]),
        (169, 0, vec!["/overlapHours", "/expiresInDays"]),
        (0, 367, vec!["/expiresInDays"]),
    ] {
        let wrong = fields(rotate(&owner(), active, Rotation { overlap_hours, days }).unwrap_err());
        assert_eq!(wrong.into_iter().map(|(pointer, _)| pointer).collect::<Vec<_>>(), pointers);
    }
}

#[test]
fn any_owner_revokes_a_key_once() {
    let other = member(21, crate::records::agency(), &[Role::Owner]);
    let mut key = key();
    let officer = member(22, crate::records::agency(), &[Role::Officer]);
    let refused = agency().revoke_api_key(&officer, &mut key, made_at());
    assert_eq!(refused, Err(Refusal::RoleMissing(Role::Owner)));
    agency().revoke_api_key(&other, &mut key, made_at()).unwrap();
    assert_eq!(key.status(Some(made_at()), made_at()), ApiKeyStatus::Revoked);
    assert_eq!(agency().revoke_api_key(&other, &mut key, made_at()), Err(Refusal::AlreadyDone));
    let mut expired = self::key();
    let end = expired.expires_at;
    assert_eq!(agency().revoke_api_key(&other, &mut expired, end), Err(Refusal::AlreadyDone));
}

#[test]
fn the_end_is_announced_once_and_in_time() {
    let due = |key: &ApiKey, now| key.clone().announce_expiry(now);
    let (mut key, notice) = (key(), key().expires_at - EXPIRY_NOTICE);
    assert!(!due(&key, notice - TimeDelta::microseconds(1)) && due(&key, notice));
    assert!(due(&key, key.expires_at - TimeDelta::microseconds(1)) && !due(&key, key.expires_at));
    assert!(!due(&ApiKey { revoked_at: Some(notice), ..key.clone() }, notice));
    assert!(key.announce_expiry(notice) && !key.announce_expiry(notice));
    let short = create(&owner(), &NewApiKey { days: 14, ..new() }, 0).unwrap();
    assert!(!due(&short, made_at()));
    let longer = create(&owner(), &NewApiKey { days: 15, ..new() }, 0).unwrap();
    assert!(due(&longer, made_at() + TimeDelta::days(1)));
    // A rotation starts anew.
    let rotation = Rotation { overlap_hours: 0, days: 90 };
    agency().rotate_api_key(&owner(), (&mut key, ApiKeyStatus::Active), rotation, "new".to_owned(), notice).unwrap();
    assert!(due(&key, notice + TimeDelta::days(76)));
}

#[test]
fn events_tell_the_key_and_never_the_secret() {
    let fresh = (id(50), "abcdefgh2345".to_owned(), "hash".to_owned());
    let (mut key, made) = agency().create_api_key(&owner(), fresh, &new(), &known(), 0, made_at()).unwrap();
    let rotation = Rotation { overlap_hours: 1, days: 1 };
    let active = ApiKeyStatus::Active;
    let rotated =
        agency().rotate_api_key(&owner(), (&mut key, active), rotation, "fresh".to_owned(), made_at()).unwrap();
    let revoked = agency().revoke_api_key(&owner(), &mut key, made_at()).unwrap();
    let events = [("created", made), ("rotated", rotated), ("revoked", revoked)];
    for (done, event) in events {
        assert_eq!(event.kind, format!("organisation.api_key_{done}"));
        assert!(event.public.is_none());
        let told = event.confidential.to_string();
        assert!(told.contains("pvk_abcdefgh2345") && !told.contains("hash") && !told.contains("fresh"), "{told}");
    }
}

#[test]
fn the_event_of_a_new_key_tells_what_it_may_and_until_when() {
    let fresh = (id(50), "abcdefgh2345".to_owned(), "hash".to_owned());
    let new = NewApiKey { networks: vec!["192.0.2.0/24".to_owned()], ..new() };
    let (key, event) = agency().create_api_key(&owner(), fresh, &new, &known(), 0, made_at()).unwrap();
    let told = ["scopes", "networks", "expiresAt"].map(|name| event.confidential[name].clone());
    assert_eq!(told, [json!(key.scopes), json!(["192.0.2.0/24"]), json!(key.expires_at)]);
}

#[test]
fn each_status_has_a_name_of_its_own() {
    assert_eq!(ApiKeyStatus::ALL.map(ApiKeyStatus::as_str), ["active", "dormant", "expired", "revoked"]);
}
