//! Secrets of one-time codes, and recovery codes.

use crate::{
    Conn, Result,
    schema::{recovery_codes, users},
    sql_types::{At, Key, instant},
};
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use domain::{RecoveryCodeId, UserId, account::SecondFactor};

/// How a person's account is protected beside the password.
pub fn find(conn: &mut Conn, user: UserId) -> Result<SecondFactor> {
    let row = users::table.find(Key::of(user));
    let row = row.select((users::totp_secret, users::totp_enabled_at, users::totp_last_step));
    let (sealed_secret, enabled_at, last_step): (_, Option<At>, _) = row.first(&mut conn.db)?;
    Ok(SecondFactor { sealed_secret, enabled_at: instant(enabled_at), last_step })
}

/// Stores a sealed secret that is not in use yet.
pub fn enrol(conn: &mut Conn, user: UserId, sealed_secret: &str) -> Result<()> {
    set(conn, user, Some(sealed_secret), None)
}

/// From now on log-ins take a code.
pub fn enable(conn: &mut Conn, user: UserId, now: DateTime<Utc>) -> Result<()> {
    let enabled = users::totp_enabled_at.eq(At(now));
    diesel::update(users::table.find(Key::of(user))).set(enabled).execute(&mut conn.db)?;
    Ok(())
}

/// From now on log-ins take no code; the secret and the recovery codes are forgotten.
pub fn disable(conn: &mut Conn, user: UserId) -> Result<()> {
    set(conn, user, None, None)?;
    replace_recovery_codes(conn, user, &[])
}

fn set(conn: &mut Conn, user: UserId, secret: Option<&str>, enabled_at: Option<At>) -> Result<()> {
    let fields =
        (users::totp_secret.eq(secret), users::totp_enabled_at.eq(enabled_at), users::totp_last_step.eq(None::<i64>));
    diesel::update(users::table.find(Key::of(user))).set(fields).execute(&mut conn.db)?;
    Ok(())
}

/// Uses up the codes of a time step and of all before it. Of two who use the same one, one comes second: false.
pub fn use_step(conn: &mut Conn, user: UserId, step: i64) -> Result<bool> {
    let unused = users::totp_last_step.is_null().or(users::totp_last_step.lt(step));
    let person = users::table.filter(users::id.eq(Key::of(user))).filter(unused.assume_not_null());
    Ok(diesel::update(person).set(users::totp_last_step.eq(step)).execute(&mut conn.db)? == 1)
}

/// Stores the hashes of fresh recovery codes in the place of all older ones.
pub fn replace_recovery_codes(conn: &mut Conn, user: UserId, hashes: &[String]) -> Result<()> {
    let old = recovery_codes::table.filter(recovery_codes::user_id.eq(Key::of(user)));
    diesel::delete(old).execute(&mut conn.db)?;
    for hash in hashes {
        let row = (
            recovery_codes::id.eq(Key::of(conn.new_id::<RecoveryCodeId>())),
            recovery_codes::user_id.eq(Key::of(user)),
            recovery_codes::code_hash.eq(hash),
        );
        diesel::insert_into(recovery_codes::table).values(row).execute(&mut conn.db)?;
    }
    Ok(())
}

/// Uses up a recovery code. Of two who use the same one, one comes second: false.
pub fn use_recovery_code(conn: &mut Conn, user: UserId, hash: &str, now: DateTime<Utc>) -> Result<bool> {
    let unused = recovery_codes::table
        .filter(recovery_codes::user_id.eq(Key::of(user)))
        .filter(recovery_codes::code_hash.eq(hash))
        .filter(recovery_codes::used_at.is_null());
    Ok(diesel::update(unused).set(recovery_codes::used_at.eq(At(now))).execute(&mut conn.db)? == 1)
}

/// How many recovery codes are left.
pub fn recovery_codes_left(conn: &mut Conn, user: UserId) -> Result<i64> {
    let left = recovery_codes::table
        .filter(recovery_codes::user_id.eq(Key::of(user)))
        .filter(recovery_codes::used_at.is_null());
    Ok(left.count().get_result(&mut conn.db)?)
}
