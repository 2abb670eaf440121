//! Promising to keep what is confidential, before reading it.

use super::Challenge;
use crate::{Actor, Event, Organisation, OrganisationId, OrganisationKind, Refusal, Result, Role, UserId};
use chrono::{DateTime, Utc};
use serde_json::json;
use sha2::{Digest, Sha256};

/// A company's promise. It holds for one text: when that changes, the company is asked again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfidentialityAgreement {
    /// Who promises.
    pub company: OrganisationId,
    /// SHA-256 of the text, in hexadecimal.
    pub agreement_hash: String,
    /// Who agreed for the company.
    pub signatory: UserId,
    /// When.
    pub agreed_at: DateTime<Utc>,
}

impl Challenge {
    /// The text that is in force, by its SHA-256; none if there is nothing confidential.
    pub fn agreement_hash(&self) -> Option<String> {
        let agreement = &self.content.confidentiality.as_ref()?.agreement;
        Some(Sha256::digest(agreement).iter().map(|byte| format!("{byte:02x}")).collect())
    }

    /// A bidder promises for a company. Nobody but the company learns of it: it would tell who may bid.
    pub fn agree_to_confidentiality(
        &self,
        actor: &Actor,
        company: &Organisation,
        now: DateTime<Utc>,
    ) -> Result<(ConfidentialityAgreement, Event)> {
        if !self.is_published() {
            return Err(Refusal::NotFound("challenge"));
        }
        if !actor.belongs_to(company.id) {
            return Err(Refusal::invalid("/company", "unknown", "you do not belong to this organisation"));
        }
        actor.require(Role::Bidder, company.id)?;
        if company.kind != OrganisationKind::Company || company.id == self.agency {
            return Err(Refusal::RoleMissing(Role::Bidder));
        }
        company.require_same_market(self)?;
        let agreement_hash = self.agreement_hash().ok_or(Refusal::NotFound("confidentiality agreement"))?;
        let signatory = actor.user;
        let agreement = ConfidentialityAgreement { company: company.id, agreement_hash, signatory, agreed_at: now };
        let event = Event::confidential(
            "organisation.confidentiality_agreed",
            crate::Subject::Organisation(company.id),
            Some(company.id),
        );
        let told = json!({ "challenge": self.id, "agreement": agreement.agreement_hash });
        Ok((agreement, event.with(told)))
    }
}
