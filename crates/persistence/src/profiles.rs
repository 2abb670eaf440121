//! What people say about themselves.

use crate::{Conn, Error, Result, schema::users, sql_types::Key};
use diesel::prelude::*;
use domain::{
    UserId,
    account::{Language, Profile},
};

/// The profile of a person.
pub fn find(conn: &mut Conn, user: UserId) -> Result<Profile> {
    let row = users::table.find(Key::of(user));
    let row = row.select((users::name, users::language, users::time_zone, users::version));
    let (name, language, time_zone, version): (String, String, String, i32) = row.first(&mut conn.db)?;
    let language = Language::parse(&language).ok_or_else(|| Error::corrupt("language", &language))?;
    let time_zone = time_zone.parse().map_err(|_| Error::corrupt("time zone", &time_zone))?;
    Ok(Profile { user, name, language, time_zone, version })
}

/// Saves a changed profile, unless it was changed at the same moment elsewhere.
pub fn update(conn: &mut Conn, profile: &mut Profile) -> Result<()> {
    let current = users::table.find(Key::of(profile.user)).filter(users::version.eq(profile.version));
    profile.version += 1;
    let changed = (
        users::name.eq(&profile.name),
        users::language.eq(profile.language.as_str()),
        users::time_zone.eq(profile.time_zone.name()),
        users::version.eq(profile.version),
    );
    let changed = diesel::update(current).set(changed).execute(&mut conn.db)?;
    if changed != 1 {
        return Err(Error::ConcurrentChange);
    }
    crate::accounts::index(conn, profile.user)
}
