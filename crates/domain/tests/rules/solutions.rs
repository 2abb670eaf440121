//! The catalogue of solutions: who sees what, who may do what, and in which state.

use crate::records::{
    agency, at, author, bidder, challenge, company, fields, id, member, officer, organisation, owner,
};
use chrono::{DateTime, Utc};
use domain::{
    Actor, Challenge, ChallengeStatus, Event, Organisation, OrganisationKind, Refusal, Role, Solution,
    member::Suspension,
    solution::{
        MOST_SOLUTION_INVITATIONS, MOST_SOLUTIONS, Maturity, Reader, Reference, SolutionContent, SolutionInvitation,
        SolutionInvitationStatus, SolutionStatus, Visibility,
    },
};

fn now() -> DateTime<Utc> {
    at("2026-06-01T10:00:00Z")
}

fn firm() -> Organisation {
    organisation(company(), OrganisationKind::Company)
}

fn suspended() -> Organisation {
    Organisation { suspension: Some(Suspension { at: now(), reason: "So.".to_owned() }), ..firm() }
}

pub fn content() -> SolutionContent {
    SolutionContent {
        title: "Hearing distress".to_owned(),
        summary: "Said.".to_owned(),
        description: "Said.".to_owned(),
        maturity: Maturity::Prototype,
        visibility: Visibility::Public,
        cpv_codes: Vec::new(),
        tags: vec!["flood".to_owned()],
        capabilities: Vec::new(),
        references: Vec::new(),
        languages: Vec::new(),
        website: None,
    }
}

fn draft() -> Solution {
    Solution::draft(id(60), &bidder(), &firm(), content(), 0, now()).unwrap().0
}

fn listed(visibility: Visibility) -> Solution {
    let mut solution = draft();
    solution.content.visibility = visibility;
    solution.publish(&bidder(), &firm(), now()).unwrap();
    solution
}

fn is_public(event: &Event) -> bool {
    event.public.is_some()
}

#[test]
fn who_bids_for_a_company_or_owns_it_looks_after_its_listings() {
    let draft =
        |actor: &Actor, company: &Organisation| Solution::draft(id(60), actor, company, content(), 0, now()).map(drop);
    assert_eq!(draft(&bidder(), &firm()), Ok(()));
    assert_eq!(draft(&owner(company()), &firm()), Ok(()));
    assert_eq!(draft(&member(20, company(), &[]), &firm()), Err(Refusal::RoleMissing(Role::Bidder)));
    assert_eq!(draft(&officer(), &firm()), Err(Refusal::NotFound("organisation")));
    let agency = organisation(agency(), OrganisationKind::Agency);
    assert_eq!(draft(&owner(agency.id), &agency), Err(Refusal::RoleMissing(Role::Bidder)));
    let mut solution = listed(Visibility::Public);
    assert_eq!(solution.withdraw(&officer()), Err(Refusal::RoleMissing(Role::Bidder)));
    assert_eq!(solution.edit(&officer(), content(), now()), Err(Refusal::RoleMissing(Role::Bidder)));
    assert!(solution.withdraw(&owner(company())).is_ok());
}

#[test]
fn who_sees_a_listing_depends_on_its_state_its_company_and_the_reader() {
    let mut withdrawn = listed(Visibility::Public);
    withdrawn.withdraw(&bidder()).unwrap();
    let (public, members) = (listed(Visibility::Public), listed(Visibility::Members));
    // Whether it is seen: anonymously, by somebody, by somebody of a verified organisation.
    for (solution, company, seen) in [
        (draft(), firm(), [false, false, false]),
        (withdrawn, firm(), [false, false, false]),
        (public.clone(), firm(), [true, true, true]),
        (public, suspended(), [false, false, false]),
        (members.clone(), firm(), [false, false, true]),
        (members, suspended(), [false, false, false]),
    ] {
        let stranger = officer();
        for ((actor, trusted), seen) in
            [(None, false), (Some(&stranger), false), (Some(&stranger), true)].into_iter().zip(seen)
        {
            let visible = solution.require_visible(Reader { actor, trusted }, &company);
            let expected = if seen { Ok(()) } else { Err(Refusal::NotFound("solution")) };
            assert_eq!(visible, expected, "{:?} {trusted}", solution.status);
        }
        let own = Reader { actor: Some(&member(21, solution.company, &[])), trusted: false };
        assert_eq!(solution.require_visible(own, &company), Ok(()));
    }
}

