//! Whether people agree to be named in the team of a bid.

use crate::{
    Conn, Error, Result, Scope,
    challenges::taking_bids,
    connection::AnyConnection,
    members::lock_organisation,
    schema::{bids, challenges, team_consents},
    scope::in_scope,
    sql_types::{At, Key, at, instant},
};
use chrono::{DateTime, Utc};
use diesel::{
    dsl::{count_star, exists, not},
    prelude::*,
};
use domain::{BidStatus, ChallengeId, OrganisationId, TeamConsent, TeamConsentId, account::Email};

/// How many people a company asked about a challenge; on PostgreSQL nobody adds one until the transaction ends.
pub fn lock_count(conn: &mut Conn, challenge: ChallengeId, company: OrganisationId) -> Result<usize> {
    lock_organisation(conn, company)?;
    let there = team_consents::table
        .filter(team_consents::challenge_id.eq(Key::of(challenge)))
        .filter(team_consents::company_id.eq(Key::of(company)))
        .select(count_star());
    Ok(usize::try_from(there.first::<i64>(&mut conn.db)?).unwrap_or(usize::MAX))
}

/// Adds one, found by the hash of its token.
pub fn insert(conn: &mut Conn, consent: &TeamConsent, token_hash: &str) -> Result<()> {
    let row = (Row::from(consent), team_consents::token_hash.eq(token_hash));
    diesel::insert_into(team_consents::table).values(row).execute(&mut conn.db)?;
    Ok(())
}

/// The one with this id.
pub fn find(conn: &mut Conn, id: TeamConsentId) -> Result<TeamConsent> {
    team_consents::table.find(Key::of(id)).select(Row::as_select()).first(&mut conn.db)?.try_into()
}

/// The one with this token.
pub fn find_by_token(conn: &mut Conn, token_hash: &str) -> Result<Option<TeamConsent>> {
    let row = team_consents::table.filter(team_consents::token_hash.eq(token_hash)).select(Row::as_select());
    row.first::<Row>(&mut conn.db).optional()?.map(TryInto::try_into).transpose()
}

/// The one with this id, for a change.
pub fn lock(conn: &mut Conn, id: TeamConsentId) -> Result<TeamConsent> {
    let row = team_consents::table.find(Key::of(id));
    let row: Row = match &mut conn.db {
        AnyConnection::Postgres(pg) => row.for_update().select(Row::as_select()).first(pg)?,
        AnyConnection::Sqlite(sqlite) => row.select(Row::as_select()).first(sqlite)?,
    };
    row.try_into()
}

/// One page of those that some companies asked about a challenge, in the order in which they were asked.
pub fn page(
    conn: &mut Conn,
    challenge: ChallengeId,
    companies: &[OrganisationId],
    after: Option<TeamConsentId>,
    limit: i64,
) -> Result<Vec<TeamConsent>> {
    let companies: Vec<_> = companies.iter().map(|id| Key::of(*id)).collect();
    let mut query = team_consents::table
        .filter(team_consents::challenge_id.eq(Key::of(challenge)))
        .filter(team_consents::company_id.eq_any(companies))
        .order(team_consents::id)
        .select(Row::as_select())
        .limit(limit)
        .into_boxed();
    if let Some(after) = after {
        query = query.filter(team_consents::id.gt(Key::of(after)));
    }
    all(query.load(&mut conn.db)?)
}

/// All that these companies asked about these challenges.
pub fn of_all(conn: &mut Conn, challenges: &[ChallengeId], companies: &[OrganisationId]) -> Result<Vec<TeamConsent>> {
    let challenges: Vec<_> = challenges.iter().map(|id| Key::of(*id)).collect();
    let companies: Vec<_> = companies.iter().map(|id| Key::of(*id)).collect();
    let there = team_consents::table
        .filter(team_consents::challenge_id.eq_any(challenges))
        .filter(team_consents::company_id.eq_any(companies))
        .order(team_consents::id)
        .select(Row::as_select());
    all(there.load(&mut conn.db)?)
}

/// All that an address was asked.
pub fn of_address(conn: &mut Conn, email: &Email) -> Result<Vec<TeamConsent>> {
    let there = team_consents::table.filter(team_consents::email.eq(email.as_str())).order(team_consents::id);
    all(there.select(Row::as_select()).load(&mut conn.db)?)
}

/// Saves what the person said. The row must be locked.
pub fn update(conn: &mut Conn, consent: &TeamConsent) -> Result<()> {
    diesel::update(team_consents::table.find(Key::of(consent.id))).set(Row::from(consent)).execute(&mut conn.db)?;
    Ok(())
}

