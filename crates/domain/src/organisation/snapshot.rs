//! A company as it was when it handed in a bid.

use super::{Address, DocumentKind, Organisation, Profile, SizeClass, StandingDocument, VatNumber};
use crate::cpv::CpvCode;
use chrono::{DateTime, NaiveDate, Utc};

/// What a company said of itself at the moment of a bid: no bank account, no beneficial owners, no contacts. Stored as
/// this document.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct ProfileSnapshot {
    /// The name in the register.
    pub legal_name: String,
    /// ISO 3166-1 alpha-2.
    pub country: String,
    /// The name it traded under.
    pub trading_name: Option<String>,
    /// Its number in the register.
    pub register_number: Option<String>,
    /// Its VAT number.
    pub vat_number: Option<VatNumber>,
    /// Where it was.
    pub address: Option<Address>,
    /// How large it was.
    pub size_class: Option<SizeClass>,
    /// What it could do.
    pub capabilities: Vec<String>,
    /// What it supplied.
    pub cpv_codes: Vec<CpvCode>,
    /// Since when it was verified, if it was.
    pub verified_at: Option<DateTime<Utc>>,
    /// Its documents with files, the oldest first.
    pub documents: Vec<DocumentFacts>,
}

/// What a bid keeps of a document.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct DocumentFacts {
    /// What it shows.
    pub kind: DocumentKind,
    /// The last day it is good.
    pub expires_on: Option<NaiveDate>,
    /// SHA-256 of the file, in hexadecimal.
    pub sha256: String,
}

impl ProfileSnapshot {
    /// The company as it is.
    pub fn take(company: &Organisation, profile: Profile, documents: &[StandingDocument]) -> Self {
        let facts = |document: &StandingDocument| {
            let sha256 = document.file.as_ref()?.sha256.clone();
            Some(DocumentFacts { kind: document.kind, expires_on: document.expires_on, sha256 })
        };
        Self {
            legal_name: company.legal_name.clone(),
            country: company.country.clone(),
            trading_name: profile.trading_name,
            register_number: profile.register_number,
            vat_number: profile.vat_number,
            address: profile.address,
            size_class: profile.size_class,
            capabilities: profile.capabilities,
            cpv_codes: profile.cpv_codes,
            verified_at: company.verified_at,
            documents: documents.iter().filter_map(facts).collect(),
        }
    }
}
