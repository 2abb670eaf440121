//! Agencies that are parts of agencies.

use super::{Organisation, OrganisationKind};
use crate::{Actor, Checks, Event, Refusal, Result, Role};
use serde_json::json;

/// How many levels of agencies there may be, the uppermost included.
pub const DEEPEST: usize = 5;

impl Organisation {
    /// Makes a newly registered agency, whose event this is, a part of another. Takes an owner of that one. `level` is
    /// the level that the parent is on, counted from 1 at the top. Roles are not inherited: who may do something in one
    /// of them may do nothing in the other.
    pub fn place_under(mut self, event: Event, actor: &Actor, parent: &Self, level: usize) -> Result<(Self, Event)> {
        let mut checks = Checks::new();
        let agency = OrganisationKind::Agency;
        checks.require(parent.kind == agency, "/parent", "not_allowed", "only an agency has parts");
        checks.require(!parent.sandbox, "/parent", "not_allowed", "a sandbox has no parts");
        checks.require(self.kind == agency, "/kind", "not_allowed", "only an agency is a part of another");
        checks.require(level < DEEPEST, "/parent", "too_deep", format!("at most {DEEPEST} levels"));
        checks.done()?;
        if !actor.holds(Role::Owner, parent.id) {
            return Err(Refusal::RoleMissing(Role::Owner));
        }
        self.parent = Some(parent.id);
        let mut payload = event.public.unwrap_or_default();
        payload["parent"] = json!(parent.id);
        Ok((self, Event { public: Some(payload), ..event }))
    }
}
