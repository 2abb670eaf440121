//! Erasing a person: what still needs them, and everything that goes.

use crate::{
    Conn, Error, Result,
    connection::AnyConnection,
    idempotency::Owner,
    schema::{
        attempts, challenges, delegations, idempotency_keys, known_devices, member_roles, members, oidc_identities,
        oidc_sign_ins, one_time_links, organisations, outbox_mails, panel_members, recovery_codes, refresh_tokens,
        sessions, users,
    },
    sql_types::{At, Key},
};
use chrono::{DateTime, Utc};
use diesel::{prelude::*, sql_query, sql_types::Text};
use domain::{
    ChallengeStatus, OrganisationId, Role, UserId,
    account::{ERASED_NAME, Email, NO_PASSWORD, Ties, User},
};

/// What still needs a person: nothing of a sandbox does. The organisations that the person owns are locked, so that of two last owners who go at
/// the same moment one comes second.
pub fn lock_ties(conn: &mut Conn, user: UserId) -> Result<Ties> {
    let administrators = crate::administration::lock_administrators(conn)?;
    let last_administrator = administrators == [user];
    Ok(Ties { last_owner_of: last_owner_of(conn, user)?, needed_for: needed_for(conn, user)?, last_administrator })
}

fn last_owner_of(conn: &mut Conn, user: UserId) -> Result<Vec<String>> {
    let owned: Vec<Key> = members::table
        .inner_join(member_roles::table.on(member_roles::member_id.eq(members::id)))
        .inner_join(organisations::table.on(organisations::id.eq(members::organisation_id)))
        .filter(members::user_id.eq(Key::of(user)))
        .filter(member_roles::role.eq(Role::Owner.as_str()))
        .filter(organisations::sandbox.eq(false))
        .order(members::organisation_id)
        .select(members::organisation_id)
        .load(&mut conn.db)?;
    for organisation in &owned {
        crate::members::lock_organisation(conn, organisation.id::<OrganisationId>())?;
    }
    let others: Vec<Key> = members::table
        .inner_join(member_roles::table.on(member_roles::member_id.eq(members::id)))
        .filter(members::organisation_id.eq_any(&owned))
        .filter(members::user_id.ne(Key::of(user)))
        .filter(members::suspended_at.is_null())
        .filter(member_roles::role.eq(Role::Owner.as_str()))
        .select(members::organisation_id)
        .load(&mut conn.db)?;
    let alone: Vec<_> = owned.into_iter().filter(|organisation| !others.contains(organisation)).collect();
    let names = organisations::table.filter(organisations::id.eq_any(alone)).order(organisations::id);
    Ok(names.select(organisations::legal_name).load(&mut conn.db)?)
}

fn needed_for(conn: &mut Conn, user: UserId) -> Result<Vec<String>> {
    let named: Vec<(String, String)> = panel_members::table
        .inner_join(challenges::table.on(challenges::id.eq(panel_members::challenge_id)))
        .filter(panel_members::user_id.eq(Key::of(user)))
        .filter(challenges::sandbox.eq(false))
        .order(challenges::reference)
        .select((challenges::reference, challenges::status))
        .distinct()
        .load(&mut conn.db)?;
    let mut needed = Vec::new();
    for (reference, status) in named {
        let status = ChallengeStatus::parse(&status).ok_or_else(|| Error::corrupt("challenge status", &status))?;
        if Ties::panel_is_needed(status) {
            needed.push(reference);
        }
    }
    Ok(needed)
}

/// Erases a person. `counters` are the names of the counters that were kept for them. Ids stay, in events, scores,
/// signatures and the read log: they lead to a row without name and address.
pub fn erase(conn: &mut Conn, user: &User, counters: &[String], now: DateTime<Utc>) -> Result<()> {
    ways_in(conn, user.id, now)?;
    memberships(conn, user.id, now)?;
    crate::opening_keys::forget(conn, user.id, now)?;
    traces(conn, user)?;
    crate::team_consents::forget(conn, &user.email, now)?;
    diesel::delete(attempts::table.filter(attempts::counter.eq_any(counters))).execute(&mut conn.db)?;
    let nobody = (
        users::email.eq(Email::of_erased(user.id).as_str().to_owned()),
        users::name.eq(ERASED_NAME),
        users::password_hash.eq(NO_PASSWORD),
        users::administrator.eq(false),
        users::auditor.eq(false),
        users::suspension_reason.eq(None::<String>),
        users::totp_secret.eq(None::<String>),
        users::totp_enabled_at.eq(None::<At>),
        users::totp_last_step.eq(None::<i64>),
        users::search_text.eq(""),
        users::erased_at.eq(At(now)),
    );
    diesel::update(users::table.find(Key::of(user.id))).set(nobody).execute(&mut conn.db)?;
    Ok(())
}

