//! Problem documents (RFC 9457): the only error body of the API.

use super::wire::ReceiptWire;
use actix_web::{HttpResponse, http::StatusCode, http::header};
use chrono::{DateTime, Utc};
use domain::{FieldError, Refusal};
use serde::Serialize;
use std::collections::BTreeMap;
use utoipa::{
    IntoResponses, PartialSchema, ToSchema,
    openapi::{Content, Ref, RefOr, Response},
};
use uuid::Uuid;

/// A problem (RFC 9457).
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Problem {
    /// Stable address of this kind of problem.
    #[schema(example = "urn:problem-type:provoco:deadline_passed")]
    r#type: String,
    /// The kind of problem in a few words.
    #[schema(example = "Deadline passed")]
    title: &'static str,
    /// The HTTP status.
    #[schema(example = 409)]
    status: u16,
    /// What went wrong this time.
    #[schema(example = "The deadline has passed.")]
    detail: String,
    /// Stable name of this kind of problem, for programs.
    #[schema(example = "deadline_passed")]
    code: &'static str,
    /// Every wrong field.
    errors: Vec<Field>,
    /// After how many seconds to try again, if that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = 8)]
    retry_after: Option<i64>,
    /// The scopes that the API key lacks, if that is why.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(example = json!(["bids:write"]))]
    missing_scopes: Vec<String>,
    /// The signed refusal, if an attempt to do something with a bid was refused and that is on the record.
    #[serde(skip_serializing_if = "Option::is_none")]
    receipt: Option<ReceiptWire>,
    /// What there is to know of the draft that stands in the way.
    #[serde(flatten)]
    in_the_way: InTheWay,
    /// The id of the request, as in the log of the server.
    #[schema(example = "0199f3a0-5b1c-7c3e-8a4d-2f6b9c0d1e2f")]
    request_id: String,
}

/// The draft of a bid that is there already, or that a colleague saved.
#[derive(Debug, Default, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct InTheWay {
    /// The draft that there is already.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "0199f3a0-5b1c-7c3e-8a4d-2f6b9c0d1e2f")]
    draft: Option<Uuid>,
    /// Who saved the draft last.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "Ana Kos")]
    saved_by: Option<String>,
    /// When they did.
    #[serde(skip_serializing_if = "Option::is_none")]
    saved_at: Option<DateTime<Utc>>,
}

impl InTheWay {
    pub(crate) fn of(refusal: &Refusal) -> Self {
        match refusal {
            Refusal::DraftExists(id) => Self { draft: Some(id.0), ..Self::default() },
            Refusal::DraftChanged { name, at, .. } => {
                Self { saved_by: Some(name.clone()), saved_at: Some(*at), ..Self::default() }
            }
            _ => Self::default(),
        }
    }
}

/// A wrong field.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = FieldProblem)]
pub(crate) struct Field {
    /// JSON Pointer (RFC 6901) to the field; for query parameters `/` and their name.
    #[schema(example = "/price/amount")]
    pointer: String,
    /// Stable name of what is wrong, for programs.
    #[schema(example = "above_ceiling")]
    code: &'static str,
    /// What is wrong, in words.
    #[schema(example = "the ceiling is 45000.00 EUR")]
    detail: String,
}

impl From<FieldError> for Field {
    fn from(FieldError { pointer, code, detail }: FieldError) -> Self {
        Self { pointer, code, detail }
    }
}

impl Problem {
    pub(crate) fn new(
        status: StatusCode,
        code: &'static str,
        title: &'static str,
        detail: String,
        errors: Vec<FieldError>,
        request_id: &str,
    ) -> Self {
        Self {
            r#type: format!("urn:problem-type:provoco:{code}"),
            title,
            status: status.as_u16(),
            detail,
            code,
            errors: errors.into_iter().map(Into::into).collect(),
            retry_after: None,
            missing_scopes: Vec::new(),
            receipt: None,
            in_the_way: InTheWay::default(),
            request_id: request_id.to_owned(),
        }
    }

    /// The same, for who must wait so many seconds.
    pub(crate) fn after(self, retry_after: Option<i64>) -> Self {
        Self { retry_after, ..self }
    }

    /// The same, for a key that lacks these scopes.
    pub(crate) fn lacking(self, missing_scopes: Vec<String>) -> Self {
        Self { missing_scopes, ..self }
    }

    /// The same, for a refusal that is on the record.
    pub(crate) fn on_record(self, receipt: Option<receipts::Receipt>) -> Self {
        Self { receipt: receipt.map(Into::into), ..self }
    }

