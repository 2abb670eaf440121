//! Who owes what by when.

use crate::{
    Conn, Error, Result, Scope,
    connection::AnyConnection,
    schema::{challenges, obligations, organisations},
    sql_types::{At, Json, Key, at, instant},
};
use chrono::{DateTime, Datelike, Utc};
use diesel::{dsl::count_star, prelude::*};
use domain::{
    ChallengeId, Membership, Obligation, ObligationId, ObligationKind, OrganisationId, Role, Subject,
    obligation::{Outcome, Reminder, Tally},
};

/// An obligation, with what a list shows of others.
#[derive(Debug, Clone, PartialEq)]
pub struct Listed {
    /// The obligation.
    pub obligation: Obligation,
    /// The name of whoever owes it.
    pub organisation_name: String,
    /// The title of the challenge that it belongs to.
    pub challenge_title: Option<String>,
}

/// The place of an obligation in a list: when it is due, and its id.
pub type Place = (DateTime<Utc>, ObligationId);

/// Obligations with the names that a list shows.
macro_rules! select_listed {
    () => {
        obligations::table
            .inner_join(organisations::table.on(organisations::id.eq(obligations::organisation_id)))
            .left_join(challenges::table.on(challenges::id.nullable().eq(obligations::challenge_id)))
            .select((Row::as_select(), organisations::legal_name, challenges::title.nullable()))
            .into_boxed()
    };
}

/// A page of such a query, the soonest due first.
macro_rules! load_page {
    ($conn:ident, $query:ident, $after:ident, $limit:ident) => {{
        let mut query = $query.order((obligations::due_at, obligations::id)).limit($limit);
        if let Some((due_at, id)) = $after {
            let later = obligations::due_at.gt(At(due_at)).or(obligations::id.gt(Key::of(id)));
            query = query.filter(obligations::due_at.ge(At(due_at))).filter(later);
        }
        query.load(&mut $conn.db)?.into_iter().map(listed).collect()
    }};
}

/// Adds an obligation.
pub fn insert(conn: &mut Conn, obligation: &Obligation) -> Result<()> {
    diesel::insert_into(obligations::table).values(Row::from(obligation)).execute(&mut conn.db)?;
    Ok(())
}

/// Saves a changed obligation, unless somebody else changed it first.
pub fn update(conn: &mut Conn, obligation: &mut Obligation) -> Result<()> {
    let current = obligations::table.find(Key::of(obligation.id)).filter(obligations::version.eq(obligation.version));
    obligation.version += 1;
    let changed = diesel::update(current).set(Row::from(&*obligation)).execute(&mut conn.db)?;
    if changed == 1 { Ok(()) } else { Err(Error::ConcurrentChange) }
}

/// The obligation with this id, for a change.
pub fn lock(conn: &mut Conn, id: ObligationId) -> Result<Obligation> {
    let of_id = obligations::table.find(Key::of(id));
    let row: Row = match &mut conn.db {
        AnyConnection::Postgres(pg) => of_id.for_update().select(Row::as_select()).first(pg)?,
        AnyConnection::Sqlite(sqlite) => of_id.select(Row::as_select()).first(sqlite)?,
    };
    row.try_into()
}

/// What is owed about some subjects and has not ended, for a change; in the order of ids.
pub fn lock_open(conn: &mut Conn, kind: ObligationKind, subjects: &[Subject]) -> Result<Vec<Obligation>> {
    let subjects: Vec<_> = subjects.iter().map(|subject| Key(subject.uuid())).collect();
    let open = obligations::table
        .filter(obligations::kind.eq(kind.as_str()))
        .filter(obligations::subject_id.eq_any(subjects))
        .filter(obligations::ended_at.is_null())
        .order(obligations::id);
    let rows: Vec<Row> = match &mut conn.db {
        AnyConnection::Postgres(pg) => open.for_update().select(Row::as_select()).load(pg)?,
        AnyConnection::Sqlite(sqlite) => open.select(Row::as_select()).load(sqlite)?,
    };
    rows.into_iter().map(TryInto::try_into).collect()
}

/// What is owed about a challenge and has not ended, whatever it is, for a change; in the order of ids.
pub fn lock_open_of_challenge(conn: &mut Conn, challenge: ChallengeId) -> Result<Vec<Obligation>> {
    let open = obligations::table
        .filter(obligations::challenge_id.eq(Key::of(challenge)))
        .filter(obligations::ended_at.is_null())
        .order(obligations::id);
    let rows: Vec<Row> = match &mut conn.db {
        AnyConnection::Postgres(pg) => open.for_update().select(Row::as_select()).load(pg)?,
        AnyConnection::Sqlite(sqlite) => open.select(Row::as_select()).load(sqlite)?,
    };
    rows.into_iter().map(TryInto::try_into).collect()
}

