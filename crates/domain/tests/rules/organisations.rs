//! Who may be what in which organisation, agencies within agencies, verification, beneficial owners and documents.

use crate::records::{administrator, agency, at, company, fields, id, member, organisation, owner, staff};
use domain::{
    Actor, Event, Organisation, OrganisationKind, Refusal, Role, Subject,
    member::Suspension,
    organisation::{
        BeneficialOwnerDraft, Control, DocumentKind, FileFacts, LARGEST_FILE, MOST_DOCUMENTS, Profile, ProfileSnapshot,
        SizeClass, StandingDocument,
    },
};

#[test]
fn only_companies_bid_and_only_agencies_procure() {
    use OrganisationKind::{Agency, Company, Ngo, Other, University};
    let allowed = |kind: OrganisationKind| Role::ALL.into_iter().filter(|role| kind.allows(*role)).collect::<Vec<_>>();
    assert_eq!(allowed(Company), [Role::Owner, Role::Bidder]);
    assert_eq!(allowed(Agency), Role::ALL.into_iter().filter(|role| *role != Role::Bidder).collect::<Vec<_>>());
    for kind in [Ngo, University, Other] {
        assert_eq!(allowed(kind), [Role::Owner, Role::Auditor, Role::Coordinator], "{kind:?}");
    }
    for kind in OrganisationKind::ALL {
        assert_eq!(OrganisationKind::parse(kind.as_str()), Some(kind));
    }
}

fn registered(kind: OrganisationKind) -> (Organisation, Event) {
    Organisation::register(id(3), kind, "Part", "SI", at("2026-01-05T08:00:00Z")).unwrap()
}

#[test]
fn an_agency_is_a_part_of_an_agency_and_nothing_else_is() {
    let above = organisation(agency(), OrganisationKind::Agency);
    let (part, event) = registered(OrganisationKind::Agency);
    let (placed, event) = part.place_under(event, &owner(agency()), &above, 1).unwrap();
    assert_eq!(placed.parent, Some(agency()));
    assert_eq!(event.public.unwrap()["parent"], serde_json::json!(agency()));
    let firm = organisation(agency(), OrganisationKind::Company);
    for (kind, above, level, wrong) in [
        (OrganisationKind::Company, &above, 1, ("/kind", "not_allowed")),
        (OrganisationKind::University, &above, 1, ("/kind", "not_allowed")),
        (OrganisationKind::Agency, &firm, 1, ("/parent", "not_allowed")),
        (OrganisationKind::Agency, &above, 5, ("/parent", "too_deep")),
    ] {
        let (part, event) = registered(kind);
        let refused = part.place_under(event, &owner(agency()), above, level).unwrap_err();
        assert_eq!(fields(refused), [(wrong.0.to_owned(), wrong.1)]);
    }
    let (part, event) = registered(OrganisationKind::Agency);
    part.place_under(event, &owner(agency()), &above, 4).unwrap();
}

#[test]
fn only_owners_of_the_upper_agency_give_it_parts() {
    let above = organisation(agency(), OrganisationKind::Agency);
    for actor in [staff(11, &[Role::Officer]), owner(company()), administrator()] {
        let (part, event) = registered(OrganisationKind::Agency);
        assert_eq!(part.place_under(event, &actor, &above, 1).unwrap_err(), Refusal::RoleMissing(Role::Owner));
    }
}

#[test]
fn a_verification_is_taken_back_by_an_administrator_with_a_reason_while_there_is_one() {
    let mut firm = organisation(company(), OrganisationKind::Company);
    let refused = firm.revoke_verification(&owner(company()), "Dissolved.").unwrap_err();
    assert_eq!(refused, Refusal::AdministratorOnly);
    assert_eq!(fields(firm.revoke_verification(&administrator(), " ").unwrap_err()), [("/reason".into(), "required")]);
    assert!(firm.verified_at.is_some());
    let event = firm.revoke_verification(&administrator(), "Dissolved.").unwrap();
    assert_eq!((event.kind, event.reason.as_deref()), ("organisation.verification_revoked", Some("Dissolved.")));
    assert!(event.public.is_some() && firm.verified_at.is_none());
    let again = firm.revoke_verification(&administrator(), "Again.").unwrap_err();
    assert!(matches!(again, Refusal::WrongState { status: "unverified", .. }));
}

