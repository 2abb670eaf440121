//! Two-stage challenges: until when solutions are taken, who is invited to bid, and what moves the dates.

use chrono::{DateTime, TimeDelta, Utc};
use domain::{
    Bid, BidStatus as B, Challenge, ChallengeStatus as C, OrganisationKind, Procedure, Refusal, Result, UserId,
    bid::{Access, BidStage, HandedIn, Particulars, QualityOffer},
    challenge::{
        ChangePolicy, ChangeReason, CloseWithoutAwardReason, Decision, EligibilityCriterion, EligibilityKind,
        FirstStage, Place, ProposedChange, Shortlist, Shortlisting, SuspensionReason,
    },
    opening::EnvelopeKind,
};

use crate::records::{
    agency, at, bid, bidder, challenge, company, content, deadline, fields, id, member, offer, officer, organisation,
    panel, rules, session,
};

/// Three weeks before the submission deadline.
fn solutions_until() -> DateTime<Utc> {
    deadline() - TimeDelta::days(21)
}

fn now() -> DateTime<Utc> {
    solutions_until() + TimeDelta::hours(2)
}

/// Published, with solutions until three weeks before the deadline.
fn two_stages() -> Challenge {
    let mut challenge = challenge(C::Published);
    challenge.content.shortlisting = Some(Shortlisting { solution_deadline: Some(solutions_until()), most: 4 });
    challenge
}

/// The same when its solutions are open.
fn opened() -> Challenge {
    let at = Some(solutions_until());
    Challenge { first_stage: FirstStage { closed_at: at, opened_at: at, shortlisted_at: None }, ..two_stages() }
}

/// The same when the shortlist is decided.
fn shortlisted() -> Challenge {
    let first_stage = FirstStage { shortlisted_at: Some(now()), ..opened().first_stage };
    Challenge { first_stage, ..opened() }
}

fn solution(number: u128, status: B) -> Bid {
    Bid { id: id(number), company: id(100 + number), stage: BidStage::Solution, ..bid(status) }
}

fn solutions(statuses: &[B]) -> Vec<Bid> {
    (60..).zip(statuses).map(|(number, status)| solution(number, *status)).collect()
}

fn unpriced() -> QualityOffer {
    QualityOffer { solution: "We listen.".to_owned(), steps: Vec::new(), particulars: Particulars::default() }
}

fn submit(challenge: &Challenge, handed_in: HandedIn<'_>, solution: Option<&Bid>, now: DateTime<Utc>) -> Result<Bid> {
    let company = organisation(company(), OrganisationKind::Company);
    Bid::submit(id(60), &bidder(), challenge, &company, handed_in, solution, now).map(|(bid, _)| bid)
}

/// What it is about, the challenge, what arrives, the company's own solution, when, and why it is refused.
type Arrival<'a> = (&'a str, Challenge, HandedIn<'a>, Option<&'a Bid>, DateTime<Utc>, Option<Refusal>);

/// What it is about, the solutions, the shortlist, and what is wrong with it.
type Attempt<'a> = (&'a str, &'a [B], Shortlist, &'a [(&'a str, &'a str)]);

fn decisions(numbers: &[u128]) -> Vec<Decision> {
    numbers.iter().map(|number| Decision { bid: id(*number), reason: "Because.".to_owned() }).collect()
}

fn shortlist(shortlisted: &[u128], not: &[u128]) -> Shortlist {
    Shortlist { shortlisted: decisions(shortlisted), not_shortlisted: decisions(not), no_conflict: true }
}

