//! Registering, confirming an address, and seeing oneself.

use super::members::RoleName;
use crate::{
    Answer,
    access::{Anyone, As, BeforeTerms, SignedIn},
    foundation::{Body, EditProblems, Precondition, ReadProblems, Reply, WriteProblems, query::WriteParams, wire},
};
use actix_web::{get, patch, post};
use application::{accounts, administrators, profiles};
use domain::{
    Actor,
    account::{Language, Profile, ProfileChange, Registration, User, check_registration},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(register_account)
        .service(confirm_email)
        .service(create_administrator)
        .service(get_own_account)
        .service(edit_own_account);
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct RegisterAccount {
    /// Where mail goes; the name to log in with.
    #[schema(example = "ana.kos@dispatch.example", max_length = 254)]
    email: String,
    /// Shown to colleagues.
    #[schema(example = "Ana Kos", min_length = 1, max_length = 100)]
    name: String,
    /// 12 to 128 characters of any kind.
    #[schema(example = "seven quiet otters", min_length = 12, max_length = 128)]
    password: String,
    /// The version of the terms of use that the person accepts; needed if there are terms.
    #[schema(example = 3, minimum = 1, maximum = 1_000_000)]
    accepted_terms: Option<i32>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = RegistrationAccepted)]
struct Accepted {
    /// What happens next; the same whether the address was known or not.
    #[schema(example = "If this address can be registered, a mail with a link is on its way to it.")]
    message: &'static str,
}

/// Register an account
///
/// Sends a mail with a link that confirms the address. The answer is the same for known and unknown addresses.
#[utoipa::path(tag = "accounts", params(WriteParams), request_body = RegisterAccount,
    responses((status = 202, description = "A mail is on its way", body = Accepted), WriteProblems))]
#[post("/accounts")]
async fn register_account(who: Anyone, body: Body<RegisterAccount>) -> Answer {
    let registration = check(&who, body.0).await?;
    who.write(move |conn, _| {
        accounts::register(conn, &registration)?;
        let message = "If this address can be registered, a mail with a link is on its way to it.";
        Reply::accepted(&Accepted { message })
    })
    .await
}

/// Hashes the password last, and on its own pool.
async fn check(who: &Anyone, typed: RegisterAccount) -> Result<Registration, crate::Error> {
    let email = check_registration(&typed.email, &typed.name, &typed.password)?;
    let password_hash = who.state().passwords.hash(typed.password).await?;
    Ok(Registration { email, name: typed.name, password_hash, accepted_terms: typed.accepted_terms.unwrap_or(0) })
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ConfirmEmail {
    /// The token from the link in the mail.
    #[schema(example = "mZ0Jx3c1x6m0nq3bJ2T9yXo4wz2a3Qk7vQF1bY8r5sU", max_length = 100)]
    token: String,
}

/// Confirm an e-mail address
///
/// Uses up the token of a confirmation mail; it works once, for 48 hours.
#[utoipa::path(tag = "accounts", params(WriteParams), request_body = ConfirmEmail,
    responses((status = 204, description = "Confirmed"), WriteProblems))]
#[post("/accounts/confirm")]
async fn confirm_email(who: Anyone, body: Body<ConfirmEmail>) -> Answer {
    who.write(move |conn, request_id| {
        accounts::confirm_email(conn, request_id, &body.0.token)?;
        Ok(Reply::no_content())
    })
    .await
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct CreateAdministrator {
    /// The token from the link that the server printed.
    #[schema(example = "mZ0Jx3c1x6m0nq3bJ2T9yXo4wz2a3Qk7vQF1bY8r5sU", max_length = 100)]
    token: String,
    /// Where mail goes; the name to log in with.
    #[schema(example = "admin@provoco.example", max_length = 254)]
    email: String,
    /// Shown to colleagues.
    #[schema(example = "Platform administrator", min_length = 1, max_length = 100)]
    name: String,
    /// 12 to 128 characters of any kind.
    #[schema(example = "seven quiet otters", min_length = 12, max_length = 128)]
    password: String,
}

#[derive(Serialize, ToSchema)]
#[schema(as = CreatedAdministrator)]
struct Created {
    /// The new account.
    #[schema(example = "0199f3a0-5b1c-7c3e-8a4d-2f6b9c0d1e2f")]
    id: Uuid,
}

/// Create an administrator
///
/// Uses up the one-time link that the server prints at its first start, or that `provoco admin create` prints.
#[utoipa::path(tag = "accounts", params(WriteParams), request_body = CreateAdministrator,
    responses((status = 201, description = "Created", body = Created), WriteProblems))]
