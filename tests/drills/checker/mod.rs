//! Compares what bidders were told with what is there. A pure function: its own tests plant what it must find.

mod tests;

use std::{
    collections::{HashMap, HashSet},
    fmt::{self, Display, Formatter},
};

use receipts::{Kind, Payload, Receipt};

use crate::history::{Answer, Attempt, History, Outcome, Withheld};

/// What must never happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Rule {
    /// What was acknowledged is there.
    Lost,
    /// Nothing is received at or after the deadline.
    Late,
    /// Nothing is refused before it.
    RefusedEarly,
    /// Everything is done once.
    Duplicate,
    /// Who repeats with the same key learns what came of it.
    Unresolved,
    /// What was decided is on the record.
    Unrecorded,
    /// Receipts are signed, and say what happened.
    Forged,
}

/// A rule that was broken, and where.
#[derive(Clone, Debug)]
pub struct Violation {
    /// The rule.
    pub rule: Rule,
    what: String,
}

impl Display for Violation {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}: {}", self.rule, self.what)
    }
}

/// Everything that is wrong in a history.
pub fn check(history: &History) -> Vec<Violation> {
    let mut checker = Checker { history, violations: Vec::new(), told: HashMap::new(), refused: HashSet::new() };
    checker.deadlines();
    history.attempts.iter().for_each(|attempt| checker.attempt(attempt));
    checker.nothing_else_happened();
    checker.bids();
    checker.violations
}

/// The answers to an attempt that did not arrive.
fn withheld<'a>(history: &'a History, attempt: &Attempt) -> impl Iterator<Item = &'a Withheld> {
    history.withheld.iter().filter(move |withheld| withheld.key == attempt.key)
}

/// Every answer that says that it was received, whether or not it arrived.
fn acknowledgements<'a>(history: &'a History, attempt: &'a Attempt) -> Vec<&'a Answer> {
    let unheard = withheld(history, attempt).filter(|withheld| withheld.status < 300).map(|withheld| &withheld.answer);
    let heard = attempt.tries.iter().filter_map(|one| match &one.outcome {
        Outcome::Ok(answer) => Some(answer),
        _ => None,
    });
    unheard.chain(heard).collect()
}

struct Checker<'a> {
    history: &'a History,
    violations: Vec<Violation>,
    /// The attempt that each acknowledged event came of.
    told: HashMap<String, &'a Attempt>,
    /// The events of the refusals that somebody was told of.
    refused: HashSet<String>,
}

impl<'a> Checker<'a> {
    fn found(&mut self, rule: Rule, key: &str, what: impl Display) {
        self.violations.push(Violation { rule, what: format!("{key}: {what}") });
    }

    fn deadlines(&mut self) {
        for (challenge, deadlines) in &self.history.deadlines {
            if let Some(deadline) = deadlines.moved_too_late() {
                self.found(Rule::Late, challenge, format!("the deadline {deadline} was moved when it had passed"));
            }
        }
    }

    fn attempt(&mut self, attempt: &'a Attempt) {
        let refusals = withheld(self.history, attempt).filter(|withheld| withheld.status >= 300);
        for refusal in refusals.filter_map(|withheld| withheld.answer.receipt.as_ref()) {
            self.refusal(attempt, refusal);
        }
        let acknowledged = acknowledgements(self.history, attempt);
        for one in &attempt.tries {
            match &one.outcome {
                Outcome::Refused(code, answer) if !one.outcome.is_turned_away() => {
                    self.refused(attempt, code, answer, !acknowledged.is_empty());
                }
                _ => {}
            }
        }
        self.acknowledged(attempt, &acknowledged);
        let last = attempt.tries.last().map(|one| &one.outcome);
        let doubtful = attempt.tries.iter().any(|one| matches!(one.outcome, Outcome::Unknown));
        if doubtful && last.is_none_or(|last| matches!(last, Outcome::Unknown) || last.is_turned_away()) {
            self.found(Rule::Unresolved, &attempt.key, "nobody knows what came of it");
        }
    }

    fn refused(&mut self, attempt: &'a Attempt, code: &str, answer: &Answer, after_all: bool) {
        if after_all {
            self.found(Rule::Lost, &attempt.key, format!("acknowledged, and refused with {code}"));
        }
        if code != "deadline_passed" {
            self.found(Rule::RefusedEarly, &attempt.key, format!("refused with {code}: {}", answer.body));
            return;
        }
        match &answer.receipt {
            Some(receipt) => self.refusal(attempt, receipt),
            None => self.found(Rule::Unrecorded, &attempt.key, "a refusal without a receipt"),
        }
    }

