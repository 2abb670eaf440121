//! The terms of use.

use crate::{Caller, Result};
use domain::{
    Actor, UserId,
    account::Registration,
    terms::{self as rules, Terms},
};
use persistence::{Conn, terms};

/// Refuses whoever has not accepted the terms in force.
pub fn require_accepted(conn: &mut Conn, actor: &Actor) -> Result<()> {
    let current = terms::current_number(conn)?;
    Ok(actor.require_terms(current)?)
}

/// An administrator publishes the next version.
pub fn publish(conn: &mut Conn, caller: &Caller, title: &str, content: &str) -> Result<Terms> {
    let current = terms::current_number(conn)?;
    let now = conn.now()?;
    let (version, event) = Terms::publish(&caller.actor, current, title, content, now)?;
    terms::insert(conn, &version)?;
    caller.record(conn, now, event)?;
    Ok(version)
}

/// The version in force.
pub fn current(conn: &mut Conn) -> Result<Terms> {
    let number = terms::current_number(conn)?;
    find(conn, number)
}

/// The version with this number.
pub fn find(conn: &mut Conn, number: i32) -> Result<Terms> {
    Ok(terms::find(conn, number)?)
}

/// Some versions, the newest first.
pub fn list(conn: &mut Conn, before: Option<i32>, limit: i64) -> Result<Vec<Terms>> {
    Ok(terms::page(conn, before, limit)?)
}

/// The caller accepts the version in force.
pub fn accept(conn: &mut Conn, caller: &Caller, number: i32) -> Result<()> {
    let current = terms::current_number(conn)?;
    let event = rules::accept(&caller.actor, number, current)?;
    let now = conn.now()?;
    terms::accept(conn, caller.actor.user, number)?;
    caller.record(conn, now, event)
}

/// The version that a person has yet to accept, zero for none; `None` for whoever has no account yet.
pub(crate) fn to_accept(conn: &mut Conn, user: Option<UserId>) -> Result<i32> {
    let current = terms::current_number(conn)?;
    let accepted = user.map_or(Ok(0), |user| terms::accepted_by(conn, user))?;
    Ok(if accepted < current { current } else { 0 })
}

/// Refuses a registration along with which other terms than those in force were accepted.
pub(crate) fn check(conn: &mut Conn, registration: &Registration) -> Result<()> {
    Ok(rules::check_accepted(registration.accepted_terms, terms::current_number(conn)?)?)
}

/// A person who has an account accepts the terms in force along with something else, unless that was done before.
pub(crate) fn accept_along(conn: &mut Conn, request_id: &str, user: UserId, given: i32) -> Result<()> {
    let outstanding = to_accept(conn, Some(user))?;
    if outstanding == 0 {
        return Ok(());
    }
    rules::check_accepted(given, outstanding)?;
    note(conn, request_id, user, outstanding)
}

/// Notes that somebody accepted a version, zero for none.
pub(crate) fn note(conn: &mut Conn, request_id: &str, user: UserId, number: i32) -> Result<()> {
    if number == 0 {
        return Ok(());
    }
    let now = conn.now()?;
    terms::accept(conn, user, number)?;
    let caller = Caller { actor: Actor::new(user), request_id: request_id.to_owned() };
    caller.record(conn, now, rules::accepted(user, number))
}
