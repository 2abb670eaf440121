//! The contract of a pilot and its milestones.
//!
//! ```text
//! contract:  draft -> signed_by_one -> active -> completed
//! milestone: planned -> delivered -> accepted -> invoiced -> paid
//!            delivered -> rejected -> delivered
//! ```

use crate::{
    Actor, Bid, Challenge, ChallengeId, ContractId, Event, MilestoneId, Money, OrganisationId, Refusal, Result, Role,
    Subject, UserId, bid::Offer,
};
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

/// The agreement on one pilot. Public, like its milestones and payments.
#[derive(Debug, Clone, PartialEq)]
pub struct Contract {
    /// Its id.
    pub id: ContractId,
    /// The challenge it came from.
    pub challenge: ChallengeId,
    /// The bid that won it.
    pub bid: crate::BidId,
    /// Who buys.
    pub agency: OrganisationId,
    /// Who delivers.
    pub company: OrganisationId,
    /// The price of the bid; the milestones sum to it.
    pub value: Money,
    /// Where it is in its life.
    pub status: ContractStatus,
    /// The agency's signature.
    pub agency_signature: Option<Signature>,
    /// The company's signature.
    pub company_signature: Option<Signature>,
    /// What came out of the pilot.
    pub outcome: Option<PilotOutcome>,
    /// When the pilot ended.
    pub completed_at: Option<DateTime<Utc>>,
    /// When the award made it.
    pub created_at: DateTime<Utc>,
    /// Grows with each change.
    pub version: i32,
}

/// The recorded act of signing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Signature {
    /// Who signed.
    pub by: UserId,
    /// When.
    pub at: DateTime<Utc>,
}

/// What came out of a pilot. Failure is knowledge: the learning is mandatory, whatever the decision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PilotOutcome {
    /// What happens next.
    pub decision: OutcomeDecision,
    /// What was learned; 1 to 20,000 characters.
    pub learning: String,
    /// A mark of honour for a failure that taught something.
    pub brilliant_failure: bool,
}

macro_rules! names {
    ($(#[$meta:meta])* $type:ident { $($(#[$doc:meta])* $variant:ident = $name:literal),* $(,)? }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum $type { $($(#[$doc])* $variant),* }

        impl $type {
            /// The name in the database and in the API.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $name),* }
            }

            /// The value of that name.
            pub fn parse(name: &str) -> Option<Self> {
                [$(Self::$variant),*].into_iter().find(|value| value.as_str() == name)
            }
        }
    };
}

names! {
    /// What happens after a pilot.
    OutcomeDecision {
        /// It works: buy it at scale.
        ScaleUp = "scale_up",
        /// Not there yet: try again.
        Iterate = "iterate",
        /// It does not work: stop.
        Stop = "stop",
    }
}

names! {
    /// The states of a contract.
    ContractStatus {
        /// Waits for signatures.
        Draft = "draft",
        /// One side signed.
        SignedByOne = "signed_by_one",
        /// In force.
        Active = "active",
        /// Everything is delivered and paid, and the outcome is known.
        Completed = "completed",
    }
}

names! {
    /// The states of a milestone.
    MilestoneStatus {
        /// To be delivered.
        Planned = "planned",
        /// Waits for the agency's decision.
        Delivered = "delivered",
        /// Good.
        Accepted = "accepted",
        /// To be delivered again.
        Rejected = "rejected",
        /// The company asked for its money.
        Invoiced = "invoiced",
        /// The agency confirmed the payment.
        Paid = "paid",
    }
}

/// One step of a pilot.
#[derive(Debug, Clone, PartialEq)]
pub struct Milestone {
    /// Its id.
    pub id: MilestoneId,
    /// The contract it belongs to.
    pub contract: ContractId,
    /// 1 for the first.
    pub number: i32,
    /// What is delivered.
    pub title: String,
    /// What it costs.
    pub amount: Money,
    /// By when; counted from the award until the contract is in force, from then on from that day.
    pub due_at: DateTime<Utc>,
    /// Where it is in its life.
    pub status: MilestoneStatus,
    /// What the company says about its last delivery.
    pub delivery_note: Option<String>,
    /// When it was last delivered.
    pub delivered_at: Option<DateTime<Utc>>,
    /// When the agency last decided about a delivery.
    pub decided_at: Option<DateTime<Utc>>,
    /// Why the last delivery was rejected.
    pub rejection_reason: Option<String>,
    /// The company's number of the invoice; never public.
    pub invoice_number: Option<String>,
    /// When the invoice was received.
    pub invoiced_at: Option<DateTime<Utc>>,
    /// The bank's reference of the payment; never public.
    pub payment_reference: Option<String>,
    /// When the payment was confirmed.
    pub paid_at: Option<DateTime<Utc>>,
    /// Grows with each change.
    pub version: i32,
}

