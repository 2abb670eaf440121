//! OpenID providers, whose sections the operator names.

use server::config::{MASK, Origin};

use crate::Scene;

const FILE: &str = "[auth.oidc.city]\nissuer = \"https://id.city.example/\"\nclient_id = \"provoco\"\n\
                    label = \"City\"\ndomains = [\"City.example\"]\n";

#[test]
fn a_provider_is_put_together_from_all_sources() {
    let scene = Scene::new(FILE)
        .secret_file("PROVOCO__AUTH__OIDC__CITY__CLIENT_SECRET_FILE", b"hunter2\n")
        .variable("PROVOCO__AUTH__OIDC__CITY__LABEL", "City of Ljubljana")
        .variable("PROVOCO__AUTH__OIDC__CITY__ORGANISATION", "0199f3a0-5b1c-7c3e-8a4d-2f6b9c0d1e2f");
    let loaded = scene.load().unwrap();
    let city = &loaded.config.auth.oidc["city"];
    assert_eq!((&*city.issuer, &*city.label), ("https://id.city.example/", "City of Ljubljana"));
    assert_eq!(city.domains, ["city.example"]);
    assert_eq!(city.client_secret.as_ref().unwrap().expose(), "hunter2");
    assert!(city.organisation.is_some());
    assert!(matches!(loaded.origin("auth.oidc.city.client_secret"), Origin::SecretFile { .. }));
    let shown = loaded.show(false);
    assert!(shown.contains("[auth.oidc.city]\n") && shown.contains(MASK) && !shown.contains("hunter2"), "{shown}");
}

#[test]
fn there_may_be_several_and_none_is_the_default() {
    assert!(Scene::without_file().config().auth.oidc.is_empty());
    let mut scene = Scene::without_file();
    for name in ["CITY", "STATE_2"] {
        for (key, value) in [
            ("ISSUER", "http://127.0.0.1:9"),
            ("CLIENT_ID", "x"),
            ("CLIENT_SECRET", "x"),
            ("LABEL", "x"),
            ("DOMAINS", "a.example, b.example"),
        ] {
            scene = scene.variable(&format!("PROVOCO__AUTH__OIDC__{name}__{key}"), value);
        }
    }
    let providers = scene.config().auth.oidc;
    assert_eq!(providers.keys().collect::<Vec<_>>(), ["city", "state_2"]);
    assert_eq!(providers["city"].domains, ["a.example", "b.example"]);
}

#[test]
fn half_a_provider_is_refused() {
    let problems = Scene::new("auth.oidc.city.label = \"City\"").problems();
    let missing = ["issuer", "client_id", "client_secret", "domains"];
    let expected = missing
        .map(|key| format!("DATA/provoco.toml:1: `auth.oidc.city` needs `auth.oidc.city.{key}`, which is not set"));
    assert_eq!(problems, expected);
}

#[test]
fn what_is_wrong_with_a_provider_is_explained_without_its_secret() {
    for (line, problem) in [
        ("issuer = \"http://id.city.example\"", "must be an `https` URL"),
        ("issuer = \"https://id.city.example?x=1\"", "must be an `https` URL"),
        ("label = \" \"", "must be a text of 1 to 200 characters"),
        ("domains = [\"@city.example\"]", "must be mail domains such as `example.org`"),
        ("domains = \"city.example\"", "invalid type"),
        ("organisation = \"city\"", "UUID"),
        ("client_secret = [\"hunter2\"]", "must be a text"),
        ("client_secrets = \"hunter2\"", "did you mean `auth.oidc.<name>.client_secret`?"),
    ] {
        let problems = Scene::new(&format!("auth.oidc.city.{line}")).problems();
        assert!(problems[0].contains(problem) && !problems[0].contains("hunter2"), "{problems:?}");
    }
    for name in ["City", "a__b", "_a", "a-b", "x".repeat(33).as_str()] {
        let problems = Scene::new(&format!("auth.oidc.{name}.label = \"City\"")).problems();
        assert!(problems[0].contains(&format!("unknown key `auth.oidc.{name}`")), "{problems:?}");
    }
}

#[test]
fn the_secret_of_a_provider_cannot_have_both_forms() {
    let scene = Scene::new(FILE)
        .variable("PROVOCO__AUTH__OIDC__CITY__CLIENT_SECRET", "x")
        .secret_file("PROVOCO__AUTH__OIDC__CITY__CLIENT_SECRET_FILE", b"x");
    let expected = "environment variable PROVOCO__AUTH__OIDC__CITY__CLIENT_SECRET_FILE: \
                    set either this or PROVOCO__AUTH__OIDC__CITY__CLIENT_SECRET, not both";
    assert_eq!(scene.problems(), [expected]);
}
