//! People, and the links that work once.

use crate::{
    Conn, Result,
    schema::{one_time_links, users},
    sql_types::{At, Json, Key},
};
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use domain::{
    OneTimeLinkId, UserId,
    account::{AccountState, Email, Registration, User},
};
use serde::{Deserialize, Serialize};

/// Adds a person.
pub fn insert(conn: &mut Conn, user: &User) -> Result<()> {
    diesel::insert_into(users::table)
        .values((Row::from(user), users::last_active_at.eq(At(user.created_at))))
        .execute(&mut conn.db)?;
    Ok(())
}

/// The person with this id.
pub fn find(conn: &mut Conn, id: UserId) -> Result<User> {
    users::table.find(Key::of(id)).select(Row::as_select()).first(&mut conn.db)?.try_into()
}

/// The person with this address.
pub fn find_by_email(conn: &mut Conn, email: &Email) -> Result<Option<User>> {
    let row = users::table.filter(users::email.eq(email.as_str())).select(Row::as_select());
    row.first(&mut conn.db).optional()?.map(TryInto::try_into).transpose()
}

/// The people with these ids.
pub fn find_all(conn: &mut Conn, ids: &[UserId]) -> Result<Vec<User>> {
    let keys: Vec<_> = ids.iter().map(|id| Key::of(*id)).collect();
    let people = users::table.filter(users::id.eq_any(keys)).order(users::id).select(Row::as_select());
    let rows = people.load(&mut conn.db)?;
    rows.into_iter().map(TryInto::try_into).collect()
}

/// Stores the hash of another password, or [`domain::account::NO_PASSWORD`].
pub fn set_password(conn: &mut Conn, id: UserId, password_hash: &str) -> Result<()> {
    let person = users::table.find(Key::of(id));
    diesel::update(person).set(users::password_hash.eq(password_hash)).execute(&mut conn.db)?;
    Ok(())
}

/// Stores another address; fails if somebody has it.
pub fn set_email(conn: &mut Conn, id: UserId, email: &Email) -> Result<()> {
    let person = users::table.find(Key::of(id));
    diesel::update(person).set(users::email.eq(email.as_str())).execute(&mut conn.db)?;
    index(conn, id)
}

/// Whether an account may be used at all.
pub fn state(conn: &mut Conn, id: UserId) -> Result<AccountState> {
    let person = users::table.find(Key::of(id)).select((users::suspended_at, users::deactivated_at));
    let (suspended, deactivated): (Option<At>, Option<At>) = person.first(&mut conn.db)?;
    Ok(AccountState { suspended: suspended.is_some(), deactivated: deactivated.is_some() })
}

/// Makes an account usable again that was not used for long.
pub fn reactivate(conn: &mut Conn, id: UserId, now: DateTime<Utc>) -> Result<()> {
    let active = (users::deactivated_at.eq(None::<At>), users::last_active_at.eq(At(now)));
    diesel::update(users::table.find(Key::of(id))).set(active).execute(&mut conn.db)?;
    Ok(())
}

/// Whether the platform has an administrator.
pub fn administrator_exists(conn: &mut Conn) -> Result<bool> {
    let administrators = users::table.filter(users::administrator.eq(true)).select(users::id).limit(1);
    Ok(administrators.first::<Key>(&mut conn.db).optional()?.is_some())
}

/// Whether there is any account at all.
pub fn anybody_exists(conn: &mut Conn) -> Result<bool> {
    Ok(users::table.select(users::id).limit(1).first::<Key>(&mut conn.db).optional()?.is_some())
}

/// Writes down anew what administrators search a person by, after name or address changed.
pub(crate) fn index(conn: &mut Conn, id: UserId) -> Result<()> {
    let person = users::table.find(Key::of(id));
    let (name, email): (String, String) = person.select((users::name, users::email)).first(&mut conn.db)?;
    diesel::update(person).set(users::search_text.eq(search_text(&name, &email))).execute(&mut conn.db)?;
    Ok(())
}

fn search_text(name: &str, email: &str) -> String {
    format!("{} {email}", name.to_lowercase())
}

/// What a link that works once is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LinkPurpose {
    /// Proves that an address is the person's own.
    ConfirmEmail,
    /// Makes the first administrator.
    CreateAdministrator,
    /// Lets the owner of an account choose another password.
    ResetPassword,
    /// Proves that another address is the person's own.
    ChangeEmail,
    /// Takes back another address.
    UndoEmailChange,
}

impl LinkPurpose {
    /// Those for people who have an account.
    pub const OF_ACCOUNTS: [Self; 3] = [Self::ResetPassword, Self::ChangeEmail, Self::UndoEmailChange];

    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::ConfirmEmail => "confirm_email",
            Self::CreateAdministrator => "create_administrator",
            Self::ResetPassword => "reset_password",
            Self::ChangeEmail => "change_email",
            Self::UndoEmailChange => "undo_email_change",
        }
    }
}

