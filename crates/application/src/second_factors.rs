//! One-time codes and recovery codes beside the password.

use crate::{
    Caller, Error, Result, mail,
    proofs::{self, Proof},
    record_unattended, tokens,
    vault::Vault,
};
use chrono::{DateTime, Utc};
use domain::{
    Event, Refusal, SessionId, Subject, UserId,
    account::{
        Code, RECOVERY_CODE_BYTES, RECOVERY_CODES, SECRET_BYTES, SecondFactor, TotpSecret, plain_recovery_code,
        recovery_code,
    },
};
use notifications::SecurityChange;
use persistence::{Conn, accounts, second_factors};

/// A secret that is not in use yet, for the person's app.
pub struct Enrolment {
    /// In base 32.
    pub secret: String,
    /// What a QR code holds.
    pub uri: String,
}

/// Whether the person's log-ins take a code, and how many recovery codes are left.
pub fn state(conn: &mut Conn, user: UserId) -> Result<(bool, i64)> {
    let enabled = second_factors::find(conn, user)?.enabled_at.is_some();
    Ok((enabled, second_factors::recovery_codes_left(conn, user)?))
}

/// Makes a secret. It does nothing until a first correct code shows that the app has it.
pub fn enrol(conn: &mut Conn, caller: &Caller, vault: &Vault) -> Result<Enrolment> {
    let user = accounts::find(conn, caller.actor.user)?;
    if second_factors::find(conn, user.id)?.enabled_at.is_some() {
        return Err(Refusal::AlreadyDone.into());
    }
    let secret = TotpSecret::new(random::<SECRET_BYTES>()?.to_vec()).map_err(|_| Error::Vault)?;
    let base32 = secret.base32();
    second_factors::enrol(conn, user.id, &vault.seal(&context(user.id), &base32)?)?;
    Ok(Enrolment { uri: secret.uri(&user.email), secret: base32 })
}

/// A first correct code: from now on log-ins take one. Gives the recovery codes, which are not shown again.
pub fn enable(conn: &mut Conn, caller: &Caller, vault: &Vault, code: &str) -> Result<Vec<String>> {
    let user = caller.actor.user;
    let factor = second_factors::find(conn, user)?;
    if factor.enabled_at.is_some() {
        return Err(Refusal::AlreadyDone.into());
    }
    let now = conn.now()?;
    if !use_one_time_code(conn, vault, user, &factor, code, now)? {
        return Err(Refusal::invalid("/code", "wrong", "not the code that the app shows now").into());
    }
    second_factors::enable(conn, user, now)?;
    let codes = replace_recovery_codes(conn, user)?;
    caller.record(conn, now, event("user.one_time_codes_enabled", user))?;
    mail::send_security_notice(conn, user, SecurityChange::OneTimeCodesEnabled, now)?;
    Ok(codes)
}

/// From now on log-ins take no code. The proof is a last code.
pub fn disable(conn: &mut Conn, caller: &Caller, session: SessionId, vault: &Vault, proof: &Proof) -> Result<()> {
    let user = caller.actor.user;
    if second_factors::find(conn, user)?.enabled_at.is_none() {
        return Err(Refusal::AlreadyDone.into());
    }
    proofs::require(conn, caller, session, vault, proof)?;
    second_factors::disable(conn, user)?;
    let now = conn.now()?;
    caller.record(conn, now, event("user.one_time_codes_disabled", user))?;
    mail::send_security_notice(conn, user, SecurityChange::OneTimeCodesDisabled, now)
}

/// Fresh recovery codes in the place of all older ones; not shown again.
pub fn renew_recovery_codes(conn: &mut Conn, caller: &Caller) -> Result<Vec<String>> {
    let user = caller.actor.user;
    if second_factors::find(conn, user)?.enabled_at.is_none() {
        return Err(Refusal::Incomplete("turn on one-time codes first".to_owned()).into());
    }
    let codes = replace_recovery_codes(conn, user)?;
    let now = conn.now()?;
    caller.record(conn, now, event("user.recovery_codes_replaced", user))?;
    mail::send_security_notice(conn, user, SecurityChange::RecoveryCodesReplaced, now)?;
    Ok(codes)
}

/// Checks the code of a person, and uses it up: fine too if the account takes none. A refusal here is no error, since
/// whoever asks may have something to keep all the same.
pub(crate) fn check(
    conn: &mut Conn,
    request_id: &str,
    vault: &Vault,
    user: UserId,
    code: Option<&Code>,
) -> Result<Result<(), Refusal>> {
    let factor = second_factors::find(conn, user)?;
    if factor.enabled_at.is_none() {
        return Ok(Ok(()));
    }
    let now = conn.now()?;
    let right = match code {
        None => return Ok(Err(Refusal::OneTimeCodeRequired)),
        Some(Code::OneTime(code)) => use_one_time_code(conn, vault, user, &factor, code, now)?,
        Some(Code::Recovery(code)) => use_recovery_code(conn, request_id, user, code, now)?,
    };
    Ok(if right { Ok(()) } else { Err(Refusal::WrongCredentials) })
}

fn use_one_time_code(
    conn: &mut Conn,
    vault: &Vault,
    user: UserId,
    factor: &SecondFactor,
    code: &str,
    now: DateTime<Utc>,
) -> Result<bool> {
    let Some(sealed) = &factor.sealed_secret else { return Ok(false) };
    let secret = TotpSecret::parse(&vault.open(&context(user), sealed)?).ok_or(Error::Vault)?;
    match secret.step_of(code, now, factor.last_step) {
        Some(step) => Ok(second_factors::use_step(conn, user, step)?),
        None => Ok(false),
    }
}

fn use_recovery_code(conn: &mut Conn, request_id: &str, user: UserId, code: &str, now: DateTime<Utc>) -> Result<bool> {
    let hash = tokens::hash(&plain_recovery_code(code));
    let used = second_factors::use_recovery_code(conn, user, &hash, now)?;
    if used {
        record_unattended(conn, request_id, now, event("user.recovery_code_used", user))?;
        let left = second_factors::recovery_codes_left(conn, user)?;
        mail::send_security_notice(conn, user, SecurityChange::RecoveryCodeUsed { left }, now)?;
    }
    Ok(used)
}

fn replace_recovery_codes(conn: &mut Conn, user: UserId) -> Result<Vec<String>> {
    let make = |_| Ok(recovery_code(random::<RECOVERY_CODE_BYTES>()?));
    let codes: Vec<_> = (0..RECOVERY_CODES).map(make).collect::<Result<_>>()?;
    let hashes: Vec<_> = codes.iter().map(|code| tokens::hash(&plain_recovery_code(code))).collect();
    second_factors::replace_recovery_codes(conn, user, &hashes)?;
    Ok(codes)
}

/// The place for which a secret is sealed.
fn context(user: UserId) -> String {
    format!("user/{user}/totp")
}

fn random<const N: usize>() -> Result<[u8; N]> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|error| Error::Randomness(error.to_string()))?;
    Ok(bytes)
}

fn event(kind: &'static str, user: UserId) -> Event {
    Event::confidential(kind, Subject::User(user), None)
}
