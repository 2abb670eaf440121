//! Looking back: what happened, and who read what; the newest first.

use crate::{
    Conn, Result,
    schema::{bid_receipts, bids, challenges, consultation_responses, events, questions, reads, users},
    sql_types::{At, Json, Key},
};
use chrono::{DateTime, Utc};
use diesel::{
    dsl::{exists, not},
    prelude::*,
};
use domain::{AuditView, EventId, OrganisationId, ReadId, UserId, bid::BidStage};

/// Whether the bids of its stage were not opened yet.
macro_rules! still_sealed {
    () => {{
        let offer = bids::stage.eq(BidStage::Offer.as_str()).and(challenges::opened_at.is_null());
        let solution = bids::stage.eq(BidStage::Solution.as_str()).and(challenges::solutions_opened_at.is_null());
        offer.or(solution)
    }};
}

/// An event with all that those with access to it may know.
#[derive(Debug, Clone, PartialEq)]
pub struct AuditEvent {
    /// Its id.
    pub id: EventId,
    /// What happened.
    pub kind: String,
    /// When, by the database's clock.
    pub occurred_at: DateTime<Utc>,
    /// Who did it, with the name of today; nobody for what the system does by itself.
    pub actor: Option<(UserId, String)>,
    /// The organisation that owns the subject.
    pub organisation: Option<OrganisationId>,
    /// What kind of thing it is about.
    pub subject_kind: String,
    /// Which one.
    pub subject_id: uuid::Uuid,
    /// What everybody may know about it.
    pub public_payload: Option<serde_json::Value>,
    /// What only those with access may.
    pub confidential_payload: serde_json::Value,
    /// Why.
    pub reason: Option<String>,
    /// The request, or the job, it came from.
    pub request_id: String,
}

/// Which events are asked for; all conditions must hold.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Of this kind.
    pub kind: Option<String>,
    /// Done by this person.
    pub actor: Option<UserId>,
    /// About this thing.
    pub subject: Option<uuid::Uuid>,
    /// Not before this moment.
    pub from: Option<DateTime<Utc>>,
    /// Before this moment.
    pub until: Option<DateTime<Utc>>,
}

/// The place of an event in the order of time.
pub type Place = (DateTime<Utc>, EventId);

/// Events that a view shows, before a place. What is sealed is shown to the bidder alone: nobody else may know, before
/// the opening, that a bid exists, or before the closing a response to a consultation. Who asked a question is never shown
/// but to those who did.
pub fn events(
    conn: &mut Conn,
    view: AuditView,
    filter: &Filter,
    before: Option<Place>,
    limit: i64,
) -> Result<Vec<AuditEvent>> {
    let mut query = events::table
        .left_join(users::table.on(events::actor_id.eq(users::id.nullable())))
        .order((events::occurred_at.desc(), events::id.desc()))
        .limit(limit)
        .select((Row::as_select(), users::name.nullable()))
        .into_boxed();
    query = match view {
        AuditView::Platform => query,
        AuditView::Organisation { id, .. } => query.filter(events::organisation_id.eq(Key::of(id))),
        AuditView::Person(id) => query.filter(events::actor_id.eq(Key::of(id))),
    };
    if !view.shows_sealed() {
        let sealed = bids::table
            .inner_join(challenges::table.on(challenges::id.eq(bids::challenge_id)))
            .filter(bids::id.eq(events::subject_id))
            .filter(still_sealed!());
        // An attempt that was refused is as secret as a bid: it tells who wants to bid.
        let refused = bid_receipts::table
            .inner_join(challenges::table.on(challenges::id.eq(bid_receipts::challenge_id)))
            .filter(bid_receipts::event_id.eq(events::id))
            .filter(challenges::opened_at.is_null());
        query = query.filter(events::subject_kind.ne("bid").or(not(exists(sealed))));
        query = query.filter(events::kind.ne("bid.refused").or(not(exists(refused))));
    }
    if !view.shows_drafts() {
        // Whoever wants to bid tells nobody, and some never do.
        // The same is true of whom they would name in it, and of what they would attach.
        query = query.filter(events::subject_kind.ne_all(["bid_draft", "bid_document", "team_consent"]));
    }
    if !view.shows_sealed() {
        let sealed = consultation_responses::table
            .inner_join(challenges::table.on(challenges::id.eq(consultation_responses::challenge_id)))
            .filter(consultation_responses::id.eq(events::subject_id))
            .filter(challenges::closed_at.is_null());
        query = query.filter(events::subject_kind.ne("consultation_response").or(not(exists(sealed))));
    }
    if !view.shows_askers() {
        // What never shows in a bid: who was asked, and said no.
        query = query.filter(events::subject_kind.ne("consortium"));
        // Whoever says why it does not bid tells nobody that it was it.
        query = query.filter(events::subject_kind.ne("no_bid"));
        let asked = questions::table
            .filter(questions::id.eq(events::subject_id))
            .filter(questions::company_id.nullable().eq(events::organisation_id));
        query = query.filter(events::subject_kind.ne("question").or(not(exists(asked))));
    }
    if let Some(kind) = &filter.kind {
        query = query.filter(events::kind.eq(kind));
    }
    if let Some(actor) = filter.actor {
        query = query.filter(events::actor_id.eq(Key::of(actor)));
    }
    if let Some(subject) = filter.subject {
        query = query.filter(events::subject_id.eq(Key(subject)));
    }
    if let Some(from) = filter.from {
        query = query.filter(events::occurred_at.ge(At(from)));
    }
    if let Some(until) = filter.until {
        query = query.filter(events::occurred_at.lt(At(until)));
    }
    if let Some((at, id)) = before {
        let earlier = events::occurred_at.lt(At(at)).or(events::id.lt(Key::of(id)));
        query = query.filter(events::occurred_at.le(At(at)).and(earlier));
    }
    let rows: Vec<(Row, Option<String>)> = query.load(&mut conn.db)?;
    Ok(rows.into_iter().map(|(row, name)| row.event(name)).collect())
}