    /// The same, for a draft that stands in the way.
    pub(crate) fn about_draft(self, in_the_way: InTheWay) -> Self {
        Self { in_the_way, ..self }
    }

    /// The response, with what the status demands.
    pub(crate) fn response(&self) -> HttpResponse {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = HttpResponse::build(status);
        response.insert_header((header::CACHE_CONTROL, "no-store"));
        if status == StatusCode::SERVICE_UNAVAILABLE {
            response.insert_header((header::RETRY_AFTER, "1"));
        }
        if let Some(seconds) = self.retry_after {
            response.insert_header((header::RETRY_AFTER, seconds));
        }
        if status == StatusCode::UNAUTHORIZED {
            response.insert_header((header::WWW_AUTHENTICATE, "Bearer"));
        }
        response.content_type("application/problem+json").json(self)
    }
}

/// A response that the middleware replaces by the problem document.
pub(crate) fn placeholder(status: StatusCode) -> HttpResponse {
    HttpResponse::new(status)
}

macro_rules! problems {
    ($($(#[$doc:meta])* $name:ident: $($status:literal $words:literal),* $(,)?;)*) => {$(
        $(#[$doc])*
        pub(crate) struct $name;

        impl IntoResponses for $name {
            fn responses() -> BTreeMap<String, RefOr<Response>> {
                BTreeMap::from([$(($status.to_owned(), response($words))),*])
            }
        }
    )*};
}

problems! {
    /// What reading can fail with.
    ReadProblems:
        "400" "Wrong query or header", "401" "Not logged in, or the token is not valid", "403" "Not allowed",
        "404" "Does not exist, or must not exist for you", "409" "Not possible in this state",
        "500" "Internal error", "503" "Too busy, or the database is not available";
    /// What writing can fail with.
    WriteProblems:
        "400" "Wrong query or header, or the body is not JSON", "401" "Not logged in, or the token is not valid",
        "403" "Not allowed", "404" "Does not exist, or must not exist for you",
        "409" "Not possible in this state, or changed at the same moment", "413" "Body too large",
        "415" "Wrong media type", "422" "Wrong content; every wrong field is listed",
        "500" "Internal error", "503" "Too busy, or the database is not available";
    /// What proving to be somebody can fail with.
    AttemptProblems:
        "400" "Wrong query or header, or the body is not JSON", "401" "Not proved", "403" "Not allowed",
        "404" "Does not exist, or must not exist for you",
        "409" "Not possible in this state, or changed at the same moment", "413" "Body too large",
        "415" "Wrong media type", "422" "Wrong content; every wrong field is listed", "429" "Too many attempts",
        "500" "Internal error", "503" "Too busy, or the database is not available";
    /// What sending a piece of a file can fail with.
    PieceProblems:
        "400" "Wrong query or header, or the piece broke off", "401" "Not logged in, or the token is not valid",
        "403" "Not allowed", "404" "Does not exist, or must not exist for you",
        "409" "The upload goes on elsewhere, or takes no pieces any more", "412" "Wrong version of the tus protocol",
        "413" "More than was announced", "415" "Wrong media type", "422" "Wrong content",
        "423" "Another connection is sending to this upload", "500" "Internal error",
        "503" "Too busy, or the database or the storage is not available";
    /// What changing a shared record can fail with.
    EditProblems:
        "400" "Wrong query or header, or the body is not JSON", "401" "Not logged in, or the token is not valid",
        "403" "Not allowed", "404" "Does not exist, or must not exist for you",
        "409" "Not possible in this state, or changed at the same moment", "412" "Changed since it was read",
        "413" "Body too large", "415" "Wrong media type", "422" "Wrong content; every wrong field is listed",
        "428" "If-Match missing", "500" "Internal error", "503" "Too busy, or the database is not available";
}

fn response(words: &str) -> RefOr<Response> {
    let schema = RefOr::Ref(Ref::from_schema_name(Problem::name()));
    let content = Content::new(Some(schema));
    RefOr::T(Response::builder().description(words).content("application/problem+json", content).build())
}

/// The schemas of this file; they are referenced by hand above.
pub(crate) fn schemas() -> Vec<(String, RefOr<utoipa::openapi::Schema>)> {
    let mut schemas = vec![(Problem::name().into_owned(), Problem::schema())];
    Problem::schemas(&mut schemas);
    schemas
}