/// What has not ended and is to be done by somebody with these roles, the soonest due first, after a place.
pub fn open_for(conn: &mut Conn, memberships: &[Membership], after: Option<Place>, limit: i64) -> Result<Vec<Listed>> {
    let mut query = select_listed!();
    for (nth, membership) in memberships.iter().enumerate() {
        let roles: Vec<_> = membership.roles.iter().map(|role| role.as_str()).collect();
        let of_organisation = obligations::organisation_id.eq(Key::of(membership.organisation));
        let theirs = of_organisation.and(obligations::role.eq_any(roles));
        query = if nth == 0 { query.filter(theirs) } else { query.or_filter(theirs) };
    }
    if memberships.is_empty() {
        return Ok(Vec::new());
    }
    query = query.filter(obligations::ended_at.is_null());
    load_page!(conn, query, after, limit)
}

/// What an organisation owes and has not ended, the soonest due first, after a place.
pub fn open_of(conn: &mut Conn, organisation: OrganisationId, after: Option<Place>, limit: i64) -> Result<Vec<Listed>> {
    let query = select_listed!().filter(obligations::organisation_id.eq(Key::of(organisation)));
    let query = query.filter(obligations::ended_at.is_null());
    load_page!(conn, query, after, limit)
}

/// With the names that a list shows.
pub fn find_listed(conn: &mut Conn, id: ObligationId) -> Result<Listed> {
    let found: (Row, String, Option<String>) =
        select_listed!().filter(obligations::id.eq(Key::of(id))).first(&mut conn.db)?;
    listed(found)
}

/// For which there is a reminder to send, the longest overdue first.
pub fn needing_attention(conn: &mut Conn, scope: Scope, now: DateTime<Utc>, limit: i64) -> Result<Vec<ObligationId>> {
    let query = obligations::table
        .left_join(challenges::table.on(challenges::id.nullable().eq(obligations::challenge_id)))
        .filter(obligations::attention_at.le(At(now)))
        .order(obligations::attention_at)
        .limit(limit)
        .select(obligations::id)
        .into_boxed();
    let query = match scope {
        Scope::Real => query.filter(obligations::challenge_id.is_null().or(challenges::sandbox.eq(false))),
        Scope::Sandbox(challenge, _) => query.filter(obligations::challenge_id.eq(Key::of(challenge))),
    };
    let ids: Vec<Key> = query.load(&mut conn.db)?;
    Ok(ids.into_iter().map(Key::id).collect())
}

/// What an organisation owed since a year, counted; only what has to do with no challenge, or with a published one.
pub fn tallies(conn: &mut Conn, organisation: OrganisationId, since: i32, now: DateTime<Utc>) -> Result<Vec<Tally>> {
    let mut tallies = ended(conn, organisation, since)?;
    tallies.extend(overdue(conn, organisation, since, now)?);
    Ok(tallies)
}

fn ended(conn: &mut Conn, organisation: OrganisationId, since: i32) -> Result<Vec<Tally>> {
    let grouped = (obligations::kind, obligations::due_year, obligations::outcome, obligations::took_days);
    type Group = (String, i32, Option<String>, Option<i32>, i64);
    let rows: Vec<Group> = obligations::table
        .left_join(challenges::table.on(challenges::id.nullable().eq(obligations::challenge_id)))
        .filter(obligations::organisation_id.eq(Key::of(organisation)))
        .filter(obligations::due_year.ge(since))
        .filter(obligations::outcome.eq_any(Outcome::COUNTED.map(Outcome::as_str)))
        .filter(
            obligations::challenge_id
                .is_null()
                .or(challenges::published_at.is_not_null().and(challenges::sandbox.eq(false))),
        )
        .group_by(grouped)
        .select((obligations::kind, obligations::due_year, obligations::outcome, obligations::took_days, count_star()))
        .load(&mut conn.db)?;
    let tally = |(kind, year, outcome, days, count): Group| {
        let outcome = outcome.unwrap_or_default();
        let outcome = Outcome::parse(&outcome).ok_or_else(|| Error::corrupt("outcome", &outcome))?;
        Ok(Tally { kind: parse_kind(&kind)?, year, end: Some((outcome, days.unwrap_or_default().into())), count })
    };
    rows.into_iter().map(tally).collect()
}

