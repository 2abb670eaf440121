//! What is refused, and with which words.

use std::ffi::OsString;

use crate::Scene;

#[test]
fn all_problems_are_reported_at_once() {
    let file = "lisen = \"127.0.0.1:1\"\nlog.level = \"inof\"\n\n[http]\nwokers = 1\nbody_limit_bytes = 0\n";
    let mut scene =
        Scene::new(file).variable("PROVOCO__DATABASE__CONNECTIONS", "many").variable("PROVOCO__AUTH__HASH_QUEU", "1");
    scene.overrides.listen = Some("localhost".into());
    insta::assert_snapshot!(scene.problems().join("\n"));
}

#[test]
fn unknown_keys_come_with_a_suggestion() {
    for (key, suggestion) in [
        ("lisen", "listen"),
        ("baseurl", "base_url"),
        ("http.wrokers", "http.workers"),
        ("workers", "http.workers"),
        ("htpp", "http"),
        ("mail.host", "mail.smtp.host"),
        ("mail.smtp.pasword", "mail.smtp.password"),
        ("auth.signingkey", "auth.signing_key"),
    ] {
        let problem = format!("DATA/provoco.toml:1: unknown key `{key}`, did you mean `{suggestion}`?");
        assert_eq!(Scene::new(&format!("{key} = 1")).problems(), [problem]);
        let spelt = |key: &str| format!("PROVOCO__{}", key.to_uppercase().replace('.', "__"));
        let variable = spelt(key);
        let suggestion = spelt(suggestion);
        let problem =
            format!("environment variable {variable}: unknown key `{variable}`, did you mean `{suggestion}`?");
        assert_eq!(Scene::without_file().variable(&variable, "1").problems(), [problem]);
    }
}

#[test]
fn a_key_like_no_other_has_no_suggestion() {
    assert_eq!(Scene::new("zzz = 1").problems(), ["DATA/provoco.toml:1: unknown key `zzz`"]);
}

#[test]
fn an_unknown_section_is_one_problem() {
    let problems = Scene::new("[htpp]\nworkers = 1\nshutdown_seconds = 1").problems();
    assert_eq!(problems, ["DATA/provoco.toml:1: unknown key `htpp`, did you mean `http`?"]);
}

#[test]
fn a_section_is_not_a_key() {
    let expected = "`mail.smtp` is a section and takes keys, not a value";
    assert_eq!(Scene::new("mail.smtp = 1").problems(), [format!("DATA/provoco.toml:1: {expected}")]);
    let scene = Scene::without_file().variable("PROVOCO__MAIL__SMTP", "1");
    assert_eq!(scene.problems(), [format!("environment variable PROVOCO__MAIL__SMTP: {expected}")]);
}

#[test]
fn every_syntax_error_has_its_line() {
    let problems = Scene::new("listen = \nlog.format = \"json\"\nlog.level = info\n").problems();
    let lines = problems.iter().map(|problem| problem.split_once(": ").unwrap().0).collect::<Vec<_>>();
    assert_eq!(lines, ["DATA/provoco.toml:1", "DATA/provoco.toml:3"], "{problems:?}");
}

#[test]
fn each_range_has_both_ends() {
    for (key, min, max) in [
        ("database.connections", 1, 64),
        ("database.queue", 1, 65_536),
        ("http.workers", 1, 256),
        ("http.body_limit_bytes", 1_024, 67_108_864),
        ("http.request_timeout_seconds", 1, 300),
        ("http.shutdown_seconds", 1, 300),
        ("auth.access_token_minutes", 1, 60),
        ("auth.refresh_token_days", 1, 90),
        ("auth.hash_threads", 1, 64),
        ("auth.hash_queue", 1, 1_024),
        ("mail.smtp.port", 1, 65_535),
    ] {
        let with = |number: i64| Scene::new(&format!("{key} = {number}"));
        assert!(with(min).load().is_ok() && with(max).load().is_ok(), "{key}");
        for number in [min - 1, max + 1, -1] {
            let problem = format!("`{key}` = {number}: must be a whole number from {min} to {max}");
            assert_eq!(with(number).problems(), [format!("DATA/provoco.toml:1: {problem}")]);
        }
    }
}

