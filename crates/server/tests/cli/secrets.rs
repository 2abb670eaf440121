//! Secrets are read from files, and shown nowhere.

use server::config::{MASK, Origin};

use crate::Scene;

const HEX: &str = "00112233445566778899aabbccddeeff00112233445566778899AABBCCDDEEFF";

fn with_secrets() -> Scene {
    Scene::new("mail.smtp.user = \"provoco\"")
        .variable("PROVOCO__AUTH__SIGNING_KEY", HEX)
        .variable("PROVOCO__MAIL__SMTP__PASSWORD", "hunter2")
        .variable("PROVOCO__DATABASE__URL", "postgres://provoco:hunter2@db/provoco?sslmode=require&sslpassword=hunter2")
}

#[test]
fn neither_show_nor_debug_tells_a_secret() {
    let loaded = with_secrets().load().unwrap();
    let url = "postgres://provoco:********@db/provoco?sslmode=require&sslpassword=********";
    for text in [loaded.show(false), loaded.show(true), format!("{loaded:?}"), format!("{:#?}", loaded.config)] {
        assert!(!text.contains("hunter2") && !text.contains(HEX), "{text}");
        assert_eq!(text.matches(MASK).count(), 4, "{text}");
        assert!(text.contains(url), "{text}");
    }
}

#[test]
fn the_program_itself_gets_the_secrets() {
    let config = with_secrets().config();
    assert_eq!(config.mail.smtp.password.unwrap().expose(), "hunter2");
    assert_eq!(config.auth.signing_key.unwrap().expose(), HEX);
    assert!(config.database.url.expose().starts_with("postgres://provoco:hunter2@db"));
}

#[test]
fn passwords_in_database_urls_are_masked_however_they_are_written() {
    for (url, shown) in [
        ("postgres://db/provoco", "postgres://db/provoco"),
        ("postgres://provoco@db/provoco", "postgres://provoco@db/provoco"),
        ("postgresql://u:hunter2@a:1,b:2/db", "postgresql://u:********@a:1,b:2/db"),
        ("postgres://u:hunter2@hunter2@db/x", "postgres://u:********@db/x"),
        ("postgres://u:hun/ter2@db/x", "postgres://u:********@db/x"),
        ("postgres://u:hun?ter2@db/x", "postgres://u:********@db/x"),
        ("postgres://u:hunter2:hunter2@db/x", "postgres://u:********@db/x"),
        ("postgres:///db?password=hunter2", "postgres:///db?password=********"),
        ("postgres:///db?a=b&password=hunter2&c=d", "postgres:///db?a=b&password=********&c=d"),
        ("sqlite:/srv/a@b:c.sqlite", "sqlite:/srv/a@b:c.sqlite"),
    ] {
        let config = Scene::without_file().variable("DATABASE_URL", url).config();
        assert_eq!(config.database.url.to_string(), shown);
        assert_eq!(format!("{:?}", config.database.url), shown);
        assert_eq!(config.database.url.expose(), url);
    }
}

#[test]
fn errors_do_not_tell_secrets() {
    for file in [
        "auth.signing_key = \"hunter2\"",
        "auth.signing_key = 112233445566",
        "mail.smtp.password = 112233445566112233445566",
        "mail.smtp.password = [\"hunter2\"]",
        "mail.smtp.password = { a = \"hunter2\" }",
        "mail.smtp.pasword = \"hunter2\"",
        "mail.smtp = \"smtp://u:hunter2@host\"",
        "[mail.smtp]\npassword = hunter2",
        "[mail.smtp]\npassword = \"hunter2",
        "[mail.smtp]\npassword \"hunter2\"",
        "[mail.smtp]\npassword = \"\\hunter2\"",
        "[mail.smtp]\npassword = \"x\"\npassword = \"hunter2\"",
        "database.url = \"mysql://u:hunter2@host\"",
        "database.url = \"hunter2:x\"",
    ] {
        let scene = Scene::new(file);
        let problems = scene.load().unwrap_err();
        for text in [problems.to_string(), format!("{problems:?}")] {
            assert!(!text.contains("hunter2") && !text.contains("112233445566"), "{text}");
        }
    }
}

#[test]
fn errors_for_variables_do_not_tell_secrets() {
    for variable in ["PROVOCO__AUTH__SIGNING_KEY", "PROVOCO__DATABASE__URL", "DATABASE_URL", "PROVOCO__MAIL__SMTP"] {
        let problems = Scene::without_file().variable(variable, "hunter2").load().unwrap_err().to_string();
        assert!(problems.contains(variable) && !problems.contains("hunter2"), "{problems}");
    }
}

#[test]
fn a_secret_is_read_from_a_file_without_its_last_newline() {
    for (content, password) in
        [("hunter2", "hunter2"), ("hunter2\n", "hunter2"), ("hunter2\r\n", "hunter2"), (" a \n\n", " a \n")]
    {
        let scene =
            Scene::new("mail.smtp.user = \"u\"").secret_file("PROVOCO__MAIL__SMTP__PASSWORD_FILE", content.as_bytes());
        let loaded = scene.load().unwrap();
        assert_eq!(loaded.config.mail.smtp.password.as_ref().unwrap().expose(), password);
        assert!(matches!(loaded.origin("mail.smtp.password"), Origin::SecretFile { .. }));
    }
}

#[test]
fn every_secret_has_a_file_form_that_wins_over_the_configuration_file() {
    let file = format!("database.url = \"sqlite:x\"\nauth.signing_key = \"{}\"", "0".repeat(64));
    let config = Scene::new(&file)
        .variable("DATABASE_URL", "sqlite:y")
        .secret_file("PROVOCO__DATABASE__URL_FILE", b"postgres://u:p@db/x\n")
        .secret_file("PROVOCO__AUTH__SIGNING_KEY_FILE", HEX.as_bytes())
        .config();
    assert_eq!(config.database.url.expose(), "postgres://u:p@db/x");
    assert_eq!(config.auth.signing_key.unwrap().expose(), HEX);
}

#[test]
fn only_secrets_have_a_file_form() {
    let problems = Scene::without_file().secret_file("PROVOCO__LISTEN_FILE", b"127.0.0.1:1").problems();
    let name = "PROVOCO__LISTEN_FILE";
    assert_eq!(
        problems,
        [format!("environment variable {name}: unknown key `{name}`, did you mean `PROVOCO__LISTEN`?")]
    );
}

#[test]
fn a_secret_cannot_have_both_forms() {
    let scene = Scene::without_file()
        .variable("PROVOCO__AUTH__SIGNING_KEY", HEX)
        .secret_file("PROVOCO__AUTH__SIGNING_KEY_FILE", HEX.as_bytes());
    let expected =
        "environment variable PROVOCO__AUTH__SIGNING_KEY_FILE: set either this or PROVOCO__AUTH__SIGNING_KEY, not both";
    assert_eq!(scene.problems(), [expected]);
}

#[test]
fn an_unreadable_secret_file_is_a_problem() {
    let scene = Scene::without_file().variable("PROVOCO__AUTH__SIGNING_KEY_FILE", "/nonexistent/key");
    let expected = "environment variable PROVOCO__AUTH__SIGNING_KEY_FILE (/nonexistent/key): \
                    `auth.signing_key` cannot be read: No such file or directory (os error 2)";
    assert_eq!(scene.problems(), [expected]);
    let scene = Scene::without_file().secret_file("PROVOCO__AUTH__SIGNING_KEY_FILE", &[0xff]);
    assert!(scene.problems()[0].ends_with("`auth.signing_key` cannot be read: stream did not contain valid UTF-8"));
}
