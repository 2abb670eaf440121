//! What is held about one person.

use crate::{
    Conn, Result,
    schema::{
        conflict_declarations, delegations, invitations, member_roles, members, organisations, outbox_mails,
        panel_members, sessions,
    },
    sql_types::{At, Json, Key, instant},
};
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use domain::{BidId, ChallengeId, OrganisationId, SessionId, UserId, account::Client, account::Email};

/// A session, live or over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// Its id.
    pub id: SessionId,
    /// Where it was begun.
    pub client: Client,
    /// When it was begun.
    pub created_at: DateTime<Utc>,
    /// When it was used last.
    pub last_seen_at: Option<DateTime<Utc>>,
    /// When it ended before its time.
    pub ended_at: Option<DateTime<Utc>>,
}

/// All sessions that are still remembered, the newest first.
pub fn sessions(conn: &mut Conn, user: UserId) -> Result<Vec<Session>> {
    type Row = (Key, Option<String>, Option<String>, At, Option<At>, Option<At>);
    let own = sessions::table.filter(sessions::user_id.eq(Key::of(user))).order(sessions::id.desc());
    let columns = (
        sessions::id,
        sessions::device,
        sessions::network,
        sessions::created_at,
        sessions::last_seen_at,
        sessions::ended_at,
    );
    let session = |(id, device, network, created_at, last_seen_at, ended_at): Row| Session {
        id: id.id(),
        client: Client { device, network },
        created_at: created_at.0,
        last_seen_at: instant(last_seen_at),
        ended_at: instant(ended_at),
    };
    Ok(own.select(columns).load(&mut conn.db)?.into_iter().map(session).collect())
}

/// A membership, with the roles held.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Membership {
    /// The organisation, with its name.
    pub organisation: (OrganisationId, String),
    /// Own roles, by name.
    pub roles: Vec<String>,
    /// Since when.
    pub joined_at: DateTime<Utc>,
    /// Since when it does not count.
    pub suspended_at: Option<DateTime<Utc>>,
}

/// The memberships of a person.
pub fn memberships(conn: &mut Conn, user: UserId) -> Result<Vec<Membership>> {
    type Row = (Key, String, At, Option<At>, Option<String>);
    let rows: Vec<Row> = members::table
        .inner_join(organisations::table.on(organisations::id.eq(members::organisation_id)))
        .left_join(member_roles::table.on(member_roles::member_id.eq(members::id)))
        .filter(members::user_id.eq(Key::of(user)))
        .order((members::id, member_roles::role))
        .select((
            organisations::id,
            organisations::legal_name,
            members::joined_at,
            members::suspended_at,
            member_roles::role.nullable(),
        ))
        .load(&mut conn.db)?;
    let mut found: Vec<Membership> = Vec::new();
    for (id, name, joined_at, suspended_at, role) in rows {
        let id = id.id();
        if found.last().is_none_or(|membership| membership.organisation.0 != id) {
            let (joined_at, suspended_at) = (joined_at.0, instant(suspended_at));
            found.push(Membership { organisation: (id, name), roles: Vec::new(), joined_at, suspended_at });
        }
        if let (Some(role), Some(membership)) = (role, found.last_mut()) {
            membership.roles.push(role);
        }
    }
    Ok(found)
}

/// A role that the person lent, or was lent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delegation {
    /// In which organisation.
    pub organisation: OrganisationId,
    /// Who lent it.
    pub delegator: UserId,
    /// To whom.
    pub delegate: UserId,
    /// The role, by name.
    pub role: String,
    /// Why.
    pub reason: String,
    /// From when.
    pub starts_at: DateTime<Utc>,
    /// Until when.
    pub ends_at: DateTime<Utc>,
}

