//! What may be changed in a published challenge, how much time that gives, and what bidders stand by.

use chrono::{DateTime, TimeDelta, Utc};
use domain::{
    Bid, BidStatus, Challenge, ChallengeStatus as C, Procedure, Refusal, Result,
    bid::HandedIn,
    challenge::{ChangeNotice, ChangePolicy, ChangeReason, Content, Place, ProposedChange, Section},
};
use proptest::prelude::*;

use crate::records::{
    at, author, bid, bidder, challenge, content, deadline, euro, fields, id, offer, officer, rules, staff,
};

const POLICY: ChangePolicy = ChangePolicy { extension_days: 7 };

/// Monday, two weeks before the deadline of Monday 15 June at noon in Ljubljana.
fn now() -> DateTime<Utc> {
    at("2026-06-01T08:00:00Z")
}

/// The end of Monday 22 June in Ljubljana: seven days after the deadline.
fn extended() -> DateTime<Utc> {
    at("2026-06-22T22:00:00Z")
}

fn proposed(edit: impl FnOnce(&mut Content)) -> ProposedChange {
    let mut content = content();
    edit(&mut content);
    ProposedChange { code: ChangeReason::Correction, reason: "We were wrong.".to_owned(), content }
}

fn change(challenge: &mut Challenge, edit: impl FnOnce(&mut Content)) -> Result<ChangeNotice> {
    change_at(challenge, now(), edit)
}

fn change_at(challenge: &mut Challenge, now: DateTime<Utc>, edit: impl FnOnce(&mut Content)) -> Result<ChangeNotice> {
    let place = Place { id: id(80), present: 0, revision: 4 };
    let rules = rules(Procedure::SmallPilot);
    challenge.change(&officer(), place, proposed(edit), (&rules, POLICY), now).map(|(notice, _, _)| notice)
}

/// (what is changed, the section, whether bidders have to answer anew)
#[test]
fn what_bidders_answer_to_is_material_and_nothing_else() {
    type Edit = fn(&mut Content);
    let table: [(Edit, Section, bool); 12] = [
        (|c| c.title.push('!'), Section::Overview, false),
        (|c| c.tags.push("flood".to_owned()), Section::Classification, false),
        (|c| c.problem.pain.push('!'), Section::Problem, true),
        (|c| c.outcomes[0].target.push('!'), Section::Outcomes, true),
        (|c| c.conditions.data.push('!'), Section::Conditions, true),
        (|c| c.pilots = 2, Section::Budget, true),
        (|c| c.budget_ceiling = Some(euro(5_000_000)), Section::Budget, true),
        (|c| c.criteria[0].description.push('!'), Section::Award, true),
        (|c| c.zone = chrono_tz::Europe::Brussels, Section::Timeline, true),
        // Earlier than what is computed if nothing is planned: questions are cut short.
        (|c| c.planned_dates.questions_until = Some(at("2026-06-03T22:00:00Z")), Section::Timeline, true),
        (|c| c.planned_dates.expected_award = Some("2026-07-01".parse().unwrap()), Section::Timeline, false),
        (|c| c.submission_deadline = Some(deadline() + TimeDelta::hours(1)), Section::Timeline, false),
    ];
    for (n, (edit, section, material)) in table.into_iter().enumerate() {
        let mut changed = challenge(C::Published);
        let more_time = |c: &mut Content| {
            c.submission_deadline = Some(extended());
            edit(c);
        };
        let notice = if material { change(&mut changed, more_time) } else { change(&mut changed, edit) };
        let notice = notice.unwrap_or_else(|refused| panic!("row {n}: {refused:?}"));
        assert_eq!((notice.material, changed.material_changes), (material, i32::from(material)), "row {n}");
        assert!(notice.sections.contains(&section), "row {n}: {:?}", notice.sections);
        assert_eq!((notice.revision_before, notice.revision, notice.number), (4, 5, 1));
    }
}

#[test]
fn a_date_that_comes_nearer_is_material() {
    let mut published = challenge(C::Published);
    published.content.planned_dates.questions_until = Some(at("2026-06-05T22:00:00Z"));
    let refused = change(&mut published, |c| c.planned_dates.questions_until = Some(at("2026-06-04T22:00:00Z")));
    assert_eq!(fields(refused.unwrap_err()), [("/submissionDeadline".to_owned(), "extension_required")]);
}

