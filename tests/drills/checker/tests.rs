//! A sound history has nothing wrong in it; each thing planted into it is found.

use std::{collections::HashMap, time::Duration};

use chrono::{DateTime, TimeDelta, Utc};
use harness::database::Event;
use receipts::{Action, FORMAT, Key, KeyRing, Kind, Payload, Receipt};
use uuid::Uuid;

use super::{Rule, check};
use crate::history::{Answer, Attempt, Bid, Deadlines, History, Outcome, Try, Withheld};

const CHALLENGE: Uuid = Uuid::from_u128(1);
const BID: Uuid = Uuid::from_u128(2);

fn deadline() -> DateTime<Utc> {
    "2027-03-28T01:00:00Z".parse().unwrap()
}

fn before(micros: i64) -> DateTime<Utc> {
    deadline() - TimeDelta::microseconds(micros)
}

fn key() -> Key {
    Key::new(&[7; 32])
}

/// The receipt with this number.
fn receipt(n: u128, kind: Kind, at: DateTime<Utc>) -> Receipt {
    let refused = kind == Kind::Refusal;
    let payload = Payload {
        format: FORMAT.to_owned(),
        kind,
        id: Uuid::from_u128(100 + n),
        action: Action::Submit,
        challenge: CHALLENGE,
        challenge_reference: "PRV-1".to_owned(),
        company: Uuid::from_u128(3),
        company_name: "Calm Signal".to_owned(),
        bid: Some(BID),
        revision: Some(1),
        received_at: at,
        real_time: None,
        envelopes: Vec::new(),
        reason: refused.then(|| "deadline_passed".to_owned()),
        problems: Vec::new(),
        event: Uuid::from_u128(200 + n),
        key: key().id().to_owned(),
    };
    Receipt::sign(&payload, &key())
}

fn answer(receipt: Receipt, revision: i64) -> Answer {
    let bid = Some((BID.to_string(), revision));
    Answer { body: format!("{revision} {}", receipt.payload), receipt: Some(receipt), bid }
}

fn ok(n: u128, at: DateTime<Utc>) -> Outcome {
    Outcome::Ok(answer(receipt(n, Kind::Receipt, at), i64::try_from(n).unwrap()))
}

fn refused(n: u128, at: DateTime<Utc>) -> Outcome {
    Outcome::Refused("deadline_passed".to_owned(), answer(receipt(n, Kind::Refusal, at), 0))
}

fn turned_away(code: &str) -> Outcome {
    Outcome::Refused(code.to_owned(), Answer { body: "{}".to_owned(), receipt: None, bid: None })
}

fn attempt(n: u128, outcomes: Vec<Outcome>) -> Attempt {
    let one = |outcome| Try { outcome, took: Duration::ZERO, over: Duration::ZERO };
    let tries = outcomes.into_iter().map(one).collect();
    Attempt { bidder: 0, challenge: CHALLENGE.to_string(), key: format!("key-{n}"), tries }
}

/// Received twice, the second time when repeated after a lost answer and a busy server, then refused as late.
fn sound() -> History {
    let attempts = vec![
        attempt(1, vec![ok(1, before(2_000_000))]),
        attempt(2, vec![Outcome::Unknown, turned_away("overloaded"), ok(2, before(1))]),
        attempt(3, vec![refused(3, before(0))]),
    ];
    let mut history = History {
        attempts,
        withheld: Vec::new(),
        deadlines: HashMap::from([(CHALLENGE.to_string(), Deadlines::new(deadline()))]),
        events: Vec::new(),
        bids: vec![Bid { id: BID.to_string(), revision: 2 }],
        bids_kept: 1,
        listed: HashMap::new(),
        keys: KeyRing::new(vec![key().public().clone()]),
    };
    record(&mut history);
    history
}

/// Puts on the record whatever anybody was told.
fn record(history: &mut History) {
    let outcomes = history.attempts.iter().flat_map(|attempt| &attempt.tries).map(|one| &one.outcome);
    let told = outcomes.filter_map(|outcome| match outcome {
        Outcome::Ok(answer) | Outcome::Refused(_, answer) => answer.receipt.clone(),
        Outcome::Unknown => None,
    });
    let receipts: Vec<_> = told.map(|receipt| (receipt.read().unwrap(), receipt)).collect();
    let kind = |said: &Payload| if said.kind == Kind::Refusal { "bid.refused" } else { "bid.replaced" };
    let event = |said: &Payload| Event {
        id: said.event.to_string(),
        kind: kind(said).to_owned(),
        occurred_at: said.received_at,
    };
    history.events = receipts.iter().map(|(said, _)| event(said)).collect();
    history.listed = receipts.into_iter().map(|(said, receipt)| (said.id.to_string(), receipt)).collect();
}

/// Plants something into a sound history; then exactly these rules are broken.
#[track_caller]
fn finds(rules: &[Rule], plant: impl FnOnce(&mut History)) {
    let mut history = sound();
    plant(&mut history);
    let mut found: Vec<_> = check(&history).into_iter().map(|violation| violation.rule).collect();
    found.dedup();
    assert_eq!(found, rules, "{:?}", check(&history));
}

#[test]
fn nothing_is_wrong_in_a_sound_history() {
    finds(&[], |_| {});
}

#[test]
fn an_acknowledged_bid_without_its_event_is_lost() {
    finds(&[Rule::Lost], |history| drop(history.events.remove(0)));
    finds(&[Rule::Lost], |history| history.events[0].occurred_at = before(7));
}

#[test]
fn an_acknowledged_bid_whose_receipt_is_not_kept_is_lost() {
    finds(&[Rule::Lost], |history| drop(history.listed.remove(&Uuid::from_u128(101).to_string())));
}