#[test]
fn wrong_values_are_explained() {
    let wrong = [
        "mail.directory = 1",
        "listen = \"localhost:8080\"",
        "base_url = \"challenges.example\"",
        "base_url = \"ftp://challenges.example\"",
        "base_url = \"https://user@challenges.example\"",
        "base_url = \"https://challenges.example/portal\"",
        "base_url = \"https://challenges.example?a=b\"",
        "base_url = \"https://challenges.example#a\"",
        "database.url = \"mysql://host/db\"",
        "database.url = \"sqlite:\"",
        "database.url = \"postgres:db\"",
        "http.workers = \"2\"",
        "http.workers = 1.5",
        "http.metrics_listen = \"on\"",
        "auth.issuer = \"provoco\"",
        "mail.transport = \"smpt\"",
        "mail.from = \"Provoco\"",
        "mail.smtp.security = \"ssl\"",
        "log.format = \"xml\"",
        "log.level = \"info,verbose\"",
        "log.level = \"a=b=c\"",
        "log.level = { x = 1 }",
        "storage.clamav = \"clamd.ctl\"",
        "storage.clamav = \"tcp://scanner\"",
        "storage.s3.endpoint = \"s3.example.org\"",
        "storage.s3.access_key_id = 7",
    ];
    let problems = wrong.iter().map(|line| Scene::new(line).problems().join("\n"));
    insta::assert_snapshot!(problems.collect::<Vec<_>>().join("\n"));
}

#[test]
fn settings_that_need_others_say_so() {
    let file = "[mail]\ntransport = \"smtp\"\n\n[mail.smtp]\nuser = \"provoco\"";
    assert_eq!(
        Scene::new(file).problems(),
        [
            "DATA/provoco.toml:2: `mail.transport` needs `mail.smtp.host`, which is not set",
            "DATA/provoco.toml:5: `mail.smtp.user` needs `mail.smtp.password`, which is not set",
        ]
    );
    let file = "[storage.s3]\nendpoint = \"https://s3.example.org\"\nsecret_access_key = \"x\"";
    assert_eq!(
        Scene::new(file).problems(),
        [
            "DATA/provoco.toml:2: `storage.s3.endpoint` needs `storage.s3.bucket`, which is not set",
            "DATA/provoco.toml:3: `storage.s3.secret_access_key` needs `storage.s3.access_key_id`, which is not set",
        ]
    );
    assert_eq!(
        Scene::without_file().variable("PROVOCO__MAIL__SMTP__PASSWORD", "x").problems(),
        [
            "environment variable PROVOCO__MAIL__SMTP__PASSWORD: `mail.smtp.password` needs `mail.smtp.user`, which is not set"
        ]
    );
}

#[cfg(not(feature = "s3"))]
#[test]
fn a_bucket_takes_a_program_that_knows_what_to_do_with_it() {
    let expected = "`storage.s3.bucket` needs a program that was built with `--features s3`";
    assert_eq!(Scene::new("storage.s3.bucket = \"files\"").problems(), [format!("DATA/provoco.toml:1: {expected}")]);
}

#[test]
fn a_misspelt_key_is_not_reported_as_missing_too() {
    let file = "[mail]\ntransport = \"smtp\"\nsmtp.hots = \"mail.example\"";
    let expected = "DATA/provoco.toml:3: unknown key `mail.smtp.hots`, did you mean `mail.smtp.host`?";
    assert_eq!(Scene::new(file).problems(), [expected]);
}

#[test]
fn a_named_file_must_exist() {
    let mut scene = Scene::without_file();
    scene.overrides.config = Some(scene.directory.path().join("absent.toml"));
    assert_eq!(scene.problems(), ["DATA/absent.toml: cannot be read: No such file or directory (os error 2)"]);
}

#[cfg(unix)]
#[test]
fn a_variable_must_be_unicode() {
    use std::os::unix::ffi::OsStringExt;
    let mut scene = Scene::without_file();
    scene.environment.insert("PROVOCO__LISTEN".into(), OsString::from_vec(vec![0xff]));
    assert_eq!(scene.problems(), ["environment variable PROVOCO__LISTEN: `listen` must be Unicode text"]);
}
