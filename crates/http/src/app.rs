//! The route table, and the OpenAPI document collected from the same calls.

use crate::{Error, State, access::API_KEY, foundation::problem, oidc_callback, pages, resources as r, telemetry};
use actix_web::{
    App, HttpRequest,
    body::{BoxBody, MessageBody},
    dev::{ServiceFactory, ServiceRequest, ServiceResponse},
    middleware::from_fn,
    web,
};
use std::sync::OnceLock;
use utoipa::openapi::{
    OpenApi,
    security::{HttpAuthScheme, HttpBuilder, SecurityScheme},
};
use utoipa_actix_web::{AppExt, scope, service_config::ServiceConfig};
use utoipa_swagger_ui::SwaggerUi;

/// Every operation of the API.
fn routes(config: &mut ServiceConfig<'_>) {
    config.service(
        scope("/api/v1")
            .configure(r::accounts::routes)
            .configure(r::sessions::routes)
            .configure(r::own_sessions::routes)
            .configure(r::passwords::routes)
            .configure(r::email_changes::routes)
            .configure(r::second_factors::routes)
            .configure(r::personal_data::routes)
            .configure(r::oidc::routes)
            .configure(r::organisations::routes)
            .configure(r::organisation_profiles::routes)
            .configure(r::beneficial_owners::routes)
            .configure(r::bank_accounts::routes)
            .configure(r::documents::routes)
            .configure(r::verification::routes)
            .configure(r::cpv_codes::routes)
            .configure(r::members::routes)
            .configure(r::invitations::routes)
            .configure(r::delegations::routes)
            .configure(r::api_keys::routes)
            .configure(r::team_consents::routes)
            .configure(r::terms::routes)
            .configure(r::calendars::routes)
            .configure(r::periods::routes)
            .configure(r::minimum_periods::routes)
            .configure(r::timelines::routes)
            .configure(r::uploads::routes)
            .configure(r::discovery::routes)
            .configure(r::feeds::routes)
            .configure(r::saved_searches::routes)
            .configure(r::personal_calendars::routes)
            .configure(r::challenges::routes)
            .configure(r::challenge_clocks::routes)
            .configure(r::similar_challenges::routes)
            .configure(r::challenge_documents::routes)
            .configure(r::challenge_templates::routes)
            .configure(r::revisions::routes)
            .configure(r::previews::routes)
            .configure(r::confidentiality::routes)
            .configure(r::followers::routes)
            .configure(r::questions::routes)
            .configure(r::answers::routes)
            .configure(r::consultations::routes)
            .configure(r::life_cycle::routes)
            .configure(r::publication::routes)
            .configure(r::addenda::routes)
            .configure(r::change_notices::routes)
            .configure(r::no_bids::routes)
            .configure(r::obligations::routes)
            .configure(r::solutions::routes)
            .configure(r::shortlists::routes)
            .configure(r::solution_invitations::routes)
            .configure(r::matching::routes)
            .configure(r::panels::routes)
            .configure(r::opening_keys::routes)
            .configure(r::rehearsals::routes)
            .configure(r::consortia::routes)
            .configure(r::bids::routes)
            .configure(r::bid_documents::routes)
            .configure(r::bid_drafts::routes)
            .configure(r::sealed_bids::routes)
            .configure(r::openings::routes)
            .configure(r::opening_recoveries::routes)
            .configure(r::receipts::routes)
            .configure(r::outages::routes)
            .configure(r::outage_certificates::routes)
            .configure(r::extension_proposals::routes)
            .configure(r::evaluations::routes)
            .configure(r::awards::routes)
            .configure(r::contracts::routes)
            .configure(r::milestones::routes)
            .configure(r::events::routes)
            .configure(r::audit::routes)
            .configure(r::administration::routes)
            .configure(r::demo::routes),
    );
}

/// The whole application: API, its documentation, health checks and the few pages that mails link to.
pub fn app(
    state: State,
) -> App<
    impl ServiceFactory<
        ServiceRequest,
        Config = (),
        Response = ServiceResponse<impl MessageBody + use<>>,
        Error = actix_web::Error,
        InitError = (),
    > + use<>,
> {
    let body_limit = state.settings.limits.body_bytes;
    App::new()
        .app_data(web::Data::new(state))
        .app_data(web::PayloadConfig::new(body_limit))
        .app_data(web::PathConfig::default().error_handler(|_, _| Error::NoRoute.into()))
        .app_data(web::FormConfig::default().limit(16 * 1024).error_handler(|_, _| pages::unreadable()))
        .app_data(web::QueryConfig::default().error_handler(|_, _| pages::unreadable()))
        .into_utoipa_app()
        .configure(routes)
        .split_for_parts()
        .0
        .configure(r::health::routes)
        .configure(pages::routes)
        .configure(oidc_callback::routes)
        .route("/docs", web::get().to(pages::to_documentation))
        .service(SwaggerUi::new("/docs/{_:.*}").url("/docs/openapi.json", openapi().clone()))
        .default_service(web::to(no_route))
        .wrap(from_fn(telemetry::around))
}