impl Contract {
    /// The contract that follows from a winning bid and what it offers, with its milestones; `ids` has one id for each of
    /// them.
    pub fn from_award(
        id: ContractId,
        ids: &[MilestoneId],
        challenge: &Challenge,
        bid: &Bid,
        offer: &Offer,
        now: DateTime<Utc>,
    ) -> (Self, Vec<Milestone>, Event) {
        let contract = Self {
            id,
            challenge: challenge.id,
            bid: bid.id,
            agency: challenge.agency,
            company: bid.company,
            value: offer.price,
            status: ContractStatus::Draft,
            agency_signature: None,
            company_signature: None,
            outcome: None,
            completed_at: None,
            created_at: now,
            version: 1,
        };
        let planned = ids.iter().zip(&offer.milestones).zip(1..);
        let milestones =
            planned.map(|((id, planned), number)| Milestone::planned(*id, contract.id, number, planned, now)).collect();
        let event =
            contract.event("contract.drafted", json!({ "challenge": challenge.id, "value": offer.price.to_string() }));
        (contract, milestones, event)
    }

    /// One side signs: an officer for the agency or a bidder for the company, after the standstill period.
    pub fn sign(&mut self, actor: &Actor, challenge: &Challenge, now: DateTime<Utc>) -> Result<Event> {
        let for_agency = actor.holds(Role::Officer, self.agency);
        if !for_agency {
            let role = if actor.belongs_to(self.agency) { Role::Officer } else { Role::Bidder };
            actor.require(role, self.company)?;
        }
        challenge.require_standstill_over(now)?;
        let allowed = matches!(self.status, ContractStatus::Draft | ContractStatus::SignedByOne);
        self.require(allowed, "draft or signed_by_one")?;
        let side = if for_agency { &mut self.agency_signature } else { &mut self.company_signature };
        if side.is_some() {
            return Err(Refusal::AlreadyDone);
        }
        *side = Some(Signature { by: actor.user, at: now });
        let both = self.agency_signature.is_some() && self.company_signature.is_some();
        self.status = if both { ContractStatus::Active } else { ContractStatus::SignedByOne };
        Ok(self
            .event("contract.signed", json!({ "by": if for_agency { "agency" } else { "company" }, "active": both })))
    }

    /// When the second signature puts the contract in force, the milestones count from then: the standstill period and
    /// slow signatures cost the company no time.
    pub fn schedule(&self, milestones: &mut [Milestone], now: DateTime<Utc>) {
        if self.status == ContractStatus::Active {
            for milestone in milestones {
                milestone.due_at += now - self.created_at;
            }
        }
    }

    /// The pilot manager records what came out, once everything is paid.
    pub fn complete(
        &mut self,
        actor: &Actor,
        milestones: &[Milestone],
        outcome: PilotOutcome,
        now: DateTime<Utc>,
    ) -> Result<Event> {
        actor.require(Role::PilotManager, self.agency)?;
        self.require(self.status == ContractStatus::Active, "active")?;
        crate::text(&outcome.learning, 20_000, "/learning")?;
        if milestones.iter().any(|milestone| milestone.status != MilestoneStatus::Paid) {
            return Err(Refusal::Incomplete("every milestone must be paid first".to_owned()));
        }
        self.status = ContractStatus::Completed;
        self.completed_at = Some(now);
        let payload = json!({ "decision": outcome.decision, "brilliantFailure": outcome.brilliant_failure });
        self.outcome = Some(outcome);
        Ok(self.event("contract.completed", payload))
    }

    /// Whether both sides signed; a pilot that ended before the others began is signed, too.
    pub fn is_signed(&self) -> bool {
        matches!(self.status, ContractStatus::Active | ContractStatus::Completed)
    }

    /// Whether the actor works for one of the two sides, and so may read invoice and payment references.
    pub fn is_party(&self, actor: &Actor) -> bool {
        actor.belongs_to(self.agency) || actor.belongs_to(self.company)
    }

    fn require(&self, holds: bool, allowed: &'static str) -> Result<()> {
        if holds {
            Ok(())
        } else {
            Err(Refusal::WrongState { subject: "contract", status: self.status.as_str(), allowed })
        }
    }