/// Sessions, devices, recovery codes, links, accounts at providers, API keys.
fn ways_in(conn: &mut Conn, user: UserId, now: DateTime<Utc>) -> Result<()> {
    crate::api_keys::revoke_all(conn, user, now)?;
    crate::calendar_tokens::delete(conn, user)?;
    let user = Key::of(user);
    let own = sessions::table.filter(sessions::user_id.eq(user)).select(sessions::id);
    diesel::delete(refresh_tokens::table.filter(refresh_tokens::session_id.eq_any(own))).execute(&mut conn.db)?;
    diesel::delete(sessions::table.filter(sessions::user_id.eq(user))).execute(&mut conn.db)?;
    diesel::delete(known_devices::table.filter(known_devices::user_id.eq(user))).execute(&mut conn.db)?;
    diesel::delete(recovery_codes::table.filter(recovery_codes::user_id.eq(user))).execute(&mut conn.db)?;
    diesel::delete(one_time_links::table.filter(one_time_links::user_id.eq(user))).execute(&mut conn.db)?;
    diesel::delete(oidc_sign_ins::table.filter(oidc_sign_ins::user_id.eq(user))).execute(&mut conn.db)?;
    diesel::delete(oidc_identities::table.filter(oidc_identities::user_id.eq(user))).execute(&mut conn.db)?;
    Ok(())
}

/// Memberships with their roles; roles lent by or to the person end.
fn memberships(conn: &mut Conn, user: UserId, now: DateTime<Utc>) -> Result<()> {
    let user = Key::of(user);
    diesel::delete(members::table.filter(members::user_id.eq(user))).execute(&mut conn.db)?;
    let theirs = delegations::delegator_id.eq(user).or(delegations::delegate_id.eq(user));
    let running = delegations::table.filter(theirs).filter(delegations::revoked_at.is_null());
    diesel::update(running).set(delegations::revoked_at.eq(At(now))).execute(&mut conn.db)?;
    Ok(())
}

/// Name and address wherever they were written down for a while: mails, stored answers, invitations, registrations.
fn traces(conn: &mut Conn, user: &User) -> Result<()> {
    let email = user.email.as_str();
    crate::invitations::forget(conn, &user.email)?;
    crate::followers::forget(conn, user.id)?;
    crate::questions::forget_asker(conn, user.id)?;
    crate::saved_searches::forget(conn, user.id)?;
    diesel::delete(one_time_links::table.filter(one_time_links::email.eq(email))).execute(&mut conn.db)?;
    diesel::delete(outbox_mails::table.filter(outbox_mails::recipient_address.eq(email))).execute(&mut conn.db)?;
    // Those to a former address, or to one that was to be the next.
    let of_others = users::table.select(users::email);
    let elsewhere = outbox_mails::table
        .filter(outbox_mails::recipient_name.eq(&user.name))
        .filter(outbox_mails::recipient_address.ne_all(of_others));
    diesel::delete(elsewhere).execute(&mut conn.db)?;
    let mut owners = vec![Owner::from(user.id)];
    owners.extend(crate::api_keys::of_creator(conn, user.id)?.iter().map(|key| Owner::Key(user.id, key.id)));
    let owners = owners.iter().map(ToString::to_string);
    let answers = idempotency_keys::table.filter(idempotency_keys::owner.eq_any(owners.collect::<Vec<_>>()));
    diesel::delete(answers).execute(&mut conn.db)?;
    for (text, instead) in [(user.name.as_str(), ERASED_NAME), (email, "")] {
        replace(conn, &quoted(text), &quoted(instead))?;
    }
    let pending = match &conn.db {
        AnyConnection::Postgres(_) => "DELETE FROM one_time_links WHERE registration->>'email' = $1",
        AnyConnection::Sqlite(_) => "DELETE FROM one_time_links WHERE json_extract(registration, '$.email') = $1",
    };
    sql_query(pending).bind::<Text, _>(email).execute(&mut conn.db)?;
    Ok(())
}

/// A text as it stands in a document.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// Replaces a text in what others were answered or are to be told. Reads all of that, which is kept for days only.
fn replace(conn: &mut Conn, text: &str, instead: &str) -> Result<()> {
    let statements = match &conn.db {
        AnyConnection::Postgres(_) => [
            "UPDATE idempotency_keys SET body = replace(body, $1, $2) WHERE strpos(body, $1) > 0",
            "UPDATE outbox_mails SET message = replace(message::text, $1, $2)::jsonb \
             WHERE strpos(message::text, $1) > 0",
        ],
        AnyConnection::Sqlite(_) => [
            "UPDATE idempotency_keys SET body = replace(body, $1, $2) WHERE instr(body, $1) > 0",
            "UPDATE outbox_mails SET message = replace(message, $1, $2) WHERE instr(message, $1) > 0",
        ],
    };
    for statement in statements {
        sql_query(statement).bind::<Text, _>(text).bind::<Text, _>(instead).execute(&mut conn.db)?;
    }
    Ok(())
}