/// The OpenAPI document, without a database or a server.
pub fn openapi() -> &'static OpenApi {
    static DOCUMENT: OnceLock<OpenApi> = OnceLock::new();
    DOCUMENT.get_or_init(|| {
        let (_, mut document) = App::new().into_utoipa_app().openapi(base()).configure(routes).split_for_parts();
        if let Some(components) = &mut document.components {
            components.schemas.extend(problem::schemas());
        }
        document
    })
}

/// The document as it is committed under `openapi/`.
pub fn openapi_json() -> String {
    openapi().to_pretty_json().unwrap_or_default() + "\n"
}

fn base() -> OpenApi {
    #[derive(utoipa::OpenApi)]
    #[openapi(
        info(
            title = "Provoco",
            description = "Marketplace for challenge-based public procurement: agencies publish problems, companies \
                           answer with small priced pilots.",
            license(name = "Apache-2.0", identifier = "Apache-2.0"),
        ),
        tags(
            (name = "administration", description = "What administrators do about people and organisations"),
            (name = "audit", description = "What happened, and who read what, for auditors and those concerned"),
            (name = "accounts", description = "Registering, and the people behind accounts"),
            (name = "sessions", description = "Logging in and out"),
            (name = "organisations", description = "Agencies and companies, and who belongs to them"),
            (name = "api-keys", description = "Keys with which programs act in the place of people"),
            (name = "terms", description = "The terms of use and their versions"),
            (name = "codes", description = "Code lists"),
            (name = "calendars", description = "Which days are worked, and when periods end"),
            (name = "files", description = "Sending files, piece by piece"),
            (name = "challenges", description = "Problems that agencies publish"),
            (name = "questions", description = "Questions about challenges, and answers for everybody"),
            (name = "consultations", description = "What companies tell before anything is bought"),
            (name = "obligations", description = "Who owes what by when"),
            (name = "solutions", description = "The catalogue of what companies offer, and who is invited to what"),
            (name = "bids", description = "Offers of companies, sealed until they are opened"),
            (name = "receipts", description = "Signed proofs of what was received, and of what was refused"),
            (name = "opening", description = "Who holds the keys of sealed bids, and how they are opened"),
            (name = "outages", description = "When the service could not be used"),
            (name = "evaluation", description = "Panels, scores, rankings and awards"),
            (name = "contracts", description = "Contracts, milestones and payments"),
            (name = "events", description = "The public feed of everything that happened"),
            (name = "demo", description = "Only on a demo: moving the clock"),
        ),
    )]
    struct Base;
    let mut document = <Base as utoipa::OpenApi>::openapi();
    let bearer = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).bearer_format("JWT").build();
    let components = document.components.get_or_insert_default();
    components.add_security_scheme("bearer", SecurityScheme::Http(bearer));
    let key = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).bearer_format("pvk_<name>_<secret>");
    let key = key.description(Some("An API key of an organisation, which needs the scopes named at the operation."));
    components.add_security_scheme(API_KEY, SecurityScheme::Http(key.build()));
    document
}

/// Tells a wrong method from a wrong path.
async fn no_route(request: HttpRequest) -> Result<actix_web::HttpResponse<BoxBody>, Error> {
    let mut methods = methods_at(request.path());
    if methods.is_empty() {
        methods.extend(pages::methods_at(request.path()));
    }
    if methods.contains(&"GET") {
        methods.push("HEAD");
    }
    Err(if methods.is_empty() { Error::NoRoute } else { Error::MethodNotAllowed(methods.join(", ")) })
}

fn methods_at(path: &str) -> Vec<&'static str> {
    let found = openapi().paths.paths.iter().filter(|(pattern, _)| matches(pattern, path));
    found
        .flat_map(|(_, item)| {
            [
                ("GET", item.get.is_some()),
                ("POST", item.post.is_some()),
                ("PUT", item.put.is_some()),
                ("PATCH", item.patch.is_some()),
                ("DELETE", item.delete.is_some()),
            ]
        })
        .filter_map(|(method, there)| there.then_some(method))
        .collect()
}

fn matches(pattern: &str, path: &str) -> bool {
    let (pattern, path): (Vec<_>, Vec<_>) = (pattern.split('/').collect(), path.split('/').collect());
    let fits = |pattern: &str, part: &str| pattern == part || pattern.starts_with('{') && !part.is_empty();
    pattern.len() == path.len() && pattern.iter().zip(path).all(|(pattern, part)| fits(pattern, part))
}
