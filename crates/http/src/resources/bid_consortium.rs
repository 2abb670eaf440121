//! The partners behind a bid.

use super::{bid_profile::BidProfileView, solutions::CompanyView};
use chrono::{DateTime, Utc};
use domain::{
    OrganisationId,
    bid::Access,
    consortium::{NamedPartner, Participation},
};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// Who bids together with a company.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = PartnerName)]
pub(crate) struct PartnerNameView {
    #[schema(example = "0199f3a0-5b1c-7c3e-8a4d-2f6b9c0d1e2f")]
    id: Uuid,
    #[schema(example = "River Ear")]
    name: String,
}

impl From<(OrganisationId, String)> for PartnerNameView {
    fn from((id, name): (OrganisationId, String)) -> Self {
        Self { id: id.0, name }
    }
}

/// A consortium as a bid names it.
#[derive(Serialize, ToSchema)]
#[schema(as = BidConsortium)]
pub(crate) struct BidConsortiumView {
    #[schema(example = "0199f3a0-5b1c-7c3e-8a4d-2f6b9c0d1e2f")]
    id: Uuid,
    /// Those who bid together with the company.
    partners: Vec<BidPartnerView>,
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = BidPartner)]
struct BidPartnerView {
    organisation: CompanyView,
    /// What it would do; shown together with the solution.
    #[schema(example = "Records the calls at its two sites, and tests with call takers.")]
    part: Option<String>,
    confirmed_at: DateTime<Utc>,
    /// When it took its confirmation back, although the bid stayed: for the company, and for those who check the bid.
    confirmation_taken_back_at: Option<DateTime<Utc>>,
    /// The organisation as it was when this revision was handed in, for those who judge the bid; hidden together with the
    /// price.
    profile: Option<BidProfileView>,
}

impl BidConsortiumView {
    /// What somebody with this access sees, `own` if the bid is of their company; none if the company bids alone.
    pub(crate) fn of(partners: Vec<NamedPartner>, access: Access, own: bool) -> Option<Self> {
        let id = partners.first()?.consortium.0;
        let partner = |partner: NamedPartner| BidPartnerView {
            organisation: CompanyView { id: partner.organisation.0, name: partner.profile.legal_name.clone() },
            part: Some(partner.part).filter(|_| access != Access::NameOnly),
            confirmed_at: partner.confirmed_at,
            confirmation_taken_back_at: partner.taken_back_at.filter(|_| access == Access::Full),
            // It lists documents, which a partner shows to the agency and not to other companies.
            profile: Some(partner.profile).filter(|_| access == Access::Full && !own).map(Into::into),
        };
        Some(Self { id, partners: partners.into_iter().map(partner).collect() })
    }
}

/// That an organisation behind this bid takes part in another one, too.
#[derive(Serialize, ToSchema)]
#[schema(as = SharedParticipant)]
pub(crate) struct SharedParticipantView {
    #[schema(example = "0199f3a0-5b1c-7c3e-8a4d-2f6b9c0d1e2f")]
    organisation: Uuid,
    /// The other bid.
    #[schema(example = "0199f3a0-5b1c-7c3e-8a4d-2f6b9c0d1e2f")]
    bid: Uuid,
}

impl From<Participation> for SharedParticipantView {
    fn from(Participation { organisation, bid }: Participation) -> Self {
        Self { organisation: organisation.0, bid: bid.0 }
    }
}
