//! From the first bid to the award.

use super::{
    content::{Bid, Challenge, Content, wrong},
    preparation,
    timeline::{Stage, Timeline},
};
use crate::{
    Result, awards,
    bid_receipts::{Attempt, Attempted},
    bids::{self, HandedIn},
    challenges,
    envelopes::{self, Terms},
    evaluations, openings, panels, scheduler,
};
use chrono::TimeDelta;
use domain::{
    CriterionScore, Money,
    bid::{Offer, Particulars, PlannedMilestone},
    opening::EnvelopeKind,
};
use persistence::Conn;

/// Plans everything from the publication to the award, as far as the content goes.
pub(super) fn plan<'c>(timeline: &mut Timeline<'c>, content: &'c Content, challenge: &'c Challenge) -> Result<()> {
    plan_bids(timeline, content, challenge);
    if let Some(day) = challenge.cancelled_days_ago {
        timeline.on(day, (11, 30), move |stage, conn| cancel(stage, conn, challenge));
    } else if challenge.opens_days_ago > challenge.open_days {
        let due = preparation::deadline(challenge, timeline.midnight())?;
        // The scheduler looks every now and then.
        timeline.at(due + TimeDelta::seconds(2), move |stage, conn| close(stage, conn, challenge));
    }
    if let Some(day) = challenge.opened_days_ago {
        plan_opening(timeline, challenge, EnvelopeKind::Quality, (day, 13));
    }
    if let Some(day) = challenge.evaluating_days_ago {
        plan_evaluation(timeline, content, challenge, day);
    }
    if let Some(day) = challenge.awarded_days_ago {
        plan_opening(timeline, challenge, EnvelopeKind::Price, (day, 9));
        timeline.on(day, (11, 0), move |stage, conn| award(stage, conn, content, challenge));
    }
    Ok(())
}

/// The committee comes together, one after the other, until there are enough.
fn plan_opening<'c>(
    timeline: &mut Timeline<'c>,
    challenge: &'c Challenge,
    kind: EnvelopeKind,
    (day, hour): (i64, i64),
) {
    let needed = challenge.opening_committee.len() / 2 + 1;
    for (member, minute) in challenge.opening_committee.iter().take(needed).zip((0..).step_by(12)) {
        timeline.on(day, (hour, minute), move |stage, conn| bring_shares(stage, conn, challenge, kind, member));
    }
}

fn bring_shares(
    stage: &mut Stage<'_>,
    conn: &mut Conn,
    challenge: &Challenge,
    kind: EnvelopeKind,
    member: &str,
) -> Result<()> {
    let (caller, id) = (stage.caller(member)?, stage.challenge(&challenge.key)?);
    let key = stage.opening_keys.get(member).ok_or_else(|| wrong(format!("{member} has no key")))?;
    let (files, _) = openings::share_files(conn, &caller, id, kind, None, usize::MAX)?;
    openings::bring(conn, &caller, id, kind, &openings::open_share_files(key, &files))?;
    openings::proceed_at_once(conn, id, kind)
}

/// Spreads the bids over the time from three days after the publication to the day before the deadline, or to yesterday.
fn plan_bids<'c>(timeline: &mut Timeline<'c>, content: &'c Content, challenge: &'c Challenge) {
    let first = challenge.opens_days_ago - 3;
    let last = (challenge.opens_days_ago - challenge.open_days + 1).max(1);
    let bids: Vec<_> = content.bids_on(&challenge.key).collect();
    let step = (first - last) / i64::try_from(bids.len().max(1)).unwrap_or(i64::MAX);
    for (n, bid) in (1..).zip(bids.into_iter().rev()) {
        let day = last + step * (n - 1);
        timeline.on(day, (8 + 2 * n, 17 * n % 60), move |stage, conn| submit(stage, conn, challenge, bid));
    }
}

fn submit<'c>(stage: &mut Stage<'c>, conn: &mut Conn, challenge: &Challenge, bid: &'c Bid) -> Result<()> {
    let (caller, company) = (stage.caller(&bid.by)?, stage.organisation(&bid.company)?);
    let offer = offer(challenge, bid)?;
    let attempt = Attempt { caller, door: None, signer: stage.signer.clone() };
    let id = stage.challenge(&challenge.key)?;
    let terms = Terms::of_submission(conn, id, company)?;
    let sealed = terms.map(|terms| envelopes::seal(&terms, &offer, None)).transpose()?;
    let handed_in = HandedIn { content: Ok(bids::Content::Offer(offer)), consortium: None, sealed: sealed.map(Ok) };
    match bids::submit(conn, &attempt, id, company, handed_in)? {
        Attempted::Received(received, _) => stage.bids.insert((&bid.challenge, &bid.company), received.bid.id),
        Attempted::Refused(error, _) => return Err(error),
    };
    Ok(())
}

