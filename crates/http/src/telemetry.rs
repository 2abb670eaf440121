//! Around every request: its id, one log line, metrics, a time limit, security headers, and the problem document.

use crate::{
    Error, State,
    foundation::request_id::{self, RequestId},
    tokens::Claims,
};
use actix_web::{
    HttpMessage, HttpResponse,
    body::{BoxBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    http::header::{self, HeaderMap, HeaderName, HeaderValue},
    middleware::Next,
    web,
};
use std::time::Instant;

/// Wraps every request.
pub(crate) async fn around(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let start = Instant::now();
    let id = RequestId::of(request.headers());
    request.extensions_mut().insert(id.clone());
    let http = request.request().clone();
    let limit = request.app_data::<web::Data<State>>().map(|state| state.settings.limits.request).unwrap_or_default();
    let mut response = match tokio::time::timeout(limit, next.call(request)).await {
        Ok(answered) => answered.map(ServiceResponse::map_into_boxed_body).unwrap_or_else(|error| {
            ServiceResponse::new(http.clone(), HttpResponse::from_error(error)).map_into_boxed_body()
        }),
        Err(_) => ServiceResponse::new(http.clone(), HttpResponse::from_error(Error::TimedOut)),
    };
    let failure = response.response().error().and_then(|error| error.as_error::<Error>());
    if let Some(problem) = failure.map(|error| error.problem(&http)) {
        if let Some(error) = failure.filter(|_| response.status().is_server_error()) {
            tracing::warn!(request_id = %id.0, error = %error, "a request failed");
        }
        response = response.into_response(problem.response());
    }
    set_headers(response.headers_mut(), &http, &id);
    record(&http, &response, start, &id);
    Ok(response)
}

fn set_headers(headers: &mut HeaderMap, request: &actix_web::HttpRequest, id: &RequestId) {
    let mut set = |name: &'static str, value: &str| {
        if let Ok(value) = HeaderValue::from_str(value) {
            headers.insert(HeaderName::from_static(name), value);
        }
    };
    set(request_id::HEADER, &id.0);
    set("x-content-type-options", "nosniff");
    set("referrer-policy", "no-referrer");
    set("cross-origin-opener-policy", "same-origin");
    set("cross-origin-resource-policy", "same-origin");
    set("permissions-policy", "camera=(), geolocation=(), microphone=()");
    set("content-security-policy", content_security_policy(request.path()));
    let state = request.app_data::<web::Data<State>>();
    if state.is_some_and(|state| state.settings.base_url.starts_with("https://")) {
        set("strict-transport-security", "max-age=31536000; includeSubDomains");
    }
    headers.append(header::VARY, HeaderValue::from_static("authorization"));
    if !headers.contains_key(header::CACHE_CONTROL) {
        let cacheable = headers.contains_key(header::ETAG);
        let policy = if cacheable { "private, no-cache" } else { "no-store" };
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(policy));
    }
}

/// The pages load nothing from elsewhere; the API documentation needs its own scripts and inline styles.
fn content_security_policy(path: &str) -> &'static str {
    if path.starts_with("/docs") {
        "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; object-src 'none'; \
         base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    } else {
        "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    }
}

fn record(request: &actix_web::HttpRequest, response: &ServiceResponse<BoxBody>, start: Instant, id: &RequestId) {
    let elapsed = start.elapsed();
    // The pattern, not the path: ids would make a metric per record.
    let route = request.match_pattern().unwrap_or_else(|| "none".to_owned());
    let status = response.status().as_u16();
    let method = request.method().as_str().to_owned();
    metrics::counter!("provoco_http_requests_total", "method" => method.clone(), "route" => route.clone(),
        "status" => status.to_string())
    .increment(1);
    metrics::histogram!("provoco_http_request_duration_seconds", "method" => method.clone(), "route" => route.clone())
        .record(elapsed.as_secs_f64());
    let user = request.extensions().get::<Claims>().map(|claims| claims.user.to_string());
    tracing::info!(
        target: "provoco::request",
        method,
        path = request.path(),
        route,
        status,
        micros = u64::try_from(elapsed.as_micros()).unwrap_or(u64::MAX),
        request_id = %id.0,
        user,
        "request"
    );
}