#[test]
fn a_material_change_gives_a_week_more_to_the_very_end_of_its_last_day() {
    let material = |deadline| {
        move |c: &mut Content| {
            c.budget_ceiling = Some(euro(5_000_000));
            c.submission_deadline = Some(deadline);
        }
    };
    let untouched = challenge(C::Published);
    for early in [deadline(), extended() - TimeDelta::microseconds(1)] {
        let mut changed = untouched.clone();
        let refused = change(&mut changed, material(early)).unwrap_err();
        let Refusal::Invalid(errors) = &refused else { panic!("{refused:?}") };
        assert!(
            errors[0].detail.contains("2026-06-22T22:00:00Z") && errors[0].detail.contains("7 calendar days"),
            "{errors:?}"
        );
        assert_eq!(fields(refused), [("/submissionDeadline".to_owned(), "extension_required")]);
        assert_eq!(changed, untouched);
    }
    let mut changed = untouched;
    let notice = change(&mut changed, material(extended())).unwrap();
    assert_eq!((notice.deadline_before, notice.deadline), (deadline(), extended()));
    assert_eq!(changed.content.submission_deadline, Some(extended()));
}

/// Every wrong field is named at once, and nothing is changed.
#[test]
fn some_things_stay_as_they_were_published() {
    let untouched = challenge(C::Published);
    let mut changed = untouched.clone();
    let refused = change(&mut changed, |c| {
        c.procedure = Procedure::OpenPilot;
        c.budget_ceiling = Some(domain::Money::new(1, domain::Currency::from_code("USD").unwrap()).unwrap());
        c.submission_deadline = Some(deadline() - TimeDelta::microseconds(1));
        c.summary.clear();
    });
    let mut told = fields(refused.unwrap_err());
    told.sort_unstable();
    let expected = [
        ("/budgetCeiling/currency", "not_changeable"),
        ("/procedure", "not_changeable"),
        ("/submissionDeadline", "brought_forward"),
        ("/submissionDeadline", "extension_required"),
        ("/summary", "required"),
    ];
    assert_eq!(told, expected.map(|(pointer, code)| (pointer.to_owned(), code)));
    assert_eq!(changed, untouched);
    assert_eq!(fields(change(&mut changed, |_| {}).unwrap_err()), [(String::new(), "unchanged")]);
    let rules = rules(Procedure::SmallPilot);
    let place = Place { id: id(80), present: 100, revision: 4 };
    let full = changed.change(&officer(), place, proposed(|c| c.title.push('!')), (&rules, POLICY), now());
    assert!(matches!(full, Err(Refusal::LimitReached(_))), "{full:?}");
    let place = Place { present: 0, ..place };
    let mut unexplained = proposed(|c| c.title.push('!'));
    unexplained.reason = " ".to_owned();
    let refused = changed.change(&officer(), place, unexplained, (&rules, POLICY), now()).unwrap_err();
    assert_eq!(fields(refused), [("/reason".to_owned(), "required")]);
}

#[test]
fn what_is_public_is_changed_or_added_to_by_officers_before_the_deadline_only() {
    let title = |c: &mut Content| c.title.push('!');
    let add = |challenge: &Challenge, now| challenge.add_addendum(&officer(), ("More", "Text."), 0, now).map(drop);
    for status in C::ALL.iter().copied() {
        let allowed = matches!(status, C::Published | C::Suspended);
        let outcomes = [change(&mut challenge(status), title).map(drop), add(&challenge(status), now())];
        assert!(outcomes.iter().all(|outcome| outcome.is_ok() == allowed), "{status:?}: {outcomes:?}");
    }
    let just = deadline() - TimeDelta::microseconds(1);
    change_at(&mut challenge(C::Published), just, title).unwrap();
    add(&challenge(C::Published), just).unwrap();
    assert_eq!(add(&challenge(C::Published), deadline()), Err(Refusal::DeadlinePassed));
    assert_eq!(change_at(&mut challenge(C::Published), deadline(), title), Err(Refusal::DeadlinePassed));
    let rules = rules(Procedure::SmallPilot);
    for somebody in [author(), staff(12, &[]), bidder()] {
        let place = Place { id: id(80), present: 0, revision: 4 };
        let outcome = challenge(C::Published).change(&somebody, place, proposed(title), (&rules, POLICY), now());
        assert!(matches!(outcome, Err(Refusal::RoleMissing(_))), "{outcome:?}");
        let outcome = challenge(C::Published).add_addendum(&somebody, ("More", "Text."), 0, now());
        assert!(matches!(outcome, Err(Refusal::RoleMissing(_))), "{outcome:?}");
    }
}