    fn refusal(&mut self, attempt: &'a Attempt, receipt: &Receipt) {
        let Some(said) = self.read(attempt, receipt, Kind::Refusal) else { return };
        if !self.history.deadlines[&attempt.challenge].forbid(said.received_at) {
            self.found(Rule::RefusedEarly, &attempt.key, format!("refused as late at {}", said.received_at));
        }
        if !self.is_on_record(&said, receipt, &["bid.refused"]) {
            self.found(Rule::Unrecorded, &attempt.key, "a refusal without an event or a kept receipt");
        }
        self.refused.insert(said.event.to_string());
    }

    fn acknowledged(&mut self, attempt: &'a Attempt, answers: &[&Answer]) {
        let Some(first) = answers.first() else { return };
        if answers.iter().any(|answer| answer.body != first.body) {
            self.found(Rule::Duplicate, &attempt.key, "two answers to the same key");
        }
        let Some(receipt) = &first.receipt else {
            self.found(Rule::Unrecorded, &attempt.key, "acknowledged without a receipt");
            return;
        };
        let Some(said) = self.read(attempt, receipt, Kind::Receipt) else { return };
        if !self.history.deadlines[&attempt.challenge].allow(said.received_at) {
            self.found(Rule::Late, &attempt.key, format!("received at {}", said.received_at));
        }
        if !self.is_on_record(&said, receipt, &RECEIVED) {
            self.found(Rule::Lost, &attempt.key, "acknowledged, and without an event or a kept receipt");
        }
        if let Some(other) = self.told.insert(said.event.to_string(), attempt) {
            self.found(Rule::Duplicate, &attempt.key, format!("the same receipt as {}", other.key));
        }
    }

    /// What a receipt says, if it is signed and fits the attempt.
    fn read(&mut self, attempt: &Attempt, receipt: &Receipt, kind: Kind) -> Option<Payload> {
        match receipt.verify(|key| self.history.keys.find(key)) {
            Ok(said) if said.kind == kind && said.challenge.to_string() == attempt.challenge => return Some(said),
            Ok(said) => self.found(Rule::Forged, &attempt.key, format!("the receipt is of something else: {said:?}")),
            Err(invalid) => self.found(Rule::Forged, &attempt.key, invalid),
        }
        None
    }

    /// Whether the event is there, of the same time, and the receipt is kept as it was given.
    fn is_on_record(&self, said: &Payload, receipt: &Receipt, kinds: &[&str]) -> bool {
        let event = said.event.to_string();
        let mut events = self.history.events.iter().filter(|it| it.id == event);
        let recorded = events.any(|it| kinds.contains(&&*it.kind) && it.occurred_at == said.received_at);
        recorded && self.history.listed.get(&said.id.to_string()) == Some(receipt)
    }

    /// Each event is one that somebody was told of; a refusal may have been lost on its way.
    fn nothing_else_happened(&mut self) {
        let (mut untold, mut doubtful) = (0, 0);
        for event in &self.history.events {
            if RECEIVED.contains(&&*event.kind) && !self.told.contains_key(&event.id) {
                self.found(Rule::Duplicate, &event.id, format!("{} that nobody asked for", event.kind));
            }
            untold += usize::from(event.kind == "bid.refused" && !self.refused.contains(&event.id));
        }
        for attempt in &self.history.attempts {
            doubtful += attempt.tries.iter().filter(|one| matches!(one.outcome, Outcome::Unknown)).count();
        }
        if untold > doubtful {
            self.found(Rule::Duplicate, "refusals", format!("{untold} untold, with {doubtful} answers lost"));
        }
    }

    /// One bid for each company and challenge, with as many revisions as were acknowledged.
    fn bids(&mut self) {
        let mut expected: HashMap<(usize, &str), (HashSet<&str>, i64)> = HashMap::new();
        for attempt in &self.history.attempts {
            let answers = acknowledgements(self.history, attempt);
            if let Some((bid, _)) = answers.last().and_then(|answer| answer.bid.as_ref()) {
                let entry = expected.entry((attempt.bidder, &attempt.challenge)).or_default();
                entry.0.insert(bid);
                entry.1 += 1;
            }
        }
        for ((bidder, challenge), (bids, revisions)) in &expected {
            let place = format!("bidder {bidder} in {challenge}");
            if bids.len() > 1 {
                self.found(Rule::Duplicate, &place, format!("{} bids", bids.len()));
            }
            for bid in bids {
                match self.history.bids.iter().find(|it| it.id == *bid).map(|it| it.revision) {
                    Some(revision) if revision == *revisions => {}
                    Some(more) if more > *revisions => {
                        self.found(Rule::Duplicate, &place, format!("{more} revisions, {revisions} acknowledged"));
                    }
                    found => self.found(Rule::Lost, &place, format!("{found:?} of {revisions} revisions")),
                }
            }
        }
        if self.history.bids_kept > expected.len() {
            let kept = self.history.bids_kept;
            self.found(Rule::Duplicate, "bids", format!("{kept} are kept, {} were acknowledged", expected.len()));
        }
    }
}

/// The events of what counts.
const RECEIVED: [&str; 2] = ["bid.submitted", "bid.replaced"];
