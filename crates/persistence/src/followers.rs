//! Who is told what happens to a challenge.

use crate::{
    Conn, Error, Result,
    connection::AnyConnection,
    schema::{bids, challenge_followers, challenges, member_roles, members, users},
    sql_types::{At, Key, at, instant},
};
use diesel::prelude::*;
use domain::{
    BidStatus, ChallengeId, Role, UserId,
    challenge::{FollowReason, Follower},
};

/// What is known of a person and a challenge, for a change.
pub fn lock(conn: &mut Conn, challenge: ChallengeId, user: UserId) -> Result<Option<Follower>> {
    let row = challenge_followers::table.find((Key::of(challenge), Key::of(user)));
    let row: Option<Row> = match &mut conn.db {
        AnyConnection::Postgres(pg) => row.for_update().select(Row::as_select()).first(pg).optional()?,
        AnyConnection::Sqlite(sqlite) => row.select(Row::as_select()).first(sqlite).optional()?,
    };
    row.map(TryInto::try_into).transpose()
}

/// What is known of a person and a challenge.
pub fn find(conn: &mut Conn, challenge: ChallengeId, user: UserId) -> Result<Option<Follower>> {
    let row = challenge_followers::table.find((Key::of(challenge), Key::of(user))).select(Row::as_select());
    row.first::<Row>(&mut conn.db).optional()?.map(TryInto::try_into).transpose()
}

/// Adds somebody, unless they are there already.
pub fn insert(conn: &mut Conn, challenge: ChallengeId, follower: &Follower) -> Result<()> {
    let row = Row::of(challenge, follower);
    match &mut conn.db {
        AnyConnection::Postgres(pg) => {
            diesel::insert_into(challenge_followers::table).values(row).on_conflict_do_nothing().execute(pg)?
        }
        AnyConnection::Sqlite(sqlite) => {
            diesel::insert_into(challenge_followers::table).values(row).on_conflict_do_nothing().execute(sqlite)?
        }
    };
    Ok(())
}

/// Saves a change.
pub fn update(conn: &mut Conn, challenge: ChallengeId, follower: &Follower) -> Result<()> {
    let row = challenge_followers::table.find((Key::of(challenge), Key::of(follower.user)));
    diesel::update(row).set(Row::of(challenge, follower)).execute(&mut conn.db)?;
    Ok(())
}

/// Some challenges that a person follows, the newest challenge first.
pub fn page(
    conn: &mut Conn,
    user: UserId,
    after: Option<ChallengeId>,
    limit: i64,
) -> Result<Vec<(ChallengeId, Follower)>> {
    let mut query = challenge_followers::table
        .filter(challenge_followers::user_id.eq(Key::of(user)))
        .filter(challenge_followers::stopped_at.is_null())
        .order(challenge_followers::challenge_id.desc())
        .select(Row::as_select())
        .limit(limit)
        .into_boxed();
    if let Some(after) = after {
        query = query.filter(challenge_followers::challenge_id.lt(Key::of(after)));
    }
    let rows: Vec<Row> = query.load(&mut conn.db)?;
    rows.into_iter().map(|row| Ok((row.challenge_id.id(), row.try_into()?))).collect()
}

/// Everything that is known of a person.
pub fn of_user(conn: &mut Conn, user: UserId) -> Result<Vec<(ChallengeId, Follower)>> {
    let own = challenge_followers::table.filter(challenge_followers::user_id.eq(Key::of(user)));
    let rows: Vec<Row> = own.order(challenge_followers::challenge_id).select(Row::as_select()).load(&mut conn.db)?;
    rows.into_iter().map(|row| Ok((row.challenge_id.id(), row.try_into()?))).collect()
}

/// Forgets what is known of a person.
pub fn forget(conn: &mut Conn, user: UserId) -> Result<()> {
    let own = challenge_followers::table.filter(challenge_followers::user_id.eq(Key::of(user)));
    diesel::delete(own).execute(&mut conn.db)?;
    Ok(())
}

