//! How administrators let people and organisations in and keep them out; the terms of use; foreign accounts.

use crate::records::{administrator, at, company, fields, id, owner};
use chrono::{DateTime, Utc};
use domain::{
    Actor, Event, Read, Refusal, Result, Subject,
    account::{Email, NO_PASSWORD, Registration, User},
    administration::Person,
    identity::{Claims, Identity},
    terms::{self, Terms},
};
use std::fmt::Debug;

fn now() -> DateTime<Utc> {
    at("2026-06-01T08:00:00Z")
}

fn person() -> Person {
    Person {
        id: id(20),
        email: Email::parse("mira@calm.example").unwrap(),
        name: "Mira".to_owned(),
        administrator: false,
        auditor: false,
        created_at: at("2026-01-05T08:00:00Z"),
        last_active_at: None,
        suspended_at: None,
        suspension_reason: None,
        deactivated_at: None,
    }
}

/// Tries an action that must be refused, for this reason, and change nothing.
fn refused<R: Clone + PartialEq + Debug>(record: &R, expected: &Refusal, act: impl FnOnce(&mut R) -> Result<Event>) {
    let mut changed = record.clone();
    assert_eq!(act(&mut changed).as_ref(), Err(expected));
    assert_eq!(changed, *record);
}

#[test]
fn people_are_kept_out_and_let_in_with_a_reason_and_only_once() {
    let admin = administrator();
    let mut mira = person();
    let event = mira.suspend(&admin, " Threats. ", true, now()).unwrap();
    assert_eq!((event.kind, event.reason.as_deref()), ("user.suspended", Some("Threats.")));
    assert_eq!((event.subject, event.organisation, event.public), (Subject::User(mira.id), None, None));
    assert_eq!((mira.suspended_at, mira.suspension_reason.as_deref()), (Some(now()), Some("Threats.")));
    refused(&mira, &Refusal::AlreadyDone, |p| p.suspend(&admin, "Again.", true, now()));
    assert_eq!(mira.reinstate(&admin, "An error.").unwrap().kind, "user.reinstated");
    assert_eq!(mira, person());
    refused(&mira, &Refusal::AlreadyDone, |p| p.reinstate(&admin, "Again."));
    for blank in ["", " "] {
        assert_eq!(fields(person().suspend(&admin, blank, true, now()).unwrap_err())[0].0, "/reason");
        assert_eq!(fields(person().reinstate(&admin, blank).unwrap_err())[0].0, "/reason");
    }
}

#[test]
fn only_administrators_decide_about_people_and_never_about_themselves() {
    let oneself = Actor { administrator: true, ..Actor::new(person().id) };
    let outsiders = [Actor { auditor: true, ..Actor::new(id(91)) }, owner(company()), Actor::new(person().id)];
    let cases = outsiders.map(|actor| (actor, Refusal::AdministratorOnly)).into_iter();
    for (actor, refusal) in cases.chain([(oneself, Refusal::OwnAccount)]) {
        refused(&person(), &refusal, |p| p.suspend(&actor, "Threats.", true, now()));
        let suspended = Person { suspended_at: Some(now()), ..person() };
        refused(&suspended, &refusal, |p| p.reinstate(&actor, "An error."));
        refused(&person(), &refusal, |p| p.appoint(&actor, true, false, true));
    }
}

#[test]
fn the_platform_keeps_an_administrator() {
    let colleague = Person { administrator: true, ..person() };
    let admin = administrator();
    refused(&colleague, &Refusal::LastAdministrator, |p| p.suspend(&admin, "Threats.", false, now()));
    refused(&colleague, &Refusal::LastAdministrator, |p| p.appoint(&admin, false, false, false));
    assert!(colleague.clone().suspend(&admin, "Threats.", true, now()).is_ok());
    assert!(colleague.clone().appoint(&admin, false, true, true).is_ok());
    assert!(person().suspend(&admin, "Threats.", false, now()).is_ok(), "who runs nothing can always go");
    assert!(person().appoint(&admin, false, true, false).is_ok());
    refused(&colleague, &Refusal::AlreadyDone, |p| p.appoint(&admin, true, false, false));
}

#[test]
fn nobody_runs_and_audits_the_platform_and_an_appointment_changes_something() {
    let admin = administrator();
    let both = person().appoint(&admin, true, true, true).unwrap_err();
    assert_eq!(fields(both), [("/auditor".to_owned(), "not_allowed")]);
    for before in [(false, false), (true, false), (false, true)] {
        for after in [(false, false), (true, false), (false, true)] {
            let mut mira = Person { administrator: before.0, auditor: before.1, ..person() };
            let appointed = mira.appoint(&admin, after.0, after.1, true);
            assert_eq!((mira.administrator, mira.auditor), after);
            match appointed {
                Ok(event) => {
                    let told = serde_json::json!({ "administrator": after.0, "auditor": after.1 });
                    assert_eq!((event.kind, event.confidential), ("user.platform_roles_changed", told));
                    assert_ne!(before, after);
                }
                Err(refusal) => assert_eq!((refusal, before), (Refusal::AlreadyDone, after)),
            }
        }
    }
}