fn offer(challenge: &Challenge, bid: &Bid) -> Result<Offer> {
    let money = |amount: &str| Money::parse(amount, challenge.currency).map_err(wrong);
    let planned = bid.milestones.iter().map(|milestone| {
        let amount = money(&milestone.amount)?;
        Ok(PlannedMilestone { title: milestone.title.clone(), amount, due_week: milestone.weeks })
    });
    Ok(Offer {
        solution: bid.solution.trim().to_owned(),
        price: money(&bid.price)?,
        milestones: planned.collect::<Result<_>>()?,
        particulars: Particulars::default(),
    })
}

fn cancel(stage: &mut Stage<'_>, conn: &mut Conn, challenge: &Challenge) -> Result<()> {
    let why = challenge.cancel_reason.as_ref().ok_or_else(|| wrong("a challenge is cancelled without a reason"))?;
    let reviewer = stage.caller(&challenge.reviewer)?;
    challenges::cancel(conn, &reviewer, stage.challenge(&challenge.key)?, why.code, &why.text).map(drop)
}

fn close(stage: &mut Stage<'_>, conn: &mut Conn, challenge: &Challenge) -> Result<()> {
    let closed = scheduler::close(conn, stage.challenge(&challenge.key)?)?;
    if closed { Ok(()) } else { Err(wrong(format!("{} cannot be closed", challenge.key))) }
}

fn plan_evaluation<'c>(timeline: &mut Timeline<'c>, content: &'c Content, challenge: &'c Challenge, day: i64) {
    timeline.on(day, (9, 20), move |stage, conn| start(stage, conn, content, challenge));
    for (n, (day, evaluator)) in (0..day).rev().zip(&challenge.panel).enumerate() {
        timeline.on(day, (9, 0), move |stage, conn| {
            let id = stage.challenge(&challenge.key)?;
            panels::declare_conflicts(conn, &stage.caller(evaluator)?, id, Vec::new()).map(drop)
        });
        let scored = content.bids_on(&challenge.key).filter(move |bid| bid.is_scored_by(n));
        for (bid, minute) in scored.zip((0..).step_by(40)) {
            timeline.on(day - 1, (13, minute), move |stage, conn| score(stage, conn, bid, n, evaluator));
        }
        let mut admitted = content.bids_on(&challenge.key).filter(|bid| bid.disqualified.is_none());
        if admitted.all(|bid| bid.is_scored_by(n)) {
            timeline.on(day - 2, (16, 30), move |stage, conn| {
                evaluations::submit(conn, &stage.caller(evaluator)?, stage.challenge(&challenge.key)?).map(drop)
            });
        }
    }
}

/// The formal check of every bid, then the start of the evaluation.
fn start(stage: &mut Stage<'_>, conn: &mut Conn, content: &Content, challenge: &Challenge) -> Result<()> {
    let reviewer = stage.caller(&challenge.reviewer)?;
    for bid in content.bids_on(&challenge.key) {
        let id = stage.bid(&bid.challenge, &bid.company)?;
        match &bid.disqualified {
            None => bids::admit(conn, &reviewer, id)?,
            Some(why) => bids::disqualify(conn, &reviewer, id, why.code, &why.text)?,
        };
    }
    evaluations::start(conn, &reviewer, stage.challenge(&challenge.key)?).map(drop)
}

fn score(stage: &mut Stage<'_>, conn: &mut Conn, bid: &Bid, n: usize, evaluator: &str) -> Result<()> {
    let caller = stage.caller(evaluator)?;
    let found = challenges::find(conn, Some(&caller.actor), stage.challenge(&bid.challenge)?)?;
    let criteria = found.challenge.content.criteria;
    let mut scores = Vec::new();
    for (name, given) in &bid.scores {
        let criterion = criteria.iter().find(|criterion| criterion.name == *name);
        let criterion = criterion.ok_or_else(|| wrong(format!("{} has no criterion {name}", bid.challenge)))?.id;
        let score = *given.get(n).ok_or_else(|| wrong(format!("evaluator {n} gives no score on {name}")))?;
        let comment = bid.comments.get(name).filter(|_| n == 0).cloned().unwrap_or_default();
        scores.push(CriterionScore { criterion, score, comment });
    }
    evaluations::score(conn, &caller, stage.bid(&bid.challenge, &bid.company)?, None, scores).map(drop)
}

fn award(stage: &mut Stage<'_>, conn: &mut Conn, content: &Content, challenge: &Challenge) -> Result<()> {
    let reviewer = stage.caller(&challenge.reviewer)?;
    let winners = content.bids_on(&challenge.key).filter(|bid| bid.winner);
    let winners = winners.map(|bid| stage.bid(&bid.challenge, &bid.company)).collect::<Result<Vec<_>>>()?;
    let reason = challenge.award_reason.as_ref().ok_or_else(|| wrong("an award without a reason"))?;
    awards::decide(conn, &reviewer, stage.challenge(&challenge.key)?, &winners, reason).map(drop)
}

impl Bid {
    /// Whether the evaluator with this place on the panel has scored it.
    fn is_scored_by(&self, n: usize) -> bool {
        !self.scores.is_empty() && self.scores.values().all(|scores| scores.len() > n)
    }
}