/// Removes one.
pub fn delete(conn: &mut Conn, id: TeamConsentId) -> Result<()> {
    diesel::delete(team_consents::table.find(Key::of(id))).execute(&mut conn.db)?;
    Ok(())
}

/// Forgets what companies without a bid asked about challenges that were closed, or have ended, before an instant.
pub fn purge(conn: &mut Conn, scope: Scope, before: DateTime<Utc>) -> Result<()> {
    let (before, closed) = (At(before), challenges::closed_at);
    let bid = bids::table
        .filter(bids::challenge_id.eq(team_consents::challenge_id))
        .filter(bids::company_id.eq(team_consents::company_id))
        .filter(bids::status.ne(BidStatus::Withdrawn.as_str()));
    let query = team_consents::table
        .inner_join(challenges::table.on(challenges::id.eq(team_consents::challenge_id)))
        .filter(challenges::status.ne_all(taking_bids()))
        .filter(closed.lt(before).or(closed.is_null().and(challenges::ended_at.lt(before))))
        .filter(not(exists(bid)))
        .select(team_consents::id)
        .limit(1000)
        .into_boxed();
    let over: Vec<Key> = in_scope!(query, scope).load(&mut conn.db)?;
    diesel::delete(team_consents::table.filter(team_consents::id.eq_any(over))).execute(&mut conn.db)?;
    Ok(())
}

/// Forgets the address of a person, and with it the way in. Where a company bids, the name stays, as it does in the bid, and
/// with it what the person said; from now on it is taken back. Everything else is deleted, and all that is in a sandbox.
pub fn forget(conn: &mut Conn, email: &Email, now: DateTime<Utc>) -> Result<()> {
    let bid = bids::table
        .filter(bids::challenge_id.eq(team_consents::challenge_id))
        .filter(bids::company_id.eq(team_consents::company_id))
        .filter(bids::status.ne(BidStatus::Withdrawn.as_str()));
    let own = team_consents::table.filter(team_consents::email.eq(email.as_str()));
    let real =
        challenges::table.filter(challenges::id.eq(team_consents::challenge_id)).filter(challenges::sandbox.eq(false));
    let kept = own.filter(exists(bid)).filter(exists(real)).select(team_consents::id);
    let kept: Vec<Key> = kept.load(&mut conn.db)?;
    diesel::delete(own.filter(team_consents::id.ne_all(&kept))).execute(&mut conn.db)?;
    let of_kept = team_consents::table.filter(team_consents::id.eq_any(kept));
    let standing = of_kept.clone().filter(team_consents::refused_at.is_null());
    diesel::update(standing).set(team_consents::refused_at.eq(At(now))).execute(&mut conn.db)?;
    let nobody = (team_consents::email.eq(None::<String>), team_consents::token_hash.eq(None::<String>));
    diesel::update(of_kept).set(nobody).execute(&mut conn.db)?;
    Ok(())
}

fn all(rows: Vec<Row>) -> Result<Vec<TeamConsent>> {
    rows.into_iter().map(TryInto::try_into).collect()
}

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = team_consents, treat_none_as_null = true)]
struct Row {
    id: Key,
    challenge_id: Key,
    company_id: Key,
    name: String,
    email: Option<String>,
    role: String,
    asked_at: At,
    agreed_at: Option<At>,
    refused_at: Option<At>,
}

impl From<&TeamConsent> for Row {
    fn from(consent: &TeamConsent) -> Self {
        Self {
            id: Key::of(consent.id),
            challenge_id: Key::of(consent.challenge),
            company_id: Key::of(consent.company),
            name: consent.name.clone(),
            email: consent.email.as_ref().map(|email| email.as_str().to_owned()),
            role: consent.role.clone(),
            asked_at: At(consent.asked_at),
            agreed_at: at(consent.agreed_at),
            refused_at: at(consent.refused_at),
        }
    }
}

impl TryFrom<Row> for TeamConsent {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self> {
        let email = row.email.map(|email| Email::parse(&email).map_err(|_| Error::corrupt("address", &email)));
        Ok(Self {
            id: row.id.id(),
            challenge: row.challenge_id.id(),
            company: row.company_id.id(),
            name: row.name,
            email: email.transpose()?,
            role: row.role,
            asked_at: row.asked_at.0,
            agreed_at: instant(row.agreed_at),
            refused_at: instant(row.refused_at),
        })
    }
}