#[test]
fn administrators_verify_organisations_with_a_reason_and_once() {
    let (mut firm, _) = registered(OrganisationKind::Company);
    assert_eq!(firm.require_trusted(), Err(Refusal::OrganisationUnverified("Part".to_owned())));
    let now = at("2026-06-01T08:00:00Z");
    assert_eq!(firm.verify(&owner(id(3)), "Checked.", now).unwrap_err(), Refusal::AdministratorOnly);
    assert_eq!(fields(firm.verify(&administrator(), " ", now).unwrap_err()), [("/reason".into(), "required")]);
    assert_eq!(firm.verified_at, None);
    let event = firm.verify(&administrator(), "Checked.", now).unwrap();
    assert_eq!((event.kind, event.reason.as_deref()), ("organisation.verified", Some("Checked.")));
    assert!(event.public.is_some());
    assert_eq!((firm.verified_at, firm.require_trusted()), (Some(now), Ok(())));
    assert_eq!(firm.verify(&administrator(), "Again.", now).unwrap_err(), Refusal::AlreadyDone);
}

#[test]
fn administrators_suspend_and_reinstate_organisations_with_a_reason_and_once_and_not_in_public() {
    let (admin, now) = (administrator(), at("2026-06-01T08:00:00Z"));
    let mut firm = organisation(company(), OrganisationKind::Company);
    let suspended = Refusal::OrganisationSuspended(firm.legal_name.clone());
    assert_eq!(firm.reinstate(&admin, "Cleared.").unwrap_err(), Refusal::AlreadyDone);
    for actor in [owner(company()), Actor { auditor: true, ..Actor::new(id(91)) }] {
        assert_eq!(firm.suspend(&actor, "Fraud.", now).unwrap_err(), Refusal::AdministratorOnly);
    }
    assert_eq!(fields(firm.suspend(&admin, " ", now).unwrap_err()), [("/reason".into(), "required")]);
    assert_eq!(firm, organisation(company(), OrganisationKind::Company));
    let event = firm.suspend(&admin, " Fraud. ", now).unwrap();
    assert_eq!((event.kind, event.reason.as_deref()), ("organisation.suspended", Some("Fraud.")));
    assert_eq!((event.subject, event.public.is_some()), (Subject::Organisation(company()), false));
    assert_eq!(firm.suspension, Some(Suspension { at: now, reason: "Fraud.".to_owned() }));
    assert_eq!(firm.require_trusted(), Err(suspended.clone()));
    assert_eq!(firm.suspend(&admin, "Again.", now).unwrap_err(), Refusal::AlreadyDone);
    assert_eq!(firm.reinstate(&owner(company()), "Cleared.").unwrap_err(), Refusal::AdministratorOnly);
    assert_eq!(fields(firm.reinstate(&admin, " ").unwrap_err()), [("/reason".into(), "required")]);
    assert_eq!(firm.require_trusted(), Err(suspended), "a refused attempt changes nothing");
    let event = firm.reinstate(&admin, " Cleared. ").unwrap();
    assert_eq!((event.kind, event.reason.as_deref()), ("organisation.reinstated", Some("Cleared.")));
    assert_eq!(firm, organisation(company(), OrganisationKind::Company));
}

#[test]
fn an_organisation_is_registered_with_a_name_and_a_country() {
    let long = "x".repeat(201);
    for (name, country, wrong) in [
        (" ", "SI", ("/legalName", "required")),
        (&*long, "SI", ("/legalName", "too_long")),
        ("Part", "si", ("/country", "wrong_format")),
        ("Part", "SVN", ("/country", "wrong_format")),
    ] {
        let refused =
            Organisation::register(id(3), OrganisationKind::Agency, name, country, at("2026-06-01T08:00:00Z"));
        assert_eq!(fields(refused.unwrap_err()), [(wrong.0.to_owned(), wrong.1)]);
    }
}