/// Stores a link that works once, by the hash of its token, with the registration that it completes if there is one.
pub fn insert_link(
    conn: &mut Conn,
    purpose: LinkPurpose,
    token_hash: &str,
    registration: Option<&Registration>,
    expires_at: DateTime<Utc>,
) -> Result<()> {
    let row = (
        one_time_links::id.eq(Key::of(conn.new_id::<OneTimeLinkId>())),
        one_time_links::purpose.eq(purpose.as_str()),
        one_time_links::token_hash.eq(token_hash),
        one_time_links::registration.eq(registration.map(|registration| Json::of(&Pending::from(registration)))),
        one_time_links::expires_at.eq(At(expires_at)),
    );
    diesel::insert_into(one_time_links::table).values(row).execute(&mut conn.db)?;
    Ok(())
}

/// Uses up a link: gives the registration that it completes, if any, or nothing if it is unknown, used or expired. The
/// database decides who is first.
pub fn use_link(
    conn: &mut Conn,
    purpose: LinkPurpose,
    token_hash: &str,
    now: DateTime<Utc>,
) -> Result<Option<Option<Registration>>> {
    let valid = one_time_links::table
        .filter(one_time_links::token_hash.eq(token_hash))
        .filter(one_time_links::purpose.eq(purpose.as_str()))
        .filter(one_time_links::used_at.is_null())
        .filter(one_time_links::expires_at.gt(At(now)));
    let used = diesel::update(valid).set(one_time_links::used_at.eq(At(now))).execute(&mut conn.db)?;
    if used == 0 {
        return Ok(None);
    }
    let link = one_time_links::table.filter(one_time_links::token_hash.eq(token_hash));
    let pending: Option<Json> = link.select(one_time_links::registration).first(&mut conn.db)?;
    let pending = pending.map(|json| json.read::<Pending>()?.try_into());
    Ok(Some(pending.transpose()?))
}

/// Makes every link of a kind useless.
pub fn revoke_links(conn: &mut Conn, purpose: LinkPurpose) -> Result<()> {
    let links = one_time_links::table.filter(one_time_links::purpose.eq(purpose.as_str()));
    diesel::delete(links).execute(&mut conn.db)?;
    Ok(())
}

/// Forgets links that were used or can no longer be.
pub fn purge_links(conn: &mut Conn, now: DateTime<Utc>) -> Result<usize> {
    let dead = one_time_links::expires_at.le(At(now)).or(one_time_links::used_at.is_not_null());
    Ok(diesel::delete(one_time_links::table.filter(dead)).execute(&mut conn.db)?)
}

/// A registration that waits for its link to be used.
#[derive(Serialize, Deserialize)]
struct Pending {
    email: String,
    name: String,
    password_hash: String,
    #[serde(default)]
    accepted_terms: i32,
}

impl From<&Registration> for Pending {
    fn from(registration: &Registration) -> Self {
        Self {
            email: registration.email.as_str().to_owned(),
            name: registration.name.clone(),
            password_hash: registration.password_hash.clone(),
            accepted_terms: registration.accepted_terms,
        }
    }
}

impl TryFrom<Pending> for Registration {
    type Error = crate::Error;

    fn try_from(pending: Pending) -> Result<Self> {
        let Pending { email, name, password_hash, accepted_terms } = pending;
        let email = Email::parse(&email).map_err(|_| crate::Error::corrupt("e-mail address", &email))?;
        Ok(Self { email, name, password_hash, accepted_terms })
    }
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = users)]
struct Row {
    id: Key,
    email: String,
    name: String,
    password_hash: String,
    administrator: bool,
    created_at: At,
    search_text: String,
}

impl From<&User> for Row {
    fn from(user: &User) -> Self {
        Self {
            id: Key::of(user.id),
            email: user.email.as_str().to_owned(),
            name: user.name.clone(),
            password_hash: user.password_hash.clone(),
            administrator: user.administrator,
            created_at: At(user.created_at),
            search_text: search_text(&user.name, user.email.as_str()),
        }
    }
}

impl TryFrom<Row> for User {
    type Error = crate::Error;

    fn try_from(row: Row) -> Result<Self> {
        Ok(Self {
            id: row.id.id(),
            email: Email::parse(&row.email).map_err(|_| crate::Error::corrupt("e-mail address of user", row.id))?,
            name: row.name,
            password_hash: row.password_hash,
            administrator: row.administrator,
            created_at: row.created_at.0,
        })
    }
}
