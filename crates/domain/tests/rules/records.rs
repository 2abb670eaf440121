//! Records in any state, owned by one agency and one company, and the people who act on them.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use domain::{
    Actor, Award, Bid, BidStatus, Calendar, Challenge, ChallengeStatus, Committee, Contract, ContractStatus, Id,
    Membership, Milestone, MilestoneStatus, MinimumPeriodsVersion, Money, Opening, Organisation, OrganisationId,
    OrganisationKind, Panel, PeriodRules, Procedure, Ranking, Refusal, Role, UserId,
    bid::{BidStage, Offer, Particulars, PlannedMilestone},
    challenge::{AwardCriterion, Content, FirstStage, Outcome, ProblemStatement},
    evaluation::{ConsensusMethod, PriceFormula, TieRule},
    opening::{EnvelopeKind, Holder},
};
use uuid::Uuid;

use crate::sample::{score, weight};

pub const ZONE: Tz = chrono_tz::Europe::Ljubljana;

pub fn id<I: Id>(number: u128) -> I {
    I::from_uuid(Uuid::from_u128(number))
}

pub fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

pub fn deadline() -> DateTime<Utc> {
    at("2026-06-15T10:00:00Z")
}

pub fn agency() -> OrganisationId {
    id(1)
}

pub fn company() -> OrganisationId {
    id(2)
}

/// A person with these roles in the agency.
pub fn staff(user: u128, roles: &[Role]) -> Actor {
    member(user, agency(), roles)
}

pub fn author() -> Actor {
    staff(10, &[Role::Author])
}

pub fn officer() -> Actor {
    staff(11, &[Role::Officer])
}

pub fn pilot_manager() -> Actor {
    staff(13, &[Role::PilotManager])
}

pub fn finance() -> Actor {
    staff(14, &[Role::Finance])
}

pub fn bidder() -> Actor {
    member(20, company(), &[Role::Bidder])
}

/// An owner of the organisation.
pub fn owner(organisation: OrganisationId) -> Actor {
    member(20, organisation, &[Role::Owner])
}

pub fn administrator() -> Actor {
    Actor { administrator: true, ..Actor::new(id(90)) }
}

/// Where the content is wrong, and how.
pub fn fields(refusal: Refusal) -> Vec<(String, &'static str)> {
    let Refusal::Invalid(errors) = refusal else { panic!("{refusal:?}") };
    errors.into_iter().map(|error| (error.pointer, error.code)).collect()
}

pub fn member(user: u128, organisation: OrganisationId, roles: &[Role]) -> Actor {
    let memberships = vec![Membership::new(organisation, roles.to_vec())];
    Actor { memberships, ..Actor::new(id(user)) }
}

pub fn euro(minor: i64) -> Money {
    Money::new(minor, domain::Currency::from_code("EUR").unwrap()).unwrap()
}

pub fn organisation(id: OrganisationId, kind: OrganisationKind) -> Organisation {
    let created_at = at("2026-01-05T08:00:00Z");
    let (legal_name, country) = (format!("Organisation {id}"), "SI".to_owned());
    let (verified_at, parent, suspension) = (Some(created_at), None, None);
    Organisation {
        id,
        kind,
        legal_name,
        country,
        verified_at,
        created_at,
        version: 1,
        parent,
        suspension,
        sandbox: false,
    }
}

/// A complete panel of people who are nobody else.
pub fn panel() -> Panel {
    Panel { chair: Some(id(30)), evaluators: vec![id(30), id(31)], opening_committee: vec![id(11), id(12)] }
}

/// A complete content.
pub fn content() -> Content {
    let text = || "Said.".to_owned();
    Content {
        summary: text(),
        problem: ProblemStatement {
            pain: text(),
            affected: text(),
            evidence: text(),
            current_cost: text(),
            tried: text(),
        },
        outcomes: vec![Outcome { metric: text(), unit: text(), baseline: text(), target: text() }],
        procedure: Procedure::SmallPilot,
        budget_ceiling: Some(euro(4_500_000)),
        submission_deadline: Some(deadline()),
        criteria: vec![AwardCriterion {
            id: id(40),
            name: text(),
            description: text(),
            weight: weight("70"),
            maximum: score("5"),
            minimum: None,
            anchors: Vec::new(),
        }],
        price_formula: PriceFormula::Absolute,
        price_weight: Some(weight("30")),
        consensus: ConsensusMethod::Mean,
        tie_rule: TieRule::Shared,
        ..Content::new("A challenge", ZONE)
    }
}