#[post("/administrators")]
async fn create_administrator(who: Anyone, body: Body<CreateAdministrator>) -> Answer {
    let CreateAdministrator { token, email, name, password } = body.0;
    let registration = check(&who, RegisterAccount { email, name, password, accepted_terms: None }).await?;
    who.write(move |conn, request_id| {
        let id = administrators::create(conn, request_id, &token, registration)?;
        Reply::created("/api/v1/me".to_owned(), &Created { id: id.0 })
    })
    .await
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = OwnAccount)]
struct OwnAccountView {
    #[schema(example = "0199f3a0-5b1c-7c3e-8a4d-2f6b9c0d1e2f")]
    id: Uuid,
    #[schema(example = "ana.kos@dispatch.example")]
    email: String,
    #[schema(example = "Ana Kos")]
    name: String,
    /// Stored; mails and pages are in English for now.
    #[schema(schema_with = wire::language, example = "sl")]
    language: Language,
    /// By its name in the IANA database; mails tell times in it.
    #[schema(example = "Europe/Ljubljana")]
    time_zone: &'static str,
    /// Whether this person runs the platform.
    #[schema(example = false)]
    administrator: bool,
    /// The organisations this person belongs to.
    memberships: Vec<MembershipView>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = Membership)]
struct MembershipView {
    /// The organisation.
    #[schema(example = "0199f3a0-5b1c-7c3e-8a4d-2f6b9c0d1e2f")]
    organisation: Uuid,
    /// The roles held there.
    #[schema(example = json!(["author"]))]
    roles: Vec<RoleName>,
}

/// See one's own account
#[utoipa::path(tag = "accounts", security(("bearer" = [])),
    responses((status = 200, description = "The caller", body = OwnAccountView), ReadProblems))]
#[get("/me")]
async fn get_own_account(who: As<SignedIn>) -> Answer {
    who.read(|conn, actor| own_account(&accounts::find(conn, actor.user)?, profiles::find(conn, actor.user)?, actor))
        .await
}

#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct EditOwnAccount {
    /// Shown to colleagues.
    #[schema(example = "Ana Kos", min_length = 1, max_length = 100)]
    name: Option<String>,
    /// The language the person reads best. Stored; mails and pages are in English for now.
    #[schema(nullable = false, schema_with = wire::language, example = "sl")]
    language: Option<Language>,
    /// By its name in the IANA database; mails tell times in it.
    #[schema(example = "Europe/Ljubljana", min_length = 1, max_length = 64)]
    time_zone: Option<String>,
}

/// Change one's own account
///
/// Changes what is sent; the rest stays. Address and password have operations of their own.
#[utoipa::path(tag = "accounts", params(WriteParams,
        ("If-Match" = String, Header, description = "The ETag that was read")), request_body = EditOwnAccount,
    security(("bearer" = [])),
    responses((status = 200, description = "Changed", body = OwnAccountView), EditProblems))]
#[patch("/account")]
async fn edit_own_account(who: As<BeforeTerms<SignedIn>>, seen: Precondition, body: Body<EditOwnAccount>) -> Answer {
    let EditOwnAccount { name, language, time_zone } = body.0;
    let change = ProfileChange { name, language, time_zone };
    who.write(move |conn, caller| {
        let profile = profiles::change(conn, caller, seen.0, change)?;
        own_account(&accounts::find(conn, caller.actor.user)?, profile, &caller.actor)
    })
    .await
}

fn own_account(user: &User, profile: Profile, actor: &Actor) -> Answer {
    let membership = |m: &domain::Membership| MembershipView {
        organisation: m.organisation.0,
        roles: m.roles.iter().copied().map(RoleName).collect(),
    };
    let view = OwnAccountView {
        id: user.id.0,
        email: user.email.as_str().to_owned(),
        name: profile.name,
        language: profile.language,
        time_zone: profile.time_zone.name(),
        administrator: user.administrator,
        memberships: actor.memberships.iter().map(membership).collect(),
    };
    Ok(Reply::ok(&view)?.version(profile.version))
}