#[test]
fn solutions_are_taken_until_their_deadline_and_offers_after_the_shortlist() {
    let (first, last) = (at("2026-05-05T08:00:00Z"), solutions_until() - TimeDelta::microseconds(1));
    let (unpriced, offer) = (unpriced(), offer(3_850_000));
    let (solution_in, offer_in) = (HandedIn::Solution(&unpriced), HandedIn::InClear(&offer, &[]));
    let invited = solution(60, B::Shortlisted);
    let before_opening =
        |closed_at| Challenge { first_stage: FirstStage { closed_at, ..FirstStage::default() }, ..two_stages() };
    let closed = Challenge { status: C::Closed, ..shortlisted() };
    let table: [Arrival<'_>; 12] = [
        ("first", two_stages(), solution_in, None, first, None),
        ("last", two_stages(), solution_in, None, last, None),
        ("sealed", two_stages(), HandedIn::SealedSolution, None, last, None),
        ("at the deadline", two_stages(), solution_in, None, solutions_until(), Some(Refusal::DeadlinePassed)),
        ("closed", before_opening(Some(now())), solution_in, None, now(), Some(Refusal::DeadlinePassed)),
        ("opened", opened(), solution_in, None, last, Some(Refusal::DeadlinePassed)),
        ("one stage", challenge(C::Published), solution_in, None, first, Some(Refusal::OneStage)),
        ("too early", two_stages(), offer_in, None, first, Some(Refusal::ShortlistPending)),
        ("pending", opened(), offer_in, Some(&invited), now(), Some(Refusal::ShortlistPending)),
        ("invited", shortlisted(), offer_in, Some(&invited), now(), None),
        ("stranger", shortlisted(), offer_in, None, now(), Some(Refusal::NotShortlisted)),
        ("too late", closed, offer_in, Some(&invited), now(), Some(Refusal::DeadlinePassed)),
    ];
    for (name, challenge, handed_in, solution, now, refusal) in table {
        let submitted = submit(&challenge, handed_in, solution, now);
        assert_eq!(submitted.as_ref().err(), refusal.as_ref(), "{name}");
        assert!(submitted.is_err() || submitted.unwrap().stage == handed_in.stage(), "{name}");
    }
    for status in B::ALL.into_iter().filter(|status| *status != B::Shortlisted) {
        let refused = submit(&shortlisted(), offer_in, Some(&solution(60, status)), now());
        assert_eq!(refused.unwrap_err(), Refusal::NotShortlisted, "{status:?}");
    }
}

#[test]
fn a_solution_needs_no_plan_and_no_price() {
    let blank = QualityOffer { solution: " ".to_owned(), ..unpriced() };
    let refused = submit(&two_stages(), HandedIn::Solution(&blank), None, at("2026-05-05T08:00:00Z"));
    assert_eq!(fields(refused.unwrap_err()), [("/solution".to_owned(), "required")]);
    assert_eq!(fields(unpriced().check().unwrap_err()), [("/milestones".to_owned(), "out_of_range")]);
}

#[test]
fn a_solution_answers_none_of_what_offers_must_and_names_no_consortium() {
    let mut challenge = opened();
    challenge.content.eligibility = vec![EligibilityCriterion {
        id: id(70),
        kind: EligibilityKind::Suitability,
        name: "Registered".to_owned(),
        description: String::new(),
    }];
    let read = Bid { quality: Some(unpriced()), ..solution(60, B::Opened) };
    assert_eq!(read.problems(&challenge, &[]), []);
    let as_offer = Bid { stage: BidStage::Offer, ..read };
    assert!(!as_offer.problems(&challenge, &[]).is_empty());
    let (unpriced, offer) = (unpriced(), offer(1));
    let named = Some(id(90));
    let refused = HandedIn::Solution(&unpriced).require_bidder(named).unwrap_err();
    assert_eq!(fields(refused), [("/consortium".to_owned(), "not_allowed")]);
    assert!(HandedIn::SealedSolution.require_bidder(named).is_err());
    HandedIn::Solution(&unpriced).require_bidder(None).unwrap();
    HandedIn::InClear(&offer, &[]).require_bidder(named).unwrap();
}

#[test]
fn solutions_are_for_their_company_and_once_opened_for_the_agencys_officers_and_auditors() {
    let panel = panel();
    let auditor = member(13, agency(), &[domain::Role::Auditor]);
    let (challenge, judged) = (opened(), Challenge { awarded_at: Some(now()), ..shortlisted() });
    for status in B::ALL {
        let own = Bid { company: company(), ..solution(60, status) };
        let access = |actor: &domain::Actor, challenge: &Challenge| own.access(actor, challenge, &panel, None).ok();
        let opened = !matches!(status, B::Submitted | B::Withdrawn);
        let full = opened.then_some(Access::Full);
        assert_eq!(access(&bidder(), &challenge), Some(Access::Full), "{status:?}");
        assert_eq!((access(&officer(), &challenge), access(&auditor, &challenge)), (full, full), "{status:?}");
        let evaluator = domain::Actor::new(panel.evaluators[1]);
        assert_eq!((access(&evaluator, &challenge), access(&evaluator, &judged)), (None, None), "{status:?}");
    }
}

