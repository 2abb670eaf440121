//! Who may depend on whom, read from the manifests.

use toml::Table;

use crate::{assert_none, names, read};

/// Our crates and those of ours that the program may need there: rules know nobody, and nobody but the program, tests and
/// benches knows HTTP.
const ALLOWED: [(&str, &[&str]); 11] = [
    ("domain", &[]),
    ("harness", &["application", "domain", "http", "persistence", "sealing", "storage", "testing"]),
    ("notifications", &[]),
    ("persistence", &["domain"]),
    ("receipts", &[]),
    ("sealing", &[]),
    ("storage", &[]),
    ("application", &["domain", "notifications", "persistence", "receipts", "sealing", "storage"]),
    ("http", &["application", "domain", "persistence", "receipts", "sealing", "storage"]),
    ("server", &["application", "domain", "http", "notifications", "persistence", "receipts", "sealing", "storage"]),
    ("testing", &["persistence"]),
];

/// What a rule must not know: databases, the network, tasks, chance.
const NOT_IN_DOMAIN: [&str; 7] = ["actix", "diesel", "getrandom", "lettre", "rand", "tokio", "tracing"];

fn manifest(path: &str) -> Table {
    read(format!("{path}/Cargo.toml")).parse().unwrap()
}

/// The names in a table of dependencies.
fn dependencies(path: &str, table: &str) -> Vec<String> {
    let manifest = manifest(path);
    manifest.get(table).and_then(toml::Value::as_table).map(|it| it.keys().cloned().collect()).unwrap_or_default()
}

fn members() -> impl Iterator<Item = String> {
    let crates = names("crates").into_iter().map(|name| format!("crates/{name}"));
    crates.chain(["tests", "benches"].map(ToOwned::to_owned))
}

#[test]
fn each_crate_is_in_the_table_of_who_may_depend_on_whom() {
    let mut listed = ALLOWED.map(|(name, _)| name);
    listed.sort_unstable();
    assert_eq!(names("crates"), listed);
}

#[test]
fn dependencies_point_towards_the_domain() {
    let ours = ALLOWED.map(|(name, _)| name);
    let mut violations = Vec::new();
    for (name, allowed) in ALLOWED {
        for table in ["dependencies", "build-dependencies"] {
            let needs = dependencies(&format!("crates/{name}"), table);
            let wrong = needs.iter().filter(|it| ours.contains(&it.as_str()) && !allowed.contains(&it.as_str()));
            violations.extend(wrong.map(|wrong| format!("{name} must not depend on {wrong}")));
        }
    }
    assert_none(&violations);
}

#[test]
fn not_even_tests_of_the_inner_crates_need_the_outer_ones() {
    let mut violations = Vec::new();
    for name in ["application", "domain", "notifications", "persistence", "sealing", "storage", "testing"] {
        for outer in dependencies(&format!("crates/{name}"), "dev-dependencies") {
            if ["http", "server"].contains(&outer.as_str()) {
                violations.push(format!("tests of {name} must not depend on {outer}"));
            }
        }
    }
    assert_none(&violations);
}

#[test]
fn the_domain_needs_no_outside_world() {
    let needs = dependencies("crates/domain", "dependencies");
    assert!(needs.contains(&"chrono".to_owned()), "the manifest was read: {needs:?}");
    let outside = |name: &&String| NOT_IN_DOMAIN.iter().any(|outside| name.starts_with(outside));
    assert_none(&needs.iter().filter(outside).map(|name| format!("domain depends on {name}")).collect::<Vec<_>>());
}

#[test]
fn only_persistence_and_what_tests_it_knows_diesel() {
    let knows = |member: &String| dependencies(member, "dependencies").iter().any(|name| name.starts_with("diesel"));
    assert_eq!(members().filter(knows).collect::<Vec<_>>(), ["crates/harness", "crates/persistence", "crates/testing"]);
}

#[test]
fn each_dependency_has_one_version_and_each_crate_the_common_lints() {
    let mut violations = Vec::new();
    for member in members() {
        let manifest = manifest(&member);
        if manifest["lints"]["workspace"].as_bool() != Some(true) {
            violations.push(format!("{member} does without the lints of the workspace"));
        }
        for table in ["dependencies", "dev-dependencies", "build-dependencies"] {
            let needs = manifest.get(table).and_then(toml::Value::as_table).cloned().unwrap_or_default();
            let alone =
                needs.iter().filter(|(_, value)| value.get("workspace").and_then(toml::Value::as_bool) != Some(true));
            violations.extend(alone.map(|(name, _)| format!("{member} chooses a version of {name} of its own")));
        }
    }
    assert_none(&violations);
}
