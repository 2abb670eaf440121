//! Panels, who is named to open, and what evaluators declared.

use crate::{
    Conn, Error, Result,
    schema::{conflict_declarations, panel_members},
    sql_types::{At, Json, Key},
};
use diesel::prelude::*;
use domain::{ChallengeId, ConflictDeclaration, Panel, UserId};

/// The people named for a challenge.
pub fn find(conn: &mut Conn, challenge: ChallengeId) -> Result<Panel> {
    let rows: Vec<(String, Key)> = panel_members::table
        .filter(panel_members::challenge_id.eq(Key::of(challenge)))
        .order((panel_members::duty, panel_members::user_id))
        .select((panel_members::duty, panel_members::user_id))
        .load(&mut conn.db)?;
    let mut panel = Panel::default();
    for (duty, user) in rows {
        match duty.as_str() {
            "chair" => panel.chair = Some(user.id()),
            "evaluator" => panel.evaluators.push(user.id()),
            "opening" => panel.opening_committee.push(user.id()),
            other => return Err(Error::corrupt("panel duty", other)),
        }
    }
    Ok(panel)
}

/// Names other people.
pub fn replace(conn: &mut Conn, challenge: ChallengeId, panel: &Panel) -> Result<()> {
    let old = panel_members::table.filter(panel_members::challenge_id.eq(Key::of(challenge)));
    diesel::delete(old).execute(&mut conn.db)?;
    let evaluators = panel.evaluators.iter().map(|user| ("evaluator", *user));
    let openers = panel.opening_committee.iter().map(|user| ("opening", *user));
    for (duty, user) in panel.chair.map(|user| ("chair", user)).into_iter().chain(evaluators).chain(openers) {
        let row = (
            panel_members::challenge_id.eq(Key::of(challenge)),
            panel_members::duty.eq(duty),
            panel_members::user_id.eq(Key::of(user)),
        );
        diesel::insert_into(panel_members::table).values(row).execute(&mut conn.db)?;
    }
    Ok(())
}

/// What an evaluator declared, if anything.
pub fn declaration(conn: &mut Conn, challenge: ChallengeId, user: UserId) -> Result<Option<ConflictDeclaration>> {
    let row: Option<(Json, At)> = conflict_declarations::table
        .find((Key::of(challenge), Key::of(user)))
        .select((conflict_declarations::conflicts, conflict_declarations::declared_at))
        .first(&mut conn.db)
        .optional()?;
    let read = |(conflicts, at): (Json, At)| {
        Ok(ConflictDeclaration { evaluator: user, conflicts: conflicts.read()?, declared_at: at.0 })
    };
    row.map(read).transpose()
}

/// What all evaluators declared.
pub fn declarations(conn: &mut Conn, challenge: ChallengeId) -> Result<Vec<ConflictDeclaration>> {
    let rows: Vec<(Key, Json, At)> = conflict_declarations::table
        .filter(conflict_declarations::challenge_id.eq(Key::of(challenge)))
        .order(conflict_declarations::user_id)
        .select((conflict_declarations::user_id, conflict_declarations::conflicts, conflict_declarations::declared_at))
        .load(&mut conn.db)?;
    let read = |(user, conflicts, at): (Key, Json, At)| {
        Ok(ConflictDeclaration { evaluator: user.id(), conflicts: conflicts.read()?, declared_at: at.0 })
    };
    rows.into_iter().map(read).collect()
}

/// Stores a declaration; there is one per evaluator and challenge.
pub fn insert_declaration(conn: &mut Conn, challenge: ChallengeId, declaration: &ConflictDeclaration) -> Result<()> {
    let row = (
        conflict_declarations::challenge_id.eq(Key::of(challenge)),
        conflict_declarations::user_id.eq(Key::of(declaration.evaluator)),
        conflict_declarations::conflicts.eq(Json::of(&declaration.conflicts)),
        conflict_declarations::declared_at.eq(At(declaration.declared_at)),
    );
    diesel::insert_into(conflict_declarations::table).values(row).execute(&mut conn.db)?;
    Ok(())
}
