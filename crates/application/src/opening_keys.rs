//! The keys with which members of opening committees open their shares.

use crate::{Caller, Error, Result};
use base64::{Engine, prelude::BASE64_STANDARD};
use domain::{
    Actor, OpeningKey, OpeningKeyId, Refusal,
    opening::{LONGEST_PASSPHRASE, require_passphrase},
};
use persistence::{Conn, opening_keys};
use sealing::{Committee, SERVER_COST, SecretKey};

/// A key on its way in.
pub struct NewKey {
    recipient: String,
    protected: Option<String>,
}

/// A key whose secret half its owner keeps.
///
/// # Errors
/// If the text is not a public key of age, or one that keeps no secrets.
pub fn of_own_device(recipient: &str) -> Result<NewKey> {
    match Committee::recipient(recipient) {
        Ok(_) => Ok(NewKey { recipient: recipient.to_owned(), protected: None }),
        Err(_) => {
            let detail = "must be a public key of age, age1...; not a secret key";
            Err(Refusal::invalid("/recipient", "malformed", detail).into())
        }
    }
}

/// A new key, kept here under a passphrase. Takes a noticeable time, by intention.
///
/// # Errors
/// If the passphrase is too short.
pub fn under_passphrase(passphrase: &str) -> Result<NewKey> {
    generate(passphrase).map(|(new, _)| new)
}

/// As [`under_passphrase`], with the secret half.
pub(crate) fn generate(passphrase: &str) -> Result<(NewKey, SecretKey)> {
    require_passphrase(passphrase)?;
    let failed = |error: &dyn std::fmt::Display| Error::Randomness(error.to_string());
    let mut randomness = sealing::os_randomness().map_err(|error| failed(&error))?;
    let key = SecretKey::generate(&mut randomness).ok_or_else(|| failed(&"no key came of it"))?;
    let file = sealing::protect_at(SERVER_COST, &key.to_text(), passphrase).map_err(|error| failed(&error))?;
    let new = NewKey { recipient: key.recipient().to_string(), protected: Some(BASE64_STANDARD.encode(file)) };
    Ok((new, key))
}

/// The secret half of a key that is kept here. Takes a noticeable time, by intention.
///
/// # Errors
/// If it is not kept here, or the passphrase is wrong.
pub fn unlock(key: &OpeningKey, passphrase: &str) -> Result<SecretKey> {
    let kept = key.protected.as_ref();
    let kept = kept.ok_or_else(|| Refusal::invalid("/passphrase", "not_kept", "your key is not kept here"))?;
    let wrong = || Refusal::invalid("/passphrase", "wrong", "this is not the passphrase of your key");
    let file = BASE64_STANDARD.decode(kept).map_err(|_| Error::Vault)?;
    let short = passphrase.chars().count() <= LONGEST_PASSPHRASE;
    let text = Some(passphrase).filter(|_| short).and_then(|it| sealing::unprotect(&file, it).ok());
    Ok(text.and_then(|text| SecretKey::parse(&text)).ok_or_else(wrong)?)
}

/// Somebody puts a key in the place of the one they used before; it may be one that they had still earlier.
pub fn put(conn: &mut Conn, caller: &Caller, key: NewKey) -> Result<OpeningKey> {
    let now = conn.now()?;
    if let Some(known) = opening_keys::find_recipient(conn, &key.recipient)? {
        if known.user != caller.actor.user {
            return Err(Refusal::invalid("/recipient", "taken", "somebody else has this key").into());
        }
        opening_keys::take_up_again(conn, &known, now)?;
        caller.record(conn, now, known.introduced())?;
        return Ok(OpeningKey { replaced_at: None, ..known });
    }
    let key = OpeningKey {
        id: conn.new_id(),
        user: caller.actor.user,
        recipient: key.recipient,
        protected: key.protected,
        created_at: now,
        replaced_at: None,
    };
    opening_keys::put(conn, &key)?;
    caller.record(conn, now, key.introduced())?;
    Ok(key)
}

/// The key that somebody uses now.
pub fn current(conn: &mut Conn, actor: &Actor) -> Result<OpeningKey> {
    Ok(opening_keys::current(conn, actor.user)?.ok_or(Refusal::NotFound("opening key"))?)
}

/// A key that a committee was formed with.
pub fn find(conn: &mut Conn, id: OpeningKeyId) -> Result<OpeningKey> {
    Ok(opening_keys::find(conn, id)?)
}
