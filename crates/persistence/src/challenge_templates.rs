//! Contents that agencies begin challenges with.

use crate::{
    Conn, Error, Result,
    challenges::Document,
    schema::challenge_templates,
    sql_types::{At, Json, Key},
};
use diesel::{dsl::count_star, prelude::*};
use domain::{OrganisationId, TemplateId, challenge::Template};

/// Adds a template.
pub fn insert(conn: &mut Conn, template: &Template) -> Result<()> {
    let row = Row {
        id: Key::of(template.id),
        agency_id: Key::of(template.agency),
        name: template.name.clone(),
        content: Json::of(&Document::from(&template.content)),
        author_id: Key::of(template.author),
        created_at: At(template.created_at),
    };
    diesel::insert_into(challenge_templates::table).values(row).execute(&mut conn.db)?;
    Ok(())
}

/// Takes a template away.
pub fn delete(conn: &mut Conn, id: TemplateId) -> Result<()> {
    diesel::delete(challenge_templates::table.find(Key::of(id))).execute(&mut conn.db)?;
    Ok(())
}

/// The template of an agency with this id.
pub fn find(conn: &mut Conn, agency: OrganisationId, id: TemplateId) -> Result<Template> {
    let row = challenge_templates::table.find(Key::of(id)).filter(challenge_templates::agency_id.eq(Key::of(agency)));
    row.select(Row::as_select()).first(&mut conn.db)?.try_into()
}

/// How many templates an agency has; on PostgreSQL nobody adds one until the transaction ends.
pub fn lock_count(conn: &mut Conn, agency: OrganisationId) -> Result<usize> {
    crate::members::lock_organisation(conn, agency)?;
    let own = challenge_templates::table.filter(challenge_templates::agency_id.eq(Key::of(agency)));
    Ok(usize::try_from(own.select(count_star()).first::<i64>(&mut conn.db)?).unwrap_or(usize::MAX))
}

/// All templates of an agency, by name; at most [`domain::challenge::MOST_TEMPLATES`].
pub fn of_agency(conn: &mut Conn, agency: OrganisationId) -> Result<Vec<Template>> {
    let own = challenge_templates::table.filter(challenge_templates::agency_id.eq(Key::of(agency)));
    let rows = own.order(challenge_templates::name).select(Row::as_select()).load(&mut conn.db)?;
    rows.into_iter().map(TryInto::try_into).collect()
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = challenge_templates)]
struct Row {
    id: Key,
    agency_id: Key,
    name: String,
    content: Json,
    author_id: Key,
    created_at: At,
}

impl TryFrom<Row> for Template {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self> {
        Ok(Self {
            id: row.id.id(),
            agency: row.agency_id.id(),
            name: row.name,
            content: row.content.read::<Document>()?.try_into()?,
            author: row.author_id.id(),
            created_at: row.created_at.0,
        })
    }
}
