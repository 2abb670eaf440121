//! What organisations tell about themselves.

use super::organisations::OrganisationView;
use crate::{
    Answer,
    access::{As, Owner, SignedIn},
    foundation::{Body, EditProblems, Precondition, ReadProblems, Reply, query::WriteParams, wire},
};
use actix_web::{get, put, web};
use application::organisation_profiles::{self as profiles, Profiled};
use chrono::{DateTime, Utc};
use domain::{
    OrganisationId,
    member::Suspension,
    organisation::{Address, Contact, ContactDraft, ProfileDraft, SizeClass},
};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{RefOr, Schema},
};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config.service(get_profile).service(change_profile);
}

/// The size of an enterprise (Recommendation 2003/361/EC).
#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct SizeClassName(pub(crate) SizeClass);

impl PartialSchema for SizeClassName {
    fn schema() -> RefOr<Schema> {
        wire::size_class().into()
    }
}

impl ToSchema for SizeClassName {
    fn name() -> Cow<'static, str> {
        "SizeClass".into()
    }
}

/// A postal address.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = Address)]
pub(crate) struct AddressWire {
    /// Street and number.
    #[schema(example = "Cesta na Brdo 12", min_length = 1, max_length = 200)]
    street: String,
    #[schema(example = "4000", max_length = 20)]
    postal_code: Option<String>,
    #[schema(example = "Kranj", min_length = 1, max_length = 100)]
    town: String,
    /// ISO 3166-1 alpha-2.
    #[schema(example = "SI", pattern = "^[A-Z]{2}$")]
    country: String,
}

impl From<Address> for AddressWire {
    fn from(Address { street, postal_code, town, country }: Address) -> Self {
        Self { street, postal_code, town, country }
    }
}

impl From<AddressWire> for Address {
    fn from(AddressWire { street, postal_code, town, country }: AddressWire) -> Self {
        Self { street, postal_code, town, country }
    }
}

/// Whom to turn to about something.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Contact)]
struct ContactWire {
    /// A person or an office.
    #[schema(example = "Accounts office", min_length = 1, max_length = 100)]
    name: String,
    #[schema(example = "accounts@calm-signal.example", max_length = 254)]
    email: String,
    /// In international form.
    #[schema(example = "+386 1 234 56 78", max_length = 30)]
    phone: Option<String>,
    /// What for.
    #[schema(example = "Invoices", min_length = 1, max_length = 100)]
    purpose: String,
}

impl From<Contact> for ContactWire {
    fn from(Contact { name, email, phone, purpose }: Contact) -> Self {
        Self { name, email: email.as_str().to_owned(), phone, purpose }
    }
}

impl From<ContactWire> for ContactDraft {
    fn from(ContactWire { name, email, phone, purpose }: ContactWire) -> Self {
        Self { name, email, phone, purpose }
    }
}

/// Everything that an organisation tells about itself; what is left out becomes empty.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ChangeProfile {
    /// As in the register. A verification lapses when name, country, register or VAT number change.
    #[schema(example = "Calm Signal", min_length = 1, max_length = 200)]
    legal_name: String,
    /// ISO 3166-1 alpha-2.
    #[schema(example = "SI", pattern = "^[A-Z]{2}$")]
    country: String,
    /// The name it trades under, if that is another one.
    #[schema(example = "Calm", min_length = 1, max_length = 200)]
    trading_name: Option<String>,
    /// The number in the register.
    #[schema(example = "5860571000", min_length = 1, max_length = 50)]
    register_number: Option<String>,
    /// Begins with the country; the check digits must be right.
    #[schema(example = "SI50223054", min_length = 4, max_length = 30)]
    vat_number: Option<String>,
    address: Option<AddressWire>,
    size_class: Option<SizeClassName>,
    /// Short tags.
    #[serde(default)]
    #[schema(example = json!(["speech recognition"]), max_items = 20)]
    capabilities: Vec<Tag>,
    /// With or without check digits; see the list of CPV codes.
    #[serde(default)]
    #[schema(example = json!(["72000000-5"]), max_items = 30)]
    cpv_codes: Vec<WrittenCpvCode>,
    /// For members and administrators only.
    #[serde(default)]
    #[schema(max_items = 10)]
    contacts: Vec<ContactWire>,
    #[schema(example = "https://calm-signal.example", max_length = 200)]
    website: Option<String>,
}

