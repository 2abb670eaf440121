//! Reading listings: pages, hits, and what is counted.

use super::{
    row::{CountedRow, read_topics},
    words::{self, Expression, challenge_words},
};
use crate::{
    Conn, Result,
    schema::{challenge_listings, challenge_topics},
    sql_types::{At, Key, instant},
};
use chrono::{DateTime, Utc};
use diesel::{
    dsl::{exists, sql},
    prelude::*,
    sql_types::{BigInt, Bool, Text},
};
use domain::{
    ChallengeId, ChallengeStatus,
    discovery::{FacetRow, Filters, TopicKind},
};

/// A challenge in a list.
#[derive(Debug, Clone, PartialEq)]
pub struct Listed {
    /// Its place in the order of publication; of each challenge another.
    pub position: i64,
    /// Which challenge.
    pub challenge: ChallengeId,
    /// What one pilot may cost, in minor units.
    pub budget_minor: Option<i64>,
    /// Until when bids are taken.
    pub deadline: Option<DateTime<Utc>>,
}

/// A challenge that holds what was looked for.
#[derive(Debug, Clone, PartialEq)]
pub struct Hit {
    /// The challenge.
    pub listed: Listed,
    /// The words that decide its rank.
    pub head: String,
    /// What it is filed under.
    pub topics: Vec<(TopicKind, String)>,
}

/// The order of a list, and after which of its places a page begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// The newest publication first; after a position.
    Newest(Option<i64>),
    /// The earliest deadline first, of equals the earlier publication; after a deadline and position.
    Deadline(Option<(DateTime<Utc>, i64)>),
    /// The largest budget first, of equals the newer publication; after an amount in minor units and a position.
    Budget(Option<(i64, i64)>),
}

/// Which hits are looked at: the newest first, so many, up to a position that is still among them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// The newest that may be among them.
    pub upto: Option<i64>,
    /// How many.
    pub limit: i64,
    /// Whether most challenges hold the words, as far as one knows. Decides how they are looked for, not what is found.
    pub common: bool,
}

// The same topics, where a query goes through them already.
diesel::alias!(challenge_topics as filed: Filed);

/// Leaves only those rows for which one of the values is in the column; all, if there are no values.
macro_rules! any_of {
    ($query:ident, $column:expr, $values:expr) => {
        let mut values: Vec<_> = $values;
        if values.len() > 1 {
            $query = $query.filter($column.eq_any(values));
        } else if let Some(value) = values.pop() {
            $query = $query.filter($column.eq(value));
        }
    };
}

/// Leaves only what is filed under one of these topics.
macro_rules! filed_under {
    ($query:ident, $kind:expr, $values:expr) => {
        let values: Vec<String> = $values;
        if !values.is_empty() {
            let topics = filed
                .filter(filed.field(challenge_topics::position).eq(challenge_listings::position))
                .filter(filed.field(challenge_topics::kind).eq($kind.as_str()))
                .filter(filed.field(challenge_topics::value).eq_any(values));
            $query = $query.filter(exists(topics));
        }
    };
}

/// Leaves only the listings for which the filters hold, those of `$but` aside.
macro_rules! filtered {
    ($query:ident, $filters:expr, $but:expr) => {
        let (f, but): (&Filters, Option<TopicKind>) = ($filters, $but);
        any_of!($query, challenge_listings::status, f.statuses.iter().map(|status| status.as_str()).collect());
        any_of!($query, challenge_listings::agency_id, f.agencies.iter().map(|agency| Key::of(*agency)).collect());
        any_of!($query, challenge_listings::country, f.countries.iter().map(String::as_str).collect());
        any_of!(
            $query,
            challenge_listings::procedure,
            f.procedure.iter().map(|procedure| procedure.as_str()).collect()
        );
        any_of!($query, challenge_listings::language, f.language.iter().map(|language| language.as_str()).collect());
        for kind in [TopicKind::Tag, TopicKind::Cpv].into_iter().filter(|kind| but != Some(*kind)) {
            filed_under!($query, kind, topics(f, kind));
        }
        if let Some(currency) = f.currency {
            $query = $query.filter(challenge_listings::currency.eq(currency.code()));
        }
        if let Some(least) = f.budget_min {
            $query = $query.filter(challenge_listings::budget_minor.ge(least.minor()));
        }
        if let Some(most) = f.budget_max {
            $query = $query.filter(challenge_listings::budget_minor.le(most.minor()));
        }
        if let Some(after) = f.deadline_after {
            $query = $query.filter(challenge_listings::submission_deadline.ge(At(after)));
        }
        if let Some(before) = f.deadline_before {
            $query = $query.filter(challenge_listings::submission_deadline.lt(At(before)));
        }
    };
}

