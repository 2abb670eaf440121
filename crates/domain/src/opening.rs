//! The opening session: two different people of the committee, after the deadline.

use crate::{Actor, Panel, Refusal, Result, Role, UserId};

/// Who agreed to open so far.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Opening(Vec<UserId>);

impl Opening {
    /// How many different people it takes.
    pub const NEEDED: usize = 2;

    /// The agreements recorded so far.
    pub fn of(approvals: Vec<UserId>) -> Self {
        Self(approvals)
    }

    /// Who agreed.
    pub fn approvals(&self) -> &[UserId] {
        &self.0
    }

    /// A member of the committee who is an officer of the agency agrees.
    pub fn approve(&mut self, actor: &Actor, panel: &Panel, agency: crate::OrganisationId) -> Result<()> {
        actor.require(Role::Officer, agency)?;
        if !panel.opening_committee.contains(&actor.user) {
            return Err(Refusal::RoleMissing(Role::Officer));
        }
        if self.0.contains(&actor.user) {
            return Err(Refusal::FourEyes("an opening takes two different people"));
        }
        self.0.push(actor.user);
        Ok(())
    }

    /// Whether enough people agreed.
    pub fn is_complete(&self) -> bool {
        self.0.len() >= Self::NEEDED
    }

    /// Refuses until enough people agreed.
    pub fn require_complete(&self) -> Result<()> {
        if self.is_complete() { Ok(()) } else { Err(Refusal::FourEyes("an opening takes two different people")) }
    }
}
