//! Proposals to move the deadlines of challenges after outages. Whoever decides about one holds the lock of its challenge.

use crate::{
    Conn, Error, Result, outages,
    schema::{extension_proposals, outages as ledger},
    sql_types::{At, Key},
};
use diesel::prelude::*;
use domain::{
    ChallengeId, ExtensionProposalId, Outage, OutageId,
    challenge::{ExtensionProposal, ProposalDecision, ProposalOutcome},
};

/// Adds a proposal.
pub fn insert(conn: &mut Conn, proposal: &ExtensionProposal) -> Result<()> {
    diesel::insert_into(extension_proposals::table).values(Row::from(proposal)).execute(&mut conn.db)?;
    Ok(())
}

/// Keeps what was decided about a proposal that was open.
pub fn decide(conn: &mut Conn, proposal: &ExtensionProposal) -> Result<()> {
    let row = Row::from(proposal);
    let open = extension_proposals::table.find(row.id).filter(extension_proposals::decided_at.is_null());
    let decision = (
        extension_proposals::decided_by_id.eq(row.decided_by_id),
        extension_proposals::decided_at.eq(row.decided_at),
        extension_proposals::change_notice.eq(row.change_notice),
        extension_proposals::dismissal_reason.eq(row.dismissal_reason),
    );
    match diesel::update(open).set(decision).execute(&mut conn.db)? {
        1 => Ok(()),
        _ => Err(Error::ConcurrentChange),
    }
}

/// The proposal with this id.
pub fn find(conn: &mut Conn, id: ExtensionProposalId) -> Result<ExtensionProposal> {
    extension_proposals::table.find(Key::of(id)).select(Row::as_select()).first(&mut conn.db)?.try_into()
}

/// Whether there is one for this challenge because of this outage.
pub fn exists(conn: &mut Conn, challenge: ChallengeId, outage: OutageId) -> Result<bool> {
    let found: Option<Key> = extension_proposals::table
        .filter(extension_proposals::challenge_id.eq(Key::of(challenge)))
        .filter(extension_proposals::outage_id.eq(Key::of(outage)))
        .select(extension_proposals::id)
        .first(&mut conn.db)
        .optional()?;
    Ok(found.is_some())
}

/// Those of a challenge that nobody has decided about.
pub fn open_of(conn: &mut Conn, challenge: ChallengeId, limit: i64) -> Result<Vec<ExtensionProposal>> {
    let rows: Vec<Row> = extension_proposals::table
        .filter(extension_proposals::challenge_id.eq(Key::of(challenge)))
        .filter(extension_proposals::decided_at.is_null())
        .order(extension_proposals::id)
        .limit(limit)
        .select(Row::as_select())
        .load(&mut conn.db)?;
    rows.into_iter().map(TryInto::try_into).collect()
}

/// Some of a challenge with their outages, the newest first: those before the id `before`.
pub fn page(
    conn: &mut Conn,
    challenge: ChallengeId,
    before: Option<ExtensionProposalId>,
    limit: i64,
) -> Result<Vec<(ExtensionProposal, Outage)>> {
    let mut query = extension_proposals::table
        .inner_join(ledger::table.on(ledger::id.eq(extension_proposals::outage_id)))
        .filter(extension_proposals::challenge_id.eq(Key::of(challenge)))
        .order(extension_proposals::id.desc())
        .limit(limit)
        .select((Row::as_select(), outages::Row::as_select()))
        .into_boxed();
    if let Some(before) = before {
        query = query.filter(extension_proposals::id.lt(Key::of(before)));
    }
    let rows: Vec<(Row, outages::Row)> = query.load(&mut conn.db)?;
    rows.into_iter().map(|(row, outage)| Ok((row.try_into()?, outage.read()?.0))).collect()
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = extension_proposals)]
struct Row {
    id: Key,
    challenge_id: Key,
    outage_id: Key,
    deadline: At,
    proposed_at: At,
    decided_by_id: Option<Key>,
    decided_at: Option<At>,
    change_notice: Option<i32>,
    dismissal_reason: Option<String>,
}

impl From<&ExtensionProposal> for Row {
    fn from(proposal: &ExtensionProposal) -> Self {
        let decision = proposal.decision.as_ref();
        let (change_notice, dismissal_reason) = match decision.map(|decision| &decision.outcome) {
            Some(ProposalOutcome::Accepted(notice)) => (Some(*notice), None),
            Some(ProposalOutcome::Dismissed(reason)) => (None, Some(reason.clone())),
            None => (None, None),
        };
        Self {
            id: Key::of(proposal.id),
            challenge_id: Key::of(proposal.challenge),
            outage_id: Key::of(proposal.outage),
            deadline: At(proposal.deadline),
            proposed_at: At(proposal.proposed_at),
            decided_by_id: decision.map(|decision| Key::of(decision.by)),
            decided_at: decision.map(|decision| At(decision.at)),
            change_notice,
            dismissal_reason,
        }
    }
}

impl TryFrom<Row> for ExtensionProposal {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self> {
        let decision = match (row.decided_by_id, row.decided_at, row.change_notice, row.dismissal_reason) {
            (None, None, None, None) => None,
            (Some(by), Some(at), Some(notice), None) => Some((ProposalOutcome::Accepted(notice), by, at)),
            (Some(by), Some(at), None, Some(reason)) => Some((ProposalOutcome::Dismissed(reason), by, at)),
            _ => return Err(Error::corrupt("extension proposal", row.id.0.to_string())),
        };
        Ok(Self {
            id: row.id.id(),
            challenge: row.challenge_id.id(),
            outage: row.outage_id.id(),
            deadline: row.deadline.0,
            proposed_at: row.proposed_at.0,
            decision: decision.map(|(outcome, by, at)| ProposalDecision { outcome, by: by.id(), at: at.0 }),
        })
    }
}
