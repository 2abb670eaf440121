//! Entries of the outage ledger, what is said about them and what is proposed after them.

use domain::{Event, Outage, OutageCause, OutageNote, Subject, challenge::ExtensionProposal};
use persistence::{
    Conn, Result,
    events::{self, Origin},
    outages,
};

use crate::support::Scene;

/// An entry for each of so many ids, all told by one event.
pub fn told_once(conn: &mut Conn, scene: &Scene, many: usize) -> Result<Outage> {
    let origin = Origin { actor: None, request_id: "test" };
    let recorded = Event::confidential("outage.recorded", Subject::Platform, None);
    let event = events::record(conn, origin, scene.user.created_at, recorded)?;
    let mut entry = outage(conn, scene);
    outages::insert(conn, &entry, event)?;
    for _ in 1..many {
        entry = outage(conn, scene);
        outages::insert(conn, &entry, event)?;
    }
    Ok(entry)
}

fn outage(conn: &Conn, scene: &Scene) -> Outage {
    let at = scene.user.created_at;
    let (cause, text, reported_by) = (OutageCause::Stopped, None, None);
    Outage { id: conn.new_id(), started_at: at, ended_at: at, cause, text, reported_by, recorded_at: at }
}

/// The first note to an entry.
pub fn note(conn: &Conn, scene: &Scene, outage: &Outage) -> OutageNote {
    OutageNote {
        id: conn.new_id(),
        outage: outage.id,
        number: 1,
        text: "It was the switch.".to_owned(),
        noted_by: scene.user.id,
        noted_at: scene.user.created_at,
    }
}

/// That the deadline of the challenge should be moved.
pub fn proposal(conn: &Conn, scene: &Scene, outage: &Outage) -> ExtensionProposal {
    let at = scene.user.created_at;
    let (challenge, outage) = (scene.challenge.id, outage.id);
    ExtensionProposal { id: conn.new_id(), challenge, outage, deadline: at, proposed_at: at, decision: None }
}