#[test]
fn what_is_not_public_is_written_by_owners_and_hidden_from_strangers() {
    let firm = organisation(company(), OrganisationKind::Company);
    for (actor, refusal) in [
        (member(21, company(), &[Role::Bidder]), Refusal::RoleMissing(Role::Owner)),
        (owner(agency()), Refusal::NotFound("organisation")),
        (administrator(), Refusal::NotFound("organisation")),
    ] {
        assert_eq!(firm.change_iban(&actor, Some("SI56263300012039086")).unwrap_err(), refusal);
        assert_eq!(firm.name_beneficial_owners(&actor, Vec::new()).unwrap_err(), refusal);
    }
}

#[test]
fn an_account_is_checked_and_told_to_nobody() {
    let firm = organisation(company(), OrganisationKind::Company);
    let (iban, event) = firm.change_iban(&owner(company()), Some("si56 2633 0001 2039 086")).unwrap();
    let iban = iban.unwrap();
    assert_eq!((iban.reveal(), &*iban.masked()), ("SI56263300012039086", "SI56 **** 9086"));
    assert_eq!(format!("{iban:?}"), "SI56 **** 9086");
    assert_eq!((event.public, event.confidential), (None, serde_json::Value::Null));
    assert_eq!(firm.change_iban(&owner(company()), None).unwrap().0, None);
    for wrong in ["SI56263300012039087", "", "SI56"] {
        let refused = firm.change_iban(&owner(company()), Some(wrong)).unwrap_err();
        assert_eq!(fields(refused), [("/iban".to_owned(), "wrong_format")]);
    }
}

#[test]
fn controls_kinds_and_sizes_have_the_names_under_which_they_are_stored() {
    let stored = |value: serde_json::Value| value.as_str().unwrap().to_owned();
    for control in Control::ALL {
        assert_eq!(control.as_str(), stored(serde_json::json!(control)));
    }
    for kind in DocumentKind::ALL {
        assert_eq!(kind.as_str(), stored(serde_json::json!(kind)));
        assert_eq!(DocumentKind::parse(kind.as_str()), Some(kind));
    }
    for size in SizeClass::ALL {
        assert_eq!(size.as_str(), stored(serde_json::json!(size)));
    }
    assert_eq!(DocumentKind::parse("Insurance"), None);
}

#[test]
fn a_bid_keeps_of_documents_what_has_a_file_and_of_the_company_what_it_said() {
    let firm = organisation(company(), OrganisationKind::Company);
    let without = document("2026-06-01", None);
    let mut with = document("2026-06-01", Some("2026-12-31"));
    with.attach(&owner(company()), &firm, PDF, "application/pdf").unwrap();
    let profile = Profile { trading_name: Some("Calm".to_owned()), ..Profile::default() };
    let kept = ProfileSnapshot::take(&firm, profile, &[without, with.clone()]);
    let said = (&*kept.legal_name, kept.trading_name.as_deref(), kept.verified_at);
    assert_eq!(said, (&*firm.legal_name, Some("Calm"), firm.verified_at));
    let facts: Vec<_> = kept.documents.iter().map(|facts| (facts.kind, facts.expires_on, &facts.sha256)).collect();
    assert_eq!(facts, [(with.kind, with.expires_on, &with.file.unwrap().sha256)]);
}

#[test]
fn only_insiders_and_auditors_of_the_platform_look_behind_the_public_side() {
    let firm = organisation(company(), OrganisationKind::Company);
    let platform_auditor = Actor { auditor: true, ..Actor::new(id(91)) };
    for (actor, insider, examiner) in [
        (member(21, company(), &[]), true, true),
        (administrator(), true, true),
        (platform_auditor, false, true),
        (staff(15, &[Role::Auditor, Role::Owner]), false, false),
        (Actor::new(id(92)), false, false),
    ] {
        assert_eq!(firm.require_insider(&actor).is_ok(), insider, "{actor:?}");
        assert_eq!(firm.require_examiner(&actor).is_ok(), examiner, "{actor:?}");
    }
}

