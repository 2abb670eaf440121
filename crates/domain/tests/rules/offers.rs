//! What an offer says beside solution, plan and price, against what the challenge asks for.

use crate::records::{bid, challenge, id, offer};
use domain::{
    BidStatus, Challenge, ChallengeStatus, FieldError, Refusal,
    bid::{
        Answer, Bid, BidStage, Declaration, OfferedRights, Particulars, Reference, Reused, Subcontractor, TeamMember,
        USUAL_VALIDITY_DAYS, words,
    },
    challenge::{AnswerKind, EligibilityCriterion, EligibilityKind, IntellectualProperty, Ownership, ResponseSection},
};

/// Asks for a text of four words, a yes or no, and perhaps a remark; has one criterion, and leaves the rights open.
fn asking() -> Challenge {
    let mut challenge = challenge(ChallengeStatus::Published);
    let section = |n, kind, required, max_words| ResponseSection {
        id: id(n),
        title: format!("Section {n}"),
        guidance: String::new(),
        kind,
        required,
        max_words,
    };
    challenge.content.response_sections = vec![
        section(700, AnswerKind::Text, true, Some(4)),
        section(701, AnswerKind::YesNo, true, None),
        section(702, AnswerKind::Text, false, Some(1)),
    ];
    challenge.content.eligibility = vec![EligibilityCriterion {
        id: id(710),
        kind: EligibilityKind::TechnicalAbility,
        name: "A reference".to_owned(),
        description: "One sentence.".to_owned(),
    }];
    challenge.content.intellectual_property =
        Some(IntellectualProperty { ownership: Ownership::BiddersChoice, licence: String::new() });
    challenge.content.bid_validity_days = Some(120);
    challenge
}

fn text(n: u128, text: &str) -> Answer {
    Answer { section: id(n), text: Some(text.to_owned()), yes: None, comment: None }
}

fn answering() -> Particulars {
    let yes = Answer { section: id(701), text: None, yes: Some(true), comment: Some("In Vienna.".to_owned()) };
    Particulars {
        answers: vec![text(700, "Slovene, Italian, and Hungarian!"), yes],
        eligibility: vec![Declaration { criterion: id(710), met: true, statement: Some("We have one.".to_owned()) }],
        team: vec![TeamMember {
            name: "Maja Oblak".to_owned(),
            role: "Leads".to_owned(),
            experience: None,
            days: Some(30),
            consented: true,
        }],
        references: vec![Reference {
            title: "Taxi".to_owned(),
            client: "Taxi Celje".to_owned(),
            year: 2025,
            description: "Half the wait.".to_owned(),
            web_page: Some("https://calm.example/taxi".to_owned()),
            contact: None,
        }],
        subcontractors: vec![Subcontractor { name: "Drava".to_owned(), part: "Servers".to_owned() }],
        intellectual_property: Some(OfferedRights { ownership: Ownership::Company, licence: None }),
        validity_days: Some(120),
        plan: Some("First we listen.".to_owned()),
    }
}

fn wrong(challenge: &Challenge, particulars: Particulars) -> Vec<(String, &'static str)> {
    let mut offer = offer(3_850_000);
    offer.particulars = particulars;
    match offer.check(challenge) {
        Ok(()) => Vec::new(),
        Err(Refusal::Invalid(errors)) => pairs(errors),
        Err(other) => panic!("{other:?}"),
    }
}

fn pairs(errors: Vec<FieldError>) -> Vec<(String, &'static str)> {
    errors.into_iter().map(|error| (error.pointer, error.code)).collect()
}

#[test]
fn a_full_offer_fits_and_comes_back_from_its_parts() {
    assert_eq!(wrong(&asking(), answering()), []);
    let mut whole = offer(3_850_000);
    whole.particulars = answering();
    let (quality, price) = whole.parts();
    assert_eq!(domain::bid::Offer::join(&quality, &price), whole);
}

#[test]
fn a_challenge_that_asks_for_nothing_takes_an_offer_that_says_nothing_more() {
    assert_eq!(wrong(&challenge(ChallengeStatus::Published), Particulars::default()), []);
}

#[test]
fn each_thing_that_is_asked_for_must_be_there() {
    let expected = [
        ("/answers", "answer_missing"),
        ("/answers", "answer_missing"),
        ("/eligibility", "declaration_missing"),
        ("/intellectualProperty", "required"),
    ];
    assert_eq!(wrong(&asking(), Particulars::default()), expected.map(|(at, code)| (at.to_owned(), code)));
}

type Spoil = fn(&mut Particulars);

