//! Versions of the terms of use.

use crate::{Conn, Result, schema::terms};
use diesel::{dsl::max, prelude::*};

/// The number of the terms in force, zero if there are none.
pub fn current_number(conn: &mut Conn) -> Result<i32> {
    let newest: Option<i32> = terms::table.select(max(terms::number)).first(&mut conn.db)?;
    Ok(newest.unwrap_or(0))
}
