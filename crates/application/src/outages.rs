//! The outage ledger: signs of life, what follows when there was none for a while, and what administrators report.

use crate::{Caller, Result, bid_receipts::Signer, record_unattended_named};
use domain::{
    EventId, Outage, OutageCause, OutageId, OutageNote, OutagePolicy,
    outage::{MOST_NOTES, OutageReport},
};
use persistence::{
    Conn,
    outages::{self, After},
};
use receipts::{CERTIFICATE_FORMAT, Certificate, CertificateNote, Statement};

/// Who an outage comes from that the service noticed itself.
const HEARTBEAT: &str = "heartbeat";

/// An entry of the ledger with what was said about it.
pub type Annotated = (Outage, Vec<OutageNote>);

/// Gives a sign of life. If the last one of any process is too old, what was in between becomes an entry of the ledger, with
/// this cause. Writes nothing else.
pub fn beat(conn: &mut Conn, policy: &OutagePolicy, cause: OutageCause) -> Result<Option<OutageId>> {
    let last = outages::lock_last_beat(conn)?;
    let now = conn.now()?;
    // By the clock as it is: moving the clock of a demo is no outage.
    let offset = conn.clock_offset();
    outages::put_beat(conn, now - offset)?;
    let gap = last.and_then(|last| Outage::detect(conn.new_id(), policy, last + offset, cause, now));
    let Some((outage, event)) = gap else { return Ok(None) };
    let event = record_unattended_named(conn, HEARTBEAT, now, event)?;
    outages::insert(conn, &outage, event)?;
    Ok(Some(outage.id))
}

/// Whether the ledger tells everything up to now. Where no process ever gave a sign of life there is nothing to tell.
pub fn is_up_to_date(conn: &mut Conn, policy: &OutagePolicy) -> Result<bool> {
    let last = outages::last_beat(conn)?;
    let now = conn.now()? - conn.clock_offset();
    Ok(last.is_none_or(|last| !policy.is_gap(last, now)))
}

/// An administrator reports an outage that the service could not notice.
pub fn report(conn: &mut Conn, caller: &Caller, report: OutageReport) -> Result<Annotated> {
    let now = conn.now()?;
    let (outage, event) = Outage::report(conn.new_id(), &caller.actor, report, now)?;
    let event = caller.record_named(conn, now, event)?;
    outages::insert(conn, &outage, event)?;
    Ok((outage, Vec::new()))
}

/// An administrator says something about an entry.
pub fn annotate(conn: &mut Conn, caller: &Caller, id: OutageId, text: &str) -> Result<Annotated> {
    let outage = outages::lock(conn, id)?;
    let mut notes = outages::notes_to(conn, &[id])?;
    let present = i32::try_from(notes.len()).unwrap_or(MOST_NOTES);
    let now = conn.now()?;
    let (note, event) = outage.annotate(conn.new_id(), &caller.actor, text, present, now)?;
    outages::insert_note(conn, &note)?;
    caller.record(conn, now, event)?;
    notes.push(note);
    Ok((outage, notes))
}

/// Some entries, the latest first, for everybody.
pub fn list(conn: &mut Conn, after: Option<After>, limit: i64) -> Result<Vec<Annotated>> {
    let page = outages::page(conn, after, limit)?;
    let ids: Vec<_> = page.iter().map(|outage| outage.id).collect();
    let notes = outages::notes_to(conn, &ids)?;
    let of = |id| notes.iter().filter(|note: &&OutageNote| note.outage == id).cloned().collect();
    Ok(page.into_iter().map(|outage| (outage.clone(), of(outage.id))).collect())
}

/// An entry, for everybody.
pub fn find(conn: &mut Conn, id: OutageId) -> Result<Annotated> {
    let (outage, _) = outages::find(conn, id)?;
    Ok((outage, outages::notes_to(conn, &[id])?))
}

/// A certificate of an entry as it stands, with all that was said about it, for everybody.
pub fn certify(conn: &mut Conn, signer: &Signer, id: OutageId) -> Result<Certificate> {
    let (outage, event) = outages::find(conn, id)?;
    let notes = outages::notes_to(conn, &[id])?;
    let key = signer.key();
    Ok(Certificate::sign(&statement(outage, notes, event, key.id()), key))
}

fn statement(outage: Outage, notes: Vec<OutageNote>, event: EventId, key: &str) -> Statement {
    let note = |note: OutageNote| CertificateNote { noted_at: note.noted_at, text: note.text };
    Statement {
        format: CERTIFICATE_FORMAT.to_owned(),
        outage: outage.id.0,
        started_at: outage.started_at,
        ended_at: outage.ended_at,
        cause: outage.cause.as_str().to_owned(),
        text: outage.text,
        recorded_at: outage.recorded_at,
        notes: notes.into_iter().map(note).collect(),
        event: event.0,
        key: key.to_owned(),
    }
}