    fn event(&self, kind: &'static str, payload: Value) -> Event {
        Event::public(kind, Subject::Contract(self.id), Some(self.agency), payload)
    }
}

impl Milestone {
    fn planned(
        id: MilestoneId,
        contract: ContractId,
        number: i32,
        planned: &crate::bid::PlannedMilestone,
        start: DateTime<Utc>,
    ) -> Self {
        Self {
            id,
            contract,
            number,
            title: planned.title.clone(),
            amount: planned.amount,
            due_at: start + TimeDelta::weeks(i64::from(planned.due_week)),
            status: MilestoneStatus::Planned,
            delivery_note: None,
            delivered_at: None,
            decided_at: None,
            rejection_reason: None,
            invoice_number: None,
            invoiced_at: None,
            payment_reference: None,
            paid_at: None,
            version: 1,
        }
    }

    /// The company says that it delivered.
    pub fn deliver(&mut self, actor: &Actor, contract: &Contract, note: &str, now: DateTime<Utc>) -> Result<Event> {
        actor.require(Role::Bidder, contract.company)?;
        contract.require(contract.status == ContractStatus::Active, "active")?;
        self.require(&[MilestoneStatus::Planned, MilestoneStatus::Rejected], "planned or rejected")?;
        crate::text(note, 5000, "/note")?;
        self.status = MilestoneStatus::Delivered;
        self.delivery_note = Some(note.to_owned());
        self.delivered_at = Some(now);
        self.decided_at = None;
        self.rejection_reason = None;
        Ok(self.event("milestone.delivered", contract))
    }

    /// The pilot manager accepts the delivery.
    pub fn accept(&mut self, actor: &Actor, contract: &Contract, now: DateTime<Utc>) -> Result<Event> {
        actor.require(Role::PilotManager, contract.agency)?;
        self.require(&[MilestoneStatus::Delivered], "delivered")?;
        self.status = MilestoneStatus::Accepted;
        self.decided_at = Some(now);
        Ok(self.event("milestone.accepted", contract))
    }

    /// The pilot manager rejects the delivery and says why; the reason is for the two sides only.
    pub fn reject(&mut self, actor: &Actor, contract: &Contract, reason: &str, now: DateTime<Utc>) -> Result<Event> {
        actor.require(Role::PilotManager, contract.agency)?;
        self.require(&[MilestoneStatus::Delivered], "delivered")?;
        crate::text(reason, 5000, "/reason")?;
        self.status = MilestoneStatus::Rejected;
        self.decided_at = Some(now);
        self.rejection_reason = Some(reason.to_owned());
        Ok(self.event("milestone.rejected", contract).with(json!({ "reason": reason })))
    }

    /// The company asks for its money.
    pub fn invoice(&mut self, actor: &Actor, contract: &Contract, number: &str, now: DateTime<Utc>) -> Result<Event> {
        actor.require(Role::Bidder, contract.company)?;
        self.require(&[MilestoneStatus::Accepted], "accepted")?;
        crate::text(number, 50, "/invoiceNumber")?;
        self.status = MilestoneStatus::Invoiced;
        self.invoice_number = Some(number.to_owned());
        self.invoiced_at = Some(now);
        Ok(self.event("milestone.invoiced", contract))
    }

    /// Finance confirms the payment.
    pub fn pay(&mut self, actor: &Actor, contract: &Contract, reference: &str, now: DateTime<Utc>) -> Result<Event> {
        actor.require(Role::Finance, contract.agency)?;
        self.require(&[MilestoneStatus::Invoiced], "invoiced")?;
        crate::text(reference, 140, "/paymentReference")?;
        self.status = MilestoneStatus::Paid;
        self.payment_reference = Some(reference.to_owned());
        self.paid_at = Some(now);
        Ok(self.event("milestone.paid", contract))
    }

    fn require(&self, allowed: &[MilestoneStatus], words: &'static str) -> Result<()> {
        if allowed.contains(&self.status) {
            Ok(())
        } else {
            Err(Refusal::WrongState { subject: "milestone", status: self.status.as_str(), allowed: words })
        }
    }

    fn event(&self, kind: &'static str, contract: &Contract) -> Event {
        let payload = json!({ "contract": contract.id, "number": self.number, "amount": self.amount.to_string() });
        Event::public(kind, Subject::Milestone(self.id), Some(contract.agency), payload)
    }
}
