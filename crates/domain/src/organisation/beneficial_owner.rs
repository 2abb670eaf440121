//! Who is behind an organisation (Directive (EU) 2015/849, art. 3(6) and 30).

use super::{Organisation, check_country};
use crate::{Actor, Checks, Event, Result, Subject};
use rust_decimal::Decimal;

/// The most beneficial owners that an organisation names.
pub const MOST_BENEFICIAL_OWNERS: usize = 50;

/// A natural person who owns or controls the organisation in the end. Stored as this document.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct BeneficialOwner {
    /// The person's name; at most 200 characters.
    pub name: String,
    /// Where the person lives: ISO 3166-1 alpha-2.
    pub country: String,
    /// How much is owned, in percent: more than 0, at most 100, with at most four decimals.
    pub share: Option<Decimal>,
    /// Why the person counts as an owner.
    pub control: Control,
}

/// A beneficial owner as somebody wrote it.
#[derive(Debug, Clone)]
pub struct BeneficialOwnerDraft {
    /// The person's name.
    pub name: String,
    /// Where the person lives.
    pub country: String,
    /// How much is owned, in percent, as a decimal.
    pub share: Option<String>,
    /// Why the person counts as an owner.
    pub control: Control,
}

/// By what a person controls an organisation (Directive (EU) 2015/849, art. 3(6)(a)).
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Control {
    /// By shares or another part in the ownership.
    Ownership,
    /// By votes.
    VotingRights,
    /// By other means.
    OtherMeans,
    /// Nobody does; this is a senior manager, named in their place.
    SeniorManager,
}

impl Control {
    /// Every kind of control.
    pub const ALL: [Self; 4] = [Self::Ownership, Self::VotingRights, Self::OtherMeans, Self::SeniorManager];

    /// The name of the kind.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ownership => "ownership",
            Self::VotingRights => "voting_rights",
            Self::OtherMeans => "other_means",
            Self::SeniorManager => "senior_manager",
        }
    }

    /// Whether it is measured by a share.
    fn has_share(self) -> bool {
        matches!(self, Self::Ownership | Self::VotingRights)
    }
}

impl Organisation {
    /// An owner names the beneficial owners anew. The event names nobody.
    pub fn name_beneficial_owners(
        &self,
        actor: &Actor,
        drafts: Vec<BeneficialOwnerDraft>,
    ) -> Result<(Vec<BeneficialOwner>, Event)> {
        self.require_owner(actor)?;
        let mut checks = Checks::new();
        let few = drafts.len() <= MOST_BENEFICIAL_OWNERS;
        checks.require(few, "/items", "too_many", format!("at most {MOST_BENEFICIAL_OWNERS}"));
        let read = |(i, draft): (usize, BeneficialOwnerDraft)| draft.check(&mut checks, &format!("/items/{i}"));
        let owners = drafts.into_iter().enumerate().map(read).collect();
        checks.done()?;
        let kind = "organisation.beneficial_owners_changed";
        Ok((owners, Event::confidential(kind, Subject::Organisation(self.id), Some(self.id))))
    }
}

impl BeneficialOwnerDraft {
    fn check(self, checks: &mut Checks, at: &str) -> BeneficialOwner {
        let Self { name, country, share, control } = self;
        checks.text(&name, 200, format!("{at}/name"));
        check_country(checks, &country, format!("{at}/country"));
        let pointer = format!("{at}/share");
        checks.require(share.is_some() || !control.has_share(), &*pointer, "required", "is required for this control");
        checks.require(share.is_none() || control.has_share(), &*pointer, "not_allowed", "this control has no share");
        let share = share.and_then(|text| checks.take(text.parse::<Decimal>(), &*pointer, "wrong_format"));
        let sound = |share: Decimal| share > Decimal::ZERO && share <= Decimal::ONE_HUNDRED && share.scale() <= 4;
        let detail = "more than 0, at most 100, with at most four decimals";
        checks.require(share.is_none_or(sound), pointer, "out_of_range", detail);
        BeneficialOwner { name: name.trim().to_owned(), country, share, control }
    }
}