fn beneficial(share: Option<&str>, control: Control) -> BeneficialOwnerDraft {
    BeneficialOwnerDraft { name: "Mira".into(), country: "SI".into(), share: share.map(Into::into), control }
}

#[test]
fn shares_are_exact_and_belong_to_ownership_and_votes() {
    let firm = organisation(company(), OrganisationKind::Company);
    for (share, control, wrong) in [
        (Some("25.0001"), Control::Ownership, None),
        (Some("100"), Control::VotingRights, None),
        (None, Control::OtherMeans, None),
        (None, Control::SeniorManager, None),
        (Some("0"), Control::Ownership, Some("out_of_range")),
        (Some("100.0001"), Control::Ownership, Some("out_of_range")),
        (Some("33.33333"), Control::Ownership, Some("out_of_range")),
        (Some("a third"), Control::Ownership, Some("wrong_format")),
        (None, Control::VotingRights, Some("required")),
        (Some("10"), Control::SeniorManager, Some("not_allowed")),
    ] {
        let named = firm.name_beneficial_owners(&owner(company()), vec![beneficial(share, control)]);
        let problems = named.map_or_else(fields, |_| Vec::new());
        let expected: Vec<_> = wrong.map(|code| ("/items/0/share".to_owned(), code)).into_iter().collect();
        assert_eq!(problems, expected, "{share:?} {control:?}");
    }
    for (name, code) in [(" ".to_owned(), "required"), ("x".repeat(201), "too_long")] {
        let nameless = BeneficialOwnerDraft { name, ..beneficial(None, Control::OtherMeans) };
        let refused = firm.name_beneficial_owners(&owner(company()), vec![nameless]).unwrap_err();
        assert_eq!(fields(refused), [("/items/0/name".to_owned(), code)]);
    }
    let many = vec![beneficial(None, Control::OtherMeans); 51];
    let refused = firm.name_beneficial_owners(&owner(company()), many).unwrap_err();
    assert_eq!(fields(refused), [("/items".to_owned(), "too_many")]);
}

#[test]
fn the_event_names_no_beneficial_owner() {
    let firm = organisation(company(), OrganisationKind::Company);
    let drafts = vec![beneficial(Some("50"), Control::Ownership)];
    let (owners, event) = firm.name_beneficial_owners(&owner(company()), drafts).unwrap();
    assert_eq!(owners[0].share.unwrap().to_string(), "50");
    assert_eq!((event.public, event.confidential), (None, serde_json::Value::Null));
    assert_eq!(event.subject, Subject::Organisation(company()));
}

const PDF: &[u8] = b"%PDF-1.7\n%nothing else";

fn document(issued_on: &str, expires_on: Option<&str>) -> StandingDocument {
    StandingDocument {
        id: id(80),
        organisation: company(),
        kind: DocumentKind::Insurance,
        title: "Liability".to_owned(),
        issued_on: issued_on.parse().unwrap(),
        expires_on: expires_on.map(|day| day.parse().unwrap()),
        file: None,
        added_at: at("2026-06-01T08:00:00Z"),
        reminded_at: None,
        version: 1,
    }
}