/// Some of those who want to be told, by id.
pub fn told(conn: &mut Conn, challenge: ChallengeId, after: Option<UserId>, limit: i64) -> Result<Vec<UserId>> {
    let mut query = challenge_followers::table
        .inner_join(users::table.on(users::id.eq(challenge_followers::user_id)))
        .filter(challenge_followers::challenge_id.eq(Key::of(challenge)))
        .filter(challenge_followers::stopped_at.is_null())
        .filter(users::suspended_at.is_null())
        .filter(users::deactivated_at.is_null())
        .filter(users::erased_at.is_null())
        .order(challenge_followers::user_id)
        .select(challenge_followers::user_id)
        .limit(limit)
        .into_boxed();
    if let Some(after) = after {
        query = query.filter(challenge_followers::user_id.gt(Key::of(after)));
    }
    let ids: Vec<Key> = query.load(&mut conn.db)?;
    Ok(ids.into_iter().map(Key::id).collect())
}

/// Which bidders are told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bidders {
    /// All that are not told as followers.
    NotFollowing,
    /// Those whose bid does not take all material changes of the challenge into account.
    Unconfirmed,
}

/// Some of those who bid for a company that has a bid in the box; by id.
pub fn bidders(
    conn: &mut Conn,
    challenge: ChallengeId,
    which: Bidders,
    after: Option<UserId>,
    limit: i64,
) -> Result<Vec<UserId>> {
    let all = (which == Bidders::NotFollowing).into_sql::<diesel::sql_types::Bool>();
    let companies = bids::table
        .inner_join(challenges::table.on(challenges::id.eq(bids::challenge_id)))
        .filter(bids::challenge_id.eq(Key::of(challenge)))
        .filter(bids::status.ne_all([BidStatus::Withdrawn.as_str(), BidStatus::NotShortlisted.as_str()]))
        // Only what can still be changed is confirmed.
        .filter(bids::status.eq(BidStatus::Submitted.as_str()).or(all))
        .filter(bids::answered_changes.lt(challenges::material_changes).or(all))
        .select(bids::company_id);
    let mut query = members::table
        .inner_join(member_roles::table.on(member_roles::member_id.eq(members::id)))
        .inner_join(users::table.on(users::id.eq(members::user_id)))
        .filter(members::organisation_id.eq_any(companies))
        .filter(member_roles::role.eq(Role::Bidder.as_str()))
        .filter(members::suspended_at.is_null())
        .filter(users::suspended_at.is_null())
        .filter(users::deactivated_at.is_null())
        .filter(users::erased_at.is_null())
        .order(members::user_id)
        .select(members::user_id)
        .distinct()
        .limit(limit)
        .into_boxed();
    if which == Bidders::NotFollowing {
        let following = challenge_followers::table
            .filter(challenge_followers::challenge_id.eq(Key::of(challenge)))
            .filter(challenge_followers::stopped_at.is_null())
            .select(challenge_followers::user_id);
        query = query.filter(members::user_id.ne_all(following));
    }
    if let Some(after) = after {
        query = query.filter(members::user_id.gt(Key::of(after)));
    }
    let ids: Vec<Key> = query.load(&mut conn.db)?;
    Ok(ids.into_iter().map(Key::id).collect())
}

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = challenge_followers, treat_none_as_null = true)]
struct Row {
    challenge_id: Key,
    user_id: Key,
    because: String,
    since: At,
    stopped_at: Option<At>,
}

impl Row {
    fn of(challenge: ChallengeId, follower: &Follower) -> Self {
        Self {
            challenge_id: Key::of(challenge),
            user_id: Key::of(follower.user),
            because: follower.because.as_str().to_owned(),
            since: At(follower.since),
            stopped_at: at(follower.stopped_at),
        }
    }
}

impl TryFrom<Row> for Follower {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self> {
        let because = FollowReason::parse(&row.because).ok_or_else(|| Error::corrupt("follow reason", &row.because))?;
        Ok(Self { user: row.user_id.id(), because, since: row.since.0, stopped_at: instant(row.stopped_at) })
    }
}
