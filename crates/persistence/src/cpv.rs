//! The common procurement vocabulary.

use crate::{Conn, Error, Result, schema::cpv_codes};
use diesel::prelude::*;
use domain::cpv::{CpvCode, CpvEntry};

/// The entries of those of these codes that there are.
pub fn find_all(conn: &mut Conn, codes: &[CpvCode]) -> Result<Vec<CpvEntry>> {
    let codes: Vec<_> = codes.iter().map(CpvCode::as_str).collect();
    let rows = cpv_codes::table.filter(cpv_codes::code.eq_any(codes)).select(Row::as_select());
    rows.load(&mut conn.db)?.into_iter().map(TryInto::try_into).collect()
}

/// The whole list, in the order of the codes: some 9,500 entries at most.
pub fn all(conn: &mut Conn) -> Result<Vec<CpvEntry>> {
    let rows = cpv_codes::table.order(cpv_codes::code).select(Row::as_select());
    rows.load(&mut conn.db)?.into_iter().map(TryInto::try_into).collect()
}

/// One page of the codes that begin with what is looked for, or whose name holds each word of it, in the order of the
/// codes; on demand only those right below `parent`, or below none. Names are compared one by one: the list is short.
pub fn page(
    conn: &mut Conn,
    search: &str,
    parent: Option<Option<CpvCode>>,
    after: Option<&str>,
    limit: i64,
) -> Result<Vec<CpvEntry>> {
    let mut query = cpv_codes::table.select(Row::as_select()).order(cpv_codes::code).limit(limit).into_boxed();
    if !search.is_empty() && search.bytes().all(|b| b.is_ascii_digit()) {
        query = query.filter(cpv_codes::code.like(format!("{search}%")));
    } else {
        for word in search.to_lowercase().split_whitespace() {
            query = query.filter(cpv_codes::search.like(format!("%{word}%")));
        }
    }
    match parent {
        Some(Some(parent)) => query = query.filter(cpv_codes::parent_code.eq(parent.to_string())),
        Some(None) => query = query.filter(cpv_codes::parent_code.is_null()),
        None => {}
    }
    if let Some(after) = after {
        query = query.filter(cpv_codes::code.gt(after));
    }
    query.load(&mut conn.db)?.into_iter().map(TryInto::try_into).collect()
}

/// Adds a code, below the `parent` that the list has for it.
pub fn insert(conn: &mut Conn, entry: &CpvEntry, parent: Option<&CpvCode>) -> Result<()> {
    diesel::insert_into(cpv_codes::table).values(Row::of(entry, parent)).execute(&mut conn.db)?;
    Ok(())
}

/// Changes the check digit, the name and the parent of a code.
pub fn update(conn: &mut Conn, entry: &CpvEntry, parent: Option<&CpvCode>) -> Result<()> {
    let row = cpv_codes::table.find(entry.code.as_str());
    diesel::update(row).set(Row::of(entry, parent)).execute(&mut conn.db)?;
    Ok(())
}

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = cpv_codes, treat_none_as_null = true)]
struct Row {
    code: String,
    check_digit: Option<String>,
    parent_code: Option<String>,
    name: String,
    search: String,
}

impl Row {
    fn of(entry: &CpvEntry, parent: Option<&CpvCode>) -> Self {
        Self {
            code: entry.code.to_string(),
            check_digit: entry.check_digit.map(String::from),
            parent_code: parent.map(ToString::to_string),
            name: entry.name.clone(),
            search: entry.name.to_lowercase(),
        }
    }
}

impl TryFrom<Row> for CpvEntry {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self> {
        let code = CpvCode::parse(&row.code).map_err(|_| Error::corrupt("CPV code", &row.code))?;
        Ok(Self { code, check_digit: row.check_digit.and_then(|digit| digit.chars().next()), name: row.name })
    }
}
