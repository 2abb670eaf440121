//! Values as they travel: money, decimals, names of the domain's enums.

use chrono::{DateTime, Datelike, Utc, Weekday};
use domain::{
    CalendarCode, Checks, Currency, Money, OrganisationKind, PeriodRule, Procedure, Role,
    days::Direction,
    discovery::{MOST_CHOICES, Sort},
    organisation::{Control, DocumentKind, SizeClass},
};
use receipts::Receipt;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use std::ops::RangeInclusive;
use utoipa::{
    ToSchema,
    openapi::{Array, ArrayBuilder, Object, ObjectBuilder, Type},
};

/// A signed receipt. Whoever has it can check it, with `POST /api/v1/receipts/verify` or without any server.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Receipt)]
pub(crate) struct ReceiptWire {
    /// What is signed: JSON, as a text. Exactly the bytes of this text, in UTF-8, are what the signature is of.
    #[schema(example = r#"{"format":"provoco-receipt-v1","kind":"receipt"}"#, max_length = 20_000)]
    payload: String,
    /// The signature (Ed25519, RFC 8032), in base64.
    #[schema(
        example = "p7J3c1Zb0cT2y6JwW2mZC1l9ZzYk0r2kYQmC0m3pQqgq3m7Yl2oHq3mZ5w1v9o8b2mX4s6d8f0g2h4j6k8l0AA==",
        max_length = 200
    )]
    signature: String,
}

impl From<Receipt> for ReceiptWire {
    fn from(receipt: Receipt) -> Self {
        let Receipt { payload, signature } = receipt;
        Self { payload, signature }
    }
}

impl From<ReceiptWire> for Receipt {
    fn from(wire: ReceiptWire) -> Self {
        let ReceiptWire { payload, signature } = wire;
        Self { payload, signature }
    }
}

/// An amount of money.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Money)]
pub(crate) struct MoneyView {
    /// Decimal, with at most as many digits after the point as the currency has.
    #[schema(example = "38500.00", pattern = r"^[0-9]{1,13}(\.[0-9]{1,4})?$")]
    pub(crate) amount: String,
    /// ISO 4217.
    #[schema(example = "EUR", pattern = "^[A-Z]{3}$")]
    pub(crate) currency: String,
}

impl From<Money> for MoneyView {
    fn from(money: Money) -> Self {
        Self { amount: money.amount(), currency: money.currency().code().to_owned() }
    }
}

impl MoneyView {
    /// The amount, or a note of what is wrong with it at `pointer`.
    pub(crate) fn read(&self, checks: &mut Checks, pointer: &str) -> Option<Money> {
        let currency = Currency::from_code(&self.currency).ok_or("unknown currency (ISO 4217)");
        let currency = checks.take(currency.map_err(ToOwned::to_owned), format!("{pointer}/currency"), "unknown")?;
        checks.take(Money::parse(&self.amount, currency), format!("{pointer}/amount"), "wrong_format")
    }
}

/// A decimal that the schema has let through.
pub(crate) fn decimal<T: TryFrom<Decimal, Error: std::fmt::Display>>(
    text: &str,
    checks: &mut Checks,
    pointer: String,
) -> Option<T> {
    let value = checks.take(text.parse::<Decimal>(), pointer.clone(), "wrong_format")?;
    checks.take(T::try_from(value), pointer, "out_of_range")
}

/// A field that can be left out, which keeps its value, or be `null`, which empties it.
pub(crate) fn given<'de, T: Deserialize<'de>, D: serde::Deserializer<'de>>(
    from: D,
) -> Result<Option<Option<T>>, D::Error> {
    Option::deserialize(from).map(Some)
}

/// An instant, to the microsecond, which is what both databases keep; a leap second is the second after it. Its year has
/// four digits in every time zone, as RFC 3339 demands of what is read back.
pub(crate) fn instant(at: DateTime<Utc>, checks: &mut Checks, pointer: &str) -> Option<DateTime<Utc>> {
    checks.require(YEARS.contains(&at.year()), pointer, "out_of_range", "the year must be 2000 to 9998");
    DateTime::from_timestamp_micros(at.timestamp_micros())
}

/// The years that an instant may be in.
const YEARS: RangeInclusive<i32> = 2000..=9998;

/// The name of a day of the week.
pub(crate) fn weekday(day: Weekday) -> &'static str {
    WEEK[usize::from(day.number_from_monday().to_le_bytes()[0] - 1)]
}

