//! `provoco serve`: everything on one machine.

use crate::{
    background::{self, Sender},
    commands::{Failure, open_database, prepare_database},
    config::{Config, MailTransport, OidcProvider, Secret, SmtpSecurity},
    telemetry,
};
use actix_web::{App, HttpResponse, HttpServer, dev::Server, rt, web};
use application::{
    administrators, demo,
    demo::{Loaded, Welcome},
    oidc::{ProviderSettings, Providers},
    passwords::Passwords,
};
use chrono::TimeDelta;
use domain::OrganisationId;
use http::{Limits, Settings, State};
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use notifications::{Credentials, Mailbox, Mailer, Product, Security, SmtpSettings, Transport};
use persistence::Db;
use std::{io::Write, net::SocketAddr, sync::Arc, time::Duration};
use storage::Storage;
use tokio::sync::Mutex;

/// Runs until it is told to stop.
pub fn run(config: &Config, with_demo: bool) -> Result<(), Failure> {
    telemetry::start(&config.log).map_err(failed)?;
    prepare_database(config)?;
    let db = open_database(config)?;
    let mut greeting = String::new();
    if with_demo {
        greeting += &welcome(load_demo(&db)?);
    }
    demo::restore_clock(&db).map_err(failed)?;
    greeting += &administrator_link(config, &db)?;
    let state = state(config, db.clone())?;
    let signer = state.signer().clone();
    db.write_blocking(move |conn| signer.introduce(conn)).map_err(failed)?;
    let sender = sender(config)?;
    let metrics = PrometheusBuilder::new()
        .set_buckets(&[0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0])
        .and_then(PrometheusBuilder::install_recorder)
        .map_err(failed)?;
    rt::System::new().block_on(serve(config, state, sender, metrics, &greeting))
}

async fn serve(
    config: &Config,
    state: State,
    sender: Sender,
    metrics: PrometheusHandle,
    greeting: &str,
) -> Result<(), Failure> {
    let db = state.db().clone();
    rt::spawn(background::note_sessions(state.clone()));
    let storage = state.storage().clone();
    let (api, listens) = api_server(config, state)?;
    rt::spawn(drain(metrics.clone()));
    let metrics_server = config.http.metrics_listen.map(|at| metrics_server(at, metrics)).transpose()?;
    rt::spawn(background::number_events(db.clone()));
    let (outages, every) = (config.outages.policy(), Duration::from_secs(config.outages.beat_seconds));
    rt::spawn(background::give_signs_of_life(db.clone(), outages, every));
    rt::spawn(background::propose_extensions(db.clone(), outages));
    rt::spawn(background::close_challenges(db.clone(), outages));
    rt::spawn(background::announce_expiries(db.clone()));
    rt::spawn(background::announce(db.clone()));
    rt::spawn(background::publish_challenges(db.clone()));
    rt::spawn(background::index_challenges(db.clone()));
    rt::spawn(background::remind_of_obligations(db.clone()));
    rt::spawn(background::remind_of_changes(db.clone()));
    rt::spawn(background::ask_for_rehearsals(db.clone()));
    rt::spawn(background::follow_moved_clocks(db.clone()));
    rt::spawn(background::keep_sandboxes_going(db.clone()));
    rt::spawn(background::finish_openings(db.clone()));
    rt::spawn(background::tell_of_searches(db.clone()));
    rt::spawn(background::check_uploads(db.clone(), storage.clone()));
    rt::spawn(background::examine_documents(db.clone(), storage.clone()));
    rt::spawn(background::purge_uploads(db.clone(), storage.clone()));
    match config.storage.scanner() {
        Some(scanner) => drop(rt::spawn(background::scan_files(db.clone(), storage, scanner))),
        None => drop(rt::spawn(background::stand_down_scanner(db.clone()))),
    }
    rt::spawn(background::end_what_lapses(db.clone(), config.accounts.policy()));
    let mails_in_hand = Arc::new(Mutex::new(()));
    rt::spawn(background::send_mails(db, sender, mails_in_hand.clone()));
    let api = rt::spawn(api);
    let metrics_task = metrics_server.map(|server| (server.handle(), rt::spawn(server)));
    // Whoever reads the greeting may send a signal at once; the servers heed signals from their first turn on.
    rt::task::yield_now().await;
    say(&format!("{greeting}Provoco listens on http://{} (API documentation: /docs/)\n", listens));
    api.await.map_err(failed)?.map_err(failed)?;
    if let Some((handle, _)) = metrics_task {
        handle.stop(true).await;
    }
    let patience = Duration::from_secs(config.http.shutdown_seconds);
    let finished = tokio::time::timeout(patience, mails_in_hand.lock()).await;
    tracing::info!(mails_finished = finished.is_ok(), "stopped");
    Ok(())
}