#[test]
fn only_trusted_companies_publish_and_only_what_is_complete() {
    let mut solution = draft();
    let unverified = Organisation { verified_at: None, ..firm() };
    assert!(matches!(solution.publish(&bidder(), &unverified, now()), Err(Refusal::OrganisationUnverified(_))));
    assert!(matches!(solution.publish(&bidder(), &suspended(), now()), Err(Refusal::OrganisationSuspended(_))));
    solution.content =
        SolutionContent { summary: " ".into(), description: String::new(), tags: Vec::new(), ..content() };
    let lacking = fields(solution.publish(&bidder(), &firm(), now()).unwrap_err());
    let required = ["/summary", "/description", "/tags"].map(|at| (at.to_owned(), "required"));
    assert_eq!(lacking, required);
    assert_eq!((solution.status, solution.published_at), (SolutionStatus::Draft, None));
}

#[test]
fn a_listing_has_a_time_of_publication_exactly_while_it_is_in_the_catalogue() {
    let mut solution = draft();
    assert!(matches!(solution.withdraw(&bidder()), Err(Refusal::WrongState { status: "draft", .. })));
    solution.publish(&bidder(), &firm(), now()).unwrap();
    assert_eq!(solution.published_at, Some(now()));
    assert!(matches!(
        solution.publish(&bidder(), &firm(), now()),
        Err(Refusal::WrongState { status: "published", .. })
    ));
    solution.withdraw(&bidder()).unwrap();
    assert_eq!((solution.status, solution.published_at), (SolutionStatus::Withdrawn, None));
    solution.edit(&bidder(), SolutionContent { summary: String::new(), ..content() }, now()).unwrap();
    assert!(solution.publish(&bidder(), &firm(), now()).is_err(), "not complete any more");
}

#[test]
fn the_public_is_told_of_what_it_sees_and_of_its_end_and_of_nothing_else() {
    let (event, mut solution) = (Solution::draft(id(60), &bidder(), &firm(), content(), 0, now()).unwrap().1, draft());
    assert!(!is_public(&event));
    assert!(is_public(&solution.publish(&bidder(), &firm(), now()).unwrap()));
    let members = SolutionContent { visibility: Visibility::Members, title: "Secret".into(), ..content() };
    let hidden = solution.edit(&bidder(), members.clone(), now()).unwrap();
    assert_eq!((hidden.kind, hidden.public.unwrap().to_string()), ("solution.withdrawn", "{}".to_owned()));
    assert!(!is_public(&solution.edit(&bidder(), members, now()).unwrap()));
    assert!(!is_public(&solution.clone().withdraw(&bidder()).unwrap()));
    assert!(is_public(&solution.edit(&bidder(), content(), now()).unwrap()));
    assert!(is_public(&solution.withdraw(&bidder()).unwrap()));
    assert!(!is_public(&solution.edit(&bidder(), content(), now()).unwrap()));
}

#[test]
fn a_company_has_only_so_many_listings() {
    let with = |present| Solution::draft(id(60), &bidder(), &firm(), content(), present, now());
    assert!(with(MOST_SOLUTIONS - 1).is_ok());
    assert!(matches!(with(MOST_SOLUTIONS), Err(Refusal::LimitReached(_))));
}

#[test]
fn content_is_kept_tidy_and_refused_at_its_limits() {
    let reference = |year, link: Option<&str>| Reference {
        customer: "Town".to_owned(),
        year,
        outcome: "Good.".to_owned(),
        link: link.map(ToOwned::to_owned),
    };
    let tidy = SolutionContent {
        title: " Title ".into(),
        capabilities: vec![" Speech ".into()],
        references: vec![reference(1990, None), reference(2026, Some("https://town.example/a"))],
        ..content()
    };
    let tidy = tidy.checked(now()).unwrap();
    assert_eq!((&*tidy.title, &tidy.capabilities[..]), ("Title", &["speech".to_owned()][..]));
    let long = |n: usize| "x".repeat(n);
    for (wrong, at, code) in [
        (SolutionContent { title: long(201), ..content() }, "/title", "too_long"),
        (SolutionContent { title: "a\u{7}b".into(), ..content() }, "/title", "wrong_format"),
        (SolutionContent { summary: long(1001), ..content() }, "/summary", "too_long"),
        (SolutionContent { description: long(20_001), ..content() }, "/description", "too_long"),
        (SolutionContent { tags: vec!["A".into()], ..content() }, "/tags/0", "wrong_format"),
        (SolutionContent { languages: vec!["eng".into()], ..content() }, "/languages/0", "wrong_format"),
        (SolutionContent { capabilities: vec![long(41)], ..content() }, "/capabilities/0", "too_long"),
        (SolutionContent { website: Some("ftp://a.example".into()), ..content() }, "/website", "wrong_format"),
        (
            SolutionContent { references: vec![reference(1989, None)], ..content() },
            "/references/0/year",
            "out_of_range",
        ),
        (
            SolutionContent { references: vec![reference(2027, None)], ..content() },
            "/references/0/year",
            "out_of_range",
        ),
        (
            SolutionContent { references: vec![reference(2020, Some("javascript:x"))], ..content() },
            "/references/0/link",
            "wrong_format",
        ),
        (SolutionContent { references: vec![reference(2020, None); 21], ..content() }, "/references", "too_many"),
    ] {
        assert_eq!(fields(wrong.checked(now()).unwrap_err()), [(at.to_owned(), code)]);
    }
    let most = SolutionContent { title: long(200), summary: long(1000), description: long(20_000), ..content() };
    assert!(most.checked(now()).is_ok());
}

