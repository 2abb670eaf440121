//! Around every request: its id, one log line, metrics, a time limit, security headers, and the problem document.

use crate::{
    Error, State,
    access::KeyName,
    foundation::{
        download::HeadOnly,
        request_id::{self, RequestId},
    },
    tokens::Claims,
};
use actix_web::{
    HttpMessage,
    body::{BoxBody, MessageBody},
    dev::{Extensions, ServiceRequest, ServiceResponse},
    error::InternalError,
    http::{
        Method,
        header::{self, HeaderMap, HeaderName, HeaderValue},
    },
    middleware::Next,
    web,
};
use std::time::{Duration, Instant};

/// Where files are sent.
const UPLOADS: &str = "/api/v1/uploads";

/// Where documents of bids are sent: what their path ends with.
const BID_DOCUMENTS: &str = "/bid-documents";

/// What stands before a secret in a path.
const PERSONAL: &str = "/calendars/personal/";

/// Wraps every request.
pub(crate) async fn around(
    mut request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let start = Instant::now();
    let id = RequestId::of(request.headers());
    request.extensions_mut().insert(id.clone());
    let state = request.app_data::<web::Data<State>>().cloned();
    let limit = state.as_ref().map(|state| state.settings.limits.request).unwrap_or_default();
    let (method, path) = (request.method().to_string(), request.path().to_owned());
    let logged = without_secret(&path);
    // A large file takes as long as it takes; whoever receives it gives up when nothing comes any more.
    let is_file = method == "PATCH" && path.starts_with(UPLOADS) || method == "POST" && path.ends_with(BID_DOCUMENTS);
    let limit = if is_file { Duration::MAX } else { limit };
    // HEAD is GET without the content (RFC 9110, 9.3.2), which the server leaves out by itself.
    if request.method() == Method::HEAD {
        request.head_mut().method = Method::GET;
        request.extensions_mut().insert(HeadOnly);
    }
    let secure = state.is_some_and(|state| state.settings.base_url.starts_with("https://"));
    // The request itself must not be kept: routing needs it unshared.
    let Ok(answered) = tokio::time::timeout(limit, next.call(request)).await else {
        let mut response = Error::TimedOut.response(&id.0);
        set_headers(response.headers_mut(), &path, &id, secure);
        record(&method, logged, "none", response.status().as_u16(), start, &id, (None, None));
        return Err(InternalError::from_response("timed out", response).into());
    };
    let mut response = answered?.map_into_boxed_body();
    let failure = response.response().error().and_then(|error| error.as_error::<Error>());
    if let Some(error) = failure {
        if response.status().is_server_error() {
            tracing::warn!(request_id = %id.0, error = %error, "a request failed");
        }
        let problem = error.response(&id.0);
        response = response.into_response(problem);
    }
    set_headers(response.headers_mut(), &path, &id, secure);
    // The pattern, not the path: ids would make a metric per record.
    let route = response.request().match_pattern().unwrap_or_else(|| "none".to_owned());
    let caller = caller(&response.request().extensions());
    record(&method, logged, &route, response.status().as_u16(), start, &id, caller);
    Ok(response)
}

/// The path as it is logged: calendar programs can show their secret nowhere but there.
fn without_secret(path: &str) -> &str {
    path.find(PERSONAL).map_or(path, |start| &path[..start + PERSONAL.len()])
}

fn set_headers(headers: &mut HeaderMap, path: &str, id: &RequestId, secure: bool) {
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
    set("content-security-policy", content_security_policy(path));
    if path.starts_with(UPLOADS) {
        set("tus-resumable", "1.0.0");
    }
    if secure {
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

/// Who is known to have sent a request: the person, or the name of the API key.
type Sender = (Option<String>, Option<String>);

fn caller(extensions: &Extensions) -> Sender {
    let user = extensions.get::<Claims>().map(|claims| claims.user.to_string());
    (user, extensions.get::<KeyName>().map(|key| key.0.clone()))
}

fn record(method: &str, path: &str, route: &str, status: u16, start: Instant, id: &RequestId, (user, api_key): Sender) {
    let elapsed = start.elapsed();
    let labels = [("method", method.to_owned()), ("route", route.to_owned())];
    metrics::histogram!("provoco_http_request_duration_seconds", &labels).record(elapsed.as_secs_f64());
    let [method_label, route_label] = labels;
    let labels = [method_label, route_label, ("status", status.to_string())];
    metrics::counter!("provoco_http_requests_total", &labels).increment(1);
    tracing::info!(
        target: "provoco::request",
        method,
        path,
        route,
        status,
        micros = u64::try_from(elapsed.as_micros()).unwrap_or(u64::MAX),
        request_id = %id.0,
        user,
        api_key,
        "request"
    );
}

#[cfg(test)]
mod tests {
    use super::without_secret;

    #[test]
    fn secrets_in_paths_are_not_logged() {
        for (path, logged) in [
            ("/api/v1/calendars/personal/3q2-7wAA.ics", "/api/v1/calendars/personal/"),
            ("//api/v1/calendars/personal/3q2-7wAA.ics/more", "//api/v1/calendars/personal/"),
            ("/api/v1/calendars/SI", "/api/v1/calendars/SI"),
            ("/api/v1/challenges", "/api/v1/challenges"),
        ] {
            assert_eq!(without_secret(path), logged);
        }
    }
}