/// A short tag.
#[derive(Deserialize, ToSchema)]
#[serde(transparent)]
#[schema(as = Tag, example = "speech recognition", min_length = 1, max_length = 40)]
struct Tag(String);

/// A CPV code, with or without its check digit.
#[derive(Deserialize, ToSchema)]
#[serde(transparent)]
#[schema(as = WrittenCpvCode, example = "72000000-5", max_length = 10)]
struct WrittenCpvCode(String);

impl From<ChangeProfile> for ProfileDraft {
    fn from(wire: ChangeProfile) -> Self {
        Self {
            legal_name: wire.legal_name,
            country: wire.country,
            trading_name: wire.trading_name,
            register_number: wire.register_number,
            vat_number: wire.vat_number,
            address: wire.address.map(Into::into),
            size_class: wire.size_class.map(|name| name.0),
            capabilities: wire.capabilities.into_iter().map(|tag| tag.0).collect(),
            cpv_codes: wire.cpv_codes.into_iter().map(|code| code.0).collect(),
            contacts: wire.contacts.into_iter().map(Into::into).collect(),
            website: wire.website,
        }
    }
}

/// The whole profile, as members and administrators see it.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Profile)]
struct ProfileView {
    /// What everybody sees.
    organisation: OrganisationView,
    /// Whom to turn to.
    contacts: Vec<ContactWire>,
    /// The beginning and the end of the account on which it is paid.
    #[schema(example = "SI56 **** 3438")]
    iban: Option<String>,
    /// That an administrator keeps its members from acting, if so.
    suspension: Option<OrganisationSuspensionView>,
}

/// Since when an administrator keeps the members of an organisation from acting, and why.
#[derive(Serialize, ToSchema)]
#[schema(as = OrganisationSuspension)]
struct OrganisationSuspensionView {
    at: DateTime<Utc>,
    #[schema(example = "The register says that the company was dissolved.")]
    reason: String,
}

fn reply(found: Profiled) -> Answer {
    let contacts = found.profile.contacts.iter().cloned().map(Into::into).collect();
    let iban = found.masked_iban.clone();
    let told = |Suspension { at, reason }| OrganisationSuspensionView { at, reason };
    let suspension = found.organisation.suspension.clone().map(told);
    let view = ProfileView { contacts, iban, suspension, organisation: found.into() };
    Ok(Reply::ok(&view)?.version(view.organisation.version))
}

/// See the whole profile of an organisation
///
/// For its members and for administrators; everybody sees the public side with the organisation itself.
#[utoipa::path(tag = "organisations", params(("organisation" = Uuid, Path, description = "Its id")),
    security(("bearer" = []), ("api_key" = ["organisations:read"])),
    responses((status = 200, description = "The profile", body = ProfileView), ReadProblems))]
#[get("/organisations/{organisation}/profile")]
async fn get_profile(who: As<SignedIn>, id: web::Path<Uuid>) -> Answer {
    who.read(move |conn, actor| reply(profiles::find_whole(conn, actor, OrganisationId(*id))?)).await
}

/// Change the profile of an organisation
///
/// Takes the role `owner`. The profile becomes what is sent. A verification lapses when the legal name, the country, the
/// register number or the VAT number change.
#[utoipa::path(tag = "organisations", params(WriteParams,
        ("organisation" = Uuid, Path, description = "Its id"),
        ("If-Match" = String, Header, description = "The ETag that was read")),
    request_body = ChangeProfile, security(("bearer" = []), ("api_key" = ["organisations:write"])),
    responses((status = 200, description = "Changed", body = ProfileView), EditProblems))]
#[put("/organisations/{organisation}/profile")]
async fn change_profile(who: As<Owner>, id: web::Path<Uuid>, seen: Precondition, body: Body<ChangeProfile>) -> Answer {
    who.write(move |conn, caller| {
        reply(profiles::change(conn, caller, OrganisationId(*id), Some(seen.0), body.0.into())?)
    })
    .await
}