#[test]
fn a_bid_stays_in_its_stage() {
    let (unpriced, offer) = (unpriced(), offer(1));
    let early = at("2026-05-05T08:00:00Z");
    let mut own = Bid { company: company(), ..solution(60, B::Submitted) };
    let mixed = own.replace(&bidder(), &two_stages(), HandedIn::InClear(&offer, &[]), early).unwrap_err();
    assert_eq!(fields(mixed), [("/stage".to_owned(), "other_stage")]);
    own.replace(&bidder(), &two_stages(), HandedIn::Solution(&unpriced), early).unwrap();
    assert_eq!(own.replace(&bidder(), &two_stages(), HandedIn::SealedSolution, now()), Err(Refusal::DeadlinePassed));
    assert_eq!(own.withdraw(&bidder(), &two_stages(), now()), Err(Refusal::DeadlinePassed));
    own.withdraw(&bidder(), &two_stages(), early).unwrap();
}

#[test]
fn solutions_are_opened_after_their_deadline_by_enough_holders_once() {
    let (came, half): (Vec<UserId>, Vec<UserId>) = (vec![id(11), id(12)], vec![id(11)]);
    let closed = |mut challenge: Challenge| {
        challenge.first_stage.closed_at = Some(solutions_until());
        challenge
    };
    let open = |mut challenge: Challenge, came: &[UserId], now| {
        challenge.open_solutions(&session(EnvelopeKind::Solution, came), 3, now).map(|event| (challenge, event))
    };
    let (after, event) = open(closed(two_stages()), &came, now()).unwrap();
    assert_eq!((after.status, after.first_stage.opened_at), (C::Published, Some(now())));
    assert_eq!(event.public.unwrap(), serde_json::json!({ "reference": after.reference }));
    let early = solutions_until() - TimeDelta::microseconds(1);
    assert_eq!(open(closed(two_stages()), &came, early).unwrap_err(), Refusal::DeadlineNotReached);
    assert_eq!(open(closed(challenge(C::Published)), &came, now()).unwrap_err(), Refusal::OneStage);
    assert_eq!(open(opened(), &came, now()).unwrap_err(), Refusal::AlreadyDone);
    assert!(matches!(open(two_stages(), &came, now()), Err(Refusal::Incomplete(_))));
    assert!(matches!(open(closed(two_stages()), &half, now()), Err(Refusal::FourEyes(_))));
    for status in C::ALL.iter().copied().filter(|status| *status != C::Published) {
        let other = closed(Challenge { status, ..two_stages() });
        assert!(matches!(open(other, &came, now()), Err(Refusal::WrongState { .. })), "{status:?}");
    }
}

