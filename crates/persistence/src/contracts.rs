//! Contracts and their milestones.

use crate::{
    Conn, Error, Result,
    challenges::money,
    connection::AnyConnection,
    schema::{contracts, milestones},
    sql_types::{At, Key, at, instant},
};
use diesel::prelude::*;
use domain::{
    ChallengeId, Contract, ContractId, ContractStatus, Milestone, MilestoneId, MilestoneStatus,
    contract::{OutcomeDecision, PilotOutcome, Signature},
};

/// Adds a contract with its milestones.
pub fn insert(conn: &mut Conn, contract: &Contract, milestones: &[Milestone]) -> Result<()> {
    diesel::insert_into(contracts::table).values(Row::from(contract)).execute(&mut conn.db)?;
    for milestone in milestones {
        diesel::insert_into(milestones::table).values(MilestoneRow::from(milestone)).execute(&mut conn.db)?;
    }
    Ok(())
}

/// The contract with this id.
pub fn find(conn: &mut Conn, id: ContractId) -> Result<Contract> {
    contracts::table.find(Key::of(id)).select(Row::as_select()).first(&mut conn.db)?.try_into()
}

/// The contract with this id, for a change of it or of its milestones.
pub fn lock(conn: &mut Conn, id: ContractId) -> Result<Contract> {
    let row: Row = match &mut conn.db {
        AnyConnection::Postgres(pg) => {
            contracts::table.find(Key::of(id)).for_update().select(Row::as_select()).first(pg)?
        }
        AnyConnection::Sqlite(sqlite) => contracts::table.find(Key::of(id)).select(Row::as_select()).first(sqlite)?,
    };
    row.try_into()
}

/// The contracts of a challenge, at most one per pilot.
pub fn of_challenge(conn: &mut Conn, challenge: ChallengeId) -> Result<Vec<Contract>> {
    let rows = contracts::table
        .filter(contracts::challenge_id.eq(Key::of(challenge)))
        .order(contracts::id)
        .select(Row::as_select())
        .load(&mut conn.db)?;
    rows.into_iter().map(TryInto::try_into).collect()
}

/// The contracts of several challenges, in the order of their ids.
pub fn of_challenges(conn: &mut Conn, challenges: &[ChallengeId]) -> Result<Vec<Contract>> {
    let challenges: Vec<_> = challenges.iter().map(|challenge| Key::of(*challenge)).collect();
    let rows = contracts::table
        .filter(contracts::challenge_id.eq_any(challenges))
        .order(contracts::id)
        .select(Row::as_select())
        .load(&mut conn.db)?;
    rows.into_iter().map(TryInto::try_into).collect()
}

/// Saves a changed contract, unless somebody else changed it first.
pub fn update(conn: &mut Conn, contract: &mut Contract) -> Result<()> {
    let current = contracts::table.find(Key::of(contract.id)).filter(contracts::version.eq(contract.version));
    contract.version += 1;
    let changed = diesel::update(current).set(Row::from(&*contract)).execute(&mut conn.db)?;
    if changed == 1 { Ok(()) } else { Err(Error::ConcurrentChange) }
}

/// The milestones of a contract, in their order.
pub fn milestones(conn: &mut Conn, contract: ContractId) -> Result<Vec<Milestone>> {
    let rows = milestones::table
        .filter(milestones::contract_id.eq(Key::of(contract)))
        .order(milestones::number)
        .select(MilestoneRow::as_select())
        .load(&mut conn.db)?;
    rows.into_iter().map(TryInto::try_into).collect()
}

/// The milestone with this id.
pub fn find_milestone(conn: &mut Conn, id: MilestoneId) -> Result<Milestone> {
    milestones::table.find(Key::of(id)).select(MilestoneRow::as_select()).first(&mut conn.db)?.try_into()
}

/// Saves a changed milestone, unless somebody else changed it first.
pub fn update_milestone(conn: &mut Conn, milestone: &mut Milestone) -> Result<()> {
    let current = milestones::table.find(Key::of(milestone.id)).filter(milestones::version.eq(milestone.version));
    milestone.version += 1;
    let changed = diesel::update(current).set(MilestoneRow::from(&*milestone)).execute(&mut conn.db)?;
    if changed == 1 { Ok(()) } else { Err(Error::ConcurrentChange) }
}

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = contracts, treat_none_as_null = true)]
struct Row {
    id: Key,
    challenge_id: Key,
    bid_id: Key,
    agency_id: Key,
    company_id: Key,
    value_minor: i64,
    currency: String,
    status: String,
    agency_signed_by_id: Option<Key>,
    agency_signed_at: Option<At>,
    company_signed_by_id: Option<Key>,
    company_signed_at: Option<At>,
    outcome_decision: Option<String>,
    learning: Option<String>,
    brilliant_failure: Option<bool>,
    completed_at: Option<At>,
    created_at: At,
    version: i32,
}