/// An entry of the read log.
#[derive(Debug, Clone, PartialEq)]
pub struct ReadEntry {
    /// Its id.
    pub id: ReadId,
    /// Who read, with the name of today.
    pub reader: (UserId, String),
    /// In whose name.
    pub organisation: Option<OrganisationId>,
    /// What kind of thing was read.
    pub subject_kind: String,
    /// Which one.
    pub subject_id: uuid::Uuid,
    /// Whose personal data it was.
    pub person: Option<UserId>,
    /// When, by the database's clock.
    pub read_at: DateTime<Utc>,
    /// The request that read.
    pub request_id: String,
}

/// Entries of the read log that a view shows, before an entry. As with events, what is sealed is shown to the bidder
/// alone.
pub fn reads(
    conn: &mut Conn,
    view: AuditView,
    subject: Option<uuid::Uuid>,
    before: Option<ReadId>,
    limit: i64,
) -> Result<Vec<ReadEntry>> {
    let mut query = reads::table
        .inner_join(users::table.on(users::id.eq(reads::reader_id)))
        .order(reads::id.desc())
        .limit(limit)
        .select((ReadRow::as_select(), users::name))
        .into_boxed();
    query = match view {
        AuditView::Platform => query,
        AuditView::Organisation { id, .. } => query.filter(reads::organisation_id.eq(Key::of(id))),
        AuditView::Person(id) => query.filter(reads::person_id.eq(Key::of(id))),
    };
    if !view.shows_sealed() {
        let sealed = bids::table
            .inner_join(challenges::table.on(challenges::id.eq(bids::challenge_id)))
            .filter(bids::id.eq(reads::subject_id))
            .filter(still_sealed!());
        query = query.filter(reads::subject_kind.ne("bid").or(not(exists(sealed))));
    }
    if let Some(subject) = subject {
        query = query.filter(reads::subject_id.eq(Key(subject)));
    }
    if let Some(before) = before {
        query = query.filter(reads::id.lt(Key::of(before)));
    }
    let rows: Vec<(ReadRow, String)> = query.load(&mut conn.db)?;
    Ok(rows.into_iter().map(|(row, name)| row.entry(name)).collect())
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = events)]
struct Row {
    id: Key,
    kind: String,
    occurred_at: At,
    actor_id: Option<Key>,
    organisation_id: Option<Key>,
    subject_kind: String,
    subject_id: Key,
    public_payload: Option<Json>,
    confidential_payload: Json,
    reason: Option<String>,
    request_id: String,
}

impl Row {
    fn event(self, actor_name: Option<String>) -> AuditEvent {
        AuditEvent {
            id: self.id.id(),
            kind: self.kind,
            occurred_at: self.occurred_at.0,
            actor: self.actor_id.map(Key::id).zip(actor_name),
            organisation: self.organisation_id.map(Key::id),
            subject_kind: self.subject_kind,
            subject_id: self.subject_id.0,
            public_payload: self.public_payload.map(|payload| payload.0),
            confidential_payload: self.confidential_payload.0,
            reason: self.reason,
            request_id: self.request_id,
        }
    }
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = reads)]
struct ReadRow {
    id: Key,
    reader_id: Key,
    organisation_id: Option<Key>,
    subject_kind: String,
    subject_id: Key,
    person_id: Option<Key>,
    read_at: At,
    request_id: String,
}

impl ReadRow {
    fn entry(self, reader_name: String) -> ReadEntry {
        ReadEntry {
            id: self.id.id(),
            reader: (self.reader_id.id(), reader_name),
            organisation: self.organisation_id.map(Key::id),
            subject_kind: self.subject_kind,
            subject_id: self.subject_id.0,
            person: self.person_id.map(Key::id),
            read_at: self.read_at.0,
            request_id: self.request_id,
        }
    }
}
