//! What an organisation may say about itself, and what follows when it says something else.

use crate::records::{agency, company, fields, member, organisation, staff};
use domain::{
    Organisation, OrganisationKind, Refusal, Role,
    cpv::{CpvCode, CpvEntry, CpvError, WrittenCode},
    organisation::{Address, ContactDraft, Profile, ProfileDraft, VatNumber},
};
use proptest::prelude::*;

fn entry(code: &str, check_digit: Option<char>) -> CpvEntry {
    CpvEntry { code: CpvCode::parse(code).unwrap(), check_digit, name: "Something".to_owned() }
}

fn known() -> Vec<CpvEntry> {
    vec![entry("72000000", Some('5')), entry("72200000", None)]
}

/// What [`organisation`] is called already, and nothing more.
fn draft() -> ProfileDraft {
    ProfileDraft { legal_name: format!("Organisation {}", company()), country: "SI".into(), ..ProfileDraft::default() }
}

fn firm() -> Organisation {
    organisation(company(), OrganisationKind::Company)
}

fn problems(draft: ProfileDraft) -> Vec<(String, &'static str)> {
    let owner = member(20, company(), &[Role::Owner]);
    firm().change_profile(&owner, &Profile::default(), draft, &known()).map_or_else(fields, |_| Vec::new())
}

/// One number of each member state, from published examples, and what a wrong last digit comes to.
#[test]
fn vat_numbers_have_the_form_and_the_check_digits_of_their_country() {
    for number in [
        "ATU13585627",
        "BE0411905847",
        "BE1000000417",
        "BG175074752",
        "CY10259033P",
        "CZ25123891",
        "DE136695976",
        "DK13585628",
        "EE100931558",
        "EL094259216",
        "ESB58378431",
        "ESN0032484H",
        "FI20774740",
        "FR40303265045",
        "HR33392005961",
        "HU12892312",
        "IE6388047V",
        "IE3206488LH",
        "IT00743110157",
        "LT119511515",
        "LU15027442",
        "LV40003521600",
        "MT11679112",
        "NL004495445B01",
        "PL8567346215",
        "PT501964843",
        "RO18547290",
        "SE123456789701",
        "SI50223054",
        "SK2022749619",
    ] {
        assert_eq!(VatNumber::parse(number, "SI").map(|n| n.as_str().to_owned()).as_deref(), Ok(number));
    }
    for (number, code) in [
        ("SI50223055", "wrong_check_digits"),
        ("BE1000000418", "wrong_check_digits"),
        ("BE0411905848", "wrong_check_digits"),
        ("DE136695975", "wrong_check_digits"),
        ("SI5022305", "wrong_format"),
        ("BE10000004", "wrong_format"),
        ("50223054", "wrong_format"),
        ("SI٥٠٢٢٣٠٥٤", "wrong_format"),
        ("1I50223054", "wrong_format"),
        ("SI", "wrong_format"),
        ("", "wrong_format"),
        ("IS12345", "not_allowed"),
    ] {
        assert_eq!(VatNumber::parse(number, "SI").unwrap_err().code(), code, "{number}");
    }
    assert_eq!(VatNumber::parse(" si 5022.3054 ", "SI").unwrap().as_str(), "SI50223054");
    assert_eq!(VatNumber::parse("IS12345", "IS").unwrap().as_str(), "IS12345");
}

proptest! {
    #[test]
    fn no_text_breaks_the_reading_of_vat_numbers(prefix in "[A-Z]{2}", rest in "\\PC{0,20}", country in "[A-Z]{2}") {
        for text in [format!("{prefix}{rest}"), rest] {
            if let Ok(number) = VatNumber::parse(&text, &country) {
                prop_assert!(number.as_str().is_ascii() && (4..=16).contains(&number.as_str().len()));
            }
        }
    }

    #[test]
    fn no_text_breaks_the_reading_of_codes(text in "[0-9-]{0,12}|\\PC{0,12}") {
        if let Ok(written) = WrittenCode::parse(&text) {
            prop_assert_eq!(written.code.as_str().len(), 8);
            let mut above = written.code.parent();
            while let Some(code) = above {
                prop_assert!(code < written.code);
                above = code.parent();
            }
        }
    }
}

