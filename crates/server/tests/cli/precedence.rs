//! Which source wins, and which defaults follow from other keys.

use server::config::{Config, LogFormat, MailTransport, Origin, SmtpSecurity};

use crate::Scene;

const FILE: &str = "listen = \"127.0.0.1:2\"";
const FILE_PORT: u16 = 2;
const VARIABLE_PORT: u16 = 3;
const FLAG_PORT: u16 = 4;

#[test]
fn later_sources_win() {
    for (file, variable, flag, port) in [
        (false, false, false, 8080),
        (true, false, false, FILE_PORT),
        (false, true, false, VARIABLE_PORT),
        (true, true, false, VARIABLE_PORT),
        (false, false, true, FLAG_PORT),
        (true, false, true, FLAG_PORT),
        (false, true, true, FLAG_PORT),
        (true, true, true, FLAG_PORT),
    ] {
        let mut scene = if file { Scene::new(FILE) } else { Scene::without_file() };
        if variable {
            scene = scene.variable("PROVOCO__LISTEN", "127.0.0.1:3");
        }
        scene.overrides.listen = flag.then(|| "127.0.0.1:4".into());
        assert_eq!(scene.config().listen.port(), port, "file {file}, variable {variable}, flag {flag}");
    }
}

#[test]
fn each_value_knows_its_origin() {
    let mut scene = Scene::new("\n[log]\nlevel = \"warn\"").variable("PROVOCO__HTTP__WORKERS", "3");
    scene.overrides.listen = Some("127.0.0.1:4".into());
    let loaded = scene.load().unwrap();
    let path = scene.directory.path().join("provoco.toml");
    assert_eq!(loaded.origin("log.level"), &Origin::File { path, line: Some(3) });
    assert_eq!(loaded.origin("http.workers"), &Origin::Variable("PROVOCO__HTTP__WORKERS".into()));
    assert_eq!(loaded.origin("listen"), &Origin::Flag("--listen"));
    assert_eq!(loaded.origin("base_url"), &Origin::Default);
    assert_eq!(loaded.config.base_url, "http://127.0.0.1:4");
}

#[test]
fn database_url_has_an_alias_of_lower_precedence() {
    let scene = Scene::new("database.url = \"sqlite:file\"").variable("DATABASE_URL", "postgres://alias/db");
    assert_eq!(scene.config().database.url.expose(), "postgres://alias/db");
    let mut scene = scene.variable("PROVOCO__DATABASE__URL", "postgres://variable/db");
    assert_eq!(scene.config().database.url.expose(), "postgres://variable/db");
    scene.overrides.database = Some("sqlite:flag".into());
    assert_eq!(scene.config().database.url.expose(), "sqlite:flag");
}

#[test]
fn defaults_follow_from_data_and_listen() {
    let mut scene = Scene::without_file();
    scene.overrides.data = Some("/srv/provoco".into());
    scene.overrides.listen = Some("[::1]:9".into());
    let config = scene.config();
    assert_eq!(config.database.url.expose(), "sqlite:/srv/provoco/provoco.sqlite");
    assert_eq!(config.mail.directory.to_str(), Some("/srv/provoco/mail"));
    assert_eq!(config.base_url, "http://[::1]:9");
    assert_eq!(config.auth.issuer, "http://[::1]:9");
}

#[test]
fn issuer_follows_base_url_without_its_slash() {
    let config = Scene::new("base_url = \"https://challenges.example/\"").config();
    assert_eq!(config.base_url, "https://challenges.example");
    assert_eq!(config.auth.issuer, "https://challenges.example");
}

#[test]
fn smtp_port_follows_security() {
    for (security, port) in [("none", 25), ("starttls", 587), ("tls", 465)] {
        let scene = Scene::new(&format!("mail.smtp.security = \"{security}\""));
        assert_eq!(scene.config().mail.smtp.port, port);
        assert_eq!(scene.variable("PROVOCO__MAIL__SMTP__PORT", "2525").config().mail.smtp.port, 2525);
    }
}

#[test]
fn the_default_value_is_what_loading_nothing_gives() {
    let mut scene = Scene::without_file();
    scene.overrides.data = None;
    assert_eq!(format!("{:?}", scene.config()), format!("{:?}", Config::default()));
}

#[test]
fn every_kind_of_value_can_be_given_by_variable() {
    let config = Scene::without_file()
        .variable("PROVOCO__HTTP__METRICS_LISTEN", "off")
        .variable("PROVOCO__DATABASE__CONNECTIONS", "64")
        .variable("PROVOCO__LOG__FORMAT", "json")
        .variable("PROVOCO__LOG__LEVEL", "warn,persistence=debug")
        .variable("PROVOCO__MAIL__TRANSPORT", "smtp")
        .variable("PROVOCO__MAIL__SMTP__HOST", "mail.example")
        .variable("PROVOCO__MAIL__SMTP__SECURITY", "tls")
        .config();
    assert_eq!(config.http.metrics_listen, None);
    assert_eq!(config.database.connections, 64);
    assert_eq!(config.log.format, LogFormat::Json);
    assert_eq!(config.mail.transport, MailTransport::Smtp);
    assert_eq!(config.mail.smtp.host.as_deref(), Some("mail.example"));
    assert_eq!(config.mail.smtp.security, SmtpSecurity::Tls);
}

#[test]
fn a_named_file_is_read_instead_of_the_one_in_the_data_directory() {
    let scene = Scene::new(FILE);
    let write = |name: &str, port: u16| {
        let path = scene.directory.path().join(name);
        std::fs::write(&path, format!("listen = \"127.0.0.1:{port}\"")).unwrap();
        path
    };
    let (by_variable, by_flag) = (write("variable.toml", VARIABLE_PORT), write("flag.toml", FLAG_PORT));
    let mut scene = scene.variable("PROVOCO_CONFIG", by_variable.to_str().unwrap());
    assert_eq!(scene.config().listen.port(), VARIABLE_PORT);
    scene.overrides.config = Some(by_flag);
    assert_eq!(scene.config().listen.port(), FLAG_PORT);
}

#[test]
fn the_data_directory_by_variable_is_searched_for_the_file() {
    let mut scene = Scene::new(FILE);
    let data = scene.overrides.data.take().unwrap();
    assert_eq!(scene.variable("PROVOCO__DATA", &data).config().listen.port(), FILE_PORT);
}

#[test]
fn other_variables_are_none_of_our_business() {
    // Kubernetes sets such variables for a service called `provoco`.
    let scene = Scene::without_file().variable("PROVOCO_PORT", "tcp://10.0.0.1:80").variable("PATH", "/bin");
    assert_eq!(scene.config().listen.port(), 8080);
}