#[test]
fn a_document_is_issued_before_today_and_before_it_expires_and_there_are_twenty_at_most() {
    let (firm, owner) = (organisation(company(), OrganisationKind::Company), owner(company()));
    for (issued, expires, wrong) in [
        ("2026-06-01", Some("2026-06-01"), None),
        ("2020-01-01", None, None),
        ("2026-06-02", None, Some(("/issuedOn", "out_of_range"))),
        ("2026-05-02", Some("2026-05-01"), Some(("/expiresOn", "out_of_range"))),
    ] {
        let added = document(issued, expires).add(&owner, &firm, MOST_DOCUMENTS - 1);
        let problems = added.map_or_else(fields, |_| Vec::new());
        let expected: Vec<_> = wrong.map(|(at, code)| (at.to_owned(), code)).into_iter().collect();
        assert_eq!(problems, expected, "{issued} {expires:?}");
    }
    for (title, code) in [(" ", "required"), (&*"x".repeat(201), "too_long"), ("Two\nlines", "wrong_format")] {
        let titled = StandingDocument { title: title.to_owned(), ..document("2026-06-01", None) };
        let refused = titled.add(&owner, &firm, 0).unwrap_err();
        assert_eq!(fields(refused), [("/title".to_owned(), code)]);
    }
    let refused = document("2026-06-01", None).add(&owner, &firm, MOST_DOCUMENTS).unwrap_err();
    assert!(matches!(refused, Refusal::TooMany { most: 20, .. }));
}

#[test]
fn documents_are_changed_by_owners_of_the_organisation_only() {
    let firm = organisation(company(), OrganisationKind::Company);
    for (actor, refusal) in [
        (member(21, company(), &[Role::Bidder]), Refusal::RoleMissing(Role::Owner)),
        (owner(agency()), Refusal::NotFound("organisation")),
        (administrator(), Refusal::NotFound("organisation")),
    ] {
        let mut one = document("2026-06-01", None);
        assert_eq!(one.clone().add(&actor, &firm, 0).unwrap_err(), refusal);
        assert_eq!(one.attach(&actor, &firm, PDF, "application/pdf").unwrap_err(), refusal);
        assert_eq!(one.remove(&actor, &firm).unwrap_err(), refusal);
    }
    let (mut one, _) = document("2026-06-01", None).add(&owner(company()), &firm, 0).unwrap();
    one.attach(&owner(company()), &firm, PDF, "application/pdf").unwrap();
    let again = one.attach(&owner(company()), &firm, PDF, "application/pdf").unwrap_err();
    assert!(matches!(again, Refusal::WrongState { status: "complete", .. }));
}

#[test]
fn a_file_is_what_its_content_says() {
    let facts = FileFacts::of(PDF, "application/pdf").unwrap();
    let digest = "b0e30b3599b69e1cf94ea561d040bcf0ee37bc09d81ff7277015f4c0658227fe";
    assert_eq!((facts.size, &*facts.sha256), (22, digest));
    assert!(FileFacts::of(b"\x89PNG\r\n\x1a\n", "image/png").is_ok());
    assert!(FileFacts::of(b"\xff\xd8\xff\xe0", "image/jpeg").is_ok());
    let large = [PDF, &vec![0; LARGEST_FILE][..]].concat();
    for (content, declared, code) in [
        (PDF, "image/png", "wrong_type"),
        (b"<html>", "application/pdf", "not_allowed"),
        (b"", "application/pdf", "not_allowed"),
        (b"GIF89a......", "image/gif", "not_allowed"),
        (&large, "application/pdf", "too_long"),
    ] {
        assert_eq!(fields(FileFacts::of(content, declared).unwrap_err()), [(String::new(), code)], "{declared}");
    }
}

#[test]
fn a_document_is_good_through_its_last_day_and_its_owners_are_reminded_once_thirty_days_before() {
    let expires = Some("2026-07-31");
    for (now, expired, reminded) in [
        ("2026-06-30T23:59:59Z", false, false),
        ("2026-07-01T00:00:00Z", false, true),
        ("2026-07-31T23:59:59Z", false, true),
        ("2026-08-01T00:00:00Z", true, false),
    ] {
        let mut one = document("2026-06-01", expires);
        assert_eq!(one.is_expired(at(now)), expired, "{now}");
        assert_eq!(one.remind(at(now)).is_some(), reminded, "{now}");
        assert_eq!(one.remind(at(now)), None, "{now}");
    }
    let mut endless = document("2026-06-01", None);
    assert!(!endless.is_expired(at("2099-01-01T00:00:00Z")));
    assert_eq!(endless.remind(at("2099-01-01T00:00:00Z")), None);
}