#[test]
fn every_admitted_solution_is_decided_about_and_enough_pass() {
    use B::{Admitted as A, Disqualified as X};
    let table: [Attempt<'_>; 12] = [
        ("three of five", &[A, A, A, A, A], shortlist(&[60, 62, 64], &[61, 63]), &[]),
        ("as many as there may be", &[A, A, A, A, A], shortlist(&[60, 61, 62, 63], &[64]), &[]),
        ("all of two", &[A, A, X], shortlist(&[60, 61], &[]), &[]),
        ("none at all", &[X], shortlist(&[], &[]), &[]),
        ("too few", &[A, A, A], shortlist(&[60, 61], &[62]), &[("/shortlisted", "too_few")]),
        ("one of one left out", &[A], shortlist(&[], &[60]), &[("/shortlisted", "too_few")]),
        ("too many", &[A, A, A, A, A], shortlist(&[60, 61, 62, 63, 64], &[]), &[("/shortlisted", "too_many")]),
        ("one forgotten", &[A, A, A, A], shortlist(&[60, 61, 62], &[]), &[("/notShortlisted", "incomplete")]),
        ("disqualified", &[A, A, A, X], shortlist(&[60, 61, 62], &[63]), &[("/notShortlisted/0/bid", "unknown")]),
        (
            "twice",
            &[A, A, A],
            shortlist(&[60, 61, 62], &[62]),
            &[("/shortlisted/2/bid", "duplicate"), ("/notShortlisted/0/bid", "duplicate")],
        ),
        (
            "without a word",
            &[A],
            Shortlist { shortlisted: vec![Decision { bid: id(60), reason: " ".to_owned() }], ..shortlist(&[], &[]) },
            &[("/shortlisted/0/reason", "required")],
        ),
        ("undeclared", &[A], Shortlist { no_conflict: false, ..shortlist(&[60], &[]) }, &[("/noConflict", "required")]),
    ];
    for (name, statuses, shortlist, wrong) in table {
        let (mut challenge, mut bids) = (opened(), solutions(statuses));
        let decided = challenge.shortlist(&officer(), &mut bids, &shortlist, &rules(Procedure::SmallPilot), now());
        match decided {
            Ok((_, events)) => {
                assert!(wrong.is_empty(), "{name}");
                let passed: Vec<_> = bids.iter().filter(|bid| bid.status == B::Shortlisted).map(|bid| bid.id).collect();
                let meant: Vec<_> = shortlist.shortlisted.iter().map(|decision| decision.bid).collect();
                assert_eq!((passed, challenge.first_stage.shortlisted_at), (meant, Some(now())), "{name}");
                let public: Vec<_> = events.iter().filter_map(|event| event.public.clone()).collect();
                assert_eq!(public, [serde_json::json!({ "reference": challenge.reference })], "{name}");
            }
            Err(refusal) => {
                let found = fields(refusal);
                let found: Vec<_> = found.iter().map(|(pointer, code)| (pointer.as_str(), *code)).collect();
                assert_eq!(found, wrong, "{name}");
                assert_eq!((bids, challenge), (solutions(statuses), opened()), "{name}");
            }
        }
    }
}

#[test]
fn the_shortlist_is_an_officers_without_conflict_final_and_leaves_time_to_bid() {
    let rules = rules(Procedure::SmallPilot);
    let decide = |mut challenge: Challenge, actor: &domain::Actor, statuses: &[B], now| {
        let list = shortlist(&[60], &[]);
        challenge.shortlist(actor, &mut solutions(statuses), &list, &rules, now).map(|(timeline, _)| timeline)
    };
    let timeline = decide(opened(), &officer(), &[B::Admitted], now()).unwrap();
    assert_eq!(timeline.open_from, now());
    let author = member(12, agency(), &[domain::Role::Author]);
    assert!(matches!(decide(opened(), &author, &[B::Admitted], now()), Err(Refusal::RoleMissing(_))));
    let mut partial = officer();
    partial.memberships.push(domain::Membership::new(id(160), Vec::new()));
    assert!(matches!(decide(opened(), &partial, &[B::Admitted], now()), Err(Refusal::FourEyes(_))));
    assert_eq!(decide(shortlisted(), &officer(), &[B::Admitted], now()).unwrap_err(), Refusal::AlreadyDone);
    assert!(matches!(decide(two_stages(), &officer(), &[B::Admitted], now()), Err(Refusal::Incomplete(_))));
    assert!(matches!(decide(opened(), &officer(), &[B::Opened], now()), Err(Refusal::Incomplete(_))));
    let last = deadline() - TimeDelta::days(13);
    decide(opened(), &officer(), &[B::Admitted], last).unwrap();
    let late = deadline() - TimeDelta::days(5);
    let Err(Refusal::Incomplete(words)) = decide(opened(), &officer(), &[B::Admitted], late) else { panic!() };
    assert!(words.contains("hour(s) too early") && words.contains("10 calendar days"), "{words}");
}