fn overdue(conn: &mut Conn, organisation: OrganisationId, since: i32, now: DateTime<Utc>) -> Result<Vec<Tally>> {
    let rows: Vec<(String, i32, i64)> = obligations::table
        .left_join(challenges::table.on(challenges::id.nullable().eq(obligations::challenge_id)))
        .filter(obligations::organisation_id.eq(Key::of(organisation)))
        .filter(obligations::ended_at.is_null())
        .filter(obligations::paused_at.is_null())
        .filter(obligations::due_at.le(At(now)))
        .filter(obligations::due_year.ge(since))
        .filter(
            obligations::challenge_id
                .is_null()
                .or(challenges::published_at.is_not_null().and(challenges::sandbox.eq(false))),
        )
        .group_by((obligations::kind, obligations::due_year))
        .select((obligations::kind, obligations::due_year, count_star()))
        .load(&mut conn.db)?;
    let tally =
        |(kind, year, count): (String, i32, i64)| Ok(Tally { kind: parse_kind(&kind)?, year, end: None, count });
    rows.into_iter().map(tally).collect()
}

fn listed((row, organisation_name, challenge_title): (Row, String, Option<String>)) -> Result<Listed> {
    Ok(Listed { obligation: row.try_into()?, organisation_name, challenge_title })
}

fn parse_kind(name: &str) -> Result<ObligationKind> {
    ObligationKind::parse(name).ok_or_else(|| Error::corrupt("obligation", name))
}

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = obligations, treat_none_as_null = true)]
struct Row {
    id: Key,
    kind: String,
    organisation_id: Key,
    role: String,
    subject_kind: String,
    subject_id: Key,
    challenge_id: Option<Key>,
    waiting_id: Key,
    started_at: At,
    due_at: At,
    due_year: i32,
    computed: Option<Json>,
    pauses: Json,
    paused_at: Option<At>,
    reminded: Option<String>,
    attention_at: Option<At>,
    missed_at: Option<At>,
    outcome: Option<String>,
    ended_at: Option<At>,
    took_days: Option<i32>,
    version: i32,
}

impl From<&Obligation> for Row {
    fn from(obligation: &Obligation) -> Self {
        Self {
            id: Key::of(obligation.id),
            kind: obligation.kind.as_str().to_owned(),
            organisation_id: Key::of(obligation.organisation),
            role: obligation.role.as_str().to_owned(),
            subject_kind: obligation.subject.kind().to_owned(),
            subject_id: Key(obligation.subject.uuid()),
            challenge_id: obligation.challenge.map(Key::of),
            waiting_id: Key::of(obligation.waiting),
            started_at: At(obligation.started_at),
            due_at: At(obligation.due_at),
            due_year: obligation.due_at.year(),
            computed: obligation.computed.as_ref().map(Json::of),
            pauses: Json::of(&obligation.pauses),
            paused_at: at(obligation.paused_at()),
            reminded: obligation.reminded.map(|reminder| reminder.as_str().to_owned()),
            attention_at: at(obligation.attention_at()),
            missed_at: at(obligation.missed_at),
            outcome: obligation.end.map(|(outcome, _)| outcome.as_str().to_owned()),
            ended_at: at(obligation.end.map(|(_, ended_at)| ended_at)),
            took_days: obligation.took_days().and_then(|days| i32::try_from(days).ok()),
            version: obligation.version,
        }
    }
}

impl TryFrom<Row> for Obligation {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self> {
        let outcome = |name: String| Outcome::parse(&name).ok_or_else(|| Error::corrupt("outcome", &name));
        let reminder = |name: String| Reminder::parse(&name).ok_or_else(|| Error::corrupt("reminder", &name));
        let subject = Subject::parse(&row.subject_kind, row.subject_id.0);
        Ok(Self {
            id: row.id.id(),
            kind: parse_kind(&row.kind)?,
            organisation: row.organisation_id.id(),
            role: Role::parse(&row.role).ok_or_else(|| Error::corrupt("role", &row.role))?,
            subject: subject.ok_or_else(|| Error::corrupt("subject", &row.subject_kind))?,
            challenge: row.challenge_id.map(Key::id),
            waiting: row.waiting_id.id(),
            started_at: row.started_at.0,
            due_at: row.due_at.0,
            computed: row.computed.map(Json::read).transpose()?,
            pauses: row.pauses.read()?,
            reminded: row.reminded.map(reminder).transpose()?,
            missed_at: instant(row.missed_at),
            end: row.outcome.map(outcome).transpose()?.zip(instant(row.ended_at)),
            version: row.version,
        })
    }
}