#[test]
fn a_person_sees_that_an_administrator_looked_them_up() {
    let expected = Read { subject: Subject::User(id(20)), organisation: None, person: Some(id(20)) };
    assert_eq!(person().read(), expected);
}

#[test]
fn administrators_publish_terms_and_each_version_follows_the_last() {
    let (terms, event) = Terms::publish(&administrator(), 2, " Terms ", "Be kind.", now()).unwrap();
    assert_eq!((terms.number, terms.title.as_str(), terms.content.as_str()), (3, "Terms", "Be kind."));
    assert_eq!((event.kind, event.confidential["number"].as_i64()), ("terms.published", Some(3)));
    let refused = Terms::publish(&owner(company()), 2, "Terms", "Be kind.", now()).unwrap_err();
    assert_eq!(refused, Refusal::AdministratorOnly);
    let long = "x".repeat(100_001);
    for (title, content, wrong) in [
        (" ", "Be kind.", ("/title", "required")),
        ("Terms", " ", ("/content", "required")),
        ("Terms", &*long, ("/content", "too_long")),
    ] {
        let refused = Terms::publish(&administrator(), 2, title, content, now()).unwrap_err();
        assert_eq!(fields(refused), [(wrong.0.to_owned(), wrong.1)]);
    }
    assert!(Terms::publish(&administrator(), 2, "Terms", &long[1..], now()).is_ok());
}

#[test]
fn only_the_terms_in_force_are_accepted_and_once() {
    let actor = |accepted_terms| Actor { accepted_terms, ..Actor::new(id(20)) };
    let replaced = Refusal::WrongState { subject: "version", status: "replaced", allowed: "in force" };
    for (accepted, number, refusal) in [
        (0, 0, Refusal::NotFound("terms")),
        (0, -1, Refusal::NotFound("terms")),
        (0, 4, Refusal::NotFound("terms")),
        (0, 2, replaced.clone()),
        (2, 1, replaced),
        (3, 3, Refusal::AlreadyDone),
    ] {
        assert_eq!(terms::accept(&actor(accepted), number, 3).unwrap_err(), refusal, "{number}");
    }
    for accepted in [0, 2] {
        let event = terms::accept(&actor(accepted), 3, 3).unwrap();
        assert_eq!((event.kind, event.subject), ("user.terms_accepted", Subject::User(id(20))));
        assert_eq!(event.confidential, serde_json::json!({ "number": 3 }));
    }
    assert_eq!(terms::accept(&actor(0), 1, 1).unwrap().kind, "user.terms_accepted");
}

#[test]
fn who_registers_accepts_exactly_the_terms_in_force() {
    for (given, current, code) in [
        (0, 0, None),
        (3, 3, None),
        (0, 3, Some("required")),
        (2, 3, Some("not_in_force")),
        (4, 3, Some("not_in_force")),
    ] {
        let wrong = terms::check_accepted(given, current).map_or_else(fields, |()| Vec::new());
        assert_eq!(wrong, Vec::from_iter(code.map(|code| ("/acceptedTerms".to_owned(), code))), "{given} {current}");
    }
    let Err(Refusal::Invalid(errors)) = terms::check_accepted(1, 0) else { panic!() };
    assert_eq!(errors[0].detail, "there are no terms of use to accept");
    let Err(Refusal::Invalid(errors)) = terms::check_accepted(0, 3) else { panic!() };
    assert!(errors[0].detail.contains("/api/v1/terms/3"), "{}", errors[0].detail);
}

#[test]
fn a_foreign_account_is_linked_to_a_person_who_alone_gives_it_up() {
    let claims = Claims { issuer: "https://id.example".into(), subject: "s-1".into(), ..Claims::default() };
    let (identity, event) = Identity::link(id(30), id(20), "city", Some(company()), &claims, now());
    assert_eq!((identity.user, &*identity.issuer, &*identity.subject), (id(20), "https://id.example", "s-1"));
    assert_eq!((event.kind, event.organisation, event.public), ("user.oidc_linked", Some(company()), None));
    assert_eq!(event.confidential, serde_json::json!({ "provider": "city" }));
    for actor in [Actor::new(id(21)), administrator()] {
        assert_eq!(identity.unlink(&actor).unwrap_err(), Refusal::NotFound("identity"));
    }
    let event = identity.unlink(&Actor::new(id(20))).unwrap();
    assert_eq!((event.kind, event.confidential), ("user.oidc_unlinked", serde_json::json!({ "provider": "city" })));
}

#[test]
fn an_account_has_a_password_unless_a_provider_made_it() {
    let registration = |hash: &str| Registration {
        email: Email::parse("mira@calm.example").unwrap(),
        name: " Mira ".into(),
        password_hash: hash.into(),
        accepted_terms: 0,
    };
    for (hash, administrator, password, kind) in [
        ("$argon2id$", false, Some("$argon2id$"), "user.registered"),
        (NO_PASSWORD, true, None, "user.administrator_created"),
    ] {
        let (user, event) = User::create(id(20), registration(hash), administrator, now());
        assert_eq!((user.password(), event.kind, event.public), (password, kind, None));
        assert_eq!((user.name.as_str(), user.administrator), ("Mira", administrator));
    }
}