#[test]
fn both_stages_leave_the_minimum_period() {
    let now = at("2026-05-04T08:00:00Z");
    let draft = |days: i64, procedure| {
        let mut draft = content();
        draft.procedure = procedure;
        draft.submission_deadline = Some(now + TimeDelta::days(70));
        let solution_deadline = Some(now + TimeDelta::days(days));
        draft.shortlisting = Some(Shortlisting { solution_deadline, most: 3 });
        let found = draft.checklist(&rules(procedure), now);
        let errors = found.into_iter().filter(|finding| finding.severity == domain::challenge::Severity::Error);
        errors.map(|finding| (finding.problem.pointer, finding.problem.code)).collect::<Vec<_>>()
    };
    let at = |pointer: &str, code| vec![(pointer.to_owned(), code)];
    let solutions = "/shortlisting/solutionDeadline";
    let (small, partnership) = (Procedure::SmallPilot, Procedure::InnovationPartnership);
    assert_eq!(draft(14, small), []);
    assert_eq!(draft(9, small), at(solutions, "period_too_short"));
    assert_eq!(draft(62, small), at("/submissionDeadline", "period_too_short"));
    assert_eq!(draft(33, partnership), []);
    assert_eq!(draft(29, partnership), at(solutions, "period_too_short"));
    assert_eq!(draft(45, partnership), at("/submissionDeadline", "period_too_short"));
    assert_eq!(draft(33, Procedure::DesignContest), []);
    assert_eq!(draft(33, Procedure::OpenPilot), at("/shortlisting", "not_allowed"));
    assert!(draft(71, small).contains(&(solutions.to_owned(), "wrong_order")));
}

#[test]
fn changes_keep_the_stages_and_never_bring_a_deadline_nearer() {
    let early = at("2026-05-10T08:00:00Z");
    let change = |challenge: Challenge, now, change: &dyn Fn(&mut domain::challenge::Content)| {
        let mut challenge = challenge;
        let mut content = challenge.content.clone();
        change(&mut content);
        let place = Place { id: id(80), present: 0, revision: 1 };
        let proposed = ProposedChange { code: ChangeReason::Correction, reason: "So.".to_owned(), content };
        let rules = rules(Procedure::SmallPilot);
        let by = (&rules, ChangePolicy::default());
        challenge.change(&officer(), place, proposed, by, now).map(|(notice, _, _)| notice.material)
    };
    let solutions_at = |days: i64, most| {
        Some(Shortlisting { solution_deadline: Some(solutions_until() + TimeDelta::days(days)), most })
    };
    let pointer = "/shortlisting/solutionDeadline".to_owned();
    let found = |refused: Result<bool>| fields(refused.unwrap_err());
    assert_eq!(change(two_stages(), early, &|c| c.shortlisting = solutions_at(2, 4)), Ok(false));
    let nearer = change(two_stages(), early, &|c| c.shortlisting = solutions_at(-1, 4));
    assert_eq!(found(nearer), [(pointer.clone(), "brought_forward")]);
    let dropped = change(two_stages(), early, &|c| c.shortlisting = None);
    let kept = ("/shortlisting".to_owned(), "not_changeable");
    assert!(found(dropped).contains(&kept));
    let added = change(challenge(C::Published), early, &|c| c.shortlisting = solutions_at(0, 4));
    assert!(found(added).contains(&kept));
    let material = |days| {
        move |c: &mut domain::challenge::Content| {
            c.problem.pain = "More.".to_owned();
            c.submission_deadline = Some(deadline() + TimeDelta::days(10));
            c.shortlisting = solutions_at(days, 4);
        }
    };
    assert_eq!(found(change(two_stages(), early, &material(0))), [(pointer.clone(), "extension_required")]);
    assert_eq!(change(two_stages(), early, &material(10)), Ok(true));
    assert_eq!(change(opened(), now(), &material(0)), Ok(true));
    assert_eq!(found(change(opened(), now(), &material(10))), [(pointer, "not_changeable")]);
    let more = |c: &mut domain::challenge::Content| {
        c.submission_deadline = Some(deadline() + TimeDelta::days(10));
        c.shortlisting = solutions_at(10, 5);
    };
    assert_eq!(change(two_stages(), early, &more), Ok(true));
}