#[test]
fn a_check_digit_is_compared_where_the_list_tells_one() {
    for (text, outcome) in [
        ("72000000", Ok("72000000")),
        ("72000000-5", Ok("72000000")),
        (" 72000000-5 ", Ok("72000000")),
        ("72200000-1", Ok("72200000")),
        ("72000000-4", Err(CpvError::WrongCheckDigit)),
        ("73000000", Err(CpvError::Unknown)),
        ("72000000-", Err(CpvError::WrongFormat)),
        ("72000000-55", Err(CpvError::WrongFormat)),
        ("7200000", Err(CpvError::WrongFormat)),
        ("720000005", Err(CpvError::WrongFormat)),
        ("00000000", Err(CpvError::WrongFormat)),
        ("72OOOOOO", Err(CpvError::WrongFormat)),
    ] {
        let read = WrittenCode::parse(text).and_then(|code| code.check(&known()));
        assert_eq!(read.as_ref().map(CpvCode::as_str), outcome.as_ref().map(|code| &**code), "{text}");
    }
}

#[test]
fn the_code_above_has_one_digit_less() {
    let above = |code: &str| CpvCode::parse(code).unwrap().parent().map(|code| code.to_string());
    assert_eq!(above("03111100").as_deref(), Some("03111000"));
    assert_eq!(above("03100000").as_deref(), Some("03000000"));
    assert_eq!(above("30200000").as_deref(), Some("30000000"));
    assert_eq!([above("03000000"), above("30000000")], [None, None]);
}

#[test]
fn everything_that_is_wrong_with_a_profile_is_told_at_once() {
    let address =
        Address { street: " ".into(), postal_code: Some("x".repeat(21)), town: String::new(), country: "si".into() };
    let contact = ContactDraft { name: " ".into(), email: "x".into(), phone: Some("0800".into()), purpose: " ".into() };
    let wrong = ProfileDraft {
        legal_name: " ".into(),
        country: "Slovenia".into(),
        trading_name: Some(" ".into()),
        register_number: Some("1".repeat(51)),
        vat_number: Some("SI50223055".into()),
        address: Some(address),
        capabilities: vec!["Speech".into(), " speech".into(), "x".repeat(41), "a\nb".into()],
        cpv_codes: vec!["72000000-5".into(), "72000000".into(), "73000000".into(), "x".into()],
        contacts: vec![contact],
        website: Some("javascript:alert(1)".into()),
        ..ProfileDraft::default()
    };
    let expected = [
        ("/legalName", "required"),
        ("/country", "wrong_format"),
        ("/vatNumber", "wrong_check_digits"),
        ("/address/street", "required"),
        ("/address/postalCode", "too_long"),
        ("/address/town", "required"),
        ("/address/country", "wrong_format"),
        ("/tradingName", "required"),
        ("/registerNumber", "too_long"),
        ("/capabilities/1", "duplicate"),
        ("/capabilities/2", "too_long"),
        ("/capabilities/3", "wrong_format"),
        ("/cpvCodes/1", "duplicate"),
        ("/cpvCodes/2", "unknown"),
        ("/cpvCodes/3", "wrong_format"),
        ("/contacts/0/name", "required"),
        ("/contacts/0/purpose", "required"),
        ("/contacts/0/phone", "wrong_format"),
        ("/contacts/0/email", "wrong_format"),
        ("/website", "wrong_format"),
    ];
    assert_eq!(problems(wrong), expected.map(|(at, code)| (at.to_owned(), code)));
}