impl From<&Contract> for Row {
    fn from(contract: &Contract) -> Self {
        let outcome = contract.outcome.as_ref();
        Self {
            id: Key::of(contract.id),
            challenge_id: Key::of(contract.challenge),
            bid_id: Key::of(contract.bid),
            agency_id: Key::of(contract.agency),
            company_id: Key::of(contract.company),
            value_minor: contract.value.minor(),
            currency: contract.value.currency().code().to_owned(),
            status: contract.status.as_str().to_owned(),
            agency_signed_by_id: contract.agency_signature.map(|signature| Key::of(signature.by)),
            agency_signed_at: contract.agency_signature.map(|signature| At(signature.at)),
            company_signed_by_id: contract.company_signature.map(|signature| Key::of(signature.by)),
            company_signed_at: contract.company_signature.map(|signature| At(signature.at)),
            outcome_decision: outcome.map(|outcome| outcome.decision.as_str().to_owned()),
            learning: outcome.map(|outcome| outcome.learning.clone()),
            brilliant_failure: outcome.map(|outcome| outcome.brilliant_failure),
            completed_at: at(contract.completed_at),
            created_at: At(contract.created_at),
            version: contract.version,
        }
    }
}

impl TryFrom<Row> for Contract {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self> {
        let signature =
            |by: Option<Key>, at: Option<At>| by.zip(at).map(|(by, at)| Signature { by: by.id(), at: at.0 });
        let outcome = row.outcome_decision.map(|decision| {
            Ok::<_, Error>(PilotOutcome {
                decision: OutcomeDecision::parse(&decision).ok_or_else(|| Error::corrupt("outcome", &decision))?,
                learning: row.learning.unwrap_or_default(),
                brilliant_failure: row.brilliant_failure.unwrap_or_default(),
            })
        });
        Ok(Self {
            id: row.id.id(),
            challenge: row.challenge_id.id(),
            bid: row.bid_id.id(),
            agency: row.agency_id.id(),
            company: row.company_id.id(),
            value: money(row.value_minor, &row.currency)?,
            status: ContractStatus::parse(&row.status).ok_or_else(|| Error::corrupt("contract status", &row.status))?,
            agency_signature: signature(row.agency_signed_by_id, row.agency_signed_at),
            company_signature: signature(row.company_signed_by_id, row.company_signed_at),
            outcome: outcome.transpose()?,
            completed_at: instant(row.completed_at),
            created_at: row.created_at.0,
            version: row.version,
        })
    }
}

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = milestones, treat_none_as_null = true)]
struct MilestoneRow {
    id: Key,
    contract_id: Key,
    number: i32,
    title: String,
    amount_minor: i64,
    currency: String,
    due_at: At,
    status: String,
    delivery_note: Option<String>,
    delivered_at: Option<At>,
    decided_at: Option<At>,
    rejection_reason: Option<String>,
    invoice_number: Option<String>,
    invoiced_at: Option<At>,
    payment_reference: Option<String>,
    paid_at: Option<At>,
    version: i32,
}

impl From<&Milestone> for MilestoneRow {
    fn from(milestone: &Milestone) -> Self {
        Self {
            id: Key::of(milestone.id),
            contract_id: Key::of(milestone.contract),
            number: milestone.number,
            title: milestone.title.clone(),
            amount_minor: milestone.amount.minor(),
            currency: milestone.amount.currency().code().to_owned(),
            due_at: At(milestone.due_at),
            status: milestone.status.as_str().to_owned(),
            delivery_note: milestone.delivery_note.clone(),
            delivered_at: at(milestone.delivered_at),
            decided_at: at(milestone.decided_at),
            rejection_reason: milestone.rejection_reason.clone(),
            invoice_number: milestone.invoice_number.clone(),
            invoiced_at: at(milestone.invoiced_at),
            payment_reference: milestone.payment_reference.clone(),
            paid_at: at(milestone.paid_at),
            version: milestone.version,
        }
    }
}

impl TryFrom<MilestoneRow> for Milestone {
    type Error = Error;

    fn try_from(row: MilestoneRow) -> Result<Self> {
        let status =
            MilestoneStatus::parse(&row.status).ok_or_else(|| Error::corrupt("milestone status", &row.status))?;
        Ok(Self {
            id: row.id.id(),
            contract: row.contract_id.id(),
            number: row.number,
            title: row.title,
            amount: money(row.amount_minor, &row.currency)?,
            due_at: row.due_at.0,
            status,
            delivery_note: row.delivery_note,
            delivered_at: instant(row.delivered_at),
            decided_at: instant(row.decided_at),
            rejection_reason: row.rejection_reason,
            invoice_number: row.invoice_number,
            invoiced_at: instant(row.invoiced_at),
            payment_reference: row.payment_reference,
            paid_at: instant(row.paid_at),
            version: row.version,
        })
    }
}
