//! Whether the program lives, and whether it can do its work.

use crate::{Error, State};
use actix_web::{HttpResponse, web};
use serde_json::json;

pub(crate) fn routes(config: &mut web::ServiceConfig) {
    config.route("/livez", web::get().to(livez)).route("/readyz", web::get().to(readyz));
}

/// The program answers.
async fn livez() -> HttpResponse {
    HttpResponse::Ok().json(json!({ "status": "ok" }))
}

/// The database answers too; 503 otherwise.
async fn readyz(state: web::Data<State>) -> Result<HttpResponse, Error> {
    state.db().read(|conn| conn.check().map_err(Error::from)).await?;
    Ok(HttpResponse::Ok().json(json!({ "status": "ok", "checks": { "database": "ok" } })))
}