/// The server of the API, and the address it listens on: with port 0 the system chose one.
fn api_server(config: &Config, state: State) -> Result<(Server, SocketAddr), Failure> {
    let server = HttpServer::new(move || http::app(state.clone()))
        .workers(config.http.workers)
        .shutdown_timeout(config.http.shutdown_seconds)
        .client_request_timeout(Duration::from_secs(config.http.request_timeout_seconds))
        .bind(config.listen)
        .map_err(|error| failed(format!("cannot listen on {}: {error}", config.listen)))?;
    let listens = server.addrs().first().copied().unwrap_or(config.listen);
    Ok((server.run(), listens))
}

/// Histograms grow until they are drained, whether anybody asks for them or not.
async fn drain(metrics: PrometheusHandle) {
    loop {
        tokio::time::sleep(Duration::from_secs(5)).await;
        metrics.run_upkeep();
    }
}

/// Prometheus asks on an address of its own, which need not be reachable from outside.
fn metrics_server(at: SocketAddr, metrics: PrometheusHandle) -> Result<Server, Failure> {
    let render = move |metrics: web::Data<PrometheusHandle>| async move {
        HttpResponse::Ok().content_type("text/plain; version=0.0.4").body(metrics.render())
    };
    let app = move || App::new().app_data(web::Data::new(metrics.clone())).route("/metrics", web::get().to(render));
    let server = HttpServer::new(app)
        .workers(1)
        .disable_signals()
        .bind(at)
        .map_err(|error| failed(format!("cannot listen for metrics on {at}: {error}")))?;
    Ok(server.run())
}

fn state(config: &Config, db: Db) -> Result<State, Failure> {
    let passwords = Passwords::start(config.auth.hash_threads, config.auth.hash_queue).map_err(failed)?;
    let settings = Settings {
        base_url: config.base_url.trim_end_matches('/').to_owned(),
        issuer: config.auth.issuer.clone(),
        access_token: TimeDelta::minutes(config.auth.access_token_minutes.into()),
        session: TimeDelta::days(config.auth.refresh_token_days.into()),
        signing_key: config.signing_key().map_err(failed)?,
        encryption_key: config.encryption_key().map_err(failed)?,
        receipt_key: config.receipt_key().map_err(failed)?,
        trusted_proxies: config.http.trusted_proxies.clone(),
        lifecycle: config.accounts.policy(),
        obligations: config.obligations.policy(),
        changes: config.changes.policy(),
        outages: config.outages.policy(),
        limits: Limits {
            body_bytes: config.http.body_limit_bytes,
            request: Duration::from_secs(config.http.request_timeout_seconds),
        },
        storage: storage(config)?,
        uploads: config.storage.limits(),
    };
    let callback = format!("{}/oidc/callback", settings.base_url);
    let providers = Providers::new(providers(config), &callback, &settings.signing_key);
    Ok(State::with_providers(db, passwords, settings, providers))
}

#[cfg(not(feature = "s3"))]
fn storage(config: &Config) -> Result<Storage, Failure> {
    Ok(Storage::local(&config.storage.directory))
}