fn open_challenge() -> Challenge {
    challenge(ChallengeStatus::Published)
}

fn invite(challenge: &Challenge, actor: &Actor, present: usize, now: DateTime<Utc>) -> Result<(), Refusal> {
    challenge.invite_solution(id(61), actor, &listed(Visibility::Public), "Look.", present, now).map(drop)
}

fn invitation() -> SolutionInvitation {
    open_challenge().invite_solution(id(61), &author(), &listed(Visibility::Public), " Look. ", 0, now()).unwrap().0
}

#[test]
fn authors_and_officers_invite_while_bids_are_taken_and_up_to_a_limit() {
    let deadline = crate::records::deadline();
    let just_before = deadline - chrono::TimeDelta::microseconds(1);
    for actor in [author(), officer()] {
        assert_eq!(invite(&open_challenge(), &actor, MOST_SOLUTION_INVITATIONS - 1, just_before), Ok(()));
    }
    assert_eq!(invite(&open_challenge(), &author(), 0, deadline), Err(Refusal::DeadlinePassed));
    let full = invite(&open_challenge(), &author(), MOST_SOLUTION_INVITATIONS, now());
    assert!(matches!(full, Err(Refusal::LimitReached(_))));
    assert_eq!(invite(&open_challenge(), &bidder(), 0, now()), Err(Refusal::RoleMissing(Role::Author)));
    let draft = Challenge { published_at: None, ..challenge(ChallengeStatus::Draft) };
    assert_eq!(invite(&draft, &bidder(), 0, now()), Err(Refusal::NotFound("challenge")));
    assert!(matches!(invite(&draft, &author(), 0, now()), Err(Refusal::WrongState { .. })));
    for message in [" ".to_owned(), "x".repeat(2001)] {
        let refused =
            open_challenge().invite_solution(id(61), &author(), &listed(Visibility::Public), &message, 0, now());
        assert_eq!(fields(refused.unwrap_err())[0].0, "/message");
    }
}

#[test]
fn the_company_answers_an_invitation_once_and_both_sides_alone_are_told() {
    let pending = invitation();
    assert_eq!(pending.message, "Look.");
    let mut accepted = pending.clone();
    let events = accepted.accept(&bidder(), &open_challenge(), now()).unwrap();
    assert_eq!(events.each_ref().map(|event| event.organisation), [Some(agency()), Some(company())]);
    assert!(events.iter().all(|event| event.public.is_none()));
    assert_eq!(accepted.status, SolutionInvitationStatus::Accepted);
    assert!(matches!(accepted.decline(&bidder(), "No.", now()), Err(Refusal::WrongState { .. })));
    let mut declined = pending.clone();
    assert_eq!(fields(declined.decline(&bidder(), "", now()).unwrap_err())[0].0, "/reason");
    let events = declined.decline(&owner(company()), " No. ", now()).unwrap();
    assert!(events.iter().all(|event| event.reason.as_deref() == Some("No.") && event.public.is_none()));
    assert_eq!(declined.decline_reason.as_deref(), Some("No."));
    for stranger in [author(), officer(), Actor::new(id(99))] {
        let answer = pending.clone().accept(&stranger, &open_challenge(), now());
        assert_eq!(answer, Err(Refusal::NotFound("invitation")));
    }
    let colleague = member(22, company(), &[]);
    assert_eq!(pending.clone().decline(&colleague, "No.", now()), Err(Refusal::RoleMissing(Role::Bidder)));
    let late = crate::records::deadline();
    assert_eq!(pending.clone().accept(&bidder(), &open_challenge(), late), Err(Refusal::DeadlinePassed));
    assert!(pending.clone().decline(&bidder(), "Late.", late).is_ok());
}