#[test]
fn a_suspension_gives_the_lost_time_back_to_the_stage_that_runs() {
    let suspend_and_resume = |mut challenge: Challenge, from: DateTime<Utc>| {
        let why = (SuspensionReason::Complaint, "So.");
        let (mut suspension, _) = challenge.suspend(&officer(), why, 0, from).unwrap();
        let until = from + TimeDelta::days(3);
        let rules = rules(Procedure::SmallPilot);
        challenge.resume(&officer(), &mut suspension, ("On.", None), &rules, until).unwrap();
        (challenge.solution_deadline().unwrap() - solutions_until(), challenge.deadline().unwrap() - deadline())
    };
    let three = TimeDelta::days(3);
    assert_eq!(suspend_and_resume(two_stages(), at("2026-05-10T08:00:00Z")), (three, three));
    assert_eq!(suspend_and_resume(opened(), now()), (TimeDelta::zero(), three));
}

#[test]
fn a_first_stage_without_candidates_ends_the_challenge() {
    let close = |mut challenge: Challenge, statuses: &[B]| {
        let code = CloseWithoutAwardReason::NoBids;
        challenge.close_without_award(&officer(), &solutions(statuses), code, "Nobody came.", now())
    };
    close(opened(), &[]).unwrap();
    close(opened(), &[B::Disqualified]).unwrap();
    for (challenge, statuses) in [
        (opened(), [B::Admitted]),
        (opened(), [B::Opened]),
        (two_stages(), [B::Disqualified]),
        (shortlisted(), [B::Disqualified]),
    ] {
        assert!(matches!(close(challenge, &statuses), Err(Refusal::WrongState { .. })), "{statuses:?}");
    }
}

#[test]
fn what_is_in_when_solutions_end_decides_nothing_about_the_rules() {
    let closed_at = Some(solutions_until());
    let suspended = |closed_at| Challenge {
        status: C::Suspended,
        first_stage: FirstStage { closed_at, ..FirstStage::default() },
        ..two_stages()
    };
    let withdraw = |challenge: &Challenge| {
        Bid { company: company(), ..solution(60, B::Submitted) }.withdraw(&bidder(), challenge, now()).map(drop)
    };
    assert_eq!(withdraw(&suspended(None)), Ok(()), "a suspension stops the time");
    assert_eq!(withdraw(&suspended(closed_at)), Err(Refusal::DeadlinePassed), "but takes nothing back");
    let mut challenge = opened();
    let mut content = challenge.content.clone();
    content.shortlisting = Some(Shortlisting { solution_deadline: closed_at, most: 3 });
    let place = Place { id: id(80), present: 0, revision: 1 };
    let proposed = ProposedChange { code: ChangeReason::Correction, reason: "So.".to_owned(), content };
    let by = (&rules(Procedure::SmallPilot), ChangePolicy::default());
    let refused = challenge.change(&officer(), place, proposed, by, now()).unwrap_err();
    assert!(fields(refused).contains(&("/shortlisting/most".to_owned(), "not_changeable")));
}

#[test]
fn the_deadline_that_counts_is_the_one_of_the_stage() {
    assert_eq!(two_stages().next_deadline(), Ok(solutions_until()));
    assert_eq!(opened().next_deadline(), Ok(deadline()));
    assert_eq!(challenge(C::Published).next_deadline(), Ok(deadline()));
    let early = at("2026-05-05T08:00:00Z");
    assert_eq!(two_stages().require_open_to_newcomers(early), Ok(()));
    assert_eq!(two_stages().require_open_to_newcomers(solutions_until()), Err(Refusal::DeadlinePassed));
    assert_eq!(shortlisted().require_open_to_newcomers(now()), Err(Refusal::DeadlinePassed));
    assert_eq!(challenge(C::Published).require_open_to_newcomers(now()), Ok(()));
}

#[test]
fn an_officer_on_the_panel_sees_no_solution_before_the_award() {
    let judge = domain::Actor { user: panel().evaluators[0], ..officer() };
    let see = |challenge: &Challenge| solution(60, B::Admitted).access(&judge, challenge, &panel(), None);
    assert_eq!(see(&opened()), Err(Refusal::NotFound("bid")));
    assert_eq!(see(&Challenge { awarded_at: Some(deadline()), ..shortlisted() }), Ok(Access::Full));
}

#[test]
fn who_handed_in_a_solution_takes_part_until_invited_to_decide_anew() {
    let apart: Vec<_> = B::ALL.into_iter().filter(|status| !solution(60, *status).takes_part()).collect();
    assert_eq!(apart, [B::Withdrawn, B::Shortlisted]);
}