#[cfg(feature = "s3")]
fn storage(config: &Config) -> Result<Storage, Failure> {
    let (directory, s3) = (&config.storage.directory, &config.storage.s3);
    let Some(bucket) = s3.bucket.clone() else { return Ok(Storage::local(directory)) };
    let text = |secret: &Secret| secret.expose().to_owned();
    let settings = storage::S3Settings {
        endpoint: s3.endpoint.clone(),
        bucket,
        region: s3.region.clone(),
        access_key: s3.access_key_id.as_ref().map(text).zip(s3.secret_access_key.as_ref().map(text)),
    };
    Storage::s3(directory, settings).map_err(failed)
}

fn providers(config: &Config) -> Vec<ProviderSettings> {
    let secret = |secret: &Option<Secret>| secret.as_ref().map(|secret| secret.expose().to_owned());
    let settings = |(name, provider): (&String, &OidcProvider)| ProviderSettings {
        name: name.clone(),
        issuer: provider.issuer.clone(),
        client_id: provider.client_id.clone(),
        client_secret: secret(&provider.client_secret).unwrap_or_default(),
        label: provider.label.clone(),
        organisation: provider.organisation.map(OrganisationId),
        domains: provider.domains.clone(),
    };
    config.auth.oidc.iter().map(settings).collect()
}

fn sender(config: &Config) -> Result<Sender, Failure> {
    let from: lettre::message::Mailbox = config.mail.from.parse().map_err(failed)?;
    let host = config.base_url.split("://").last().unwrap_or_default();
    let host = host.split([':', '/']).next().unwrap_or_default().to_owned();
    Ok(Sender {
        mailer: Mailer::new(transport(config)).map_err(failed)?,
        from: Mailbox { name: from.name.unwrap_or_default(), address: from.email.to_string() },
        product: Product { base_url: config.base_url.clone() },
        host,
    })
}

fn transport(config: &Config) -> Transport {
    let smtp = &config.mail.smtp;
    match (config.mail.transport, &smtp.host) {
        (MailTransport::Smtp, Some(host)) => Transport::Smtp(SmtpSettings {
            host: host.clone(),
            port: smtp.port,
            security: match smtp.security {
                SmtpSecurity::None => Security::None,
                SmtpSecurity::Starttls => Security::StartTls,
                SmtpSecurity::Tls => Security::Tls,
            },
            credentials: smtp
                .user
                .as_ref()
                .zip(smtp.password.as_ref())
                .map(|(user, password)| Credentials { user: user.clone(), password: password.expose().to_owned() }),
        }),
        _ => Transport::Directory(config.mail.directory.clone()),
    }
}

/// Fills the database, unless that was done before.
pub fn load_demo(db: &Db) -> Result<Welcome, Failure> {
    match demo::load(db).map_err(failed)? {
        Loaded::Now(welcome) => Ok(welcome),
        Loaded::Already => demo::welcome().map_err(failed),
    }
}

/// The logins of the demo, as text.
pub fn welcome(welcome: Welcome) -> String {
    let mut text = format!("\nThis is a demo. Everybody's password is: {}\n\n", welcome.password);
    for login in welcome.logins {
        let roles: Vec<_> = login.roles.iter().map(|role| role.as_str()).collect();
        let of = login.organisation.unwrap_or_else(|| "runs the platform".to_owned());
        text += &format!("  {:<44} {:<24} {of} {}\n", login.email, login.name, roles.join(", "));
    }
    text + "\n"
}

/// A link that creates the administrator, as long as there is none.
fn administrator_link(config: &Config, db: &Db) -> Result<String, Failure> {
    if db.write_blocking(administrators::exists).map_err(failed)? {
        return Ok(String::new());
    }
    let token = db.write_blocking(administrators::create_link).map_err(failed)?;
    let link = format!("{}/setup?token={token}", config.base_url.trim_end_matches('/'));
    Ok(format!("There is no administrator yet. This link creates one; it works once, for 24 hours:\n\n  {link}\n\n"))
}

/// Tells whoever started the program; a closed terminal is no reason to stop.
fn say(text: &str) {
    let mut out = std::io::stdout();
    drop(out.write_all(text.as_bytes()).and_then(|()| out.flush()));
}

fn failed(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Failure {
    Failure::Runtime(error.into())
}