#[test]
fn each_wrong_field_is_named() {
    let cases: [(Spoil, &str, &str); 26] = [
        (|p| p.answers[0].text = Some("One two three four five".to_owned()), "/answers/0/text", "too_many_words"),
        (|p| p.answers[0].text = Some(" ".to_owned()), "/answers/0/text", "required"),
        (|p| p.answers[0].yes = Some(true), "/answers/0/yes", "not_allowed"),
        (|p| p.answers[0].comment = Some(String::new()), "/answers/0/comment", "not_allowed"),
        (|p| p.answers[1].yes = None, "/answers/1/yes", "required"),
        (|p| p.answers[1].text = Some("Yes".to_owned()), "/answers/1/text", "not_allowed"),
        (|p| p.answers[1].comment = Some("x".repeat(2001)), "/answers/1/comment", "too_long"),
        (|p| p.answers.push(text(709, "What?")), "/answers/2/section", "unknown"),
        (|p| p.answers.push(text(700, "Again")), "/answers/2/section", "duplicate"),
        (|p| p.eligibility[0].statement = Some("x ".repeat(301)), "/eligibility/0/statement", "too_many_words"),
        (|p| p.eligibility.push(p.eligibility[0].clone()), "/eligibility/1/criterion", "duplicate"),
        (|p| p.team[0].name.clear(), "/team/0/name", "required"),
        (|p| p.team[0].role = "x".repeat(201), "/team/0/role", "too_long"),
        (|p| p.team[0].experience = Some("x".repeat(2001)), "/team/0/experience", "too_long"),
        (|p| p.team[0].days = Some(0), "/team/0/days", "out_of_range"),
        (|p| p.team[0].consented = false, "/team/0/consented", "consent_missing"),
        (|p| p.team = vec![p.team[0].clone(); 31], "/team", "too_many"),
        (|p| p.references[0].year = 1989, "/references/0/year", "out_of_range"),
        (|p| p.references[0].year = 2100, "/references/0/year", "out_of_range"),
        (|p| p.references[0].web_page = Some("ftp://x".to_owned()), "/references/0/webPage", "wrong_format"),
        (|p| p.subcontractors[0].part.clear(), "/subcontractors/0/part", "required"),
        (
            |p| p.intellectual_property.as_mut().unwrap().ownership = Ownership::BiddersChoice,
            "/intellectualProperty/ownership",
            "undecided",
        ),
        (|p| p.validity_days = Some(119), "/validityDays", "too_short"),
        (|p| p.validity_days = Some(366), "/validityDays", "out_of_range"),
        (|p| p.plan = Some("x".repeat(20_001)), "/plan", "too_long"),
        (|p| p.references = vec![p.references[0].clone(); 21], "/references", "too_many"),
    ];
    for (spoil, pointer, code) in cases {
        let mut particulars = answering();
        spoil(&mut particulars);
        assert_eq!(wrong(&asking(), particulars), [(pointer.to_owned(), code)], "{pointer} {code}");
    }
}

#[test]
fn rights_are_as_the_challenge_says_unless_it_leaves_them_open() {
    let mut challenge = asking();
    challenge.content.intellectual_property =
        Some(IntellectualProperty { ownership: Ownership::Agency, licence: String::new() });
    let expected = [("/intellectualProperty/ownership".to_owned(), "not_as_asked")];
    assert_eq!(wrong(&challenge, answering()), expected);
    let silent = Particulars { intellectual_property: None, ..answering() };
    assert_eq!(wrong(&challenge, silent), []);
}

#[test]
fn an_offer_binds_as_long_as_it_says_or_as_is_asked_for() {
    let (mut challenge, silent) = (asking(), Particulars::default());
    assert_eq!(silent.binding_days(&challenge.content), 120);
    assert_eq!(answering().binding_days(&challenge.content), 120);
    challenge.content.bid_validity_days = None;
    assert_eq!(silent.binding_days(&challenge.content), USUAL_VALIDITY_DAYS);
}

#[test]
fn words_are_counted_as_unicode_does() {
    for (text, count) in [("", 0), ("...", 0), ("One, two.", 2), ("Žabe ne skačejo", 3), ("don't", 1), ("3.5 km", 2)]
    {
        assert_eq!(words(text), count, "{text}");
    }
}