/// Weekends without holidays, the default periods, the zone of the challenge.
pub fn rules(procedure: Procedure) -> PeriodRules {
    let minimum = MinimumPeriodsVersion::shipped(procedure);
    PeriodRules { calendar: Calendar::weekends_only(), minimum, zone: Tz::Europe__Ljubljana }
}

pub fn challenge(status: ChallengeStatus) -> Challenge {
    Challenge {
        id: id(50),
        reference: "PRV-2026-00000000".to_owned(),
        agency: agency(),
        status,
        content: content(),
        author: author().user,
        last_editor: author().user,
        approved_by: None,
        review_comment: None,
        created_at: at("2026-05-01T08:00:00Z"),
        published_at: Some(at("2026-05-04T08:00:00Z")),
        closed_at: None,
        opened_at: None,
        prices_opened_at: None,
        awarded_at: None,
        standstill_until: None,
        ended_at: None,
        end_reason_code: None,
        end_reason: None,
        version: 7,
        relaunch_of: None,
        material_changes: 0,
        first_stage: FirstStage::default(),
        sandbox: false,
    }
}

pub fn offer(minor: i64) -> Offer {
    let milestones = vec![PlannedMilestone { title: "All of it".to_owned(), amount: euro(minor), due_week: 8 }];
    Offer { solution: "We listen.".to_owned(), price: euro(minor), milestones, particulars: Particulars::default() }
}

pub fn bid(status: BidStatus) -> Bid {
    Bid {
        id: id(60),
        challenge: id(50),
        company: company(),
        stage: BidStage::Offer,
        status,
        quality: Some(offer(3_850_000).parts().0),
        price: None,
        revision: 1,
        submitted_at: at("2026-06-01T08:00:00Z"),
        submitted_by: bidder().user,
        withdrawn_at: None,
        disqualification_code: None,
        disqualification_reason: None,
        version: 1,
        profile: None,
        answered_changes: 0,
        shortlist_reason: None,
    }
}

/// A committee of three, of whom two are needed, all of whom have rehearsed.
pub fn committee() -> Committee {
    let holder = |index: u8| Holder {
        index,
        user: id(10 + u128::from(index)),
        key: id(90 + u128::from(index)),
        recipient: format!("age1{index}"),
        rehearsed_at: Some(at("2026-05-03T08:00:00Z")),
    };
    let holders = (1..=3).map(holder).collect();
    Committee { challenge: id(50), threshold: 2, holders, rehearsal_started_at: at("2026-05-03T07:00:00Z") }
}

/// A session to which these people came.
pub fn session(kind: EnvelopeKind, came: &[UserId]) -> Opening {
    Opening::of(&committee(), kind, came.to_vec())
}

pub fn award() -> Award {
    Award {
        decided_by: officer().user,
        decided_at: at("2026-07-01T08:00:00Z"),
        reason: "The best.".to_owned(),
        ranking: Ranking { rows: Vec::new() },
        winners: Vec::new(),
    }
}

/// A contract in a state, with its milestone in another.
pub fn contract(status: ContractStatus, milestone: MilestoneStatus) -> (Contract, Milestone) {
    let awarded = challenge(ChallengeStatus::Awarded);
    let decided = at("2026-07-01T08:00:00Z");
    let (contract, milestones, _) =
        Contract::from_award(id(70), &[id(71)], &awarded, &bid(BidStatus::Awarded), &offer(3_850_000), decided);
    let planned = milestones.into_iter().next().unwrap();
    (Contract { status, ..contract }, Milestone { status: milestone, ..planned })
}
