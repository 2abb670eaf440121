//! What somebody must be to call an operation, as types.

use domain::{Actor, AuditView, Refusal, Role};
use std::marker::PhantomData;

/// What somebody must be to call an operation.
pub trait Requirement: 'static {
    /// Whether it takes a step-up: a password or one-time code given a short while ago.
    const RECENT: bool = false;

    /// Whether a write is possible before the terms of use in force were accepted.
    const BEFORE_TERMS: bool = false;

    /// Refuses everybody else.
    fn check(actor: &Actor) -> Result<(), Refusal>;
}

/// Anybody with a session or an API key.
pub struct SignedIn;

impl Requirement for SignedIn {
    fn check(_: &Actor) -> Result<(), Refusal> {
        Ok(())
    }
}

/// As `R`, for what cannot be undone and for what would let a thief stay: takes a step-up.
pub struct Recent<R>(PhantomData<R>);

impl<R: Requirement> Requirement for Recent<R> {
    const RECENT: bool = true;
    const BEFORE_TERMS: bool = R::BEFORE_TERMS;

    fn check(actor: &Actor) -> Result<(), Refusal> {
        R::check(actor)
    }
}

/// As `R`, for what must be possible before the terms of use in force were accepted: accepting them, logging out, and
/// whatever makes an account safer or gives a person their rights.
pub struct BeforeTerms<R>(PhantomData<R>);

impl<R: Requirement> Requirement for BeforeTerms<R> {
    const RECENT: bool = R::RECENT;
    const BEFORE_TERMS: bool = true;

    fn check(actor: &Actor) -> Result<(), Refusal> {
        R::check(actor)
    }
}

/// Whoever runs the platform.
pub struct Administrator;

impl Requirement for Administrator {
    fn check(actor: &Actor) -> Result<(), Refusal> {
        actor.require_administrator()
    }
}

/// Whoever audits the platform.
pub struct PlatformAuditor;

impl Requirement for PlatformAuditor {
    fn check(actor: &Actor) -> Result<(), Refusal> {
        AuditView::of_platform(actor).map(drop)
    }
}

macro_rules! roles {
    ($($(#[$doc:meta])* $name:ident),* $(,)?) => {$(
        $(#[$doc])*
        pub struct $name;

        impl Requirement for $name {
            fn check(actor: &Actor) -> Result<(), Refusal> {
                if actor.holds_anywhere(Role::$name) { Ok(()) } else { Err(Refusal::RoleMissing(Role::$name)) }
            }
        }
    )*};
}

roles! {
    /// Somebody who manages an organisation.
    Owner,
    /// Somebody who writes challenges.
    Author,
    /// Somebody who decides for an agency.
    Officer,
    /// Somebody who follows pilots for an agency.
    PilotManager,
    /// Somebody who pays for an agency.
    Finance,
    /// Somebody who bids for a company.
    Bidder,
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::UserId;
    use uuid::Uuid;

    /// The domain refuses them again, record by record; here it must be said already, for a handler that asks no more.
    #[test]
    fn a_requirement_refuses_whoever_does_not_meet_it() {
        let nobody = Actor::new(UserId(Uuid::nil()));
        assert!(SignedIn::check(&nobody).is_ok());
        assert!(Administrator::check(&nobody).is_err());
        assert!(PlatformAuditor::check(&nobody).is_err());
        assert!(Officer::check(&nobody).is_err());
        assert!(BeforeTerms::<Administrator>::check(&nobody).is_err());
        assert!(Recent::<Administrator>::check(&nobody).is_err());
    }
}