#[test]
fn an_addendum_is_numbered_and_has_limits() {
    let add = |title: &str, body: &str, present| {
        challenge(C::Published).add_addendum(&officer(), (title, body), present, now()).map(|(addendum, _)| addendum)
    };
    let addendum = add(" A visit ", "Come.", 2).unwrap();
    assert_eq!((addendum.number, &*addendum.title), (3, "A visit"));
    assert_eq!(
        fields(add("two\nlines", &"x".repeat(20_001), 0).unwrap_err()),
        [("/title".to_owned(), "wrong_format"), ("/body".to_owned(), "too_long")]
    );
    assert!(matches!(add("More", "Text.", 100), Err(Refusal::LimitReached(_))));
}

#[test]
fn a_bid_is_unconfirmed_after_a_material_change_until_it_is_confirmed_or_replaced() {
    let mut published = challenge(C::Published);
    let mut one = bid(BidStatus::Submitted);
    let mut other = one.clone();
    assert_eq!(one.confirm(&bidder(), &published, now()), Err(Refusal::AlreadyDone));
    change(&mut published, |c| {
        c.problem.pain.push('!');
        c.submission_deadline = Some(extended());
    })
    .unwrap();
    let confirmed = |bid: &Bid| bid.is_confirmed(published.material_changes);
    assert!(!confirmed(&one));
    assert_eq!(one.confirm(&bidder(), &published, extended()), Err(Refusal::DeadlinePassed));
    let stranger = one.confirm(&officer(), &published, now());
    assert_eq!(stranger, Err(Refusal::NotFound("bid")));
    one.confirm(&bidder(), &published, now()).unwrap();
    other.replace(&bidder(), &published, HandedIn::InClear(&offer(1), &[]), now()).unwrap();
    assert!(confirmed(&one) && confirmed(&other));
    assert_eq!((one.revision, other.revision), (1, 2));
}

#[test]
fn a_bid_above_a_lowered_ceiling_is_replaced_or_disqualified() {
    let mut published = challenge(C::Published);
    change(&mut published, |c| {
        c.budget_ceiling = Some(euro(3_000_000));
        c.submission_deadline = Some(extended());
    })
    .unwrap();
    let refused =
        bid(BidStatus::Submitted).replace(&bidder(), &published, HandedIn::InClear(&offer(3_850_000), &[]), now());
    assert_eq!(fields(refused.unwrap_err()), [("/price/amount".to_owned(), "above_ceiling")]);
    bid(BidStatus::Submitted).confirm(&bidder(), &published, now()).unwrap();
    let above = Bid { price: Some(offer(3_850_000).parts().1), ..bid(BidStatus::Admitted) };
    let refused = above.require_price(&published).unwrap_err();
    assert!(matches!(&refused, Refusal::Incomplete(words) if words.contains("disqualify")), "{refused:?}");
}

proptest! {
    /// Whatever is changed whenever: the deadline never comes nearer, and lies ahead; what is material leaves seven whole
    /// days after the old deadline.
    #[test]
    fn no_change_takes_time_away(
        hours_before in 1_i64..600, moved in -200_i64..600, ceiling in 1_i64..9_000_000, text in "[a-z]{0,3}",
    ) {
        let now = deadline() - TimeDelta::hours(hours_before);
        let mut changed = challenge(C::Published);
        let wanted = deadline() + TimeDelta::hours(moved);
        let notice = change_at(&mut changed, now, |c| {
            c.submission_deadline = Some(wanted);
            c.budget_ceiling = Some(euro(ceiling));
            c.summary.push_str(&text);
        });
        if let Ok(notice) = notice {
            prop_assert!(notice.deadline >= deadline() && notice.deadline > now && notice.deadline == wanted);
            prop_assert_eq!(notice.material, ceiling != 4_500_000);
            prop_assert!(!notice.material || notice.deadline >= extended());
        } else {
            let material = ceiling != 4_500_000;
            prop_assert!(wanted < deadline() || material && wanted < extended() || (moved == 0 && text.is_empty()));
            prop_assert_eq!(changed, challenge(C::Published));
        }
    }
}
