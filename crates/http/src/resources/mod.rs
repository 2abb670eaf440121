//! One file per resource: wire types, documentation, handlers.

pub(crate) mod accounts;
pub(crate) mod administration;
pub(crate) mod audit;
pub(crate) mod awards;
pub(crate) mod bids;
pub(crate) mod challenge_content;
pub(crate) mod challenge_view;
pub(crate) mod challenges;
pub(crate) mod contracts;
pub(crate) mod delegations;
pub(crate) mod demo;
pub(crate) mod email_changes;
pub(crate) mod evaluations;
pub(crate) mod events;
pub(crate) mod health;
pub(crate) mod invitations;
pub(crate) mod life_cycle;
pub(crate) mod members;
pub(crate) mod milestones;
pub(crate) mod organisations;
pub(crate) mod own_sessions;
pub(crate) mod panels;
pub(crate) mod passwords;
pub(crate) mod second_factors;
pub(crate) mod sessions;
pub(crate) mod terms;