#[test]
fn an_acknowledged_bid_that_is_not_there_is_lost() {
    finds(&[Rule::Lost], |history| history.bids.clear());
    finds(&[Rule::Lost], |history| history.bids[0].revision = 1);
}

#[test]
fn an_answer_that_was_given_but_not_heard_counts_as_acknowledged() {
    let receipt = receipt(2, Kind::Receipt, before(1));
    let withheld = Withheld { key: "key-2".to_owned(), status: 201, answer: answer(receipt, 2) };
    finds(&[], |history| history.withheld.push(withheld.clone()));
    finds(&[Rule::Lost], |history| {
        history.withheld.push(withheld);
        history.attempts[1].tries[2].outcome = refused(4, before(0));
        record(history);
    });
}

#[test]
fn what_is_received_at_the_deadline_is_late() {
    finds(&[Rule::Late], |history| {
        history.attempts[1].tries[2].outcome = ok(2, before(0));
        record(history);
    });
}

#[test]
fn what_is_refused_before_the_deadline_is_refused_early() {
    finds(&[Rule::RefusedEarly], |history| {
        history.attempts[2].tries[0].outcome = refused(3, before(1));
        record(history);
    });
    for code in ["already_bid", "internal", "stale"] {
        finds(&[Rule::RefusedEarly], |history| {
            history.attempts.push(attempt(4, vec![turned_away(code)]));
        });
    }
    for code in ["overloaded", "database_unavailable", "too_many_attempts"] {
        finds(&[], |history| history.attempts.push(attempt(4, vec![turned_away(code)])));
    }
}

#[test]
fn a_deadline_that_is_moved_holds_from_that_instant_on() {
    let moved = |from: i64, until: i64| {
        let deadlines = Deadlines::new(deadline()).moved(before(from), before(until));
        HashMap::from([(CHALLENGE.to_string(), deadlines)])
    };
    // Received after the first deadline and before the second.
    let later = |history: &mut History| {
        history.attempts[1].tries[2].outcome = ok(2, before(-5));
        history.attempts[2].tries[0].outcome = refused(3, before(-10));
        record(history);
    };
    finds(&[], |history| {
        later(history);
        history.deadlines = moved(1, -10);
    });
    finds(&[Rule::Late], later);
    finds(&[Rule::RefusedEarly], |history| {
        later(history);
        history.deadlines = moved(1, -11);
    });
    finds(&[Rule::Late], |history| {
        later(history);
        history.deadlines = moved(0, -10);
    });
}

#[test]
fn two_answers_to_one_key_are_a_duplicate() {
    finds(&[Rule::Duplicate], |history| {
        let again = Try { outcome: ok(4, before(3)), took: Duration::ZERO, over: Duration::ZERO };
        history.attempts[0].tries.push(again);
        record(history);
    });
}

#[test]
fn one_receipt_for_two_attempts_is_a_duplicate() {
    finds(&[Rule::Duplicate], |history| {
        history.attempts.push(attempt(4, vec![ok(2, before(1))]));
        history.bids[0].revision = 3;
    });
}

#[test]
fn what_nobody_asked_for_is_a_duplicate() {
    let more = |kind: &str| Event { id: "more".to_owned(), kind: kind.to_owned(), occurred_at: before(9) };
    finds(&[Rule::Duplicate], |history| history.events.push(more("bid.submitted")));
    finds(&[Rule::Duplicate], |history| history.bids[0].revision = 3);
    finds(&[Rule::Duplicate], |history| history.bids_kept = 2);
    // One refusal may belong to the answer that was lost, two cannot.
    finds(&[], |history| history.events.push(more("bid.refused")));
    finds(&[Rule::Duplicate], |history| history.events.extend([more("bid.refused"), more("bid.refused")]));
}

#[test]
fn a_second_bid_of_a_company_is_a_duplicate() {
    finds(&[Rule::Duplicate, Rule::Lost], |history| {
        let Outcome::Ok(answer) = &mut history.attempts[0].tries[0].outcome else { panic!("it was received") };
        answer.bid = Some(("another".to_owned(), 1));
    });
}

#[test]
fn what_nobody_can_tell_in_the_end_is_unresolved() {
    finds(&[Rule::Unresolved], |history| history.attempts.push(attempt(4, vec![Outcome::Unknown])));
    finds(&[Rule::Unresolved], |history| {
        history.attempts.push(attempt(4, vec![Outcome::Unknown, turned_away("overloaded")]));
    });
}

#[test]
fn a_refusal_without_its_record_is_unrecorded() {
    finds(&[Rule::Unrecorded], |history| drop(history.events.pop()));
    finds(&[Rule::Unrecorded], |history| drop(history.listed.remove(&Uuid::from_u128(103).to_string())));
    finds(&[Rule::Unrecorded], |history| {
        history.attempts.push(attempt(4, vec![turned_away("deadline_passed")]));
    });
}

#[test]
fn a_receipt_that_is_not_signed_as_it_stands_is_forged() {
    let change = |history: &mut History, change: fn(&mut Receipt)| {
        let Outcome::Ok(answer) = &mut history.attempts[0].tries[0].outcome else { panic!("it was received") };
        change(answer.receipt.as_mut().unwrap());
    };
    // Its event is one that nobody was told of rightly.
    let forged = [Rule::Forged, Rule::Duplicate];
    finds(&forged, |history| change(history, |it| it.payload = it.payload.replace("Calm", "Balm")));
    finds(&forged, |history| change(history, |it| it.signature.clear()));
    finds(&forged, |history| change(history, |it| *it = receipt(1, Kind::Refusal, before(1))));
}