/// A list of days of the week.
pub(crate) fn weekdays() -> Array {
    let day = ObjectBuilder::new().schema_type(Type::String).enum_values(Some(WEEK)).build();
    ArrayBuilder::new().items(day).max_items(Some(6)).examples([serde_json::json!(["saturday", "sunday"])]).build()
}

/// Part of an offer: an object in the form of `Offer`, from which anything may be missing.
pub(crate) fn part_of_offer() -> Object {
    let example = serde_json::json!({ "solution": "We listen for words of distress." });
    ObjectBuilder::new().schema_type(Type::Object).max_properties(Some(50)).examples([example]).build()
}

/// A list of values that the schema `item` lets through, with commas between them in a query.
pub(crate) fn choices(item: Object) -> Array {
    ArrayBuilder::new().items(item).min_items(Some(1)).max_items(Some(MOST_CHOICES)).build()
}

const WEEK: [&str; 7] = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];

macro_rules! names {
    ($($(#[$doc:meta])* $function:ident: $names:expr;)*) => {$(
        $(#[$doc])*
        pub(crate) fn $function() -> Object {
            let names: Vec<&str> = $names.into_iter().collect();
            let example = names.first().copied();
            ObjectBuilder::new().schema_type(Type::String).enum_values(Some(names)).examples(example).build()
        }
    )*};
}

names! {
    /// The roles.
    role: Role::ALL.map(Role::as_str);
    /// The languages, by their codes (ISO 639-1).
    language: domain::account::Language::ALL.map(domain::account::Language::as_str);
    /// The kinds of organisation.
    organisation_kind: OrganisationKind::ALL.map(OrganisationKind::as_str);
    /// The sizes of enterprises.
    size_class: SizeClass::ALL.map(SizeClass::as_str);
    /// By what somebody controls an organisation.
    control: Control::ALL.map(Control::as_str);
    /// What a standing document shows.
    document_kind: DocumentKind::ALL.map(DocumentKind::as_str);
    /// What office files tell besides what one sees of them.
    finding_kind: domain::file::FindingKind::ALL.map(domain::file::FindingKind::as_str);
    /// What a document of a challenge is for.
    challenge_document_kind:
        domain::challenge::ChallengeDocumentKind::ALL.map(domain::challenge::ChallengeDocumentKind::as_str);
    /// The types of files that are taken.
    file_type: domain::file::MediaType::all().map(domain::file::MediaType::as_str);
    /// The states of an upload.
    upload_status: domain::file::UploadStatus::ALL.map(domain::file::UploadStatus::as_str);
    /// Why a file was rejected.
    rejection: domain::file::Rejection::ALL.map(domain::file::Rejection::as_str);
    /// What a virus scanner says of a file.
    scan_status: domain::file::ScanStatus::ALL.map(domain::file::ScanStatus::as_str);
    /// How often somebody is told what is new in a search.
    alert: domain::saved_search::Alert::ALL.map(domain::saved_search::Alert::as_str);
    /// Why somebody is told what happens to a challenge.
    follow_reason: domain::challenge::FollowReason::ALL.map(domain::challenge::FollowReason::as_str);
    /// How far a solution in the catalogue has come.
    maturity: domain::solution::Maturity::ALL.map(domain::solution::Maturity::as_str);
    /// Who sees a solution in the catalogue.
    visibility: domain::solution::Visibility::ALL.map(domain::solution::Visibility::as_str);
    /// The states of a solution.
    solution_status: domain::solution::SolutionStatus::ALL.map(domain::solution::SolutionStatus::as_str);
    /// What became of an invitation to a challenge.
    solution_invitation_status:
        domain::solution::SolutionInvitationStatus::ALL.map(domain::solution::SolutionInvitationStatus::as_str);
    /// How far a solution has come.
    stage_kind: ["explore", "pilot", "scale"];
    /// The kinds of eligibility criteria.
    eligibility_kind: ["exclusion", "suitability", "economic_standing", "technical_ability"];
    /// To whom results belong.
    ownership: domain::challenge::Ownership::ALL.map(domain::challenge::Ownership::as_str);
    /// How something is answered.
    answer_kind: domain::challenge::AnswerKind::ALL.map(domain::challenge::AnswerKind::as_str);
    /// The sections of a challenge.
    section: domain::challenge::Section::ALL.map(domain::challenge::Section::as_str);
    /// How long texts are given.
    text_format: ["markdown", "html"];
    /// How bad a finding is.
    severity: ["error", "warning"];
    /// The procedures.
    procedure: Procedure::ALL.map(Procedure::as_str);
    /// The calendars.
    calendar_code: CalendarCode::ALL.map(CalendarCode::as_str);
    /// The kinds of days that are counted.
    period_kind: PeriodRule::ALL.map(PeriodRule::as_str);
    /// The directions in which they are counted.
    period_direction: Direction::ALL.map(Direction::as_str);
    /// The states of a challenge.
    challenge_status: domain::ChallengeStatus::ALL.iter().map(|status| status.as_str());
    /// The orders of the list of challenges.
    sort: Sort::ALL.map(Sort::as_str);
    /// What organisations owe.
    obligation_kind: domain::ObligationKind::ALL.iter().map(|kind| kind.as_str());
    /// How an obligation stands.
    standing: domain::obligation::Standing::ALL.iter().map(|standing| standing.as_str());
    /// Why the service could not be used.
    outage_cause: domain::OutageCause::ALL.iter().map(|cause| cause.as_str());
    /// How a proposal of more time stands.
    proposal_status: domain::challenge::ProposalStatus::ALL.iter().map(|status| status.as_str());
    /// The states of a member.
    member_status: ["active", "suspended"];
    /// The states of an API key.
    api_key_status: domain::api_key::ApiKeyStatus::ALL.map(domain::api_key::ApiKeyStatus::as_str);
    /// Which members to list.
    certification_filter: ["due"];
    /// What becomes of an invitation.
    invitation_status: domain::invitation::InvitationStatus::ALL.map(domain::invitation::InvitationStatus::as_str);
    /// The states of a bid.
    bid_status: domain::BidStatus::ALL.map(domain::BidStatus::as_str);
    /// What a partner in a consortium says.
    partner_status: domain::consortium::PartnerStatus::ALL.map(domain::consortium::PartnerStatus::as_str);
    /// What somebody says to being named in a bid.
    consent_status: domain::team_consent::ConsentStatus::ALL.map(domain::team_consent::ConsentStatus::as_str);
    /// Why a company does not bid.
    no_bid_reason: domain::no_bid::NoBidReason::ALL.map(domain::no_bid::NoBidReason::as_str);
    /// The states of a question.
    question_status: domain::QuestionStatus::ALL.map(domain::QuestionStatus::as_str);
    /// The procedures that take bids.
    procedure_with_bids: Procedure::TAKING_BIDS.map(Procedure::as_str);
    /// The states of a contract.
    contract_status: ["draft", "signed_by_one", "active", "completed"];
    /// The states of a milestone.
    milestone_status: ["planned", "delivered", "accepted", "rejected", "invoiced", "paid"];
    /// What follows a pilot.
    outcome_decision: ["scale_up", "iterate", "stop"];
    /// The price formulas.
    price_formula: ["fixed", "absolute", "inverse", "min_max", "linear_from_lowest"];
    /// How scores become one.
    consensus: ["mean", "median"];
    /// Why a challenge is cancelled.
    cancel_reason: ["need_changed", "budget_withdrawn", "error_in_challenge", "legal_decision", "other"];
    /// Why a challenge takes no bids for a while.
    suspension_reason: domain::challenge::SuspensionReason::ALL.map(domain::challenge::SuspensionReason::as_str);
    /// Why a published challenge is changed.
    change_reason: domain::challenge::ChangeReason::ALL.map(domain::challenge::ChangeReason::as_str);
    /// Why a challenge ends without a winner.
    close_without_award_reason: ["no_bids", "no_admissible_bids", "below_minimum", "other"];
    /// Why a bid fails the formal check.
    disqualification_code: ["incomplete", "not_eligible", "excluded", "not_responsive"];
}

/// The same fields on both sides.
macro_rules! same {
    ($($wire:ident, $domain:ident { $($field:ident),* };)*) => {$(
        impl From<$wire> for $domain {
            fn from($wire { $($field),* }: $wire) -> Self {
                Self { $($field),* }
            }
        }

        impl From<$domain> for $wire {
            fn from($domain { $($field),* }: $domain) -> Self {
                Self { $($field),* }
            }
        }
    )*};
}
pub(crate) use same;

/// Each item in its other form.
pub(crate) fn all<From, To: std::convert::From<From>>(list: Vec<From>) -> Vec<To> {
    list.into_iter().map(Into::into).collect()
}