#[test]
fn lists_are_short_and_websites_are_pages() {
    let many = ProfileDraft {
        capabilities: (0..21).map(|i| i.to_string()).collect(),
        contacts: vec![
            ContactDraft {
                name: "A".into(),
                email: "a@b.eu".into(),
                phone: Some("+386 1 234 5678".into()),
                purpose: "B".into()
            };
            11
        ],
        ..draft()
    };
    assert_eq!(problems(many), [("/capabilities".to_owned(), "too_many"), ("/contacts".to_owned(), "too_many")]);
    let codes = ProfileDraft { cpv_codes: vec!["72000000".into(); 31], ..draft() };
    assert_eq!(problems(codes)[0], ("/cpvCodes".to_owned(), "too_many"));
    for (website, sound) in [
        ("https://calm.example", true),
        ("http://calm.example/about?a=b", true),
        ("ftp://calm.example", false),
        ("https://localhost", false),
        ("https://me@calm.example", false),
        ("https://:secret@calm.example", false),
        ("calm.example", false),
    ] {
        let told = problems(ProfileDraft { website: Some(website.into()), ..draft() });
        assert_eq!(told.is_empty(), sound, "{website}");
    }
    for (phone, sound) in [
        ("+386 1 234 56 78", true),
        ("+1234567", true),
        ("+123456", false),
        ("+1234567890123456", false),
        ("1234567", false),
        ("+12345ab67", false),
    ] {
        let contact =
            ContactDraft { name: "A".into(), email: "a@b.eu".into(), phone: Some(phone.into()), purpose: "B".into() };
        assert_eq!(problems(ProfileDraft { contacts: vec![contact], ..draft() }).is_empty(), sound, "{phone}");
    }
}

#[test]
fn only_an_owner_of_the_organisation_writes_its_profile() {
    for actor in [member(21, company(), &[Role::Bidder]), staff(11, &[Role::Owner])] {
        let refused = firm().change_profile(&actor, &Profile::default(), draft(), &known()).unwrap_err();
        assert_eq!(refused, Refusal::RoleMissing(Role::Owner));
    }
    assert_ne!(agency(), company());
}

/// A change of the profile of a verified company: the public kinds of what happened, and whether it is still verified.
fn change(draft: ProfileDraft) -> (Vec<(&'static str, bool)>, bool) {
    let (owner, mut firm) = (member(20, company(), &[Role::Owner]), firm());
    let (_, events) = firm.change_profile(&owner, &Profile::default(), draft, &known()).unwrap();
    (events.iter().map(|event| (event.kind, event.public.is_some())).collect(), firm.verified_at.is_some())
}

#[test]
fn a_verification_lapses_when_the_identity_changes_and_only_then() {
    let lapsed = vec![("organisation.profile_changed", true), ("organisation.verification_lapsed", true)];
    for identity in [
        ProfileDraft { legal_name: "Another".into(), ..draft() },
        ProfileDraft { country: "HR".into(), ..draft() },
        ProfileDraft { register_number: Some("1".into()), ..draft() },
        ProfileDraft { vat_number: Some("SI50223054".into()), ..draft() },
    ] {
        assert_eq!(change(identity), (lapsed.clone(), false));
    }
    let contact = ContactDraft { name: "A".into(), email: "a@b.eu".into(), phone: None, purpose: "B".into() };
    for (other, events) in [
        (draft(), vec![]),
        (
            ProfileDraft { website: Some("https://calm.example".into()), ..draft() },
            vec![("organisation.profile_changed", true)],
        ),
        (ProfileDraft { contacts: vec![contact], ..draft() }, vec![("organisation.profile_changed", false)]),
    ] {
        assert_eq!(change(other), (events, true));
    }
}

#[test]
fn events_of_a_profile_name_fields_and_no_contact() {
    let (owner, mut firm) = (member(20, company(), &[Role::Owner]), firm());
    let contact =
        ContactDraft { name: "Cara".into(), email: "cara@calm.example".into(), phone: None, purpose: "B".into() };
    let draft = ProfileDraft { contacts: vec![contact], trading_name: Some("Calm".into()), ..draft() };
    let (_, events) = firm.change_profile(&owner, &Profile::default(), draft, &known()).unwrap();
    assert_eq!(events[0].public.as_ref().unwrap()["changed"], serde_json::json!(["tradingName"]));
    assert_eq!(events[0].confidential, serde_json::json!({ "changed": ["tradingName", "contacts"] }));
}
