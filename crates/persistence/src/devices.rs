//! Devices on which people logged in before.

use crate::{
    Conn, Result,
    schema::known_devices,
    sql_types::{At, Key},
};
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use domain::{KnownDeviceId, UserId};

/// Remembers a device, by the hash of its token; of more than `most` the ones that expire first are forgotten.
pub fn insert(
    conn: &mut Conn,
    user: UserId,
    token_hash: &str,
    (now, expires_at): (DateTime<Utc>, DateTime<Utc>),
    most: usize,
) -> Result<()> {
    let row = (
        known_devices::id.eq(Key::of(conn.new_id::<KnownDeviceId>())),
        known_devices::user_id.eq(Key::of(user)),
        known_devices::token_hash.eq(token_hash),
        known_devices::created_at.eq(At(now)),
        known_devices::expires_at.eq(At(expires_at)),
    );
    diesel::insert_into(known_devices::table).values(row).execute(&mut conn.db)?;
    let of_user = known_devices::table.filter(known_devices::user_id.eq(Key::of(user))).select(known_devices::id);
    let by_age = of_user.order((known_devices::expires_at.desc(), known_devices::id.desc()));
    let known: Vec<Key> = by_age.load(&mut conn.db)?;
    let surplus = known_devices::id.eq_any(known.into_iter().skip(most));
    diesel::delete(known_devices::table.filter(surplus)).execute(&mut conn.db)?;
    Ok(())
}

/// The person's device with this token, if it is still known.
pub fn find(conn: &mut Conn, user: UserId, token_hash: &str, now: DateTime<Utc>) -> Result<Option<KnownDeviceId>> {
    let known = known_devices::table
        .filter(known_devices::token_hash.eq(token_hash))
        .filter(known_devices::user_id.eq(Key::of(user)))
        .filter(known_devices::expires_at.gt(At(now)))
        .select(known_devices::id);
    Ok(known.first::<Key>(&mut conn.db).optional()?.map(Key::id))
}

/// When the known devices of a person were first seen, the newest first.
pub fn of_user(conn: &mut Conn, user: UserId, now: DateTime<Utc>) -> Result<Vec<DateTime<Utc>>> {
    let known = known_devices::table
        .filter(known_devices::user_id.eq(Key::of(user)))
        .filter(known_devices::expires_at.gt(At(now)))
        .order(known_devices::id.desc())
        .select(known_devices::created_at);
    Ok(known.load::<At>(&mut conn.db)?.into_iter().map(|at| at.0).collect())
}

/// Knows a device for longer.
pub fn extend(conn: &mut Conn, device: KnownDeviceId, until: DateTime<Utc>) -> Result<()> {
    let device = known_devices::table.find(Key::of(device));
    diesel::update(device).set(known_devices::expires_at.eq(At(until))).execute(&mut conn.db)?;
    Ok(())
}

/// Forgets all devices of a person.
pub fn forget_all(conn: &mut Conn, user: UserId) -> Result<()> {
    let of_user = known_devices::table.filter(known_devices::user_id.eq(Key::of(user)));
    diesel::delete(of_user).execute(&mut conn.db)?;
    Ok(())
}

/// Forgets the devices that are not known any more.
pub fn purge(conn: &mut Conn, now: DateTime<Utc>) -> Result<usize> {
    Ok(diesel::delete(known_devices::table.filter(known_devices::expires_at.le(At(now)))).execute(&mut conn.db)?)
}