fn topics(filters: &Filters, kind: TopicKind) -> Vec<String> {
    match kind {
        TopicKind::Tag => filters.tags.clone(),
        TopicKind::Cpv => filters.cpv.iter().map(ToString::to_string).collect(),
    }
}

/// The topic by whose rows a list is best gone through: the only value of a filter.
fn leading(filters: &Filters) -> Option<(TopicKind, String)> {
    let only = |kind| match topics(filters, kind).as_mut_slice() {
        [value] => Some((kind, std::mem::take(value))),
        _ => None,
    };
    only(TopicKind::Tag).or_else(|| only(TopicKind::Cpv))
}

/// One page of what everybody may read.
pub fn page(conn: &mut Conn, filters: &Filters, order: Order, limit: i64) -> Result<Vec<Listed>> {
    let rows = match order {
        Order::Newest(after) => newest(conn, filters, after, limit)?,
        Order::Deadline(after) => by_deadline(conn, filters, after, limit)?,
        Order::Budget(after) => by_budget(conn, filters, after, limit)?,
    };
    Ok(rows.into_iter().map(Into::into).collect())
}

/// Goes through an index in the order of the list, and stops when the page is full.
fn newest(conn: &mut Conn, filters: &Filters, after: Option<i64>, limit: i64) -> Result<Vec<ListedRow>> {
    let before = after.unwrap_or(i64::MAX);
    let Some((kind, value)) = leading(filters) else {
        let mut query = challenge_listings::table.select(ListedRow::as_select()).into_boxed();
        filtered!(query, filters, None);
        query = query.filter(challenge_listings::position.lt(before)).order(challenge_listings::position.desc());
        return Ok(query.limit(limit).load(&mut conn.db)?);
    };
    let mut query = challenge_topics::table
        .inner_join(challenge_listings::table.on(challenge_listings::position.eq(challenge_topics::position)))
        .filter(challenge_topics::kind.eq(kind.as_str()))
        .filter(challenge_topics::value.eq(value))
        .filter(challenge_topics::position.lt(before))
        .select(ListedRow::as_select())
        .into_boxed();
    filtered!(query, filters, Some(kind));
    Ok(query.order(challenge_topics::position.desc()).limit(limit).load(&mut conn.db)?)
}

fn by_deadline(
    conn: &mut Conn,
    filters: &Filters,
    after: Option<(DateTime<Utc>, i64)>,
    limit: i64,
) -> Result<Vec<ListedRow>> {
    let mut query = challenge_listings::table.select(ListedRow::as_select()).into_boxed();
    filtered!(query, filters, None);
    query = query.filter(challenge_listings::submission_deadline.is_not_null());
    if let Some((deadline, position)) = after {
        let later = challenge_listings::submission_deadline.gt(At(deadline));
        let later = later.or(challenge_listings::position.gt(position).nullable());
        query = query.filter(challenge_listings::submission_deadline.ge(At(deadline))).filter(later);
    }
    let order = (challenge_listings::submission_deadline, challenge_listings::position);
    Ok(query.order(order).limit(limit).load(&mut conn.db)?)
}

fn by_budget(conn: &mut Conn, filters: &Filters, after: Option<(i64, i64)>, limit: i64) -> Result<Vec<ListedRow>> {
    let mut query = challenge_listings::table.select(ListedRow::as_select()).into_boxed();
    filtered!(query, filters, None);
    query = query.filter(challenge_listings::budget_minor.is_not_null());
    if let Some((minor, position)) = after {
        let less = challenge_listings::budget_minor.lt(minor);
        let less = less.or(challenge_listings::position.lt(position).nullable());
        query = query.filter(challenge_listings::budget_minor.le(minor)).filter(less);
    }
    let order = (challenge_listings::budget_minor.desc(), challenge_listings::position.desc());
    Ok(query.order(order).limit(limit).load(&mut conn.db)?)
}