/// The roles that the person lent, and was lent.
pub fn delegations(conn: &mut Conn, user: UserId) -> Result<Vec<Delegation>> {
    type Row = (Key, Key, Key, String, String, At, At);
    let user = Key::of(user);
    let theirs = delegations::delegator_id.eq(user).or(delegations::delegate_id.eq(user));
    let columns = (
        delegations::organisation_id,
        delegations::delegator_id,
        delegations::delegate_id,
        delegations::role,
        delegations::reason,
        delegations::starts_at,
        delegations::ends_at,
    );
    let rows: Vec<Row> = delegations::table.filter(theirs).order(delegations::id).select(columns).load(&mut conn.db)?;
    let delegation = |(organisation, delegator, delegate, role, reason, starts_at, ends_at): Row| Delegation {
        organisation: organisation.id(),
        delegator: delegator.id(),
        delegate: delegate.id(),
        role,
        reason,
        starts_at: starts_at.0,
        ends_at: ends_at.0,
    };
    Ok(rows.into_iter().map(delegation).collect())
}

/// An invitation to the person's address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invitation {
    /// To which organisation.
    pub organisation: OrganisationId,
    /// Who invited.
    pub invited_by: UserId,
    /// What came of it.
    pub status: String,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// Until when it can be accepted.
    pub expires_at: DateTime<Utc>,
}

/// The invitations to an address.
pub fn invitations(conn: &mut Conn, email: &Email) -> Result<Vec<Invitation>> {
    type Row = (Key, Key, String, At, At);
    let to = invitations::table.filter(invitations::email.eq(email.as_str())).order(invitations::id);
    let columns = (
        invitations::organisation_id,
        invitations::invited_by_id,
        invitations::status,
        invitations::created_at,
        invitations::expires_at,
    );
    let invitation = |(organisation, invited_by, status, created_at, expires_at): Row| Invitation {
        organisation: organisation.id(),
        invited_by: invited_by.id(),
        status,
        created_at: created_at.0,
        expires_at: expires_at.0,
    };
    Ok(to.select(columns).load(&mut conn.db)?.into_iter().map(invitation).collect())
}

/// The challenges for which the person is named, and for what: `chair`, `evaluator` or `opening`.
pub fn duties(conn: &mut Conn, user: UserId) -> Result<Vec<(ChallengeId, String)>> {
    let named = panel_members::table.filter(panel_members::user_id.eq(Key::of(user)));
    let named = named.order((panel_members::challenge_id, panel_members::duty));
    let rows: Vec<(Key, String)> =
        named.select((panel_members::challenge_id, panel_members::duty)).load(&mut conn.db)?;
    Ok(rows.into_iter().map(|(challenge, duty)| (challenge.id(), duty)).collect())
}

/// Conflicts of interest that were declared: of which challenge, with which bids, when.
pub type Declaration = (ChallengeId, Vec<BidId>, DateTime<Utc>);

/// The conflicts of interest that the person declared.
pub fn declarations(conn: &mut Conn, user: UserId) -> Result<Vec<Declaration>> {
    let own = conflict_declarations::table.filter(conflict_declarations::user_id.eq(Key::of(user)));
    let columns =
        (conflict_declarations::challenge_id, conflict_declarations::conflicts, conflict_declarations::declared_at);
    let rows: Vec<(Key, Json, At)> =
        own.order(conflict_declarations::declared_at).select(columns).load(&mut conn.db)?;
    rows.into_iter().map(|(challenge, conflicts, at)| Ok((challenge.id(), conflicts.read()?, at.0))).collect()
}

/// A mail to the person that is not forgotten yet.
#[derive(Debug, Clone, PartialEq)]
pub struct Mail {
    /// When it was written.
    pub created_at: DateTime<Utc>,
    /// When it was sent; what it said is forgotten then.
    pub sent_at: Option<DateTime<Utc>>,
    /// What kind of mail it is, while it waits.
    pub kind: Option<String>,
}

/// The mails to an address.
pub fn mails(conn: &mut Conn, email: &Email) -> Result<Vec<Mail>> {
    type Row = (At, Option<At>, Json);
    let to = outbox_mails::table.filter(outbox_mails::recipient_address.eq(email.as_str())).order(outbox_mails::id);
    let rows: Vec<Row> =
        to.select((outbox_mails::created_at, outbox_mails::sent_at, outbox_mails::message)).load(&mut conn.db)?;
    let mail = |(created_at, sent_at, message): Row| {
        let kind = message.0["kind"].as_str().map(ToOwned::to_owned);
        Mail { created_at: created_at.0, sent_at: instant(sent_at), kind }
    };
    Ok(rows.into_iter().map(mail).collect())
}
