//! A small part of S3, played by the tests: objects, uploads in parts, ranges, and failures on demand.

use actix_web::{
    App, HttpRequest, HttpResponse, HttpServer,
    dev::ServerHandle,
    http::{Method, StatusCode},
    rt, web,
};
use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, Mutex, MutexGuard, mpsc},
    thread,
};

pub const BUCKET: &str = "files";
pub const KEY_ID: &str = "AKIDPROVOCO";

/// What the service holds.
#[derive(Default)]
pub struct Held {
    /// Objects by their path.
    pub objects: BTreeMap<String, Vec<u8>>,
    /// Uploads in parts that were neither completed nor aborted.
    pub uploads: HashMap<String, BTreeMap<u32, Vec<u8>>>,
    /// The largest body that came at once.
    pub largest: usize,
    /// How many of the next requests that write fail.
    pub failing: usize,
    /// After how many bytes of an object connections break.
    pub breaks_after: Option<usize>,
    started: u32,
}

/// The running service.
pub struct Service {
    pub endpoint: String,
    held: Arc<Mutex<Held>>,
    handle: ServerHandle,
}

impl Service {
    pub fn start() -> Self {
        let held = Arc::new(Mutex::new(Held::default()));
        let (data, (tell, told)) = (held.clone(), mpsc::channel());
        thread::spawn(move || {
            rt::System::new().block_on(async move {
                let app = move || {
                    let data = web::Data::new(data.clone());
                    App::new()
                        .app_data(data)
                        .app_data(web::PayloadConfig::new(64 << 20))
                        .default_service(web::to(answer))
                };
                let server = HttpServer::new(app).workers(1).disable_signals().bind("127.0.0.1:0").unwrap();
                let address = server.addrs()[0];
                let server = server.run();
                tell.send((address, server.handle())).unwrap();
                server.await.unwrap();
            });
        });
        let (address, handle) = told.recv().unwrap();
        Self { endpoint: format!("http://{address}"), held, handle }
    }

    pub fn held(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap()
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        drop(self.handle.stop(false));
    }
}

type Query = HashMap<String, String>;

async fn answer(
    request: HttpRequest,
    body: web::Bytes,
    query: web::Query<Query>,
    data: web::Data<Arc<Mutex<Held>>>,
) -> HttpResponse {
    let signed = request.headers().get("authorization").and_then(|value| value.to_str().ok()).unwrap_or_default();
    if !signed.starts_with("AWS4-HMAC-SHA256 ") || !signed.contains(&format!("Credential={KEY_ID}/")) {
        return problem(StatusCode::FORBIDDEN, "AccessDenied");
    }
    let Some(key) = request.path().strip_prefix(&format!("/{BUCKET}/")) else {
        return problem(StatusCode::NOT_FOUND, "NoSuchBucket");
    };
    let mut held = data.lock().unwrap();
    held.largest = held.largest.max(body.len());
    let writes = !matches!(*request.method(), Method::GET | Method::HEAD);
    if writes && held.failing > 0 {
        held.failing -= 1;
        return problem(StatusCode::SERVICE_UNAVAILABLE, "SlowDown");
    }
    match *request.method() {
        Method::PUT => put(&mut held, key, &query, body.to_vec()),
        Method::POST => post(&mut held, key, &query),
        Method::DELETE => delete(&mut held, key, &query),
        _ => get(&held, key, &request),
    }
}

fn put(held: &mut Held, key: &str, query: &Query, body: Vec<u8>) -> HttpResponse {
    let tag = format!("\"{}\"", body.len());
    match query.get("uploadId") {
        None => drop(held.objects.insert(key.to_owned(), body)),
        Some(id) => {
            let Some(upload) = held.uploads.get_mut(id) else {
                return problem(StatusCode::NOT_FOUND, "NoSuchUpload");
            };
            upload.insert(query["partNumber"].parse().unwrap(), body);
        }
    }
    HttpResponse::Ok().insert_header(("etag", tag)).finish()
}

fn post(held: &mut Held, key: &str, query: &Query) -> HttpResponse {
    if query.contains_key("uploads") {
        held.started += 1;
        let id = held.started.to_string();
        held.uploads.insert(id.clone(), BTreeMap::new());
        return xml(&format!(
            "<InitiateMultipartUploadResult><Bucket>{BUCKET}</Bucket><Key>{key}</Key><UploadId>{id}</UploadId></InitiateMultipartUploadResult>"
        ));
    }
    let Some(parts) = held.uploads.remove(&query["uploadId"]) else {
        return problem(StatusCode::NOT_FOUND, "NoSuchUpload");
    };
    held.objects.insert(key.to_owned(), parts.into_values().flatten().collect());
    xml(&format!(
        "<CompleteMultipartUploadResult><Bucket>{BUCKET}</Bucket><Key>{key}</Key><ETag>\"x\"</ETag></CompleteMultipartUploadResult>"
    ))
}

fn delete(held: &mut Held, key: &str, query: &Query) -> HttpResponse {
    match query.get("uploadId") {
        Some(id) => drop(held.uploads.remove(id)),
        None => drop(held.objects.remove(key)),
    }
    HttpResponse::NoContent().finish()
}

fn get(held: &Held, key: &str, request: &HttpRequest) -> HttpResponse {
    let Some(content) = held.objects.get(key) else { return problem(StatusCode::NOT_FOUND, "NoSuchKey") };
    let (size, header) = (content.len(), request.headers().get("range").and_then(|value| value.to_str().ok()));
    let range = header.and_then(|range| range.strip_prefix("bytes=")?.split_once('-'));
    let range = range.map(|(first, last)| first.parse().unwrap()..last.parse::<usize>().unwrap().min(size - 1) + 1);
    let mut response = HttpResponse::build(if range.is_some() { StatusCode::PARTIAL_CONTENT } else { StatusCode::OK });
    response.insert_header(("etag", format!("\"{size}\"")));
    response.insert_header(("last-modified", "Mon, 30 Nov 2026 12:00:00 GMT"));
    if request.method() == Method::HEAD {
        return response.body(content.clone());
    }
    if let Some(range) = &range {
        response.insert_header(("content-range", format!("bytes {}-{}/{size}", range.start, range.end - 1)));
    }
    let sent = content[range.unwrap_or(0..size)].to_vec();
    match held.breaks_after.filter(|after| *after < sent.len()) {
        None => response.body(sent),
        Some(after) => {
            let start: Result<web::Bytes, std::io::Error> = Ok(sent[..after].to_vec().into());
            let broken = Err(std::io::ErrorKind::ConnectionReset.into());
            response.no_chunking(sent.len() as u64).streaming(futures_util::stream::iter([start, broken]))
        }
    }
}

fn xml(text: &str) -> HttpResponse {
    HttpResponse::Ok().content_type("application/xml").body(text.to_owned())
}

fn problem(status: StatusCode, code: &str) -> HttpResponse {
    let text = format!("<Error><Code>{code}</Code><Message>{code}</Message></Error>");
    HttpResponse::build(status).content_type("application/xml").body(text)
}
