//! Signed certificates of outages, which bidders attach to objections.

use super::receipts::{Form, asked};
use crate::{
    Error,
    access::Anyone,
    foundation::{ReadProblems, Reply},
    pages,
};
use actix_web::{
    HttpResponse, Responder, get,
    http::{StatusCode, header},
    web,
};
use application::outages;
use askama::Template;
use domain::OutageId;
use receipts::Certificate;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config.service(get_outage_certificate);
}

/// A signed certificate, as a file.
#[derive(Serialize, ToSchema)]
#[schema(as = OutageCertificate)]
struct CertificateView {
    /// What is signed: JSON, as a text. Exactly the bytes of this text, in UTF-8, are what the signature is of.
    #[schema(
        example = r#"{"format":"provoco-outage-certificate-v1","outage":"0199f3a0-5b1c-7c3e-8a4d-2f6b9c0d1e2f"}"#
    )]
    payload: String,
    /// The signature (Ed25519, RFC 8032), in base64.
    #[schema(example = "p7J3c1Zb0cT2y6JwW2mZC1l9ZzYk0r2kYQmC0m3pQqgq3m7Yl2oHq3mZ5w1v9o8b2mX4s6d8f0g2h4j6k8l0AA==")]
    signature: String,
}

#[derive(Template)]
#[template(path = "certificate.html")]
struct CertificatePage {
    sentence: &'static str,
    facts: Vec<(&'static str, String)>,
    payload: String,
    signature: String,
}

/// Get the signed certificate of an outage
///
/// For everybody: when the service could not be used, with all that was said about it until now. As a file (JSON), which is what
/// anybody checks with the keys of receipts; as a page (HTML) or on paper (PDF), for reading. Say which with `Accept`, or write
/// `.json`, `.html` or `.pdf` behind the id of the outage.
#[utoipa::path(tag = "outages", params(("outage" = String, Path, description = "Its id, and perhaps an ending",
        min_length = 36, max_length = 41)),
    responses((status = 200, description = "The certificate", content((CertificateView = "application/json"),
        (String = "text/html"), (Vec<u8> = "application/pdf"))), ReadProblems))]
#[get("/outage-certificates/{outage}")]
async fn get_outage_certificate(who: Anyone, path: web::Path<String>) -> Result<HttpResponse, Error> {
    let (id, form) = asked(&path, who.request(), "outage")?;
    let (id, signer) = (OutageId(id), who.state().signer().clone());
    let certificate = who.read(move |conn, _| Ok(outages::certify(conn, &signer, id)?)).await?;
    let mut response = match form {
        Form::Json => {
            let Certificate { payload, signature } = certificate;
            Reply::ok(&CertificateView { payload, signature })?.respond_to(who.request())
        }
        Form::Html => html(certificate)?,
        Form::Pdf => pdf(id, &certificate)?,
    };
    response.headers_mut().insert(header::VARY, header::HeaderValue::from_static("accept"));
    Ok(response)
}

fn html(certificate: Certificate) -> Result<HttpResponse, Error> {
    let said = certificate.read().map_err(|error| Error::Internal(error.to_string()))?;
    let Certificate { payload, signature } = certificate;
    let page = CertificatePage { sentence: said.sentence(), facts: said.facts(), payload, signature };
    pages::page(StatusCode::OK, &page)
}

fn pdf(id: OutageId, certificate: &Certificate) -> Result<HttpResponse, Error> {
    let file = receipts::certificate_pdf(certificate).map_err(|error| Error::Internal(error.to_string()))?;
    let name = format!("attachment; filename=\"outage-{id}.pdf\"");
    Ok(HttpResponse::Ok().content_type("application/pdf").insert_header((header::CONTENT_DISPOSITION, name)).body(file))
}