#[test]
fn the_formal_check_is_told_what_is_wrong_once_it_is_open() {
    let challenge = Challenge { status: ChallengeStatus::Opened, ..asking() };
    let problems = |bid: &Bid| pairs(bid.problems(&challenge));
    assert_eq!(problems(&bid(BidStatus::Submitted)), []);
    assert_eq!(problems(&bid(BidStatus::Opened)).len(), 4);
    let unread = Bid { quality: None, ..bid(BidStatus::Opened) };
    assert_eq!(problems(&unread), [(String::new(), "unreadable")]);
    let mut bid = bid(BidStatus::Admitted);
    bid.quality.as_mut().unwrap().particulars = answering();
    assert_eq!(problems(&bid), []);
    // A section was taken away, and the bid was confirmed.
    let mut changed = challenge.clone();
    changed.content.response_sections.remove(0);
    assert_eq!(pairs(bid.problems(&changed)), [("/answers/0/section".to_owned(), "unknown")]);
    let opened = Challenge { prices_opened_at: challenge.published_at, ..challenge.clone() };
    assert_eq!(pairs(bid.problems(&opened)), [("/price".to_owned(), "unreadable")]);
    bid.price = Some(offer(9_999_900).parts().1);
    assert_eq!(pairs(bid.problems(&opened)), [("/price/amount".to_owned(), "above_ceiling")]);
    let particulars = &mut bid.quality.as_mut().unwrap().particulars;
    particulars.answers = vec![text(709, "What?"); 5000];
    particulars.references = vec![Reference { year: 0, ..particulars.references[0].clone() }; 5000];
    assert_eq!(bid.problems(&opened).len(), 100, "who seals alone cannot flood the list");
}

/// The same questions in another challenge, under ids of its own, with other blanks and capitals.
fn asking_elsewhere() -> Challenge {
    let mut other = Challenge { id: id(7), ..asking() };
    for (n, section) in (800..).zip(&mut other.content.response_sections) {
        (section.id, section.title) = (id(n), format!("  {} ", section.title.to_uppercase()));
    }
    other.content.eligibility[0].id = id(810);
    other
}

fn earlier() -> (domain::bid::QualityOffer, domain::bid::PriceOffer) {
    let mut offer = offer(3_850_000);
    offer.particulars = answering();
    offer.parts()
}

#[test]
fn on_the_same_challenge_everything_is_said_again() {
    let (quality, price) = earlier();
    let again = Reused::of(quality.clone(), Some(price.clone()), (BidStage::Offer, &asking()), true, &asking());
    assert_eq!((again.quality, again.price, pairs(again.left_out)), (quality.clone(), Some(price), Vec::new()));
    let sealed = Reused::of(quality.clone(), None, (BidStage::Offer, &asking()), true, &asking());
    assert_eq!((&sealed.quality, pairs(sealed.left_out)), (&quality, vec![("/price".to_owned(), "sealed")]));
    let unpriced = Reused::of(quality, None, (BidStage::Solution, &asking()), true, &asking());
    assert_eq!(pairs(unpriced.left_out), [("/price".to_owned(), "unpriced")]);
}

#[test]
fn on_another_challenge_the_same_questions_have_the_same_answers() {
    let (quality, price) = earlier();
    let reused = Reused::of(quality.clone(), Some(price), (BidStage::Offer, &asking()), true, &asking_elsewhere());
    assert_eq!((&reused.price, pairs(reused.left_out)), (&None, vec![("/price".to_owned(), "other_challenge")]));
    let mut expected = quality;
    expected.particulars.answers[0].section = id(800);
    expected.particulars.answers[1].section = id(801);
    expected.particulars.eligibility[0].criterion = id(810);
    expected.particulars.team[0].consented = false;
    assert_eq!(reused.quality, expected);
}

#[test]
fn what_another_challenge_does_not_ask_is_named_and_left_out() {
    let (quality, _) = earlier();
    let mut elsewhere = asking_elsewhere();
    elsewhere.content.response_sections[0].title = "Dialects".to_owned();
    elsewhere.content.response_sections[1].kind = AnswerKind::Text;
    // A copy keeps ids, and its author may ask for more.
    elsewhere.content.eligibility[0].id = id(710);
    elsewhere.content.eligibility[0].description = "Ten sentences.".to_owned();
    let reused = Reused::of(quality, None, (BidStage::Offer, &asking()), true, &elsewhere);
    let left = [
        ("/answers/0", "not_asked"),
        ("/answers/1", "not_asked"),
        ("/eligibility/0", "not_asked"),
        ("/price", "other_challenge"),
    ];
    assert_eq!(pairs(reused.left_out), left.map(|(pointer, code)| (pointer.to_owned(), code)));
    assert_eq!((reused.quality.particulars.answers, reused.quality.particulars.eligibility), (vec![], vec![]));
}

#[test]
fn after_a_change_that_was_not_confirmed_one_declares_again() {
    let (quality, price) = earlier();
    let reused = Reused::of(quality.clone(), Some(price), (BidStage::Offer, &asking()), false, &asking());
    assert_eq!(pairs(reused.left_out), [("/eligibility/0".to_owned(), "challenge_changed")]);
    assert_eq!(
        (reused.quality.particulars.eligibility, reused.quality.particulars.answers),
        (vec![], quality.particulars.answers)
    );
}
