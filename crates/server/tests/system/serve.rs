//! `provoco serve` on an empty data directory.

use std::net::TcpStream;

use serde_json::json;
use testing::{Backend, Cluster, cluster, on_both};

use crate::{
    client::Client,
    people::PASSWORD,
    process::{BASE_URL, Installation, free_port},
};

/// An installation without tables. On PostgreSQL the database is named after the test, which names nobody else.
pub fn empty(backend: Backend, name: &str) -> Installation {
    Installation::at(match backend {
        Backend::Sqlite => None,
        Backend::Postgres => Some(empty_database(cluster(), name)),
    })
}

fn empty_database(cluster: &Cluster, name: &str) -> String {
    cluster.create_database(name, None);
    cluster.url(name)
}

/// The token in the link that makes an administrator, as printed.
pub fn administrator_token(printed: &str) -> Option<String> {
    let (_, link) = printed.split_once(&format!("{BASE_URL}/setup?token="))?;
    Some(link.chars().take_while(|letter| letter.is_ascii_alphanumeric() || "-_".contains(*letter)).collect())
}

pub fn log_in(client: &Client, email: &str) -> crate::client::Response {
    client.post("/api/v1/sessions", &json!({ "email": email, "password": PASSWORD }))
}

on_both! {
    fn an_empty_installation_lets_one_administrator_in(backend: Backend) {
        let installation = empty(backend, "first_start");
        let server = installation.serve();
        let client = Client::new(&server);
        let token = administrator_token(&server.process.out()).expect("a link is printed");

        let link = format!("/setup?token={token}");
        for _ in 0..2 {
            // Following the link uses nothing up: mail scanners and the curious do so.
            assert!(client.get(&link).expect(200).text.contains(&token));
        }
        let fields = [("token", &*token), ("name", "Ada Admin"), ("email", "ada@provoco.test"), ("password", PASSWORD)];
        client.submit_form("/setup", &fields).expect(201);
        let again = [("token", &*token), ("name", "Eve"), ("email", "eve@provoco.test"), ("password", PASSWORD)];
        client.submit_form("/setup", &again).expect(422);
        log_in(&client, "eve@provoco.test").expect(401);

        let session = log_in(&client, "ada@provoco.test").expect(201).string("accessToken");
        assert_eq!(client.with_token(&session).get("/api/v1/me").expect(200).body["administrator"], true);
        server.stop();

        let server = installation.serve();
        assert_eq!(administrator_token(&server.process.out()), None, "there is an administrator");
        assert_eq!(Client::new(&server).with_token(&session).get("/api/v1/me").expect(200).body["name"], "Ada Admin");
    }
}

#[test]
fn health_is_told_on_the_public_address_and_metrics_only_on_their_own() {
    let port = free_port();
    let installation = Installation::new(Backend::Sqlite).with("HTTP__METRICS_LISTEN", format!("127.0.0.1:{port}"));
    let server = installation.serve();
    let (client, metrics) = (Client::new(&server), Client::at(format!("http://127.0.0.1:{port}")));
    client.get("/livez").expect(200);
    client.get("/readyz").expect(200);
    client.get("/metrics").expect(404);
    metrics.get("/api/v1/challenges").expect(404);
    let text = metrics.get("/metrics").expect(200).text;
    let line = r#"provoco_http_requests_total{method="GET",route="/livez",status="200"} 1"#;
    assert!(text.lines().any(|it| it == line), "{text}");
    server.stop();
}

/// Also when the public address is stopped gracefully, so a second server may start at once.
#[test]
fn stopping_frees_the_metrics_address() {
    let port = free_port();
    let installation = Installation::new(Backend::Sqlite).with("HTTP__METRICS_LISTEN", format!("127.0.0.1:{port}"));
    installation.serve().stop();
    assert!(TcpStream::connect(("127.0.0.1", port)).is_err());
    installation.serve().stop();
}

#[cfg(target_os = "linux")]
#[test]
fn without_metrics_there_is_one_listener() {
    use std::fs;

    let server = Installation::new(Backend::Sqlite).serve();
    let folder = format!("/proc/{}", server.process.id());
    let sockets: Vec<String> = fs::read_dir(format!("{folder}/fd"))
        .unwrap()
        .filter_map(|entry| fs::read_link(entry.unwrap().path()).ok()?.to_str().map(ToOwned::to_owned))
        .filter_map(|target| Some(target.strip_prefix("socket:[")?.trim_end_matches(']').to_owned()))
        .collect();
    let listening = |file: &str| {
        let table = fs::read_to_string(format!("{folder}/net/{file}")).unwrap();
        let of_ours = |line: &&str| {
            let columns: Vec<_> = line.split_whitespace().collect();
            columns[3] == "0A" && sockets.iter().any(|socket| socket == columns[9])
        };
        table.lines().skip(1).filter(of_ours).count()
    };
    assert_eq!(listening("tcp") + listening("tcp6"), 1);
}
