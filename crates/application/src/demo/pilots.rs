//! From the signatures to the last learning.

use super::{
    content::{Challenge, Content, Delivery, Milestone, Pilot, PilotOutcome, wrong},
    timeline::{Stage, Timeline},
};
use crate::{Caller, Result, challenges, contracts};
use domain::{MilestoneId, Role, contract};
use persistence::Conn;

/// Plans everything after the award, as far as the content goes.
pub(super) fn plan<'c>(timeline: &mut Timeline<'c>, content: &'c Content, challenge: &'c Challenge) -> Result<()> {
    let pilots: Vec<_> = content.pilots.iter().filter(|pilot| pilot.challenge == challenge.key).collect();
    for pilot in &pilots {
        plan_pilot(timeline, content, challenge, pilot)?;
    }
    if let Some(day) = challenge.pilots_started_days_ago {
        timeline.on(day, (8, 45), move |stage, conn| {
            let reviewer = stage.caller(&challenge.reviewer)?;
            challenges::start_pilots(conn, &reviewer, stage.challenge(&challenge.key)?).map(drop)
        });
    }
    if let (Some(day), Some(pilot)) = (challenge.completed_days_ago, pilots.first().copied()) {
        timeline.on(day, (15, 0), move |stage, conn| {
            challenges::complete(conn, &stage.caller(&pilot.manager)?, stage.challenge(&challenge.key)?).map(drop)
        });
    }
    Ok(())
}

fn plan_pilot<'c>(
    timeline: &mut Timeline<'c>,
    content: &'c Content,
    challenge: &'c Challenge,
    pilot: &'c Pilot,
) -> Result<()> {
    let bid = content.bid_of(pilot)?;
    let signed = challenge.signed_days_ago.ok_or_else(|| wrong("a pilot without a signature"))?;
    for (person, hour) in [(&bid.by, 10), (&challenge.reviewer, 15)] {
        timeline.on(signed, (hour, 25), move |stage, conn| sign(stage, conn, pilot, person));
    }
    let finance = &content.agency(&challenge.agency)?.holder(Role::Finance)?.key;
    if !pilot.milestones.iter().map(|m| &m.title).eq(bid.milestones.iter().map(|m| &m.title)) {
        return Err(wrong(format!("the milestones of {} are not those of its bid on {}", bid.company, bid.challenge)));
    }
    for (n, milestone) in pilot.milestones.iter().enumerate() {
        for delivery in &milestone.deliveries {
            plan_delivery(timeline, Place { pilot, n }, delivery);
        }
        plan_payment(timeline, Place { pilot, n }, milestone, &bid.by, finance);
    }
    if let Some(outcome) = &pilot.outcome {
        timeline.on(outcome.decided_days_ago, (10, 30), move |stage, conn| complete(stage, conn, pilot, outcome));
    }
    Ok(())
}

fn sign(stage: &mut Stage<'_>, conn: &mut Conn, pilot: &Pilot, person: &str) -> Result<()> {
    let contract = stage.contract(conn, &pilot.challenge, &pilot.company)?.contract;
    contracts::sign(conn, &stage.caller(person)?, contract.id).map(drop)
}

fn complete(stage: &mut Stage<'_>, conn: &mut Conn, pilot: &Pilot, outcome: &PilotOutcome) -> Result<()> {
    let contract = stage.contract(conn, &pilot.challenge, &pilot.company)?.contract;
    let outcome = contract::PilotOutcome {
        decision: outcome.decision,
        learning: outcome.learning.clone(),
        brilliant_failure: outcome.brilliant_failure,
    };
    contracts::complete(conn, &stage.caller(&pilot.manager)?, contract.id, outcome).map(drop)
}

/// The milestone number `n` (from 0) of a pilot.
#[derive(Clone, Copy)]
struct Place<'c> {
    pilot: &'c Pilot,
    n: usize,
}

impl<'c> Place<'c> {
    /// Plans that somebody does something about the milestone.
    fn on(
        self,
        timeline: &mut Timeline<'c>,
        days_ago: i64,
        time: (i64, i64),
        person: &'c str,
        act: impl FnOnce(&mut Conn, &Caller, MilestoneId) -> Result<domain::Milestone> + 'c,
    ) {
        let Self { pilot, n } = self;
        timeline.on(days_ago, time, move |stage, conn| {
            let milestones = stage.contract(conn, &pilot.challenge, &pilot.company)?.milestones;
            let milestone = milestones.get(n).ok_or_else(|| wrong("a milestone is missing"))?;
            act(conn, &stage.caller(person)?, milestone.id).map(drop)
        });
    }

    /// What identifies the invoice.
    fn invoice_number(self) -> String {
        format!("{}-{:02}", self.pilot.company.to_uppercase(), self.n + 1)
    }
}

fn plan_delivery<'c>(timeline: &mut Timeline<'c>, place: Place<'c>, delivery: &'c Delivery) {
    place.on(timeline, delivery.days_ago, (14, 5), &delivery.by, move |conn, caller, id| {
        contracts::deliver(conn, caller, id, &delivery.note)
    });
    let manager = &place.pilot.manager;
    if let Some(day) = delivery.accepted_days_ago {
        place.on(timeline, day, (11, 50), manager, contracts::accept);
    }
    if let Some(rejection) = &delivery.rejected {
        place.on(timeline, rejection.days_ago, (11, 50), manager, move |conn, caller, id| {
            contracts::reject(conn, caller, id, &rejection.reason)
        });
    }
}

fn plan_payment<'c>(
    timeline: &mut Timeline<'c>,
    place: Place<'c>,
    milestone: &'c Milestone,
    bidder: &'c str,
    finance: &'c str,
) {
    if let Some(day) = milestone.invoiced_days_ago {
        place.on(timeline, day, (9, 35), bidder, move |conn, caller, id| {
            contracts::invoice(conn, caller, id, &place.invoice_number())
        });
    }
    if let Some(day) = milestone.paid_days_ago {
        place.on(timeline, day, (12, 10), finance, move |conn, caller, id| {
            contracts::pay(conn, caller, id, &format!("Invoice {}", place.invoice_number()))
        });
    }
}
