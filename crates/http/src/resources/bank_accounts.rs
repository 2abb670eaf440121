//! Where organisations are paid.

use crate::{
    Answer,
    access::{As, Owner, Recent},
    foundation::{Body, EditProblems, Precondition, Reply, query::WriteParams},
};
use actix_web::{put, web};
use application::bank_accounts;
use domain::OrganisationId;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config.service(change_bank_account);
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ChangeBankAccount {
    /// The account, with or without spaces; null for none.
    #[schema(example = "SI56 1910 0000 0123 438", max_length = 50)]
    iban: Option<String>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = BankAccount)]
struct BankAccountView {
    /// The beginning and the end of the account; nobody is shown more.
    #[schema(example = "SI56 **** 3438")]
    iban: Option<String>,
}

/// Change the bank account of an organisation
///
/// Takes the role `owner` and a step-up. The number is stored encrypted.
#[utoipa::path(tag = "organisations", params(WriteParams,
        ("organisation" = Uuid, Path, description = "Its id"),
        ("If-Match" = String, Header, description = "The ETag of the organisation that was read")),
    request_body = ChangeBankAccount, security(("bearer" = [])),
    responses((status = 200, description = "Changed", body = BankAccountView), EditProblems))]
#[put("/organisations/{organisation}/bank-account")]
async fn change_bank_account(
    who: As<Recent<Owner>>,
    id: web::Path<Uuid>,
    seen: Precondition,
    body: Body<ChangeBankAccount>,
) -> Answer {
    let vault = who.state().vault.clone();
    who.write(move |conn, caller| {
        let iban = body.0.iban.as_deref();
        let (iban, version) = bank_accounts::change(conn, caller, &vault, OrganisationId(*id), Some(seen.0), iban)?;
        Ok(Reply::ok(&BankAccountView { iban })?.version(version))
    })
    .await
}