/// The newest of those that hold the terms.
macro_rules! hits {
    ($conn:ident, $expression:ident, $filters:ident, $window:ident, $columns:ty) => {{
        let (before, text, after) = words::holds($conn, $expression);
        let mut query = challenge_words::table
            .inner_join(challenge_listings::table.on(challenge_listings::position.eq(challenge_words::rowid)))
            .filter(sql::<Bool>(before).bind::<Text, _>(text).sql(after))
            .select(<$columns>::as_select())
            .into_boxed();
        filtered!(query, $filters, None);
        if let Some(upto) = $window.upto {
            query = query.filter(challenge_words::rowid.le(upto));
        }
        let order = sql::<BigInt>(words::order($conn, $window.common)).desc();
        query.order(order).limit($window.limit).load::<$columns>(&mut $conn.db)?
    }};
}

/// The newest challenges that hold the terms, the newest first.
pub fn hits(conn: &mut Conn, expression: &Expression, filters: &Filters, window: Window) -> Result<Vec<Hit>> {
    let rows: Vec<HitRow> = hits!(conn, expression, filters, window, HitRow);
    Ok(rows.into_iter().map(Into::into).collect())
}

/// What is counted of the newest challenges, at most so many; of those only that hold the terms, if there are any.
pub fn facet_rows(
    conn: &mut Conn,
    expression: Option<&Expression>,
    filters: &Filters,
    window: Window,
) -> Result<Vec<FacetRow>> {
    let rows: Vec<CountedRow> = match expression {
        Some(expression) => hits!(conn, expression, filters, window, CountedRow),
        None => {
            let mut query = challenge_listings::table.select(CountedRow::as_select()).into_boxed();
            filtered!(query, filters, None);
            query.order(challenge_listings::position.desc()).limit(window.limit).load(&mut conn.db)?
        }
    };
    rows.into_iter().map(TryInto::try_into).collect()
}

/// The newest challenges that are filed under any of these topics and in one of these states, the newest first.
pub fn with_topics(
    conn: &mut Conn,
    topics: &[(TopicKind, String)],
    statuses: &[ChallengeStatus],
    limit: i64,
) -> Result<Vec<Hit>> {
    let mut query = challenge_topics::table
        .inner_join(challenge_listings::table.on(challenge_listings::position.eq(challenge_topics::position)))
        .select(HitRow::as_select())
        .distinct()
        .into_boxed();
    for kind in [TopicKind::Tag, TopicKind::Cpv] {
        let values: Vec<_> = topics.iter().filter(|topic| topic.0 == kind).map(|topic| topic.1.as_str()).collect();
        query = query.or_filter(challenge_topics::kind.eq(kind.as_str()).and(challenge_topics::value.eq_any(values)));
    }
    let statuses: Vec<_> = statuses.iter().map(|status| status.as_str()).collect();
    query = query.filter(challenge_listings::status.eq_any(statuses));
    let rows: Vec<HitRow> = query.order(challenge_listings::position.desc()).limit(limit).load(&mut conn.db)?;
    Ok(rows.into_iter().map(Into::into).collect())
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = challenge_listings)]
struct ListedRow {
    position: i64,
    challenge_id: Key,
    budget_minor: Option<i64>,
    submission_deadline: Option<At>,
}

impl From<ListedRow> for Listed {
    fn from(row: ListedRow) -> Self {
        Self {
            position: row.position,
            challenge: row.challenge_id.id(),
            budget_minor: row.budget_minor,
            deadline: instant(row.submission_deadline),
        }
    }
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = challenge_listings)]
struct HitRow {
    #[diesel(embed)]
    listed: ListedRow,
    head: String,
    topics: String,
}

impl From<HitRow> for Hit {
    fn from(row: HitRow) -> Self {
        Self { listed: row.listed.into(), head: row.head, topics: read_topics(&row.topics) }
    }
}
